// SPDX-License-Identifier: GPL-2.0
/* Objects that more than one command prints: see show.h. */

#include "cmd.h"
#include "names.h"
#include "print.h"
#include "show.h"

void show_contract_of(const struct contract *contract)
{
	print_string("contract", " contract %s", contract->name);
	print_string("hash", options.details ? " hash %s" : NULL,
		     contract->text);
}

static void show_parties(const struct contract *contract)
{
	const struct pop_plan *plan = &contract->plan;
	u8 hash[POP_HASH_LEN];
	u32 i;

	print_open_array("members", NULL);
	for (i = 0; i < plan->nr_parties; i++) {
		pop_party_hash(hash, plan->party[i].identity);
		print_newline(1);
		print_open_object();
		print_uint("index", "party %u", i);
		print_string("party", " %s", party_name(contract, i));
		print_hex("party_hash", " %s", hash, sizeof(hash));
		print_close_object();
	}
	print_close_array();
}

void show_contract(const struct contract *contract)
{
	print_string("contract", "contract %s", contract->name);
	print_string("hash", options.details ? " hash %s" : " hash %.16s",
		     contract->text);
	print_string("state", " state %s",
		     contract_state_name(contract->state));
	print_newline(1);
	print_uint("epoch", "epoch %u", contract->epoch);
	print_uint("parties", " parties %u", contract->parties);
	print_uint("phases", " phases %u", contract->phases);
	print_uint("actions", " actions %u", contract->actions);
	print_uint("slots", " slots %u", contract->slots);
	print_uint("local", " local %u", contract->members);
	print_uint("weight", " weight %u", contract->weight);
	if (options.details && contract->body)
		show_parties(contract);
}

void show_party(const struct contract *contract, const struct party *party)
{
	print_string("party", "party %s", party->name);
	print_uint("index", " index %u", party->index);
	show_contract_of(contract);
	print_string("state", " state %s", contract_state_name(party->state));
	print_uint("phase", " phase %u", party->phase);
	print_newline(1);
	print_uint("inputs_done", "inputs %u", party->inputs_done);
	print_uint("inputs", " of %u", party->inputs);
	print_uint("outputs_done", " outputs %u", party->outputs_done);
	print_uint("outputs", " of %u", party->outputs);
	print_uint("minutes", " minutes %u", party->minutes);
	print_uint("minutes_total", " of %u", party->minutes_total);
	print_uint("uid", " uid %u", party->uid);
}

static void show_flags(u32 flags)
{
	print_bool("overdue", " overdue", flags & POP_CHANNEL_F_OVERDUE);
	print_bool("violated", " violated", flags & POP_CHANNEL_F_VIOLATED);
}

void show_local_channel(const struct contract *contract,
			const struct nlmsghdr *msg)
{
	const struct nlattr *attrs[POP_A_CHANNEL_MAX + 1];
	const char *name = "?";
	u32 party, peer, direction, executed;

	nl_parse(msg, attrs, POP_A_CHANNEL_MAX);
	party = nl_u32(attrs[POP_A_CHANNEL_PARTY]);
	peer = nl_u32(attrs[POP_A_CHANNEL_PEER]);
	direction = nl_u32(attrs[POP_A_CHANNEL_DIRECTION]);
	executed = nl_u32(attrs[POP_A_CHANNEL_EXECUTED]);
	if (attrs[POP_A_CHANNEL_NAME])
		name = mnl_attr_get_str(attrs[POP_A_CHANNEL_NAME]);
	print_string("name", "channel %s", name);
	print_uint("phase", " phase %u", nl_u32(attrs[POP_A_CHANNEL_PHASE]));
	print_uint("action", " action %u",
		   nl_u32(attrs[POP_A_CHANNEL_ACTION]));
	print_string("party", " party %s", party_name(contract, party));
	print_uint("party_index", NULL, party);
	print_string("direction", " %s", direction_name(direction));
	print_string("peer", direction == POP_DIRECTION_INPUT ? " from %s"
							      : " to %s",
		     party_name(contract, peer));
	print_uint("peer_index", NULL, peer);
	show_contract_of(contract);
	print_newline(1);
	print_string("state", "state %s",
		     channel_state_name(nl_u32(attrs[POP_A_CHANNEL_STATE])));
	show_flags(nl_u32(attrs[POP_A_CHANNEL_FLAGS]));
	print_uint("executed", " executed %u", executed);
	print_uint("slots", " of %u", nl_u32(attrs[POP_A_CHANNEL_SLOTS]));
	if (executed && attrs[POP_A_CHANNEL_DIGEST])
		print_hex("digest", options.details ? " digest %s"
						    : " digest %.16s",
			  mnl_attr_get_payload(attrs[POP_A_CHANNEL_DIGEST]),
			  mnl_attr_get_payload_len(attrs[POP_A_CHANNEL_DIGEST]));
}
