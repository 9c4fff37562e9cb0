/* SPDX-License-Identifier: GPL-2.0 */
/* Words for the numbers of the netlink interface, as its YNL spec has them. */
#ifndef _POP_TOOL_NAMES_H
#define _POP_TOOL_NAMES_H

#include <linux/types.h>

/* Never NULL: a number that is newer than the tool is "unknown". */
const char *contract_state_name(u32 state);
const char *phase_state_name(u32 state);
const char *channel_state_name(u32 state);
const char *contradiction_name(u32 kind);
const char *direction_name(u32 direction);

/* Return: enum pop_direction, or -1 after an error message. */
int direction_parse(const char *word);

/* Attribute @type of command @cmd; @nested: within "keys". Or NULL. */
const char *attr_name(u8 cmd, u16 type, int nested);

#endif /* _POP_TOOL_NAMES_H */
