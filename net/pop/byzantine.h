/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Byzantine channel of a contract (paper, 4.2 and 8): records about what is
 * wrong, votes, and what only all parties can decide, for user space.
 */
#ifndef _POP_BYZANTINE_H
#define _POP_BYZANTINE_H

#include "pop.h"
#include "unit.h"

/* What a record in a receive queue is: in the control block of its buffer. */
static inline struct pop_recordinfo *pop_record_info(struct sk_buff *skb)
{
	return (struct pop_recordinfo *)skb->cb;
}

void pop_byzantine_init(struct pop_member *m);
void pop_byzantine_release(struct pop_member *m);
void pop_byzantine_bound(struct pop_member *m, struct sock *sk);
void pop_byzantine_end(struct pop_member *m);
void pop_byzantine_peer_ended(struct pop_peer *peer);

bool pop_byzantine_may_come(struct pop_peer *peer, const struct pop_unit *u);
void pop_byzantine_record(struct pop_peer *peer, const struct pop_unit *u,
			  struct sk_buff *skb);
int pop_byzantine_unit(const struct pop_member *m, u32 kind,
		       const struct sockaddr_pop *about, struct pop_unit *u);
int pop_byzantine_send(struct pop_peer *peer, const struct pop_unit *u,
		       const struct pop_record *record, u32 len);
int pop_byzantine_notice(struct pop_member *m, u8 kind, u16 phase, u16 action,
			 u32 seq, u16 party, const void *data, u32 len);

/* byzantine_socket.c: its sockets */
extern const struct proto_ops pop_byzantine_ops;

#endif /* _POP_BYZANTINE_H */
