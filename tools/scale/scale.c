// SPDX-License-Identifier: GPL-2.0
/*
 * scale MEASUREMENT
 *
 * One of the measurements in the table at the end, in a network namespace of its
 * own in which all parties of its contracts are local. Prints "NAME VALUE" for
 * each figure. Time is that of the guest: with "tools/vm/run -c" a ns is one
 * instruction. For tools/scale/run.
 */
#include "../../selftests/pop/kit.h"

#include <err.h>
#include <poll.h>
#include <time.h>

#include "memory.h"

enum { A, B };

#define MANY		POP_MAX_PHASE_ACTIONS
#define SETS		6	/* contracts with three phases of MANY channels */
#define MILLION		(SETS * 3L * MANY)
#define CONTRACTS	10000

static struct kit k;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Without what the kernel waits for: of calls that do their work themselves. */
static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void say(const char *name, double value)
{
	printf("%s %.2f\n", name, value);
	fflush(stdout);
}

static void must(int ret, const char *what)
{
	if (ret < 0)
		errx(1, "%s: %s %s", what, strerror(-ret), k.text);
}

/* --- contracts ------------------------------------------------------------- */

/* @phases with @each actions of party A for party B. */
static struct kit_body plain(int salt, int parties, int phases, int each)
{
	struct kit_action *action = calloc((size_t)phases * each,
					   sizeof(*action));
	char (*names)[8] = calloc(each, sizeof(*names));
	struct kit_contract c = {
		.name = "scale", .parties = parties, .phases = phases,
		.nr_actions = phases * each, .action = action,
		.salt = salt,
	};
	struct kit_body body;
	int i;

	for (i = 0; i < each; i++)
		snprintf(names[i], sizeof(names[i]), "a%05d", i);
	for (i = 0; i < phases * each; i++)
		action[i] = (struct kit_action) {
			.phase = i / each, .name = names[i % each],
			.from = A, .nr_to = 1, .to = { B }, .max = 64,
		};
	body = kit_encode(&c);
	free(action);
	free(names);
	return body;
}

static void add(const struct kit_body *body, int party)
{
	must(kit_contract_add(&k, body, body->parties), "contract");
	must(kit_party_add(&k, body, party, 0), "party");
}

static void forget(const struct kit_body *body)
{
	must(kit_contract_cmd(&k, POP_CMD_CONTRACT_DEL, body->hash), "del");
}

/* --- memory ---------------------------------------------------------------- */

/* What @nr objects cost: "NAME-bytes", and where it is in "NAME-by-CACHE". */
static void say_memory(const char *name, const struct memory *before, double nr)
{
	struct memory after = memory_now();
	char text[128];
	int i;

	snprintf(text, sizeof(text), "%s-bytes", name);
	say(text, (before->free - after.free) / nr);
	for (i = 0; i < after.nr; i++) {
		double more = after.part[i].bytes -
			      memory_of(before, after.part[i].name);

		if (more / nr < 0.5)
			continue;
		snprintf(text, sizeof(text), "%s-by-%s", name,
			 after.part[i].name);
		say(text, more / nr);
	}
}

/* Channels that are open: six contracts of three phases, all for B. */
static void open_channels(void)
{
	struct kit_body body[SETS];
	struct memory before;
	double start;
	int i;

	for (i = 0; i < SETS; i++)
		body[i] = plain(i, 2, 3, MANY);
	before = memory_now();
	start = now();
	for (i = 0; i < SETS; i++)
		add(&body[i], B);
	say("open-install-ns", now() - start);
	say("open-channels", MILLION);
	say_memory("open-channel", &before, MILLION);
	start = now();
	for (i = 0; i < SETS; i++)
		forget(&body[i]);
	say("open-delete-ns", now() - start);
}

