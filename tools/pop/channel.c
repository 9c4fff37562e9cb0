// SPDX-License-Identifier: GPL-2.0
/* pop channel: the channels of the local parties. */

#include "cmd.h"
#include "names.h"
#include "print.h"
#include "show.h"

static const char help[] =
	"Usage: pop channel show [ contract CONTRACT [ party PARTY ]\n"
	"                          [ direction { in | out } ] [ phase N ] ]\n";

struct show {
	const struct contract *contract;
	const struct party *party;
	int direction;
	const char *phase;
};

static void show_channel(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *attrs[POP_A_CHANNEL_MAX + 1];
	const struct show *show = data;
	const char *name = "?";
	u32 direction, executed;

	nl_parse(msg, attrs, POP_A_CHANNEL_MAX);
	direction = nl_u32(attrs[POP_A_CHANNEL_DIRECTION]);
	executed = nl_u32(attrs[POP_A_CHANNEL_EXECUTED]);
	if (attrs[POP_A_CHANNEL_NAME])
		name = mnl_attr_get_str(attrs[POP_A_CHANNEL_NAME]);
	print_open_object();
	print_string("name", "channel %s", name);
	print_uint("phase", " phase %u", nl_u32(attrs[POP_A_CHANNEL_PHASE]));
	print_uint("action", " action %u",
		   nl_u32(attrs[POP_A_CHANNEL_ACTION]));
	print_string("party", " party %s", show->party->name);
	print_string("direction", " %s", direction_name(direction));
	print_string("peer", direction == POP_DIRECTION_INPUT ? " from %s"
							      : " to %s",
		     party_name(show->contract,
				nl_u32(attrs[POP_A_CHANNEL_PEER])));
	show_contract_of(show->contract);
	print_newline(1);
	print_string("state", "state %s",
		     channel_state_name(nl_u32(attrs[POP_A_CHANNEL_STATE])));
	print_uint("executed", " executed %u", executed);
	print_uint("slots", " of %u", nl_u32(attrs[POP_A_CHANNEL_SLOTS]));
	if (executed && attrs[POP_A_CHANNEL_DIGEST])
		print_hex("digest", options.details ? " digest %s"
						    : " digest %.16s",
			  mnl_attr_get_payload(attrs[POP_A_CHANNEL_DIGEST]),
			  mnl_attr_get_payload_len(attrs[POP_A_CHANNEL_DIGEST]));
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
	msg = nl_message(POP_CMD_CHANNEL_GET, NLM_F_DUMP, NL_ROOM);
	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN, contract->hash);
	mnl_attr_put_u32(msg, POP_A_CHANNEL_PARTY, party->index);
	if (show->direction >= 0)
		mnl_attr_put_u32(msg, POP_A_CHANNEL_DIRECTION,
				 show->direction);
	if (show->phase)
		mnl_attr_put_u32(msg, POP_A_CHANNEL_PHASE, phase);
	return nl_request(msg, show_channel, show);
}

static int channel_show(int argc, char **argv)
{
	const char *contract = NULL, *party = NULL, *direction = NULL;
	struct show show = { .direction = -1 };
	const struct arg args[] = {
		{ "contract", &contract },
		{ "party", &party },
		{ "direction", &direction },
		{ "phase", &show.phase },
		{}
	};

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	if (direction) {
		show.direction = direction_parse(direction);
		if (show.direction < 0)
			return CMD_FAILED;
	}
	if (show.phase && !contract)
		return error("\"phase\" says too little without \"contract\"");
	return party_each(contract, party, show_of, &show);
}

int do_channel(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "show",	channel_show },
		{}
	};

	return cmd_run(cmds, "pop channel", help, argc, argv);
}
