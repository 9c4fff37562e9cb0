// SPDX-License-Identifier: GPL-2.0
/*
 * Echoes: the recipients of one message tell each other its digest (paper, 2.2:
 * two different messages to different recipients).
 *
 * With "all" and "quorum" that comes before delivery: whoever has a header tells
 * all others, and asks those it has not heard of until enough of them have the
 * same. With "detect" it comes after the channel is done, and as few are asked as
 * will do: the next f + 1. An echo that comes too early is dropped, for who has
 * no header yet will ask. See Documentation/models.rst for what was checked of
 * this.
 */

#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "channel.h"
#include "control.h"
#include "echo.h"
#include "evidence.h"
#include "recover.h"
#include "rx.h"
#include "slot.h"

#define ECHO_WAIT	max(HZ / 10UL, 1UL)	/* then twice that, and so on */
#define ECHO_WAIT_MAX	(30UL * HZ)
#define COMPARE_WAIT	max(HZ / 5UL, 1UL)	/* many go into one unit */
#define ECHO_ROUND	512	/* messages looked at in one go */

/* Questions without an answer after which one more of the ring is asked. */
#define COMPARE_STEADY	4

/* Questions after the contract was closed. */
#define COMPARE_CLOSED	8

/* Must others have echoed a message before it is delivered? */
bool pop_echo_first(const struct pop_body_action *a)
{
	return pop_action_is_group(a) &&
	       a->consistency != POP_CONSISTENCY_DETECT;
}

/* How many others must say the same? */
static u32 how_many(const struct pop_member *m, const struct pop_channel *ch)
{
	u32 faulty = be16_to_cpu(m->contract->plan.body->faulty);
	u32 nr = pop_rx_recipients(m, ch);

	switch (pop_channel_action(m, ch)->consistency) {
	case POP_CONSISTENCY_ALL:
		return nr - 1;
	case POP_CONSISTENCY_QUORUM:
		/* any two quorums have an honest recipient in common */
		return (nr + faulty) / 2;
	default:
		return min(faulty + 1, nr - 1);
	}
}

/**
 * pop_echo_begin - ask co-recipients what they have
 * @m: the local party
 * @ch: an input channel of an action that is "same"
 * @seq: of the slot, or POP_ECHO_SEQ_ALL
 *
 * Context: ch->lock.
 * Return: what will be known of it, or NULL without memory (counted).
 */
struct pop_echoes *pop_echo_begin(struct pop_member *m, struct pop_channel *ch,
				  u32 seq)
{
	struct pop_echoes *e;

	lockdep_assert_held(&ch->lock);
	e = kzalloc(struct_size(e, heard, BITS_TO_LONGS(pop_rx_recipients(m, ch))),
		    GFP_ATOMIC);
	if (!e) {
		pop_count(pop_member_net(m), RX_NO_MEMORY);
		return NULL;
	}
	e->ask.ch = ch;
	e->ask.seq = seq;
	e->ask.at = jiffies + (seq == POP_ECHO_SEQ_ALL ? COMPARE_WAIT : 0);
	e->need = how_many(m, ch);
	__set_bit(pop_rx_place(m, ch, m->party), e->heard);
	spin_lock_bh(&m->echo_lock);
	list_add_tail(&e->ask.list, &m->echoes);
	spin_unlock_bh(&m->echo_lock);
	pop_repair_arm(m, e->ask.at);
	return e;
}

/* No more is wanted of it. Context: pop_channel.lock. */
void pop_echo_end(struct pop_member *m, struct pop_echoes *e)
{
	if (!e)
		return;
	spin_lock_bh(&m->echo_lock);
	list_del(&e->ask.list);
	spin_unlock_bh(&m->echo_lock);
	kfree(e);
}

