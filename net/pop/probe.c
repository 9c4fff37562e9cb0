// SPDX-License-Identifier: GPL-2.0
/*
 * A sender's look at its recipients' input channels (paper, 6: no
 * acknowledgements, "the sender checks the recipient's input channel").
 *
 * After eight round trips, or when a socket is half full, a sender asks what has
 * become of the messages that it keeps: by STATE for channels of one message,
 * of which one answer tells up to 2048, and by SLOTS for one channel of many.
 * What has arrived need not be kept. Of what has come by half the recipient
 * asks for the rest itself. What has not arrived at all goes again. Channels take
 * turns, so that one that stays as it is keeps no other from being asked for.
 *
 * When half the window to a peer is used, it asks by SLOTS at once, of whatever
 * channel: the answer opens the window again (pace.c).
 */

#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "channel.h"
#include "control.h"
#include "keep.h"
#include "probe.h"
#include "repair.h"
#include "resend.h"
#include "slot.h"

#define PROBE_MIN	max(HZ / 5UL, 1UL)	/* 200 ms */
#define PROBE_MAX	(30UL * HZ)
#define SOON_MIN	max(HZ / 50UL, 1UL)	/* 20 ms */

/* The oldest messages, among whose channels the next to ask for is looked for. */
#define PROBE_LOOK	256

/* Answers that came too late: to wait 32 times as long is enough. */
#define PROBE_LATE	5

/* Questions at the same pace: a bad network answers one of so many. */
#define PROBE_STEADY	4

/*
 * Wait twice as long for each question that had no answer; and if the peer is far,
 * for each whose answer came when the next was asked already.
 */
static unsigned long back_off(const struct pop_peer *peer, unsigned long wait)
{
	u8 tries = READ_ONCE(peer->probe_backoff);

	wait <<= min_t(u8, READ_ONCE(peer->probe.late), PROBE_LATE);
	if (tries > PROBE_STEADY)
		wait <<= min(tries - PROBE_STEADY, 8);
	return min(wait, PROBE_MAX);
}

static unsigned long probe_wait(const struct pop_peer *peer)
{
	return back_off(peer, pop_peer_wait(peer, 8, PROBE_MIN));
}

/*
 * When it was asked last; long ago, if that is so long ago that the clock has gone
 * round. Context: pop_peer.lock.
 */
static unsigned long asked_at(const struct pop_probe *p)
{
	return time_after(p->jiffies, jiffies) ? jiffies - PROBE_MAX :
						 p->jiffies;
}

static bool answer_due(const struct pop_probe *p)
{
	return p->waiting || p->slots_id;
}

/*
 * When a sender that is short of room may ask: once a round trip, less often when
 * that brings no room, and later while an answer is due. Context: pop_peer.lock.
 */
static unsigned long soon_at(const struct pop_peer *peer)
{
	unsigned long wait = pop_peer_wait(peer, 1, 1);

	if (answer_due(&peer->probe))
		wait = back_off(peer, pop_peer_wait(peer, 4, SOON_MIN));
	else
		wait = min(wait << min_t(u8, peer->probe.vain, 8),
			   probe_wait(peer));
	return asked_at(&peer->probe) + wait;
}

/* Something was sent to a peer; @soon: room is short. Context: any. */
void pop_probe_watch(struct pop_peer *peer, bool soon)
{
	unsigned long at = jiffies + probe_wait(peer);

	if (soon) {
		spin_lock_bh(&peer->lock);
		peer->probe.soon = true;
		at = soon_at(peer);
		spin_unlock_bh(&peer->lock);
	}
	pop_repair_arm_peer(peer, at);
}

/* The peer is there, whatever became of the last question. Context: any. */
void pop_probe_alive(struct pop_peer *peer)
{
	if (!READ_ONCE(peer->probe_backoff))
		return;
	WRITE_ONCE(peer->probe_backoff, 0);
	pop_probe_watch(peer, false);
}

/* Is the socket short of room that has sent the oldest? Context: pop_peer.lock. */
static bool socket_short(struct pop_peer *peer)
{
	const struct pop_keep_to *to;

	to = list_first_entry_or_null(&peer->kept, struct pop_keep_to, of_peer);
	return to && pop_charge_short(to->keep->charge);
}

