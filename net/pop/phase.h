/* SPDX-License-Identifier: GPL-2.0 */
/* The phase rule: when a member enters the next phase. */
#ifndef _POP_PHASE_H
#define _POP_PHASE_H

#include "pop.h"

int pop_phase_start(struct pop_member *m);
void pop_phase_update(struct pop_member *m);
void pop_phase_work(struct work_struct *work);
int pop_phase_set(struct pop_member *m, u32 phase,
		  struct netlink_ext_ack *extack);
void pop_phase_peer_closed(struct pop_member *m, struct pop_peer *peer,
			   u32 closed);
void pop_phase_peer_entered(struct pop_member *m, struct pop_peer *peer,
			    u32 phase);
bool pop_phase_peer_ready(struct pop_member *m, struct pop_peer *peer,
			  u32 phase);
u8 pop_phase_state(struct pop_member *m, u32 phase);

#endif /* _POP_PHASE_H */
