// SPDX-License-Identifier: GPL-2.0
/* Channels of a member: its profile, opening and closing. */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "channel.h"
#include "early.h"
#include "echo.h"
#include "keep.h"
#include "phase.h"
#include "relay.h"
#include "slot.h"

static void channel_init(struct pop_member *m, u32 index, u32 action, u16 phase,
			 u16 peer)
{
	const struct pop_body_action *a = &m->contract->plan.action[action];
	struct pop_channel *ch = &m->channel[index];

	spin_lock_init(&ch->lock);
	ch->action = action;
	ch->phase = phase;
	ch->peer = peer;
	ch->count = be32_to_cpu(a->count);
	if (m->actions[action].channel == POP_NO_CHANNEL)
		m->actions[action].channel = index;
}

/* Add what the member has in @action; @in and @out are the next free places. */
static void profile_action(struct pop_member *m, u32 action, u16 phase,
			   u32 *in, u32 *out)
{
	const struct pop_plan *plan = &m->contract->plan;
	const struct pop_body_action *a = &plan->action[action];
	u32 i;

	if (be16_to_cpu(a->from) != m->party) {
		if (pop_plan_to_index(plan, action, m->party) < 0)
			return;
		channel_init(m, (*in)++, action, phase, be16_to_cpu(a->from));
		atomic_inc(&m->phases[phase].in_left);
		return;
	}
	for (i = plan->first_to[action]; i < plan->first_to[action + 1]; i++) {
		channel_init(m, (*out)++, action, phase,
			     be16_to_cpu(plan->to[i]));
		atomic_inc(&m->phases[phase].out_left);
		atomic_inc(&m->actions[action].left);
	}
	m->minutes_total += be32_to_cpu(a->minutes);
}

static void count_channels(struct pop_member *m)
{
	const struct pop_plan *plan = &m->contract->plan;
	u32 i;

	for (i = 0; i < plan->nr_actions; i++) {
		if (be16_to_cpu(plan->action[i].from) == m->party)
			m->nr_out += plan->first_to[i + 1] - plan->first_to[i];
		else if (pop_plan_to_index(plan, i, m->party) >= 0)
			m->nr_in++;
	}
}

/**
 * pop_channel_profile - lay out the channels that the contract gives a member
 * @m: the local party
 *
 * Inputs by phase and action, then outputs by phase, action and recipient:
 * the order of STATE units, which every party can work out from the contract.
 *
 * Return: 0 or -ENOMEM; what was allocated goes with pop_channel_release().
 */
int pop_channel_profile(struct pop_member *m)
{
	const struct pop_plan *plan = &m->contract->plan;
	u32 phase, action, in = 0, out;

	count_channels(m);
	out = m->nr_in;
	m->channel = kvcalloc(m->nr_in + m->nr_out, sizeof(*m->channel),
			      GFP_KERNEL_ACCOUNT);
	m->phases = kvcalloc(plan->nr_phases + 1, sizeof(*m->phases),
			     GFP_KERNEL_ACCOUNT);
	m->actions = kvcalloc(plan->nr_actions, sizeof(*m->actions),
			      GFP_KERNEL_ACCOUNT);
	if (!m->channel || !m->phases || !m->actions)
		return -ENOMEM;

	for (action = 0; action < plan->nr_actions; action++)
		m->actions[action].channel = POP_NO_CHANNEL;
	for (phase = 0, action = 0; phase < plan->nr_phases; phase++) {
		m->phases[phase].first_in = in;
		m->phases[phase].first_out = out;
		for (; action < plan->first_action[phase + 1]; action++)
			profile_action(m, action, phase, &in, &out);
	}
	m->phases[phase].first_in = in;
	m->phases[phase].first_out = out;
	return 0;
}

/* Does the member receive anything that can be sent to the group? */
bool pop_channel_from_group(const struct pop_member *m)
{
	u32 i;

	for (i = 0; i < m->nr_in; i++)
		if (pop_action_is_group(pop_channel_action(m, &m->channel[i])))
			return true;
	return false;
}

/* Return: the member's input channel of an action as units name it, or NULL. */
struct pop_channel *pop_channel_input(struct pop_member *m, u32 phase, u32 index)
{
	int action = pop_plan_action(&m->contract->plan, phase, index);

	if (action < 0 || m->actions[action].channel >= m->nr_in)
		return NULL;
	return &m->channel[m->actions[action].channel];
}

