// SPDX-License-Identifier: GPL-2.0
/*
 * As many phases as there can be, and as few; and phases of many channels.
 *
 * Shows: R2 R9 R15 R24
 */
#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B };

static char names[1100][16];

FIXTURE(phases) {
	struct kit k;
	struct kit_body body;
	struct kit_action *actions;
	int fd[2];
};

FIXTURE_VARIANT(phases) {
	int phases;
	int rounds;	/* phases to go through */
	int channels;	/* of each phase */
};

FIXTURE_VARIANT_ADD(phases, one) { .phases = 1, .rounds = 1, .channels = 1 };
FIXTURE_VARIANT_ADD(phases, three) { .phases = 3, .rounds = 3, .channels = 1 };
FIXTURE_VARIANT_ADD(phases, all) {
	.phases = POP_MAX_PHASES, .rounds = 300, .channels = 1,
};

/* More than are opened wherever a phase is entered. */
FIXTURE_VARIANT_ADD(phases, wide) {
	.phases = 6, .rounds = 6, .channels = 1100,
};

/* A and B take turns: each phase waits for the one before. */
FIXTURE_SETUP(phases)
{
	struct kit_contract c = {
		.name = "phases", .parties = 2, .phases = variant->phases,
		.nr_actions = variant->phases * variant->channels,
	};
	int i, phase;

	self->actions = calloc(c.nr_actions, sizeof(*self->actions));
	for (i = 0; i < c.nr_actions; i++) {
		int k = i % variant->channels;

		phase = i / variant->channels;
		snprintf(names[k], sizeof(names[k]), "turn%04d", k);
		self->actions[i] = (struct kit_action) {
			.phase = phase, .name = names[k], .from = phase % 2,
			.nr_to = 1, .to = { !(phase % 2) },
		};
	}
	c.action = self->actions;
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	self->body = kit_encode(&c);
	ASSERT_EQ(0, kit_load(&self->k, &self->body))
		TH_LOG("%s", self->k.text);
	for (i = 0; i < 2; i++) {
		self->fd[i] = kit_socket(&self->body, i);
		ASSERT_LE(0, self->fd[i]);
	}
}

FIXTURE_TEARDOWN(phases)
{
	close(self->fd[A]);
	close(self->fd[B]);
	kit_close(&self->k);
	free(self->actions);
	free(self->body.data);
}

static struct pop_info info(int fd)
{
	struct pop_info info = {};
	socklen_t len = sizeof(info);

	getsockopt(fd, SOL_POP, POP_INFO, &info, &len);
	return info;
}

/* Thousands of messages: on a slow machine longer than others. */
TEST_F_TIMEOUT(phases, turns, 250)
{
	int i, got, messages = variant->rounds * variant->channels;
	long units = kit_message_units();

	for (i = 0; i < messages; i++) {
		int phase = i / variant->channels;
		int from = self->fd[phase % 2], to = self->fd[!(phase % 2)];

		ASSERT_EQ(sizeof(i), kit_send(from, &self->body, phase,
					      i % variant->channels,
					      POP_PARTY_ANY, &i, sizeof(i), 0));
		ASSERT_EQ(sizeof(i), recv(to, &got, sizeof(got), 0));
		ASSERT_EQ(i, got);
	}
	/* Two datagrams a channel, whatever the number of phases. */
	EXPECT_EQ(units + 2 * messages, kit_message_units());
	EXPECT_EQ(0, kit_counter("PopRxNotOpen"));
	for (i = 0; i < 2; i++) {
		struct pop_info now = info(self->fd[i]);

		/* The sender waits for the other's next turn; who has none
		 * left is in the last phase.
		 */
		EXPECT_LE((unsigned int)variant->rounds - 1, now.phase);
		EXPECT_GE((unsigned int)variant->rounds + 1, now.phase);
		EXPECT_EQ(variant->rounds == variant->phases,
			  now.contract_state ==
			  POP_CONTRACT_STATE_SETTLING);
	}
}

/* Who runs ahead of all it needs meets EAGAIN, at either end. */
TEST_F(phases, last_phase_waits)
{
	int last = variant->phases - 1;

	if (!last)
		return;
	EXPECT_EQ(-EAGAIN, kit_send(self->fd[last % 2], &self->body, last, 0,
				    POP_PARTY_ANY, "", 0, MSG_DONTWAIT));
}

TEST_HARNESS_MAIN
