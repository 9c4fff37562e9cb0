// SPDX-License-Identifier: GPL-2.0
/* Local parties of a contract. */

#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "byzantine.h"
#include "carrier.h"
#include "channel.h"
#include "deadline.h"
#include "early.h"
#include "netlink.h"
#include "pending.h"
#include "phase.h"
#include "pop.h"
#include "repair.h"
#include "socket.h"
#include "state.h"

/* Context: RCU or pop_net.lock. Return: the member without a reference. */
struct pop_member *pop_member_find(struct pop_contract *c, u16 party)
{
	struct pop_member *m;

	list_for_each_entry_rcu(m, &c->members, list,
				lockdep_is_held(&c->pn->lock))
		if (m->party == party)
			return m;
	return NULL;
}

static void member_free(struct pop_member *m)
{
	u32 i;

	/* whoever else could have queued it has left; repair may queue the other */
	cancel_delayed_work_sync(&m->repair);
	cancel_delayed_work_sync(&m->work);
	cancel_delayed_work_sync(&m->deadline);
	pop_pending_forget(m);
	pop_byzantine_release(m);
	pop_channel_release(m);
	pop_share_forget_group(m);
	pop_early_purge(m);
	for (i = 0; m->peer && i < m->contract->plan.nr_parties; i++)
		pop_peer_release(&m->peer[i]);
	if (m->peer)
		memzero_explicit(m->peer, m->contract->plan.nr_parties *
				 sizeof(*m->peer));
	kvfree(m->peer);
	mem_cgroup_put(m->memcg);
	pop_contract_put(m->contract);
	kfree(m);
}

static void member_free_work(struct work_struct *work)
{
	member_free(container_of(to_rcu_work(work), struct pop_member, rcu));
}

void pop_member_put(struct pop_member *m)
{
	if (refcount_dec_and_test(&m->ref)) {
		INIT_RCU_WORK(&m->rcu, member_free_work);
		queue_rcu_work(pop_wq, &m->rcu);
	}
}

/*
 * Pages that kmalloc() gives are a power of two, up to twice as many as these
 * need. Return: zeroed, for kvfree(); or NULL.
 */
static struct pop_peer *alloc_peers(u32 nr)
{
	size_t size = array_size(nr, sizeof(struct pop_peer));

	return size > PAGE_SIZE ?
		__vmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_ZERO) :
		kzalloc(size, GFP_KERNEL_ACCOUNT);
}

/**
 * pop_member_create - make a local party; it takes part once it is started
 * @c: the contract
 * @party: index in the contract
 * @uid: who may bind sockets to it
 *
 * Context: process, pop_net.lock.
 * Return: the member, or NULL without memory. pop_member_start() takes it
 * over; until then it goes with pop_member_put().
 */
struct pop_member *pop_member_create(struct pop_contract *c, u16 party,
				     kuid_t uid)
{
	struct pop_member *m = kzalloc(sizeof(*m), GFP_KERNEL);
	u32 i;

	if (!m)
		return NULL;
	refcount_inc(&c->ref);
	m->contract = c;
	m->party = party;
	m->uid = uid;
	m->memcg = get_mem_cgroup_from_mm(current->mm);
	refcount_set(&m->ref, 1);
	INIT_LIST_HEAD(&m->list);
	INIT_HLIST_HEAD(&m->sockets);
	INIT_LIST_HEAD(&m->held);
	skb_queue_head_init(&m->early);
	pop_flow_init(&m->group, m, NULL);
	spin_lock_init(&m->lock);
	spin_lock_init(&m->held_lock);
	spin_lock_init(&m->relay_lock);
	INIT_LIST_HEAD(&m->relays);
	spin_lock_init(&m->echo_lock);
	INIT_LIST_HEAD(&m->echoes);
	spin_lock_init(&m->repair_lock);
	INIT_DELAYED_WORK(&m->work, pop_phase_work);
	INIT_DELAYED_WORK(&m->repair, pop_repair_work);
	INIT_DELAYED_WORK(&m->deadline, pop_deadline_work);
	pop_byzantine_init(m);

	m->peer = alloc_peers(c->plan.nr_parties);
	if (!m->peer || pop_channel_profile(m))
		goto err;
	for (i = 0; i < c->plan.nr_parties; i++)
		pop_peer_init(&m->peer[i], m, i);
	return m;

err:
	member_free(m);
	return NULL;
}

/* By party, so that a dump can go on behind any of them. */
static void list_member(struct pop_contract *c, struct pop_member *m)
{
	struct list_head *behind;

	list_for_each(behind, &c->members)
		if (list_entry(behind, struct pop_member, list)->party > m->party)
			break;
	list_add_tail_rcu(&m->list, behind);
}