/* How many inputs @party has in @phase before @action. */
static u32 input_index(const struct pop_plan *plan, u32 phase, u32 action,
		       u16 party)
{
	u32 i, index = 0;

	for (i = plan->first_action[phase]; i < action; i++)
		if (pop_plan_to_index(plan, i, party) >= 0)
			index++;
	return index;
}

/*
 * Channels that a STATE reply tells enough of. That there is a contradiction does
 * not say what has come.
 */
static bool by_state(const struct pop_keep_to *to)
{
	return to->ch->count == 1 &&
	       !READ_ONCE(READ_ONCE(to->ch->open)->violated);
}

/*
 * How far it is from behind @last to @ch, in the order of outputs, after whose end
 * they begin again.
 */
static unsigned long turn(const struct pop_channel *ch,
			  const struct pop_channel *last)
{
	return (unsigned long)ch - (unsigned long)last - 1;
}

/* Is it the turn of @ch, more than that of @chosen? */
static bool is_next(const struct pop_channel *ch,
		    const struct pop_channel *chosen,
		    const struct pop_channel *last)
{
	return !chosen || turn(ch, last) < turn(chosen, last);
}

/*
 * Choose what to ask for: of channels by STATE, from the next one on, and of one by
 * SLOTS, from its oldest message on. Context: pop_peer.lock.
 */
static void choose(struct pop_peer *peer, struct pop_channel **one,
		   struct pop_channel **many, u32 *seq)
{
	const struct pop_probe *p = &peer->probe;
	struct pop_keep_to *to;
	u32 left = PROBE_LOOK;

	*one = NULL;
	*many = NULL;
	list_for_each_entry(to, &peer->kept, of_peer) {
		if (by_state(to)) {
			if (is_next(to->ch, *one, p->one))
				*one = to->ch;
		} else if (is_next(to->ch, *many, p->slots)) {
			*many = to->ch;
			*seq = to->keep->seq;
		}
		if (!--left)
			break;
	}
}

/*
 * How many slots from @first on have something kept: most are used in order, and
 * those that are not will be asked for when they are the oldest. To ask for more
 * costs both ends a look at each.
 */
static u32 count_kept(struct pop_channel *ch, u32 first)
{
	const struct pop_keep_to *to;
	u32 last = first;

	spin_lock_bh(&ch->lock);
	if (ch->open && !list_empty(&ch->open->pending)) {
		to = list_last_entry(&ch->open->pending, struct pop_keep_to,
				     list);
		last = max(first, to->keep->seq);
	}
	spin_unlock_bh(&ch->lock);
	return min_t(u32, last - first + 1, POP_SLOTS_MAX);
}

static void send_slots(struct pop_peer *peer, struct pop_channel *ch,
		       u32 first, u64 id)
{
	struct pop_slot_id slot = pop_channel_slot(peer->member, ch, first);
	struct pop_slots_request *req;
	struct sk_buff *skb;

	skb = pop_control_alloc(peer, POP_UNIT_SLOTS_REQUEST, sizeof(*req));
	if (!skb)
		return;
	req = pop_control_body(skb);
	*req = (struct pop_slots_request) {
		.id = cpu_to_be64(id),
		.phase = cpu_to_be16(slot.phase),
		.action = cpu_to_be16(slot.action),
		.first = cpu_to_be32(first),
		.count = cpu_to_be16(count_kept(ch, first)),
	};
	pop_control_send(peer, skb);
}

/* An answer that comes too late is one to this question, or to a later one. */
static void measure_from(struct pop_probe *p)
{
	p->late_id = p->last_id;
	p->late_at = p->at;
}

