// SPDX-License-Identifier: GPL-2.0
/*
 * Units that cannot go out at once, for the window to their recipient is full,
 * or the node has a rate: where they wait, and whose turn it is.
 *
 * What waits is kept already (keep.c); here is only the order. Contracts take
 * turns by weight (deficit round robin), the destinations in a contract one
 * after the other. On a node without a rate, and within the window, nothing comes
 * by here: messages go out as they are made.
 */

#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "carrier.h"
#include "keep.h"
#include "output.h"
#include "probe.h"

/* Bytes in a turn, for a weight of one: two units of full length. */
#define QUANTUM		(2 * POP_DATAGRAM_LEN)

/* A debt that a contract cannot get beyond, by what it sends again. */
#define DEBT_MAX	(64 << 10)

/* A node that was silent may catch up on this part of what a second brings. */
#define BURST		50

/* What is sent again may take one of so many bytes, as long as others wait. */
#define AGAIN_PART	2

/* Of these, what the contract that has sent again last leaves to others. */
#define AGAIN_LEFT	(AGAIN_PART * QUANTUM)

/* What became of a flow that was sent of. */
enum flow_state {
	FLOW_MORE,	/* its turn is over */
	FLOW_EMPTY,
	FLOW_FULL,	/* the window is; pop_share_opened() will be called */
	FLOW_PACED,	/* until the next clock tick */
};

void pop_share_init(struct pop_share *share)
{
	spin_lock_init(&share->lock);
	INIT_LIST_HEAD(&share->turns);
	INIT_LIST_HEAD(&share->paced);
	INIT_DELAYED_WORK(&share->work, pop_share_work);
}

void pop_turn_init(struct pop_turn *turn)
{
	INIT_LIST_HEAD(&turn->list);
	INIT_LIST_HEAD(&turn->flows);
	turn->weight = 1;
}

/* @peer: NULL for the contract's group */
void pop_flow_init(struct pop_flow *flow, struct pop_member *m,
		   struct pop_peer *peer)
{
	INIT_LIST_HEAD(&flow->ready);
	INIT_LIST_HEAD(&flow->waiting);
	flow->member = m;
	flow->peer = peer;
}

static struct pop_share *flow_share(const struct pop_flow *flow)
{
	return &pop_member_net(flow->member)->share;
}

static void add_flow(struct pop_share *share, struct pop_flow *flow)
{
	struct pop_turn *turn = &flow->member->contract->turn;

	lockdep_assert_held(&share->lock);
	list_add_tail(&flow->ready, &turn->flows);
	if (list_empty(&turn->list))
		list_add_tail(&turn->list, &share->turns);
}

/* A contract without anything to send saves nothing up, but keeps its debt. */
static void end_turn(struct pop_turn *turn)
{
	if (!list_empty(&turn->flows))
		return;
	list_del_init(&turn->list);
	turn->credit = min_t(s64, turn->credit, 0);
}

/* Something waits that can go, as far as is known. Context: any. */
void pop_flow_ready(struct pop_flow *flow)
{
	struct pop_share *share = flow_share(flow);

	spin_lock_bh(&share->lock);
	if (list_empty(&flow->ready) && !READ_ONCE(flow->member->dead)) {
		add_flow(share, flow);
		mod_delayed_work(pop_wq, &share->work, 0);
	}
	spin_unlock_bh(&share->lock);
}

/* Its member is dead: the flow is never ready again. */
void pop_flow_forget(struct pop_flow *flow)
{
	struct pop_share *share = flow_share(flow);

	spin_lock_bh(&share->lock);
	list_del_init(&flow->ready);
	end_turn(&flow->member->contract->turn);
	spin_unlock_bh(&share->lock);
}

/**
 * pop_share_next - whose turn it is
 * @share: of the node; its lock is held
 * @turn: the contract's, filled in
 *
 * The flow is not ready any more until the caller says so, and its contract
 * keeps its turn until pop_share_spent().
 *
 * Return: the flow, or NULL if none is ready.
 */
struct pop_flow *pop_share_next(struct pop_share *share, struct pop_turn **turn)
{
	struct pop_flow *flow;

	for (;;) {
		*turn = list_first_entry_or_null(&share->turns, struct pop_turn,
						 list);
		if (!*turn)
			return NULL;
		if ((*turn)->credit > 0)
			break;
		(*turn)->credit += (s64)READ_ONCE((*turn)->weight) * QUANTUM;
		list_move_tail(&(*turn)->list, &share->turns);
	}
	flow = list_first_entry(&(*turn)->flows, struct pop_flow, ready);
	list_del_init(&flow->ready);
	return flow;
}

