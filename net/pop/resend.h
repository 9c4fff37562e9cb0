/* SPDX-License-Identifier: GPL-2.0 */
/* Sending again what is kept. */
#ifndef _POP_RESEND_H
#define _POP_RESEND_H

#include "pop.h"

bool pop_resend_may(struct pop_peer *peer);
bool pop_resend(struct pop_peer *peer, struct pop_channel *ch, u32 seq,
		u64 before);
void pop_resend_request(struct pop_peer *peer, const struct sk_buff *skb);

#endif /* _POP_RESEND_H */
