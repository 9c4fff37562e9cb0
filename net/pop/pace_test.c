// SPDX-License-Identifier: GPL-2.0
/* Tests of the window of units that may be under way. */

#include <kunit/test.h>

#include "pace.h"

/* Send as much as may go, ask, and have all but @lost of it arrive. */
static u32 round_trip(struct pop_pace *p, u32 *seen, u32 lost)
{
	u32 sent = pop_pace_take(p, U32_MAX, 0, 0);

	pop_pace_asked(p);
	*seen += sent - lost;
	pop_pace_answered(p, *seen);
	return sent;
}

static void window__doubles(struct kunit *test)
{
	u32 sent, want = POP_PACE_FIRST, seen = 0, rounds = 0;
	struct pop_pace p;

	pop_pace_init(&p);
	while (want < POP_PACE_MAX) {
		sent = round_trip(&p, &seen, 0);
		KUNIT_EXPECT_EQ(test, want, sent);
		KUNIT_EXPECT_EQ(test, 0, pop_pace_under_way(&p));
		want *= 2;
		rounds++;
	}
	/* the longest message in so many round trips, and one for its end */
	KUNIT_EXPECT_EQ(test, 9, rounds);
	round_trip(&p, &seen, 0);
	KUNIT_EXPECT_EQ(test, POP_PACE_MAX, round_trip(&p, &seen, 0));
}

/* Who sends little learns nothing of what the path could take. */
static void window__unused(struct kunit *test)
{
	struct pop_pace p;
	u32 i, seen = 0;

	pop_pace_init(&p);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(test, 5, pop_pace_take(&p, 5, 0, 0));
		KUNIT_EXPECT_FALSE(test, pop_pace_half(&p));
		pop_pace_asked(&p);
		seen += 5;
		pop_pace_answered(&p, seen);
	}
	KUNIT_EXPECT_EQ(test, POP_PACE_FIRST, p.window);
}

static void window__full(struct kunit *test)
{
	struct pop_pace p;

	pop_pace_init(&p);
	KUNIT_EXPECT_EQ(test, 15, pop_pace_take(&p, 15, 0, 0));
	KUNIT_EXPECT_FALSE(test, pop_pace_half(&p));
	KUNIT_EXPECT_EQ(test, 1, pop_pace_take(&p, 1, 0, 0));
	KUNIT_EXPECT_TRUE(test, pop_pace_half(&p));
	pop_pace_asked(&p);
	KUNIT_EXPECT_EQ(test, 16, pop_pace_take(&p, 100, 0, 0));
	KUNIT_EXPECT_EQ(test, 0, pop_pace_take(&p, 100, 0, 0));
	/* what was sent again goes beyond */
	pop_pace_count(&p, 10);
	KUNIT_EXPECT_EQ(test, 0, pop_pace_room(&p));
	/* an answer is about what was sent before the question */
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 16));
	KUNIT_EXPECT_EQ(test, 26, pop_pace_under_way(&p));
	KUNIT_EXPECT_EQ(test, 64 - 26, pop_pace_take(&p, 100, 0, 0));
	pop_pace_idle(&p);
	KUNIT_EXPECT_EQ(test, 64, pop_pace_room(&p));
}

/* A question may pass units that are counted already: they are not lost. */
static void window__pending(struct kunit *test)
{
	struct pop_pace p;

	pop_pace_init(&p);
	p.pending = pop_pace_take(&p, 32, 0, 0);
	KUNIT_EXPECT_TRUE(test, pop_pace_half(&p));
	pop_pace_asked(&p);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 0));
	KUNIT_EXPECT_EQ(test, 32, pop_pace_under_way(&p));
	p.pending = 0;
	pop_pace_asked(&p);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 32));
	KUNIT_EXPECT_EQ(test, 0, pop_pace_under_way(&p));
}

/* Nor are units lost that have passed the question, when the next one is asked. */
static void window__passed(struct kunit *test)
{
	struct pop_pace p;

	pop_pace_init(&p);
	p.pending = pop_pace_take(&p, 32, 0, 0);
	pop_pace_asked(&p);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 10));
	pop_pace_asked(&p);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 20));
	p.pending = 0;
	pop_pace_asked(&p);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 32));
	KUNIT_EXPECT_EQ(test, 4 * POP_PACE_FIRST, p.window);
	/* but no more of them than were sent: what comes twice hides no loss */
	pop_pace_take(&p, 32, 0, 0);
	pop_pace_asked(&p);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 32 + 32 + 32));
	pop_pace_take(&p, 32, 0, 0);
	pop_pace_asked(&p);
	KUNIT_EXPECT_TRUE(test, pop_pace_answered(&p, 32 + 32 + 32));
}