/* The same with phases in front that hold them back. */
static void idle_channels(void)
{
	int phases = 6, i, j;
	struct kit_action *action = calloc(3 + 3 * MANY, sizeof(*action));
	char (*names)[8] = calloc(MANY, sizeof(*names));
	struct kit_body body[SETS];
	struct memory before;
	double start;

	for (i = 0; i < MANY; i++)
		snprintf(names[i], sizeof(names[i]), "a%05d", i);
	for (i = 0; i < 3 + 3 * MANY; i++)
		action[i] = (struct kit_action) {
			.phase = i < 3 ? i : 3 + (i - 3) / MANY,
			.name = names[i < 3 ? 0 : (i - 3) % MANY],
			.from = A, .nr_to = 1, .to = { B }, .max = 64,
		};
	for (j = 0; j < SETS; j++) {
		struct kit_contract c = {
			.name = "idle", .parties = 2, .phases = phases,
			.nr_actions = 3 + 3 * MANY, .action = action,
			.salt = j,
		};

		body[j] = kit_encode(&c);
	}
	before = memory_now();
	start = now();
	for (j = 0; j < SETS; j++)
		must(kit_contract_add(&k, &body[j], 2), "contract");
	say("idle-plan-ns", now() - start);
	say_memory("idle-plan", &before, MILLION);
	before = memory_now();
	start = now();
	for (j = 0; j < SETS; j++)
		must(kit_party_add(&k, &body[j], B, 0), "party");
	say("idle-party-ns", now() - start);
	say_memory("idle-channel", &before, MILLION);
}

/* @nr contracts, one party of each local. */
static void contracts(int nr, int parties, const char *name)
{
	struct kit_body *body = calloc(nr, sizeof(*body));
	char text[64];
	struct memory before;
	double start;
	int i;

	for (i = 0; i < nr; i++)
		body[i] = plain(i, parties, 1, 1);
	before = memory_now();
	start = cpu();
	for (i = 0; i < nr; i++)
		must(kit_contract_add(&k, &body[i], parties), "contract");
	snprintf(text, sizeof(text), "%s-loaded", name);
	say_memory(text, &before, nr);
	for (i = 0; i < nr; i++)
		must(kit_party_add(&k, &body[i], B, 0), "party");
	snprintf(text, sizeof(text), "%s-install-ns", name);
	say(text, (cpu() - start) / nr);
	say_memory(name, &before, nr);
}

static void contracts_2(void)
{
	contracts(CONTRACTS, 2, "contract-2");
}

static void contracts_16(void)
{
	contracts(CONTRACTS / 10, 16, "contract-16");
}

static void contracts_64(void)
{
	contracts(CONTRACTS / 10, 64, "contract-64");
}

/* Ten thousand contracts with a hundred open channels each. */
static void install_many(void)
{
	struct kit_body *body = calloc(CONTRACTS, sizeof(*body));
	double start;
	int i;

	for (i = 0; i < CONTRACTS; i++)
		body[i] = plain(i, 2, 1, 100);
	start = now();
	for (i = 0; i < CONTRACTS; i++)
		add(&body[i], B);
	say("install-10000x100-ns", now() - start);
}

/* --- units ----------------------------------------------------------------- */

#define UNIT_MAX	2048
#define RECORD_PORT	7771	/* where A thinks that B is */
#define SEND_PORT	7772	/* where B thinks that A is */
#define BATCH		12	/* messages; a sender's first window has 16 */
#define BATCHES		5
#define RUNS		5
#define MESSAGES	(RUNS * BATCHES * BATCH)

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

/* HEADER and PAYLOAD of each message, in order; the rest is not wanted. */
static void record(int fd, struct unit *units)
{
	int i = 0;

	while (i < 2 * BATCH) {
		units[i].len = recv(fd, units[i].data, UNIT_MAX, 0);
		if (units[i].len < 0)
			err(1, "recv");
		if ((units[i].data[0] & 0xf) == 1 + i % 2)
			i++;
	}
}

/* Bytes of messages that are not known to have arrived. */
static long kept_bytes(void)
{
	FILE *f = fopen("/proc/thread-self/net/pop/node", "re");
	char line[64];
	long bytes = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "kept %ld", &bytes) == 1)
			break;
	if (f)
		fclose(f);
	return bytes;
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

static double send_units(int fd, struct unit *units, unsigned int at,
			 uint8_t flip)
{
	double start, ns;
	int i;

	for (i = 0; i < 2 * BATCH; i++)
		units[i].data[at] ^= flip;
	start = now();
	for (i = 0; i < 2 * BATCH; i++)
		if (send(fd, units[i].data, units[i].len, 0) < 0)
			err(1, "send");
	ns = now() - start;
	for (i = 0; i < 2 * BATCH; i++)
		units[i].data[at] ^= flip;
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
	{ "unit-unknown", 8, 1 },
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

static void units_few(void)
{
	struct kit_body body = plain(100000, 2, 3, 334);

	units_to(&body, 334);
}

static void units_many(void)
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
static void units_contracts(void)
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

/* --- parties --------------------------------------------------------------- */

static long lo_bytes(void)
{
	FILE *f = fopen("/proc/thread-self/net/dev", "re");
	char line[512];
	long bytes = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " lo: %ld", &bytes) == 1)
			break;
	if (f)
		fclose(f);
	return bytes;
}

