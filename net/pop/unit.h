/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Units: the outer part, in host order. Pure code: no buffers, no state. It is
 * built for user space, too, where selftests/fuzz looks for what breaks it.
 */
#ifndef _POP_UNIT_H
#define _POP_UNIT_H

#include <net/pop.h>

#include "key.h"

/**
 * struct pop_unit - outer part in host order
 * @slot: of HEADER, PAYLOAD and RELAY
 * @fragment: of PAYLOAD and RELAY
 * @type: enum pop_unit_type
 * @flags: POP_UNIT_F_*
 * @aux: of control units
 */
struct pop_unit {
	struct pop_slot_id slot;
	u32	aux;
	u16	fragment;
	u8	type;
	u8	flags;
};

/* Return: false if no unit of this version looks like @outer. */
bool pop_unit_parse(struct pop_unit *u, const struct pop_outer *outer);

/* Outer part of a unit in the order of the wire. */
void pop_unit_outer(struct pop_outer *outer, const struct pop_unit *u,
		    __be64 cid, __be64 salt);

#endif /* _POP_UNIT_H */
