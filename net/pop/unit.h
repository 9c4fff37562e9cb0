/* SPDX-License-Identifier: GPL-2.0 */
/* Units: the outer part, in host order, and buffers to build units in. */
#ifndef _POP_UNIT_H
#define _POP_UNIT_H

#include <linux/skbuff.h>
#include <net/pop.h>

#include "key.h"

/**
 * struct pop_unit - outer part in host order
 * @slot: of HEADER and PAYLOAD
 * @fragment: of a PAYLOAD
 * @type: enum pop_unit_type
 * @flags: POP_UNIT_F_*
 * @aux: of STATE units
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

/**
 * pop_unit_alloc - buffer for a unit
 * @len: bytes that will be sealed
 * @gfp: how to allocate
 *
 * Return: a buffer with room for all headers in front and the tag behind,
 * data where the sealed part begins; or NULL.
 */
struct sk_buff *pop_unit_alloc(u32 len, gfp_t gfp);

#endif /* _POP_UNIT_H */
