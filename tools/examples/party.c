// SPDX-License-Identifier: GPL-2.0
/*
 * party [-v] [-s BYTES] FILE.pop HASH PARTY
 *
 * Take part in a contract: receive all that is due to PARTY (its index) and
 * send all that it owes, each message as soon as its phase allows. That order
 * is the kernel's business: this program has no state machine, only a list of
 * messages not sent yet and a count of those not received yet.
 *
 *	-v		a line for each message sent or received, with the time
 *	-s BYTES	length of the messages, or the contract's maximum if
 *			that is less
 *
 * The contract is opened before, by "pop contract open". Run this once for a party:
 * what has come and was read does not come again.
 */

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hash.h"

/**
 * struct output - a message to send
 * @to: whom, and by which action
 * @max: bytes that it may have
 */
struct output {
	struct sockaddr_pop to;
	unsigned int max;
};

static unsigned int party;
static unsigned int size = 64;
static bool verbose;

/* The contract: see linux/pop_contract.h. */
static const struct pop_body *body;
static const struct pop_body_party *parties;
static const struct pop_body_phase *phases;
static const struct pop_body_action *actions;

static struct output *outputs;
static unsigned int nr_outputs, inputs_left;

/* ---- what the contract says ----------------------------------------------- */

static void read_body(const char *path)
{
	FILE *file = fopen(path, "r");
	char *data;
	size_t len;

	data = malloc(POP_MAX_BODY);
	if (!file || !data)
		err(1, "%s", path);
	len = fread(data, 1, POP_MAX_BODY, file);
	body = (void *)data;
	if (len < sizeof(*body) || be32toh(body->magic) != POP_BODY_MAGIC)
		errx(1, "%s is no compiled contract", path);
	parties = (void *)(body + 1);
	phases = (void *)(parties + be16toh(body->parties));
	actions = (void *)(phases + be16toh(body->phases));
	fclose(file);
}

static void add_output(unsigned int phase, unsigned int action,
		       const struct pop_body_action *a, unsigned int to)
{
	unsigned int i, count = be32toh(a->count);

	outputs = realloc(outputs, (nr_outputs + count) * sizeof(*outputs));
	if (!outputs)
		err(1, "outputs");
	for (i = 0; i < count; i++)
		outputs[nr_outputs++] = (struct output) {
			.to = {
				.spop_family = AF_POP,
				.spop_party = to,
				.spop_phase = phase,
				.spop_action = action,
				.spop_seq = i,
			},
			.max = be32toh(a->max),
		};
}

/* What an action means for us. Return: the recipients of the next one. */
static const __be16 *look_at(unsigned int phase, unsigned int action,
			     const struct pop_body_action *a, const __be16 *to)
{
	unsigned int i, nr = be16toh(a->recipients);
	bool ours = be16toh(a->from) == party;

	for (i = 0; i < nr; i++) {
		if (be16toh(to[i]) == party)
			inputs_left += be32toh(a->count);
		/* A message of its own for each of them. */
		if (ours && !(a->flags & POP_ACTION_F_SAME))
			add_output(phase, action, a, be16toh(to[i]));
	}
	/* One message for all of them. */
	if (ours && (a->flags & POP_ACTION_F_SAME))
		add_output(phase, action, a, POP_PARTY_ANY);
	return to + nr;
}

static void make_profile(void)
{
	unsigned int nr_phases = be16toh(body->phases), phase, action;
	const struct pop_body_action *a = actions;
	unsigned int nr_actions = 0;
	const __be16 *to;

	for (phase = 0; phase < nr_phases; phase++)
		nr_actions += be16toh(phases[phase].actions);
	to = (void *)(actions + nr_actions);
	for (phase = 0; phase < nr_phases; phase++)
		for (action = 0; action < be16toh(phases[phase].actions);
		     action++)
			to = look_at(phase, action, a++, to);
}

/* ---- telling of it --------------------------------------------------------- */

static const char *party_name(unsigned int index)
{
	return index == POP_PARTY_ANY ? "all" :
					(const char *)parties[index].name;
}

static const char *action_name(const struct sockaddr_pop *slot)
{
	const struct pop_body_action *a = actions + slot->spop_action;
	unsigned int phase;

	for (phase = 0; phase < slot->spop_phase; phase++)
		a += be16toh(phases[phase].actions);
	return (const char *)a->name;
}

static struct timespec now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time;
}

