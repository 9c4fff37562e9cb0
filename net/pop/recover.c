// SPDX-License-Identifier: GPL-2.0
/*
 * Asking other recipients for a message that its sender does not give (paper,
 * 4.2: recovery).
 *
 * The sender is asked first, and alone. After three requests without effect all
 * other recipients of the message are asked for the header, which the voucher in
 * it shows to be the sender's. The first who gives it is the source of the
 * payload. When that turns out not to be what the header says, or the source
 * falls silent, it is passed over; the sender has its turn again; and then all
 * others are asked again. When those are silent, too, nobody is passed over any
 * more: one honest recipient that has the message is enough, and a sender who is
 * there is, too, whatever recipients do.
 *
 * Of a message of which nothing came a recipient learns by the echoes of others.
 */

#include <crypto/algapi.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "channel.h"
#include "control.h"
#include "recover.h"
#include "rx.h"
#include "slot.h"

/* Requests to the sender, or to the source, that may be in vain. */
#define RECOVER_AFTER	3

/*
 * Fragments that make up for them: with less at a time the sender or a source would
 * keep the turn from others for as long as it likes.
 */
#define RECOVER_GIVES	16

/* Patience doubles with each round, for the path may lose much; so often. */
#define RECOVER_ROUNDS	6

/* Slots of a channel looked at for one hint. */
#define HINT_LOOK	256

/* Until channels are looked through for others, so that many go in one go. */
#define HINTS_WAIT	max(HZ / 50UL, 1UL)

/* The source is passed over from now on. */
static void give_up_source(struct pop_rx *rx)
{
	struct pop_recovery *r = rx->recovery;

	__set_bit(pop_rx_place(rx->m, rx->ask.ch, r->source), r->bad);
	r->source = POP_NO_SOURCE;
	r->tries = 0;
	r->given = 0;
}

/* Requests that may be in vain in this round: to the sender alone, and then to all. */
static u32 senders_tries(const struct pop_recovery *r)
{
	return (1 << r->rounds) + 1;
}

static u32 patience(const struct pop_recovery *r)
{
	return RECOVER_AFTER << r->rounds;
}

/* Without a source: is nobody asked but the sender, and it may answer still? */
static bool senders_turn(const struct pop_recovery *r)
{
	return r->tries < senders_tries(r);
}

/* Is a message had from others, and wanted still? Context: pop_channel.lock. */
static bool is_wanted(const struct pop_rx *rx)
{
	return rx && rx->recovery && !rx->complete && !rx->violated;
}

/*
 * What was had of a message is not what its header says. Context:
 * pop_channel.lock. Return: true if another recipient gave it, and not the
 * sender.
 */
bool pop_recover_failed(struct pop_rx *rx)
{
	if (!rx->recovery || rx->recovery->source == POP_NO_SOURCE)
		return false;
	give_up_source(rx);
	return true;
}

/**
 * pop_recover_due - is it time to ask others for a message?
 * @peer: its sender, who is being asked
 * @ch: the channel
 * @seq: of the slot
 *
 * Context: any, without pop_channel.lock.
 */
bool pop_recover_due(struct pop_peer *peer, struct pop_channel *ch, u32 seq)
{
	struct pop_rx *rx;
	bool due = false;

	if (!pop_action_is_group(pop_channel_action(peer->member, ch)))
		return false;
	spin_lock_bh(&ch->lock);
	rx = pop_rx_find(ch, seq);
	if (rx && !rx->complete && !rx->violated)
		due = rx->recovery ||
		      READ_ONCE(peer->ask_backoff) >= RECOVER_AFTER;
	spin_unlock_bh(&ch->lock);
	return due;
}

/* Return: how the message is recovered, or NULL without memory (counted). */
static struct pop_recovery *recovery_of(struct pop_rx *rx)
{
	u32 nr = pop_rx_recipients(rx->m, rx->ask.ch);

	if (rx->recovery)
		return rx->recovery;
	rx->recovery = kzalloc(struct_size(rx->recovery, bad,
					   BITS_TO_LONGS(nr)), GFP_ATOMIC);
	if (!rx->recovery) {
		pop_count(pop_member_net(rx->m), RX_NO_MEMORY);
		return NULL;
	}
	rx->recovery->source = POP_NO_SOURCE;
	/* the sender has had its turn */
	rx->recovery->tries = 2;
	return rx->recovery;
}

