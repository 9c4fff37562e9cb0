// SPDX-License-Identifier: GPL-2.0
/*
 * A thousand contracts with a hundred channels each: every dump gives each of
 * them once, whatever comes and goes meanwhile, in memory that does not grow with
 * it, and messages get through between one piece of it and the next.
 *
 * Too much for the debug kernel; what is in netlink_look.c and proc.c is the same
 * in small.
 * Kernels: 6.1 6.12
 *
 * Shows: R7 R68
 */
#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B };

#define CONTRACTS	1000
#define EACH		100
#define LIVE		4000	/* messages of the contract that is at work */

static char names[EACH][8];

static struct kit_body make_body(int salt, int actions, int count)
{
	struct kit_action action[EACH];
	const struct kit_contract c = {
		.name = "dump", .parties = 2, .phases = 1,
		.nr_actions = actions, .action = action, .salt = salt,
	};
	int i;

	for (i = 0; i < actions; i++) {
		snprintf(names[i], sizeof(names[i]), "a%05d", i);
		action[i] = (struct kit_action) {
			.name = names[i], .from = A, .nr_to = 1, .to = { B },
			.count = count, .max = 64,
		};
	}
	return kit_encode(&c);
}

FIXTURE(dump) {
	struct kit k;
	struct kit other;
	struct kit_body body[CONTRACTS];
	struct kit_body live;
	int order[CONTRACTS];	/* by hash */
	int a;
	int b;
	int sent;
	unsigned char seen[CONTRACTS][EACH];
	bool gone[CONTRACTS];
};

static struct kit_body *sorting;

static int by_hash(const void *a, const void *b)
{
	return memcmp(sorting[*(const int *)a].hash,
		      sorting[*(const int *)b].hash, POP_HASH_LEN);
}

FIXTURE_SETUP(dump)
{
	int i;

	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	ASSERT_EQ(0, kit_open(&self->other));
	for (i = 0; i < CONTRACTS; i++) {
		self->body[i] = make_body(i, EACH, 1);
		self->order[i] = i;
		ASSERT_EQ(0, kit_contract_add(&self->k, &self->body[i], 2))
			TH_LOG("%s", self->k.text);
		ASSERT_EQ(0, kit_party_add(&self->k, &self->body[i], B, 0))
			TH_LOG("%s", self->k.text);
	}
	sorting = self->body;
	qsort(self->order, CONTRACTS, sizeof(*self->order), by_hash);
	self->live = make_body(CONTRACTS, 1, LIVE);
	ASSERT_EQ(0, kit_load(&self->k, &self->live));
	self->a = kit_socket(&self->live, A);
	self->b = kit_socket(&self->live, B);
	ASSERT_LE(0, self->a);
	ASSERT_LE(0, self->b);
}

FIXTURE_TEARDOWN(dump)
{
	int i;

	close(self->a);
	close(self->b);
	kit_close(&self->k);
	kit_close(&self->other);
	for (i = 0; i < CONTRACTS; i++)
		free(self->body[i].data);
	free(self->live.data);
}

/* Which contract has a hash that begins with these bytes, or -1. */
static int find(const int *order, const struct kit_body *body,
		const uint8_t *hash, size_t len)
{
	int low = 0, high = CONTRACTS - 1;

	while (low <= high) {
		int mid = (low + high) / 2;
		int cmp = memcmp(hash, body[order[mid]].hash, len);

		if (!cmp)
			return order[mid];
		if (cmp < 0)
			high = mid - 1;
		else
			low = mid + 1;
	}
	return -1;
}

/* The kernel works on while a dump is half way. Return: whether it does. */
#define WORKS() ({							\
	int text_ = self->sent, got_ = -1;				\
									\
	kit_send(self->a, &self->live, 0, 0, B, &text_, sizeof(text_), 0) == \
		sizeof(text_) &&					\
	recv(self->b, &got_, sizeof(got_), 0) == sizeof(got_) &&	\
	got_ == self->sent++;						\
})

/* Contract @i goes, though its turn in the dump may have come or not. */
#define FORGET(i) do {							\
	int forget_ = (i);						\
									\
	ASSERT_EQ(0, kit_contract_cmd(&self->other, POP_CMD_CONTRACT_DEL, \
				      self->body[forget_].hash));	\
	self->gone[forget_] = true;					\
} while (0)

/* Each channel of a contract that stayed was there once, others at most once. */
#define EXPECT_EACH_ONCE() do {						\
	int i_, j_, lost_ = 0, twice_ = 0;				\
									\
	for (i_ = 0; i_ < CONTRACTS; i_++)				\
		for (j_ = 0; j_ < EACH; j_++) {				\
			twice_ += self->seen[i_][j_] > 1;		\
			lost_ += !self->seen[i_][j_] && !self->gone[i_]; \
		}							\
	EXPECT_EQ(0, lost_);						\
	EXPECT_EQ(0, twice_);						\
} while (0)

static long memory(const char *name)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long kib = -1;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kib = atol(line + strlen(name) + 1);
	if (f)
		fclose(f);
	return kib;
}

