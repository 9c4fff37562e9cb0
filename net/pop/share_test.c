// SPDX-License-Identifier: GPL-2.0
/* Tests of the turns that contracts take. */

#include <kunit/test.h>
#include <linux/ktime.h>

#include "pop.h"

#define CONTRACTS	3
#define UNIT		1100

struct share_node {
	struct pop_net		pn;
	struct pop_contract	contract[CONTRACTS];
	struct pop_member	member[CONTRACTS];
	struct pop_peer		peer[CONTRACTS];
	struct pop_flow		flow[CONTRACTS];
	u64			sent[CONTRACTS];
};

/* Contracts with a flow each, of which the first @nr have something to send. */
static struct share_node *new_node(struct kunit *test, u32 nr, const u32 *weight)
{
	struct share_node *n = kunit_kzalloc(test, sizeof(*n), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, n);
	pop_share_init(&n->pn.share);
	for (i = 0; i < CONTRACTS; i++) {
		pop_turn_init(&n->contract[i].turn);
		n->contract[i].turn.weight = weight[i];
		n->contract[i].pn = &n->pn;
		n->member[i].contract = &n->contract[i];
		n->peer[i].member = &n->member[i];
		pop_flow_init(&n->peer[i].flow, &n->member[i], &n->peer[i]);
		pop_flow_init(&n->flow[i], &n->member[i], NULL);
		if (i < nr) {
			list_add_tail(&n->flow[i].ready,
				      &n->contract[i].turn.flows);
			list_add_tail(&n->contract[i].turn.list,
				      &n->pn.share.turns);
		}
	}
	return n;
}

/* One unit of whose turn it is; it has more. */
static u32 turn(struct kunit *test, struct share_node *n, u32 bytes)
{
	struct pop_turn *turn;
	struct pop_flow *flow;
	u32 i;

	flow = pop_share_next(&n->pn.share, &turn);
	KUNIT_ASSERT_NOT_NULL(test, flow);
	i = flow - n->flow;
	KUNIT_EXPECT_PTR_EQ(test, &n->contract[i].turn, turn);
	KUNIT_EXPECT_TRUE(test, list_empty(&flow->ready));
	list_add_tail(&flow->ready, &turn->flows);
	pop_share_spent(&n->pn.share, turn, bytes);
	n->sent[i] += bytes;
	return i;
}

static void share__by_weight(struct kunit *test)
{
	static const u32 weight[] = { 1, 3, 6 };
	struct share_node *n = new_node(test, 3, weight);
	u64 total = 0;
	u32 i;

	for (i = 0; i < 20000; i++)
		turn(test, n, UNIT);
	for (i = 0; i < 3; i++)
		total += n->sent[i];
	for (i = 0; i < 3; i++) {
		u64 part = total / 10 * weight[i];

		/* within a turn or two */
		KUNIT_EXPECT_LE(test, n->sent[i], part + weight[i] * 2 * 2464);
		KUNIT_EXPECT_GE(test, n->sent[i] + weight[i] * 2 * 2464, part);
	}
}

/* Bytes are shared, and not units. */
static void share__by_bytes(struct kunit *test)
{
	static const u32 weight[] = { 1, 1, 1 };
	struct share_node *n = new_node(test, 2, weight);
	u32 i;

	for (i = 0; i < 20000; i++) {
		u32 next = list_first_entry(&n->pn.share.turns, struct pop_turn,
					    list) == &n->contract[0].turn;

		turn(test, n, next ? 100 : 1200);
	}
	KUNIT_EXPECT_LE(test, n->sent[0] * 100, n->sent[1] * 102);
	KUNIT_EXPECT_LE(test, n->sent[1] * 100, n->sent[0] * 102);
}

