/* SPDX-License-Identifier: GPL-2.0 */
/* How much may be under way to a peer: arithmetic that knows no network. */
#ifndef _POP_PACE_H
#define _POP_PACE_H

#include <linux/types.h>

/* Units: at least, at first, and at most, which is a message of 16 MiB. */
#define POP_PACE_MIN	16
#define POP_PACE_FIRST	32
#define POP_PACE_MAX	16384

/**
 * struct pop_pace - units of messages on their way to a peer
 * @window: how many may be under way
 * @threshold: up to here the window doubles, beyond it grows slowly
 * @sent: so many have been sent
 * @pending: of those sent, the last ones are being handed to the network still
 * @gone: of those sent, so many are known not to be under way any more
 * @mark: @sent without @pending when the peer was last asked
 * @judged: @mark of the last question that was answered, and what had passed it
 * @seen: units that the peer has seen of us, by that answer
 * @recover: @sent at the last loss
 * @recovering: no question that was asked after the last loss was answered yet
 * @full: half the window or more was used at the last question
 * @heard: the peer has answered once
 * @tick: the clock tick in which @tick_left may be sent
 * @tick_left: units
 * @last: the clock tick in which something was sent last
 *
 * There are no acknowledgements. But when a question is answered, whatever was
 * sent before the question is not under way any more: it has arrived or is
 * lost. How many were lost tells the peer's count in the answer.
 *
 * Counts are modulo 2^32. Protected by pop_peer.lock.
 */
struct pop_pace {
	u32		window;
	u32		threshold;
	u32		sent;
	u32		pending;
	u32		gone;
	u32		mark;
	u32		judged;
	u32		seen;
	u32		recover;
	bool		recovering;
	bool		full;
	bool		heard;
	u32		tick_left;
	unsigned long	tick;
	unsigned long	last;
};

void pop_pace_init(struct pop_pace *p);
u32 pop_pace_take(struct pop_pace *p, u32 want, unsigned long rtt,
		  unsigned long now);
void pop_pace_asked(struct pop_pace *p);
bool pop_pace_answered(struct pop_pace *p, u32 seen);
bool pop_pace_lost(struct pop_pace *p);
bool pop_pace_silent(struct pop_pace *p);
void pop_pace_moved(struct pop_pace *p);

static inline u32 pop_pace_under_way(const struct pop_pace *p)
{
	return READ_ONCE(p->sent) - READ_ONCE(p->gone);
}

/* Is it time to ask, so that the window opens before it is used up? */
static inline bool pop_pace_half(const struct pop_pace *p)
{
	return 2 * pop_pace_under_way(p) >= READ_ONCE(p->window);
}

/* Return: units that may be sent now; the window decides, not the clock tick. */
static inline u32 pop_pace_room(const struct pop_pace *p)
{
	u32 used = pop_pace_under_way(p);

	return used < p->window ? p->window - used : 0;
}

/* Units are sent, whether the window has room for them or not. */
static inline void pop_pace_count(struct pop_pace *p, u32 units)
{
	WRITE_ONCE(p->sent, p->sent + units);
}

/* Units are not sent after all. */
static inline void pop_pace_uncount(struct pop_pace *p, u32 units)
{
	u32 sent = p->sent - units;

	WRITE_ONCE(p->sent, sent);
	if ((s32)(p->mark - sent) > 0)
		p->mark = sent;
	if ((s32)(p->gone - sent) > 0)
		WRITE_ONCE(p->gone, sent);
}

/* All that was sent has arrived. */
static inline void pop_pace_idle(struct pop_pace *p)
{
	WRITE_ONCE(p->gone, p->sent);
}

#endif /* _POP_PACE_H */