/*
 * All in turn, and again from the first, once all others were the source or those
 * that are left say nothing. @self: who never is the source
 */
static void begin_round(struct pop_recovery *r, u32 nr, int self)
{
	__set_bit(self, r->bad);
	if (!bitmap_full(r->bad, nr) &&
	    r->tries < senders_tries(r) + patience(r))
		return;
	/* of all others nobody was passed over */
	if (bitmap_weight(r->bad, nr) == 1) {
		r->tries = senders_tries(r);
		return;
	}
	bitmap_zero(r->bad, nr);
	__set_bit(self, r->bad);
	r->tries = 0;
	if (r->rounds < RECOVER_ROUNDS)
		r->rounds++;
}

/*
 * Whom to ask for a slot: the source, or all other recipients, by place. Return:
 * false if nobody is to be asked but the sender.
 */
static bool choose(struct pop_member *m, struct pop_channel *ch, u32 seq,
		   unsigned long *whom, bool *header)
{
	u32 nr = pop_rx_recipients(m, ch);
	struct pop_rx *rx = pop_rx_find(ch, seq);
	struct pop_recovery *r;

	if (!rx || rx->complete || rx->violated)
		return false;
	r = recovery_of(rx);
	if (!r)
		return false;
	if (r->source != POP_NO_SOURCE &&
	    r->tries++ >= patience(r)) {
		/* what it gave may be false, and the sender come back */
		give_up_source(rx);
		pop_rx_restart(rx);
	}
	*header = r->source == POP_NO_SOURCE;
	if (!*header) {
		__set_bit(pop_rx_place(m, ch, r->source), whom);
		return true;
	}
	begin_round(r, nr, pop_rx_place(m, ch, m->party));
	r->tries++;
	if (senders_turn(r))
		return false;
	bitmap_complement(whom, r->bad, nr);
	return true;
}

static void add_records(struct pop_peer *peer, const struct pop_missing *miss,
			u32 nr)
{
	struct pop_missing *record;
	u32 i;

	for (i = 0; i < nr; i++) {
		record = pop_control_add(peer, POP_UNIT_RECOVERY,
					 sizeof(*record));
		if (record)
			*record = miss[i];
	}
}

/**
 * pop_recover_ask - ask other recipients for a message
 * @m: the local party
 * @ch: the channel, of a group action
 * @seq: of the slot
 *
 * Context: the member's repair work; pop_control_flush() is due.
 */
void pop_recover_ask(struct pop_member *m, struct pop_channel *ch, u32 seq)
{
	const struct pop_plan *plan = &m->contract->plan;
	DECLARE_BITMAP(whom, POP_MAX_PARTIES) = {};
	struct pop_missing miss[4] = {};
	u32 place, i, nr;
	bool header, ask;

	spin_lock_bh(&ch->lock);
	ask = choose(m, ch, seq, whom, &header);
	spin_unlock_bh(&ch->lock);
	if (!ask)
		return;
	nr = pop_rx_missing(m, ch, seq, miss, header ? 1 : ARRAY_SIZE(miss));
	for (i = 0; i < nr; i++) {
		miss[i].flags = header ? POP_MISSING_F_HEADER : 0;
		if (header) {
			miss[i].base = 0;
			miss[i].map = 0;
		}
	}
	for_each_set_bit(place, whom, pop_rx_recipients(m, ch)) {
		u16 party = be16_to_cpu(plan->to[plan->first_to[ch->action] +
						 place]);

		add_records(&m->peer[party], miss, nr);
	}
}

/* ---- hints ---------------------------------------------------------------- */

/**
 * pop_recover_hint - another recipient has a message of which nothing came
 * @peer: who says so
 * @ch: the channel
 * @seq: of the slot
 *
 * It may be on its way: its sender is asked, as for every other. A peer that
 * lies can make us ask for POP_HINTS_MAX messages, and no more.
 *
 * Context: ch->lock.
 * Return: false if there is no room for another.
 */
bool pop_recover_hint(struct pop_peer *peer, struct pop_channel *ch, u32 seq)
{
	struct pop_member *m = peer->member;
	struct pop_rx *rx;

	lockdep_assert_held(&ch->lock);
	if (!ch->open || ch->open->retired || ch->open->slot[seq].executed ||
	    ch->open->slot[seq].rx || ch->flags & POP_CHANNEL_DECIDED ||
	    READ_ONCE(m->contract->ended))
		return true;
	if (atomic_inc_return(&peer->hints) > POP_HINTS_MAX) {
		atomic_dec(&peer->hints);
		return false;
	}
	rx = pop_rx_of_slot(m, ch, seq);
	if (!rx) {
		atomic_dec(&peer->hints);
		return false;
	}
	rx->hinted = peer;
	pop_rx_watch(rx);
	return true;
}

