// SPDX-License-Identifier: GPL-2.0
/* What has arrived, and what is missing: for STATE, SLOTS and RETRANSMIT. */

#include "rx.h"
#include "slot.h"

/* State of a channel that is open and not done: its oldest message counts. */
u8 pop_rx_state(struct pop_open *open)
{
	struct pop_rx *rx;

	rx = list_first_entry_or_null(&open->pending, struct pop_rx, list);
	if (!rx)
		return POP_CHANNEL_STATE_OPEN;
	if (rx->complete)
		return POP_CHANNEL_STATE_HELD;
	return rx->have_header ? POP_CHANNEL_STATE_HALF_HEADER :
				 POP_CHANNEL_STATE_HALF_PAYLOAD;
}

/* Record the next fragments that are missing. Return: true if there are any. */
static bool missing_map(const struct rb_node **ahead, u32 *fragment, u32 nr,
			struct pop_missing *miss)
{
	u32 base = 0;
	u64 map = 0;

	for (; *fragment < nr; ++*fragment) {
		if (map && *fragment - base >= 64)
			break;
		if (*ahead && POP_SKB_CB(rb_to_skb(*ahead))->fragment ==
			      *fragment) {
			*ahead = rb_next(*ahead);
			continue;
		}
		if (!map)
			base = *fragment;
		map |= BIT_ULL(*fragment - base);
	}
	miss->base = cpu_to_be16(base);
	miss->map = cpu_to_be64(map);
	return map;
}

/**
 * pop_rx_missing - what is missing of a message
 * @m: the local party
 * @ch: the channel
 * @seq: of the slot
 * @miss: zeroed; filled in
 * @room: length of @miss, at least one
 *
 * Without the header it is not known how many fragments there are, and only the
 * header is missing.
 *
 * Return: how many records there are in @miss.
 */
u32 pop_rx_missing(struct pop_member *m, struct pop_channel *ch, u32 seq,
		   struct pop_missing *miss, u32 room)
{
	struct pop_slot_id slot = pop_channel_slot(m, ch, seq);
	const struct rb_node *ahead;
	u32 fragment, nr = 0;
	struct pop_rx *rx;

	spin_lock_bh(&ch->lock);
	rx = ch->open ? ch->open->slot[seq].rx : NULL;
	if (!rx || rx->complete)
		goto out;
	if (!rx->have_header) {
		miss[nr++].flags = POP_MISSING_F_HEADER;
		goto out;
	}
	ahead = rb_first(&rx->ahead);
	fragment = rx->joined;
	while (nr < room && missing_map(&ahead, &fragment, rx->nr, &miss[nr]))
		miss[nr++].flags = rx->own ? POP_MISSING_F_OWN : 0;
out:
	spin_unlock_bh(&ch->lock);
	for (fragment = 0; fragment < nr; fragment++) {
		miss[fragment].phase = cpu_to_be16(slot.phase);
		miss[fragment].action = cpu_to_be16(slot.action);
		miss[fragment].seq = cpu_to_be32(slot.seq);
	}
	return nr;
}

static enum pop_slot_state slot_state(const struct pop_slot *slot)
{
	if (slot->executed)
		return POP_SLOT_EXECUTED;
	if (!slot->rx)
		return POP_SLOT_NOTHING;
	return slot->rx->complete ? POP_SLOT_WHOLE : POP_SLOT_HALF;
}

/**
 * pop_rx_slots - what has arrived in a channel
 * @ch: an input channel
 * @first: slots from this one on
 * @count: how many
 * @states: zeroed; enum pop_slot_state, two bits each
 */
void pop_rx_slots(struct pop_channel *ch, u32 first, u32 count, u8 *states)
{
	u8 state;
	u32 i;

	spin_lock_bh(&ch->lock);
	for (i = 0; i < count; i++) {
		if (ch->open)
			state = slot_state(&ch->open->slot[first + i]);
		else
			state = ch->done == ch->count ? POP_SLOT_EXECUTED :
							POP_SLOT_NOTHING;
		states[i / 4] |= state << i % 4 * 2;
	}
	spin_unlock_bh(&ch->lock);
}