TEST_F_TIMEOUT(dump, proc_channels, 280)
{
	int fd = open("/proc/thread-self/net/pop/channels", O_RDONLY | O_CLOEXEC);
	long first = memory("MemFree:"), least = first, bytes = 0;
	static char text[8192];
	size_t have = 0;
	int reads = 0;
	ssize_t len;

	ASSERT_LE(0, fd);
	while ((len = read(fd, text + have, sizeof(text) - 1 - have)) > 0) {
		char *line = text, *end;

		bytes += len;
		have += len;
		text[have] = 0;
		for (; (end = strchr(line, '\n')); line = end + 1) {
			char hex[17], action[24];
			uint64_t hash;
			int i;

			if (sscanf(line, "%16[0-9a-f] %*s in %*d %23s", hex,
				   action) != 2)
				continue;
			hash = htobe64(strtoull(hex, NULL, 16));
			i = find(self->order, self->body, (uint8_t *)&hash, 8);
			if (i >= 0)
				self->seen[i][atoi(action + 1)]++;
		}
		have -= line - text;
		memmove(text, line, have);
		if (++reads % 64)
			continue;
		EXPECT_TRUE(WORKS());
		if (memory("MemFree:") < least)
			least = memory("MemFree:");
		/* one that was, the one that is, one to come; and a new one */
		if (reads == 64 * 10) {
			struct kit_body b = make_body(-1, EACH, 1);

			FORGET(0);
			FORGET(1);
			FORGET(CONTRACTS - 2);
			ASSERT_EQ(0, kit_contract_add(&self->other, &b, 2));
			ASSERT_EQ(0, kit_party_add(&self->other, &b, B, 0));
			free(b.data);
		}
	}
	EXPECT_EQ(0, len);
	EXPECT_LE(64 * 20, reads);
	EXPECT_EACH_ONCE();
	/* no large part of what was read is there at any one time */
	EXPECT_GT(bytes / 1024 / 2, first - least);
	close(fd);
}

struct rows {
	const int		*order;
	const struct kit_body	*body;
	unsigned char		(*seen)[EACH];
	int			hash_attr;
	int			action_attr;
};

static void row_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a;
	struct rows *r = data;
	int i = -1, j = 0;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == r->hash_attr)
			i = find(r->order, r->body, mnl_attr_get_payload(a),
				 POP_HASH_LEN);
		if (mnl_attr_get_type(a) == r->action_attr)
			j = mnl_attr_get_u32(a);
	}
	if (i >= 0)
		r->seen[i][j]++;
}

TEST_F_TIMEOUT(dump, netlink_channels, 280)
{
	struct rows rows = {
		.order = self->order, .body = self->body, .seen = self->seen,
		.hash_attr = POP_A_CHANNEL_CONTRACT,
		.action_attr = POP_A_CHANNEL_ACTION,
	};
	struct nlmsghdr *nlh;
	int i;

	for (i = 0; i < CONTRACTS; i++) {
		nlh = kit_start(&self->k, POP_CMD_CHANNEL_GET, NLM_F_DUMP);
		mnl_attr_put(nlh, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN,
			     self->body[i].hash);
		mnl_attr_put_u32(nlh, POP_A_CHANNEL_PARTY, B);
		ASSERT_EQ(0, kit_call(&self->k, nlh, row_cb, &rows));
	}
	EXPECT_EACH_ONCE();
}

/* Dumps that go through all contracts; some go while it is half way. */
TEST_F_TIMEOUT(dump, netlink_contracts_and_parties, 280)
{
	static const struct {
		int cmd;
		int attr;
	} lists[] = {
		{ POP_CMD_CONTRACT_GET, POP_A_CONTRACT_HASH },
		{ POP_CMD_PARTY_GET, POP_A_PARTY_CONTRACT },
	};
	int i, j, pieces;

	for (j = 0; j < 2; j++) {
		struct rows rows = {
			.order = self->order, .body = self->body,
			.seen = self->seen, .hash_attr = lists[j].attr,
			.action_attr = -1,
		};
		struct nlmsghdr *nlh = kit_start(&self->k, lists[j].cmd,
						 NLM_F_DUMP);
		bool done = false;

		memset(self->seen, 0, sizeof(self->seen));
		ASSERT_LT(0, mnl_socket_sendto(self->k.nl, nlh, nlh->nlmsg_len));
		for (pieces = 0; !done; pieces++) {
			const struct nlmsghdr *h = (void *)self->k.answer;
			int len = mnl_socket_recvfrom(self->k.nl,
						      self->k.answer, KIT_MESSAGE);

			ASSERT_LT(0, len);
			for (; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len)) {
				done |= h->nlmsg_type == NLMSG_DONE;
				if (h->nlmsg_type > NLMSG_DONE)
					row_cb(h, &rows);
			}
			ASSERT_GT(1000, pieces);
			EXPECT_TRUE(WORKS());
			if (pieces == 1) {
				FORGET(4 * j);
				FORGET(4 * j + 1);
				FORGET(CONTRACTS - 2 - 4 * j);
			}
		}
		EXPECT_LT(3, pieces);
		for (i = 0; i < CONTRACTS; i++) {
			EXPECT_GE(1, self->seen[i][0]);
			EXPECT_TRUE(self->seen[i][0] || self->gone[i])
				TH_LOG("%d is not in list %d", i, j);
		}
	}
}

TEST_HARNESS_MAIN
