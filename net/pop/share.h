/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Units that wait to be sent, and whose turn it is (paper, 2.3: balance between
 * contracts).
 */
#ifndef _POP_SHARE_H
#define _POP_SHARE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct pop_keep;
struct pop_keep_to;
struct pop_member;
struct pop_net;
struct pop_peer;

#define POP_WEIGHT_MAX	1000U

/* Bytes in a second, so that no product overflows: 8 Tbit/s. */
#define POP_RATE_MAX	(1ULL << 40)

/**
 * struct pop_flow - what waits to be sent to one destination
 * @ready: in pop_turn.flows or pop_share.paced; empty while nothing waits, the
 *	   window is full, or it is being sent of; pop_share.lock
 * @waiting: pop_keep_to for @peer, oldest first, pop_peer.lock; or pop_keep for
 *	     the contract's group, pop_share.lock
 * @member: who sends; immutable
 * @peer: to whom; NULL is the contract's group; immutable
 */
struct pop_flow {
	struct list_head	ready;
	struct list_head	waiting;
	struct pop_member	*member;
	struct pop_peer		*peer;
};

/**
 * struct pop_turn - a contract among those that have something to send
 * @list: in pop_share.turns; pop_share.lock
 * @flows: pop_flow that are ready; pop_share.lock
 * @weight: of the contract
 * @credit: bytes it may send in this turn; pop_share.lock
 */
struct pop_turn {
	struct list_head	list;
	struct list_head	flows;
	u32			weight;
	s64			credit;
};

/**
 * struct pop_share - how the contracts of a network namespace share its rate
 * @lock: protects the others, but for @rate
 * @turns: pop_turn with flows that are ready
 * @paced: pop_flow that may go on in the next clock tick
 * @rate: bytes of units in a second; zero is no limit
 * @tokens: bytes that may be sent now
 * @again: twice the bytes that may be sent again before others that wait
 * @part: of a byte in @tokens and @again, in millionths
 * @at: when @tokens and @again were counted, in us
 * @last: of the contract that has sent something again last; it may be gone
 * @work: sends
 */
struct pop_share {
	spinlock_t		lock;
	struct list_head	turns;
	struct list_head	paced;
	u64			rate;
	s64			tokens;
	s64			again;
	u32			part;
	u64			at;
	const struct pop_turn	*last;
	struct delayed_work	work;
};

void pop_share_init(struct pop_share *share);
void pop_share_set_rate(struct pop_share *share, u64 rate);
void pop_share_work(struct work_struct *work);

void pop_turn_init(struct pop_turn *turn);
struct pop_flow *pop_share_next(struct pop_share *share, struct pop_turn **turn);
void pop_share_spent(struct pop_share *share, struct pop_turn *turn, u32 bytes);

void pop_flow_init(struct pop_flow *flow, struct pop_member *m,
		   struct pop_peer *peer);
void pop_flow_ready(struct pop_flow *flow);
void pop_flow_forget(struct pop_flow *flow);

u32 pop_share_take(struct pop_keep_to *to, u32 units);
u32 pop_share_take_group(struct pop_keep *keep);
void pop_share_forget_group(struct pop_member *m);
void pop_share_copies(struct pop_keep *keep, u32 units);
void pop_share_opened(struct pop_peer *peer);
bool pop_share_may_again(struct pop_peer *peer);
void pop_share_again(struct pop_peer *peer, u32 bytes);

#endif /* _POP_SHARE_H */
