// SPDX-License-Identifier: GPL-2.0
/* What a unit takes, by how many channels and contracts there are. */
#include "scale.h"

#define UNIT_MAX	2048
#define RECORD_PORT	7771	/* where A thinks that B is */
#define SEND_PORT	7772	/* where B thinks that A is */
#define BATCH		12	/* messages; a sender's first window has 16 */
#define BATCHES		5
#define MESSAGES	(RUNS * BATCHES * BATCH)

#define EACH		0xff

struct unit {
	ssize_t	len;
	uint8_t	data[UNIT_MAX];
};

static void set_port(const struct kit_body *body, int self, int peer, int port)
{
	struct nlmsghdr *nlh = kit_peer_start(&k, body, self, peer);
	struct in_addr in = { htonl(INADDR_LOOPBACK) };
	uint16_t p = htons(port);

	mnl_attr_put(nlh, POP_A_PEER_ADDR4, sizeof(in), &in);
	mnl_attr_put(nlh, POP_A_PEER_PORT, sizeof(p), &p);
	must(kit_call(&k, nlh, NULL, NULL), "peer");
}

static const struct sockaddr_in node = {
	.sin_family = AF_INET,
	.sin_port = __builtin_bswap16(POP_DEFAULT_PORT),
	.sin_addr = { __builtin_bswap32(INADDR_LOOPBACK) },
};

/* A socket that reaches the node, which can reach it at @port. */
static int udp_socket(int port)
{
	struct sockaddr_in addr = node;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 1 << 26;

	addr.sin_port = htons(port);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    connect(fd, (struct sockaddr *)&node, sizeof(node)))
		err(1, "port %d", port);
	return fd;
}

/*
 * HEADER (1) and PAYLOAD (2) of each message, in the order in which they come. Other
 * units are not wanted.
 */
static void record(int fd, struct unit *units)
{
	int i = 0;

	while (i < 2 * BATCH) {
		units[i].len = recv(fd, units[i].data, UNIT_MAX, 0);
		if (units[i].len < 0)
			err(1, "recv");
		if ((units[i].data[0] & 0xf) <= 2)
			i++;
	}
}

/* Let A and B talk about what has arrived, until A may send again. */
static void pump(int recorder, int sender)
{
	struct pollfd p[] = { { recorder, POLLIN }, { sender, POLLIN } };
	struct unit u;
	int i;

	for (;;) {
		if (poll(p, 2, 20000) <= 0)
			errx(1, "A never hears of B");
		for (i = 0; i < 2; i++)
			while ((u.len = recv(p[i].fd, u.data, UNIT_MAX,
					     MSG_DONTWAIT)) > 0)
				send(p[!i].fd, u.data, u.len, 0);
		/* all that A has kept has arrived */
		if (!kept_bytes())
			return;
	}
}

/* @flip: the same bits of each unit, or EACH for others in each */
static double send_units(int fd, struct unit *units, unsigned int at,
			 uint8_t flip)
{
	double start, ns;
	int i;

	for (i = 0; i < 2 * BATCH; i++)
		units[i].data[at] ^= flip == EACH ? i + 1 : flip;
	start = now();
	for (i = 0; i < 2 * BATCH; i++)
		if (send(fd, units[i].data, units[i].len, 0) < 0)
			err(1, "send");
	ns = now() - start;
	for (i = 0; i < 2 * BATCH; i++)
		units[i].data[at] ^= flip == EACH ? i + 1 : flip;
	return ns;
}

/*
 * What is wrong with a unit, by a bit of its outer part (see include/net/pop.h) or
 * behind. What is refused by the first of all checks, "version", has cost what any
 * datagram does.
 */
static const struct {
	const char	*name;
	unsigned int	at;
	uint8_t		flip;
} kinds[] = {
	{ "unit-warm", 0, 0x20 },
	{ "unit-version", 0, 0x20 },
	{ "unit-unknown", 8, EACH },	/* cid */
	{ "unit-unscheduled", 16, 0x40 },	/* phase */
	{ "unit-forged", 40, 1 },
	{ "unit-accepted", 0, 0 },
	{ "unit-duplicate", 0, 0 },
};

#define KINDS	(sizeof(kinds) / sizeof(*kinds))

/*
 * What it costs to take a unit and to refuse one, on its way from a socket of
 * this program to B, with as many channels as there are by now: @each in each of
 * three phases of @body. The messages go to channels all over them.
 */
static void units_to(const struct kit_body *body, int each)
{
	int recorder = udp_socket(RECORD_PORT), sender = udp_socket(SEND_PORT);
	long step = 3L * each / MESSAGES, at = 0;
	struct unit units[2 * BATCH];
	int a, b, run, batch, i;
	char text[64] = "";
	double ns[KINDS];

	must(kit_contract_add(&k, body, 2), "contract");
	must(kit_party_add(&k, body, A, 0), "a");
	must(kit_party_add(&k, body, B, 0), "b");
	set_port(body, A, B, RECORD_PORT);
	set_port(body, B, A, SEND_PORT);
	a = kit_socket(body, A);
	b = kit_socket(body, B);
	must(a, "socket");
	must(b, "socket");
	for (run = 0; run < RUNS; run++) {
		memset(ns, 0, sizeof(ns));
		for (batch = 0; batch < BATCHES; batch++) {
			for (i = 0; i < BATCH; i++, at += step)
				must(kit_send(a, body, at / each, at % each, B,
					      text, sizeof(text), 0), "send");
			record(recorder, units);
			for (i = 0; i < KINDS; i++) {
				ns[i] += send_units(sender, units, kinds[i].at,
						    kinds[i].flip);
			}
			for (i = 0; i < BATCH; i++)
				if (recv(b, text, sizeof(text), MSG_DONTWAIT) !=
				    sizeof(text))
					err(1, "only %d messages came", i);
			pump(recorder, sender);
		}
		for (i = 0; i < KINDS; i++)
			say(kinds[i].name, ns[i] / (2 * BATCH * BATCHES));
	}
}

void units_few(void)
{
	struct kit_body body = plain(100000, 2, 3, 334);

	units_to(&body, 334);
}

void units_many(void)
{
	struct kit_body body = plain(100000, 2, 3, MANY);
	int i;

	for (i = 0; i < SETS - 1; i++) {
		struct kit_body other = plain(i, 2, 3, MANY);

		add(&other, B);
	}
	units_to(&body, MANY);
}

/* A million channels in ten thousand contracts. */
void units_contracts(void)
{
	struct kit_body body = plain(100000, 2, 3, 334);
	int i;

	for (i = 0; i < CONTRACTS; i++) {
		struct kit_body other = plain(i, 2, 1, 100);

		add(&other, B);
		free(other.data);
	}
	units_to(&body, 334);
}
