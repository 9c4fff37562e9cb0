// SPDX-License-Identifier: GPL-2.0
/* Tests of how much a peer can make us say. */

#include "fixture_test.h"
#include "control.h"

static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1) },
};

static const struct pop_test_plan plan = {
	.parties = 3, .phases = 1,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

static struct pop_member *member(struct kunit *test)
{
	return pop_test_member(test, pop_test_contract(test, &plan), 1);
}

/* How many answers there are until there is none. */
static u32 answers(struct pop_peer *peer)
{
	u32 n = 0;

	while (n < 1000 * POP_ANSWERS_MAX && pop_control_may_answer(peer))
		n++;
	return n;
}

/* As if so much time had passed. */
static void pass(struct pop_peer *peer, unsigned long time)
{
	spin_lock_bh(&peer->lock);
	peer->answers_at -= time;
	spin_unlock_bh(&peer->lock);
}

static void answers__so_many(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_peer *peer = &m->peer[0];
	unsigned long start = jiffies, took;
	u32 n = answers(peer);

	took = jiffies - start + 1;
	KUNIT_EXPECT_GE(test, n, POP_ANSWERS_MAX);
	KUNIT_EXPECT_LE(test, n, POP_ANSWERS_MAX + took * POP_ANSWERS_MAX / HZ);
	POP_EXPECT_COUNTED(test, RX_LIMITED, 1);
	/* others have their own */
	KUNIT_EXPECT_TRUE(test, pop_control_may_answer(&m->peer[2]));
}

static void answers__come_back(struct kunit *test)
{
	struct pop_peer *peer = &member(test)->peer[0];
	unsigned long start, took;
	u32 n;

	answers(peer);
	pass(peer, HZ / 2);
	KUNIT_EXPECT_GE(test, answers(peer), POP_ANSWERS_MAX / 2 - 1);
	/* and are not saved up */
	pass(peer, 100 * HZ);
	start = jiffies;
	n = answers(peer);
	took = jiffies - start + 1;
	KUNIT_EXPECT_LE(test, n, POP_ANSWERS_MAX + took * POP_ANSWERS_MAX / HZ);
}

static void answers__long_ones(struct kunit *test)
{
	struct pop_peer *peer = &member(test)->peer[0];
	unsigned long start = jiffies, took;
	u32 n = 0;

	while (n < 10 * POP_ANSWERS_MAX && pop_control_may_tell(peer, 2048))
		n++;
	took = jiffies - start + 1;
	KUNIT_EXPECT_GE(test, n, POP_ANSWERS_MAX / 5);
	KUNIT_EXPECT_LE(test, n, (POP_ANSWERS_MAX +
				  took * POP_ANSWERS_MAX / HZ) / 5);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(answers__so_many),
	KUNIT_CASE(answers__come_back),
	KUNIT_CASE(answers__long_ones),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_control",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
