// SPDX-License-Identifier: GPL-2.0
/*
 * What a sender keeps: see keep.h.
 *
 * There are no acknowledgements. That a message has arrived follows from the
 * contract, when its recipient is seen in a later phase, or else from the
 * answers to probes (probe.c). Until then its units stay as they were sealed,
 * so that what is sent again is the same to the bit.
 */

#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "carrier.h"
#include "channel.h"
#include "keep.h"
#include "output.h"
#include "probe.h"
#include "seal.h"
#include "socket.h"
#include "unit.h"

/* Units that may go to a peer again at once, and in each round trip. */
#define BUDGET_MAX	256
#define BUDGET_RTT	128

struct pop_charge *pop_charge_alloc(struct sock *sk)
{
	struct pop_charge *charge = kzalloc(sizeof(*charge), GFP_KERNEL_ACCOUNT);

	if (!charge)
		return NULL;
	refcount_set(&charge->ref, 1);
	spin_lock_init(&charge->lock);
	charge->sk = sk;
	return charge;
}

static void charge_put(struct pop_charge *charge)
{
	if (refcount_dec_and_test(&charge->ref))
		kfree(charge);
}

/* The socket goes; what it has sent stays, and counts for the namespace. */
void pop_charge_close(struct pop_charge *charge)
{
	spin_lock_bh(&charge->lock);
	charge->sk = NULL;
	spin_unlock_bh(&charge->lock);
	charge_put(charge);
}

/* May the socket send another message? The last one may go beyond. */
bool pop_charge_room(const struct pop_charge *charge, const struct sock *sk)
{
	struct pop_net *pn = pop_net(sock_net(sk));

	return atomic_read(&charge->kept) < READ_ONCE(sk->sk_sndbuf) &&
	       atomic_long_read(&pn->kept) < POP_KEPT_MAX;
}

static void charge_add(struct pop_keep *keep, struct pop_charge *charge)
{
	refcount_inc(&charge->ref);
	keep->charge = charge;
	atomic_add(keep->charged, &charge->kept);
	atomic_long_add(keep->charged, &pop_member_net(keep->m)->kept);
}

static void charge_sub(struct pop_keep *keep)
{
	struct pop_net *pn = pop_member_net(keep->m);
	struct pop_charge *charge = keep->charge;
	long left;

	atomic_sub(keep->charged, &charge->kept);
	left = atomic_long_sub_return(keep->charged, &pn->kept);
	spin_lock_bh(&charge->lock);
	if (charge->sk)
		charge->sk->sk_write_space(charge->sk);
	spin_unlock_bh(&charge->lock);
	/* was the namespace full? Then anyone may have waited. */
	if (left < POP_KEPT_MAX && left + keep->charged >= POP_KEPT_MAX)
		pop_socket_room(pn);
	charge_put(charge);
}

static void keep_free(struct pop_keep *keep)
{
	u32 i;

	if (keep->charge)
		charge_sub(keep);
	for (i = 0; i < keep->nr_payload; i++)
		kfree_skb(keep->payload[i]);
	for (i = 0; i < keep->nr; i++)
		kfree_skb(keep->to[i].header);
	kvfree(keep->payload);
	kfree_sensitive(keep);
}

void pop_keep_put(struct pop_keep *keep)
{
	if (refcount_dec_and_test(&keep->ref))
		keep_free(keep);
}

/**
 * pop_keep_alloc - keep a message that is sealed
 * @msg: its payload is taken over on success
 * @charge: who pays for it
 * @first: the recipient's channel, or the first one of a "same" action
 * @nr: how many channels; the caller fills in to[].header of each
 * @seq: of the slot
 *
 * Context: process.
 * Return: the message with one reference, or NULL without memory.
 */
struct pop_keep *pop_keep_alloc(struct pop_message *msg,
				struct pop_charge *charge,
				struct pop_channel *first, u32 nr, u32 seq)
{
	u32 i, len = skb_queue_len(&msg->payload);
	struct pop_keep *keep;
	struct sk_buff *skb;

