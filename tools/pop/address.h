/* SPDX-License-Identifier: GPL-2.0 */
/* Endpoints: an address and a port, as text, as sockaddr and as attributes. */
#ifndef _POP_TOOL_ADDRESS_H
#define _POP_TOOL_ADDRESS_H

#include <linux/types.h>

#include "pop.h"

/*
 * address_parse() - read 10.0.0.1[:PORT], fe80::1[%DEV] or [fe80::1%DEV]:PORT
 * @endpoint: its address is set; port zero when none is given
 *
 * Return: CMD_*.
 */
int address_parse(const char *text, struct pop_endpoint *endpoint);

/* Set the endpoint of a peer of the local @party. Return: CMD_*. */
int endpoint_set(const u8 *hash, u32 party,
		 const struct pop_endpoint *endpoint);

#endif /* _POP_TOOL_ADDRESS_H */