struct count {
	double	ns;
	long	units;
	long	control;
	long	bytes;
};

static struct count count_now(void)
{
	return (struct count) {
		.units = kit_message_units(),
		.control = kit_counter("PopTxControl"),
		.bytes = lo_bytes(),
		.ns = now(),
	};
}

static void say_count(int n, const char *kind, const char *what, double value)
{
	char text[64];

	snprintf(text, sizeof(text), "parties-%d-%s-%s", n, kind, what);
	say(text, value);
}

static void set_address(const struct kit_body *body, int self, int peer)
{
	must(kit_peer_set4(&k, body, self, peer, "127.0.0.1"), "peer");
}

/*
 * What a message of a channel takes, from send() to recv(), with @n parties of
 * which all are here: messages of party 0, one to each other ("each"), and of each
 * party to the next ("next"). What the senders ask later, to know what has arrived,
 * is counted, but not timed.
 */
static void parties(int n)
{
	static const char *const kind[] = { "each", "next" };
	struct kit_action *action = calloc(n + 1, sizeof(*action));
	int *fd = calloc(n, sizeof(*fd)), rounds = 510 / (n - 1);
	char (*names)[8] = calloc(n, sizeof(*names));
	struct kit_contract c = {
		.name = "parties", .parties = n, .phases = 1,
		.nr_actions = n + 1, .action = action,
	};
	char text[64] = "";
	struct kit_body body;
	int round, i, j;

	action[0] = (struct kit_action) {
		.name = kind[0], .from = 0, .all = true,
		.count = rounds + 1, .max = sizeof(text),
	};
	for (i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "to%04d", i);
		action[i + 1] = (struct kit_action) {
			.name = names[i], .from = i, .nr_to = 1,
			.to = { (i + 1) % n }, .count = rounds + 1,
			.max = sizeof(text),
		};
	}
	body = kit_encode(&c);
	must(kit_contract_add(&k, &body, n), "contract");
	for (i = 0; i < n; i++)
		must(kit_party_add(&k, &body, i, 0), "party");
	for (i = 0; i < n; i++) {
		if (i) {
			set_address(&body, 0, i);
			set_address(&body, i, 0);
		}
		set_address(&body, i, (i + 1) % n);
		set_address(&body, (i + 1) % n, i);
		fd[i] = kit_socket(&body, i);
		must(fd[i], "socket");
	}
	for (j = 0; j < 2; j++) {
		struct count from, to;
		double ns = 0, start, nr = rounds * (j ? n : n - 1.0);

		/* the first round is for routes and caches */
		for (round = 0; round <= rounds; round++) {
			if (round <= 1)
				from = count_now();
			start = now();
			for (i = !j; i < n; i++)
				must(kit_send(fd[j ? i : 0], &body, 0,
					      j ? i + 1 : 0, j ? (i + 1) % n : i,
					      text, sizeof(text), 0), "send");
			for (i = !j; i < n; i++)
				if (recv(fd[i], text, sizeof(text), 0) !=
				    sizeof(text))
					err(1, "recv");
			ns += round ? now() - start : 0;
			while (kept_bytes())
				usleep(20000);
		}
		to = count_now();
		say_count(n, kind[j], "ns", ns / nr);
		say_count(n, kind[j], "units", (to.units - from.units) / nr);
		say_count(n, kind[j], "control",
			  (to.control - from.control) / nr);
		say_count(n, kind[j], "bytes", (to.bytes - from.bytes) / nr);
	}
	free(action);
	free(names);
}

static void parties_4(void)
{
	parties(4);
}

static void parties_16(void)
{
	parties(16);
}

static void parties_64(void)
{
	parties(64);
}

static void parties_256(void)
{
	parties(256);
}

/* --- phases ---------------------------------------------------------------- */

#define TURNS	500