/* Something of the contract was sent. Context: pop_share.lock. */
void pop_share_spent(struct pop_share *share, struct pop_turn *turn, u32 bytes)
{
	turn->credit = max_t(s64, turn->credit - bytes, -DEBT_MAX);
	if (share->rate)
		share->tokens = max_t(s64, share->tokens - bytes, -DEBT_MAX);
	end_turn(turn);
}

/* However often this is called, nothing is lost. Context: pop_share.lock. */
static void count_tokens(struct pop_share *share)
{
	u64 now = div_u64(ktime_get_ns(), NSEC_PER_USEC);
	u64 past = min_t(u64, now - share->at, USEC_PER_SEC);
	s64 more, most = max_t(u64, div_u64(share->rate, BURST), QUANTUM);

	more = div_u64_rem(share->rate * past + share->part, USEC_PER_SEC,
			   &share->part);
	share->tokens = min(share->tokens + more, most);
	share->again = min(share->again + more, most + AGAIN_LEFT);
	share->at = now;
}

/* May it go before others that wait? Context: pop_share.lock. */
static bool may_pass(const struct pop_share *share, const struct pop_turn *turn)
{
	return share->again > (turn == share->last ? AGAIN_LEFT : 0);
}

/**
 * pop_share_may_again - may something be sent again now?
 * @peer: who asks for it
 *
 * Not beyond the rate, and as long as others wait no more than a part of it, of
 * which no contract can have all. Half of what may be owed is left to what was
 * begun.
 *
 * Context: any.
 */
bool pop_share_may_again(struct pop_peer *peer)
{
	struct pop_share *share = flow_share(&peer->flow);
	bool may = true;

	if (!READ_ONCE(share->rate))
		return true;
	spin_lock_bh(&share->lock);
	if (share->rate) {
		count_tokens(share);
		if (may_pass(share, &peer->member->contract->turn))
			may = share->tokens > -DEBT_MAX / 2;
		else
			may = share->tokens > 0 && list_empty(&share->turns);
	}
	spin_unlock_bh(&share->lock);
	return may;
}

/* Something was sent again: it has passed everybody, and counts all the same. */
void pop_share_again(struct pop_peer *peer, u32 bytes)
{
	struct pop_turn *turn = &peer->member->contract->turn;
	struct pop_share *share = flow_share(&peer->flow);

	if (!READ_ONCE(share->rate))
		return;
	spin_lock_bh(&share->lock);
	if (may_pass(share, turn))
		share->again -= AGAIN_PART * bytes;
	share->last = turn;
	pop_share_spent(share, turn, bytes);
	spin_unlock_bh(&share->lock);
}

/* Context: pop_net.lock. */
void pop_share_set_rate(struct pop_share *share, u64 rate)
{
	spin_lock_bh(&share->lock);
	WRITE_ONCE(share->rate, rate);
	share->tokens = 0;
	share->again = 0;
	share->part = 0;
	share->at = div_u64(ktime_get_ns(), NSEC_PER_USEC);
	spin_unlock_bh(&share->lock);
	mod_delayed_work(pop_wq, &share->work, 0);
}

/* ---- what may go at once --------------------------------------------------- */

/* Return: a round trip in clock ticks; zero if it is unknown, or a few. */
static unsigned long rtt_ticks(const struct pop_peer *peer)
{
	u32 srtt = READ_ONCE(peer->srtt);

	return srtt < 3 * TICK_USEC ? 0 : usecs_to_jiffies(srtt);
}

/**
 * pop_share_take - how much of a new message may go to a recipient at once
 * @to: the message; the rest of it waits
 * @units: of the message
 *
 * Context: pop_peer.lock.
 * Return: units, from the first one on.
 */
u32 pop_share_take(struct pop_keep_to *to, u32 units)
{
	struct pop_member *m = to->keep->m;
	struct pop_peer *peer = &m->peer[to->ch->peer];
	u32 may = 0;

	lockdep_assert_held(&peer->lock);
	if (list_empty(&peer->flow.waiting) &&
	    !READ_ONCE(flow_share(&peer->flow)->rate))
		may = pop_pace_take(&peer->pace, units, rtt_ticks(peer),
				    jiffies);
	to->next = may;
	to->end = units;
	to->pending = may;
	peer->pace.pending += may;
	if (may == units)
		return may;
	pop_count(pop_member_net(m), TX_WAITED);
	list_add_tail(&to->waiting, &peer->flow.waiting);
	if (pop_pace_room(&peer->pace))
		pop_flow_ready(&peer->flow);
	return may;
}