/*
 * Of a group payload that had false fragments a recipient wants its own, for which
 * the key is needed: even after the contract was closed, as long as a message may
 * not have arrived. Context: pop_channel.lock.
 */
static bool keeps_key(const struct pop_member *m, const struct pop_channel *ch)
{
	return READ_ONCE(m->contract->ended) == POP_CONTRACT_STATE_CLOSED &&
	       !m->dead && !pop_channel_is_input(m, ch) &&
	       pop_action_is_group(pop_channel_action(m, ch)) &&
	       !list_empty(&ch->open->pending);
}

/**
 * pop_channel_message_key - key of the units of a message
 * @m: the local party
 * @ch: the channel
 * @slot: of the channel
 * @salt: of the message
 * @key: filled in; to be wiped
 *
 * Context: any, without pop_channel.lock.
 * Return: false if there is none, for the channel is not open or the contract
 * has ended; but see keeps_key().
 */
bool pop_channel_message_key(struct pop_member *m, struct pop_channel *ch,
			     const struct pop_slot_id *slot, __be64 salt,
			     u8 key[POP_KEY_LEN])
{
	u8 phase_key[POP_KEY_LEN];
	bool there;

	spin_lock_bh(&ch->lock);
	there = ch->open && !ch->open->retired &&
		(!READ_ONCE(m->contract->ended) || keeps_key(m, ch));
	if (there)
		memcpy(phase_key, ch->open->key, sizeof(phase_key));
	spin_unlock_bh(&ch->lock);
	if (!there)
		return false;
	pop_key_message(key, phase_key, slot, salt);
	memzero_explicit(phase_key, sizeof(phase_key));
	return true;
}

/*
 * Drop what has arrived of its messages and is not delivered, or what is kept of
 * them. Context: pop_channel.lock.
 */
void pop_channel_forget(struct pop_member *m, struct pop_channel *ch)
{
	if (!ch->open)
		return;
	if (pop_channel_is_input(m, ch))
		pop_rx_free_all(ch->open);
	else
		pop_keep_free_all(ch->open);
}

static void close_channel(struct pop_member *m, struct pop_channel *ch)
{
	struct pop_open *open = ch->open;

	if (!open)
		return;
	pop_echo_end(m, open->compare);
	open->compare = NULL;
	pop_relay_free_all(ch);
	pop_channel_forget(m, ch);
	ch->open = NULL;
	/* the key of the phase dies here */
	memzero_explicit(open->key, sizeof(open->key));
	kvfree(open);
}

/* When nobody can look at the member any more. */
void pop_channel_release(struct pop_member *m)
{
	u32 i;

	for (i = 0; m->channel && i < m->nr_in + m->nr_out; i++) {
		struct pop_channel *ch = &m->channel[i];

		/* in a profile that failed not even the lock is there */
		if (!ch->open)
			continue;
		spin_lock_bh(&ch->lock);
		close_channel(m, ch);
		spin_unlock_bh(&ch->lock);
	}
	kvfree(m->channel);
	kvfree(m->phases);
	kvfree(m->actions);
}

static struct pop_ratchet *channel_ratchet(struct pop_member *m,
					   struct pop_channel *ch)
{
	struct pop_peer *peer = &m->peer[ch->peer];

	return pop_channel_is_input(m, ch) ? &peer->ratchet_rx :
					     &peer->ratchet_tx;
}

/* Nothing will come or go any more: see pop_channel_end(). Context: any. */
bool pop_channel_ended(const struct pop_member *m)
{
	return READ_ONCE(m->contract->ended) || READ_ONCE(m->dead);
}

/*
 * Can the channel do without keys and slots? Nothing can come, and nobody can
 * ask for what was sent. In a "same" action the first channel's slots say which
 * are used, so that they stay as long as there is a recipient without verdict.
 */
static bool is_over(struct pop_member *m, const struct pop_channel *ch)
{
	if (!pop_channel_is_done(ch) ||
	    (ch->open && !list_empty(&ch->open->pending)))
		return false;
	return pop_channel_is_input(m, ch) ||
	       !pop_action_is_group(pop_channel_action(m, ch)) ||
	       !(READ_ONCE(ch->flags) & POP_CHANNEL_DECIDED) ||
	       !atomic_read(&m->actions[ch->action].left);
}

/*
 * Copy the phase's key from channel @from, if that has it: to derive it takes ten
 * times as long, and of one peer there may be 65,535 channels in a phase.
 */
