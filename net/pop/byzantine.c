// SPDX-License-Identifier: GPL-2.0
/*
 * The Byzantine channel of a member: who may send what, what has come, and how
 * long it lives.
 *
 * A record is one datagram, sealed for its recipient alone, and goes to every
 * socket of the channel. Nobody repeats it: what goes over the channel is made
 * for that. Nothing at all is sent of its own accord while the contract runs
 * (4.2: "standby").
 *
 * The channel opens with the contract and closes when all parties have ended
 * that. A party that ends it tells all others, once. Who hears it of a party and
 * has ended the contract, too, answers, once, for the other may not have heard.
 * If all that is lost, a party that has sockets on the channel asks.
 */

#include <linux/jiffies.h>

#include "byzantine.h"
#include "control.h"
#include "socket.h"
#include "state.h"

/*
 * When a member asks those of whom it does not know whether they have ended the
 * contract; that can take them months.
 */
#define ASK_MIN		max(HZ / 5UL, 1UL)	/* 200 ms */
#define ASK_MAX		(3600UL * HZ)

static_assert(sizeof(struct pop_record) + POP_RECORD_MAX ==
	      POP_DATAGRAM_LEN - sizeof(struct pop_outer) - POP_TAG_LEN);

/* ---- how long it lives ----------------------------------------------------- */

static void ask_work(struct work_struct *work)
{
	struct pop_byzantine *b = container_of(to_delayed_work(work),
					       struct pop_byzantine, ask);
	struct pop_member *m = container_of(b, struct pop_member, byzantine);
	unsigned long wait = READ_ONCE(b->wait);
	u32 i;

	/* without sockets nobody here wants to know */
	if (READ_ONCE(m->dead) || READ_ONCE(b->closed) ||
	    hlist_empty(&b->sockets))
		return;
	for (i = 0; i < m->contract->plan.nr_parties; i++) {
		if (i != m->party && !READ_ONCE(m->peer[i].ended))
			pop_state_ask_closed(&m->peer[i]);
		cond_resched();
	}
	WRITE_ONCE(b->wait, min(2 * wait, ASK_MAX));
	queue_delayed_work(pop_wq, &b->ask, wait);
}

void pop_byzantine_init(struct pop_member *m)
{
	struct pop_byzantine *b = &m->byzantine;

	INIT_HLIST_HEAD(&b->sockets);
	INIT_DELAYED_WORK(&b->ask, ask_work);
	atomic_set(&b->left, m->contract->plan.nr_parties);
}

/* When nobody can look at the member any more. */
void pop_byzantine_release(struct pop_member *m)
{
	cancel_delayed_work_sync(&m->byzantine.ask);
}

/* Ask the others, if the member waits for them. Context: pop_net.lock. */
static void ask_soon(struct pop_member *m)
{
	struct pop_byzantine *b = &m->byzantine;

	if (!READ_ONCE(m->contract->ended) || READ_ONCE(b->closed) ||
	    hlist_empty(&b->sockets))
		return;
	WRITE_ONCE(b->wait, ASK_MIN);
	mod_delayed_work(pop_wq, &b->ask, ASK_MIN);
}

/* The socket is in the list. Context: pop_net.lock. */
void pop_byzantine_bound(struct pop_member *m, struct sock *sk)
{
	/* with close_channel(): one of the two sees the other's work */
	smp_mb();
	if (READ_ONCE(m->byzantine.closed))
		WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	else
		ask_soon(m);
}

static void close_channel(struct pop_member *m)
{
	struct sock *sk;

	WRITE_ONCE(m->byzantine.closed, true);
	/* with pop_byzantine_bound() */
	smp_mb();
	rcu_read_lock();
	sk_for_each_rcu(sk, &m->byzantine.sockets)
		pop_socket_end(sk);
	rcu_read_unlock();
}

/* The member has ended the contract. Context: process, pop_net.lock. */
void pop_byzantine_end(struct pop_member *m)
{
	u32 i;

	if (m->contract->ended == POP_CONTRACT_STATE_ABORTED ||
	    atomic_dec_and_test(&m->byzantine.left))
		close_channel(m);
	for (i = 0; i < m->contract->plan.nr_parties; i++) {
		if (i != m->party)
			pop_state_tell_closed(&m->peer[i]);
		cond_resched();
	}
	ask_soon(m);
}

