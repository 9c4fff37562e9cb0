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
#include "repair.h"

static void keep_free(struct pop_keep *keep)
{
	u32 i;

	pop_charge_sub(keep->charge, pop_member_net(keep->m), keep->charged);
	for (i = 0; i < keep->nr_payload; i++)
		kfree_skb(keep->payload[i]);
	for (i = 0; i < keep->nr; i++)
		kfree_skb(keep->to[i].header);
	memzero_explicit(keep->key, sizeof(keep->key));
	kvfree(keep);
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
 * @nr: how many channels; the caller fills in to[].header of those it goes to
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
	size_t size;
	struct sk_buff *skb;

	size = struct_size(keep, to, nr);
	keep = kvzalloc(size + len * sizeof(*keep->payload), GFP_KERNEL_ACCOUNT);
	if (!keep)
		return NULL;
	keep->payload = (void *)&keep->to[nr];
	refcount_set(&keep->ref, 1);
	spin_lock_init(&keep->lock);
	keep->m = msg->m;
	keep->seq = seq;
	keep->nr = nr;
	INIT_LIST_HEAD(&keep->waiting);
	keep->charged = size;
	for (i = 0; i < nr; i++) {
		keep->to[i].keep = keep;
		keep->to[i].ch = &first[i];
		INIT_LIST_HEAD(&keep->to[i].of_peer);
		INIT_LIST_HEAD(&keep->to[i].waiting);
	}
	while ((skb = __skb_dequeue(&msg->payload))) {
		keep->charged += skb->truesize;
		keep->payload[keep->nr_payload++] = skb;
	}
	/* headers are of one size, whatever the allocator makes of it */
	keep->charged += nr * SKB_TRUESIZE(POP_CARRIER_HEADROOM +
					   sizeof(struct pop_outer) +
					   sizeof(struct pop_header) +
					   sizeof(struct pop_header_group) +
					   POP_TAG_LEN);
	keep->charge = charge;
	pop_charge_add(charge, pop_member_net(keep->m), keep->charged);
	return keep;
}

static struct pop_peer *to_peer(const struct pop_keep_to *to)
{
	return &to->keep->m->peer[to->ch->peer];
}

/*
 * The slot of @to keeps the message from now on, and its first units may be sent
 * as to->direct says. Context: pop_channel.lock.
 */
void pop_keep_add(struct pop_keep_to *to)
{
	struct pop_peer *peer = to_peer(to);

	lockdep_assert_held(&to->ch->lock);
	refcount_inc(&to->keep->ref);
	to->sent = U64_MAX;
	to->ch->open->slot[to->keep->seq].to = to;
	list_add_tail(&to->list, &to->ch->open->pending);
	spin_lock_bh(&peer->lock);
	list_add_tail(&to->of_peer, &peer->kept);
	to->direct = pop_share_take(to, to->keep->family ? 1 :
					1 + to->keep->nr_payload);
	spin_unlock_bh(&peer->lock);
}

/*
 * What could go at once of a message has gone: its recipients will be asked for
 * it, soon if its socket is half full.
 */
