// SPDX-License-Identifier: GPL-2.0
/* Tests of the replay window of STATE units. */

#include <linux/random.h>

#include "fixture_test.h"

#define WINDOW	POP_REPLAY_WINDOW

static struct pop_peer *new_peer(struct kunit *test)
{
	struct pop_peer *peer = kunit_kzalloc(test, sizeof(*peer), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, peer);
	spin_lock_init(&peer->lock);
	return peer;
}

static void replay__in_order(struct kunit *test)
{
	struct pop_peer *peer = new_peer(test);
	u64 i, first = 1700000000000000000;

	for (i = first; i < first + 3 * WINDOW; i++) {
		KUNIT_EXPECT_FALSE(test, pop_peer_replay(peer, i));
		KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, i));
	}
}

static void replay__in_reverse(struct kunit *test)
{
	struct pop_peer *peer = new_peer(test);
	u64 i, top = 1000;

	for (i = top; i > top - WINDOW; i--)
		KUNIT_EXPECT_FALSE(test, pop_peer_replay(peer, i));
	/* too old to tell */
	KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, top - WINDOW));
	for (i = top; i > top - WINDOW; i--)
		KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, i));
}

static void replay__oldest(struct kunit *test)
{
	struct pop_peer *peer = new_peer(test);

	KUNIT_EXPECT_FALSE(test, pop_peer_replay(peer, 1000));
	KUNIT_EXPECT_FALSE(test, pop_peer_replay(peer, 1000 - WINDOW + 1));
	KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, 1000 - WINDOW + 1));
	KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, 1000 - WINDOW));
	KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, 0));
}

/* What the window has passed is not asked for again after a leap. */
static void replay__leaps(struct kunit *test)
{
	static const u64 leap[] = { 1, 2, 63, 64, 65, WINDOW - 1, WINDOW,
				    WINDOW + 1, 1000,
				    1ULL << 32, 1ULL << 62 };
	u64 top = 1000;
	int i;

	for (i = 0; i < ARRAY_SIZE(leap); i++) {
		struct pop_peer *peer = new_peer(test);

		KUNIT_EXPECT_FALSE(test, pop_peer_replay(peer, top));
		KUNIT_EXPECT_FALSE(test, pop_peer_replay(peer, top + leap[i]));
		KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, top));
		KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, top + leap[i]));
		/* the one before the leap's end is new, if it is in between */
		KUNIT_EXPECT_EQ(test, leap[i] == 1,
				pop_peer_replay(peer, top + leap[i] - 1));
	}
}

static void replay__ends(struct kunit *test)
{
	struct pop_peer *peer = new_peer(test);

	KUNIT_EXPECT_FALSE(test, pop_peer_replay(peer, 0));
	KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, 0));
	KUNIT_EXPECT_FALSE(test, pop_peer_replay(peer, U64_MAX));
	KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, U64_MAX));
	KUNIT_EXPECT_FALSE(test, pop_peer_replay(peer, U64_MAX - WINDOW + 1));
	KUNIT_EXPECT_TRUE(test, pop_peer_replay(peer, U64_MAX - WINDOW));
}

/* Against a record of all that ever came. */
static void replay__any_order(struct kunit *test)
{
	struct pop_peer *peer = new_peer(test);
	u32 i, top = 0;
	u8 *seen;

	seen = kunit_kzalloc(test, 4096, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	for (i = 0; i < 4000; i++) {
		/* mostly near the top, and wandering up */
		u32 counter = i + get_random_u32_below(2 * WINDOW);
		bool replay;

		if (counter >= 4096)
			continue;
		replay = seen[counter] || counter + WINDOW <= top;
		KUNIT_ASSERT_EQ(test, replay, pop_peer_replay(peer, counter));
		seen[counter] = 1;
		top = max(top, counter);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(replay__in_order),
	KUNIT_CASE(replay__in_reverse),
	KUNIT_CASE(replay__oldest),
	KUNIT_CASE(replay__leaps),
	KUNIT_CASE(replay__ends),
	KUNIT_CASE(replay__any_order),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_peer",
	.test_cases = cases,
};

kunit_test_suite(suite);
