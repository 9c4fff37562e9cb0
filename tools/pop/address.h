/* SPDX-License-Identifier: GPL-2.0 */
/* Endpoints: an address and a port, as attributes. */
#ifndef _POP_TOOL_ADDRESS_H
#define _POP_TOOL_ADDRESS_H

#include <linux/types.h>

#include "pop.h"

/* Set the endpoint of a peer of the local @party. Return: CMD_*. */
int endpoint_set(const u8 *hash, u32 party,
		 const struct pop_endpoint *endpoint);

#endif /* _POP_TOOL_ADDRESS_H */
