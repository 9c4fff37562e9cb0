// SPDX-License-Identifier: GPL-2.0
/*
 * What one recipient of a "same" action can do for another (paper, 4.2:
 * recovery): it keeps the message, as long as there is room, and gives it to who
 * asks by RECOVERY, with the voucher that the sender has made for that one.
 */

#include <linux/slab.h>

#include "channel.h"
#include "control.h"
#include "pending.h"
#include "relay.h"
#include "resend.h"
#include "rx.h"
#include "slot.h"
#include "unit.h"

/* So many make room for one, in softirq; if these are not enough it is not kept. */
#define DROPS_MAX	64

static void relay_put(struct pop_relay *relay)
{
	if (!refcount_dec_and_test(&relay->ref))
		return;
	kfree_skb(relay->skb);
	kfree(relay);
}

/**
 * pop_relay_alloc - begin to keep a message
 * @rx: a message of a group that is checked; its chain is whole still
 *
 * Context: pop_channel.lock.
 * Return: what pop_relay_add() takes over, or NULL without memory, where others
 * must be asked.
 */
struct pop_relay *pop_relay_alloc(const struct pop_rx *rx)
{
	u32 vouchers = pop_rx_vouchers(rx);
	u32 at = POP_BLIND_LEN + be32_to_cpu(rx->header.length);
	u32 places = DIV_ROUND_UP(rx->nr - 1, POP_RELAY_STRIDE);
	struct pop_relay *relay;
	size_t size;

	size = struct_size(relay, place, places) + vouchers;
	relay = kmalloc(size, GFP_ATOMIC | __GFP_NOWARN);
	if (!relay)
		return NULL;
	relay->vouchers = (u8 *)&relay->place[places];
	refcount_set(&relay->ref, 1);
	relay->m = rx->m;
	relay->ch = rx->ask.ch;
	relay->seq = rx->ask.seq;
	relay->header = rx->header;
	relay->skb = NULL;
	relay->bytes = size;
	if (skb_copy_bits(rx->first, 0, relay->blind, POP_BLIND_LEN) ||
	    skb_copy_bits(rx->first, at, relay->vouchers, vouchers)) {
		relay_put(relay);
		return NULL;
	}
	return relay;
}

/* Of the fragments, so that to find one does not take a look at all before it. */
static void note_places(struct pop_relay *relay)
{
	struct sk_buff *skb;
	u32 i = 0;

	skb_walk_frags(relay->skb, skb) {
		if (!(i % POP_RELAY_STRIDE))
			relay->place[i / POP_RELAY_STRIDE] = skb;
		i++;
	}
}

/* It is in no slot any more. Context: pop_channel.lock of its channel. */
static void forget(struct pop_relay *relay)
{
	lockdep_assert_held(&relay->ch->lock);
	relay->ch->open->relays--;
	pop_relayed_uncharge(pop_member_net(relay->m), relay->bytes);
	relay_put(relay);
}

/* Its slot has it no more. Context: pop_channel.lock of its channel. */
static void take_from_slot(struct pop_relay *relay)
{
	struct pop_slot *slot = &relay->ch->open->slot[relay->seq];

	if (slot->executed)
		slot->relay = NULL;
	else
		slot->rx->relay = NULL;
	forget(relay);
}

/*
 * Let the oldest go, if it is of a channel that can be locked. Context: lock of
 * @locked. Return: false if there is none.
 */
static bool drop_oldest(struct pop_member *m, const struct pop_channel *locked)
{
	struct pop_relay *relay;
	struct pop_channel *ch;

	spin_lock_bh(&m->relay_lock);
	relay = list_first_entry_or_null(&m->relays, struct pop_relay, list);
	ch = relay ? relay->ch : NULL;
	if (ch == locked) {
		list_del_init(&relay->list);
		spin_unlock_bh(&m->relay_lock);
		take_from_slot(relay);
		return true;
	}
	/* the other way around than elsewhere, so do not wait */
	if (!ch || !spin_trylock(&ch->lock)) {
		spin_unlock_bh(&m->relay_lock);
		return false;
	}
	list_del_init(&relay->list);
	spin_unlock_bh(&m->relay_lock);
	take_from_slot(relay);
	pop_channel_retire_late(m, ch);
	spin_unlock(&ch->lock);
	return true;
}

