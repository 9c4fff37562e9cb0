// SPDX-License-Identifier: GPL-2.0
/* pop monitor: what happens to contracts and local parties. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "print.h"
#include "show.h"

static const char help[] =
	"Usage: pop [ -t ] [ -j ] monitor\n"
	"A line of text or a JSON object for each event, until it is stopped.\n";

#define EVENT_MAX	65536	/* bytes; an event carries no body */

static void show_timestamp(void)
{
	struct timespec now;

	if (!options.timestamps)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	print_time("time", "%s ", now.tv_sec * 1000000000ULL + now.tv_nsec);
}

/* An event of a contract that is gone already has but its hash. */
static void party_event(const struct nlmsghdr *msg)
{
	struct contract *contract, gone = { .name = "?" };
	struct contract_list list;
	struct party party;
	u32 i;

	party_parse(&party, msg);
	contract = &gone;
	if (contract_list(&list))
		return;
	for (i = 0; i < list.nr; i++)
		if (!memcmp(list.contract[i].hash, party.contract,
			    POP_HASH_LEN))
			contract = &list.contract[i];
	show_party(contract, &party);
	contract_list_release(&list);
}

static void evidence_event(const struct nlmsghdr *msg)
{
	const struct nlattr *attrs[POP_A_EVIDENCE_MAX + 1];
	struct contract contract;

	nl_parse(msg, attrs, POP_A_EVIDENCE_MAX);
	if (!attrs[POP_A_EVIDENCE_CONTRACT] ||
	    contract_read(&contract,
			  mnl_attr_get_payload(attrs[POP_A_EVIDENCE_CONTRACT])))
		return;
	show_evidence(&contract,
		      party_name(&contract,
				 nl_u32(attrs[POP_A_EVIDENCE_PARTY])),
		      msg);
	contract_release(&contract);
}

static void contract_event(const struct nlmsghdr *msg)
{
	struct contract contract;

	contract_parse(&contract, msg);
	show_contract(&contract);
}

static int show_event(const struct nlmsghdr *msg, void *data)
{
	static const struct {
		const char *name;
		const char *prefix;
		void (*show)(const struct nlmsghdr *msg);
	} events[] = {
		[POP_CMD_CONTRACT_NTF]	= { "contract", "", contract_event },
		[POP_CMD_CONTRACT_DEL_NTF] = { "contract-del", "deleted ",
					    contract_event },
		[POP_CMD_PARTY_NTF]	= { "party", "", party_event },
		[POP_CMD_PARTY_DEL_NTF]	= { "party-del", "deleted ",
					    party_event },
		[POP_CMD_EVIDENCE_NTF]	= { "evidence", "", evidence_event },
	};
	u8 event = nl_cmd(msg);

	(void)data;
	/* What a later version tells of. */
	if (event >= ARRAY_SIZE(events) || !events[event].name)
		return MNL_CB_OK;
	print_open_object();
	show_timestamp();
	print_string("event", NULL, events[event].name);
	print_string(NULL, "%s", events[event].prefix);
	events[event].show(msg);
	print_close_object();
	return MNL_CB_OK;
}

/* Return: CMD_OK to go on, or CMD_FAILED. */
static int hear(struct mnl_socket *socket)
{
	static char buffer[EVENT_MAX];
	ssize_t len;

	len = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	if (len < 0 && errno == ENOBUFS) {
		warning("events were lost: they came too fast");
		return CMD_OK;
	}
	if (len < 0 || mnl_cb_run(buffer, len, 0, 0, show_event, NULL) < 0)
		return error("lost the events: %s", strerror(errno));
	return CMD_OK;
}

static int stop_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int monitor(struct mnl_socket *socket, int signals)
{
	struct pollfd fds[] = {
		{ .fd = mnl_socket_get_fd(socket), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int ret = CMD_OK;

	while (!ret) {
		if (poll(fds, 2, -1) < 0)
			return error("poll: %s", strerror(errno));
		if (fds[0].revents)
			ret = hear(socket);
		if (fds[1].revents)
			break;
	}
	return ret;
}

int do_monitor(int argc, char **argv)
{
	struct mnl_socket *socket;
	int signals, ret;

	if (argc && !strcmp(argv[0], "help")) {
		fputs(help, stdout);
		return CMD_OK;
	}
	if (argc)
		return error("\"monitor\" takes no arguments");
	socket = nl_events();
	if (!socket)
		return CMD_FAILED;
	signals = stop_signals();
	print_stream();
	ret = monitor(socket, signals);
	close(signals);
	mnl_socket_close(socket);
	return ret;
}
