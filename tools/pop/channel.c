// SPDX-License-Identifier: GPL-2.0
/* pop channel: the channels of the local parties. */

#include "cmd.h"
#include "names.h"
#include "print.h"
#include "show.h"

static const char help[] =
	"Usage: pop channel show [ contract CONTRACT [ party PARTY ]\n"
	"                          [ direction { in | out } ] [ phase N ] ]\n"
	"       pop channel set contract CONTRACT [ party PARTY ]\n"
	"                       direction { in | out } phase N action ACTION\n"
	"                       peer PARTY state { late | void }\n"
	"set tells of a verdict: nothing more is sent or delivered on the channel.\n";

struct show {
	const struct contract *contract;
	int direction;
	const char *phase;
};

static void show_one(const struct nlmsghdr *msg, void *data)
{
	const struct show *show = data;

	print_open_object();
	show_local_channel(show->contract, msg);
	print_close_object();
}

static int show_of(const struct contract *contract, const struct party *party,
		   void *data)
{
	struct show *show = data;
	struct nlmsghdr *msg;
	u32 phase;

	show->contract = contract;
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
	return nl_request(msg, show_one, show);
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

/* The words of channel_set(). */
struct verdict {
	const char *contract;
	const char *party;
	const char *direction;
	const char *phase;
	const char *action;
	const char *peer;
	const char *state;
};

static int put_verdict(const struct contract *contract,
		       const struct verdict *verdict, struct nlmsghdr *msg)
{
	u32 self, phase, action, peer;
	int direction, state, ret;

	direction = direction_parse(verdict->direction);
	state = verdict_parse(verdict->state);
	if (direction < 0 || state < 0)
		return CMD_FAILED;
	ret = party_local(contract, verdict->party, &self);
	if (!ret)
		ret = phase_find(contract, verdict->phase, &phase);
	if (!ret)
		ret = action_find(contract, phase, verdict->action, &action);
	if (!ret)
		ret = party_find(contract, verdict->peer, &peer);
	if (ret)
		return ret;
	mnl_attr_put(msg, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN, contract->hash);
	mnl_attr_put_u32(msg, POP_A_CHANNEL_PARTY, self);
	mnl_attr_put_u32(msg, POP_A_CHANNEL_DIRECTION, direction);
	mnl_attr_put_u32(msg, POP_A_CHANNEL_PHASE, phase);
	mnl_attr_put_u32(msg, POP_A_CHANNEL_ACTION, action);
	mnl_attr_put_u32(msg, POP_A_CHANNEL_PEER, peer);
	mnl_attr_put_u32(msg, POP_A_CHANNEL_STATE, state);
	return CMD_OK;
}

static int channel_set(int argc, char **argv)
{
	struct verdict verdict = {};
	const struct arg args[] = {
		{ "contract", &verdict.contract },
		{ "party", &verdict.party },
		{ "direction", &verdict.direction },
		{ "phase", &verdict.phase },
		{ "action", &verdict.action },
		{ "peer", &verdict.peer },
		{ "state", &verdict.state },
		{}
	};
	struct contract contract;
	struct nlmsghdr *msg;
	int ret;

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	if (!verdict.contract || !verdict.direction || !verdict.phase ||
	    !verdict.action || !verdict.peer || !verdict.state)
		return error("all words but \"party\" are needed; see \"pop channel help\"");
	ret = contract_find(&contract, verdict.contract);
	if (ret)
		return ret;
	msg = nl_message(POP_CMD_CHANNEL_SET, 0, NL_ROOM);
	ret = msg ? put_verdict(&contract, &verdict, msg) : CMD_FAILED;
	if (ret && msg)
		nl_discard(msg);
	if (!ret)
		ret = nl_request(msg, NULL, NULL);
	contract_release(&contract);
	return ret;
}

int do_channel(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "show",	channel_show },
		{ "set",	channel_set },
		{}
	};

	return cmd_run(cmds, "pop channel", help, argc, argv);
}