	keep = kzalloc(struct_size(keep, to, nr), GFP_KERNEL_ACCOUNT);
	if (!keep)
		return NULL;
	keep->payload = kvmalloc_array(len, sizeof(*keep->payload),
				       GFP_KERNEL_ACCOUNT);
	if (!keep->payload) {
		kfree(keep);
		return NULL;
	}
	refcount_set(&keep->ref, 1);
	spin_lock_init(&keep->lock);
	keep->m = msg->m;
	keep->seq = seq;
	keep->nr = nr;
	keep->charged = struct_size(keep, to, nr);
	for (i = 0; i < nr; i++) {
		keep->to[i].keep = keep;
		keep->to[i].ch = &first[i];
	}
	while ((skb = __skb_dequeue(&msg->payload))) {
		keep->charged += skb->truesize;
		keep->payload[keep->nr_payload++] = skb;
	}
	/* headers are of one size, whatever the allocator makes of it */
	keep->charged += nr * SKB_TRUESIZE(POP_CARRIER_HEADROOM +
					   sizeof(struct pop_outer) +
					   sizeof(struct pop_header) +
					   POP_KEY_LEN + POP_TAG_LEN);
	charge_add(keep, charge);
	return keep;
}

static struct pop_peer *to_peer(const struct pop_keep_to *to)
{
	return &to->keep->m->peer[to->ch->peer];
}

/* The slot of @to keeps the message from now on. Context: pop_channel.lock. */
void pop_keep_add(struct pop_keep_to *to)
{
	struct pop_peer *peer = to_peer(to);

	lockdep_assert_held(&to->ch->lock);
	refcount_inc(&to->keep->ref);
	to->sent = ktime_get_ns();
	to->ch->open->slot[to->keep->seq].to = to;
	list_add_tail(&to->list, &to->ch->open->pending);
	spin_lock_bh(&peer->lock);
	list_add_tail(&to->of_peer, &peer->kept);
	spin_unlock_bh(&peer->lock);
}

/*
 * A message is on its way: its recipients will be asked for it, soon if its
 * socket is half full.
 */
void pop_keep_watch(struct pop_keep *keep)
{
	struct pop_charge *charge = keep->charge;
	bool soon = false;
	u32 i;

	spin_lock_bh(&charge->lock);
	if (charge->sk)
		soon = 2 * (s64)atomic_read(&charge->kept) >=
		       READ_ONCE(charge->sk->sk_sndbuf);
	spin_unlock_bh(&charge->lock);
	for (i = 0; i < keep->nr; i++)
		pop_probe_watch(to_peer(&keep->to[i]), soon);
}

/**
 * pop_keep_unit - a buffer of a kept unit that can be sent
 * @keep: its message
 * @unit: the unit; stays
 * @gfp: how to allocate
 *
 * The carrier writes its headers in front of a unit, where the buffer is
 * shared: while an earlier one is on its way it takes a copy.
 *
 * Return: the buffer, or NULL without memory (counted).
 */
struct sk_buff *pop_keep_unit(struct pop_keep *keep, struct sk_buff *unit,
			      gfp_t gfp)
{
	struct sk_buff *skb = NULL;

	spin_lock_bh(&keep->lock);
	if (!skb_cloned(unit))
		skb = skb_clone(unit, GFP_ATOMIC);
	spin_unlock_bh(&keep->lock);
	if (!skb)
		skb = skb_copy(unit, gfp);
	if (!skb)
		pop_count(pop_member_net(keep->m), TX_NO_MEMORY);
	return skb;
}

/* Nobody will ask for it any more. Context: pop_channel.lock. */
static void forget(struct pop_keep_to *to)
{
	struct pop_peer *peer = to_peer(to);

	lockdep_assert_held(&to->ch->lock);
	to->ch->open->slot[to->keep->seq].to = NULL;
	list_del(&to->list);
	spin_lock_bh(&peer->lock);
	list_del(&to->of_peer);
	spin_unlock_bh(&peer->lock);
	pop_keep_put(to->keep);
}

/**
 * pop_keep_arrived - a message is known to have arrived
 * @m: the sender
 * @ch: the channel
 * @seq: of the slot
 *
 * Context: any, without pop_channel.lock.
 */
void pop_keep_arrived(struct pop_member *m, struct pop_channel *ch, u32 seq)
{
	spin_lock_bh(&ch->lock);
	if (ch->open && ch->open->slot[seq].to) {
		forget(ch->open->slot[seq].to);
		pop_channel_retire_late(m, ch);
	}
	spin_unlock_bh(&ch->lock);
}

