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