/*
 * Its window is used up, and it says nothing; or whatever it says, it is not what
 * would open the window. Context: pop_peer.lock.
 */
static bool is_stuck(const struct pop_peer *peer)
{
	return !pop_pace_room(&peer->pace) &&
	       (READ_ONCE(peer->probe_backoff) >= POP_PROBE_SILENT ||
		peer->probe.slots_tries >= POP_PROBE_SILENT);
}

/* Instead of how many units may go to a group: why it is none. */
#define GROUP_DONE	(-1)	/* nobody needs it any more */
#define GROUP_STUCK	(-2)	/* all who need it are stuck */

/*
 * Take payload units from the windows of all recipients of a group message. The
 * one with the least room decides; those who are stuck do not. @direct: it is
 * being made, and has not been watched yet.
 *
 * Return: how many, or one of the above.
 */
static int take_group(struct pop_keep *keep, u32 want, bool direct)
{
	bool needed = false, open = false;
	struct pop_peer *peer;
	u32 i;

	for (i = 0; i < keep->nr; i++) {
		peer = &keep->m->peer[keep->to[i].ch->peer];
		spin_lock_bh(&peer->lock);
		if (!list_empty(&keep->to[i].of_peer)) {
			needed = true;
			if (!is_stuck(peer)) {
				open = true;
				want = min(want, pop_pace_room(&peer->pace));
			}
		}
		spin_unlock_bh(&peer->lock);
	}
	if (!needed)
		return GROUP_DONE;
	if (!open)
		return GROUP_STUCK;
	if (!want)
		return 0;
	for (i = 0; i < keep->nr; i++) {
		/* left out */
		if (!keep->to[i].header)
			continue;
		peer = &keep->m->peer[keep->to[i].ch->peer];
		spin_lock_bh(&peer->lock);
		pop_pace_count(&peer->pace, want);
		if (direct) {
			keep->to[i].pending += want;
			peer->pace.pending += want;
		}
		spin_unlock_bh(&peer->lock);
	}
	return want;
}

/**
 * pop_share_take_group - how much of a group payload may go at once
 * @keep: the message; the rest of it waits
 *
 * Return: units.
 */
u32 pop_share_take_group(struct pop_keep *keep)
{
	struct pop_flow *flow = &keep->m->group;
	struct pop_share *share = flow_share(flow);
	int may = 0;

	if (list_empty_careful(&flow->waiting) && !READ_ONCE(share->rate))
		may = max(take_group(keep, keep->nr_payload, true), 0);
	WRITE_ONCE(keep->next, may);
	if (may == keep->nr_payload)
		return may;
	pop_count(pop_member_net(keep->m), TX_WAITED);
	refcount_inc(&keep->ref);
	spin_lock_bh(&share->lock);
	list_add_tail(&keep->waiting, &flow->waiting);
	spin_unlock_bh(&share->lock);
	pop_flow_ready(flow);
	return may;
}

/*
 * Units that take_group() has counted are not sent; some may be pending still.
 * Context: pop_peer.lock.
 */
static void untake_group(struct pop_peer *peer, struct pop_keep_to *to,
			 u32 units)
{
	u32 pending = min(units, to->pending);

	/* left out */
	if (!to->header)
		return;
	to->pending -= pending;
	peer->pace.pending -= pending;
	pop_pace_uncount(&peer->pace, units);
}

/* Return: false if somebody else has done it. */
static bool give_up_group(struct pop_keep *keep)
{
	bool first;

	spin_lock_bh(&keep->lock);
	first = keep->family;
	WRITE_ONCE(keep->family, AF_UNSPEC);
	spin_unlock_bh(&keep->lock);
	return first;
}

/**
 * pop_share_copies - the group cannot be reached: its recipients get copies
 * @keep: the message
 * @units: that were taken for the group, and are not sent
 */
void pop_share_copies(struct pop_keep *keep, u32 units)
{
	bool first = give_up_group(keep);
	struct pop_peer *peer;
	u32 i;

	for (i = 0; i < keep->nr; i++) {
		struct pop_keep_to *to = &keep->to[i];

		peer = &keep->m->peer[to->ch->peer];
		spin_lock_bh(&peer->lock);
		untake_group(peer, to, units);
		if (first && !list_empty(&to->of_peer)) {
			to->end = 1 + keep->nr_payload;
			if (list_empty(&to->waiting))
				list_add_tail(&to->waiting,
					      &peer->flow.waiting);
		}
		/* there is more room, too */
		if (!list_empty(&peer->flow.waiting))
			pop_flow_ready(&peer->flow);
		spin_unlock_bh(&peer->lock);
	}
}

