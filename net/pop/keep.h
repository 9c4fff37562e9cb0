/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a sender keeps: the sealed units of a message, until they are known to
 * have arrived (paper, 4.2: retransmission).
 */
#ifndef _POP_KEEP_H
#define _POP_KEEP_H

#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "charge.h"

struct pop_message;

/**
 * struct pop_keep_to - a message on its way to one recipient
 * @list: in pop_open.pending of @ch; pop_channel.lock
 * @of_peer: in pop_peer.kept; pop_peer.lock
 * @keep: the message
 * @ch: the channel; immutable
 * @header: HEADER unit, sealed
 * @sent: ns when something of it was sent last; U64_MAX while that is being done,
 *	for until then a question may overtake it
 * @waiting: in pop_flow.waiting of its peer; pop_peer.lock
 * @direct: units that went, or go, out as the message was made
 * @vain: how often it went again because nothing of it had arrived; lock of @ch
 * @pending: units in pop_pace.pending; pop_peer.lock
 * @next: units that have been sent: the header and then the payload; written
 *	under pop_peer.lock
 * @end: up to here they go to the peer alone; pop_peer.lock
 */
struct pop_keep_to {
	struct list_head	list;
	struct list_head	of_peer;
	struct pop_keep		*keep;
	struct pop_channel	*ch;
	struct sk_buff		*header;
	u64			sent;
	struct list_head	waiting;
	u32			direct;
	u8			vain;
	u32			pending;
	u32			next;
	u32			end;
};

/**
 * struct pop_keep - a sent message
 * @ref: one for each recipient that may still need it, one for who sends it
 * @lock: of two that send a buffer at once, the second takes a copy; of two that
 *	cannot reach the group, one gives up @family
 * @m: the sender
 * @charge: who pays
 * @charged: bytes
 * @seq: of the slot
 * @nr: length of @to
 * @nr_payload: length of @payload
 * @next: payload units that have been sent to the group
 * @waiting: in pop_flow.waiting of the group; pop_share.lock
 * @family: of the group that @payload goes to; zero, each recipient has copies
 * @group: @payload is sealed with @key, for all recipients
 * @key: of the group payload
 * @payload: PAYLOAD units, sealed, by fragment; stands behind @to
 * @to: each recipient
 */
struct pop_keep {
	refcount_t		ref;
	spinlock_t		lock;
	struct pop_member	*m;
	struct pop_charge	*charge;
	u32			charged;
	u32			seq;
	u32			nr;
	u32			nr_payload;
	u32			next;
	struct list_head	waiting;
	sa_family_t		family;
	bool			group;
	u8			key[POP_KEY_LEN];
	struct sk_buff		**payload;
	struct pop_keep_to	to[];
};

/* Since when something of it was sent, in jiffies. */
static inline unsigned long pop_keep_age(const struct pop_keep_to *to)
{
	u64 sent = READ_ONCE(to->sent);

	return sent == U64_MAX ? 0 : nsecs_to_jiffies(ktime_get_ns() - sent);
}

/* Has this unit of the message, zero is the header, been sent? */
static inline bool pop_keep_is_sent(const struct pop_keep_to *to, u32 unit)
{
	if (unit && READ_ONCE(to->keep->family))
		return unit <= READ_ONCE(to->keep->next);
	return unit < READ_ONCE(to->next);
}

struct pop_keep *pop_keep_alloc(struct pop_message *msg,
				struct pop_charge *charge,
				struct pop_channel *first, u32 nr, u32 seq);
void pop_keep_put(struct pop_keep *keep);
void pop_keep_add(struct pop_keep_to *to);
void pop_keep_watch(struct pop_keep *keep);
struct sk_buff *pop_keep_unit(struct pop_keep *keep, struct sk_buff *unit,
			      gfp_t gfp);

struct pop_keep_to *pop_keep_get(struct pop_channel *ch, u32 seq, u64 before,
				 u64 *sent);
void pop_keep_arrived(struct pop_member *m, struct pop_channel *ch, u32 seq);
void pop_keep_refused(struct pop_member *m, struct pop_channel *ch);
void pop_keep_passed(struct pop_peer *peer, u32 phase);
void pop_keep_passed_due(struct pop_peer *peer);
void pop_keep_free_all(struct pop_open *open);

#endif /* _POP_KEEP_H */