/* An input channel is done: with "detect" its digest is compared now. */
void pop_echo_compare(struct pop_member *m, struct pop_channel *ch)
{
	const struct pop_body_action *a = pop_channel_action(m, ch);

	if (!pop_action_is_group(a) || pop_echo_first(a))
		return;
	spin_lock_bh(&ch->lock);
	/* by a verdict it may be done without being whole */
	if (ch->open && !ch->open->compare && ch->done == ch->count)
		ch->open->compare = pop_echo_begin(m, ch, POP_ECHO_SEQ_ALL);
	spin_unlock_bh(&ch->lock);
}

/* Enough is known of a channel. Context: ch->lock. */
static void end_compare(struct pop_member *m, struct pop_channel *ch)
{
	pop_echo_end(m, ch->open->compare);
	ch->open->compare = NULL;
	pop_channel_retire_late(m, ch);
}

static void fill_echo(struct pop_echo *record, struct pop_member *m,
		      struct pop_channel *ch, u32 seq, u8 flags,
		      const u8 digest[POP_HASH_LEN])
{
	struct pop_slot_id slot = pop_channel_slot(m, ch, seq);

	record->phase = cpu_to_be16(slot.phase);
	record->action = cpu_to_be16(slot.action);
	record->seq = cpu_to_be32(slot.seq);
	record->flags = flags;
	memcpy(record->digest, digest, sizeof(record->digest));
}

/* Context: the member's repair work. */
static void add_echo(struct pop_peer *peer, struct pop_channel *ch, u32 seq,
		     const u8 digest[POP_HASH_LEN])
{
	struct pop_echo *record;

	record = pop_control_add(peer, POP_UNIT_ECHO, sizeof(*record));
	if (!record)
		return;
	fill_echo(record, peer->member, ch, seq, POP_ECHO_F_WANT, digest);
	pop_count(pop_member_net(peer->member), TX_ECHOES);
}

/*
 * Whom to ask: with "all" and "quorum" everybody not heard of yet; to compare
 * a channel, of the ring behind the member as many as are needed still.
 */
static void choose(struct pop_member *m, const struct pop_channel *ch,
		   const struct pop_echoes *e, unsigned long *whom)
{
	u32 nr = pop_rx_recipients(m, ch), own = pop_rx_place(m, ch, m->party), i;
	u32 left = nr;

	if (e->ask.seq == POP_ECHO_SEQ_ALL)
		left = e->need - e->same + e->tries / COMPARE_STEADY;
	for (i = 1; i < nr && left; i++) {
		u32 place = (own + i) % nr;

		if (test_bit(place, e->heard))
			continue;
		__set_bit(place, whom);
		left--;
	}
}

/* Ask those who are due to be asked of a message, or of a channel. */
static void ask(struct pop_member *m, struct pop_channel *ch, u32 seq)
{
	const struct pop_plan *plan = &m->contract->plan;
	DECLARE_BITMAP(whom, POP_MAX_PARTIES) = {};
	struct pop_echoes *e = NULL;
	u8 digest[POP_HASH_LEN];
	struct pop_rx *rx;
	u32 place;

	spin_lock_bh(&ch->lock);
	if (ch->open && seq == POP_ECHO_SEQ_ALL) {
		e = ch->open->compare;
		memcpy(digest, ch->digest, sizeof(digest));
	} else if (ch->open) {
		rx = pop_rx_find(ch, seq);
		e = rx ? rx->echoes : NULL;
		if (e)
			memcpy(digest, rx->header.digest, sizeof(digest));
	}
	if (e && seq == POP_ECHO_SEQ_ALL && READ_ONCE(m->contract->ended) &&
	    e->closed++ == COMPARE_CLOSED) {
		end_compare(m, ch);
		e = NULL;
	}
	if (e) {
		choose(m, ch, e, whom);
		if (e->tries < U8_MAX)
			e->tries++;
	}
	spin_unlock_bh(&ch->lock);

	for_each_set_bit(place, whom, pop_rx_recipients(m, ch)) {
		u16 party = be16_to_cpu(plan->to[plan->first_to[ch->action] +
						 place]);

		add_echo(&m->peer[party], ch, seq, digest);
	}
}

