// SPDX-License-Identifier: GPL-2.0
/*
 * A million input channels of one node open at the same time, in six
 * contracts, and a message into the last of them; ten thousand contracts; and how
 * 2,048 channels stand, in one datagram.
 *
 * The debug kernel keeps books of each allocation, for which this is too much.
 * Kernels: 6.1 6.12
 *
 * Shows: R14 R39 R68
 */
#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B };

#define PHASES		3	/* as many as are open at once */
#define ACTIONS		POP_MAX_PHASE_ACTIONS
#define CONTRACTS	6
#define CHANNELS	(CONTRACTS * PHASES * ACTIONS)

static struct kit_action actions[PHASES * ACTIONS];
static char names[ACTIONS][8];

static struct kit_body make_body(int salt)
{
	const struct kit_contract c = {
		.name = "scale", .parties = 2, .phases = PHASES,
		.nr_actions = PHASES * ACTIONS, .action = actions,
		.salt = salt,
	};

	return kit_encode(&c);
}

static void make_actions(void)
{
	int i;

	for (i = 0; i < ACTIONS; i++)
		snprintf(names[i], sizeof(names[i]), "a%05d", i);
	for (i = 0; i < PHASES * ACTIONS; i++)
		actions[i] = (struct kit_action) {
			.phase = i / ACTIONS, .name = names[i % ACTIONS],
			.from = A, .nr_to = 1, .to = { B }, .max = 64,
		};
}

TEST(a_million_open_channels)
{
	struct kit_body body[CONTRACTS];
	struct sockaddr_pop from;
	socklen_t len = sizeof(from);
	struct pop_info info;
	int i, a, b, open = 0;
	char text[8] = "";
	struct kit k;

	make_actions();
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&k));
	for (i = 0; i < CONTRACTS; i++) {
		body[i] = make_body(i);
		ASSERT_EQ(0, kit_contract_add(&k, &body[i], 2))
			TH_LOG("%s", k.text);
		ASSERT_EQ(0, kit_party_add(&k, &body[i], B, 0))
			TH_LOG("%s", k.text);
		b = kit_socket(&body[i], B);
		ASSERT_LE(0, b);
		len = sizeof(info);
		ASSERT_EQ(0, getsockopt(b, SOL_POP, POP_INFO, &info, &len));
		open += info.inputs - info.inputs_done;
		if (i + 1 < CONTRACTS)
			close(b);
	}
	EXPECT_EQ(CHANNELS, open);
	EXPECT_LE(1000000, open);

	/* The sender of the last contract, who may send in all its phases. */
	i = CONTRACTS - 1;
	ASSERT_EQ(0, kit_party_add(&k, &body[i], A, 0));
	ASSERT_EQ(0, kit_peer_set4(&k, &body[i], A, B, "127.0.0.1"));
	a = kit_socket(&body[i], A);
	ASSERT_LE(0, a);
	ASSERT_EQ(4, kit_send(a, &body[i], PHASES - 1, ACTIONS - 1, B, "last",
			      4, 0));
	len = sizeof(from);
	ASSERT_EQ(4, recvfrom(b, text, sizeof(text), 0, (void *)&from, &len));
	EXPECT_STREQ("last", text);
	EXPECT_EQ(PHASES - 1, from.spop_phase);
	EXPECT_EQ(ACTIONS - 1, from.spop_action);
	EXPECT_EQ(0, memcmp(from.spop_contract, body[i].hash, POP_HASH_LEN));

	close(a);
	close(b);
	for (i = 0; i < CONTRACTS; i++) {
		EXPECT_EQ(0, kit_contract_cmd(&k, POP_CMD_CONTRACT_DEL,
					      body[i].hash));
		free(body[i].data);
	}
	kit_close(&k);
}

#define MANY	10000

/* One action of A for B. */
static struct kit_body small(int salt)
{
	static const struct kit_action action = {
		.name = "only", .from = A, .nr_to = 1, .to = { B }, .max = 64,
	};
	const struct kit_contract c = {
		.name = "small", .parties = 2, .phases = 1,
		.nr_actions = 1, .action = &action, .salt = salt,
	};

