/* SPDX-License-Identifier: GPL-2.0 */
/* Peers that are reached elsewhere than they were: roaming. */
#ifndef _POP_ROAM_H
#define _POP_ROAM_H

#include "pop.h"

void pop_roam_control(struct pop_peer *peer, u64 counter,
		      const union pop_addr *from);
void pop_roam_header(struct pop_peer *peer, const union pop_addr *from);
bool pop_roam_answer(struct pop_peer *peer, u64 id, const union pop_addr *from);
void pop_roam_due(struct pop_peer *peer, unsigned long *next);

#endif /* _POP_ROAM_H */
