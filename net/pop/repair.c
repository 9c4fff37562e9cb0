// SPDX-License-Identifier: GPL-2.0
/*
 * Asking for what is missing. A half that has arrived reveals the other: its
 * recipient asks the sender, and nobody else, for the rest by RETRANSMIT
 * (paper, 3 and 4.2), after four round trips of silence and then ever later.
 * Many messages go into one request.
 */

#include <linux/jiffies.h>
#include <linux/random.h>

#include "channel.h"
#include "control.h"
#include "echo.h"
#include "keep.h"
#include "pending.h"
#include "probe.h"
#include "recover.h"
#include "repair.h"
#include "roam.h"
#include "slot.h"

#define ASK_MIN		max(HZ / 50UL, 1UL)	/* 20 ms */
#define ASK_MAX		(2UL * HZ)
#define ASK_ROUND	512	/* messages looked at in one go */
#define ASK_VAIN	4	/* requests, before room may be what is missing */

static unsigned long ask_wait(const struct pop_peer *peer)
{
	unsigned long wait = pop_peer_wait(peer, 4, ASK_MIN);

	return min(wait << min_t(u8, READ_ONCE(peer->ask_backoff), 7), ASK_MAX);
}

/* Have the work run at @at, if it is not due before. Context: any. */
void pop_repair_arm(struct pop_member *m, unsigned long at)
{
	spin_lock_bh(&m->repair_lock);
	/* it stops being pending before it looks for what is due */
	smp_mb__after_spinlock();
	if (!delayed_work_pending(&m->repair) || time_before(at, m->repair_at)) {
		m->repair_at = at;
		mod_delayed_work(pop_wq, &m->repair,
				 time_after(at, jiffies) ? at - jiffies : 0);
	}
	spin_unlock_bh(&m->repair_lock);
}

/* The same, to look for what is due at @peer. Context: any. */
void pop_repair_arm_peer(struct pop_peer *peer, unsigned long at)
{
	set_bit(peer->party, peer->member->busy);
	pop_repair_arm(peer->member, at);
}

/* Something has arrived of a message. Context: pop_channel.lock. */
void pop_repair_watch(struct pop_peer *peer, struct pop_ask *ask)
{
	ask->at = jiffies + ask_wait(peer);
	spin_lock_bh(&peer->lock);
	list_add_tail(&ask->list, &peer->asks);
	spin_unlock_bh(&peer->lock);
	pop_repair_arm_peer(peer, ask->at);
}

/* More has arrived of it: the rest may be on its way, too. */
void pop_repair_touch(struct pop_peer *peer, struct pop_ask *ask)
{
	if (READ_ONCE(peer->ask_backoff))
		WRITE_ONCE(peer->ask_backoff, 0);
	WRITE_ONCE(ask->at, jiffies + ask_wait(peer));
}

/* It is whole, or given up. Context: pop_channel.lock. */
void pop_repair_forget(struct pop_peer *peer, struct pop_ask *ask)
{
	spin_lock_bh(&peer->lock);
	if (!list_empty(&ask->list))
		list_del_init(&ask->list);
	if (peer->first == ask)
		WRITE_ONCE(peer->first, NULL);
	spin_unlock_bh(&peer->lock);
}

/*
 * Find a message that is due, and move those that are not behind it. Return:
 * true, and its slot; false, and in @next when the first will be due.
 */
static bool next_due(struct pop_peer *peer, u32 *left, unsigned long *next,
		     struct pop_channel **ch, u32 *seq)
{
	unsigned long wait = ask_wait(peer);
	struct pop_ask *ask;
	bool found = false;

	spin_lock_bh(&peer->lock);
	while (!found && *left && !list_empty(&peer->asks)) {
		ask = list_first_entry(&peer->asks, struct pop_ask, list);
		--*left;
		if (!time_after(READ_ONCE(ask->at), jiffies)) {
			*ch = ask->ch;
			*seq = ask->seq;
			/* half to one and a half of it: many do not meet */
			WRITE_ONCE(ask->at, jiffies + wait / 2 +
				   reciprocal_scale(get_random_u32(),
						    wait + 1));
			found = true;
		}
		if (time_before(ask->at, *next))
			*next = ask->at;
		list_move_tail(&ask->list, &peer->asks);
	}
	spin_unlock_bh(&peer->lock);
	return found;
}

static u32 count_asks(struct pop_peer *peer)
{
	struct list_head *p;
	u32 n = 0;

	spin_lock_bh(&peer->lock);
	list_for_each(p, &peer->asks)
		if (++n == ASK_ROUND)
			break;
	spin_unlock_bh(&peer->lock);
	return n;
}

static void send_request(struct pop_peer *peer, struct sk_buff *skb, u32 nr)
{
	skb_trim(skb, sizeof(struct pop_outer) +
		 nr * sizeof(struct pop_missing));
	pop_control_send(peer, skb);
}