static void forget_cids(struct pop_member *m, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (i != m->party)
			pop_cid_del(pop_member_net(m), &m->peer[i].cid);
}

/**
 * pop_member_start - let a member take part
 * @m: the local party
 * @extack: says why not
 *
 * Context: process, pop_net.lock.
 * Return: 0, and @m belongs to the contract; -EEXIST; -ENOKEY when the keys
 * of a peer are missing; or what opening the carrier said.
 */
int pop_member_start(struct pop_member *m, struct netlink_ext_ack *extack)
{
	struct pop_contract *c = m->contract;
	struct pop_net *pn = c->pn;
	u32 i;
	int ret;

	if (pop_member_find(c, m->party)) {
		NL_SET_ERR_MSG(extack, "the party is local already");
		return -EEXIST;
	}
	for (i = 0; i < c->plan.nr_parties; i++)
		if (i != m->party && !m->peer[i].keyed) {
			NL_SET_ERR_MSG(extack, "keys of a party are missing");
			return -ENOKEY;
		}
	ret = pop_phase_start(m) ?: pop_carrier_open(pn, extack);
	if (ret) {
		m->dead = true;
		return ret;
	}
	if (pop_channel_from_group(m))
		pop_carrier_join(c);
	for (i = 0; i < c->plan.nr_parties; i++) {
		if (i == m->party)
			continue;
		ret = pop_cid_add(pn, &m->peer[i].cid);
		if (ret) {
			forget_cids(m, i);
			if (ret == -EEXIST)
				NL_SET_ERR_MSG(extack, "keys are in use already");
			goto err;
		}
	}
	list_member(c, m);
	c->nr_members++;
	pn->nr_members++;
	return 0;

err:
	m->dead = true;
	if (!c->nr_members)
		pop_carrier_leave(c);
	if (!pn->nr_members)
		pop_carrier_close(pn);
	return ret;
}

/**
 * pop_member_del - end a member's part
 * @m: the local party
 *
 * Units stop finding it first, then its sockets and requests are told and its
 * channels are closed, then readers leave and the last reference frees it.
 * References that can be left: those of sockets, until they are closed.
 *
 * Context: process, pop_net.lock.
 */
void pop_member_del(struct pop_member *m)
{
	struct pop_contract *c = m->contract;
	struct pop_net *pn = c->pn;
	u32 i;

	WRITE_ONCE(m->dead, true);
	for (i = 0; i < c->plan.nr_parties; i++)
		pop_flow_forget(&m->peer[i].flow);
	pop_flow_forget(&m->group);
	forget_cids(m, c->plan.nr_parties);
	list_del_rcu(&m->list);
	c->nr_members--;
	pn->nr_members--;
	pop_socket_orphan(m);
	pop_state_forget(m);
	pop_channel_end(m);
	pop_share_forget_group(m);
	if (!c->nr_members)
		pop_carrier_leave(c);
	if (!pn->nr_members)
		pop_carrier_close(pn);
	pop_member_put(m);
}

/* Context: any. Return: enum pop_contract_state, as this party sees it. */
u8 pop_member_state(const struct pop_member *m)
{
	u8 ended = READ_ONCE(m->contract->ended);

	if (ended)
		return ended;
	if (atomic_read(&m->in_done) == m->nr_in &&
	    atomic_read(&m->out_done) == m->nr_out)
		return POP_CONTRACT_STATE_SETTLING;
	return atomic_read(&m->running) ? POP_CONTRACT_STATE_RUNNING :
					  POP_CONTRACT_STATE_OPEN;
}

/* A slot of the member has executed. Context: any. */
void pop_member_run(struct pop_member *m)
{
	if (!atomic_read(&m->running) && !atomic_xchg(&m->running, 1))
		pop_netlink_contract_event(m->contract, POP_CMD_CONTRACT_NTF);
}

/* Let whoever waits for a phase, or for the end, look again. Context: any. */
void pop_member_wake(struct pop_member *m)
{
	struct sock *sk;

	rcu_read_lock();
	sk_for_each_rcu(sk, &m->sockets) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_SPACE, POLL_OUT);
	}
	rcu_read_unlock();
}

/*
 * More is flagged of a member's channels than before: its sockets give EPOLLPRI
 * until each has read POP_INFO. Context: any.
 */
void pop_member_dispute(struct pop_member *m)
{
	struct sock *sk;

	/* whoever sees this sees pop_member.flagged, too */
	smp_mb__before_atomic();
	atomic_inc(&m->disputes);
	pop_member_wake(m);
	rcu_read_lock();
	sk_for_each_rcu(sk, &m->sockets)
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_PRI);
	rcu_read_unlock();
}