	return kit_encode(&c);
}

TEST(ten_thousand_contracts)
{
	static const int used[] = { 0, MANY / 2, MANY - 1 };
	struct kit_body *body = calloc(MANY, sizeof(*body));
	char text[8] = "";
	int i, a, b;
	struct kit k;

	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&k));
	for (i = 0; i < MANY; i++) {
		body[i] = small(i);
		ASSERT_EQ(0, kit_contract_add(&k, &body[i], 2))
			TH_LOG("%s", k.text);
		ASSERT_EQ(0, kit_party_add(&k, &body[i], B, 0))
			TH_LOG("%s", k.text);
	}
	/* each is a contract like any other */
	for (i = 0; i < 3; i++) {
		const struct kit_body *one = &body[used[i]];

		ASSERT_EQ(0, kit_party_add(&k, one, A, 0));
		ASSERT_EQ(0, kit_peer_set4(&k, one, A, B, "127.0.0.1"));
		a = kit_socket(one, A);
		b = kit_socket(one, B);
		ASSERT_LE(0, a);
		ASSERT_LE(0, b);
		ASSERT_EQ(3, kit_send(a, one, 0, 0, B, "one", 3, 0));
		ASSERT_EQ(3, recv(b, text, sizeof(text), 0));
		EXPECT_STREQ("one", text);
		close(a);
		close(b);
	}
	EXPECT_EQ(3, kit_counter("PopRxExecuted"));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, kit_contract_cmd(&k, POP_CMD_CONTRACT_DEL,
					      body[i].hash));
		free(body[i].data);
	}
	free(body);
	kit_close(&k);
}

struct state {
	int answers;
	uint32_t count;
	long states;
};

static void state_cb(const struct nlmsghdr *nlh, struct state *s)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	s->answers++;
	if (genl->cmd != POP_CMD_STATE_NTF)
		return;
	mnl_attr_for_each(attr, nlh, sizeof(*genl)) {
		if (mnl_attr_get_type(attr) == POP_A_STATE_COUNT)
			s->count = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == POP_A_STATE_STATES)
			s->states = mnl_attr_get_payload_len(attr);
	}
}

TEST(state_of_2048_channels_in_one_datagram)
{
	const struct kit_contract c = {
		.name = "state", .parties = 2, .phases = 1,
		.nr_actions = POP_STATE_MAX + 1, .action = actions,
	};
	struct state s = {};
	struct nlmsghdr *nlh;
	struct kit_body body;
	struct kit k;

	make_actions();
	body = kit_encode(&c);
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&k));
	ASSERT_EQ(0, kit_load(&k, &body)) TH_LOG("%s", k.text);
	nlh = kit_start(&k, POP_CMD_STATE_GET, 0);
	mnl_attr_put(nlh, POP_A_STATE_CONTRACT, POP_HASH_LEN, body.hash);
	mnl_attr_put_u32(nlh, POP_A_STATE_PARTY, A);
	mnl_attr_put_u32(nlh, POP_A_STATE_PEER, B);
	mnl_attr_put_u32(nlh, POP_A_STATE_COUNT, POP_STATE_MAX);
	ASSERT_LT(0, mnl_socket_sendto(k.nl, nlh, nlh->nlmsg_len));
	/* the number of the request, and the answer to it */
	while (s.answers < 2) {
		int len = mnl_socket_recvfrom(k.nl, k.answer, KIT_MESSAGE);
		const struct nlmsghdr *h = (void *)k.answer;

		ASSERT_LT(0, len);
		for (; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len))
			if (h->nlmsg_type != NLMSG_ERROR)
				state_cb(h, &s);
	}
	EXPECT_EQ(2048, s.count);
	EXPECT_EQ(2048, s.states);
	/* one there, one back, and nothing else */
	EXPECT_EQ(2, kit_counter("PopTxUnits"));
	EXPECT_EQ(2, kit_counter("PopTxControl"));
	kit_close(&k);
	free(body.data);
}

TEST_HARNESS_MAIN