static bool copy_key(struct pop_member *m, struct pop_channel *ch, u32 from,
		     u8 key[POP_KEY_LEN])
{
	struct pop_channel *other = &m->channel[from];
	bool found;

	if (other == ch || other->phase != ch->phase || other->peer != ch->peer ||
	    pop_channel_is_input(m, other) != pop_channel_is_input(m, ch))
		return false;
	spin_lock_bh(&other->lock);
	found = other->open && !other->open->retired;
	if (found)
		memcpy(key, other->open->key, POP_KEY_LEN);
	spin_unlock_bh(&other->lock);
	return found;
}

/* Steps of a ratchet between two looks whether others want to run. */
#define STEPS_AT_ONCE	1024

/* It may stand tens of thousands of phases back. */
static void step(struct pop_ratchet *ratchet, u32 phase, gfp_t gfp)
{
	while (ratchet->phase < phase) {
		pop_ratchet_step(ratchet,
				 min(phase, ratchet->phase + STEPS_AT_ONCE));
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
}

static void phase_key(struct pop_member *m, struct pop_channel *ch,
		      u8 key[POP_KEY_LEN], gfp_t gfp)
{
	struct pop_ratchet *ratchet = channel_ratchet(m, ch);
	struct pop_peer *peer = &m->peer[ch->peer];
	u32 *opened = pop_channel_is_input(m, ch) ? &peer->opened_rx :
						    &peer->opened_tx;

	if (copy_key(m, ch, *opened, key))
		return;
	step(ratchet, ch->phase, gfp);
	pop_ratchet_key(key, ratchet);
	*opened = ch - m->channel;
}

static int open_channel(struct pop_member *m, struct pop_channel *ch, gfp_t gfp)
{
	struct pop_open *open;
	bool ended;

	if (ch->open)
		return 0;
	/* the verdict was there before the phase */
	if (is_over(m, ch)) {
		step(channel_ratchet(m, ch), ch->phase, gfp);
		return 0;
	}
	/* many slots may need more than an atomic allocation can give */
	open = gfpflags_allow_blocking(gfp) ?
		kvzalloc(struct_size(open, slot, ch->count), gfp) :
		kzalloc(struct_size(open, slot, ch->count), gfp | __GFP_NOWARN);
	if (!open)
		return -ENOMEM;
	INIT_LIST_HEAD(&open->pending);
	phase_key(m, ch, open->key, gfp);

	/* who ends it says so first, and then closes what is open */
	spin_lock_bh(&ch->lock);
	ended = pop_channel_ended(m);
	if (!ended)
		ch->open = open;
	spin_unlock_bh(&ch->lock);
	if (ended) {
		memzero_explicit(open->key, sizeof(open->key));
		kvfree(open);
	}
	return 0;
}

/* Let @visit see each channel of @phase until it returns an error. */
static int each_channel(struct pop_member *m, u32 phase,
			int (*visit)(struct pop_member *m,
				     struct pop_channel *ch, gfp_t gfp),
			gfp_t gfp)
{
	const struct pop_member_phase *p = &m->phases[phase];
	const u32 first[] = { p[0].first_in, p[0].first_out };
	const u32 end[] = { p[1].first_in, p[1].first_out };
	u32 side, i;
	int ret = 0;

	for (side = 0; side < ARRAY_SIZE(first); side++)
		for (i = first[side]; !ret && i < end[side]; i++) {
			ret = visit(m, &m->channel[i], gfp);
			if (gfpflags_allow_blocking(gfp))
				cond_resched();
		}
	return ret;
}

static int step_ratchet(struct pop_member *m, struct pop_channel *ch, gfp_t gfp)
{
	struct pop_ratchet *ratchet = channel_ratchet(m, ch);

	if (ratchet->phase == ch->phase)
		pop_ratchet_step(ratchet, ch->phase + 1);
	return 0;
}

/* An open channel with so many more slots takes as much as two. */
#define SLOTS_PER_CHANNEL	4

/**
 * pop_channel_effort - what it takes to open a channel, besides itself
 * @m: the local party
 * @ch: the channel
 *
 * The chain behind its key stands where the member had a channel with the peer
 * last. Of several channels with a peer each counts the steps from there.
 *
 * Context: the caller alone opens phases of @m.
 * Return: steps of the chain, and what its slots take.
 */
u32 pop_channel_effort(struct pop_member *m, struct pop_channel *ch)
{
	u32 phase = channel_ratchet(m, ch)->phase;

	return (phase < ch->phase ? ch->phase - phase : 0) +
	       ch->count / SLOTS_PER_CHANNEL;
}

/**
 * pop_channel_open_phase - open all channels of a phase
 * @m: the local party
 * @phase: from zero
 * @gfp: how to allocate
 *
 * Phases are opened in their order. Once a phase is open the chain behind its
 * keys is stepped on, so that they live in its channels alone.
 *
 * Context: the caller alone opens phases of @m.
 * Return: 0, or -ENOMEM; what is open stays so, and the call can be repeated.
 */
int pop_channel_open_phase(struct pop_member *m, u32 phase, gfp_t gfp)
{
	int ret = each_channel(m, phase, open_channel, gfp);

	return ret ?: each_channel(m, phase, step_ratchet, gfp);
}

/* May co-recipients need what it holds? */
static bool is_echoed(struct pop_member *m, const struct pop_channel *ch)
{
	return pop_channel_is_input(m, ch) &&
	       (ch->open->compare || ch->open->relays ||
		(ch->count > 1 && pop_echo_first(pop_channel_action(m, ch))));
}

/* Nothing will come for a channel any more. Context: ch->lock. */
static void retire(struct pop_member *m, struct pop_channel *ch)
{
	if (!ch->open || !is_over(m, ch))
		return;
	if (is_echoed(m, ch)) {
		memzero_explicit(ch->open->key, sizeof(ch->open->key));
		ch->open->retired = true;
	} else {
		close_channel(m, ch);
	}
}

static int retire_channel(struct pop_member *m, struct pop_channel *ch,
			  gfp_t gfp)
{
	spin_lock_bh(&ch->lock);
	retire(m, ch);
	spin_unlock_bh(&ch->lock);
	return 0;
}

/* Give up keys and slots of the channels of @phase that are done; @gfp: as above. */
void pop_channel_retire(struct pop_member *m, u32 phase, gfp_t gfp)
{
	each_channel(m, phase, retire_channel, gfp);
}

/*
 * The last message that was kept of a channel need not be any more, or all that
 * was wanted of co-recipients is known: the channel may be one that would have
 * gone before. Context: pop_channel.lock.
 */
void pop_channel_retire_late(struct pop_member *m, struct pop_channel *ch)
{
	lockdep_assert_held(&ch->lock);
	if (ch->phase + POP_WINDOW < READ_ONCE(m->phase) ||
	    READ_ONCE(m->contract->ended))
		retire(m, ch);
}

/*
 * The contract has ended, or the member: give up all keys and whatever has
 * arrived. If it was closed, what was sent stays until it has arrived, with the
 * keys that may be needed for it.
 */
void pop_channel_end(struct pop_member *m)
{
	bool closed = !m->dead &&
		      m->contract->ended == POP_CONTRACT_STATE_CLOSED;
	u32 i;

	pop_early_purge(m);
	for (i = 0; i < m->nr_in + m->nr_out; i++) {
		struct pop_channel *ch = &m->channel[i];

		spin_lock_bh(&ch->lock);
		if (!closed)
			close_channel(m, ch);
		else if (is_over(m, ch))
			retire(m, ch);
		else if (ch->open && !keeps_key(m, ch))
			memzero_explicit(ch->open->key, sizeof(ch->open->key));
		spin_unlock_bh(&ch->lock);
	}
}

/**
 * pop_channel_flag - note something of a channel
 * @m: the local party
 * @ch: the channel
 * @flag: one of enum pop_channel_flag
 *
 * Sockets are told by pop_member_dispute().
 *
 * Context: ch->lock.
 * Return: false if it was noted before.
 */
bool pop_channel_flag(struct pop_member *m, struct pop_channel *ch, u8 flag)
{
	lockdep_assert_held(&ch->lock);
	if (ch->flags & flag)
		return false;
	WRITE_ONCE(ch->flags, ch->flags | flag);
	atomic_inc(&m->flagged[ilog2(flag)]);
	return true;
}

/* Whatever becomes of a channel, it is not overdue once it is done. */
static void not_overdue(struct pop_member *m, struct pop_channel *ch)
{
	spin_lock_bh(&ch->lock);
	if (ch->flags & POP_CHANNEL_F_OVERDUE) {
		WRITE_ONCE(ch->flags, ch->flags & ~POP_CHANNEL_F_OVERDUE);
		atomic_dec(&m->flagged[ilog2(POP_CHANNEL_F_OVERDUE)]);
	}
	spin_unlock_bh(&ch->lock);
}

/*
 * A unit has come for a channel. Return: true (counted) if a verdict lets none
 * in any more. Context: pop_channel.lock.
 */
bool pop_channel_refuses(struct pop_member *m, const struct pop_channel *ch)
{
	lockdep_assert_held(&ch->lock);
	if (ch->flags & POP_CHANNEL_F_LATE)
		pop_count(pop_member_net(m), RX_LATE);
	else if (ch->flags & POP_CHANNEL_F_VOID)
		pop_count(pop_member_net(m), RX_VOID);
	return ch->flags & POP_CHANNEL_DECIDED;
}

/**
 * pop_channel_live - the first channel that is not done
 * @first: channels of one action, one behind the other
 * @nr: how many
 *
 * Context: any.
 * Return: which, from zero; or why there is none: -EALREADY if a channel has
 * executed all its messages, otherwise -ETIMEDOUT for late and -ECANCELED for
 * void.
 */
int pop_channel_live(const struct pop_channel *first, u32 nr)
{
	int why = -ECANCELED;
	u32 i;

	for (i = 0; i < nr; i++) {
		if (!pop_channel_is_done(&first[i]))
			return i;
		if (READ_ONCE(first[i].done) == first[i].count)
			why = -EALREADY;
		else if (READ_ONCE(first[i].flags) & POP_CHANNEL_F_LATE &&
			 why != -EALREADY)
			why = -ETIMEDOUT;
	}
	return why;
}

/**
 * pop_channel_state - what anyone may see of a channel
 * @m: the local party
 * @ch: the channel
 * @digest: filled in, all zero while nothing is executed; or NULL
 * @done: filled in with the messages executed; or NULL
 *
 * Return: enum pop_channel_state.
 */
u8 pop_channel_state(struct pop_member *m, struct pop_channel *ch,
		     u8 digest[POP_HASH_LEN], u32 *done)
{
	u8 state;

	spin_lock_bh(&ch->lock);
	if (digest)
		memcpy(digest, ch->digest, POP_HASH_LEN);
	if (done)
		*done = ch->done;
	if (ch->done == ch->count)
		state = POP_CHANNEL_STATE_EXECUTED;
	else if (ch->flags & POP_CHANNEL_F_LATE)
		state = POP_CHANNEL_STATE_LATE;
	else if (ch->flags & POP_CHANNEL_F_VOID)
		state = POP_CHANNEL_STATE_VOID;
	else if (ch->flags & POP_CHANNEL_F_VIOLATED)
		state = POP_CHANNEL_STATE_VIOLATED;
	else if (!ch->open)
		state = POP_CHANNEL_STATE_CLOSED;
	else
		state = pop_channel_is_input(m, ch) ? pop_rx_state(ch->open) :
						      POP_CHANNEL_STATE_OPEN;
	spin_unlock_bh(&ch->lock);
	return state;
}

/* Its sender, or a co-recipient, contradicts what is there. Context: ch->lock. */
void pop_channel_violate(struct pop_member *m, struct pop_channel *ch)
{
	lockdep_assert_held(&ch->lock);
	if (pop_channel_flag(m, ch, POP_CHANNEL_F_VIOLATED))
		pop_member_dispute(m);
}

/* Digests that join a chain in one go: there may be 2^24 behind a gap. */
#define CHAIN_ROUND	1024

/* Has a slot executed whose digest could join the chain? Context: ch->lock. */
static bool is_behind(const struct pop_channel *ch)
{
	return ch->next < ch->count && ch->open->slot[ch->next].executed;
}

/*
 * Let digests join the chain, so many at most. The last message of a channel counts
 * when all have. Context: ch->lock. Return: true if it does now.
 */
static bool chain(struct pop_channel *ch)
{
	u32 end = ch->next + CHAIN_ROUND;

	if (ch->count == 1)
		memcpy(ch->digest, ch->open->slot[ch->next++].digest,
		       POP_HASH_LEN);
	for (; is_behind(ch) && ch->next < end; ch->next++)
		pop_key_digest_chain(ch->digest,
				     ch->open->slot[ch->next].digest);
	if (ch->next < ch->count)
		return false;
	ch->done = ch->count;
	return true;
}

static void catch_up(struct pop_member *m, struct pop_channel *ch)
{
	bool more, last;

	do {
		spin_lock_bh(&ch->lock);
		more = ch->open && is_behind(ch) &&
		       !(ch->flags & POP_CHANNEL_DECIDED);
		last = more && chain(ch);
		spin_unlock_bh(&ch->lock);
		cond_resched();
	} while (more && !last);
	if (last)
		pop_channel_done(m, ch);
}

/*
 * Of the channels of a member, those go on whose chain was too much for one go.
 * Context: the member's repair work.
 */
void pop_channel_catch_up(struct pop_member *m)
{
	u32 i;

	if (!xchg(&m->behind, false))
		return;
	for (i = 0; i < m->nr_in + m->nr_out; i++) {
		if (m->channel[i].count > CHAIN_ROUND)
			catch_up(m, &m->channel[i]);
		cond_resched();
	}
}

/**
 * pop_channel_execute - mark a slot executed
 * @m: the local party
 * @ch: the channel
 * @seq: of the slot
 * @header: of the message
 *
 * Context: ch->lock; the slot is open.
 * Return: true if it was the channel's last, and its digest is known;
 * pop_channel_done() is due then, without the lock.
 */
bool pop_channel_execute(struct pop_member *m, struct pop_channel *ch, u32 seq,
			 const struct pop_header *header)
{
	struct pop_slot *slot = ch->open->slot;

	lockdep_assert_held(&ch->lock);
	slot[seq].executed = true;
	slot[seq].sent = header->sent;
	slot[seq].xcrc = header->xcrc;
	slot[seq].length = header->length;
	slot[seq].fragment_len = header->fragment_len;
	memcpy(slot[seq].digest, header->digest, POP_HASH_LEN);
	if (ch->done + 1 < ch->count)
		ch->done++;
	if (chain(ch))
		return true;
	if (is_behind(ch)) {
		WRITE_ONCE(m->behind, true);
		pop_repair_arm(m, jiffies);
	}
	return false;
}

/* The header by which a slot has executed. Context: ch->lock. */
void pop_slot_header(const struct pop_member *m, const struct pop_channel *ch,
		     const struct pop_slot *slot, struct pop_header *header)
{
	lockdep_assert_held(&ch->lock);
	*header = (struct pop_header) {
		.xcrc = slot->xcrc,
		.length = slot->length,
		.fragment_len = slot->fragment_len,
		.evidence = pop_channel_action(m, ch)->evidence,
		.sent = slot->sent,
	};
	memcpy(header->digest, slot->digest, POP_HASH_LEN);
}

/*
 * All channels of an action are done. If one is by a verdict, what the action is
 * worth is not due.
 */
static void action_done(struct pop_member *m, u32 action)
{
	const struct pop_body_action *a = &m->contract->plan.action[action];
	struct pop_channel *first = &m->channel[m->actions[action].channel];
	u32 i;

	for (i = 0; i < be16_to_cpu(a->recipients); i++)
		if (READ_ONCE(first[i].flags) & POP_CHANNEL_DECIDED)
			return;
	atomic_add(be32_to_cpu(a->minutes), &m->minutes);
}

/* As pop_channel_retire(), for what became done after its phase was left. */
static void retire_after(struct pop_member *m, struct pop_channel *ch)
{
	u32 i, nr = 1;

	/* it may have been all that its action's first channel waited for */
	if (!pop_channel_is_input(m, ch)) {
		nr = be16_to_cpu(pop_channel_action(m, ch)->recipients);
		ch = &m->channel[m->actions[ch->action].channel];
	}
	for (i = 0; i < nr; i++)
		retire_channel(m, &ch[i], 0);
}

/* Book a channel that is done: its last slot has executed, or by a verdict. */
void pop_channel_done(struct pop_member *m, struct pop_channel *ch)
{
	struct pop_member_phase *p = &m->phases[ch->phase];
	bool phase_done;

	if (pop_channel_is_input(m, ch)) {
		not_overdue(m, ch);
		if (!(READ_ONCE(ch->flags) & POP_CHANNEL_DECIDED))
			pop_echo_compare(m, ch);
		atomic_inc(&m->in_done);
		phase_done = atomic_dec_and_test(&p->in_left);
	} else {
		atomic_inc(&m->out_done);
		if (atomic_dec_and_test(&m->actions[ch->action].left))
			action_done(m, ch->action);
		phase_done = atomic_dec_and_test(&p->out_left);
	}
	if (phase_done)
		pop_phase_update(m);
	/* the others of its phase went when the phase was left */
	if (ch->phase + POP_WINDOW < READ_ONCE(m->phase))
		retire_after(m, ch);
}
