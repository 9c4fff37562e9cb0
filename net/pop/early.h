/* SPDX-License-Identifier: GPL-2.0 */
/* Payloads of the group that came before their headers. */
#ifndef _POP_EARLY_H
#define _POP_EARLY_H

#include "pop.h"

void pop_early_keep(struct pop_member *m, struct sk_buff *skb);
void pop_early_take(struct pop_member *m, const struct pop_channel *ch,
		    u32 seq, struct sk_buff_head *taken);
void pop_early_purge(struct pop_member *m);

#endif /* _POP_EARLY_H */
