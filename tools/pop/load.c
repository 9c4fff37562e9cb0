// SPDX-License-Identifier: GPL-2.0
/*
 * Loading contracts into the kernel, which believes what it is told about
 * signatures: they are verified here, all of them, before it is asked.
 */

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "cmd.h"
#include "find.h"
#include "join.h"
#include "load.h"
#include "netlink.h"

static int load(const struct pop_contract *contract)
{
	size_t signatures = contract->plan.nr_parties * POP_SIGNATURE_LEN;
	size_t body = contract->plan.body_len;
	struct nlmsghdr *msg;

	msg = nl_message(POP_CMD_CONTRACT_ADD, 0, NL_ROOM +
			 nl_pieces_room(body) + nl_pieces_room(signatures));
	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_CONTRACT_HASH, POP_HASH_LEN, contract->hash);
	nl_put_pieces(msg, POP_A_CONTRACT_BODY, contract->body, body);
	nl_put_pieces(msg, POP_A_CONTRACT_SIGNATURES, contract->signatures,
		      signatures);
	return nl_request(msg, NULL, NULL);
}

int contract_forget(const u8 hash[POP_HASH_LEN])
{
	struct nlmsghdr *msg = nl_message(POP_CMD_CONTRACT_DEL, 0, NL_ROOM);

	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_CONTRACT_HASH, POP_HASH_LEN, hash);
	return nl_request(msg, NULL, NULL);
}

static int verify(struct pop_contract *contract, const struct arg_list *files)
{
	struct pop_error err;
	int i;

	for (i = 0; i < files->nr; i++)
		if (pop_contract_add_signatures(contract, files->value[i],
						&err))
			return error("%s", err.text);
	if (pop_contract_verify(contract, &err) < 0)
		return error("%s", err.text);
	return CMD_OK;
}

int contract_add(int argc, char **argv)
{
	struct pop_contract contract;
	struct arg_list files = {};
	const struct arg args[] = {
		{ "sig", .list = &files },
		{}
	};
	struct pop_error err;
	int ret;

	if (!argc)
		return error("which file? See \"pop contract help\"");
	if (args_parse(args, argc - 1, argv + 1))
		return CMD_FAILED;
	if (pop_contract_read(&contract, argv[0], &err))
		return error("%s", err.text);
	ret = verify(&contract, &files);
	if (!ret)
		ret = load(&contract);
	pop_contract_release(&contract);
	return ret;
}

/* ---- open ----------------------------------------------------------------- */

/*
 * struct opening - what it takes to open a contract, and how far that is
 * @contract: from its file
 * @join: as whom
 * @endpoints: @nr_endpoints of other parties
 * @loaded: the contract was loaded before
 */
struct opening {
	struct pop_contract contract;
	struct join join;
	struct pop_endpoint *endpoints;
	u32 nr_endpoints;
	bool loaded;
};

static int see_if_loaded(struct opening *opening)
{
	struct contract_list list;
	u32 i;
	int ret;

	ret = contract_list(&list);
	if (ret)
		return ret;
	for (i = 0; i < list.nr; i++)
		if (!memcmp(list.contract[i].hash, opening->contract.hash,
			    POP_HASH_LEN))
			opening->loaded = true;
	contract_list_release(&list);
	return CMD_OK;
}

static int set_endpoints(const struct opening *opening)
{
	u32 i;
	int ret;

	for (i = 0; i < opening->nr_endpoints; i++) {
		if (opening->endpoints[i].party == opening->join.party)
			continue;
		ret = endpoint_set(opening->join.hash, opening->join.party,
				   &opening->endpoints[i]);
		if (ret)
			return ret;
	}
	return CMD_OK;
}

/* All of it, or nothing. */
static int change_kernel(const struct opening *opening)
{
	int ret = CMD_OK;

	if (!opening->loaded)
		ret = load(&opening->contract);
	if (ret)
		return ret;
	ret = join_party(&opening->join);
	if (ret)
		goto unload;
	ret = set_endpoints(opening);
	if (ret)
		goto leave;
	return CMD_OK;

leave:
	leave_party(opening->join.hash, opening->join.party);
unload:
	if (!opening->loaded)
		contract_forget(opening->join.hash);
	return ret;
}

/* What the command line says. */
struct wishes {
	const char *party;
	const char *secret;
	struct arg_list signatures;
	const char *endpoints;
	const char *uid;
};

/*
 * Everything that can fail on this side. The signatures of a contract that is
 * loaded already were verified then.
 */
static int open_with(struct opening *opening, const struct wishes *wishes)
{
	struct pop_error err;
	int ret;

	ret = see_if_loaded(opening);
	if (!ret && !opening->loaded)
		ret = verify(&opening->contract, &wishes->signatures);
	if (ret)
		return ret;
	if (wishes->endpoints &&
	    pop_endpoints_read(wishes->endpoints, &opening->contract.plan,
			       &opening->endpoints, &opening->nr_endpoints,
			       &err))
		return error("%s", err.text);
	opening->join.plan = &opening->contract.plan;
	opening->join.hash = opening->contract.hash;
	ret = join_prepare(&opening->join, wishes->party, wishes->secret,
			   wishes->uid);
	if (ret)
		return ret;
	ret = change_kernel(opening);
	join_release(&opening->join);
	return ret;
}

int contract_open(int argc, char **argv)
{
	struct opening opening = {};
	struct wishes wishes = {};
	const struct arg args[] = {
		{ "party", &wishes.party },
		{ "secret", &wishes.secret },
		{ "sig", .list = &wishes.signatures },
		{ "endpoints", &wishes.endpoints },
		{ "uid", &wishes.uid },
		{}
	};
	struct pop_error err;
	int ret;

	if (!argc)
		return error("which file? See \"pop contract help\"");
	if (args_parse(args, argc - 1, argv + 1))
		return CMD_FAILED;
	if (!wishes.party || !wishes.secret)
		return error("\"party\" and \"secret\" are needed");
	if (pop_contract_read(&opening.contract, argv[0], &err))
		return error("%s", err.text);
	ret = open_with(&opening, &wishes);
	free(opening.endpoints);
	pop_contract_release(&opening.contract);
	return ret;
}
