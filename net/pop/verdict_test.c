// SPDX-License-Identifier: GPL-2.0
/* Tests of verdicts: late and void. */

#include "fixture_test.h"
#include "channel.h"
#include "slot.h"
#include "verdict.h"

/*
 * Party 1 has inputs in phases 0, 3 and 4, and outputs in phase 0, one of them
 * to two recipients. Phase 4 is there so that phase 3 can be left.
 */
static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 3, .vote = true },
	{ .phase = 0, .from = 1, .to = BIT(0) | BIT(2), .minutes = 7,
	  .same = true, .vote = true },
	{ .phase = 0, .from = 1, .to = BIT(0), .minutes = 5, .vote = true },
	{ .phase = 0, .from = 2, .to = BIT(1) },
	{ .phase = 1, .from = 0, .to = BIT(2) },
	{ .phase = 2, .from = 0, .to = BIT(2) },
	{ .phase = 3, .from = 0, .to = BIT(1) },
	{ .phase = 4, .from = 0, .to = BIT(1) },
};

static const struct pop_test_plan plan = {
	.parties = 3, .phases = 5,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

static struct pop_member *member(struct kunit *test)
{
	return pop_test_member(test, pop_test_contract(test, &plan), 1);
}

static int verdict(struct pop_member *m, struct pop_channel *ch, u8 state)
{
	struct pop_net *pn = pop_test_net();
	int ret;

	mutex_lock(&pn->lock);
	ret = pop_verdict(m, ch - m->channel, state, NULL);
	mutex_unlock(&pn->lock);
	return ret;
}

#define LATE(m, ch)	verdict(m, ch, POP_CHANNEL_STATE_LATE)
#define VOID(m, ch)	verdict(m, ch, POP_CHANNEL_STATE_VOID)

static void execute(struct kunit *test, struct pop_member *m,
		    struct pop_channel *ch, u32 seq)
{
	struct pop_header header = { .digest = { 1 } };
	bool last;

	KUNIT_ASSERT_NOT_NULL(test, ch->open);
	spin_lock_bh(&ch->lock);
	last = pop_channel_execute(m, ch, seq, &header);
	spin_unlock_bh(&ch->lock);
	if (last)
		pop_channel_done(m, ch);
}

/* The phase goes on without what is late, as if it had been executed. */
static void verdict__counts_as_done(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *late = pop_test_channel(test, m, 0, 0);
	struct pop_channel *gone = pop_test_channel(test, m, 0, 3);

	KUNIT_EXPECT_EQ(test, 0, LATE(m, late));
	POP_EXPECT_STATE(test, m, late, LATE);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->phases[0].in_left), 1);
	KUNIT_EXPECT_EQ(test, m->phase, 0);
	KUNIT_EXPECT_EQ(test, 0, VOID(m, gone));
	POP_EXPECT_STATE(test, m, gone, VOID);
	KUNIT_EXPECT_EQ(test, m->phase, 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->in_done), 2);

	KUNIT_EXPECT_EQ(test, pop_member_flagged(m, POP_CHANNEL_F_LATE), 1);
	KUNIT_EXPECT_EQ(test, pop_member_flagged(m, POP_CHANNEL_F_VOID), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->disputes), 2);
	/* nothing has executed by it */
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_OPEN, pop_member_state(m));
}

static void verdict__ends_what_is_overdue(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);

	spin_lock_bh(&ch->lock);
	KUNIT_EXPECT_TRUE(test, pop_channel_flag(m, ch, POP_CHANNEL_F_OVERDUE));
	KUNIT_EXPECT_FALSE(test, pop_channel_flag(m, ch, POP_CHANNEL_F_OVERDUE));
	spin_unlock_bh(&ch->lock);
	KUNIT_EXPECT_EQ(test, pop_member_flagged(m, POP_CHANNEL_F_OVERDUE), 1);
	KUNIT_EXPECT_EQ(test, 0, LATE(m, ch));
	KUNIT_EXPECT_EQ(test, pop_member_flagged(m, POP_CHANNEL_F_OVERDUE), 0);
	KUNIT_EXPECT_EQ(test, ch->flags, POP_CHANNEL_F_LATE);
}