static void tell(struct timespec time, const char *what,
		 const struct sockaddr_pop *slot, size_t len,
		 const __u8 *digest)
{
	if (!verbose)
		return;
	printf("%lld.%06ld %s %s %s phase %u action %u %s message %u %zu bytes",
	       (long long)time.tv_sec, time.tv_nsec / 1000, party_name(party),
	       what, party_name(slot->spop_party), slot->spop_phase,
	       slot->spop_action, action_name(slot), slot->spop_seq, len);
	if (digest)
		printf(" digest %02x%02x%02x%02x", digest[0], digest[1],
		       digest[2], digest[3]);
	putchar('\n');
	fflush(stdout);
}

/* ---- doing it -------------------------------------------------------------- */

static int open_socket(const char *hash)
{
	struct sockaddr_pop self = {
		.spop_family = AF_POP,
		.spop_party = party,
		.spop_phase = POP_PHASE_ANY,
		.spop_action = POP_ACTION_ANY,
		.spop_seq = POP_SEQ_NEXT,
	};
	int fd, on = 1;

	parse_hash(self.spop_contract, hash);
	fd = socket(AF_POP, SOCK_RDM | SOCK_NONBLOCK, POP_PROTO_MESSAGES);
	if (fd < 0)
		err(1, "socket");
	if (bind(fd, (struct sockaddr *)&self, sizeof(self)))
		err(1, "bind");
	if (setsockopt(fd, SOL_POP, POP_RECVINFO, &on, sizeof(on)))
		err(1, "POP_RECVINFO");
	return fd;
}

/* Return: false if it cannot be sent yet, true when there is no more to do. */
static bool send_one(int fd, const struct output *output)
{
	size_t len = size < output->max ? size : output->max;
	static char text[POP_MAX_MESSAGE];
	struct timespec time = now();

	memset(text, '.', len);
	snprintf(text, len, "%s %u of %s", action_name(&output->to),
		 output->to.spop_seq, party_name(party));
	if (sendto(fd, text, len, 0, (struct sockaddr *)&output->to,
		   sizeof(output->to)) < 0) {
		if (errno == EAGAIN)
			return false;
		/* late, or void: nobody will take it any more */
		if (errno == ETIMEDOUT || errno == ECANCELED)
			return true;
		err(1, "sendto phase %u action %u", output->to.spop_phase,
		    output->to.spop_action);
	}
	tell(time, "sent to", &output->to, len, NULL);
	return true;
}

/* Send what can be sent, and keep the rest. */
static void send_due(int fd)
{
	unsigned int i, left = 0;

	for (i = 0; i < nr_outputs; i++)
		if (!send_one(fd, &outputs[i]))
			outputs[left++] = outputs[i];
	nr_outputs = left;
}

static const __u8 *digest_of(struct msghdr *msg)
{
	const struct pop_msginfo *info;
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level == SOL_POP &&
		    cmsg->cmsg_type == POP_MSGINFO) {
			info = (void *)CMSG_DATA(cmsg);
			return info->digest;
		}
	}
	return NULL;
}

static void receive_all(int fd)
{
	char control[CMSG_SPACE(sizeof(struct pop_msginfo))];
	static char text[POP_MAX_MESSAGE];
	struct sockaddr_pop from;
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
	};
	ssize_t len;

	while (inputs_left) {
		msg.msg_namelen = sizeof(from);
		msg.msg_controllen = sizeof(control);
		len = recvmsg(fd, &msg, 0);
		if (len < 0 && errno == EAGAIN)
			return;
		if (len < 0)
			err(1, "recvmsg");
		if (!msg.msg_namelen)
			errx(1, "the contract has ended");
		tell(now(), "received from", &from, len, digest_of(&msg));
		inputs_left--;
	}
}

int main(int argc, char **argv)
{
	struct pollfd poll_fd;
	int option;

	while ((option = getopt(argc, argv, "vs:")) != -1) {
		if (option == 'v')
			verbose = true;
		else if (option == 's')
			size = atoi(optarg);
		else
			return 1;
	}
	if (argc - optind != 3)
		errx(1, "usage: party [-v] [-s BYTES] FILE.pop HASH PARTY");
	read_body(argv[optind]);
	party = atoi(argv[optind + 2]);
	if (party >= be16toh(body->parties))
		errx(1, "there is no party %u", party);
	make_profile();

	poll_fd.fd = open_socket(argv[optind + 1]);
	while (inputs_left || nr_outputs) {
		poll_fd.events = (inputs_left ? POLLIN : 0) |
				 (nr_outputs ? POLLOUT : 0);
		if (poll(&poll_fd, 1, -1) < 0)
			err(1, "poll");
		/* at the end, too: what came before it may not be read yet */
		receive_all(poll_fd.fd);
		send_due(poll_fd.fd);
	}
	close(poll_fd.fd);
	return 0;
}