/* @window: only to open the window, and if no answer is due */
static void send_probe(struct pop_peer *peer, bool window)
{
	const struct pop_plan *plan = &peer->member->contract->plan;
	struct pop_net *pn = pop_member_net(peer->member);
	struct pop_state_query q = {
		.count = POP_STATE_MAX,
		.direction = POP_DIRECTION_INPUT,
	};
	struct pop_probe *p = &peer->probe;
	struct pop_channel *one, *many, *far = NULL;
	bool silent = false, given_up = false, slowed = false;
	u64 id = pop_state_id(pn), slots_id = pop_state_id(pn);
	u32 seq = 0;

	spin_lock_bh(&peer->lock);
	choose(peer, &one, &many, &seq);
	spin_unlock_bh(&peer->lock);
	/* it has arrived since the caller looked: nothing to ask for */
	if (!one && !many)
		return;
	if (one) {
		u32 index = input_index(plan, one->phase, one->action,
					peer->party);

		q.phase = one->phase;
		q.first = index;
		/* farther than a STATE request can count */
		if (index > U16_MAX) {
			far = one;
			many = one;
			seq = 0;
			one = NULL;
		}
	}
	if (!many && pop_pace_half(&peer->pace)) {
		many = one;
		seq = 0;
	}

	spin_lock_bh(&peer->lock);
	if (window && answer_due(p)) {
		spin_unlock_bh(&peer->lock);
		return;
	}
	if (p->waiting && peer->probe_backoff < U8_MAX)
		silent = ++peer->probe_backoff == POP_PROBE_SILENT;
	if (silent)
		slowed = pop_pace_silent(&peer->pace);
	/* whatever else is heard of it, only that answer opens the window */
	if (p->slots_id && p->slots_tries < U8_MAX)
		given_up = ++p->slots_tries == POP_PROBE_SILENT;
	if (many)
		pop_pace_asked(&peer->pace);
	p->id = one ? id : 0;
	p->phase = q.phase;
	p->first = q.first;
	p->slots_id = many ? slots_id : 0;
	p->slots = many;
	if (far)
		p->one = far;
	p->at = ktime_get_ns();
	p->jiffies = jiffies;
	p->last_id = id;
	if (!p->waiting)
		measure_from(p);
	p->waiting = true;
	p->soon = pop_pace_half(&peer->pace);
	if (!p->soon && socket_short(peer)) {
		p->soon = true;
		if (p->vain < U8_MAX)
			p->vain++;
	}
	spin_unlock_bh(&peer->lock);

	if (slowed)
		pop_peer_slowed(peer);
	/* others of a group need not wait for this one any more */
	if (silent || given_up)
		pop_share_opened(peer);
	if (one)
		pop_state_send(peer, id, &q);
	if (many)
		send_slots(peer, many, seq, slots_id);
}

/*
 * Ask a peer when half its window is used; if an answer is due already, soon
 * after that. Context: any, without locks.
 */
void pop_probe_window(struct pop_peer *peer)
{
	bool kept, due;

	if (!pop_pace_half(&peer->pace))
		return;
	spin_lock_bh(&peer->lock);
	kept = !list_empty(&peer->kept);
	due = kept && !answer_due(&peer->probe);
	spin_unlock_bh(&peer->lock);
	if (due)
		send_probe(peer, true);
	if (kept)
		pop_probe_watch(peer, true);
}

/* Ask a peer for what is kept, if that is due. Context: the member's work. */
void pop_probe_due(struct pop_peer *peer, unsigned long *next)
{
	struct pop_keep_to *to;
	unsigned long at;
	bool none;

	spin_lock_bh(&peer->lock);
	to = list_first_entry_or_null(&peer->kept, struct pop_keep_to, of_peer);
	none = !to;
	at = asked_at(&peer->probe) + probe_wait(peer);
	if (to && !peer->probe.waiting) {
		/* the first question after this message */
		unsigned long sent = jiffies - pop_keep_age(to) +
				     probe_wait(peer);

		if (time_after(sent, at))
			at = sent;
	}
	if (peer->probe.soon && time_before(soon_at(peer), at))
		at = soon_at(peer);
	spin_unlock_bh(&peer->lock);
	if (none)
		return;
	if (!time_after(at, jiffies)) {
		send_probe(peer, false);
		at = jiffies + probe_wait(peer);
		if (READ_ONCE(peer->probe.soon)) {
			spin_lock_bh(&peer->lock);
			at = soon_at(peer);
			spin_unlock_bh(&peer->lock);
		}
	}
	if (time_before(at, *next))
		*next = at;
}