/* There may be room in the window to a peer. Context: any. */
void pop_share_opened(struct pop_peer *peer)
{
	struct pop_flow *group = &peer->member->group;

	if (!list_empty_careful(&peer->flow.waiting))
		pop_flow_ready(&peer->flow);
	if (!list_empty_careful(&group->waiting))
		pop_flow_ready(group);
}

/* ---- sending what has waited ----------------------------------------------- */

/*
 * The next unit for a peer. Return: the unit, and in @next its message, with a
 * reference; or NULL, and why in @state.
 */
static struct sk_buff *next_unit(struct pop_peer *peer,
				 struct pop_keep_to **next,
				 enum flow_state *state)
{
	struct sk_buff *unit = NULL;
	struct pop_keep_to *to;

	spin_lock_bh(&peer->lock);
	to = list_first_entry_or_null(&peer->flow.waiting, struct pop_keep_to,
				      waiting);
	if (!to) {
		*state = FLOW_EMPTY;
	} else if (pop_pace_take(&peer->pace, 1, rtt_ticks(peer), jiffies)) {
		*next = to;
		refcount_inc(&to->keep->ref);
		unit = to->next ? to->keep->payload[to->next - 1] : to->header;
		WRITE_ONCE(to->sent, U64_MAX);
		WRITE_ONCE(to->next, to->next + 1);
		if (to->next == to->end)
			list_del_init(&to->waiting);
	} else {
		*state = pop_pace_room(&peer->pace) ? FLOW_PACED : FLOW_FULL;
	}
	spin_unlock_bh(&peer->lock);
	return unit;
}

static u32 send_to_peer(struct pop_peer *peer, s64 quota,
			enum flow_state *state)
{
	struct pop_keep_to *to;
	struct sk_buff *unit;
	u32 bytes = 0;

	while (bytes < quota && (unit = next_unit(peer, &to, state))) {
		struct sk_buff *skb = pop_keep_unit(to->keep, unit, GFP_KERNEL);

		bytes += unit->len;
		if (skb)
			pop_carrier_send(peer, skb);
		WRITE_ONCE(to->sent, ktime_get_ns());
		pop_keep_put(to->keep);
	}
	pop_probe_window(peer);
	return bytes;
}

static struct pop_keep *first_of_group(struct pop_flow *flow)
{
	struct pop_share *share = flow_share(flow);
	struct pop_keep *keep;

	spin_lock_bh(&share->lock);
	keep = list_first_entry_or_null(&flow->waiting, struct pop_keep,
					waiting);
	if (keep)
		refcount_inc(&keep->ref);
	spin_unlock_bh(&share->lock);
	return keep;
}

/* Nothing of it waits for the group any more. */
static void drop_from_group(struct pop_flow *flow, struct pop_keep *keep)
{
	struct pop_share *share = flow_share(flow);
	bool first;

	spin_lock_bh(&share->lock);
	first = !list_empty(&keep->waiting);
	list_del_init(&keep->waiting);
	spin_unlock_bh(&share->lock);
	/* a member that goes may have been faster than the work, or the other way */
	if (first)
		pop_keep_put(keep);
}

/* It has nobody to go to for now: let others pass. */
static void pass_over(struct pop_flow *flow, struct pop_keep *keep)
{
	struct pop_share *share = flow_share(flow);

	spin_lock_bh(&share->lock);
	if (!list_empty(&keep->waiting))
		list_move_tail(&keep->waiting, &flow->waiting);
	spin_unlock_bh(&share->lock);
}

/* When something was sent to the group last: U64_MAX, just now. */
static void set_sent(struct pop_keep *keep, u64 at)
{
	u32 i;

	for (i = 0; i < keep->nr; i++)
		WRITE_ONCE(keep->to[i].sent, at);
}

/*
 * Send of a message that has waited; @passed is the first that was passed over,
 * or NULL. Return: bytes.
 */
static u32 send_of_group(struct pop_flow *flow, struct pop_keep *keep,
			 s64 quota, enum flow_state *state,
			 const struct pop_keep **passed)
{
	bool tried = false;
	u32 i, bytes = 0;
	int may = 1;

	while (bytes < quota && READ_ONCE(keep->family) &&
	       keep->next < keep->nr_payload &&
	       (may = take_group(keep, 1, false)) > 0) {
		struct sk_buff *unit = keep->payload[keep->next];

		tried = true;
		set_sent(keep, U64_MAX);
		if (!pop_output_group(keep, unit)) {
			pop_share_copies(keep, 1);
			break;
		}
		bytes += unit->len;
		WRITE_ONCE(keep->next, keep->next + 1);
	}
	if (tried)
		set_sent(keep, ktime_get_ns());
	for (i = 0; i < keep->nr; i++)
		pop_probe_window(&keep->m->peer[keep->to[i].ch->peer]);
	if (!may) {
		*state = FLOW_FULL;
	} else if (may == GROUP_STUCK) {
		if (!*passed)
			*passed = keep;
		pass_over(flow, keep);
	} else if (may == GROUP_DONE || !READ_ONCE(keep->family) ||
		   keep->next == keep->nr_payload) {
		drop_from_group(flow, keep);
	}
	return bytes;
}

