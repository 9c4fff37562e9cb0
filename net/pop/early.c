// SPDX-License-Identifier: GPL-2.0
/*
 * Payloads of the group that came before their headers.
 *
 * Their key is in the header: until it comes anyone can have made them who has
 * seen the group's cid, and they are no part of what is known of a slot. They
 * wait in one queue for each member, and when that is full the oldest goes: so
 * junk has its time, and keeps nothing out for ever. What it did push out is
 * asked for once the header is there.
 */

#include "early.h"
#include "pending.h"
#include "slot.h"

/* Context: the queue's lock. */
static void uncharge(struct pop_member *m, struct sk_buff *skb)
{
	m->early_bytes -= skb->truesize;
	pop_pending_uncharge(pop_member_net(m), skb->truesize);
}

/**
 * pop_early_keep - keep a payload until its header comes
 * @m: the local party
 * @skb: sealed, struct pop_skb_cb filled in; taken over
 *
 * Context: softirq or process, pop_channel.lock.
 */
void pop_early_keep(struct pop_member *m, struct sk_buff *skb)
{
	struct pop_net *pn = pop_member_net(m);
	struct sk_buff_head *queue = &m->early;
	struct sk_buff *oldest;

	if (!pop_pending_charge(pn, NULL, skb->truesize)) {
		kfree_skb(skb);
		return;
	}
	spin_lock_bh(&queue->lock);
	__skb_queue_tail(queue, skb);
	m->early_bytes += skb->truesize;
	while (m->early_bytes > POP_EARLY_MAX) {
		oldest = __skb_dequeue(queue);
		uncharge(m, oldest);
		pop_count(pn, RX_EARLY_FULL);
		kfree_skb(oldest);
	}
	spin_unlock_bh(&queue->lock);
}

/**
 * pop_early_take - the header has come
 * @m: the local party
 * @ch: the channel
 * @seq: of the slot
 * @taken: gets what waited for the slot, in the order in which it came
 *
 * Context: softirq or process, pop_channel.lock.
 */
void pop_early_take(struct pop_member *m, const struct pop_channel *ch,
		    u32 seq, struct sk_buff_head *taken)
{
	struct sk_buff_head *queue = &m->early;
	struct sk_buff *skb, *next;

	if (skb_queue_empty_lockless(queue))
		return;
	spin_lock_bh(&queue->lock);
	skb_queue_walk_safe(queue, skb, next) {
		if (POP_SKB_CB(skb)->ch != ch || POP_SKB_CB(skb)->seq != seq)
			continue;
		__skb_unlink(skb, queue);
		uncharge(m, skb);
		__skb_queue_tail(taken, skb);
	}
	spin_unlock_bh(&queue->lock);
}

/* Nothing can come of them any more. Context: any. */
void pop_early_purge(struct pop_member *m)
{
	struct sk_buff_head *queue = &m->early;
	struct sk_buff *skb;

	spin_lock_bh(&queue->lock);
	while ((skb = __skb_dequeue(queue))) {
		uncharge(m, skb);
		kfree_skb(skb);
	}
	spin_unlock_bh(&queue->lock);
}
