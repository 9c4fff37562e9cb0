// SPDX-License-Identifier: GPL-2.0
/* pop contract: the commands on loaded contracts. */

#include <stdint.h>
#include <stdlib.h>

#include "cmd.h"
#include "load.h"
#include "names.h"
#include "print.h"
#include "query.h"
#include "show.h"

/* Behind the usage of the commands on files. */
static const char help[] =
	"       pop contract { show | list } [ CONTRACT ]\n"
	"       pop contract add FILE.pop sig FILE...\n"
	"       pop contract open FILE.pop party NAME secret FILE [ sig FILE... ]\n"
	"                         [ endpoints FILE ] [ uid UID ]\n"
	"       pop contract set CONTRACT weight N\n"
	"       pop contract { close | abort | del } CONTRACT\n"
	"where  CONTRACT is a loaded one: its name, or 8 or more digits of its hash\n"
	"A file to show is named with a \"/\" in it or a \".pop\" at its end.\n";

/* ---- show ----------------------------------------------------------------- */

static void show_one(const struct contract *contract)
{
	print_open_object();
	show_contract(contract);
	print_close_object();
}

/* With -details also what is in the body. */
static int show_listed(const struct contract *contract)
{
	struct contract full;
	int ret;

	if (!options.details) {
		show_one(contract);
		return CMD_OK;
	}
	ret = contract_read(&full, contract->hash);
	if (ret)
		return ret;
	if (!full.body)
		warning("contract \"%s\" is shown without its parties: %s",
			full.name, contract_no_body);
	show_one(&full);
	contract_release(&full);
	return CMD_OK;
}

static int show_all(void)
{
	struct contract_list list;
	u32 i;
	int ret;

	ret = contract_list(&list);
	if (ret)
		return ret;
	for (i = 0; !ret && i < list.nr; i++)
		ret = show_listed(&list.contract[i]);
	contract_list_release(&list);
	return ret;
}

/* The one contract that a command is about. */
static int find_only(struct contract *contract, int argc, char **argv)
{
	if (argc != 1)
		return error("name one contract; see \"pop contract list\"");
	return contract_entry(contract, argv[0]);
}

static int list(int argc, char **argv)
{
	struct contract contract;
	int ret;

	if (!argc)
		return show_all();
	ret = find_only(&contract, argc, argv);
	if (ret)
		return ret;
	return show_listed(&contract);
}

/* ---- change ---------------------------------------------------------------- */

static int set_weight(const struct contract *contract, u32 weight)
{
	struct nlmsghdr *msg = nl_message(POP_CMD_CONTRACT_SET, 0, NL_ROOM);

	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_CONTRACT_HASH, POP_HASH_LEN, contract->hash);
	mnl_attr_put_u32(msg, POP_A_CONTRACT_WEIGHT, weight);
	return nl_request(msg, NULL, NULL);
}

static int set_contract(int argc, char **argv)
{
	const char *text = NULL;
	const struct arg args[] = {
		{ "weight", &text },
		{}
	};
	struct contract contract;
	u32 weight;
	int ret;

	if (!argc)
		return error("name one contract; see \"pop contract list\"");
	if (args_parse(args, argc - 1, argv + 1))
		return CMD_FAILED;
	if (!text)
		return error("nothing to set; give \"weight N\"");
	if (arg_uint("weight", text, UINT32_MAX, &weight))
		return CMD_FAILED;
	ret = contract_entry(&contract, argv[0]);
	if (ret)
		return ret;
	return set_weight(&contract, weight);
}

/* ---- the end of a contract ------------------------------------------------- */

static int set_state(const struct contract *contract, u32 state)
{
	struct nlmsghdr *msg = nl_message(POP_CMD_CONTRACT_SET, 0, NL_ROOM);

	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_CONTRACT_HASH, POP_HASH_LEN, contract->hash);
	mnl_attr_put_u32(msg, POP_A_CONTRACT_STATE, state);
	return nl_request(msg, NULL, NULL);
}

/* Has @peer closed all its channels, by its own word? */
static int check_done(const struct contract *contract, u32 self,
		      u32 peer)
{
	struct query question = {
		.contract = contract,
		.self = self,
		.peer = peer,
		.direction = POP_DIRECTION_INPUT,
		.phase = QUERY_ALL_PHASES,
		.count = 1,
	};
	struct answer answer;
	int ret;

	ret = query(&question, &answer);
	if (ret)
		return ret;
	if (answer.contract_state == POP_CONTRACT_STATE_SETTLING ||
	    answer.contract_state == POP_CONTRACT_STATE_CLOSED)
		return CMD_OK;
	return error("party %s is not done: %s, in phase %u; try again later, or abort",
		     party_name(contract, peer),
		     contract_state_name(answer.contract_state), answer.phase);
}

static int close_found(const struct contract *contract)
{
	struct party_list local;
	u32 peer;
	int ret;

	ret = party_list(&local, contract->hash);
	if (ret)
		return ret;
	if (!local.nr)
		ret = error("no party of contract \"%s\" is local",
			    contract->name);
	for (peer = 0; !ret && peer < contract->parties; peer++)
		if (peer != local.party->index)
			ret = check_done(contract, local.party->index, peer);
	free(local.party);
	if (ret)
		return ret;
	return set_state(contract, POP_CONTRACT_STATE_CLOSED);
}

static int close_contract(int argc, char **argv)
{
	struct contract entry, contract;
	int ret;

	ret = find_only(&entry, argc, argv);
	if (!ret)
		ret = contract_read(&contract, entry.hash);
	if (ret)
		return ret;
	ret = close_found(&contract);
	contract_release(&contract);
	return ret;
}

static int abort_contract(int argc, char **argv)
{
	struct contract contract;
	int ret;

	ret = find_only(&contract, argc, argv);
	if (ret)
		return ret;
	return set_state(&contract, POP_CONTRACT_STATE_ABORTED);
}

static int del(int argc, char **argv)
{
	struct contract contract;
	int ret;

	ret = find_only(&contract, argc, argv);
	if (ret)
		return ret;
	return contract_forget(contract.hash);
}

int contract_netlink(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "show",	list },
		{ "list",	list },
		{ "add",	contract_add },
		{ "open",	contract_open },
		{ "set",	set_contract },
		{ "close",	close_contract },
		{ "abort",	abort_contract },
		{ "del",	del },
		{}
	};

	return cmd_run(cmds, "pop contract", help, argc, argv);
}