/*
 * Is it the answer to a question that was asked again too soon? Else a round trip
 * that is longer than the wait would never become known. Context: pop_peer.lock.
 */
static bool is_late(const struct pop_probe *p, u64 id)
{
	return p->waiting && (s64)(id - p->late_id) >= 0 &&
	       (s64)(id - p->last_id) < 0;
}

/*
 * The probe was answered, by SLOTS with how many units have @arrived. Return:
 * false if @id is not that of the last one.
 */
static bool answered(struct pop_peer *peer, u64 id, bool slots, u32 arrived,
		     struct pop_probe *p)
{
	bool ours, late, slowed = false;
	u64 at;

	spin_lock_bh(&peer->lock);
	*p = peer->probe;
	late = is_late(p, id);
	at = late ? p->late_at : p->at;
	if (late) {
		measure_from(&peer->probe);
		if (p->late < PROBE_LATE && pop_peer_is_far(peer))
			WRITE_ONCE(peer->probe.late, p->late + 1);
	}
	ours = id && id == (slots ? p->slots_id : p->id);
	if (ours) {
		peer->probe.waiting = false;
		peer->probe_backoff = 0;
		if (p->late)
			WRITE_ONCE(peer->probe.late, p->late - 1);
		if (slots) {
			peer->probe.slots_id = 0;
			peer->probe.slots_tries = 0;
			slowed = pop_pace_answered(&peer->pace, arrived);
		} else {
			peer->probe.id = 0;
		}
	}
	spin_unlock_bh(&peer->lock);
	if (slowed)
		pop_peer_slowed(peer);
	if (ours || late)
		pop_peer_rtt(peer, ktime_get_ns() - at);
	return ours;
}

/* Whether a message of one has come, SLOTS will tell. */
static void ask_by_slots(struct pop_channel *ch)
{
	spin_lock_bh(&ch->lock);
	if (ch->open)
		WRITE_ONCE(ch->open->violated, true);
	spin_unlock_bh(&ch->lock);
}

static void one_answer(struct pop_peer *peer, struct pop_channel *ch, u8 state,
		       u64 asked)
{
	switch (state) {
	case POP_CHANNEL_STATE_EXECUTED:
	case POP_CHANNEL_STATE_HELD:
	case POP_CHANNEL_STATE_ECHO:
		pop_keep_arrived(peer->member, ch, 0);
		break;
	case POP_CHANNEL_STATE_LATE:
	case POP_CHANNEL_STATE_VOID:
		pop_keep_refused(peer->member, ch);
		break;
	case POP_CHANNEL_STATE_OPEN:
		pop_resend(peer, ch, 0, asked);
		break;
	case POP_CHANNEL_STATE_VIOLATED:
		ask_by_slots(ch);
		break;
	}
}

/**
 * pop_probe_state - see whether a STATE reply answers a probe
 * @peer: who answers
 * @id: of the request
 * @answer: checked
 *
 * Return: true if it does; it was used then.
 */
bool pop_probe_state(struct pop_peer *peer, u64 id,
		     const struct pop_state_answer *answer)
{
	const struct pop_plan *plan = &peer->member->contract->plan;
	u32 count = be16_to_cpu(answer->reply->count);
	struct pop_channel *ch, *last = NULL;
	struct pop_member *m = peer->member;
	u32 action, index = 0;
	struct pop_probe p;
	int to;

	if (!answered(peer, id, false, 0, &p))
		return false;
	for (action = plan->first_action[p.phase];
	     action < plan->first_action[p.phase + 1] &&
	     index < p.first + count; action++) {
		to = pop_plan_to_index(plan, action, peer->party);
		if (to < 0)
			continue;
		if (index >= p.first &&
		    be16_to_cpu(plan->action[action].from) == m->party &&
		    be32_to_cpu(plan->action[action].count) == 1) {
			ch = &m->channel[m->actions[action].channel + to];
			one_answer(peer, ch,
				   pop_state_of(answer->states, index - p.first),
				   p.at);
			last = ch;
		}
		index++;
	}
	if (last) {
		spin_lock_bh(&peer->lock);
		peer->probe.one = last;
		spin_unlock_bh(&peer->lock);
	}
	pop_probe_window(peer);
	return true;
}