/*
 * The same for all messages of a channel: it has them. Those for which there is no
 * room follow when others have come. Context: ch->lock.
 */
void pop_recover_hints(struct pop_peer *peer, struct pop_channel *ch)
{
	u32 seq, end = min(ch->count, ch->next + HINT_LOOK);

	if (!ch->open)
		return;
	for (seq = ch->next; seq < end; seq++)
		if (!pop_recover_hint(peer, ch, seq))
			break;
	ch->open->told = seq < ch->count ? peer->party + 1 : 0;
	if (ch->open->told)
		WRITE_ONCE(peer->more_hints, true);
}

/* A message is whole, or given up, that @peer has told of. Context: ch->lock. */
void pop_recover_unhint(struct pop_peer *peer)
{
	struct pop_member *m = peer->member;

	atomic_dec(&peer->hints);
	if (!READ_ONCE(peer->more_hints))
		return;
	WRITE_ONCE(m->hints_due, true);
	pop_repair_arm(m, jiffies + HINTS_WAIT);
}

/* There may be room for hints again. Context: the member's repair work. */
void pop_recover_hints_due(struct pop_member *m)
{
	u32 i;

	if (!xchg(&m->hints_due, false))
		return;
	for (i = 0; i < m->contract->plan.nr_parties; i++)
		WRITE_ONCE(m->peer[i].more_hints, false);
	for (i = 0; i < m->nr_in; i++) {
		struct pop_channel *ch = &m->channel[i];

		cond_resched();
		if (!READ_ONCE(ch->open))
			continue;
		spin_lock_bh(&ch->lock);
		if (ch->open && ch->open->told)
			pop_recover_hints(&m->peer[ch->open->told - 1], ch);
		spin_unlock_bh(&ch->lock);
	}
}

/* ---- what others give ----------------------------------------------------- */

/**
 * pop_recover_may_come - before any cryptography: can a RELAY be of use?
 * @peer: who sends it
 * @u: its outer part
 *
 * Return: false (counted) if the contract does not have both in the action, or
 * nobody was asked.
 */
bool pop_recover_may_come(struct pop_peer *peer, const struct pop_unit *u)
{
	struct pop_member *m = peer->member;
	struct pop_net *pn = pop_member_net(m);
	struct pop_channel *ch;
	bool asked;

	ch = pop_channel_input(m, u->slot.phase, u->slot.action);
	if (!ch || u->slot.seq >= ch->count ||
	    !pop_action_is_group(pop_channel_action(m, ch)) ||
	    pop_rx_place(m, ch, peer->party) < 0 || READ_ONCE(m->contract->ended)) {
		pop_count(pn, RX_UNSCHEDULED);
		return false;
	}
	spin_lock_bh(&ch->lock);
	asked = is_wanted(pop_rx_find(ch, u->slot.seq));
	spin_unlock_bh(&ch->lock);
	if (!asked)
		pop_count(pn, RX_UNASKED);
	return asked;
}

/* The first who gives the header will be asked for the payload. */
static void elect(struct pop_rx *rx, const struct pop_peer *peer)
{
	struct pop_recovery *r = rx->recovery;

	if (r->source != POP_NO_SOURCE || senders_turn(r) ||
	    test_bit(pop_rx_place(rx->m, rx->ask.ch, peer->party), r->bad))
		return;
	r->source = peer->party;
	r->tries = 0;
	r->given = 0;
	/* nothing of others, so that it is known who is to blame */
	pop_rx_restart(rx);
	WRITE_ONCE(rx->ask.at, jiffies);
	pop_repair_arm(rx->m, jiffies);
}

/* Context: ch->lock. */
static void take_header(struct pop_peer *peer, struct pop_rx *rx,
			const struct pop_outer *outer,
			const struct pop_relay_header *relay)
{
	struct pop_net *pn = pop_member_net(rx->m);

	if (!rx->have_header) {
		if (!pop_rx_set_header(rx, outer, &relay->header, NULL, true))
			return;
		pop_rx_watch(rx);
	} else if (memcmp(&relay->header, &rx->header, sizeof(rx->header))) {
		/* both are the sender's */
		pop_rx_contradict(rx->m, rx->ask.ch, rx->ask.seq, outer,
				  &relay->header);
		return;
	}
	pop_count(pn, RX_RELAYS);
	elect(rx, peer);
}