void pop_keep_watch(struct pop_keep *keep)
{
	bool soon = pop_charge_short(keep->charge);
	u64 now = ktime_get_ns();
	u32 i;

	for (i = 0; i < keep->nr; i++) {
		struct pop_peer *peer = to_peer(&keep->to[i]);

		if (!keep->to[i].header)
			continue;
		WRITE_ONCE(keep->to[i].sent, now);
		spin_lock_bh(&peer->lock);
		peer->pace.pending -= keep->to[i].pending;
		keep->to[i].pending = 0;
		spin_unlock_bh(&peer->lock);
		pop_probe_watch(peer, soon);
		pop_probe_window(peer);
	}
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
	if (skb)
		/* its neighbour may have gone with it, see output.c */
		skb_gso_reset(skb);
	else
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
	list_del_init(&to->of_peer);
	list_del_init(&to->waiting);
	peer->probe.vain = 0;
	if (list_empty(&peer->kept))
		pop_pace_idle(&peer->pace);
	spin_unlock_bh(&peer->lock);
	/* it may be the one for whom the others have to wait */
	if (!list_empty_careful(&to->keep->waiting))
		pop_flow_ready(&to->keep->m->group);
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

/*
 * Messages looked at in one go, to see whether they can be forgotten, which may be
 * in softirq; and units to free which takes as long as to look at one.
 */
#define FORGET_ROUND	256
#define UNITS_PER_LOOK	16

static void take_units(const struct pop_keep_to *to, u32 *left)
{
	*left -= min(*left, to->keep->nr_payload / UNITS_PER_LOOK);
}

/**
 * pop_keep_refused - a recipient takes nothing more of a channel
 * @m: the sender
 * @ch: the channel, on which there was a verdict there
 *
 * Of many messages the rest is left to the member's repair work.
 *
 * Context: any, without pop_channel.lock.
 */
void pop_keep_refused(struct pop_member *m, struct pop_channel *ch)
{
	struct pop_peer *peer = &m->peer[ch->peer];
	struct pop_keep_to *to, *next;
	u32 left = FORGET_ROUND;

	spin_lock_bh(&ch->lock);
	if (ch->open) {
		WRITE_ONCE(ch->open->refused, true);
		list_for_each_entry_safe(to, next, &ch->open->pending, list) {
			if (!left)
				break;
			left--;
			take_units(to, &left);
			forget(to);
		}
		pop_channel_retire_late(m, ch);
	}
	spin_unlock_bh(&ch->lock);
	if (left)
		return;
	spin_lock_bh(&peer->lock);
	peer->refused = true;
	spin_unlock_bh(&peer->lock);
	pop_repair_arm_peer(peer, jiffies);
}

/*
 * It is for a phase before @phase, or of a channel that is refused, which is open
 * as long as something is kept of it. Context: pop_peer.lock.
 */
static bool is_past(const struct pop_keep_to *to, u32 phase)
{
	return to->ch->phase < phase ||
	       READ_ONCE(READ_ONCE(to->ch->open)->refused);
}

/*
 * Look for what is past, behind *@at, if that is still kept, or else from the oldest
 * on. *@at, or NULL, has a reference of its message, and moves over what is not.
 * Return: true and the slot; false at the end, or with *@left at zero.
 */
static bool next_past(struct pop_peer *peer, u32 phase, u32 *left,
		      struct pop_keep_to **at, struct pop_channel **ch,
		      u32 *seq)
{
	struct pop_keep_to *to, *before = *at;
	bool found = false;

	spin_lock_bh(&peer->lock);
	if (before && list_empty(&before->of_peer))
		*at = NULL;
	to = list_prepare_entry(*at, &peer->kept, of_peer);
	list_for_each_entry_continue(to, &peer->kept, of_peer) {
		if (!*left)
			break;
		--*left;
		if (is_past(to, phase)) {
			take_units(to, left);
			*ch = to->ch;
			*seq = to->keep->seq;
			found = true;
			break;
		}
		*at = to;
	}
	if (*at && *at != before)
		refcount_inc(&(*at)->keep->ref);
	spin_unlock_bh(&peer->lock);
	if (before && before != *at)
		pop_keep_put(before->keep);
	return found;
}

/* A round of pop_keep_passed(). Return: false if there is more to look at. */
static bool passed_round(struct pop_peer *peer, u32 phase,
			 struct pop_keep_to **at)
{
	u32 seq, left = FORGET_ROUND;
	struct pop_channel *ch;

	while (next_past(peer, phase, &left, at, &ch, &seq))
		pop_keep_arrived(peer->member, ch, seq);
	return left;
}

/**
 * pop_keep_passed - what a peer has got is kept no longer
 * @peer: it is in @phase, or has closed those before
 * @phase: whatever was sent to it in earlier ones has arrived, for its inputs of
 *	   them are done
 *
 * Of many messages the rest is left to the member's repair work.
 *
 * Context: any.
 */
void pop_keep_passed(struct pop_peer *peer, u32 phase)
{
	struct pop_keep_to *at = NULL;

	if (!passed_round(peer, phase, &at)) {
		spin_lock_bh(&peer->lock);
		peer->passed = max(peer->passed, phase);
		spin_unlock_bh(&peer->lock);
		pop_repair_arm_peer(peer, jiffies);
	}
	if (at)
		pop_keep_put(at->keep);
}

/* What these two have left. Context: the member's repair work. */
void pop_keep_passed_due(struct pop_peer *peer)
{
	struct pop_keep_to *at = NULL;
	bool refused;
	u32 phase;

	spin_lock_bh(&peer->lock);
	phase = peer->passed;
	refused = peer->refused;
	peer->passed = 0;
	peer->refused = false;
	spin_unlock_bh(&peer->lock);
	if (!phase && !refused)
		return;
	while (!passed_round(peer, phase, &at))
		cond_resched();
	if (at)
		pop_keep_put(at->keep);
}

/* When a channel is given up. Context: pop_channel.lock. */
void pop_keep_free_all(struct pop_open *open)
{
	struct pop_keep_to *to, *next;

	list_for_each_entry_safe(to, next, &open->pending, list)
		forget(to);
}

/* So often it goes again at once; then it waits, each time for twice as long. */
#define VAIN_MAX	3
#define VAIN_WAIT	(20ULL * NSEC_PER_MSEC)
#define VAIN_SHIFT	7

/*
 * Nothing of it has arrived, though it was sent: may it go again? Its recipient may
 * have no room, and be near. Context: pop_channel.lock.
 */
static bool may_again(struct pop_keep_to *to)
{
	u64 wait = 0;

	if (to->vain >= VAIN_MAX)
		wait = VAIN_WAIT << (to->vain - VAIN_MAX);
	if (ktime_get_ns() - READ_ONCE(to->sent) < wait)
		return false;
	if (to->vain < VAIN_MAX + VAIN_SHIFT)
		to->vain++;
	return true;
}

/**
 * pop_keep_get - what is kept of a slot
 * @ch: the channel
 * @seq: of the slot
 * @before: ns; only if something of it was sent, and the last before that. Less
 *	    than U64_MAX, nothing of it has arrived, and it goes not again and again
 * @sent: filled in with when that was
 *
 * It counts as sent now.
 *
 * Context: any, without pop_channel.lock.
 * Return: it, with a reference of its message, or NULL.
 */
struct pop_keep_to *pop_keep_get(struct pop_channel *ch, u32 seq, u64 before,
				 u64 *sent)
{
	struct pop_keep_to *to = NULL;

	spin_lock_bh(&ch->lock);
	if (ch->open)
		to = ch->open->slot[seq].to;
	if (to && READ_ONCE(to->next) && READ_ONCE(to->sent) < before &&
	    (before == U64_MAX || may_again(to))) {
		refcount_inc(&to->keep->ref);
		*sent = READ_ONCE(to->sent);
		WRITE_ONCE(to->sent, ktime_get_ns());
	} else {
		to = NULL;
	}
	spin_unlock_bh(&ch->lock);
	return to;
}