/* Who has nothing to send leaves its part to the others, and saves none up. */
static void share__idle(struct kunit *test)
{
	static const u32 weight[] = { 1, 3, 100 };
	struct share_node *n = new_node(test, 2, weight);
	u64 before[2];
	u32 i;

	for (i = 0; i < 4000; i++)
		turn(test, n, UNIT);
	KUNIT_EXPECT_EQ(test, 0, n->sent[2]);
	KUNIT_EXPECT_LE(test, abs((s64)(3 * n->sent[0] - n->sent[1])), 10 * UNIT);
	KUNIT_EXPECT_EQ(test, 4000 * UNIT, n->sent[0] + n->sent[1]);

	/* the first one ends, with credit */
	list_del_init(&n->flow[0].ready);
	n->contract[0].turn.credit = 1000000;
	pop_share_spent(&n->pn.share, &n->contract[0].turn, 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&n->contract[0].turn.list));
	before[0] = n->sent[0];
	for (i = 0; i < 4000; i++)
		KUNIT_EXPECT_EQ(test, 1, turn(test, n, UNIT));

	/* and comes back */
	list_add_tail(&n->flow[0].ready, &n->contract[0].turn.flows);
	list_add_tail(&n->contract[0].turn.list, &n->pn.share.turns);
	before[1] = n->sent[1];
	for (i = 0; i < 4000; i++)
		turn(test, n, UNIT);
	KUNIT_EXPECT_LE(test, abs((s64)(3 * (n->sent[0] - before[0]) -
					(n->sent[1] - before[1]))), 10 * UNIT);
}

/* What was sent again is a debt that the others are given. */
static void share__debt(struct kunit *test)
{
	static const u32 weight[] = { 1, 1, 1 };
	struct share_node *n = new_node(test, 2, weight);
	u32 i;

	pop_share_spent(&n->pn.share, &n->contract[0].turn, 40 * UNIT);
	for (i = 0; i < 2000; i++)
		turn(test, n, UNIT);
	KUNIT_EXPECT_LE(test, abs((s64)(n->sent[0] + 40 * UNIT - n->sent[1])),
			6 * UNIT);
	/* but not for ever */
	pop_share_spent(&n->pn.share, &n->contract[0].turn, U32_MAX);
	for (i = 0; i < 200; i++)
		turn(test, n, UNIT);
	KUNIT_EXPECT_GT(test, n->contract[0].turn.credit, -(64 << 10));
}

static void share__nobody(struct kunit *test)
{
	static const u32 weight[] = { 1, 1, 1 };
	struct share_node *n = new_node(test, 0, weight);
	struct pop_turn *turn;

	KUNIT_EXPECT_NULL(test, pop_share_next(&n->pn.share, &turn));
}

/* As if so much time had passed: what the test itself takes comes to it. */
static void pass(struct share_node *n, u32 us)
{
	n->pn.share.at -= us;
}

static void set_rate(struct share_node *n, u64 rate)
{
	n->pn.share.rate = rate;
	n->pn.share.at = div_u64(ktime_get_ns(), NSEC_PER_USEC);
}

/* A unit is asked for again: is it sent? */
static bool again(struct share_node *n, u32 i)
{
	if (!pop_share_may_again(&n->peer[i]))
		return false;
	pop_share_again(&n->peer[i], UNIT);
	return true;
}

/* What peers ask for again does not go beyond the rate, and is no debt forgiven. */
static void share__again(struct kunit *test)
{
	static const u32 weight[] = { 1, 1, 1 };
	struct share_node *n = new_node(test, 0, weight);
	u32 i;

	for (i = 0; i < 200 && again(n, 0); i++)
		;
	KUNIT_EXPECT_EQ(test, i, 200);
	/* so low that nothing comes of the time that this takes */
	set_rate(n, 1);
	n->pn.share.tokens = 3 * UNIT;
	for (i = 0; i < 200 && again(n, 0); i++)
		;
	KUNIT_EXPECT_GT(test, i, 0);
	KUNIT_EXPECT_LT(test, i, 40);
	KUNIT_EXPECT_GT(test, n->pn.share.tokens, -(64 << 10));
	n->pn.share.tokens = 1;
	KUNIT_EXPECT_TRUE(test, again(n, 0));
	/* others wait for what is owed longer than this does */
	n->pn.share.last = NULL;
	n->pn.share.again = UNIT;
	n->pn.share.tokens = -(16 << 10);
	KUNIT_EXPECT_TRUE(test, again(n, 0));
	n->pn.share.again = UNIT;
	n->pn.share.last = NULL;
	n->pn.share.tokens = -(48 << 10);
	KUNIT_EXPECT_FALSE(test, again(n, 0));
}

