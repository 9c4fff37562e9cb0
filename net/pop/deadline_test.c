// SPDX-License-Identifier: GPL-2.0
/* Tests of deadlines: when they count from, and what they flag. */

#include "fixture_test.h"
#include "channel.h"
#include "deadline.h"

/* Party 1 has two inputs in phase 0, one in 1 and 2, and only an output in 3. */
static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 2 },
	{ .phase = 0, .from = 1, .to = BIT(2) },
	{ .phase = 0, .from = 2, .to = BIT(1) },
	{ .phase = 1, .from = 0, .to = BIT(1) },
	{ .phase = 2, .from = 2, .to = BIT(1) },
	{ .phase = 3, .from = 1, .to = BIT(2) },
};

static const u32 deadline[] = { 10, 0, U32_MAX, 10 };

static const struct pop_test_plan plan = {
	.parties = 3, .phases = 4, .deadline = deadline, .skew = 5,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

static struct pop_member *member(struct kunit *test)
{
	return pop_test_member(test, pop_test_contract(test, &plan), 1);
}

/* Message @seq of the member's first channel of an action. */
static void execute(struct kunit *test, struct pop_member *m, u16 phase,
		    u16 action, u32 seq)
{
	struct pop_channel *ch = pop_test_channel(test, m, phase, action);
	struct pop_header header = { .digest = { 1 } };
	bool last;

	KUNIT_ASSERT_NOT_NULL(test, ch->open);
	spin_lock_bh(&ch->lock);
	last = pop_channel_execute(m, ch, seq, &header);
	spin_unlock_bh(&ch->lock);
	if (last)
		pop_channel_done(m, ch);
}

/* Its time has come. */
static void pass(struct pop_member *m)
{
	spin_lock_bh(&m->lock);
	m->due = 1;
	spin_unlock_bh(&m->lock);
	pop_deadline_work(&m->deadline.work);
}

#define EXPECT_OVERDUE(test, m, phase, action, yes)			\
	KUNIT_EXPECT_EQ(test, yes,					\
			!!(pop_test_channel(test, m, phase, action)->flags & \
			   POP_CHANNEL_F_OVERDUE))
#define EXPECT_FLAGGED(test, m, n)					\
	KUNIT_EXPECT_EQ(test, pop_member_flagged(m, POP_CHANNEL_F_OVERDUE), n)

static void enter__counts_from_the_entry(struct kunit *test)
{
	u64 before = ktime_get_boottime_ns(), after;
	struct pop_member *m = member(test);

	after = ktime_get_boottime_ns();
	KUNIT_EXPECT_GE(test, m->due, before + 15 * NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, m->due, after + 15 * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&m->deadline));
}

static void enter__no_timer_without_deadline(struct kunit *test)
{
	struct pop_member *m = member(test);

	execute(test, m, 0, 0, 0);
	execute(test, m, 0, 2, 0);
	KUNIT_EXPECT_NE(test, m->due, 0);
	execute(test, m, 0, 0, 1);
	KUNIT_ASSERT_EQ(test, m->phase, 1);
	KUNIT_EXPECT_EQ(test, m->due, 0);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&m->deadline));
}

/* 2^33 seconds are more than jiffies of 32 bits can count. */
static void enter__the_longest(struct kunit *test)
{
	struct pop_test_plan longest = plan;
	u64 now = ktime_get_boottime_ns();
	struct pop_member *m;

	longest.skew = U32_MAX;
	m = pop_test_member(test, pop_test_contract(test, &longest), 1);
	execute(test, m, 0, 0, 0);
	execute(test, m, 0, 0, 1);
	execute(test, m, 0, 2, 0);
	execute(test, m, 1, 0, 0);
	KUNIT_ASSERT_EQ(test, m->phase, 2);
	KUNIT_EXPECT_GE(test, m->due, now + 2ULL * U32_MAX * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&m->deadline));
	KUNIT_EXPECT_TRUE(test, time_before(m->deadline.timer.expires,
					    jiffies + 3700 * HZ));
	pop_deadline_work(&m->deadline.work);
	EXPECT_FLAGGED(test, m, 0);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&m->deadline));
}

/* Of an output nobody here can be late; a phase without inputs has no timer. */
static void enter__outputs_do_not_count(struct kunit *test)
{
	struct pop_member *m = member(test);

	execute(test, m, 0, 0, 0);
	execute(test, m, 0, 0, 1);
	execute(test, m, 0, 2, 0);
	execute(test, m, 1, 0, 0);
	execute(test, m, 2, 0, 0);
	KUNIT_ASSERT_EQ(test, m->phase, 3);
	KUNIT_EXPECT_EQ(test, m->due, 0);
	pass(m);
	EXPECT_FLAGGED(test, m, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->disputes), 0);
}

static void overdue__not_before(struct kunit *test)
{
	struct pop_member *m = member(test);

	pop_deadline_work(&m->deadline.work);
	EXPECT_FLAGGED(test, m, 0);
	KUNIT_EXPECT_NE(test, m->due, 0);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&m->deadline));
	POP_EXPECT_COUNTED(test, OVERDUE, 0);
}

/* Of the phase's inputs those that are not done, and each once. */
static void overdue__what_is_not_done(struct kunit *test)
{
	struct pop_member *m = member(test);

	execute(test, m, 0, 0, 0);
	execute(test, m, 0, 2, 0);
	pass(m);
	EXPECT_OVERDUE(test, m, 0, 0, true);
	EXPECT_OVERDUE(test, m, 0, 1, false);
	EXPECT_OVERDUE(test, m, 0, 2, false);
	EXPECT_OVERDUE(test, m, 1, 0, false);
	EXPECT_FLAGGED(test, m, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->disputes), 1);
	POP_EXPECT_COUNTED(test, OVERDUE, 1);
	/* it changes nothing but the flag */
	POP_EXPECT_STATE(test, m, pop_test_channel(test, m, 0, 0), OPEN);
	KUNIT_EXPECT_EQ(test, m->phase, 0);

	pass(m);
	EXPECT_FLAGGED(test, m, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->disputes), 1);
	POP_EXPECT_COUNTED(test, OVERDUE, 1);
}

/* What comes after all is as good as before. */
static void overdue__until_it_comes(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);

	pass(m);
	EXPECT_FLAGGED(test, m, 2);
	execute(test, m, 0, 0, 0);
	EXPECT_OVERDUE(test, m, 0, 0, true);
	execute(test, m, 0, 0, 1);
	EXPECT_OVERDUE(test, m, 0, 0, false);
	EXPECT_FLAGGED(test, m, 1);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
	execute(test, m, 0, 2, 0);
	EXPECT_FLAGGED(test, m, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 1);
}

static void overdue__not_after_the_end(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_net *pn = pop_test_net();

	mutex_lock(&pn->lock);
	KUNIT_EXPECT_EQ(test, 0, pop_contract_end(m->contract,
						  POP_CONTRACT_STATE_ABORTED,
						  NULL));
	mutex_unlock(&pn->lock);
	pass(m);
	EXPECT_FLAGGED(test, m, 0);
	POP_EXPECT_COUNTED(test, OVERDUE, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(enter__counts_from_the_entry),
	KUNIT_CASE(enter__no_timer_without_deadline),
	KUNIT_CASE(enter__the_longest),
	KUNIT_CASE(enter__outputs_do_not_count),
	KUNIT_CASE(overdue__not_before),
	KUNIT_CASE(overdue__what_is_not_done),
	KUNIT_CASE(overdue__until_it_comes),
	KUNIT_CASE(overdue__not_after_the_end),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_deadline",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