/* As many phases as there can be, and A and B take turns through all of them. */
static void all_phases(void)
{
	struct kit_action *action = calloc(POP_MAX_PHASES, sizeof(*action));
	struct kit_contract c = {
		.name = "phases", .parties = 2, .phases = POP_MAX_PHASES,
		.nr_actions = POP_MAX_PHASES, .action = action,
	};
	struct memory before;
	struct kit_body body;
	double start;
	int i, got, fd[2];

	for (i = 0; i < POP_MAX_PHASES; i++)
		action[i] = (struct kit_action) {
			.phase = i, .name = "turn", .from = i % 2,
			.nr_to = 1, .to = { !(i % 2) },
		};
	body = kit_encode(&c);
	before = memory_now();
	start = now();
	must(kit_load(&k, &body), "load");
	say("phases-install-ns", now() - start);
	say_memory("phases", &before, 1);
	for (i = 0; i < 2; i++) {
		fd[i] = kit_socket(&body, i);
		must(fd[i], "socket");
	}
	for (i = 0; i < POP_MAX_PHASES; i++) {
		if (i % TURNS == 0)
			start = now();
		must(kit_send(fd[i % 2], &body, i, 0, POP_PARTY_ANY, &i,
			      sizeof(i), 0), "send");
		if (recv(fd[!(i % 2)], &got, sizeof(got), 0) != sizeof(got) ||
		    got != i)
			err(1, "turn %d", i);
		if (i == 2 * TURNS - 1)
			say("phases-first-ns", (now() - start) / TURNS);
		if (i == POP_MAX_PHASES / TURNS * TURNS - 1)
			say("phases-last-ns", (now() - start) / TURNS);
	}
	say("phases-done", i);
	say("phases-units", kit_message_units());
}

/* --- STATE ----------------------------------------------------------------- */

/* Ask for 2048 channels: how many datagrams, and how long is the answer? */
static void state_of_many(void)
{
	struct kit_body body = plain(0, 2, 1, POP_STATE_MAX + 10);
	struct count from, to;
	struct nlmsghdr *nlh;
	int run, answers, len;

	must(kit_load(&k, &body), "load");
	for (run = 0; run < RUNS; run++) {
		nlh = kit_start(&k, POP_CMD_STATE_GET, 0);
		mnl_attr_put(nlh, POP_A_STATE_CONTRACT, POP_HASH_LEN, body.hash);
		mnl_attr_put_u32(nlh, POP_A_STATE_PARTY, A);
		mnl_attr_put_u32(nlh, POP_A_STATE_PEER, B);
		mnl_attr_put_u32(nlh, POP_A_STATE_COUNT, POP_STATE_MAX);
		from = count_now();
		mnl_socket_sendto(k.nl, nlh, nlh->nlmsg_len);
		for (answers = 0; answers < 2; ) {
			const struct nlmsghdr *h = (void *)k.answer;
			const struct nlattr *a;

			len = mnl_socket_recvfrom(k.nl, k.answer, KIT_MESSAGE);
			if (len < 0)
				err(1, "state");
			for (; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len)) {
				const struct genlmsghdr *genl =
					mnl_nlmsg_get_payload(h);

				if (h->nlmsg_type == NLMSG_ERROR)
					continue;
				answers++;
				if (genl->cmd != POP_CMD_STATE_NTF)
					continue;
				mnl_attr_for_each(a, h, sizeof(*genl))
					if (mnl_attr_get_type(a) ==
					    POP_A_STATE_COUNT)
						say("state-channels",
						    mnl_attr_get_u32(a));
			}
		}
		to = count_now();
		say("state-ns", to.ns - from.ns);
		say("state-units", to.control - from.control);
		say("state-bytes", to.bytes - from.bytes);
	}
}

/* --- dumps ----------------------------------------------------------------- */