/* An authenticated SLOTS reply. @skb stays the caller's. */
void pop_probe_slots_reply(struct pop_peer *peer, const struct sk_buff *skb)
{
	const struct pop_slots_reply *reply = (const void *)skb->data;
	struct pop_net *pn = pop_member_net(peer->member);
	const u8 *states = (const u8 *)(reply + 1);
	u32 count, first, i;
	struct pop_probe p;
	bool more = true;

	if (skb->len < sizeof(*reply) || reply->reserved ||
	    skb->len != sizeof(*reply) +
			DIV_ROUND_UP(be16_to_cpu(reply->count), 4)) {
		pop_count(pn, RX_MALFORMED);
		return;
	}
	if (!answered(peer, be64_to_cpu(reply->id), true,
		      be32_to_cpu(reply->arrived), &p)) {
		pop_count(pn, RX_UNASKED);
		return;
	}
	count = be16_to_cpu(reply->count);
	first = be32_to_cpu(reply->first);
	/* not so far yet: it would drop what comes now */
	if (reply->state == POP_CHANNEL_STATE_CLOSED)
		count = 0;
	if (reply->state == POP_CHANNEL_STATE_LATE ||
	    reply->state == POP_CHANNEL_STATE_VOID) {
		pop_keep_refused(peer->member, p.slots);
		count = 0;
	}
	for (i = 0; i < count && first + i < p.slots->count; i++) {
		u8 state = states[i / 4] >> (i % 4 * 2) & 3;

		if (state >= POP_SLOT_WHOLE)
			pop_keep_arrived(peer->member, p.slots, first + i);
		else if (state == POP_SLOT_NOTHING && more)
			more = pop_resend(peer, p.slots, first + i, p.at);
	}
	pop_share_opened(peer);
	pop_probe_window(peer);
}

/**
 * pop_probe_slots_request - answer an authenticated SLOTS request
 * @peer: who asks
 * @skb: data at struct pop_slots_request; stays the caller's
 * @from: where to answer
 */
void pop_probe_slots_request(struct pop_peer *peer, const struct sk_buff *skb,
			     const union pop_addr *from)
{
	const struct pop_slots_request *req = (const void *)skb->data;
	struct pop_member *m = peer->member;
	struct pop_slots_reply *reply;
	struct pop_channel *ch;
	struct sk_buff *answer;
	u32 first, count, room;

	if (skb->len != sizeof(*req) || req->reserved || !req->id)
		goto malformed;
	first = be32_to_cpu(req->first);
	count = be16_to_cpu(req->count);
	ch = pop_channel_input(m, be16_to_cpu(req->phase),
			       be16_to_cpu(req->action));
	if (!ch || count > POP_SLOTS_MAX || first >= ch->count ||
	    count > ch->count - first)
		goto malformed;
	if (!pop_control_may_answer(peer))
		return;
	room = pop_control_room(peer, from, skb->len) - sizeof(*reply);
	count = min(count, 4 * room);

	answer = pop_control_alloc(peer, POP_UNIT_SLOTS_REPLY, sizeof(*reply) +
				   DIV_ROUND_UP(count, 4));
	if (!answer)
		return;
	reply = pop_control_body(answer);
	reply->id = req->id;
	reply->first = req->first;
	reply->count = cpu_to_be16(count);
	reply->state = pop_channel_state(m, ch, NULL, NULL);
	reply->arrived = cpu_to_be32(atomic_read(&peer->arrived));
	pop_rx_slots(ch, first, count, (u8 *)(reply + 1));
	pop_count(pop_member_net(m), STATE_REQUESTS);
	pop_control_send_to(peer, answer, from);
	return;

malformed:
	pop_count(pop_member_net(m), RX_MALFORMED);
}
