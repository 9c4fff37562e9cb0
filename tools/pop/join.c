// SPDX-License-Identifier: GPL-2.0
/* Taking part in a loaded contract: see join.h. */

#include <stdlib.h>

#include "cmd.h"
#include "join.h"
#include "netlink.h"

/* A nest of three attributes: the peer and two keys. */
#define KEYS_ROOM	(4 + 8 + 2 * (4 + POP_KEY_LEN))

int party_named(const struct pop_plan *plan, const char *text, u32 *index)
{
	int found = pop_party_by_name(plan, text);

	if (found >= 0) {
		*index = found;
		return CMD_OK;
	}
	if (*text >= '0' && *text <= '9')
		return arg_uint("party", text, plan->nr_parties - 1, index);
	return error("the contract has no party \"%s\"", text);
}

int join_prepare(struct join *join, const char *party, const char *secret,
		 const char *uid)
{
	struct pop_error err;
	u32 wanted;
	int index;

	if (pop_init())
		return error("the system has no source of randomness");
	join->uid = 0;
	if (uid && arg_uint("uid", uid, UINT32_MAX - 1, &join->uid))
		return CMD_FAILED;
	if (party && party_named(join->plan, party, &wanted))
		return CMD_FAILED;
	if (pop_contract_key_read(&join->key, secret, &err))
		return error("%s", err.text);
	index = pop_party_by_key(join->plan, join->key.public);
	join->party = index;
	if (index >= 0 && (!party || join->party == wanted))
		return CMD_OK;
	join_release(join);
	if (index < 0)
		return error("%s: no party has this key; was the contract made from its card?",
			     secret);
	return error("%s: the key is not that of party \"%s\"", secret, party);
}

/* Put the keys shared with @peer into @msg. Return: CMD_*. */
static int put_keys(struct nlmsghdr *msg, const struct join *join,
		    u32 peer)
{
	struct pop_pair_keys keys;
	struct nlattr *nest;

	if (pop_pair_keys(join->plan, join->hash, join->party,
			  join->key.secret, peer, &keys))
		return error("the key of party %.24s is of no use: make the contract anew",
			     join->plan->party[peer].name);
	nest = mnl_attr_nest_start(msg, POP_A_PARTY_KEYS);
	mnl_attr_put_u32(msg, POP_A_KEYS_PEER, peer);
	mnl_attr_put(msg, POP_A_KEYS_TX, sizeof(keys.tx), keys.tx);
	mnl_attr_put(msg, POP_A_KEYS_RX, sizeof(keys.rx), keys.rx);
	mnl_attr_nest_end(msg, nest);
	pop_wipe(&keys, sizeof(keys));
	return CMD_OK;
}

int join_party(const struct join *join)
{
	u32 peer, parties = join->plan->nr_parties;
	struct nlmsghdr *msg;
	int ret = CMD_OK;

	msg = nl_message(POP_CMD_PARTY_ADD, 0, NL_ROOM + parties * KEYS_ROOM);
	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_PARTY_CONTRACT, POP_HASH_LEN, join->hash);
	mnl_attr_put_u32(msg, POP_A_PARTY_INDEX, join->party);
	mnl_attr_put_u32(msg, POP_A_PARTY_UID, join->uid);
	for (peer = 0; !ret && peer < parties; peer++)
		if (peer != join->party)
			ret = put_keys(msg, join, peer);
	if (!ret)
		return nl_request(msg, NULL, NULL);
	nl_discard(msg);
	return ret;
}

int leave_party(const u8 hash[POP_HASH_LEN], u32 party)
{
	struct nlmsghdr *msg = nl_message(POP_CMD_PARTY_DEL, 0, NL_ROOM);

	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_PARTY_CONTRACT, POP_HASH_LEN, hash);
	mnl_attr_put_u32(msg, POP_A_PARTY_INDEX, party);
	return nl_request(msg, NULL, NULL);
}

void join_release(struct join *join)
{
	pop_wipe(&join->key, sizeof(join->key));
}
