/* SPDX-License-Identifier: GPL-2.0 */
/* Echoes: recipients of one message tell each other what they have. */
#ifndef _POP_ECHO_H
#define _POP_ECHO_H

#include "repair.h"

/**
 * struct pop_echoes - what co-recipients say of a message, or of a channel
 * @ask: its channel and slot, or POP_ECHO_SEQ_ALL; in pop_member.echoes until
 *	 enough is known
 * @need: how many of the others must have the same digest
 * @same: how many have said so
 * @tries: how often they have been asked
 * @closed: how often after the contract had ended
 * @heard: by place in the action: has told its digest, or is the member
 *
 * Protected by ch->lock, but for @ask.list and @ask.at.
 */
struct pop_echoes {
	struct pop_ask	ask;
	u16		need;
	u16		same;
	u8		tries;
	u8		closed;
	unsigned long	heard[];
};

bool pop_echo_first(const struct pop_body_action *a);
struct pop_echoes *pop_echo_begin(struct pop_member *m, struct pop_channel *ch,
				  u32 seq);
void pop_echo_end(struct pop_member *m, struct pop_echoes *e);
void pop_echo_compare(struct pop_member *m, struct pop_channel *ch);
void pop_echo_due(struct pop_member *m, unsigned long *next);
void pop_echo_input(struct pop_peer *peer, const struct sk_buff *skb,
		    const union pop_addr *from);

/* Have enough said the same? */
static inline bool pop_echo_enough(const struct pop_echoes *e)
{
	return !e || e->same >= e->need;
}

#endif /* _POP_ECHO_H */