/* A peer says that it has ended the contract. Context: any, without locks. */
void pop_byzantine_peer_ended(struct pop_peer *peer)
{
	struct pop_member *m = peer->member;
	bool news;

	spin_lock_bh(&peer->lock);
	news = !peer->ended;
	WRITE_ONCE(peer->ended, true);
	spin_unlock_bh(&peer->lock);
	if (!news)
		return;
	/* it may not have heard the same of the member */
	if (READ_ONCE(m->contract->ended))
		pop_state_tell_closed(peer);
	if (atomic_dec_and_test(&m->byzantine.left))
		close_channel(m);
}

/* ---- who may send what ------------------------------------------------------ */

/* Does a record of this kind go with this outer part? */
static bool kind_fits(u32 kind, const struct pop_unit *u)
{
	bool dispute = u->flags & POP_UNIT_F_DISPUTE;
	bool about = u->slot.phase != POP_PHASE_ANY;

	switch (kind) {
	case POP_RECORD_VIOLATION:
	case POP_RECORD_RECOVERY:
		return about && dispute;
	case POP_RECORD_VOTE:
		return about && !dispute;
	case POP_RECORD_CLOSE:
	case POP_RECORD_TRANSFER:
	case POP_RECORD_AMEND:
	case POP_RECORD_LINK:
		return !about;
	}
	return false;
}

/* Is there such a message, or is none meant? @action as in the plan, or -1. */
static bool seq_fits(const struct pop_plan *plan, int action, u32 seq)
{
	return seq == POP_SEQ_ANY ||
	       (action >= 0 && seq < be32_to_cpu(plan->action[action].count));
}

/* The action that a unit is about, which is there; -1 for none. */
static int unit_action(const struct pop_plan *plan, const struct pop_unit *u)
{
	return pop_plan_action(plan, u->slot.phase, u->slot.action);
}

/**
 * pop_byzantine_unit - the outer part of a record that a member wants to send
 * @m: the local party
 * @kind: of the record
 * @about: phase, action and seq
 * @u: filled in
 *
 * Return: 0; -EINVAL when there is no such kind to send, or it is not about what
 * @about says; -EPERM when the contract has no such message, or does not let the
 * member raise a dispute about it.
 */
int pop_byzantine_unit(const struct pop_member *m, u32 kind,
		       const struct sockaddr_pop *about, struct pop_unit *u)
{
	bool has_phase = about->spop_phase != POP_PHASE_ANY;
	bool has_action = about->spop_action != POP_ACTION_ANY;
	const struct pop_plan *plan = &m->contract->plan;
	int action;

	*u = (struct pop_unit) {
		.type = POP_UNIT_RECORD,
		.slot.phase = about->spop_phase,
		.slot.action = about->spop_action,
	};
	if (kind == POP_RECORD_VIOLATION || kind == POP_RECORD_RECOVERY)
		u->flags = POP_UNIT_F_DISPUTE;
	if (has_phase != has_action || !kind_fits(kind, u))
		return -EINVAL;
	if (!has_phase)
		return about->spop_seq == POP_SEQ_ANY ? 0 : -EINVAL;
	action = unit_action(plan, u);
	if (action < 0 || !seq_fits(plan, action, about->spop_seq))
		return -EPERM;
	if (u->flags && !pop_plan_may_dispute(plan, m->party, u->slot.phase,
					      action))
		return -EPERM;
	return 0;
}

/**
 * pop_byzantine_may_come - look at the outer part of a record
 * @peer: whose cid it has
 * @u: the outer part
 *
 * Costs no cryptography, as nothing does that the contract does not let come.
 *
 * Return: false (counted) if it is to be dropped.
 */
bool pop_byzantine_may_come(struct pop_peer *peer, const struct pop_unit *u)
{
	const struct pop_plan *plan = &peer->member->contract->plan;
	struct pop_net *pn = pop_member_net(peer->member);
	int action = unit_action(plan, u);

	if (READ_ONCE(peer->member->byzantine.closed) ||
	    (action < 0 && u->slot.phase != POP_PHASE_ANY)) {
		pop_count(pn, RX_UNSCHEDULED);
		return false;
	}
	if (u->flags & POP_UNIT_F_DISPUTE &&
	    !pop_plan_may_dispute(plan, peer->party, u->slot.phase, action)) {
		pop_count(pn, RX_FORBIDDEN);
		return false;
	}
	return true;
}

/* ---- what has come, and what goes ------------------------------------------- */

/*
 * Queue a record to each socket of the channel, as far as it has room. @skb stays
 * the caller's. Context: any. Return: to how many.
 */