static unsigned long ask_wait(const struct pop_echoes *e)
{
	unsigned long wait = ECHO_WAIT << min_t(u8, READ_ONCE(e->tries), 9);

	wait = min(wait, ECHO_WAIT_MAX);
	/* half to one and a half of it: many do not meet */
	return wait / 2 + reciprocal_scale(get_random_u32(), wait + 1);
}

/* As next_due() of repair.c. */
static bool next_due(struct pop_member *m, u32 *left, unsigned long *next,
		     struct pop_channel **ch, u32 *seq)
{
	struct pop_echoes *e;
	bool found = false;

	spin_lock_bh(&m->echo_lock);
	while (!found && *left && !list_empty(&m->echoes)) {
		e = list_first_entry(&m->echoes, struct pop_echoes, ask.list);
		--*left;
		if (!time_after(e->ask.at, jiffies)) {
			*ch = e->ask.ch;
			*seq = e->ask.seq;
			e->ask.at = jiffies + ask_wait(e);
			found = true;
		}
		if (time_before(e->ask.at, *next))
			*next = e->ask.at;
		list_move_tail(&e->ask.list, &m->echoes);
	}
	spin_unlock_bh(&m->echo_lock);
	return found;
}

static u32 count_echoes(struct pop_member *m)
{
	struct list_head *p;
	u32 n = 0;

	spin_lock_bh(&m->echo_lock);
	list_for_each(p, &m->echoes)
		if (++n == ECHO_ROUND)
			break;
	spin_unlock_bh(&m->echo_lock);
	return n;
}

/**
 * pop_echo_due - ask for all echoes that are due
 * @m: the local party
 * @next: set to when the next will be, if that is earlier
 *
 * Context: the member's repair work.
 */
void pop_echo_due(struct pop_member *m, unsigned long *next)
{
	u32 seq, left = count_echoes(m);
	struct pop_channel *ch;

	/* those that were not looked at follow at once */
	if (left == ECHO_ROUND)
		*next = jiffies;
	while (next_due(m, &left, next, &ch, &seq))
		ask(m, ch, seq);
	pop_control_flush(m);
}

/**
 * struct heard - an echo that is being taken
 * @peer: who echoes
 * @outer: of the unit
 * @record: what it says
 * @ch: the member's input channel
 * @seq: of the slot, or POP_ECHO_SEQ_ALL
 * @place: of @peer among the recipients
 */
struct heard {
	struct pop_peer		*peer;
	const struct pop_outer	*outer;
	const struct pop_echo	*record;
	struct pop_channel	*ch;
	u32			seq;
	u32			place;
};

/* Take note. @e: or NULL, if nothing is wanted. Context: pop_channel.lock. */
static void take_note(const struct heard *h, struct pop_echoes *e,
		      const u8 digest[POP_HASH_LEN],
		      const struct pop_exhibit *own)
{
	struct pop_exhibit theirs;
	bool same;

	same = !memcmp(digest, h->record->digest, POP_HASH_LEN);
	if (e && !__test_and_set_bit(h->place, e->heard) && same)
		e->same++;
	if (same)
		return;
	pop_exhibit_unit(&theirs, h->outer, h->record, sizeof(*h->record));
	pop_evidence_add(h->peer, h->ch, h->seq, POP_CONTRADICTION_ECHO, own,
			 &theirs);
}

/*
 * An echo about a whole channel. Return: true and its own digest, if it is done.
 */
static bool hear_channel(const struct heard *h, u8 digest[POP_HASH_LEN])
{
	struct pop_member *m = h->peer->member;
	struct pop_channel *ch = h->ch;
	struct pop_echoes *e;
	struct pop_exhibit own;
	bool done;

	spin_lock_bh(&ch->lock);
	done = ch->done == ch->count;
	if (done) {
		e = ch->open ? ch->open->compare : NULL;
		memcpy(digest, ch->digest, POP_HASH_LEN);
		pop_exhibit_own(&own, digest);
		take_note(h, e, digest, &own);
		if (e && (pop_echo_enough(e) ||
			  bitmap_full(e->heard, pop_rx_recipients(m, ch))))
			end_compare(m, ch);
	} else {
		pop_recover_hints(h->peer, ch);
	}
	spin_unlock_bh(&ch->lock);
	return done;
}