/* A group that cannot be reached: what was counted for it is not lost. */
static void window__not_sent(struct kunit *test)
{
	struct pop_pace p;

	pop_pace_init(&p);
	p.pending = pop_pace_take(&p, 10, 0, 0);
	pop_pace_asked(&p);
	p.pending -= 8;
	pop_pace_uncount(&p, 8);
	KUNIT_EXPECT_EQ(test, 2, pop_pace_under_way(&p));
	p.pending = 0;
	pop_pace_asked(&p);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 2));
	/* nor does it count below nothing, if a question was about it */
	pop_pace_take(&p, 5, 0, 0);
	pop_pace_asked(&p);
	pop_pace_uncount(&p, 5);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 2));
	KUNIT_EXPECT_EQ(test, 0, pop_pace_under_way(&p));
	pop_pace_take(&p, 5, 0, 0);
	pop_pace_idle(&p);
	pop_pace_uncount(&p, 5);
	KUNIT_EXPECT_EQ(test, 0, pop_pace_under_way(&p));
}

/* Who is not there yet says nothing of the path. */
static void window__silent_at_first(struct kunit *test)
{
	struct pop_pace p;
	u32 i, seen = 2;

	pop_pace_init(&p);
	pop_pace_take(&p, 2, 0, 0);
	pop_pace_asked(&p);
	KUNIT_EXPECT_TRUE(test, pop_pace_silent(&p));
	KUNIT_EXPECT_EQ(test, POP_PACE_MIN, p.window);
	pop_pace_idle(&p);
	for (i = 0; i < 6; i++)
		round_trip(&p, &seen, 0);
	/* the first only tells that it is there */
	KUNIT_EXPECT_EQ(test, POP_PACE_MIN << 5, p.window);
	/* who was there, and is not any more, does */
	KUNIT_EXPECT_TRUE(test, pop_pace_silent(&p));
	KUNIT_EXPECT_EQ(test, POP_PACE_MIN << 4, p.threshold);
}

static void window__another_path(struct kunit *test)
{
	struct pop_pace p;
	u32 i, seen = 0;

	pop_pace_init(&p);
	for (i = 0; i < 6; i++)
		round_trip(&p, &seen, 0);
	pop_pace_take(&p, 1000, 0, 0);
	pop_pace_asked(&p);
	pop_pace_moved(&p);
	KUNIT_EXPECT_EQ(test, POP_PACE_FIRST, p.window);
	/* what went to the old address is no loss of the new path */
	KUNIT_EXPECT_FALSE(test, pop_pace_lost(&p));
	pop_pace_asked(&p);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, seen));
	seen = p.seen;
	round_trip(&p, &seen, 0);
	KUNIT_EXPECT_EQ(test, 2 * POP_PACE_FIRST, p.window);
}

static void loss__halves_once(struct kunit *test)
{
	struct pop_pace p;
	u32 seen = 0;

	pop_pace_init(&p);
	p.window = 256;
	pop_pace_take(&p, 128, 0, 0);
	pop_pace_asked(&p);
	pop_pace_take(&p, 128, 0, 0);
	KUNIT_EXPECT_TRUE(test, pop_pace_answered(&p, 100));
	KUNIT_EXPECT_EQ(test, 128, p.window);
	/* of the same burst */
	KUNIT_EXPECT_FALSE(test, pop_pace_lost(&p));
	pop_pace_asked(&p);
	KUNIT_EXPECT_FALSE(test, pop_pace_answered(&p, 150));
	KUNIT_EXPECT_EQ(test, 128, p.window);
	/* of the next one */
	seen = 150;
	KUNIT_EXPECT_EQ(test, 128, round_trip(&p, &seen, 10));
	KUNIT_EXPECT_EQ(test, 64, p.window);
	KUNIT_EXPECT_EQ(test, 64, p.threshold);
}

static void loss__least(struct kunit *test)
{
	struct pop_pace p;
	u32 i, seen = 0;

	pop_pace_init(&p);
	for (i = 0; i < 20; i++)
		round_trip(&p, &seen, 5);
	KUNIT_EXPECT_EQ(test, POP_PACE_MIN, p.window);
	for (i = 0; i < 20; i++)
		pop_pace_lost(&p);
	KUNIT_EXPECT_EQ(test, POP_PACE_MIN, p.window);
}

/* Two that came late, or twice, or a peer that counts anew. */
static void loss__none(struct kunit *test)
{
	struct pop_pace p;
	u32 seen = 0;

	pop_pace_init(&p);
	round_trip(&p, &seen, 2);
	KUNIT_EXPECT_EQ(test, 64, p.window);
	seen += 2;
	seen += 64;
	round_trip(&p, &seen, 0);
	KUNIT_EXPECT_EQ(test, 128, p.window);
	seen = -128;
	round_trip(&p, &seen, 0);
	KUNIT_EXPECT_EQ(test, 256, p.window);
	round_trip(&p, &seen, 3);
	KUNIT_EXPECT_EQ(test, 128, p.window);
}

