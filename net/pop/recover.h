/* SPDX-License-Identifier: GPL-2.0 */
/* Asking other recipients for a message that its sender does not give. */
#ifndef _POP_RECOVER_H
#define _POP_RECOVER_H

#include "pop.h"
#include "unit.h"

#define POP_NO_SOURCE	U16_MAX

/**
 * struct pop_recovery - how a message is had from other recipients
 * @source: party whose fragments are taken, and nobody else's; POP_NO_SOURCE
 *	    while the sender is asked alone, or all are
 * @tries: how often @source, or the sender without one, was asked in vain
 * @given: fragments that it has given since @tries was zero
 * @rounds: how often all recipients were the source in vain
 * @bad: by place in the action: what it gave was not right, or it fell silent
 *
 * Protected by pop_channel.lock.
 */
struct pop_recovery {
	u16		source;
	u16		tries;
	u8		given;
	u8		rounds;
	unsigned long	bad[];
};

bool pop_recover_due(struct pop_peer *peer, struct pop_channel *ch, u32 seq);
void pop_recover_ask(struct pop_member *m, struct pop_channel *ch, u32 seq);
bool pop_recover_hint(struct pop_peer *peer, struct pop_channel *ch, u32 seq);
void pop_recover_hints(struct pop_peer *peer, struct pop_channel *ch);
void pop_recover_unhint(struct pop_peer *peer);
void pop_recover_hints_due(struct pop_member *m);
bool pop_recover_failed(struct pop_rx *rx);
void pop_recover_gave(struct pop_rx *rx);
bool pop_recover_may_come(struct pop_peer *peer, const struct pop_unit *u);
bool pop_recover_relay(struct pop_peer *peer, const struct pop_unit *u,
		       struct sk_buff *skb);

#endif /* _POP_RECOVER_H */
