/* SPDX-License-Identifier: GPL-2.0 */
/* The way in of a datagram. */
#ifndef _POP_INPUT_H
#define _POP_INPUT_H

#include "pop.h"

void pop_input(struct pop_net *pn, struct sk_buff *skb,
	       const union pop_addr *from);

#endif /* _POP_INPUT_H */
