/* SPDX-License-Identifier: GPL-2.0 */
/*
 * STATE units: any party looks at any other's channels with one request and
 * one answer, which the kernel gives alone (paper, 2.1, 3 and 6).
 */
#ifndef _POP_STATE_H
#define _POP_STATE_H

#include "pop.h"

/* Requests of netlink sockets that wait, in one network namespace. */
#define POP_NL_REQUESTS_MAX	256

/**
 * struct pop_state_query - which channels
 * @phase: of this phase, or POP_PHASE_ANY
 * @first: the first wanted, in the order of the profile
 * @count: how many at most
 * @direction: enum pop_direction
 */
struct pop_state_query {
	u16	phase;
	u16	first;
	u16	count;
	u8	direction;
};

/**
 * struct pop_state_answer - what came
 * @reply: as on the wire
 * @states: four bits a channel, reply->count of them
 * @rtt: microseconds from request to answer
 */
struct pop_state_answer {
	const struct pop_state_reply *reply;
	const u8	*states;
	u32		rtt;
};

static inline u8 pop_state_of(const u8 *states, u32 i)
{
	return states[i / 2] >> (i % 2 * 4) & 0xf;
}

/**
 * struct pop_request - a STATE request that waits for its answer
 * @list: in pop_net.requests
 * @peer: who is asked
 * @query: what for
 * @id: on the wire
 * @start: ns, when it was sent
 * @done: takes the request over; @answer is NULL when the member has gone.
 *	  Called under pop_net.requests_lock, in softirq or process context.
 */
struct pop_request {
	struct list_head	list;
	struct pop_peer		*peer;
	struct pop_state_query	query;
	u64			id;
	u64			start;
	void (*done)(struct pop_request *r,
		     const struct pop_state_answer *answer);
};

int pop_state_ask(struct pop_request *r);
bool pop_state_cancel(struct pop_net *pn, struct pop_request *r);
u64 pop_state_id(struct pop_net *pn);
void pop_state_forget(struct pop_member *m);
u32 pop_state_fill(struct pop_member *m, const struct pop_state_query *q,
		   struct pop_state_reply *reply, u8 *states);
u32 pop_state_room(u32 count);

int pop_state_send(struct pop_peer *peer, u64 id,
		   const struct pop_state_query *q);
void pop_state_ask_at(struct pop_peer *peer, u64 id, const union pop_addr *to);
void pop_state_ask_closed(struct pop_peer *peer);
void pop_state_tell_closed(struct pop_peer *peer);

void pop_state_request(struct pop_peer *peer, struct sk_buff *skb,
		       const union pop_addr *from);
void pop_state_reply(struct pop_peer *peer, struct sk_buff *skb,
		     const union pop_addr *from);

#endif /* _POP_STATE_H */