/*
 * Two peers ask for more than the rate, all the time, and one of them more eagerly;
 * another contract has something to send. Return: what part of the rate it got, in
 * percent.
 */
static u32 others_part(struct kunit *test, struct share_node *n, u32 sent[2])
{
	enum { RATE = 125000, STEP = 1000, STEPS = 60000 };
	u64 begun = ktime_get_ns(), all;
	u32 i, k;

	set_rate(n, RATE);
	for (i = 0; i < STEPS; i++) {
		pass(n, STEP);
		for (k = 0; k < 5; k++)
			sent[0] += again(n, 1);
		sent[1] += again(n, 2);
		if (n->pn.share.tokens > 0 && !list_empty(&n->pn.share.turns))
			turn(test, n, UNIT);
	}
	all = div_u64(ktime_get_ns() - begun, NSEC_PER_USEC) +
	      (u64)STEP * STEPS;
	all = div_u64(all * RATE, USEC_PER_SEC);
	/* together the rate, and all of it */
	KUNIT_EXPECT_LE(test, n->sent[0] + (sent[0] + sent[1]) * UNIT,
			all + (64 << 10));
	KUNIT_EXPECT_GE(test, n->sent[0] + (sent[0] + sent[1]) * UNIT,
			all - all / 50 - (64 << 10));
	return div64_u64(n->sent[0] * 100, all);
}

/* It keeps nobody from sending, nor other peers from what they ask for. */
static void share__again_and_again(struct kunit *test)
{
	static const u32 weight[] = { 1, 1, 1 };
	struct share_node *n = new_node(test, 1, weight);
	u32 sent[2] = {}, part;

	part = others_part(test, n, sent);
	KUNIT_EXPECT_GE(test, part, 45);
	KUNIT_EXPECT_LE(test, part, 60);
	KUNIT_EXPECT_GT(test, sent[0], 0);
	KUNIT_EXPECT_GE(test, sent[1] * 4, sent[0]);
}

/* If nothing else is to be sent it may take all of the rate. */
static void share__again_alone(struct kunit *test)
{
	static const u32 weight[] = { 1, 1, 1 };
	struct share_node *n = new_node(test, 0, weight);
	u32 sent[2] = {};

	KUNIT_EXPECT_EQ(test, 0, others_part(test, n, sent));
	KUNIT_EXPECT_GT(test, sent[1], 0);
}

/* However often tokens are counted, none is lost, and none is made. */
static void share__counted_often(struct kunit *test)
{
	enum { RATE = 8001, STEP = 80 };
	static const u32 weight[] = { 1, 1, 1 };
	struct share_node *n = new_node(test, 0, weight);
	u64 begun = ktime_get_ns();
	u32 i, more;

	set_rate(n, RATE);
	n->pn.share.tokens = -2 * RATE;
	for (i = 0; i < USEC_PER_SEC / STEP; i++) {
		pass(n, STEP);
		pop_share_may_again(&n->peer[0]);
	}
	more = div_u64((ktime_get_ns() - begun) * RATE, NSEC_PER_SEC);
	KUNIT_EXPECT_GE(test, n->pn.share.tokens, -RATE - 1);
	KUNIT_EXPECT_LE(test, n->pn.share.tokens, -RATE + (s64)more + 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(share__by_weight),
	KUNIT_CASE(share__by_bytes),
	KUNIT_CASE(share__idle),
	KUNIT_CASE(share__debt),
	KUNIT_CASE(share__nobody),
	KUNIT_CASE(share__again),
	KUNIT_CASE(share__again_and_again),
	KUNIT_CASE(share__again_alone),
	KUNIT_CASE(share__counted_often),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_share",
	.test_cases = cases,
};

kunit_test_suite(suite);
