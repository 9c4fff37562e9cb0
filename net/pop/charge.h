/* SPDX-License-Identifier: GPL-2.0 */
/* Who pays for messages that are kept. */
#ifndef _POP_CHARGE_H
#define _POP_CHARGE_H

#include "pop.h"

/**
 * struct pop_charge - who pays for messages that are kept
 * @ref: one for the socket, one for each message
 * @lock: protects @sk
 * @sk: the socket; NULL once it is closed
 * @kept: bytes
 */
struct pop_charge {
	refcount_t	ref;
	spinlock_t	lock;
	struct sock	*sk;
	atomic_long_t	kept;
};

struct pop_charge *pop_charge_alloc(struct sock *sk);
void pop_charge_close(struct pop_charge *charge);
bool pop_charge_room(const struct pop_charge *charge, const struct sock *sk);
bool pop_charge_short(struct pop_charge *charge);
void pop_charge_add(struct pop_charge *charge, struct pop_net *pn, u32 bytes);
void pop_charge_sub(struct pop_charge *charge, struct pop_net *pn, u32 bytes);

#endif /* _POP_CHARGE_H */
