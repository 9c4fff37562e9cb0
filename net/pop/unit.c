// SPDX-License-Identifier: GPL-2.0
/* Units: the outer part, see unit.h. */

#include <linux/kernel.h>

#include "unit.h"

/* It is about an action, or about none; a dispute is about one. */
static bool record_valid(const struct pop_unit *u)
{
	if (u->slot.phase != POP_PHASE_ANY)
		return u->slot.action != POP_ACTION_ANY;
	return u->slot.action == POP_ACTION_ANY && !u->flags;
}

bool pop_unit_parse(struct pop_unit *u, const struct pop_outer *outer)
{
	*u = (struct pop_unit) {
		.slot.phase = be16_to_cpu(outer->phase),
		.slot.action = be16_to_cpu(outer->action),
		.slot.seq = be32_to_cpu(outer->seq),
		.fragment = be16_to_cpu(outer->fragment),
		.type = outer->type & 0xf,
		.flags = outer->flags,
		.aux = be32_to_cpu(outer->aux),
	};
	if (outer->type >> 4 != POP_VERSION)
		return false;

	switch (u->type) {
	case POP_UNIT_HEADER:
		return !(u->flags & ~POP_UNIT_F_GROUP) && !u->fragment &&
		       !u->aux;
	case POP_UNIT_PAYLOAD:
		/* in a RELAY the last value is the header */
		return !(u->flags & ~POP_UNIT_F_GROUP) &&
		       u->fragment < POP_RELAY_HEADER && !u->aux;
	case POP_UNIT_STATE_REQUEST:
	case POP_UNIT_STATE_REPLY:
	case POP_UNIT_SLOTS_REQUEST:
	case POP_UNIT_SLOTS_REPLY:
	case POP_UNIT_RETRANSMIT:
	case POP_UNIT_ECHO:
	case POP_UNIT_RECOVERY:
		return !u->flags && !u->fragment && !u->slot.phase &&
		       !u->slot.action && !u->slot.seq;
	case POP_UNIT_RECORD:
		return !(u->flags & ~POP_UNIT_F_DISPUTE) && !u->fragment &&
		       !u->slot.seq && record_valid(u);
	case POP_UNIT_RELAY:
		return !u->flags;
	}
	return false;
}

void pop_unit_outer(struct pop_outer *outer, const struct pop_unit *u,
		    __be64 cid, __be64 salt)
{
	*outer = (struct pop_outer) {
		.type = POP_VERSION << 4 | u->type,
		.flags = u->flags,
		.fragment = cpu_to_be16(u->fragment),
		.seq = cpu_to_be32(u->slot.seq),
		.cid = cid,
		.phase = cpu_to_be16(u->slot.phase),
		.action = cpu_to_be16(u->slot.action),
		.aux = cpu_to_be32(u->aux),
		.salt = salt,
	};
}