/* Ask a peer for all that is due. Return: true if it was asked. */
static bool ask_missing(struct pop_peer *peer, unsigned long *next)
{
	u32 seq, nr = 0, left = count_asks(peer);
	struct sk_buff *skb = NULL;
	struct pop_channel *ch;
	bool asked = false;

	while (next_due(peer, &left, next, &ch, &seq)) {
		if (!skb)
			skb = pop_control_alloc(peer, POP_UNIT_RETRANSMIT,
						POP_MISSING_MAX *
						sizeof(struct pop_missing));
		if (!skb)
			break;
		/* the rest may be on its way */
		if (pop_rx_catch_up(peer->member, ch, seq))
			continue;
		/* may give up what has come, which is missing then */
		if (pop_recover_due(peer, ch, seq))
			pop_recover_ask(peer->member, ch, seq);
		nr += pop_rx_missing(peer->member, ch, seq,
				     pop_control_body(skb) +
				     nr * sizeof(struct pop_missing),
				     POP_MISSING_MAX - nr);
		if (nr == POP_MISSING_MAX) {
			send_request(peer, skb, nr);
			skb = NULL;
			nr = 0;
			asked = true;
		}
	}
	if (skb && nr) {
		send_request(peer, skb, nr);
		asked = true;
	} else {
		kfree_skb(skb);
	}
	return asked;
}

/* What has come of the messages of a peer makes room, but for @first, or NULL. */
static void yield_halves(struct pop_peer *peer, const struct pop_ask *first)
{
	u32 seq, left = count_asks(peer);
	struct pop_channel *ch;
	struct pop_ask *ask;

	for (; left; left--) {
		spin_lock_bh(&peer->lock);
		ask = list_first_entry_or_null(&peer->asks, struct pop_ask, list);
		if (ask) {
			ch = ask->ch;
			seq = ask->seq;
			list_move_tail(&ask->list, &peer->asks);
		}
		spin_unlock_bh(&peer->lock);
		if (!ask)
			break;
		if (ask != first)
			pop_rx_yield(ch, seq);
	}
}

/*
 * Messages of a peer can keep each other from becoming whole, too. Return: the one
 * that goes first from now on until it is whole; only to compare with.
 */
static const struct pop_ask *go_first(struct pop_peer *peer)
{
	struct pop_ask *first;

	spin_lock_bh(&peer->lock);
	first = peer->first;
	if (!first) {
		first = list_first_entry_or_null(&peer->asks, struct pop_ask, list);
		WRITE_ONCE(peer->first, first);
	}
	spin_unlock_bh(&peer->lock);
	return first;
}

/* Nothing comes of what a peer is asked for: is that for want of room? */
static void make_room(struct pop_peer *peer)
{
	if (pop_pending_yield(peer))
		yield_halves(peer, NULL);
	else if (atomic_read(&peer->pending) >
		 POP_PENDING_PEER_MAX - POP_EARLY_MAX)
		yield_halves(peer, go_first(peer));
}

/* What is due at @peer, now or later. */
static bool is_busy(struct pop_peer *peer)
{
	bool busy;

	spin_lock_bh(&peer->lock);
	busy = !list_empty(&peer->asks) || !list_empty(&peer->kept) ||
	       peer->roam.answered;
	spin_unlock_bh(&peer->lock);
	return busy;
}

/* What is due at any peer of a member: most have nothing to do with each other. */
void pop_repair_work(struct work_struct *work)
{
	struct pop_member *m = container_of(to_delayed_work(work),
					    struct pop_member, repair);
	unsigned long never = jiffies + MAX_JIFFY_OFFSET, next = never;
	u32 i;

	if (READ_ONCE(m->dead))
		return;
	pop_channel_catch_up(m);
	pop_recover_hints_due(m);
	for_each_set_bit(i, m->busy, m->contract->plan.nr_parties) {
		struct pop_peer *peer = &m->peer[i];

		/* whoever has more for it from now on sets the bit again */
		clear_bit(i, m->busy);
		/* no look at what there is before that */
		smp_mb__after_atomic();
		pop_keep_passed_due(peer);
		/* whatever comes of it sets it back */
		if (ask_missing(peer, &next) && peer->ask_backoff < U8_MAX)
			WRITE_ONCE(peer->ask_backoff, peer->ask_backoff + 1);
		if (peer->ask_backoff >= ASK_VAIN)
			make_room(peer);
		pop_probe_due(peer, &next);
		pop_roam_due(peer, &next);
		if (is_busy(peer))
			set_bit(i, m->busy);
		cond_resched();
	}
	pop_control_flush(m);
	pop_echo_due(m, &next);
	if (next != never)
		pop_repair_arm(m, next);
}
