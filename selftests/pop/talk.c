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
 *	dispute				wait for EPOLLPRI, and print what it is for:
 *					"overdue N violated N late N void N"
 *	ready				print "ready"
 *	await FILE			until it exists
 *	stop				SIGSTOP to itself
 *
 * Beginning with one of these four, without a socket that messages would go to:
 *
 *	record KIND TO PHASE ACTION TEXT	send on the Byzantine channel; KIND is
 *				a number, PHASE and ACTION may be "any"
 *	norecord KIND TO PHASE ACTION ERRNO	the same, and must fail so
 *	listen				bind a socket of that channel
 *	close				close the contract; asks nobody
 *
 *	log				print "KIND PHASE ACTION SENDER TEXT" of
 *				all records, and "end" when the channel ends
 *
 * CONTRACT is a hash in hexadecimal, PARTY an index.
 */
#include <poll.h>
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

static void dispute(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	struct pop_info info;
	socklen_t len = sizeof(info);

	if (poll(&p, 1, 60000) != 1 || p.revents != POLLPRI)
		die("POLLPRI");
	if (getsockopt(fd, SOL_POP, POP_INFO, &info, &len))
		die("POP_INFO");
	printf("overdue %u violated %u late %u void %u\n", info.overdue,
	       info.violated, info.late, info.voided);
	fflush(stdout);
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

static bool wants_messages(const char *operation)
{
	return strcmp(operation, "record") && strcmp(operation, "norecord") &&
	       strcmp(operation, "listen") && strcmp(operation, "close");
}

static int listener(const struct kit_body *b, int party)
{
	int fd = kit_byzantine(b, party);

	if (fd < 0) {
		errno = -fd;
		die("listen");
	}
	return fd;
}

/* Return: bytes, or a negative errno. */
static ssize_t record(int fd, const struct kit_body *b, char **argv,
		      const char *text)
{
	struct sockaddr_pop to;

	to = kit_channel(b, number(argv[2], POP_PHASE_ANY),
			 number(argv[3], POP_ACTION_ANY),
			 number(argv[1], POP_PARTY_ANY));
	return kit_record(fd, &to, atoi(argv[0]), text, strlen(text), 0);
}

static void close_contract(const struct kit_body *b)
{
	struct kit k;

	if (kit_open(&k) ||
	    kit_contract_set(&k, b->hash, POP_CONTRACT_STATE_CLOSED)) {
		fprintf(stderr, "close: %s\n", k.text);
		exit(1);
	}
	kit_close(&k);
}

static void print_log(int fd)
{
	struct timeval forever = {};
	char text[POP_RECORD_MAX + 1];
	struct pop_recordinfo info;
	struct sockaddr_pop from;
	ssize_t len;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	for (;;) {
		len = kit_take_record(fd, &from, &info, text, POP_RECORD_MAX,
				      0);
		if (len < 0) {
			errno = -len;
			die("log");
		}
		if (!from.spop_family)
			break;
		text[len] = 0;
		printf("%u %d %d %d %s\n", info.kind, from.spop_phase,
		       from.spop_action, from.spop_party, text);
		fflush(stdout);
	}
	puts("end");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	/* as wait_for() of lib.sh: there is no harness that would end it before */
	struct timeval patience = { .tv_sec = 60 };
	struct kit_body b;
	int i, fd = -1, byz = -1;
	ssize_t ret;

	if (argc < 4) {
		fprintf(stderr, "usage: see talk.c\n");
		return 2;
	}
	b = name_contract(argv[1]);
	if (wants_messages(argv[3])) {
		fd = kit_socket(&b, atoi(argv[2]));
		if (fd < 0) {
			errno = -fd;
			die("bind");
		}
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			   sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			   sizeof(patience));
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
		} else if (!strcmp(argv[i], "dispute")) {
			dispute(fd);
		} else if (!strcmp(argv[i], "listen")) {
			byz = listener(&b, atoi(argv[2]));
		} else if (!strcmp(argv[i], "log") && byz >= 0) {
			print_log(byz);
		} else if ((!strcmp(argv[i], "record") ||
			    !strcmp(argv[i], "norecord")) && i + 5 < argc) {
			int want = argv[i][0] == 'n' ? -atoi(argv[i + 5]) : 0;

			if (byz < 0)
				byz = listener(&b, atoi(argv[2]));
			ret = record(byz, &b, argv + i + 1,
				     want ? "x" : argv[i + 5]);
			if (want ? ret != want : ret < 0) {
				fprintf(stderr, "%s: %zd\n", argv[i], ret);
				return 1;
			}
			i += 5;
		} else if (!strcmp(argv[i], "close")) {
			close_contract(&b);
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
