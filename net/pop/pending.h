/* SPDX-License-Identifier: GPL-2.0 */
/* What peers can make a node hold. */
#ifndef _POP_PENDING_H
#define _POP_PENDING_H

#include "pop.h"

int pop_pending_init(void);
void pop_pending_exit(void);
void pop_pending_init_net(struct pop_net *pn);

/* MiB, see Documentation/networking/pop.rst */
extern unsigned int pop_pending_max;

bool pop_pending_charge(struct pop_net *pn, struct pop_peer *peer, u32 bytes);
void pop_pending_uncharge(struct pop_net *pn, u32 bytes);
bool pop_pending_yield(struct pop_peer *peer);
void pop_pending_forget(struct pop_member *m);

bool pop_relayed_charge(struct pop_net *pn, u32 bytes);
void pop_relayed_uncharge(struct pop_net *pn, u32 bytes);

#endif /* _POP_PENDING_H */
