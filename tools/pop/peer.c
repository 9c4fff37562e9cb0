// SPDX-License-Identifier: GPL-2.0
/* pop peer: where the other parties are reached. */

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>

#include "address.h"
#include "cmd.h"
#include "print.h"
#include "show.h"

static const char help[] =
	"Usage: pop peer show [ contract CONTRACT [ party PARTY [ peer PARTY ] ] ]\n"
	"       pop peer set contract CONTRACT [ party PARTY ] peer PARTY\n"
	"                    address ADDRESS\n"
	"where  party is the local one, and\n"
	"       ADDRESS := { IPV4[:PORT] | IPV6[%DEV] | [IPV6[%DEV]]:PORT }\n";

struct show {
	const struct contract *contract;
	const struct party *party;
	const char *peer;
};

static void show_address(const struct nlattr **attrs)
{
	char text[INET6_ADDRSTRLEN], device[IF_NAMESIZE];
	u32 scope = nl_u32(attrs[POP_A_PEER_SCOPE]);

	if (attrs[POP_A_PEER_ADDR4])
		inet_ntop(AF_INET, mnl_attr_get_payload(attrs[POP_A_PEER_ADDR4]),
			  text, sizeof(text));
	else if (attrs[POP_A_PEER_ADDR6])
		inet_ntop(AF_INET6,
			  mnl_attr_get_payload(attrs[POP_A_PEER_ADDR6]),
			  text, sizeof(text));
	else
		return;
	print_string("address", " address %s", text);
	if (scope && if_indextoname(scope, device))
		print_string("dev", " dev %s", device);
	if (attrs[POP_A_PEER_PORT])
		print_uint("port", " port %u",
			   ntohs(mnl_attr_get_u16(attrs[POP_A_PEER_PORT])));
}

static void show_peer(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *attrs[POP_A_PEER_MAX + 1];
	const struct show *show = data;
	u32 index;

	nl_parse(msg, attrs, POP_A_PEER_MAX);
	index = nl_u32(attrs[POP_A_PEER_INDEX]);
	print_open_object();
	print_string("peer", "peer %s", party_name(show->contract, index));
	print_uint("index", " index %u", index);
	print_string("party", " of party %s", show->party->name);
	show_contract_of(show->contract);
	show_address(attrs);
	if (options.statistics) {
		print_newline(1);
		print_u64("tx_units", "tx %llu units",
			  nl_u64(attrs[POP_A_PEER_TX_UNITS]));
		print_u64("rx_units", " rx %llu units",
			  nl_u64(attrs[POP_A_PEER_RX_UNITS]));
		if (nl_u32(attrs[POP_A_PEER_RTT]))
			print_uint("rtt_us", " rtt %u us",
				   nl_u32(attrs[POP_A_PEER_RTT]));
		print_uint("window", " window %u",
			   nl_u32(attrs[POP_A_PEER_WINDOW]));
		print_uint("under_way", " under way %u",
			   nl_u32(attrs[POP_A_PEER_UNDER_WAY]));
	}
	print_close_object();
}

static int show_of(const struct contract *contract, const struct party *party,
		   void *data)
{
	struct show *show = data;
	struct nlmsghdr *msg;
	u32 peer;

	show->contract = contract;
	show->party = party;
	if (show->peer && party_find(contract, show->peer, &peer))
		return CMD_FAILED;
	msg = nl_message(POP_CMD_PEER_GET, show->peer ? 0 : NLM_F_DUMP,
			 NL_ROOM);
	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_PEER_CONTRACT, POP_HASH_LEN, contract->hash);
	mnl_attr_put_u32(msg, POP_A_PEER_PARTY, party->index);
	if (show->peer)
		mnl_attr_put_u32(msg, POP_A_PEER_INDEX, peer);
	return nl_request(msg, show_peer, show);
}

static int peer_show(int argc, char **argv)
{
	const char *contract = NULL, *party = NULL;
	struct show show = {};
	const struct arg args[] = {
		{ "contract", &contract },
		{ "party", &party },
		{ "peer", &show.peer },
		{}
	};

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	if (show.peer && !contract)
		return error("\"peer\" says too little without \"contract\"");
	return party_each(contract, party, show_of, &show);
}

static int peer_set(int argc, char **argv)
{
	const char *name = NULL, *party = NULL, *peer = NULL, *text = NULL;
	const struct arg args[] = {
		{ "contract", &name },
		{ "party", &party },
		{ "peer", &peer },
		{ "address", &text },
		{}
	};
	struct contract contract;
	struct pop_endpoint endpoint;
	struct pop_error err;
	u32 self;
	int ret;

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	if (!name || !peer || !text)
		return error("\"contract\", \"peer\" and \"address\" are needed");
	if (pop_endpoint_parse(&endpoint, text, &err))
		return error("%s", err.text);
	ret = contract_find(&contract, name);
	if (ret)
		return ret;
	ret = party_local(&contract, party, &self);
	if (!ret)
		ret = party_find(&contract, peer, &endpoint.party);
	if (!ret)
		ret = endpoint_set(contract.hash, self, &endpoint);
	contract_release(&contract);
	return ret;
}

int do_peer(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "show",	peer_show },
		{ "set",	peer_set },
		{}
	};

	return cmd_run(cmds, "pop peer", help, argc, argv);
}