/**
 * pop_relay_add - keep a message for other recipients
 * @rx: the message, whose data are without blind and vouchers now
 * @relay: from pop_relay_alloc(), or NULL; taken over
 *
 * Context: pop_channel.lock.
 */
void pop_relay_add(struct pop_rx *rx, struct pop_relay *relay)
{
	struct pop_net *pn = pop_member_net(rx->m);
	u32 drops = DROPS_MAX;

	if (!relay)
		return;
	relay->skb = skb_clone(rx->first, GFP_ATOMIC);
	if (!relay->skb) {
		relay_put(relay);
		return;
	}
	note_places(relay);
	relay->bytes += relay->skb->truesize;
	/* no others are dropped for what will not fit */
	if (relay->bytes > POP_RELAYED_MAX)
		drops = 0;
	while (!pop_relayed_charge(pn, relay->bytes))
		if (!drops-- || !drop_oldest(rx->m, rx->ask.ch)) {
			relay_put(relay);
			return;
		}
	rx->ask.ch->open->relays++;
	rx->relay = relay;
	spin_lock_bh(&rx->m->relay_lock);
	list_add_tail(&relay->list, &rx->m->relays);
	spin_unlock_bh(&rx->m->relay_lock);
}

/* Its message goes, and so does this. Context: pop_channel.lock. */
void pop_relay_free(struct pop_relay *relay)
{
	if (!relay)
		return;
	spin_lock_bh(&relay->m->relay_lock);
	list_del(&relay->list);
	spin_unlock_bh(&relay->m->relay_lock);
	forget(relay);
}

/* A channel is given up. Context: ch->lock. */
void pop_relay_free_all(struct pop_channel *ch)
{
	u32 i;

	for (i = 0; ch->open->relays && i < ch->count; i++)
		if (ch->open->slot[i].executed) {
			pop_relay_free(ch->open->slot[i].relay);
			ch->open->slot[i].relay = NULL;
		}
}

/* ---- giving -------------------------------------------------------------- */

static u32 vouchers_len(const struct pop_relay *relay)
{
	const struct pop_body_action *a = pop_channel_action(relay->m,
							     relay->ch);

	return POP_VOUCHER_LEN * be16_to_cpu(a->recipients);
}

/* What a fragment has of the message is there. */
static const struct sk_buff *find(const struct pop_relay *relay, u32 fragment)
{
	const struct sk_buff *skb;
	u32 i;

	if (!fragment--)
		return relay->skb;
	skb = relay->place[fragment / POP_RELAY_STRIDE];
	for (i = fragment % POP_RELAY_STRIDE; i; i--)
		skb = skb->next;
	return skb;
}

/*
 * @len bytes of blind, message and vouchers, from @at on: where a fragment begins,
 * and no more than it has.
 */
static void copy_stream(const struct pop_relay *relay, u32 at, u8 *to, u32 len)
{
	const u32 end[] = { POP_BLIND_LEN, POP_BLIND_LEN + relay->skb->len };
	u32 fragment = at / be16_to_cpu(relay->header.fragment_len);

	for (; len && at < end[0]; at++, len--)
		*to++ = relay->blind[at];
	if (len && at < end[1]) {
		u32 part = min(len, end[1] - at);

		/* to take off the vouchers may have made one buffer of it */
		if (skb_has_frag_list(relay->skb))
			skb_copy_bits(find(relay, fragment), 0, to, part);
		else
			skb_copy_bits(relay->skb, at - end[0], to, part);
		to += part;
		at += part;
		len -= part;
	}
	if (len)
		memcpy(to, relay->vouchers + at - end[1], len);
}

