/* SPDX-License-Identifier: GPL-2.0 */
/* A sender's look at its recipients' input channels. */
#ifndef _POP_PROBE_H
#define _POP_PROBE_H

#include "state.h"

/*
 * Questions without an answer after which a peer counts as silent, and SLOTS requests
 * after which a group does not wait for its window, whatever else it says.
 */
#define POP_PROBE_SILENT	4

void pop_probe_watch(struct pop_peer *peer, bool soon);
void pop_probe_alive(struct pop_peer *peer);
void pop_probe_window(struct pop_peer *peer);
void pop_probe_due(struct pop_peer *peer, unsigned long *next);
bool pop_probe_state(struct pop_peer *peer, u64 id,
		     const struct pop_state_answer *answer);
void pop_probe_slots_request(struct pop_peer *peer, const struct sk_buff *skb,
			     const union pop_addr *from);
void pop_probe_slots_reply(struct pop_peer *peer, const struct sk_buff *skb);

#endif /* _POP_PROBE_H */
