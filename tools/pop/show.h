/* SPDX-License-Identifier: GPL-2.0 */
/* Objects that more than one command prints. All within print_open_object(). */
#ifndef _POP_TOOL_SHOW_H
#define _POP_TOOL_SHOW_H

#include "find.h"

/* To which contract something belongs: its name, and its hash. */
void show_contract_of(const struct contract *contract);

/* A contract; with -details its parties, too, if the body was read. */
void show_contract(const struct contract *contract);

void show_party(const struct contract *contract, const struct party *party);

/* A contradiction as netlink tells of it; @party: the local party's name */
void show_evidence(const struct contract *contract, const char *party,
		   const struct nlmsghdr *msg);

#endif /* _POP_TOOL_SHOW_H */
