// SPDX-License-Identifier: GPL-2.0
/* pop phase: how far the local parties are. */

#include "cmd.h"
#include "names.h"
#include "pop.h"
#include "print.h"
#include "show.h"

static const char help[] =
	"Usage: pop phase show [ contract CONTRACT [ party PARTY [ phase N ] ] ]\n"
	"       pop phase set contract CONTRACT [ party PARTY ] phase N\n"
	"set enters a phase of a contract that says \"advance: manual\".\n";

struct show {
	const struct contract *contract;
	const struct party *party;
	const char *phase;
};

static void show_phase(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *attrs[POP_A_PHASE_MAX + 1];
	const struct show *show = data;
	const char *name = "", *gate;

	nl_parse(msg, attrs, POP_A_PHASE_MAX);
	if (attrs[POP_A_PHASE_NAME])
		name = mnl_attr_get_str(attrs[POP_A_PHASE_NAME]);
	gate = pop_gate_name(nl_u32(attrs[POP_A_PHASE_GATE]));
	print_open_object();
	print_uint("phase", "phase %u", nl_u32(attrs[POP_A_PHASE_INDEX]));
	print_string("name", *name ? " name %s" : NULL, name);
	print_string("party", " party %s", show->party->name);
	show_contract_of(show->contract);
	print_string("state", " state %s",
		     phase_state_name(nl_u32(attrs[POP_A_PHASE_STATE])));
	print_newline(1);
	print_uint("inputs_left", "inputs left %u",
		   nl_u32(attrs[POP_A_PHASE_INPUTS_LEFT]));
	print_uint("inputs", " of %u", nl_u32(attrs[POP_A_PHASE_INPUTS]));
	print_uint("outputs_left", " outputs left %u",
		   nl_u32(attrs[POP_A_PHASE_OUTPUTS_LEFT]));
	print_uint("outputs", " of %u", nl_u32(attrs[POP_A_PHASE_OUTPUTS]));
	print_string("gate", " gate %s", gate ? gate : "unknown");
	print_uint("deadline", " deadline %us",
		   nl_u32(attrs[POP_A_PHASE_DEADLINE]));
	print_close_object();
}

static int show_of(const struct contract *contract, const struct party *party,
		   void *data)
{
	struct show *show = data;
	struct nlmsghdr *msg;
	u32 phase;

	show->contract = contract;
	show->party = party;
	if (show->phase && phase_find(contract, show->phase, &phase))
		return CMD_FAILED;
	msg = nl_message(POP_CMD_PHASE_GET, show->phase ? 0 : NLM_F_DUMP,
			 NL_ROOM);
	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_PHASE_CONTRACT, POP_HASH_LEN, contract->hash);
	mnl_attr_put_u32(msg, POP_A_PHASE_PARTY, party->index);
	if (show->phase)
		mnl_attr_put_u32(msg, POP_A_PHASE_INDEX, phase);
	return nl_request(msg, show_phase, show);
}

static int phase_show(int argc, char **argv)
{
	const char *contract = NULL, *party = NULL;
	struct show show = {};
	const struct arg args[] = {
		{ "contract", &contract },
		{ "party", &party },
		{ "phase", &show.phase },
		{}
	};

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	if (show.phase && !contract)
		return error("\"phase\" says too little without \"contract\"");
	return party_each(contract, party, show_of, &show);
}

static int phase_set(int argc, char **argv)
{
	const char *name = NULL, *party = NULL, *text = NULL;
	const struct arg args[] = {
		{ "contract", &name },
		{ "party", &party },
		{ "phase", &text },
		{}
	};
	struct contract contract;
	struct nlmsghdr *msg;
	u32 self, phase;
	int ret;

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	if (!name || !text)
		return error("\"contract\" and \"phase\" are needed");
	ret = contract_find(&contract, name);
	if (ret)
		return ret;
	ret = party_local(&contract, party, &self);
	if (!ret)
		ret = phase_find(&contract, text, &phase);
	if (!ret) {
		msg = nl_message(POP_CMD_PHASE_SET, 0, NL_ROOM);
		ret = msg ? CMD_OK : CMD_FAILED;
	}
	if (!ret) {
		mnl_attr_put(msg, POP_A_PHASE_CONTRACT, POP_HASH_LEN,
			     contract.hash);
		mnl_attr_put_u32(msg, POP_A_PHASE_PARTY, self);
		mnl_attr_put_u32(msg, POP_A_PHASE_INDEX, phase);
		ret = nl_request(msg, NULL, NULL);
	}
	contract_release(&contract);
	return ret;
}

int do_phase(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "show",	phase_show },
		{ "set",	phase_set },
		{}
	};

	return cmd_run(cmds, "pop phase", help, argc, argv);
}
