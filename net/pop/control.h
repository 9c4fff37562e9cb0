/* SPDX-License-Identifier: GPL-2.0 */
/* Control units: STATE, SLOTS and RETRANSMIT; how they are made and sent. */
#ifndef _POP_CONTROL_H
#define _POP_CONTROL_H

#include "pop.h"

struct pop_unit;

struct sk_buff *pop_control_alloc_unit(struct pop_peer *peer,
				       const struct pop_unit *u, u32 len);
struct sk_buff *pop_control_alloc(struct pop_peer *peer, u8 type, u32 len);
void *pop_control_add(struct pop_peer *peer, u8 type, u32 size);
void pop_control_flush(struct pop_member *m);
u32 pop_control_room(struct pop_peer *peer, const union pop_addr *from,
		     u32 request_len);
int pop_control_send(struct pop_peer *peer, struct sk_buff *skb);
int pop_control_send_to(struct pop_peer *peer, struct sk_buff *skb,
			const union pop_addr *to);

/* The sealed part of a control unit that is being made. */
static inline void *pop_control_body(const struct sk_buff *skb)
{
	return skb->data + sizeof(struct pop_outer);
}

#endif /* _POP_CONTROL_H */
