// SPDX-License-Identifier: GPL-2.0
/* What has arrived, and what is missing: for STATE, SLOTS and RETRANSMIT. */

#include "channel.h"
#include "echo.h"
#include "evidence.h"
#include "rx.h"
#include "slot.h"
#include "unit.h"

/* State of a channel that is open and not done: its oldest message counts. */
u8 pop_rx_state(struct pop_open *open)
{
	struct pop_rx *rx;

	list_for_each_entry(rx, &open->pending, list) {
		if (rx->complete)
			return pop_echo_enough(rx->echoes) ?
				POP_CHANNEL_STATE_HELD :
				POP_CHANNEL_STATE_ECHO;
		if (rx->have_header)
			return POP_CHANNEL_STATE_HALF_HEADER;
		/* of what others only say that it is there nothing has come */
		if (rx->charged_early)
			return POP_CHANNEL_STATE_HALF_PAYLOAD;
	}
	return POP_CHANNEL_STATE_OPEN;
}

/* Context: pop_channel.lock. Return: what has arrived of a slot, or NULL. */
struct pop_rx *pop_rx_find(const struct pop_channel *ch, u32 seq)
{
	lockdep_assert_held(&ch->lock);
	if (!ch->open || ch->open->slot[seq].executed)
		return NULL;
	return ch->open->slot[seq].rx;
}

/**
 * pop_rx_exhibit - the header of a slot, as evidence
 * @m: the local party
 * @ch: an input channel
 * @seq: of the slot
 * @x: filled in: the header, or of a channel that has gone its digest
 * @digest: D, filled in
 *
 * Context: pop_channel.lock.
 * Return: false if the member has no header for it.
 */
bool pop_rx_exhibit(struct pop_member *m, const struct pop_channel *ch, u32 seq,
		    struct pop_exhibit *x, u8 digest[POP_HASH_LEN])
{
	struct pop_rx *rx = pop_rx_find(ch, seq);
	struct pop_slot *slot;
	struct pop_outer outer;
	struct pop_header header;
	struct pop_unit u = { .type = POP_UNIT_HEADER };

	if (rx && rx->have_header) {
		memcpy(digest, rx->header.digest, POP_HASH_LEN);
		pop_exhibit_unit(x, &rx->outer, &rx->header,
				 sizeof(rx->header));
		return true;
	}
	if (!ch->open) {
		if (ch->done != ch->count || ch->count > 1)
			return false;
		memcpy(digest, ch->digest, POP_HASH_LEN);
		pop_exhibit_own(x, digest);
		return true;
	}
	slot = &ch->open->slot[seq];
	if (!slot->executed)
		return false;
	memcpy(digest, slot->digest, POP_HASH_LEN);
	u.slot = pop_channel_slot(m, ch, seq);
	u.flags = pop_action_is_group(pop_channel_action(m, ch)) ?
		POP_UNIT_F_GROUP : 0;
	pop_slot_header(m, ch, slot, &header);
	pop_unit_outer(&outer, &u, m->peer[ch->peer].cid.cid,
		       pop_key_salt(&header));
	pop_exhibit_unit(x, &outer, &header, sizeof(header));
	return true;
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
 * header is missing. One that came from another recipient is asked for again, for
 * what the sender gives cannot be opened without its key.
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
	rx = pop_rx_find(ch, seq);
	if (!rx || rx->complete || rx->violated)
		goto out;
	if (!rx->have_header) {
		if (rx->charged_early || rx->hinted)
			miss[nr++].flags = POP_MISSING_F_HEADER;
		goto out;
	}
	ahead = rb_first(&rx->ahead);
	fragment = rx->joined;
	while (nr < room && missing_map(&ahead, &fragment, rx->nr, &miss[nr]))
		miss[nr++].flags = rx->own ? POP_MISSING_F_OWN : 0;
	/* a header of another recipient comes without the group's key */
	if (nr && rx->group && !rx->keyed)
		miss[0].flags |= POP_MISSING_F_HEADER;
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