static void verdict__is_for_once(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *late = pop_test_channel(test, m, 0, 0);
	struct pop_channel *done = pop_test_channel(test, m, 0, 3);

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, LATE(m, done));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			verdict(m, late, POP_CHANNEL_STATE_EXECUTED));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			verdict(m, late, POP_CHANNEL_STATE_VIOLATED));
	KUNIT_EXPECT_EQ(test, atomic_read(&m->disputes), 0);
	KUNIT_EXPECT_EQ(test, 0, LATE(m, late));
	KUNIT_EXPECT_EQ(test, -EALREADY, LATE(m, late));
	KUNIT_EXPECT_EQ(test, -EALREADY, VOID(m, late));
	POP_EXPECT_STATE(test, m, late, LATE);
	execute(test, m, done, 0);
	KUNIT_EXPECT_EQ(test, -EALREADY, VOID(m, done));
	POP_EXPECT_STATE(test, m, done, EXECUTED);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->in_done), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->disputes), 1);
}

static void verdict__not_after_the_end(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_net *pn = pop_test_net();

	mutex_lock(&pn->lock);
	KUNIT_EXPECT_EQ(test, 0, pop_contract_end(m->contract,
						  POP_CONTRACT_STATE_ABORTED,
						  NULL));
	mutex_unlock(&pn->lock);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			VOID(m, pop_test_channel(test, m, 0, 0)));
}

/* What has executed stays; what is held or half is dropped; nothing follows. */
static void verdict__drops_what_is_there(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct pop_test_message *msg[3];
	u8 digest[POP_HASH_LEN], before[POP_HASH_LEN];
	long pending = pop_test_pending();
	u32 i, done;

	for (i = 0; i < 3; i++)
		msg[i] = pop_test_message(test, m, ch, i, 100, 1000, i);
	execute(test, m, ch, 0);
	pop_test_give_all(test, m, ch, 1, msg[1]);
	pop_test_give_header(test, m, ch, 2, msg[2]);
	KUNIT_EXPECT_EQ(test, m->nr_held, 1);
	POP_EXPECT_STATE(test, m, ch, HELD);
	pop_channel_state(m, ch, before, NULL);

	KUNIT_EXPECT_EQ(test, 0, LATE(m, ch));
	KUNIT_EXPECT_EQ(test, pop_test_pending(), pending);
	KUNIT_EXPECT_EQ(test, m->nr_held, 0);
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_LATE,
			pop_channel_state(m, ch, digest, &done));
	KUNIT_EXPECT_EQ(test, done, 1);
	KUNIT_EXPECT_MEMEQ(test, digest, before, sizeof(digest));
	KUNIT_EXPECT_EQ(test, -EAGAIN, pop_test_recv(pop_test_socket(test, m),
						     digest, sizeof(digest)));

	pop_test_give_all(test, m, ch, 1, msg[1]);
	pop_test_give_payload(test, m, ch, 2, msg[2], 0);
	POP_EXPECT_COUNTED(test, RX_LATE, 3);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), pending);
	KUNIT_EXPECT_EQ(test, ch->done, 1);
}

static void verdict__void_is_counted_apart(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 3);
	struct pop_test_message *msg;

	msg = pop_test_message(test, m, ch, 0, 100, 1000, 1);
	KUNIT_EXPECT_EQ(test, 0, VOID(m, ch));
	pop_test_give_all(test, m, ch, 0, msg);
	POP_EXPECT_COUNTED(test, RX_VOID, 2);
	POP_EXPECT_COUNTED(test, RX_LATE, 0);
	POP_EXPECT_COUNTED(test, RX_EXECUTED, 0);
}

