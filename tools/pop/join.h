/* SPDX-License-Identifier: GPL-2.0 */
/* Taking part in a loaded contract. */
#ifndef _POP_TOOL_JOIN_H
#define _POP_TOOL_JOIN_H

#include "pop.h"

/**
 * struct join - who takes part, and by which key
 * @plan: of the contract
 * @hash: of the contract
 * @key: secret of the party
 * @party: its index
 * @uid: who may use it
 */
struct join {
	const struct pop_plan *plan;
	const u8 *hash;
	struct pop_contract_key key;
	u32 party;
	u32 uid;
};

/* A party of a contract that need not be loaded, by name or index. Return: CMD_*. */
int party_named(const struct pop_plan *plan, const char *text, u32 *index);

/**
 * join_prepare() - read the key and see whose it is
 * @join: @plan and @hash are set
 * @party: name or index that the key must belong to, or NULL
 * @secret: file
 * @uid: text, or NULL for root
 *
 * Return: CMD_*. join_release() after success.
 */
int join_prepare(struct join *join, const char *party, const char *secret,
		 const char *uid);

/* Derive all keys and give them to the kernel. Return: CMD_*. */
int join_party(const struct join *join);

/* Undo it. Return: CMD_*. */
int leave_party(const u8 hash[POP_HASH_LEN], u32 party);

void join_release(struct join *join);

#endif /* _POP_TOOL_JOIN_H */
