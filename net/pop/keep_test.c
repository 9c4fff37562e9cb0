// SPDX-License-Identifier: GPL-2.0
/* Tests of what a sender keeps. */

#include "fixture_test.h"
#include "keep.h"
#include "output.h"
#include "socket.h"

/* More than is looked at in one go, and of a later phase more than that, too. */
#define MANY	600U

/* Fewer, but so long that they take more than one go. */
#define LONG	60U
#define UNITS	80U

static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1), .count = MANY },
	{ .phase = 1, .from = 0, .to = BIT(1), .count = MANY },
	{ .phase = 1, .from = 0, .to = BIT(1), .count = MANY },
	{ .phase = 2, .from = 0, .to = BIT(1) },
};

static const struct pop_test_plan plan = {
	.parties = 2, .phases = 3,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

/* As pop_keep_add() does, but there is nothing to be sent. */
static void keep(struct kunit *test, struct pop_channel *ch,
		 struct pop_member *m, struct pop_charge *charge, u32 seq,
		 u32 units)
{
	struct pop_message msg = { .m = m };
	struct pop_keep_to *to;
	struct pop_keep *kept;
	struct sk_buff *skb;

	__skb_queue_head_init(&msg.payload);
	while (units--) {
		skb = alloc_skb(0, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		__skb_queue_tail(&msg.payload, skb);
	}
	kept = pop_keep_alloc(&msg, charge, ch, 1, seq);
	KUNIT_ASSERT_NOT_NULL(test, kept);
	to = &kept->to[0];
	to->sent = U64_MAX;
	spin_lock_bh(&ch->lock);
	ch->open->slot[seq].to = to;
	list_add_tail(&to->list, &ch->open->pending);
	spin_lock_bh(&m->peer[1].lock);
	list_add_tail(&to->of_peer, &m->peer[1].kept);
	spin_unlock_bh(&m->peer[1].lock);
	spin_unlock_bh(&ch->lock);
}

static u32 nr_kept(struct pop_peer *peer)
{
	u32 nr;

	spin_lock_bh(&peer->lock);
	nr = list_count_nodes(&peer->kept);
	spin_unlock_bh(&peer->lock);
	return nr;
}

/* Of phase 0 and the next, in this order of phases. */
static struct pop_peer *keep_many(struct kunit *test, bool later_first)
{
	struct pop_member *m = pop_test_member(test,
					       pop_test_contract(test, &plan),
					       0);
	struct socket *sock = pop_test_socket(test, m);
	u32 i;

	for (i = 0; i < 2 * MANY; i++)
		keep(test, pop_test_channel(test, m, (i < MANY) == later_first,
					    0),
		     m, pop_sk(sock->sk)->charge, i % MANY, 0);
	return &m->peer[1];
}

/* A peer that has passed a phase can do that with one unit, in softirq. */
static void passed__many(struct kunit *test, bool later_first)
{
	struct pop_peer *peer = keep_many(test, later_first);
	u32 at_once, passed;

	KUNIT_EXPECT_EQ(test, nr_kept(peer), 2 * MANY);
	preempt_disable();
	pop_keep_passed(peer, 1);
	at_once = nr_kept(peer);
	passed = peer->passed;
	preempt_enable();
	/* with more processors the work may have run meanwhile */
	if (num_online_cpus() == 1) {
		KUNIT_EXPECT_GT(test, at_once, MANY);
		KUNIT_EXPECT_EQ(test, passed, 1);
	}
	flush_delayed_work(&peer->member->repair);
	KUNIT_EXPECT_EQ(test, nr_kept(peer), MANY);
	KUNIT_EXPECT_EQ(test, peer->passed, 0);

	pop_keep_passed(peer, 2);
	flush_delayed_work(&peer->member->repair);
	KUNIT_EXPECT_EQ(test, nr_kept(peer), 0);
}

static void passed__oldest(struct kunit *test)
{
	passed__many(test, false);
}

static void passed__behind_later_ones(struct kunit *test)
{
	passed__many(test, true);
}

/* Of three channels, in one of which they are long: the first one of @phase. */
static struct pop_peer *keep_long(struct kunit *test, u16 phase)
{
	struct pop_member *m = pop_test_member(test,
					       pop_test_contract(test, &plan),
					       0);
	struct pop_charge *charge = pop_sk(pop_test_socket(test, m)->sk)->charge;
	u32 i;

	for (i = 0; i < LONG; i++) {
		keep(test, pop_test_channel(test, m, 0, 0), m, charge, i,
		     phase ? 0 : UNITS);
		keep(test, pop_test_channel(test, m, 1, 0), m, charge, i,
		     phase ? UNITS : 0);
		keep(test, pop_test_channel(test, m, 1, 1), m, charge, i, 0);
	}
	return &m->peer[1];
}

/* A long message counts as many. */
static void passed__long(struct kunit *test)
{
	struct pop_peer *peer = keep_long(test, 0);
	u32 at_once;

	preempt_disable();
	pop_keep_passed(peer, 1);
	at_once = nr_kept(peer);
	preempt_enable();
	if (num_online_cpus() == 1) {
		KUNIT_EXPECT_GT(test, at_once, 2 * LONG);
		KUNIT_EXPECT_LT(test, at_once, 3 * LONG);
	}
	flush_delayed_work(&peer->member->repair);
	KUNIT_EXPECT_EQ(test, nr_kept(peer), 2 * LONG);
	pop_keep_passed(peer, 2);
	flush_delayed_work(&peer->member->repair);
	KUNIT_EXPECT_EQ(test, nr_kept(peer), 0);
}

/* Nor are all messages of a channel that a peer refuses forgotten in softirq. */
static void refused__many(struct kunit *test)
{
	struct pop_peer *peer = keep_long(test, 1);
	struct pop_member *m = peer->member;
	struct pop_channel *ch = pop_test_channel(test, m, 1, 0);
	u32 at_once;

	preempt_disable();
	pop_keep_refused(m, ch);
	at_once = nr_kept(peer);
	preempt_enable();
	if (num_online_cpus() == 1) {
		KUNIT_EXPECT_GT(test, at_once, 2 * LONG);
		KUNIT_EXPECT_LT(test, at_once, 3 * LONG);
	}
	flush_delayed_work(&m->repair);
	KUNIT_EXPECT_EQ(test, nr_kept(peer), 2 * LONG);
	KUNIT_EXPECT_TRUE(test, list_empty(&ch->open->pending));
	KUNIT_EXPECT_FALSE(test, peer->refused);

	/* a few go at once */
	keep(test, ch, m, list_first_entry(&peer->kept, struct pop_keep_to,
					   of_peer)->keep->charge, 0, 1);
	preempt_disable();
	pop_keep_refused(m, ch);
	at_once = nr_kept(peer);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, at_once, 2 * LONG);
	pop_keep_passed(peer, 2);
	flush_delayed_work(&m->repair);
	KUNIT_EXPECT_EQ(test, nr_kept(peer), 0);
}

/* Whoever says in no time that nothing has come does not get it in no time. */
static void get__in_vain(struct kunit *test)
{
	struct pop_member *m = pop_test_member(test, pop_test_contract(test, &plan),
					       0);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct pop_charge *charge = pop_sk(pop_test_socket(test, m)->sk)->charge;
	u32 i, got = 0;
	u64 sent;

	keep(test, ch, m, charge, 0, 1);
	KUNIT_EXPECT_NULL(test, pop_keep_get(ch, 0, U64_MAX, &sent));
	ch->open->slot[0].to->sent = 0;
	ch->open->slot[0].to->next = 1;
	for (i = 0; i < 20; i++) {
		struct pop_keep_to *to = pop_keep_get(ch, 0, U64_MAX - 1, &sent);

		if (!to)
			continue;
		pop_keep_put(to->keep);
		got++;
	}
	KUNIT_EXPECT_GE(test, got, 3);
	KUNIT_EXPECT_LT(test, got, 20);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(get__in_vain),
	KUNIT_CASE(passed__oldest),
	KUNIT_CASE(passed__behind_later_ones),
	KUNIT_CASE(passed__long),
	KUNIT_CASE(refused__many),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_keep",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
