// SPDX-License-Identifier: GPL-2.0
/* What messages, phases and STATE take, by how many parties, phases and channels. */
#include "scale.h"

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
		.bytes = number_in("/proc/thread-self/net/dev", " lo: %ld"),
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
	char (*names)[16] = calloc(n, sizeof(*names));
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

void parties_4(void)
{
	parties(4);
}

void parties_16(void)
{
	parties(16);
}

void parties_64(void)
{
	parties(64);
}

void parties_256(void)
{
	parties(256);
}

#define TURNS	500

/* As many phases as there can be, and A and B take turns through all of them. */
void all_phases(void)
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

/* Ask for 2048 channels: how many datagrams, and how long is the answer? */
void state_of_many(void)
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
