// SPDX-License-Identifier: GPL-2.0
/*
 * What peers can make a node hold: messages that are not whole or not delivered
 * (pending), and those that other recipients may need (relayed). Softirqs allocate
 * that, which no memory cgroup pays for. Each network namespace has its bounds; and
 * as anyone may make many of them, all but the first have one together.
 */

#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/percpu_counter.h>

#include "pending.h"

static unsigned int pending_max;
module_param(pending_max, uint, 0644);
MODULE_PARM_DESC(pending_max,
		 "MiB of received messages that all network namespaces but the first hold; a quarter of the memory");

/*
 * Messages that are half there can keep each other from becoming whole, when there
 * is no room for any. Then one peer at a time has precedence: others leave it a
 * quarter of the room, and give up what they have until so much is free.
 */
static struct precedence {
	spinlock_t	lock;	/* protects the others */
	struct pop_peer	*peer;	/* or NULL */
	unsigned long	until;	/* jiffies */
} precedences[] = {	/* in the first namespace, and in all others */
	{ .lock = __SPIN_LOCK_UNLOCKED(precedences[0].lock) },
	{ .lock = __SPIN_LOCK_UNLOCKED(precedences[1].lock) },
};

#define PRECEDENCE	(60 * HZ)

/* What a processor may not have told the others yet. */
#define ALL_BATCH	(64 << 10)

static struct percpu_counter all;

int __init pop_pending_init(void)
{
	if (!pending_max)
		pending_max = max(totalram_pages() >> (22 - PAGE_SHIFT), 1UL);
	return percpu_counter_init(&all, 0, GFP_KERNEL);
}

void pop_pending_exit(void)
{
	percpu_counter_destroy(&all);
}

static bool is_first(const struct pop_net *pn)
{
	return net_eq(pn->net, &init_net);
}

static void add(struct pop_net *pn, atomic_long_t *held, long bytes)
{
	atomic_long_add(bytes, held);
	if (!is_first(pn))
		percpu_counter_add_batch(&all, bytes, ALL_BATCH);
}

static struct precedence *precedence(const struct pop_net *pn)
{
	return &precedences[!is_first(pn)];
}

/* Is no more than @quarters of the room taken? @max: of the namespace */
static bool fits(const struct pop_net *pn, const atomic_long_t *held, long max,
		 int quarters)
{
	return atomic_long_read(held) <= max / 4 * quarters &&
	       (is_first(pn) || percpu_counter_read(&all) <=
				((s64)READ_ONCE(pending_max) << 18) * quarters);
}

/* Return: false, and nothing is charged, if there is not so much room. */
static bool charge(struct pop_net *pn, atomic_long_t *held, long max,
		   int quarters, u32 bytes)
{
	add(pn, held, bytes);
	if (fits(pn, held, max, quarters))
		return true;
	add(pn, held, -(long)bytes);
	return false;
}

/**
 * pop_pending_charge - may so much more be held of messages that are not delivered?
 * @pn: the namespace
 * @peer: the sender, or NULL if that is not known
 * @bytes: with what buffers cost
 *
 * Context: any.
 * Return: false (counted), and nothing is charged, if that would be too much.
 */
bool pop_pending_charge(struct pop_net *pn, const struct pop_peer *peer,
			u32 bytes)
{
	const struct pop_peer *first = READ_ONCE(precedence(pn)->peer);

	if (charge(pn, &pn->pending, POP_PENDING_MAX,
		   first && first != peer ? 3 : 4, bytes))
		return true;
	pop_count(pn, RX_PENDING_FULL);
	return false;
}

static void end_precedence(struct precedence *p)
{
	spin_lock_bh(&p->lock);
	WRITE_ONCE(p->peer, NULL);
	spin_unlock_bh(&p->lock);
}

/* Context: any. */
void pop_pending_uncharge(struct pop_net *pn, u32 bytes)
{
	add(pn, &pn->pending, -(long)bytes);
	if (unlikely(READ_ONCE(precedence(pn)->peer)) &&
	    fits(pn, &pn->pending, POP_PENDING_MAX, 2))
		end_precedence(precedence(pn));
}

/**
 * pop_pending_yield - nothing comes of what a peer is asked for: for want of room?
 * @peer: the peer; it has precedence from now on, if nobody has
 *
 * Context: any.
 * Return: true if what has come of its messages is to make room for another's.
 */
bool pop_pending_yield(struct pop_peer *peer)
{
	struct pop_net *pn = pop_member_net(peer->member);
	struct precedence *p = precedence(pn);
	bool yield = false;

	if (fits(pn, &pn->pending, POP_PENDING_MAX, 3))
		return false;
	spin_lock_bh(&p->lock);
	if (p->peer == peer) {
		if (time_after(jiffies, p->until))
			WRITE_ONCE(p->peer, NULL);
	} else if (!p->peer || time_after(jiffies, p->until) ||
		   list_empty(&p->peer->asks)) {
		WRITE_ONCE(p->peer, peer);
		p->until = jiffies + PRECEDENCE;
	} else {
		yield = true;
	}
	spin_unlock_bh(&p->lock);
	return yield;
}

/* No peer of the member asks for precedence any more, and none is to have it. */
void pop_pending_forget(struct pop_member *m)
{
	struct precedence *p = precedence(pop_member_net(m));

	spin_lock_bh(&p->lock);
	if (p->peer && p->peer->member == m)
		WRITE_ONCE(p->peer, NULL);
	spin_unlock_bh(&p->lock);
}

/* As pop_pending_charge(), of what is kept for others; not counted: another goes. */
bool pop_relayed_charge(struct pop_net *pn, u32 bytes)
{
	return charge(pn, &pn->relayed, POP_RELAYED_MAX, 4, bytes);
}

/* Context: any. */
void pop_relayed_uncharge(struct pop_net *pn, u32 bytes)
{
	add(pn, &pn->relayed, -(long)bytes);
}
