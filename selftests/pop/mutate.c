// SPDX-License-Identifier: GPL-2.0
/*
 * mutate CORPUS COUNTERS ADDRESS PORT COUNT SEED: for wire/fuzz.py, send so many
 * datagrams, mutated from those of a corpus, faster than Python can.
 *
 * CORPUS is a file of datagrams, each behind its length in two bytes, big-endian.
 * COUNTERS is the open /proc/net/pop/snmp of the receiver: no more is sent than
 * what it has counted already, but for a burst that its backlog holds.
 */
#include <netinet/in.h>

#include "kit.h"

#define BURST	64
#define AHEAD	256	/* of what the receiver has counted */
#define LONGEST	2048
#define OUTER	32	/* bytes of a unit's outer part */

struct datagram {
	int	len;
	uint8_t	data[LONGEST];
};

static struct datagram corpus[256];
static int corpus_len;
static uint64_t x;

static uint32_t roll(uint32_t sides)
{
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x >> 16) % sides;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void read_corpus(const char *name)
{
	FILE *f = fopen(name, "re");
	uint8_t head[2];

	if (!f)
		die(name);
	while (corpus_len < 256 && fread(head, 2, 1, f) == 1) {
		struct datagram *d = &corpus[corpus_len++];

		d->len = head[0] << 8 | head[1];
		if (d->len > LONGEST || fread(d->data, d->len, 1, f) != 1)
			die("corpus");
	}
	fclose(f);
}

/* The first counter: datagrams that have come. */
static long received(int counters)
{
	char text[64];
	ssize_t len = pread(counters, text, sizeof(text) - 1, 0);
	long value;

	if (len < 0)
		die("counters");
	text[len] = 0;
	if (sscanf(text, "PopRxUnits %ld", &value) != 1)
		die("PopRxUnits is not the first counter");
	return value;
}

static void noise(uint8_t *data, int len)
{
	while (len-- > 0)
		*data++ = roll(256);
}

static void step(struct datagram *d)
{
	static const uint8_t edges[] = {
		0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xfe, 0xff
	};
	static const int more[] = { 1, 2, 16, 100 };
	static const uint8_t flips[] = { 1, 1, 1, 2, 3, 10 };
	static const uint8_t fields[][2] = {
		{ 0, 1 }, { 1, 2 }, { 2, 4 }, { 4, 8 }, { 8, 16 }, { 16, 18 },
		{ 18, 20 }, { 20, 24 }, { 24, 32 },
	};
	const struct datagram *other = &corpus[roll(corpus_len)];
	const uint8_t *field = fields[roll(9)];
	int at = roll(d->len), n;

	switch (roll(9)) {
	case 0:
	case 1:		/* bits */
		for (n = flips[roll(6)]; n; n--)
			d->data[roll(d->len)] ^= 1 << roll(8);
		break;
	case 2:
		d->data[at] = edges[roll(10)];
		break;
	case 3:
	case 4:		/* a field of the outer part */
		if (d->len < OUTER)
			break;
		if (roll(2)) {
			memcpy(d->data + field[0], other->data + field[0],
			       field[1] - field[0]);
		} else {
			memset(d->data + field[0], 0, field[1] - field[0]);
			d->data[field[1] - 1] = edges[roll(10)];
		}
		break;
	case 5:
		d->len = at;
		break;
	case 6:
		n = more[roll(4)];
		if (d->len + n > LONGEST)
			break;
		noise(d->data + d->len, n);
		d->len += n;
		break;
	case 7:		/* the rest of another */
		n = roll(2) ? OUTER : at;
		if (n > d->len || n > other->len)
			break;
		memcpy(d->data + n, other->data + n, other->len - n);
		d->len = other->len;
		break;
	case 8:
		if (d->len < OUTER)
			break;
		d->len = OUTER + roll(1200);
		noise(d->data + OUTER, d->len - OUTER);
		break;
	}
}

static bool valid(const struct datagram *d)
{
	int i;

	for (i = 0; i < corpus_len; i++)
		if (d->len == corpus[i].len &&
		    !memcmp(d->data, corpus[i].data, d->len))
			return true;
	return false;
}

static void mutate(struct datagram *d)
{
	static const int steps[] = { 1, 1, 1, 2, 4 };
	int n;

	do {
		const struct datagram *from = &corpus[roll(corpus_len)];

		d->len = from->len;
		memcpy(d->data, from->data, from->len);
		for (n = steps[roll(5)]; n && d->len; n--)
			step(d);
	} while (valid(d));
}

int main(int argc, char **argv)
{
	static struct datagram d[BURST];
	struct mmsghdr burst[BURST] = {};
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct iovec part[BURST];
	long count, sent = 0, first;
	int fd, counters, i;

	if (argc != 7) {
		fprintf(stderr, "usage: see mutate.c\n");
		return 2;
	}
	read_corpus(argv[1]);
	counters = atoi(argv[2]);
	inet_pton(AF_INET, argv[3], &to.sin_addr);
	to.sin_port = htons(atoi(argv[4]));
	count = atol(argv[5]);
	x = strtoull(argv[6], NULL, 0) * 2 + 1;

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, (void *)&to, sizeof(to)))
		die("socket");
	for (i = 0; i < BURST; i++) {
		part[i].iov_base = d[i].data;
		burst[i].msg_hdr.msg_iov = &part[i];
		burst[i].msg_hdr.msg_iovlen = 1;
	}
	first = received(counters);
	while (sent < count) {
		int n = count - sent < BURST ? count - sent : BURST, done = 0;

		for (i = 0; i < n; i++) {
			mutate(&d[i]);
			part[i].iov_len = d[i].len;
		}
		while (done < n) {
			i = sendmmsg(fd, burst + done, n - done, 0);
			if (i < 0)
				die("sendmmsg");
			done += i;
		}
		sent += n;
		/* a caller with less patience than the loss of one would take */
		while (received(counters) < first + sent - AHEAD)
			sched_yield();
	}
	while (received(counters) < first + sent)
		sched_yield();
	return 0;
}
