/* SPDX-License-Identifier: GPL-2.0 */
/* The UDP sockets under a network namespace's contracts. */
#ifndef _POP_CARRIER_H
#define _POP_CARRIER_H

#include "pop.h"

int pop_carrier_open(struct pop_net *pn, struct netlink_ext_ack *extack);
void pop_carrier_close(struct pop_net *pn);
void pop_carrier_join(struct pop_contract *c);
void pop_carrier_leave(struct pop_contract *c);
u32 pop_carrier_room(struct pop_peer *peer);
void pop_carrier_send(struct pop_peer *peer, struct sk_buff *skb);
bool pop_carrier_send_pair(struct pop_peer *peer, struct sk_buff *skb,
			   u32 size);
void pop_carrier_send_again(struct pop_peer *peer, struct sk_buff *skb);
int pop_carrier_send_control(struct pop_peer *peer, struct sk_buff *skb);
int pop_carrier_send_to(struct pop_net *pn, struct sk_buff *skb,
			const union pop_addr *to);

/* Space in front of a unit for all headers that the carrier adds. */
#define POP_CARRIER_HEADROOM	(LL_MAX_HEADER + sizeof(struct ipv6hdr) + \
				 sizeof(struct udphdr))

#endif /* _POP_CARRIER_H */
