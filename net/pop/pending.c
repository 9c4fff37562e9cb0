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

/* Return: false, and nothing is charged, if there is not so much room. */
static bool charge(struct pop_net *pn, atomic_long_t *held, long max, u32 bytes)
{
	add(pn, held, bytes);
	if (atomic_long_read(held) <= max &&
	    (is_first(pn) || percpu_counter_read(&all) <=
			     (s64)READ_ONCE(pending_max) << 20))
		return true;
	add(pn, held, -(long)bytes);
	return false;
}

/**
 * pop_pending_charge - may so much more be held of messages that are not delivered?
 * @pn: the namespace
 * @bytes: with what buffers cost
 *
 * Context: any.
 * Return: false (counted), and nothing is charged, if that would be too much.
 */
bool pop_pending_charge(struct pop_net *pn, u32 bytes)
{
	if (charge(pn, &pn->pending, POP_PENDING_MAX, bytes))
		return true;
	pop_count(pn, RX_PENDING_FULL);
	return false;
}

/* Context: any. */
void pop_pending_uncharge(struct pop_net *pn, u32 bytes)
{
	add(pn, &pn->pending, -(long)bytes);
}

/* The same for messages that are kept for others. Not counted: another one goes. */
bool pop_relayed_charge(struct pop_net *pn, u32 bytes)
{
	return charge(pn, &pn->relayed, POP_RELAYED_MAX, bytes);
}

/* Context: any. */
void pop_relayed_uncharge(struct pop_net *pn, u32 bytes)
{
	add(pn, &pn->relayed, -(long)bytes);
}
