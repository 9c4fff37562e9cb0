/* SPDX-License-Identifier: GPL-2.0 */
/* Loaded contracts and local parties, by the words that users have for them. */
#ifndef _POP_TOOL_FIND_H
#define _POP_TOOL_FIND_H

#include <linux/genetlink.h>

#include "codec.h"
#include "netlink.h"

#define HASH_TEXT_LEN	(2 * POP_HASH_LEN)

/*
 * struct contract - a contract that is loaded
 * @text: @hash in hex digits
 * @body: the canonical body, or NULL when it was not read
 * @plan: decoded @body
 * @party_names: @parties names, ended by zeroes, unlike those in the body;
 *		 indices when the kernel does not give the body, and NULL when
 *		 it was not asked for it
 */
struct contract {
	u8 hash[POP_HASH_LEN];
	char text[HASH_TEXT_LEN + 1];
	char name[POP_NAME_LEN + 1];
	u32 state;
	u32 epoch;
	u32 parties;
	u32 phases;
	u32 actions;
	u32 slots;
	u32 members;
	u32 weight;
	void *body;
	struct pop_plan plan;
	char (*party_names)[POP_NAME_LEN + 1];
};

struct contract_list {
	u32 nr;
	struct contract *contract;
};

/* Just what the attribute @hash says, in the place of a contract that is gone. */
void contract_gone(struct contract *contract, const struct nlattr *hash);

/* From a reply or a notification, without the body. */
void contract_parse(struct contract *contract, const struct nlmsghdr *msg);
void contract_release(struct contract *contract);

/*
 * contract_list() - all that are loaded, without their bodies
 *
 * Return: CMD_*. contract_list_release() after success.
 */
int contract_list(struct contract_list *list);
void contract_list_release(struct contract_list *list);

/*
 * contract_read() - read a contract, and its body if the kernel gives it
 *
 * Return: CMD_*. contract_release() after success.
 */
int contract_read(struct contract *contract, const u8 hash[POP_HASH_LEN]);

/* Why there is no body after contract_read(). */
extern const char contract_no_body[];

/*
 * contract_entry() - what contract_list() has of the one that @text names
 * @text: its name, its hash or the first digits of it, at least eight
 *
 * For what needs no more than the hash: any contract can be found so. There is
 * nothing to release.
 *
 * Return: CMD_*; CMD_FAILED also when none or several are named so.
 */
int contract_entry(struct contract *contract, const char *text);

/*
 * contract_find() - contract_read() the one that @text names, with its body
 * @text: as for contract_entry()
 *
 * Return: CMD_*; CMD_FAILED also when it has no body. contract_release() after
 * success.
 */
int contract_find(struct contract *contract, const char *text);

/* A party of @contract by its name or its index. Return: CMD_*. */
int party_find(const struct contract *contract, const char *text,
	       u32 *index);

/* What @contract (after contract_read()) calls a party; "?" for none. */
const char *party_name(const struct contract *contract, u32 index);

/* The same of the action @index, an index into the plan, into @name. */
void action_name(const struct contract *contract, u32 index,
		 char name[POP_NAME_LEN + 1]);

/* A phase of @contract by its number. Return: CMD_*. */
int phase_find(const struct contract *contract, const char *text,
	       u32 *phase);

/* An action of @phase by its name or its index in the phase. Return: CMD_*. */
int action_find(const struct contract *contract, u32 phase, const char *text,
		u32 *action);

/* struct party - a party of a contract that is local here; as in the YNL spec */
struct party {
	u8 contract[POP_HASH_LEN];
	u32 index;
	char name[POP_NAME_LEN + 1];
	u32 uid;
	u32 state;
	u32 phase;
	u32 minutes;
	u32 minutes_total;
	u32 inputs;
	u32 inputs_done;
	u32 outputs;
	u32 outputs_done;
};

struct party_list {
	u32 nr;
	struct party *party;
};

void party_parse(struct party *party, const struct nlmsghdr *msg);

/*
 * party_list() - local parties
 * @hash: of their contract, or NULL for all contracts
 *
 * Return: CMD_*. free(list->party) after success.
 */
int party_list(struct party_list *list, const u8 *hash);

/*
 * party_local() - the local party that is meant
 * @text: its name or index; or NULL when there is but one
 *
 * Return: CMD_*.
 */
int party_local(const struct contract *contract, const char *text,
		u32 *index);

typedef int party_call(const struct contract *contract,
		       const struct party *party, void *data);

/*
 * party_each() - call for all local parties, or for some of them
 * @contract: which contract, in the user's words; or NULL for all
 * @party: which party, in the user's words; or NULL for all
 *
 * Of all contracts, those without a body are left out with a warning.
 *
 * Return: CMD_*; the first of @call that is not CMD_OK, where it stops.
 */
int party_each(const char *contract, const char *party, party_call *call,
	       void *data);

#endif /* _POP_TOOL_FIND_H */