static void input_header(struct pop_peer *peer, struct pop_channel *ch,
			 const struct pop_unit *u, const struct sk_buff *skb)
{
	const struct pop_relay_header *relay = (const void *)skb->data;
	const struct pop_outer *outer = (const void *)(skb->data -
						       sizeof(*outer));
	struct pop_member *m = peer->member;
	u8 key[POP_KEY_LEN], voucher[POP_VOUCHER_LEN];
	struct pop_rx *rx;

	if (skb->len != sizeof(*relay)) {
		pop_count(pop_member_net(m), RX_MALFORMED);
		return;
	}
	if (!pop_channel_message_key(m, ch, &u->slot,
				     pop_key_salt(&relay->header), key))
		return;
	pop_key_voucher(voucher, key, &relay->header);
	memzero_explicit(key, sizeof(key));
	if (crypto_memneq(voucher, relay->voucher, sizeof(voucher))) {
		pop_count(pop_member_net(m), RX_BAD_VOUCHER);
		return;
	}
	spin_lock_bh(&ch->lock);
	rx = pop_rx_find(ch, u->slot.seq);
	if (is_wanted(rx))
		take_header(peer, rx, outer, relay);
	spin_unlock_bh(&ch->lock);
}

/* Who has the turn has given something new. Context: pop_channel.lock. */
void pop_recover_gave(struct pop_rx *rx)
{
	struct pop_recovery *r = rx->recovery;

	if (!r || ++r->given < RECOVER_GIVES)
		return;
	r->given = 0;
	r->tries = 0;
}

/* The source has given something new. Context: pop_channel.lock. */
static void gave(struct pop_peer *peer, struct pop_rx *rx)
{
	pop_recover_gave(rx);
	if (rx->complete)
		return;
	WRITE_ONCE(rx->ask.at,
		   jiffies + pop_peer_wait(peer, RECOVER_AFTER, 1));
	/* sooner than the sender, who is silent, would be asked */
	pop_repair_arm(rx->m, rx->ask.at);
}

/*
 * A socket to which the message goes is charged for it until the last reference is
 * gone, so that this one is handed over. Return: true if @skb was taken.
 */
static bool input_fragment(struct pop_peer *peer, struct pop_channel *ch,
			   const struct pop_unit *u, struct sk_buff *skb)
{
	struct pop_member *m = peer->member;
	struct pop_rx *rx;
	bool taken, last = false;
	u32 charged;

	*POP_SKB_CB(skb) = (struct pop_skb_cb) { .fragment = u->fragment };
	spin_lock_bh(&ch->lock);
	rx = pop_rx_find(ch, u->slot.seq);
	taken = is_wanted(rx) && rx->recovery->source == peer->party &&
		rx->have_header;
	if (taken) {
		pop_count(pop_member_net(m), RX_RELAYS);
		charged = rx->charged;
		last = pop_rx_fragment(rx, skb);
		/* to give the same again and again is to be silent */
		rx = pop_rx_find(ch, u->slot.seq);
		if (rx && rx->charged != charged)
			gave(peer, rx);
	} else {
		pop_count(pop_member_net(m), RX_UNASKED);
	}
	spin_unlock_bh(&ch->lock);
	if (last)
		pop_channel_done(m, ch);
	return taken;
}

/**
 * pop_recover_relay - an authenticated RELAY
 * @peer: who gives it
 * @u: its outer part, which pop_recover_may_come() has seen
 * @skb: data at the sealed part, the outer part in front of it
 *
 * Return: true if @skb was taken; otherwise it stays the caller's.
 */
bool pop_recover_relay(struct pop_peer *peer, const struct pop_unit *u,
		       struct sk_buff *skb)
{
	struct pop_channel *ch = pop_channel_input(peer->member, u->slot.phase,
						   u->slot.action);

	if (u->fragment == POP_RELAY_HEADER) {
		input_header(peer, ch, u, skb);
		return false;
	}
	if (skb->len >= sizeof(struct pop_payload))
		return input_fragment(peer, ch, u, skb);
	pop_count(pop_member_net(peer->member), RX_MALFORMED);
	return false;
}
