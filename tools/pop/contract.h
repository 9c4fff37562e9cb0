/* SPDX-License-Identifier: GPL-2.0 */
/* pop contract: the commands on files. */
#ifndef _POP_TOOL_CONTRACT_H
#define _POP_TOOL_CONTRACT_H

#include "cmd.h"
#include "pop.h"

/*
 * contract_file() - read the contract that the first argument names
 * @args: what may stand behind it
 *
 * Return: CMD_*. pop_contract_release() after success.
 */
int contract_file(struct pop_contract *contract, const struct arg *args,
		  int argc, char **argv);

static inline const char *party_name(const struct pop_plan *plan, u32 party)
{
	return (const char *)plan->party[party].name;
}

int contract_show(int argc, char **argv);
int contract_profile(int argc, char **argv);
int contract_graph(int argc, char **argv);

#endif /* _POP_TOOL_CONTRACT_H */
