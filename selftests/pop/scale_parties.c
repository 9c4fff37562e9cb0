// SPDX-License-Identifier: GPL-2.0
/*
 * What a channel costs does not depend on how many parties there are: 4, 16, 64 or
 * 256, a message takes two datagrams. ("make scale" counts the bytes and the
 * instructions, too.)
 *
 * Shows: R29
 */
#include "../kselftest_harness.h"
#include "kit.h"

#define MOST	256

FIXTURE(parties) {
	struct kit k;
	struct kit_body body;
	int fd[MOST];
};

FIXTURE_VARIANT(parties) {
	int n;
};

FIXTURE_VARIANT_ADD(parties, n4) { .n = 4 };
FIXTURE_VARIANT_ADD(parties, n16) { .n = 16 };
FIXTURE_VARIANT_ADD(parties, n64) { .n = 64 };
FIXTURE_VARIANT_ADD(parties, n256) { .n = 256 };

/* Party 0 has something for each other, and each for the next. */
FIXTURE_SETUP(parties)
{
	static struct kit_action action[MOST + 1];
	static char names[MOST][8];
	struct kit_contract c = {
		.name = "parties", .parties = variant->n, .phases = 1,
		.nr_actions = variant->n + 1, .action = action,
	};
	int i, n = variant->n;

	action[0] = (struct kit_action) {
		.name = "each", .from = 0, .all = true, .max = 64,
	};
	for (i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "to%04d", i);
		action[i + 1] = (struct kit_action) {
			.name = names[i], .from = i, .nr_to = 1,
			.to = { (i + 1) % n }, .max = 64,
		};
	}
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	self->body = kit_encode(&c);
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, n))
		TH_LOG("%s", self->k.text);
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, kit_party_add(&self->k, &self->body, i, 0));
	for (i = 0; i < n; i++) {
		int next = (i + 1) % n;

		ASSERT_EQ(0, kit_peer_set4(&self->k, &self->body, i, next,
					   "127.0.0.1"));
		if (i)
			ASSERT_EQ(0, kit_peer_set4(&self->k, &self->body, 0, i,
						   "127.0.0.1"));
		self->fd[i] = kit_socket(&self->body, i);
		ASSERT_LE(0, self->fd[i]);
	}
}

FIXTURE_TEARDOWN(parties)
{
	int i;

	for (i = 0; i < variant->n; i++)
		close(self->fd[i]);
	kit_close(&self->k);
	free(self->body.data);
}

static const char text[64] = "a message";

/* All of them take it. */
#define EXPECT_TEXT(first, n) do {					\
	char got_[64];							\
	int i_;								\
									\
	for (i_ = (first); i_ < (n); i_++) {				\
		ASSERT_EQ(sizeof(text), recv(self->fd[i_], got_,	\
					     sizeof(got_), 0));		\
		EXPECT_EQ(0, memcmp(text, got_, sizeof(text)));		\
	}								\
} while (0)

TEST_F_TIMEOUT(parties, one_to_each, 250)
{
	int i, n = variant->n;

	for (i = 1; i < n; i++)
		ASSERT_EQ(sizeof(text),
			  kit_send(self->fd[0], &self->body, 0, 0, i, text,
				   sizeof(text), 0));
	EXPECT_TEXT(1, n);
	EXPECT_EQ(2 * (n - 1), kit_message_units());
	EXPECT_EQ(n - 1, kit_counter("PopRxExecuted"));
}

TEST_F_TIMEOUT(parties, each_to_the_next, 250)
{
	int i, n = variant->n;

	for (i = 0; i < n; i++)
		ASSERT_EQ(sizeof(text),
			  kit_send(self->fd[i], &self->body, 0, i + 1,
				   (i + 1) % n, text, sizeof(text), 0));
	EXPECT_TEXT(0, n);
	EXPECT_EQ(2 * n, kit_message_units());
	EXPECT_EQ(n, kit_counter("PopRxExecuted"));
}

TEST_HARNESS_MAIN
