// SPDX-License-Identifier: GPL-2.0
/*
 * pingpong [-n ROUNDS] [-w ROUNDS] [-s BYTES] PROTOCOL NETNS-A NETNS-B [ARG]
 *
 * Send a message from namespace A to B and back, over and over, and print what
 * one round took on the average, in ns. With "tools/vm/run -c" a ns is one
 * instruction of the guest.
 *
 *	udp	between 10.19.0.1 in A and 10.19.0.2 in B
 *	pop	ARG is the hash of a contract whose party 0 is local in A, party
 *		1 in B, and by whose first phase 0 sends to 1 by action 0 and 1
 *		to 0 by action 1
 *
 *	-n	rounds that count
 *	-w	rounds before these, so that routes and caches are warm
 *	-s	bytes of a message
 *
 * What user space does is the same for all protocols: send() and recv() on a
 * socket that was bound and connected before. A protocol is a struct below.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../examples/hash.h"
#include "mark.h"

#define SIZE_MAX_BYTES	65536
#define UDP_PORT	7777

static unsigned int rounds = 1000, warm = 100, size = 64;
static const char *argument;

/**
 * struct protocol - how to reach the other side
 * @name: on the command line
 * @open: make a socket of side 0 or 1 in the namespace the process is in, bound
 *	  and connected to the other side
 */
struct protocol {
	const char *name;
	int (*open)(unsigned int side);
};

static void attach(int fd, const void *self, const void *peer, socklen_t len)
{
	if (fd < 0)
		err(1, "socket");
	if (bind(fd, self, len))
		err(1, "bind");
	if (connect(fd, peer, len))
		err(1, "connect");
}

static int udp_open(unsigned int side)
{
	struct sockaddr_in addr[2] = {
		{ .sin_family = AF_INET, .sin_port = htons(UDP_PORT) },
		{ .sin_family = AF_INET, .sin_port = htons(UDP_PORT) },
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, "10.19.0.1", &addr[0].sin_addr);
	inet_pton(AF_INET, "10.19.0.2", &addr[1].sin_addr);
	attach(fd, &addr[side], &addr[!side], sizeof(addr[0]));
	return fd;
}

static int pop_open(unsigned int side)
{
	struct sockaddr_pop self = {
		.spop_family = AF_POP,
		.spop_party = side,
		.spop_phase = POP_PHASE_ANY,
		.spop_action = POP_ACTION_ANY,
		.spop_seq = POP_SEQ_NEXT,
	};
	struct sockaddr_pop channel = {
		.spop_family = AF_POP,
		.spop_party = !side,
		.spop_action = side,
		.spop_seq = POP_SEQ_NEXT,
	};
	int fd = socket(AF_POP, SOCK_RDM, POP_PROTO_MESSAGES);

	if (!argument)
		errx(1, "pop needs a contract's hash");
	parse_hash(self.spop_contract, argument);
	attach(fd, &self, &channel, sizeof(self));
	return fd;
}

static const struct protocol protocols[] = {
	{ "udp", udp_open },
	{ "pop", pop_open },
};

static const struct protocol *find_protocol(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (!strcmp(protocols[i].name, name))
			return &protocols[i];
	errx(1, "unknown protocol '%s'", name);
}

/* A socket of a side stays in the namespace in which it was made. */
static int open_in(const char *netns, const struct protocol *protocol,
		   unsigned int side)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
	return protocol->open(side);
}

static void transfer(int fd, char *buffer, bool receive)
{
	ssize_t len = receive ? recv(fd, buffer, SIZE_MAX_BYTES, 0) :
				send(fd, buffer, size, 0);

	if (len != (ssize_t)size)
		err(1, "%s: %zd of %u bytes", receive ? "recv" : "send", len,
		    size);
}

static void play(int fd, char *buffer, unsigned int n, bool begin)
{
	while (n--) {
		transfer(fd, buffer, !begin);
		transfer(fd, buffer, begin);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	static char buffer[SIZE_MAX_BYTES];
	const struct protocol *protocol;
	int fd[2], option, status;
	double start;
	pid_t child;

	while ((option = getopt(argc, argv, "n:w:s:")) != -1) {
		if (option == 'n')
			rounds = atoi(optarg);
		else if (option == 'w')
			warm = atoi(optarg);
		else if (option == 's')
			size = atoi(optarg);
		else
			return 2;
	}
	if (argc - optind < 3 || !rounds || size > SIZE_MAX_BYTES)
		errx(2, "see the head of pingpong.c");
	protocol = find_protocol(argv[optind]);
	argument = argv[optind + 3];
	fd[0] = open_in(argv[optind + 1], protocol, 0);
	fd[1] = open_in(argv[optind + 2], protocol, 1);

	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		play(fd[1], buffer, warm + rounds, false);
		return 0;
	}
	play(fd[0], buffer, warm, true);
	start = now();
	mark(MARK_START);
	play(fd[0], buffer, rounds, true);
	mark(MARK_STOP);
	printf("%.0f\n", (now() - start) / rounds);
	waitpid(child, &status, 0);
	return status != 0;
}