/* Return: false if it cannot go now, and neither can others. */
static bool send_relay(struct pop_peer *peer, const struct pop_relay *relay,
		       u16 fragment, const void *first, u32 first_len,
		       u32 at, u32 len)
{
	const struct pop_unit u = {
		.type = POP_UNIT_RELAY,
		.slot = pop_channel_slot(relay->m, relay->ch, relay->seq),
		.fragment = fragment,
	};
	struct sk_buff *skb;

	if (!pop_resend_may(peer))
		return false;
	skb = pop_control_alloc_unit(peer, &u, first_len + len);
	if (!skb)
		return false;
	memcpy(pop_control_body(skb), first, first_len);
	copy_stream(relay, at, pop_control_body(skb) + first_len, len);
	if (!pop_control_send(peer, skb))
		pop_count(pop_member_net(relay->m), TX_RELAYS);
	return true;
}

static bool send_header(struct pop_peer *peer, const struct pop_relay *relay,
			u32 place)
{
	struct pop_relay_header header = { .header = relay->header };

	memcpy(header.voucher, relay->vouchers + place * POP_VOUCHER_LEN,
	       sizeof(header.voucher));
	return send_relay(peer, relay, POP_RELAY_HEADER, &header,
			  sizeof(header), 0, 0);
}

static bool send_fragment(struct pop_peer *peer, const struct pop_relay *relay,
			  u32 fragment)
{
	u32 full = be16_to_cpu(relay->header.fragment_len);
	u32 len = POP_BLIND_LEN + relay->skb->len + vouchers_len(relay);
	u32 at = fragment * full;
	struct pop_payload payload;

	if (fragment >= DIV_ROUND_UP(len, full))
		return true;
	payload.xcrc = pop_header_crc(&relay->header);
	return send_relay(peer, relay, fragment, &payload, sizeof(payload), at,
			  min(full, len - at));
}

/* Return: what is kept of a slot, with a reference, or NULL. */
static struct pop_relay *relay_get(struct pop_channel *ch, u32 seq)
{
	struct pop_relay *relay = NULL;
	struct pop_slot *slot;

	spin_lock_bh(&ch->lock);
	if (ch->open) {
		slot = &ch->open->slot[seq];
		if (slot->executed)
			relay = slot->relay;
		else if (slot->rx)
			relay = slot->rx->relay;
	}
	if (relay)
		refcount_inc(&relay->ref);
	spin_unlock_bh(&ch->lock);
	return relay;
}

/* Return: false if some of it could not go. */
static bool give(struct pop_peer *peer, struct pop_channel *ch, u32 place,
		 const struct pop_missing *miss)
{
	struct pop_relay *relay = relay_get(ch, be32_to_cpu(miss->seq));
	u64 map = be64_to_cpu(miss->map);
	bool all = true;

	if (!relay)
		return true;
	if (miss->flags & POP_MISSING_F_HEADER)
		all = send_header(peer, relay, place);
	for (; all && map; map &= map - 1)
		all = send_fragment(peer, relay,
				    be16_to_cpu(miss->base) + __ffs64(map));
	relay_put(relay);
	return all;
}

/**
 * pop_relay_request - an authenticated RECOVERY
 * @peer: who asks
 * @skb: data at the first struct pop_missing; stays the caller's
 *
 * Goes to the peer's known endpoint, as what is sent again does, and within the
 * same bounds.
 */
void pop_relay_request(struct pop_peer *peer, const struct sk_buff *skb)
{
	const struct pop_missing *miss = (const void *)skb->data;
	u32 i, nr = skb->len / sizeof(*miss);
	struct pop_member *m = peer->member;
	struct pop_channel *ch;
	int place;

	if (!nr || skb->len % sizeof(*miss))
		goto malformed;
	for (i = 0; i < nr; i++) {
		ch = pop_channel_input(m, be16_to_cpu(miss[i].phase),
				       be16_to_cpu(miss[i].action));
		if (!ch || !pop_action_is_group(pop_channel_action(m, ch)) ||
		    be32_to_cpu(miss[i].seq) >= ch->count ||
		    miss[i].reserved || miss[i].flags & ~POP_MISSING_F_HEADER)
			goto malformed;
		place = pop_plan_to_index(&m->contract->plan, ch->action,
					  peer->party);
		if (place < 0)
			goto malformed;
		if (!give(peer, ch, place, &miss[i]))
			break;
	}
	return;

malformed:
	pop_count(pop_member_net(m), RX_MALFORMED);
}
