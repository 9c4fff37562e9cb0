// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control (RFC 8085, 3.1): a window of units for each peer, which
 * doubles while nothing is lost, so that a clean path is never idle for long,
 * and is halved, once a round trip at most, when something is.
 */

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "pace.h"

/* Units that came after a question that was sent after them are not lost. */
#define REORDER		2

/*
 * Beyond the threshold the window grows by a unit a question, as TCP, and for
 * large windows by this part of it, for else they would take ages.
 */
#define GROWTH		32

/*
 * A round trip of fewer clock ticks than that is not paced: what goes out within
 * one is a burst for any timer that we have.
 */
#define PACED_TICKS	4

void pop_pace_init(struct pop_pace *p)
{
	*p = (struct pop_pace) {
		.window = POP_PACE_FIRST,
		.threshold = POP_PACE_MAX,
	};
}

/* What this clock tick has room for: twice what would fill the window. */
static u32 tick_room(struct pop_pace *p, unsigned long rtt, unsigned long now)
{
	if (rtt < PACED_TICKS)
		return U32_MAX;
	if (p->tick != now) {
		p->tick = now;
		p->tick_left = max_t(u32, POP_PACE_MIN, 2 * p->window / rtt);
	}
	return p->tick_left;
}

/*
 * After a second without anything to send the path may be another one (RFC 7661):
 * begin as at first, but remember how much it could take.
 */
static void restart(struct pop_pace *p, unsigned long now)
{
	if (now - p->last > HZ && p->window > POP_PACE_FIRST &&
	    !pop_pace_under_way(p)) {
		p->threshold = max(p->threshold, p->window / 4 * 3);
		WRITE_ONCE(p->window, POP_PACE_FIRST);
	}
	p->last = now;
}

/**
 * pop_pace_take - count units as sent, as many as may go now
 * @p: of the peer
 * @want: how many there are
 * @rtt: a round trip in clock ticks; zero while it is unknown
 * @now: the clock tick
 *
 * Return: how many may go.
 */
u32 pop_pace_take(struct pop_pace *p, u32 want, unsigned long rtt,
		  unsigned long now)
{
	u32 may;

	restart(p, now);
	may = min3(want, pop_pace_room(p), tick_room(p, rtt, now));
	if (rtt >= PACED_TICKS)
		p->tick_left -= may;
	pop_pace_count(p, may);
	return may;
}

/* The peer is being asked. */
void pop_pace_asked(struct pop_pace *p)
{
	p->mark = p->sent - p->pending;
	p->full = pop_pace_half(p);
}

/* Return: true if that makes it smaller. */
static bool shrink(struct pop_pace *p, u32 window)
{
	bool smaller = window < p->window;

	p->threshold = max_t(u32, p->window / 2, POP_PACE_MIN);
	WRITE_ONCE(p->window, window);
	p->recover = p->sent;
	p->recovering = true;
	return smaller;
}

/**
 * pop_pace_lost - something was lost
 * @p: of the peer
 *
 * Return: true if the window is smaller now, once for all of a round trip.
 */
bool pop_pace_lost(struct pop_pace *p)
{
	return !p->recovering &&
	       shrink(p, max_t(u32, p->window / 2, POP_PACE_MIN));
}

/**
 * pop_pace_silent - the peer does not answer
 * @p: of the peer
 *
 * Nothing is known of what is under way: begin anew. Who was not heard yet is
 * not there yet, most likely, and says nothing of the path.
 *
 * Return: true if the window is smaller now.
 */
bool pop_pace_silent(struct pop_pace *p)
{
	u32 threshold = p->threshold;
	bool smaller;

	smaller = p->window > POP_PACE_MIN && shrink(p, POP_PACE_MIN);
	if (!p->heard)
		p->threshold = threshold;
	return smaller;
}

/* The path to the peer is another one, of which nothing is known (RFC 9000, 9.4). */
void pop_pace_moved(struct pop_pace *p)
{
	p->threshold = POP_PACE_MAX;
	if (p->window > POP_PACE_FIRST)
		WRITE_ONCE(p->window, POP_PACE_FIRST);
	p->recover = p->sent;
	p->recovering = pop_pace_under_way(p);
}

static void grow(struct pop_pace *p)
{
	u32 window = p->window;

	if (window < p->threshold)
		window = min(2 * window, p->threshold);
	else
		window += max(window / GROWTH, 1U);
	WRITE_ONCE(p->window, min_t(u32, window, POP_PACE_MAX));
}

/**
 * pop_pace_answered - the last question was answered
 * @p: of the peer
 * @seen: units that had arrived there when it answered, as it says
 *
 * A peer that counts from zero again, for it was opened anew, says nothing of
 * what was lost.
 *
 * Return: true if the window is smaller now.
 */
bool pop_pace_answered(struct pop_pace *p, u32 seen)
{
	s32 sent = p->mark - p->judged, came = seen - p->seen;
	bool lost = came >= 0 && sent > came + REORDER;

	p->judged = p->mark;
	/* some that were sent after the question have come: once is enough */
	if (came > sent)
		p->judged += min_t(u32, came - sent, p->sent - p->mark);
	p->seen = seen;
	p->heard = true;
	if ((s32)(p->mark - p->gone) > 0)
		WRITE_ONCE(p->gone, p->mark);
	if (p->recovering)
		/* what was sent before that belongs to the same loss */
		p->recovering = (s32)(p->mark - p->recover) < 0;
	else if (lost)
		return pop_pace_lost(p);
	else if (p->full)
		grow(p);
	return false;
}
