// SPDX-License-Identifier: GPL-2.0
/*
 * A million slots of one channel, one after the other: each is delivered once,
 * bit-exact, by two datagrams.
 *
 * On the fastest of the kernels, for it takes some minutes.
 * Kernels: 6.1
 *
 * Shows: R15 R21 R39
 */
#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B };

#define SLOTS	1000000

static const struct kit_action actions[] = {
	{ 0, "tick", A, 1, { B }, .count = SLOTS, .max = 64 },
};

static const struct kit_contract contract = {
	.name = "slots", .parties = 2, .phases = 1,
	.action = actions, .nr_actions = 1,
};

FIXTURE(slots) {
	struct kit k;
	struct kit_body body;
};

FIXTURE_SETUP(slots)
{
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	self->body = kit_encode(&contract);
	ASSERT_EQ(0, kit_load(&self->k, &self->body))
		TH_LOG("%s", self->k.text);
}

FIXTURE_TEARDOWN(slots)
{
	kit_close(&self->k);
	free(self->body.data);
}

/* The only test here: no sooner than the runner's own limit would end it. */
TEST_F_TIMEOUT(slots, a_million, 580)
{
	struct sockaddr_pop tick = kit_channel(&self->body, 0, 0, B), from;
	socklen_t len = sizeof(from);
	struct pop_info info;
	uint32_t i, got;
	int a, b;

	a = kit_socket(&self->body, A);
	b = kit_socket(&self->body, B);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(0, connect(a, (void *)&tick, sizeof(tick)));

	for (i = 0; i < SLOTS; i++) {
		ASSERT_EQ(sizeof(i), send(a, &i, sizeof(i), 0));
		ASSERT_EQ(sizeof(got), recvfrom(b, &got, sizeof(got), 0,
						(void *)&from, &len));
		ASSERT_EQ(i, got);
		ASSERT_EQ(i, from.spop_seq);
	}
	EXPECT_EQ(-1, send(a, &i, sizeof(i), 0));
	EXPECT_EQ(EALREADY, errno);
	EXPECT_EQ(2L * SLOTS, kit_message_units());
	EXPECT_EQ(SLOTS, kit_counter("PopRxExecuted"));
	len = sizeof(info);
	ASSERT_EQ(0, getsockopt(b, SOL_POP, POP_INFO, &info, &len));
	EXPECT_EQ(POP_CONTRACT_STATE_SETTLING, info.contract_state);
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
