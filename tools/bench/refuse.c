// SPDX-License-Identifier: GPL-2.0
/*
 * refuse [-n MESSAGES] [-s BYTES] NETNS-A NETNS-B HASH
 *
 * What it costs a host to take a unit, and to refuse one. Party 0 of the
 * contract is local in A and party 1 in B, and 0 sends messages to 1 by action 0
 * of phase 0. For A the other is at 10.19.0.1:7771, which is a socket of this
 * program: so it gets real units. It sends them to B, from 10.19.0.1:7772, where
 * B thinks that A is; first with something wrong in each, then as they are, and
 * then once more. Prints "refuse KIND NS" for each, NS the time of one unit on
 * its way through both hosts; with "tools/vm/run -c" that is instructions.
 *
 * What is refused by the first of all checks, "version", has cost what any UDP
 * datagram does.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../examples/hash.h"

#define UNIT_MAX	2048
#define RECORD_PORT	7771
#define SEND_PORT	7772
#define POP_PORT	7670

/* Units of these are in the first window: nobody answers. */
static unsigned int messages = 14, size = 64;

struct unit {
	size_t	len;
	unsigned char data[UNIT_MAX];
};

static void enter(const char *netns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static int udp_open(unsigned int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 1 << 26;

	inet_pton(AF_INET, "10.19.0.1", &addr.sin_addr);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		err(1, "port %u", port);
	return fd;
}

static int pop_open(const char *hash, unsigned int party)
{
	struct sockaddr_pop self = {
		.spop_family = AF_POP,
		.spop_party = party,
		.spop_phase = POP_PHASE_ANY,
		.spop_action = POP_ACTION_ANY,
		.spop_seq = POP_SEQ_NEXT,
	};
	int fd = socket(AF_POP, SOCK_RDM, 0), room = 1 << 26;

	parse_hash(self.spop_contract, hash);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (struct sockaddr *)&self, sizeof(self)))
		err(1, "party %u", party);
	return fd;
}

static void send_messages(int fd)
{
	struct sockaddr_pop to = {
		.spop_family = AF_POP,
		.spop_party = 1,
		.spop_seq = POP_SEQ_NEXT,
	};
	static char text[UNIT_MAX];
	unsigned int i;

	for (i = 0; i < messages; i++)
		if (sendto(fd, text, size, 0, (struct sockaddr *)&to,
			   sizeof(to)) < 0)
			err(1, "message %u", i);
}

/* HEADER and PAYLOAD of each message; the rest is not wanted. */
static void record(int fd, struct unit *units)
{
	unsigned int i = 0;

	while (i < 2 * messages) {
		ssize_t len = recv(fd, units[i].data, UNIT_MAX, 0);

		if (len < 0)
			err(1, "recv");
		units[i].len = len;
		if ((units[i].data[0] & 0xf) <= 2)
			i++;
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void send_units(int fd, const char *kind, struct unit *units,
		       unsigned int at, unsigned char flip)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(POP_PORT),
	};
	unsigned int i;
	double start;

	inet_pton(AF_INET, "10.19.0.2", &to.sin_addr);
	for (i = 0; i < 2 * messages; i++)
		units[i].data[at] ^= flip;
	start = now();
	for (i = 0; i < 2 * messages; i++)
		if (sendto(fd, units[i].data, units[i].len, 0,
			   (struct sockaddr *)&to, sizeof(to)) < 0)
			err(1, "sendto");
	printf("refuse %s %.0f\n", kind, (now() - start) / (2 * messages));
	for (i = 0; i < 2 * messages; i++)
		units[i].data[at] ^= flip;
}

/* All of them have come. */
static void take_messages(int fd)
{
	static char text[UNIT_MAX];
	unsigned int i;

	for (i = 0; i < messages; i++)
		if (recv(fd, text, sizeof(text), MSG_DONTWAIT) != (ssize_t)size)
			err(1, "only %u messages have come", i);
}

int main(int argc, char **argv)
{
	/* places in the outer part, see include/net/pop.h */
	enum { TYPE = 0, CID = 8, ACTION = 19, SEALED = 40 };
	int option, recorder, sender, a, b;
	struct unit *units;

	while ((option = getopt(argc, argv, "n:s:")) != -1) {
		if (option == 'n')
			messages = atoi(optarg);
		else if (option == 's')
			size = atoi(optarg);
		else
			return 2;
	}
	if (argc - optind != 3 || !messages || size > 1024)
		errx(2, "see the head of refuse.c");
	units = calloc(2 * messages, sizeof(*units));
	if (!units)
		err(1, "units");
	enter(argv[optind]);
	recorder = udp_open(RECORD_PORT);
	sender = udp_open(SEND_PORT);
	a = pop_open(argv[optind + 2], 0);
	enter(argv[optind + 1]);
	b = pop_open(argv[optind + 2], 1);

	send_messages(a);
	record(recorder, units);
	send_units(sender, "warm", units, TYPE, 0x20);
	send_units(sender, "version", units, TYPE, 0x20);
	send_units(sender, "unknown", units, CID, 1);
	send_units(sender, "unscheduled", units, ACTION, 0x40);
	send_units(sender, "forged", units, SEALED, 1);
	send_units(sender, "accepted", units, TYPE, 0);
	take_messages(b);
	send_units(sender, "duplicate", units, TYPE, 0);
	return 0;
}