static u32 queue_record(struct pop_member *m, struct sk_buff *skb,
			const struct pop_recordinfo *info)
{
	struct pop_net *pn = pop_member_net(m);
	struct sk_buff *copy;
	struct sock *sk;
	u32 queued = 0;
	int ret;

	sock_skb_cb_check_size(sizeof(*info));
	*pop_record_info(skb) = *info;
	rcu_read_lock();
	sk_for_each_rcu(sk, &m->byzantine.sockets) {
		copy = skb_clone(skb, GFP_ATOMIC);
		if (!copy) {
			pop_count(pn, RX_NO_MEMORY);
			continue;
		}
		ret = pop_socket_queue(sk, copy);
		if (!ret) {
			queued++;
			continue;
		}
		kfree_skb(copy);
		/* the socket counts it, too: SO_RXQ_OVFL; or its filter said no */
		if (ret != -EPERM)
			pop_count(pn, RX_RECORD_FULL);
	}
	rcu_read_unlock();
	return queued;
}

/**
 * pop_byzantine_record - an authenticated record, which may come
 * @peer: who sent it
 * @u: its outer part
 * @skb: data at struct pop_record; stays the caller's
 */
void pop_byzantine_record(struct pop_peer *peer, const struct pop_unit *u,
			  struct sk_buff *skb)
{
	struct pop_recordinfo info = {
		.phase = u->slot.phase,
		.action = u->slot.action,
		.sender = peer->party,
		.recipient = peer->member->party,
	};
	const struct pop_record *record = (const void *)skb->data;
	const struct pop_plan *plan = &peer->member->contract->plan;
	struct pop_net *pn = pop_member_net(peer->member);

	if (skb->len < sizeof(*record) ||
	    skb->len > sizeof(*record) + POP_RECORD_MAX ||
	    memchr_inv(record->reserved, 0, sizeof(record->reserved)) ||
	    !kind_fits(record->kind, u) ||
	    !seq_fits(plan, unit_action(plan, u), be32_to_cpu(record->seq))) {
		pop_count(pn, RX_MALFORMED);
		return;
	}
	pop_count(pn, RX_RECORDS);
	info.kind = record->kind;
	info.seq = be32_to_cpu(record->seq);
	skb_pull(skb, sizeof(*record));
	info.length = skb->len;
	if (!queue_record(peer->member, skb, &info) &&
	    hlist_empty(&peer->member->byzantine.sockets))
		pop_count(pn, RX_UNHEARD);
}

/**
 * pop_byzantine_notice - tell the sockets of the channel what the kernel found
 * @m: the local party
 * @kind: POP_RECORD_EVIDENCE or POP_RECORD_OVERDUE
 * @phase: of the action it is about
 * @action: index in its phase
 * @seq: of the message it is about, or POP_SEQ_ANY
 * @party: the party that it was found of
 * @data: of the record
 * @len: of @data, at most POP_RECORD_MAX
 *
 * Nothing is sent. No socket may have room, or none be there: what must not be
 * lost is to be found elsewhere, too.
 *
 * Context: any, also under pop_channel.lock.
 * Return: 0; -ENOBUFS when no socket took it; -ESHUTDOWN when the channel is
 * closed; -EMSGSIZE; -ENOMEM.
 */
int pop_byzantine_notice(struct pop_member *m, u8 kind, u16 phase, u16 action,
			 u32 seq, u16 party, const void *data, u32 len)
{
	const struct pop_recordinfo info = {
		.phase = phase,
		.action = action,
		.seq = seq,
		.sender = party,
		.recipient = m->party,
		.kind = kind,
		.length = len,
	};
	struct sk_buff *skb;
	u32 queued;

	if (len > POP_RECORD_MAX)
		return -EMSGSIZE;
	if (READ_ONCE(m->byzantine.closed))
		return -ESHUTDOWN;
	skb = alloc_skb(len, GFP_ATOMIC);
	if (!skb)
		return -ENOMEM;
	skb_put_data(skb, data, len);
	queued = queue_record(m, skb, &info);
	consume_skb(skb);
	return queued ? 0 : -ENOBUFS;
}

/**
 * pop_byzantine_send - send a record to a peer
 * @peer: recipient
 * @u: of pop_byzantine_unit()
 * @record: with its data
 * @len: of both
 *
 * Context: any. Return: 0; -ENOMEM; or as the carrier.
 */
int pop_byzantine_send(struct pop_peer *peer, const struct pop_unit *u,
		       const struct pop_record *record, u32 len)
{
	struct sk_buff *skb = pop_control_alloc_unit(peer, u, len);
	int ret;

	if (!skb)
		return -ENOMEM;
	memcpy(pop_control_body(skb), record, len);
	ret = pop_control_send(peer, skb);
	if (!ret)
		pop_count(pop_member_net(peer->member), TX_RECORDS);
	return ret;
}
