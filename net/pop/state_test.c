// SPDX-License-Identifier: GPL-2.0
/* Tests of what a member says of itself: which channels, in which state. */

#include "fixture_test.h"
#include "channel.h"
#include "state.h"

/* Party 1 has three inputs in phase 0 and two in phase 2, one output. */
static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1) },
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 2 },
	{ .phase = 0, .from = 2, .to = BIT(1) },
	{ .phase = 1, .from = 1, .to = BIT(0), .minutes = 90 },
	{ .phase = 2, .from = 0, .to = BIT(1) },
	{ .phase = 2, .from = 2, .to = BIT(1) },
	{ .phase = 3, .from = 2, .to = BIT(1) },
};

static const struct pop_test_plan plan = {
	.parties = 3, .phases = 4,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

static struct pop_member *member(struct kunit *test)
{
	return pop_test_member(test, pop_test_contract(test, &plan), 1);
}

static void execute(struct pop_member *m, struct pop_channel *ch, u8 seed)
{
	struct pop_header header = {};
	bool last = false;
	u32 seq;

	memset(header.digest, seed, sizeof(header.digest));
	for (seq = 0; seq < ch->count; seq++) {
		spin_lock_bh(&ch->lock);
		last = pop_channel_execute(m, ch, seq, &header);
		spin_unlock_bh(&ch->lock);
	}
	if (last)
		pop_channel_done(m, ch);
}

/**
 * struct query_range - which channels a query means
 * @what: name of the case
 * @query: as on the wire
 * @count: how many are told about
 */
struct query_range {
	const char *what;
	struct pop_state_query query;
	u32 count;
};

#define IN	POP_DIRECTION_INPUT
#define OUT	POP_DIRECTION_OUTPUT

static const struct query_range ranges[] = {
	{ "all inputs", { POP_PHASE_ANY, 0, 100, IN }, 6 },
	{ "all outputs", { POP_PHASE_ANY, 0, 100, OUT }, 1 },
	{ "none wanted", { POP_PHASE_ANY, 0, 0, IN }, 0 },
	{ "two", { POP_PHASE_ANY, 0, 2, IN }, 2 },
	{ "from the middle", { POP_PHASE_ANY, 3, 100, IN }, 3 },
	{ "the last", { POP_PHASE_ANY, 5, 1, IN }, 1 },
	{ "behind the last", { POP_PHASE_ANY, 6, 1, IN }, 0 },
	{ "far behind", { POP_PHASE_ANY, U16_MAX, U16_MAX, IN }, 0 },
	{ "of a phase", { 0, 0, 100, IN }, 3 },
	{ "not of the next phase", { 0, 2, 100, IN }, 1 },
	{ "of a phase without", { 1, 0, 100, IN }, 0 },
	{ "output of a phase", { 1, 0, 100, OUT }, 1 },
	{ "of the last phase", { 3, 0, 100, IN }, 1 },
	{ "no such phase", { 4, 0, 100, IN }, 0 },
	{ "phase far out", { U16_MAX - 1, 0, 100, OUT }, 0 },
};

static void fill__range(struct kunit *test)
{
	struct pop_member *m = member(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		const struct query_range *r = &ranges[i];
		struct pop_state_reply reply = {};
		u8 states[16] = {};

		KUNIT_EXPECT_EQ_MSG(test, r->count,
				    pop_state_fill(m, &r->query, &reply,
						   states), "%s", r->what);
		KUNIT_EXPECT_EQ(test, r->count, be16_to_cpu(reply.count));
	}
}

static void fill__states(struct kunit *test)
{
	static const u8 expected[] = {
		POP_CHANNEL_STATE_EXECUTED, POP_CHANNEL_STATE_OPEN,
		POP_CHANNEL_STATE_OPEN, POP_CHANNEL_STATE_OPEN,
		POP_CHANNEL_STATE_EXECUTED, POP_CHANNEL_STATE_CLOSED,
	};
	static const struct pop_state_query all = { POP_PHASE_ANY, 0, 100, IN };
	struct pop_member *m = member(test);
	struct pop_state_reply reply = {};
	u8 states[3] = {};
	u32 i;

	execute(m, pop_test_channel(test, m, 0, 0), 1);
	execute(m, pop_test_channel(test, m, 2, 1), 2);
	KUNIT_ASSERT_EQ(test, 6, pop_state_fill(m, &all, &reply, states));
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, expected[i], pop_state_of(states, i));
}

