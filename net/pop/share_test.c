// SPDX-License-Identifier: GPL-2.0
/* Tests of the turns that contracts take. */

#include <kunit/test.h>
#include <linux/ktime.h>

#include "pop.h"

#define CONTRACTS	3
#define UNIT		1100

struct share_node {
	struct pop_share	share;
	struct pop_contract	contract[CONTRACTS];
	struct pop_member	member[CONTRACTS];
	struct pop_flow		flow[CONTRACTS];
	u64			sent[CONTRACTS];
};

/* Contracts with a flow each, of which the first @nr have something to send. */
static struct share_node *new_node(struct kunit *test, u32 nr, const u32 *weight)
{
	struct share_node *n = kunit_kzalloc(test, sizeof(*n), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, n);
	pop_share_init(&n->share);
	for (i = 0; i < CONTRACTS; i++) {
		pop_turn_init(&n->contract[i].turn);
		n->contract[i].turn.weight = weight[i];
		n->member[i].contract = &n->contract[i];
		pop_flow_init(&n->flow[i], &n->member[i], NULL);
		if (i < nr) {
			list_add_tail(&n->flow[i].ready,
				      &n->contract[i].turn.flows);
			list_add_tail(&n->contract[i].turn.list,
				      &n->share.turns);
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

	flow = pop_share_next(&n->share, &turn);
	KUNIT_ASSERT_NOT_NULL(test, flow);
	i = flow - n->flow;
	KUNIT_EXPECT_PTR_EQ(test, &n->contract[i].turn, turn);
	KUNIT_EXPECT_TRUE(test, list_empty(&flow->ready));
	list_add_tail(&flow->ready, &turn->flows);
	pop_share_spent(&n->share, turn, bytes);
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
		u32 next = list_first_entry(&n->share.turns, struct pop_turn,
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
	pop_share_spent(&n->share, &n->contract[0].turn, 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&n->contract[0].turn.list));
	before[0] = n->sent[0];
	for (i = 0; i < 4000; i++)
		KUNIT_EXPECT_EQ(test, 1, turn(test, n, UNIT));

	/* and comes back */
	list_add_tail(&n->flow[0].ready, &n->contract[0].turn.flows);
	list_add_tail(&n->contract[0].turn.list, &n->share.turns);
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

	pop_share_spent(&n->share, &n->contract[0].turn, 40 * UNIT);
	for (i = 0; i < 2000; i++)
		turn(test, n, UNIT);
	KUNIT_EXPECT_LE(test, abs((s64)(n->sent[0] + 40 * UNIT - n->sent[1])),
			6 * UNIT);
	/* but not for ever */
	pop_share_spent(&n->share, &n->contract[0].turn, U32_MAX);
	for (i = 0; i < 200; i++)
		turn(test, n, UNIT);
	KUNIT_EXPECT_GT(test, n->contract[0].turn.credit, -(64 << 10));
}

static void share__nobody(struct kunit *test)
{
	static const u32 weight[] = { 1, 1, 1 };
	struct share_node *n = new_node(test, 0, weight);
	struct pop_turn *turn;

	KUNIT_EXPECT_NULL(test, pop_share_next(&n->share, &turn));
}

/* What peers ask for again does not go beyond the rate, and is no debt forgiven. */
static void share__again(struct kunit *test)
{
	static const u32 weight[] = { 1, 1, 1 };
	struct share_node *n = new_node(test, 0, weight);
	u32 i;

	for (i = 0; i < 200 && pop_share_may_again(&n->share); i++)
		pop_share_spent(&n->share, &n->contract[0].turn, UNIT);
	KUNIT_EXPECT_EQ(test, i, 200);
	/* so low that nothing comes of the time that this takes */
	n->share.rate = 1;
	n->share.at = div_u64(ktime_get_ns(), NSEC_PER_USEC);
	for (i = 0; i < 200 && pop_share_may_again(&n->share); i++)
		pop_share_spent(&n->share, &n->contract[0].turn, UNIT);
	KUNIT_EXPECT_LT(test, i, 40);
	KUNIT_EXPECT_GT(test, n->share.tokens, -(64 << 10));
	n->share.tokens = 1;
	KUNIT_EXPECT_TRUE(test, pop_share_may_again(&n->share));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(share__by_weight),
	KUNIT_CASE(share__by_bytes),
	KUNIT_CASE(share__idle),
	KUNIT_CASE(share__debt),
	KUNIT_CASE(share__nobody),
	KUNIT_CASE(share__again),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_share",
	.test_cases = cases,
};

kunit_test_suite(suite);