static u32 send_to_group(struct pop_flow *flow, s64 quota,
			 enum flow_state *state)
{
	const struct pop_keep *passed = NULL;
	u32 bytes = 0;

	while (bytes < quota && *state == FLOW_MORE) {
		struct pop_keep *keep = first_of_group(flow);

		if (!keep) {
			*state = FLOW_EMPTY;
			break;
		}
		/* once round: the others are stuck, too */
		if (keep == passed)
			*state = FLOW_FULL;
		else
			bytes += send_of_group(flow, keep, quota - bytes,
					       state, &passed);
		pop_keep_put(keep);
		cond_resched();
	}
	return bytes;
}

/* The member goes: give up what waits for its group. */
void pop_share_forget_group(struct pop_member *m)
{
	struct pop_keep *keep;

	while ((keep = first_of_group(&m->group))) {
		drop_from_group(&m->group, keep);
		pop_keep_put(keep);
	}
}

/* How long until there are tokens again. Context: pop_share.lock. */
static unsigned long token_wait(const struct pop_share *share)
{
	return nsecs_to_jiffies(div64_u64((1 - share->tokens) * NSEC_PER_SEC,
					  share->rate)) + 1;
}

/*
 * Return: the flow whose turn it is, with a reference of its member, and in
 * @quota how much it may send; NULL if nothing can go now, and then the work is
 * due when something can.
 */
static struct pop_flow *begin(struct pop_share *share, struct pop_turn **turn,
			      s64 *quota)
{
	struct pop_flow *flow = NULL;

	spin_lock_bh(&share->lock);
	if (share->rate)
		count_tokens(share);
	if (!share->rate || share->tokens > 0)
		flow = pop_share_next(share, turn);
	else if (!list_empty(&share->turns))
		queue_delayed_work(pop_wq, &share->work, token_wait(share));
	if (flow) {
		/* a member that is not dead has one at least */
		refcount_inc(&flow->member->ref);
		*quota = (*turn)->credit;
		if (share->rate)
			*quota = min(*quota, share->tokens);
	} else if (!list_empty(&share->paced)) {
		queue_delayed_work(pop_wq, &share->work, 1);
	}
	spin_unlock_bh(&share->lock);
	return flow;
}

static void end(struct pop_share *share, struct pop_turn *turn,
		struct pop_flow *flow, u32 bytes, enum flow_state state)
{
	spin_lock_bh(&share->lock);
	if (list_empty(&flow->ready) && !READ_ONCE(flow->member->dead)) {
		if (state == FLOW_MORE)
			add_flow(share, flow);
		else if (state == FLOW_PACED)
			list_add_tail(&flow->ready, &share->paced);
	}
	pop_share_spent(share, turn, bytes);
	spin_unlock_bh(&share->lock);
}

/* In a new clock tick those may go on that have used up what the last had for them. */
static void resume_paced(struct pop_share *share, unsigned long *tick)
{
	struct pop_flow *flow, *next;

	if (!time_after(jiffies, *tick))
		return;
	*tick = jiffies;
	spin_lock_bh(&share->lock);
	list_for_each_entry_safe(flow, next, &share->paced, ready) {
		list_del(&flow->ready);
		add_flow(share, flow);
	}
	spin_unlock_bh(&share->lock);
}

/* Send what has waited, as long as anything can go. */
void pop_share_work(struct work_struct *work)
{
	struct pop_share *share = container_of(to_delayed_work(work),
					       struct pop_share, work);
	struct pop_turn *turn;
	unsigned long tick = jiffies - 1;
	struct pop_flow *flow;
	s64 quota;

	resume_paced(share, &tick);
	while ((flow = begin(share, &turn, &quota))) {
		enum flow_state state = FLOW_MORE;
		struct pop_member *m = flow->member;
		u32 bytes;

		bytes = flow->peer ? send_to_peer(flow->peer, quota, &state) :
				     send_to_group(flow, quota, &state);
		end(share, turn, flow, bytes, state);
		pop_member_put(m);
		cond_resched();
		resume_paced(share, &tick);
	}
}