/* BLAKE2s over the digests of the channels told about, zero where none is. */
static void fill__root(struct kunit *test)
{
	static const struct pop_state_query some = { 0, 1, 2, IN };
	struct pop_member *m = member(test);
	struct pop_state_reply reply = {};
	struct blake2s_state state;
	u8 root[POP_HASH_LEN], digest[POP_HASH_LEN] = {};
	u8 states[16] = {};

	execute(m, pop_test_channel(test, m, 0, 0), 1);
	execute(m, pop_test_channel(test, m, 0, 2), 2);
	KUNIT_ASSERT_EQ(test, 2, pop_state_fill(m, &some, &reply, states));
	blake2s_init(&state, POP_HASH_LEN);
	blake2s_update(&state, digest, sizeof(digest));
	memset(digest, 2, sizeof(digest));
	blake2s_update(&state, digest, sizeof(digest));
	blake2s_final(&state, root);
	KUNIT_EXPECT_MEMEQ(test, reply.root, root, POP_HASH_LEN);
}

static void fill__progress(struct kunit *test)
{
	static const struct pop_state_query none = {};
	struct pop_member *m = member(test);
	struct pop_state_reply reply = {};
	u8 states[16] = {};

	pop_state_fill(m, &none, &reply, states);
	KUNIT_EXPECT_EQ(test, 0, be16_to_cpu(reply.phase));
	KUNIT_EXPECT_EQ(test, 0, be16_to_cpu(reply.closed));
	KUNIT_EXPECT_EQ(test, 0, be32_to_cpu(reply.minutes));
	KUNIT_EXPECT_EQ(test, POP_PHASE_STATE_ACTIVE, reply.phase_state);
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_OPEN, reply.contract_state);

	execute(m, pop_test_channel(test, m, 0, 0), 1);
	execute(m, pop_test_channel(test, m, 0, 1), 1);
	execute(m, pop_test_channel(test, m, 0, 2), 1);
	execute(m, pop_test_channel(test, m, 1, 0), 1);
	pop_state_fill(m, &none, &reply, states);
	KUNIT_EXPECT_EQ(test, 2, be16_to_cpu(reply.phase));
	KUNIT_EXPECT_EQ(test, 2, be16_to_cpu(reply.closed));
	KUNIT_EXPECT_EQ(test, 90, be32_to_cpu(reply.minutes));
	KUNIT_EXPECT_GT(test, be64_to_cpu(reply.now), 0);
}

static void room__odd_and_even(struct kunit *test)
{
	u32 record = sizeof(struct pop_state_reply);

	KUNIT_EXPECT_EQ(test, pop_state_room(0), record);
	KUNIT_EXPECT_EQ(test, pop_state_room(1), record + 1);
	KUNIT_EXPECT_EQ(test, pop_state_room(2), record + 1);
	KUNIT_EXPECT_EQ(test, pop_state_room(3), record + 2);
	/* the largest answer passes as one datagram */
	KUNIT_EXPECT_LE(test, pop_state_room(POP_STATE_MAX) +
			(u32)sizeof(struct pop_outer) + POP_TAG_LEN,
			(u32)POP_DATAGRAM_LEN);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(fill__range),
	KUNIT_CASE(fill__states),
	KUNIT_CASE(fill__root),
	KUNIT_CASE(fill__progress),
	KUNIT_CASE(room__odd_and_even),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_state",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