/* Return: true, and the slot, if something is kept for a phase before @phase. */
static bool kept_before(struct pop_peer *peer, u32 phase,
			struct pop_channel **ch, u32 *seq)
{
	struct pop_keep_to *to;
	bool found = false;

	spin_lock_bh(&peer->lock);
	list_for_each_entry(to, &peer->kept, of_peer)
		if (to->ch->phase < phase) {
			*ch = to->ch;
			*seq = to->keep->seq;
			found = true;
			break;
		}
	spin_unlock_bh(&peer->lock);
	return found;
}

/*
 * A peer is in @phase, or has closed those before: whatever was sent to it in
 * earlier phases has arrived, for its inputs of them are done. Context: any.
 */
void pop_keep_passed(struct pop_peer *peer, u32 phase)
{
	struct pop_channel *ch;
	u32 seq;

	while (kept_before(peer, phase, &ch, &seq))
		pop_keep_arrived(peer->member, ch, seq);
}

/* When a channel is given up. Context: pop_channel.lock. */
void pop_keep_free_all(struct pop_open *open)
{
	struct pop_keep_to *to, *next;

	list_for_each_entry_safe(to, next, &open->pending, list)
		forget(to);
}

/* Return: true if a unit may go to the peer again now. */
static bool take_budget(struct pop_peer *peer)
{
	unsigned long rtt = pop_peer_wait(peer, 1, 1);
	unsigned long more;
	bool got;

	spin_lock_bh(&peer->lock);
	more = min(jiffies - peer->budget_at, 4 * rtt) * BUDGET_RTT / rtt;
	if (more) {
		peer->budget = min_t(unsigned long, BUDGET_MAX,
				     peer->budget + more);
		peer->budget_at = jiffies;
	}
	got = peer->budget;
	peer->budget -= got;
	spin_unlock_bh(&peer->lock);
	return got;
}

/* May a unit go to the peer again now? If not, that is counted. */
static bool may_send_again(struct pop_peer *peer)
{
	if (take_budget(peer))
		return true;
	pop_count(pop_member_net(peer->member), TX_LIMITED);
	return false;
}

/* Return: false if it cannot go now, and neither can others. */
static bool send_again(struct pop_peer *peer, struct pop_keep *keep,
		       struct sk_buff *unit)
{
	struct sk_buff *skb;

	if (!may_send_again(peer))
		return false;
	skb = pop_keep_unit(keep, unit, GFP_ATOMIC);
	if (!skb)
		return false;
	pop_count(pop_member_net(keep->m), TX_RETRANSMITS);
	pop_carrier_send_again(peer, skb);
	return true;
}

/* Return: the slot's key, false if it is gone, for the contract has ended. */
static bool slot_key(const struct pop_keep_to *to,
		     const struct pop_slot_id *slot, u8 key[POP_KEY_LEN])
{
	struct pop_channel *ch = to->ch;
	bool there;

	spin_lock_bh(&ch->lock);
	there = ch->open && !READ_ONCE(to->keep->m->contract->ended);
	if (there)
		pop_key_slot(key, ch->open->key, slot);
	spin_unlock_bh(&ch->lock);
	return there;
}

/*
 * A fragment of a group payload for one recipient alone, which had false ones
 * of a co-recipient: under the key of the slot, with the salt of the header.
 */
static void send_own(struct pop_peer *peer, struct pop_keep_to *to,
		     u32 fragment)
{
	struct pop_keep *keep = to->keep;
	struct pop_slot_id slot = pop_channel_slot(keep->m, to->ch, keep->seq);
	const struct pop_outer *header = (const void *)to->header->data;
	struct pop_unit u = {
		.slot = slot,
		.type = POP_UNIT_PAYLOAD,
		.fragment = fragment,
	};
	u8 key[POP_KEY_LEN];
	struct sk_buff *skb;

	if (!may_send_again(peer) || !slot_key(to, &slot, key))
		return;
	skb = skb_copy(keep->payload[fragment], GFP_ATOMIC);
	if (!skb || WARN_ON_ONCE(pop_unseal(skb, keep->key))) {
		kfree_skb(skb);
		pop_count(pop_member_net(keep->m), TX_NO_MEMORY);
		goto out;
	}
	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &u, peer->cid_tx,
		       header->salt);
	pop_seal(skb, key);
	pop_count(pop_member_net(keep->m), TX_RETRANSMITS);
	pop_carrier_send_again(peer, skb);
