// SPDX-License-Identifier: GPL-2.0
/*
 * talk CONTRACT PARTY OPERATION...: be a party, from shell tests.
 *
 *	send PHASE ACTION TO TEXT	TO is an index or "all"; waits for the phase
 *	bytes PHASE ACTION TO COUNT	as send, so many bytes of a pattern
 *	stream PHASE ACTION TO COUNT MESSAGES	as bytes, so many messages
 *	refused PHASE ACTION TO ERRNO	as send at once, and must fail so
 *	recv COUNT			print "PHASE ACTION SEQ SENDER LENGTH TEXT"
 *	filter PHASE ACTION SENDER	of what follows; numbers or "any"
 *	ready				print "ready"
 *	await FILE			until it exists
 *	stop				SIGSTOP to itself
 *
 * CONTRACT is a hash in hexadecimal, PARTY an index.
 */
#include <signal.h>

#include "kit.h"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int number(const char *text, int any)
{
	if (!strcmp(text, "any") || !strcmp(text, "all"))
		return any;
	return atoi(text);
}

static struct kit_body name_contract(const char *hex)
{
	struct kit_body b = {};
	int i;

	for (i = 0; i < POP_HASH_LEN; i++) {
		unsigned int byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1) {
			fprintf(stderr, "%s is no hash\n", hex);
			exit(2);
		}
		b.hash[i] = byte;
	}
	return b;
}

static void receive(int fd, int count)
{
	static char text[POP_MAX_MESSAGE + 1];
	struct sockaddr_pop from;
	ssize_t len;

	while (count--) {
		socklen_t from_len = sizeof(from);

		len = recvfrom(fd, text, POP_MAX_MESSAGE, 0, (void *)&from,
			       &from_len);
		if (len < 0)
			die("recv");
		text[len] = 0;
		printf("%d %d %u %d %zd %.64s\n", from.spop_phase,
		       from.spop_action, from.spop_seq, from.spop_party, len,
		       text);
		fflush(stdout);
	}
}

static void set_filter(int fd, char **argv)
{
	struct pop_filter f = {
		.phase = number(argv[0], POP_PHASE_ANY),
		.action = number(argv[1], POP_ACTION_ANY),
		.party = number(argv[2], POP_PARTY_ANY),
	};

	if (setsockopt(fd, SOL_POP, POP_FILTER, &f, sizeof(f)))
		die("POP_FILTER");
}

static ssize_t transmit(int fd, const struct kit_body *b, char **argv,
			const char *data, size_t len, int flags)
{
	return kit_send(fd, b, atoi(argv[0]), atoi(argv[1]),
			number(argv[2], POP_PARTY_ANY), data, len, flags);
}

static void bytes(int fd, const struct kit_body *b, char **argv, int messages)
{
	size_t len = atoi(argv[3]), i;
	char *data = malloc(len + 1);
	ssize_t ret = 0;

	for (i = 0; i < len; i++)
		data[i] = 'a' + i % 26;
	while (messages-- && ret >= 0)
		ret = transmit(fd, b, argv, data, len, 0);
	free(data);
	if (ret < 0) {
		errno = -ret;
		die("bytes");
	}
}

int main(int argc, char **argv)
{
	struct kit_body b;
	ssize_t ret;
	int fd, i;

	if (argc < 4) {
		fprintf(stderr, "usage: see talk.c\n");
		return 2;
	}
	b = name_contract(argv[1]);
	fd = kit_socket(&b, atoi(argv[2]));
	if (fd < 0) {
		errno = -fd;
		die("bind");
	}
	for (i = 3; i < argc; i++) {
		if (!strcmp(argv[i], "recv") && i + 1 < argc) {
			receive(fd, atoi(argv[++i]));
		} else if (!strcmp(argv[i], "send") && i + 4 < argc) {
			ret = transmit(fd, &b, argv + i + 1, argv[i + 4],
				       strlen(argv[i + 4]), 0);
			if (ret < 0) {
				errno = -ret;
				die("send");
			}
			i += 4;
		} else if (!strcmp(argv[i], "bytes") && i + 4 < argc) {
			bytes(fd, &b, argv + i + 1, 1);
			i += 4;
		} else if (!strcmp(argv[i], "stream") && i + 5 < argc) {
			bytes(fd, &b, argv + i + 1, atoi(argv[i + 5]));
			i += 5;
		} else if (!strcmp(argv[i], "refused") && i + 4 < argc) {
			ret = transmit(fd, &b, argv + i + 1, "x", 1,
				       MSG_DONTWAIT);
			if (ret != -atoi(argv[i + 4])) {
				fprintf(stderr, "refused: %zd\n", ret);
				return 1;
			}
			i += 4;
		} else if (!strcmp(argv[i], "filter") && i + 3 < argc) {
			set_filter(fd, argv + i + 1);
			i += 3;
		} else if (!strcmp(argv[i], "ready")) {
			puts("ready");
			fflush(stdout);
		} else if (!strcmp(argv[i], "await") && i + 1 < argc) {
			i++;
			while (access(argv[i], F_OK))
				usleep(10000);	/* between two looks */
		} else if (!strcmp(argv[i], "stop")) {
			raise(SIGSTOP);
		} else {
			fprintf(stderr, "%s?\n", argv[i]);
			return 2;
		}
	}
	return 0;
}