/* An echo about a slot. Return: true and its own digest, if that is known. */
static bool hear_slot(const struct heard *h, u8 digest[POP_HASH_LEN])
{
	struct pop_channel *ch = h->ch;
	struct pop_member *m = h->peer->member;
	struct pop_exhibit own;
	bool known, last = false;
	struct pop_rx *rx;

	spin_lock_bh(&ch->lock);
	known = pop_rx_exhibit(m, ch, h->seq, &own, digest);
	if (!known)
		pop_recover_hint(h->peer, ch, h->seq);
	if (known) {
		rx = pop_rx_find(ch, h->seq);
		take_note(h, rx ? rx->echoes : NULL, digest, &own);
		if (rx && rx->complete)
			pop_rx_deliver(rx, &last);
	}
	spin_unlock_bh(&ch->lock);
	if (last)
		pop_channel_done(m, ch);
	return known;
}

/* Return: false if no honest party sends that record. */
static bool parse(struct heard *h)
{
	struct pop_member *m = h->peer->member;
	const struct pop_echo *r = h->record;
	int place;

	h->ch = pop_channel_input(m, be16_to_cpu(r->phase),
				  be16_to_cpu(r->action));
	if (!h->ch || !pop_action_is_group(pop_channel_action(m, h->ch)) ||
	    r->flags & ~POP_ECHO_F_WANT || memchr_inv(r->reserved, 0,
						      sizeof(r->reserved)))
		return false;
	place = pop_rx_place(m, h->ch, h->peer->party);
	h->place = place;
	h->seq = be32_to_cpu(r->seq);
	if (h->seq == POP_ECHO_SEQ_ALL)
		return place >= 0;
	return place >= 0 && h->seq < h->ch->count &&
	       pop_echo_first(pop_channel_action(m, h->ch));
}

/**
 * pop_echo_input - an authenticated ECHO
 * @peer: who sent it
 * @skb: data at the first struct pop_echo, the outer part in front of it; stays
 *	 the caller's
 * @from: where it came from, and where it is answered
 *
 * It is answered in one unit of the same length at most.
 */
void pop_echo_input(struct pop_peer *peer, const struct sk_buff *skb,
		    const union pop_addr *from)
{
	struct pop_net *pn = pop_member_net(peer->member);
	const struct pop_echo *record = (const void *)skb->data;
	struct heard h = {
		.peer = peer,
		.outer = (const void *)(skb->data - sizeof(*h.outer)),
	};
	u32 i, nr = skb->len / sizeof(*record), answers = 0;
	struct sk_buff *answer = NULL;
	u8 digest[POP_HASH_LEN];

	if (!nr || skb->len % sizeof(*record))
		goto malformed;
	for (i = 0; i < nr; i++, record++) {
		h.record = record;
		if (!parse(&h))
			break;
		pop_count(pn, RX_ECHOES);
		if (!(h.seq == POP_ECHO_SEQ_ALL ? hear_channel(&h, digest) :
						  hear_slot(&h, digest)) ||
		    !(record->flags & POP_ECHO_F_WANT))
			continue;
		if (!answer && pop_control_may_answer(peer))
			answer = pop_control_alloc(peer, POP_UNIT_ECHO,
						   skb->len);
		if (answer)
			fill_echo((struct pop_echo *)pop_control_body(answer) +
				  answers++, peer->member, h.ch, h.seq, 0,
				  digest);
	}
	if (answer) {
		skb_trim(answer, sizeof(struct pop_outer) +
			 answers * sizeof(*record));
		if (!pop_control_send_to(peer, answer, from))
			pop_count_n(pn, TX_ECHOES, answers);
	}
	if (i == nr)
		return;

malformed:
	pop_count(pn, RX_MALFORMED);
}
