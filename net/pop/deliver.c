// SPDX-License-Identifier: GPL-2.0
/*
 * Delivery of a message that is whole: it is queued to a socket and its slot
 * marked executed in one step under the channel's lock, so that it is delivered
 * once (paper, 2.3). When no socket takes it, it is held until one does.
 */

#include "channel.h"
#include "echo.h"
#include "relay.h"
#include "rx.h"
#include "slot.h"
#include "socket.h"

static void fill_info(const struct pop_rx *rx, struct pop_msginfo *info)
{
	const struct pop_body_action *a = pop_channel_action(rx->m, rx->ask.ch);
	struct pop_slot_id slot = pop_channel_slot(rx->m, rx->ask.ch, rx->ask.seq);

	*info = (struct pop_msginfo) {
		.phase = slot.phase,
		.action = slot.action,
		.seq = slot.seq,
		.sender = rx->ask.ch->peer,
		.recipient = rx->m->party,
		.kind = a->kind,
		.job = be32_to_cpu(a->job),
		.length = be32_to_cpu(rx->header.length),
		.sent = be64_to_cpu(rx->header.sent),
	};
	memcpy(info->digest, rx->header.digest, sizeof(info->digest));
}

/*
 * The chain of fragments becomes the message. Return: false without memory (as
 * long as nobody shares the chain, none is needed).
 */
bool pop_rx_assemble(struct pop_rx *rx)
{
	struct pop_relay *relay = rx->group ? pop_relay_alloc(rx) : NULL;
	struct pop_msginfo info;

	if (pskb_trim(rx->first, pop_rx_content_len(rx))) {
		kfree(relay);
		return false;
	}
	__skb_pull(rx->first, POP_BLIND_LEN);
	pop_relay_add(rx, relay);
	fill_info(rx, &info);
	memcpy(rx->first->data - sizeof(info), &info, sizeof(info));
	return true;
}

/* Keep a message that no socket takes. Return: false if it is held already. */
static bool hold(struct pop_rx *rx)
{
	struct pop_member *m = rx->m;
	bool first;

	spin_lock_bh(&m->held_lock);
	first = list_empty(&rx->held);
	if (first) {
		list_add_tail(&rx->held, &m->held);
		WRITE_ONCE(m->nr_held, m->nr_held + 1);
		pop_count(pop_member_net(m), RX_HELD);
	}
	spin_unlock_bh(&m->held_lock);
	return first;
}

/* Return: true if a socket has taken it, and false if it is held. */
static bool deliver_or_hold(struct pop_rx *rx)
{
	bool again = !list_empty(&rx->held);

	if (!pop_socket_deliver(rx->m, rx->first, again))
		return true;
	if (!hold(rx))
		return false;
	/*
	 * Who makes room looks for held messages behind that, and here it is the
	 * other way round: one of both finds the other.
	 */
	smp_mb();
	return !pop_socket_deliver(rx->m, rx->first, true);
}

/**
 * pop_rx_deliver - give a whole message to a socket, or hold it
 * @rx: what has arrived; complete
 * @last: set if it was the channel's last slot
 *
 * Nothing is done while echoes are wanted still.
 *
 * Context: pop_channel.lock.
 * Return: true if the slot has executed by it; @rx is gone then.
 */
bool pop_rx_deliver(struct pop_rx *rx, bool *last)
{
	struct pop_channel *ch = rx->ask.ch;
	struct pop_member *m = rx->m;
	struct pop_slot *slot = &ch->open->slot[rx->ask.seq];
	struct pop_relay *relay = rx->relay;
	struct pop_header header;

	lockdep_assert_held(&ch->lock);
	if (rx->violated || !pop_echo_enough(rx->echoes))
		return false;
	if (!deliver_or_hold(rx))
		return false;
	rx->first = NULL;
	header = rx->header;
	*last = pop_channel_execute(m, ch, rx->ask.seq, &header);
	rx->relay = NULL;
	pop_rx_free(rx);
	slot->relay = relay;
	pop_member_run(m);
	pop_count(pop_member_net(m), RX_EXECUTED);
	return true;
}

/* It is given up, or gone. Context: pop_channel.lock. */
void pop_rx_unhold(struct pop_rx *rx)
{
	struct pop_member *m = rx->m;

	spin_lock_bh(&m->held_lock);
	if (!list_empty(&rx->held)) {
		list_del_init(&rx->held);
		WRITE_ONCE(m->nr_held, m->nr_held - 1);
	}
	spin_unlock_bh(&m->held_lock);
}

/* Offer the message of slot @seq again, if it is still held. */
static void deliver_again(struct pop_member *m, struct pop_channel *ch, u32 seq)
{
	bool last = false;
	struct pop_rx *rx;

	spin_lock_bh(&ch->lock);
	rx = pop_rx_find(ch, seq);
	if (rx && rx->complete)
		pop_rx_deliver(rx, &last);
	spin_unlock_bh(&ch->lock);
	if (last)
		pop_channel_done(m, ch);
}

/**
 * pop_rx_deliver_held - offer held messages to the sockets again
 * @m: the local party
 *
 * When a socket was bound, has another filter, or has room again. Each message
 * that is held now is offered once.
 *
 * Context: process; the caller keeps @m.
 */
void pop_rx_deliver_held(struct pop_member *m)
{
	u32 n;

	/* see deliver_or_hold() */
	smp_mb();
	n = READ_ONCE(m->nr_held);
	while (n--) {
		struct pop_channel *ch = NULL;
		struct pop_rx *rx;
		u32 seq = 0;

		spin_lock_bh(&m->held_lock);
		rx = list_first_entry_or_null(&m->held, struct pop_rx, held);
		if (rx) {
			ch = rx->ask.ch;
			seq = rx->ask.seq;
			list_move_tail(&rx->held, &m->held);
		}
		spin_unlock_bh(&m->held_lock);
		if (!ch)
			break;
		deliver_again(m, ch, seq);
		cond_resched();
	}
}