/* All of /proc/net/pop/channels: rows, time, and how much memory it takes. */
static void dump_proc(long nr)
{
	double start, least, first = memory_settled();
	static char text[1 << 16];
	long rows = 0, reads = 0;
	ssize_t len, i;
	char name[64];
	int fd;

	fd = open("/proc/thread-self/net/pop/channels", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "channels");
	least = first;
	start = now();
	while ((len = read(fd, text, sizeof(text))) > 0) {
		for (i = 0; i < len; i++)
			rows += text[i] == '\n';
		if (reads++ % 1000 == 0 && memory_free() < least)
			least = memory_free();
	}
	snprintf(name, sizeof(name), "dump-proc-%ld-ns", nr);
	say(name, (now() - start) / (rows - 1));
	snprintf(name, sizeof(name), "dump-proc-%ld-rows", nr);
	say(name, rows - 1);
	snprintf(name, sizeof(name), "dump-proc-%ld-kib", nr);
	say(name, (first - least) / 1024);
	close(fd);
}

struct dumped {
	long	rows;
	double	least;
};

static void dumped_cb(const struct nlmsghdr *nlh, void *data)
{
	struct dumped *d = data;

	if (d->rows++ % 50000 == 0 && memory_free() < d->least)
		d->least = memory_free();
}

static void dump_netlink(struct kit_body *body, int contracts, long nr)
{
	double start, first = memory_settled();
	struct dumped d = { .least = first };
	struct nlmsghdr *nlh;
	char name[64];
	int i;

	start = now();
	for (i = 0; i < contracts; i++) {
		nlh = kit_start(&k, POP_CMD_CHANNEL_GET, NLM_F_DUMP);
		mnl_attr_put(nlh, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN,
			     body[i].hash);
		mnl_attr_put_u32(nlh, POP_A_CHANNEL_PARTY, B);
		must(kit_call(&k, nlh, dumped_cb, &d), "dump");
	}
	snprintf(name, sizeof(name), "dump-netlink-%ld-ns", nr);
	say(name, (now() - start) / d.rows);
	snprintf(name, sizeof(name), "dump-netlink-%ld-rows", nr);
	say(name, d.rows);
	snprintf(name, sizeof(name), "dump-netlink-%ld-kib", nr);
	say(name, (first - d.least) / 1024);
}

static void dump_contracts(int cmd, const char *what, long nr)
{
	double start, first = memory_settled();
	struct dumped d = { .least = first };
	char name[64];

	start = now();
	must(kit_call(&k, kit_start(&k, cmd, NLM_F_DUMP), dumped_cb, &d), what);
	snprintf(name, sizeof(name), "dump-%s-%ld-ns", what, nr);
	say(name, (now() - start) / d.rows);
	snprintf(name, sizeof(name), "dump-%s-%ld-rows", what, nr);
	say(name, d.rows);
}

/* Of a tenth, and of all of ten thousand contracts with a hundred channels. */
static void dump(void)
{
	struct kit_body *body = calloc(CONTRACTS, sizeof(*body));
	int i;

	for (i = 0; i < CONTRACTS; i++)
		body[i] = plain(i, 2, 1, 100);
	for (i = 0; i < CONTRACTS; i++) {
		add(&body[i], B);
		if (i + 1 != CONTRACTS / 10 && i + 1 != CONTRACTS)
			continue;
		dump_proc(100L * (i + 1));
		dump_netlink(body, i + 1, 100L * (i + 1));
		dump_contracts(POP_CMD_CONTRACT_GET, "contracts", i + 1);
		dump_contracts(POP_CMD_PARTY_GET, "parties", i + 1);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} measurements[] = {
	{ "open", open_channels },
	{ "idle", idle_channels },
	{ "contracts-2", contracts_2 },
	{ "contracts-16", contracts_16 },
	{ "contracts-64", contracts_64 },
	{ "install", install_many },
	{ "units-few", units_few },
	{ "units-many", units_many },
	{ "units-contracts", units_contracts },
	{ "parties-4", parties_4 },
	{ "parties-16", parties_16 },
	{ "parties-64", parties_64 },
	{ "parties-256", parties_256 },
	{ "phases", all_phases },
	{ "state", state_of_many },
	{ "dump", dump },
};

int main(int argc, char **argv)
{
	unsigned int i;

	if (kit_netns() || kit_open(&k))
		err(1, "network namespace");
	/* so that it is there before anything is measured */
	memset(k.request, 1, KIT_MESSAGE);
	memset(k.answer, 1, KIT_MESSAGE);
	for (i = 0; i < sizeof(measurements) / sizeof(*measurements); i++)
		if (argc == 2 && !strcmp(argv[1], measurements[i].name)) {
			measurements[i].run();
			return 0;
		}
	errx(2, "see the end of scale.c");
}
