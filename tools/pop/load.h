/* SPDX-License-Identifier: GPL-2.0 */
/* Loading contracts into the kernel. */
#ifndef _POP_TOOL_LOAD_H
#define _POP_TOOL_LOAD_H

#include <linux/types.h>

#include <linux/pop_contract.h>

/* pop contract add, pop contract open */
int contract_add(int argc, char **argv);
int contract_open(int argc, char **argv);

/* Take a contract and its local parties out of the kernel. Return: CMD_*. */
int contract_forget(const u8 hash[POP_HASH_LEN]);

#endif /* _POP_TOOL_LOAD_H */
