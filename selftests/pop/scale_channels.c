// SPDX-License-Identifier: GPL-2.0
/*
 * A million input channels of one node open at the same time, in six
 * contracts, and a message into the last of them.
 *
 * The debug kernel keeps books of each allocation, for which this is too much.
 * Kernels: 6.1 6.12
 *
 * Shows: R14 R39
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

TEST_HARNESS_MAIN
