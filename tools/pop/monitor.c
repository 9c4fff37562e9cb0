// SPDX-License-Identifier: GPL-2.0
/* pop monitor: what happens to contracts, local parties and channels. */

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

struct event {
	const char *name;
	const char *prefix;
	void (*show)(const struct event *event, const struct nlmsghdr *msg);
};

/* When all that is to be asked of the kernel is there: asking may fail. */
static void open_event(const struct event *event)
{
	print_open_object();
	show_timestamp();
	print_string("event", NULL, event->name);
	print_string(NULL, "%s", event->prefix);
}

/*
 * The contract of an event, if it is still there; it is not asked for before it
 * was seen, because an error would be said. @names: with those of its parties
 */
static void event_contract(struct contract *contract,
			   const struct nlattr *hash, bool names)
{
	struct contract_list list;
	struct contract read;
	bool found = false;
	u32 i;

	contract_gone(contract, hash);
	if (contract_list(&list))
		return;
	for (i = 0; i < list.nr && !found; i++) {
		found = !memcmp(list.contract[i].hash, contract->hash,
				POP_HASH_LEN);
		if (found)
			*contract = list.contract[i];
	}
	contract_list_release(&list);
	if (found && names && !contract_read(&read, contract->hash))
		*contract = read;
}

static void party_event(const struct event *event, const struct nlmsghdr *msg)
{
	const struct nlattr *attrs[POP_A_PARTY_MAX + 1];
	struct contract contract;
	struct party party;

	nl_parse(msg, attrs, POP_A_PARTY_MAX);
	event_contract(&contract, attrs[POP_A_PARTY_CONTRACT], false);
	party_parse(&party, msg);
	open_event(event);
	show_party(&contract, &party);
	print_close_object();
}

static void evidence_event(const struct event *event,
			   const struct nlmsghdr *msg)
{
	const struct nlattr *attrs[POP_A_EVIDENCE_MAX + 1];
	struct contract contract;

	nl_parse(msg, attrs, POP_A_EVIDENCE_MAX);
	event_contract(&contract, attrs[POP_A_EVIDENCE_CONTRACT], true);
	open_event(event);
	show_evidence(&contract,
		      party_name(&contract,
				 nl_u32(attrs[POP_A_EVIDENCE_PARTY])),
		      msg);
	print_close_object();
	contract_release(&contract);
}

static void contract_event(const struct event *event,
			   const struct nlmsghdr *msg)
{
	struct contract contract;

	contract_parse(&contract, msg);
	open_event(event);
	show_contract(&contract);
	print_close_object();
}

static void channel_event(const struct event *event,
			  const struct nlmsghdr *msg)
{
	const struct nlattr *attrs[POP_A_CHANNEL_MAX + 1];
	struct contract contract;

	nl_parse(msg, attrs, POP_A_CHANNEL_MAX);
	event_contract(&contract, attrs[POP_A_CHANNEL_CONTRACT], true);
	open_event(event);
	show_local_channel(&contract, msg);
	print_close_object();
	contract_release(&contract);
}

static int show_event(const struct nlmsghdr *msg, void *data)
{
	static const struct event events[] = {
		[POP_CMD_CONTRACT_NTF]	= { "contract", "", contract_event },
		[POP_CMD_CONTRACT_DEL_NTF] = { "contract-del", "deleted ",
					    contract_event },
		[POP_CMD_PARTY_NTF]	= { "party", "", party_event },
		[POP_CMD_PARTY_DEL_NTF]	= { "party-del", "deleted ",
					    party_event },
		[POP_CMD_CHANNEL_NTF]	= { "channel", "", channel_event },
		[POP_CMD_EVIDENCE_NTF]	= { "evidence", "", evidence_event },
	};
	u8 event = nl_cmd(msg);

	(void)data;
	/* What a later version tells of is left out. */
	if (event < ARRAY_SIZE(events) && events[event].show)
		events[event].show(&events[event], msg);
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

/* They end the monitor; @before: the mask, for afterwards */
static int stop_signals(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int monitor(struct mnl_socket *socket, int signals)
{
	struct pollfd fds[] = {
		{ .fd = mnl_socket_get_fd(socket), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	struct signalfd_siginfo signal;
	int ret = CMD_OK;

	while (!ret) {
		if (poll(fds, 2, -1) < 0)
			return error("poll: %s", strerror(errno));
		if (fds[0].revents)
			ret = hear(socket);
		if (!ret)
			ret = flush();
		/* taken: it is not to end us when it is not blocked any more */
		if (fds[1].revents &&
		    read(signals, &signal, sizeof(signal)) > 0)
			break;
	}
	return ret;
}

int do_monitor(int argc, char **argv)
{
	struct mnl_socket *socket;
	sigset_t before;
	int signals, ret;

	if (argc && !strcmp(argv[0], "help")) {
		print_help(help);
		return CMD_OK;
	}
	if (argc)
		return error("\"monitor\" takes no arguments");
	socket = nl_events();
	if (!socket)
		return CMD_FAILED;
	signals = stop_signals(&before);
	print_stream();
	ret = monitor(socket, signals);
	close(signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	mnl_socket_close(socket);
	return ret;
}
