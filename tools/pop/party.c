// SPDX-License-Identifier: GPL-2.0
/* pop party: the parties that are local here. */

#include <string.h>

#include "cmd.h"
#include "join.h"
#include "print.h"
#include "show.h"

static const char help[] =
	"Usage: pop party show [ contract CONTRACT [ party PARTY ] ]\n"
	"       pop party add contract CONTRACT [ party PARTY ] secret FILE\n"
	"                     [ uid UID ]\n"
	"       pop party del contract CONTRACT party PARTY\n";

static int show_one(const struct contract *contract, const struct party *party,
		    void *data)
{
	(void)data;
	print_open_object();
	show_party(contract, party);
	print_close_object();
	return CMD_OK;
}

static int party_show(int argc, char **argv)
{
	const char *contract = NULL, *party = NULL;
	const struct arg args[] = {
		{ "contract", &contract },
		{ "party", &party },
		{}
	};

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	return party_each(contract, party, show_one, NULL);
}

static int party_add(int argc, char **argv)
{
	const char *name = NULL, *party = NULL, *secret = NULL, *uid = NULL;
	const struct arg args[] = {
		{ "contract", &name },
		{ "party", &party },
		{ "secret", &secret },
		{ "uid", &uid },
		{}
	};
	struct contract contract;
	struct join join;
	int ret;

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	if (!name || !secret)
		return error("\"contract\" and \"secret\" are needed");
	ret = contract_find(&contract, name);
	if (ret)
		return ret;
	join.plan = &contract.plan;
	join.hash = contract.hash;
	ret = join_prepare(&join, party, secret, uid);
	if (!ret) {
		ret = join_party(&join);
		join_release(&join);
	}
	contract_release(&contract);
	return ret;
}

static int party_del(int argc, char **argv)
{
	const char *name = NULL, *party = NULL;
	const struct arg args[] = {
		{ "contract", &name },
		{ "party", &party },
		{}
	};
	struct contract contract;
	u32 index;
	int ret;

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	if (!name || !party)
		return error("\"contract\" and \"party\" are needed");
	ret = contract_find(&contract, name);
	if (ret)
		return ret;
	ret = party_local(&contract, party, &index);
	if (!ret)
		ret = leave_party(contract.hash, index);
	contract_release(&contract);
	return ret;
}

int do_party(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "show",	party_show },
		{ "add",	party_add },
		{ "del",	party_del },
		{}
	};

	return cmd_run(cmds, "pop party", help, argc, argv);
}
