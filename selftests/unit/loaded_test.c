// SPDX-License-Identifier: GPL-2.0
/*
 * The commands on loaded contracts. The kernel is played here: it has two, and
 * of the first, "large", it does not give the body back.
 */

#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "fixture.h"
#include "netlink.h"
#include "print.h"
#include "tap.h"

#define REPLY_ROOM	8192

static struct {
	struct pop_contract *small;
	u8 large[POP_HASH_LEN];
	u8 told_cmd;			/* what last changed anything */
	u8 told_hash[POP_HASH_LEN];
	unsigned int party_gets;	/* of contracts that have a body */
} kernel;

struct options options;

/* What was said since the last command. */
static char said[1024];

static void say(const char *what, const char *fmt, va_list args)
{
	size_t len = strlen(said);

	len += snprintf(said + len, sizeof(said) - len, "%s: ", what);
	vsnprintf(said + len, sizeof(said) - len, fmt, args);
}

int error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("Error", fmt, args);
	va_end(args);
	return CMD_FAILED;
}

void warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("Warning", fmt, args);
	va_end(args);
}

/* ---- the kernel ------------------------------------------------------------ */

struct nlmsghdr *__wrap_nl_message(u8 cmd, u16 flags, size_t room)
{
	struct genlmsghdr *genl;
	struct nlmsghdr *msg;

	msg = calloc(1, MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(*genl)) + room);
	if (!msg)
		abort();
	mnl_nlmsg_put_header(msg);
	msg->nlmsg_flags = flags;
	genl = mnl_nlmsg_put_extra_header(msg, sizeof(*genl));
	genl->cmd = cmd;
	return msg;
}

static void tell_contract(bool large, bool body, nl_handler *handler,
			  void *data)
{
	struct nlmsghdr *msg = __wrap_nl_message(POP_CMD_CONTRACT_GET, 0,
						 REPLY_ROOM);
	const struct pop_plan *plan = &kernel.small->plan;

	mnl_attr_put(msg, POP_A_CONTRACT_HASH, POP_HASH_LEN,
		     large ? kernel.large : kernel.small->hash);
	mnl_attr_put_strz(msg, POP_A_CONTRACT_NAME, large ? "large" : "small");
	mnl_attr_put_u32(msg, POP_A_CONTRACT_PARTIES, plan->nr_parties);
	mnl_attr_put_u32(msg, POP_A_CONTRACT_PHASES, plan->nr_phases);
	mnl_attr_put_u32(msg, POP_A_CONTRACT_MEMBERS, 1);
	if (body)
		mnl_attr_put(msg, POP_A_CONTRACT_BODY, plan->body_len,
			     kernel.small->body);
	handler(msg, data);
	free(msg);
}

static void tell_party(const void *hash, nl_handler *handler, void *data)
{
	struct nlmsghdr *msg = __wrap_nl_message(POP_CMD_PARTY_GET, 0, NL_ROOM);

	mnl_attr_put(msg, POP_A_PARTY_CONTRACT, POP_HASH_LEN, hash);
	mnl_attr_put_strz(msg, POP_A_PARTY_NAME, "p1");
	mnl_attr_put_u32(msg, POP_A_PARTY_INDEX, 0);
	handler(msg, data);
	free(msg);
}

int __wrap_nl_request(struct nlmsghdr *msg, nl_handler *handler, void *data)
{
	const struct nlattr *attrs[POP_A_CONTRACT_MAX + 1];
	const void *hash = NULL;
	bool large = false;

	/* the hash comes first in all that is asked of contracts and parties */
	nl_parse(msg, attrs, POP_A_CONTRACT_MAX);
	if (attrs[POP_A_CONTRACT_HASH]) {
		hash = mnl_attr_get_payload(attrs[POP_A_CONTRACT_HASH]);
		large = !memcmp(hash, kernel.large, POP_HASH_LEN);
	}
	if (nl_cmd(msg) == POP_CMD_CONTRACT_GET && hash) {
		tell_contract(large, !large, handler, data);
	} else if (nl_cmd(msg) == POP_CMD_CONTRACT_GET) {
		tell_contract(true, false, handler, data);
		tell_contract(false, false, handler, data);
	} else if (nl_cmd(msg) == POP_CMD_PARTY_GET) {
		kernel.party_gets++;
		tell_party(hash, handler, data);
	} else {
		kernel.told_cmd = nl_cmd(msg);
		memcpy(kernel.told_hash, hash, POP_HASH_LEN);
	}
	free(msg);
	return CMD_OK;
}

/* ---- tests ----------------------------------------------------------------- */

/* Run "pop @line" of words that a space separates. Return: its status. */
static int run(const char *line)
{
	static const struct cmd objects[] = {
		{ "contract",	do_contract },
		{ "party",	do_party },
		{}
	};
	char copy[256], *word, *argv[16];
	int argc = 0;

	memset(said, 0, sizeof(said));
	kernel.told_cmd = 0;
	kernel.party_gets = 0;
	strcpy(copy, line);
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return cmd_run(objects, "pop", "", argc, argv);
}

static bool told(u8 cmd, const u8 hash[POP_HASH_LEN])
{
	return kernel.told_cmd == cmd &&
	       !memcmp(kernel.told_hash, hash, POP_HASH_LEN);
}

static void test_without_body(void)
{
	tap(!run("contract show large") && !*said,
	    "a contract without its body is shown");
	tap(!run("contract set large weight 2") &&
	    told(POP_CMD_CONTRACT_SET, kernel.large), "and set");
	tap(!run("contract abort large") &&
	    told(POP_CMD_CONTRACT_SET, kernel.large), "and aborted");
	tap(!run("contract del large") &&
	    told(POP_CMD_CONTRACT_DEL, kernel.large), "and deleted");
	options.details = true;
	tap(!run("contract show") && strstr(said, "longer than 1 MiB"),
	    "with -d it is said why its parties are not shown");
	options.details = false;
	tap(!run("party show") && strstr(said, "Warning: contract \"large\"") &&
	    kernel.party_gets == 1,
	    "parties of others are shown, and those of it left out");
	tap(run("party show contract large") == CMD_FAILED &&
	    strstr(said, "longer than 1 MiB"),
	    "what needs the body says why there is none");
	tap(!run("party show contract small") && !*said,
	    "and works where there is one");
}

int main(void)
{
	struct fixture fixture;
	struct pop_error err;

	fixture_make(&fixture);
	fixture_parties(&fixture, "p1 p2 p3 p4 p5 p6");
	kernel.small = fixture_compile(&fixture, six_party, &err);
	if (!kernel.small)
		abort();
	memset(kernel.large, 0xaa, sizeof(kernel.large));
	/* what JSON there is stays in memory */
	print_setup(true, false);
	test_without_body();
	fixture_release(kernel.small);
	fixture_remove(&fixture);
	return tap_done();
}