/* Beyond the threshold by a unit, and for large windows by a part. */
static void loss__slow_growth(struct kunit *test)
{
	struct pop_pace p;
	u32 seen = 0, before, rounds = 0;

	pop_pace_init(&p);
	pop_pace_lost(&p);
	round_trip(&p, &seen, 0);
	KUNIT_EXPECT_EQ(test, POP_PACE_MIN, p.window);
	round_trip(&p, &seen, 0);
	KUNIT_EXPECT_EQ(test, POP_PACE_MIN + 1, p.window);
	p.window = 4096;
	pop_pace_lost(&p);
	before = p.window;
	while (p.window < 4096 && rounds < 100) {
		round_trip(&p, &seen, 0);
		rounds++;
	}
	KUNIT_EXPECT_EQ(test, 2048, before);
	KUNIT_EXPECT_LE(test, rounds, 25);
	KUNIT_EXPECT_GE(test, rounds, 20);
}

static void loss__silence(struct kunit *test)
{
	struct pop_pace p;
	u32 seen = 0, i;

	pop_pace_init(&p);
	p.window = 1024;
	pop_pace_take(&p, 1024, 0, 0);
	KUNIT_EXPECT_TRUE(test, pop_pace_silent(&p));
	KUNIT_EXPECT_FALSE(test, pop_pace_silent(&p));
	KUNIT_EXPECT_EQ(test, POP_PACE_MIN, p.window);
	KUNIT_EXPECT_EQ(test, 0, pop_pace_room(&p));
	/* it was the questions that were lost */
	pop_pace_asked(&p);
	pop_pace_answered(&p, 1024);
	seen = 1024;
	for (i = 0; i < 5; i++)
		round_trip(&p, &seen, 0);
	KUNIT_EXPECT_EQ(test, 512, p.window);
}

/* Counts begin anew after 2^32 units. */
static void counts__wrap(struct kunit *test)
{
	struct pop_pace p;
	u32 i, seen = U32_MAX - 100;

	pop_pace_init(&p);
	p.sent = U32_MAX - 100;
	p.gone = p.sent;
	p.mark = p.sent;
	p.judged = p.sent;
	p.seen = p.sent;
	for (i = 0; i < 5; i++)
		round_trip(&p, &seen, 0);
	KUNIT_EXPECT_EQ(test, 1024, p.window);
	KUNIT_EXPECT_EQ(test, 0, pop_pace_under_way(&p));
	round_trip(&p, &seen, 3);
	KUNIT_EXPECT_EQ(test, 512, p.window);
}

/* A long round trip: no more than twice the window in the time of one. */
static void pace__ticks(struct kunit *test)
{
	struct pop_pace p;
	u32 tick, total = 0;

	pop_pace_init(&p);
	p.window = 1000;
	KUNIT_EXPECT_EQ(test, 40, pop_pace_take(&p, 1000, 50, 1));
	KUNIT_EXPECT_EQ(test, 0, pop_pace_take(&p, 1000, 50, 1));
	KUNIT_EXPECT_EQ(test, 40, pop_pace_take(&p, 1000, 50, 2));
	for (tick = 3; tick <= 25; tick++)
		total += pop_pace_take(&p, 1000, 50, tick);
	/* the window is used up after half of it: the path is not idle */
	KUNIT_EXPECT_EQ(test, 1000, total + 80);
	KUNIT_EXPECT_EQ(test, 0, pop_pace_take(&p, 1, 50, 26));
	/* a short one is not paced */
	pop_pace_idle(&p);
	KUNIT_EXPECT_EQ(test, 1000, pop_pace_take(&p, 1000, 3, 26));
}

/* What a path could take a while ago it need not take now. */
static void pace__restart(struct kunit *test)
{
	struct pop_pace p;

	pop_pace_init(&p);
	p.window = 1000;
	p.threshold = 500;
	KUNIT_EXPECT_EQ(test, 400, pop_pace_take(&p, 400, 0, 1));
	/* something is under way still */
	KUNIT_EXPECT_EQ(test, 200, pop_pace_take(&p, 200, 0, 2 * HZ));
	pop_pace_idle(&p);
	KUNIT_EXPECT_EQ(test, 1000, pop_pace_take(&p, 1000, 0, 3 * HZ));
	pop_pace_idle(&p);
	KUNIT_EXPECT_EQ(test, POP_PACE_FIRST,
			pop_pace_take(&p, 1000, 0, 4 * HZ + 1));
	KUNIT_EXPECT_EQ(test, 750, p.threshold);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(window__doubles),
	KUNIT_CASE(window__unused),
	KUNIT_CASE(window__full),
	KUNIT_CASE(window__pending),
	KUNIT_CASE(window__passed),
	KUNIT_CASE(window__not_sent),
	KUNIT_CASE(window__silent_at_first),
	KUNIT_CASE(window__another_path),
	KUNIT_CASE(loss__halves_once),
	KUNIT_CASE(loss__least),
	KUNIT_CASE(loss__none),
	KUNIT_CASE(loss__slow_growth),
	KUNIT_CASE(loss__silence),
	KUNIT_CASE(counts__wrap),
	KUNIT_CASE(pace__ticks),
	KUNIT_CASE(pace__restart),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_pace",
	.test_cases = cases,
};

kunit_test_suite(suite);
