// SPDX-License-Identifier: GPL-2.0
/* pop evidence: the contradictions that local parties have found. */

#include <stdint.h>

#include "cmd.h"
#include "names.h"
#include "print.h"
#include "show.h"

#define SEQ_ALL	UINT32_MAX	/* of all messages of the channel */

static const char help[] =
	"Usage: pop evidence show [ contract CONTRACT [ party PARTY ] ]\n";

void show_evidence(const struct contract *contract, const char *party,
		   const struct nlmsghdr *msg)
{
	const struct nlattr *attrs[POP_A_EVIDENCE_MAX + 1];
	static const struct {
		int attr;
		const char *name;
		const char *text;
	} sides[] = {
		{ POP_A_EVIDENCE_FIRST, "first", "first %s" },
		{ POP_A_EVIDENCE_SECOND, "second", " second %s" },
	};
	u32 seq;
	int i;

	nl_parse(msg, attrs, POP_A_EVIDENCE_MAX);
	seq = nl_u32(attrs[POP_A_EVIDENCE_SEQ]);
	print_string("kind", "evidence %s",
		     contradiction_name(nl_u32(attrs[POP_A_EVIDENCE_KIND])));
	print_string("by", " by %s",
		     party_name(contract, nl_u32(attrs[POP_A_EVIDENCE_BY])));
	print_uint("index", NULL, nl_u32(attrs[POP_A_EVIDENCE_INDEX]));
	print_string("sender", " sender %s",
		     party_name(contract, nl_u32(attrs[POP_A_EVIDENCE_SENDER])));
	print_uint("phase", " phase %u", nl_u32(attrs[POP_A_EVIDENCE_PHASE]));
	print_uint("action", " action %u",
		   nl_u32(attrs[POP_A_EVIDENCE_ACTION]));
	if (seq == SEQ_ALL)
		print_string(NULL, " %s", "seq all");
	print_uint("seq", seq == SEQ_ALL ? NULL : " seq %u", seq);
	print_string("party", " party %s", party);
	show_contract_of(contract);
	print_newline(1);
	print_time("found", "found %s", nl_u64(attrs[POP_A_EVIDENCE_FOUND]));
	print_newline(1);
	for (i = 0; i < 2; i++)
		if (attrs[sides[i].attr])
			print_hex(sides[i].name, sides[i].text,
				  mnl_attr_get_payload(attrs[sides[i].attr]),
				  mnl_attr_get_payload_len(attrs[sides[i].attr]));
}

struct show {
	const struct contract *contract;
	const struct party *party;
};

static void show_one(const struct nlmsghdr *msg, void *data)
{
	const struct show *show = data;

	print_open_object();
	show_evidence(show->contract, show->party->name, msg);
	print_close_object();
}

static int show_of(const struct contract *contract, const struct party *party,
		   void *data)
{
	struct show show = { contract, party };
	struct nlmsghdr *msg;

	(void)data;
	msg = nl_message(POP_CMD_EVIDENCE_GET, NLM_F_DUMP, NL_ROOM);
	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_EVIDENCE_CONTRACT, POP_HASH_LEN,
		     contract->hash);
	mnl_attr_put_u32(msg, POP_A_EVIDENCE_PARTY, party->index);
	return nl_request(msg, show_one, &show);
}

static int evidence_show(int argc, char **argv)
{
	const char *contract = NULL, *party = NULL;
	const struct arg args[] = {
		{ "contract", &contract },
		{ "party", &party },
		{}
	};

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	return party_each(contract, party, show_of, NULL);
}

int do_evidence(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "show",	evidence_show },
		{}
	};

	return cmd_run(cmds, "pop evidence", help, argc, argv);
}