out:
	memzero_explicit(key, sizeof(key));
}

/* Return: what is kept of a slot, with a reference of its message, or NULL. */
static struct pop_keep_to *kept_slot(struct pop_channel *ch, u32 seq,
				     u64 before)
{
	struct pop_keep_to *to = NULL;

	spin_lock_bh(&ch->lock);
	if (ch->open)
		to = ch->open->slot[seq].to;
	if (to && to->sent < before) {
		refcount_inc(&to->keep->ref);
		to->sent = ktime_get_ns();
	} else {
		to = NULL;
	}
	spin_unlock_bh(&ch->lock);
	return to;
}

/**
 * pop_keep_again - nothing of a message has arrived: send all of it again
 * @peer: the recipient
 * @ch: the channel
 * @seq: of the slot
 * @before: ns; only if it was sent before that
 *
 * Of a long message what the budget allows; the recipient asks for the rest.
 *
 * Context: any, without pop_channel.lock.
 */
void pop_keep_again(struct pop_peer *peer, struct pop_channel *ch, u32 seq,
		    u64 before)
{
	struct pop_keep_to *to = kept_slot(ch, seq, before);
	u32 i;

	if (!to)
		return;
	if (send_again(peer, to->keep, to->header))
		for (i = 0; i < to->keep->nr_payload; i++)
			if (!send_again(peer, to->keep, to->keep->payload[i]))
				break;
	pop_keep_put(to->keep);
}

/* Return: the member's output channel that @miss is about, or NULL. */
static struct pop_channel *missing_channel(struct pop_peer *peer,
					   const struct pop_missing *miss)
{
	struct pop_member *m = peer->member;
	const struct pop_plan *plan = &m->contract->plan;
	u32 phase = be16_to_cpu(miss->phase);
	struct pop_channel *ch;
	u32 action;
	int to;

	if (phase >= plan->nr_phases)
		return NULL;
	action = plan->first_action[phase] + be16_to_cpu(miss->action);
	if (action >= plan->first_action[phase + 1] ||
	    be16_to_cpu(plan->action[action].from) != m->party)
		return NULL;
	to = pop_plan_to_index(plan, action, peer->party);
	if (to < 0)
		return NULL;
	ch = &m->channel[m->actions[action].channel + to];
	return be32_to_cpu(miss->seq) < ch->count ? ch : NULL;
}

static void retransmit(struct pop_peer *peer, struct pop_channel *ch,
		       const struct pop_missing *miss)
{
	struct pop_keep_to *to = kept_slot(ch, be32_to_cpu(miss->seq), U64_MAX);
	u32 base = be16_to_cpu(miss->base);
	u64 map = be64_to_cpu(miss->map);
	bool own;

	if (!to)
		return;
	own = miss->flags & POP_MISSING_F_OWN && to->keep->group;
	if (miss->flags & POP_MISSING_F_HEADER)
		send_again(peer, to->keep, to->header);
	for (; map; map &= map - 1) {
		u32 fragment = base + __ffs64(map);

		if (fragment >= to->keep->nr_payload)
			break;
		if (own)
			send_own(peer, to, fragment);
		else
			send_again(peer, to->keep, to->keep->payload[fragment]);
	}
	pop_keep_put(to->keep);
}

/**
 * pop_keep_retransmit - an authenticated RETRANSMIT
 * @peer: who asks
 * @skb: data at the first struct pop_missing; stays the caller's
 *
 * Goes to the peer's known endpoint, wherever the request came from.
 */
void pop_keep_retransmit(struct pop_peer *peer, const struct sk_buff *skb)
{
	const struct pop_missing *miss = (const void *)skb->data;
	u32 i, nr = skb->len / sizeof(*miss);
	struct pop_channel *ch;

	if (!nr || skb->len % sizeof(*miss))
		goto malformed;
	for (i = 0; i < nr; i++) {
		ch = missing_channel(peer, &miss[i]);
		if (!ch || miss[i].reserved ||
		    miss[i].flags & ~(POP_MISSING_F_HEADER |
				      POP_MISSING_F_OWN))
			goto malformed;
		retransmit(peer, ch, &miss[i]);
	}
	return;

malformed:
	pop_count(pop_member_net(peer->member), RX_MALFORMED);
}