/* An amendment may take out what is far away: it needs no key then. */
static void verdict__before_the_phase(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 3, 0);

	KUNIT_ASSERT_NULL(test, ch->open);
	KUNIT_EXPECT_EQ(test, 0, VOID(m, ch));
	POP_EXPECT_STATE(test, m, ch, VOID);
	KUNIT_EXPECT_EQ(test, m->phase, 0);
	KUNIT_EXPECT_EQ(test, 0, LATE(m, pop_test_channel(test, m, 0, 0)));
	KUNIT_EXPECT_EQ(test, 0, VOID(m, pop_test_channel(test, m, 0, 3)));
	KUNIT_EXPECT_EQ(test, m->phase, 4);
	KUNIT_EXPECT_NULL(test, ch->open);
	KUNIT_EXPECT_NOT_NULL(test, pop_test_channel(test, m, 4, 0)->open);
	/* no key of the phase is left in the chain, either */
	KUNIT_EXPECT_EQ(test, m->peer[0].ratchet_rx.phase, 5);
}

/* An action that is not done to the end earns nothing. */
static void verdict__earns_nothing(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *two = pop_test_channel(test, m, 0, 1);
	struct pop_channel *one = pop_test_channel(test, m, 0, 2);

	KUNIT_EXPECT_EQ(test, m->minutes_total, 12);
	execute(test, m, &two[0], 0);
	KUNIT_EXPECT_EQ(test, 0, LATE(m, &two[1]));
	KUNIT_EXPECT_EQ(test, atomic_read(&m->actions[1].left), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->minutes), 0);
	execute(test, m, one, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->minutes), 5);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->out_done), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->phases[0].out_left), 0);
}

/* The slots of the first channel say what is used for all, and stay for that. */
static void verdict__keeps_the_claims(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *two = pop_test_channel(test, m, 0, 1);

	KUNIT_EXPECT_EQ(test, 0, pop_channel_live(two, 2));
	KUNIT_EXPECT_EQ(test, 0, LATE(m, &two[0]));
	KUNIT_EXPECT_EQ(test, 1, pop_channel_live(two, 2));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, pop_channel_live(two, 1));
	KUNIT_EXPECT_EQ(test, 0, LATE(m, pop_test_channel(test, m, 0, 0)));
	KUNIT_EXPECT_EQ(test, 0, VOID(m, pop_test_channel(test, m, 0, 3)));
	KUNIT_EXPECT_EQ(test, 0, VOID(m, pop_test_channel(test, m, 3, 0)));
	KUNIT_ASSERT_EQ(test, m->phase, 4);
	KUNIT_EXPECT_NOT_NULL(test, two[0].open);
	KUNIT_EXPECT_NOT_NULL(test, two[1].open);
	KUNIT_EXPECT_EQ(test, 0, VOID(m, &two[1]));
	KUNIT_EXPECT_NULL(test, two[0].open);
	KUNIT_EXPECT_NULL(test, two[1].open);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, pop_channel_live(two, 2));
	KUNIT_EXPECT_EQ(test, -ECANCELED, pop_channel_live(&two[1], 1));
}

static void verdict__to_the_end(struct kunit *test)
{
	struct pop_member *m = member(test);
	u32 i;

	for (i = 0; i < m->nr_in + m->nr_out; i++)
		KUNIT_EXPECT_EQ(test, 0, VOID(m, &m->channel[i]));
	KUNIT_EXPECT_EQ(test, m->closed, 5);
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_SETTLING, pop_member_state(m));
	KUNIT_EXPECT_EQ(test, atomic_read(&m->minutes), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(verdict__counts_as_done),
	KUNIT_CASE(verdict__ends_what_is_overdue),
	KUNIT_CASE(verdict__is_for_once),
	KUNIT_CASE(verdict__not_after_the_end),
	KUNIT_CASE(verdict__drops_what_is_there),
	KUNIT_CASE(verdict__void_is_counted_apart),
	KUNIT_CASE(verdict__before_the_phase),
	KUNIT_CASE(verdict__earns_nothing),
	KUNIT_CASE(verdict__keeps_the_claims),
	KUNIT_CASE(verdict__to_the_end),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_verdict",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
