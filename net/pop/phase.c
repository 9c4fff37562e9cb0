// SPDX-License-Identifier: GPL-2.0
/*
 * The phase rule: when a member enters the next phase.
 *
 * With the local gate that is when its own inputs of all earlier phases are
 * done (paper, 2.1: "no need to wait"). With the global gate it is when it
 * and all others have closed the earlier phases, inputs and outputs; there
 * everyone tells everyone, and asks whom it has not heard of.
 */

#include <linux/sched/mm.h>

#include "channel.h"
#include "deadline.h"
#include "keep.h"
#include "netlink.h"
#include "phase.h"
#include "state.h"

/* How long until a member asks again those for whom it waits. */
#define GATE_WAIT_MIN	max(HZ / 50UL, 1UL)
#define GATE_WAIT_MAX	(30UL * HZ)

/*
 * Channels that are opened and given up wherever that is found to be due, which may
 * be a softirq; a phase counts as much, for there may be 65,535 without any, and so
 * do a step to the key of one and some slots, see pop_channel_effort(). More of
 * them are left to the member's work.
 */
#define CHANNELS_AT_ONCE	1024

/* How many phases all are known to have closed. */
static u32 all_closed(const struct pop_member *m)
{
	u32 i, closed = m->closed;

	for (i = 0; i < m->contract->plan.nr_parties; i++)
		if (i != m->party)
			closed = min(closed, READ_ONCE(m->peer[i].closed));
	return closed;
}

/*
 * @all: phases that all have closed, zero at first: whoever goes through thousands
 * of gates does not look at all peers at each.
 */
static bool gate_open(const struct pop_member *m, u32 phase, u32 *all)
{
	lockdep_assert_held(&m->lock);
	if (m->contract->plan.phase[phase].gate != POP_GATE_GLOBAL)
		return m->inputs_closed >= phase;
	if (*all < phase)
		*all = all_closed(m);
	return *all >= phase;
}

static bool next_gate_global(const struct pop_member *m, u32 phase)
{
	return phase + 1 < m->contract->plan.nr_phases &&
	       m->contract->plan.phase[phase + 1].gate == POP_GATE_GLOBAL;
}

/* Has the member closed the phase it is in, and others may not have? */
static bool at_global_gate(const struct pop_member *m)
{
	lockdep_assert_held(&m->lock);
	return m->phase < m->limit && m->closed > m->phase &&
	       next_gate_global(m, m->phase);
}

/*
 * Take @phase and its channels from the @left that can be seen to at once; NULL, for
 * who can sleep: all. Return: false if they are too many.
 */
static bool take_channels(const struct pop_member *m, u32 phase, u32 *left)
{
	const struct pop_member_phase *p = &m->phases[phase];
	u32 cost = 1 + p[1].first_in - p[0].first_in +
		   p[1].first_out - p[0].first_out;

	if (!left)
		return true;
	if (cost > *left)
		return false;
	*left -= cost;
	return true;
}

/*
 * The same, to open them: it can be far from a peer's last channel to this one.
 * Context: the caller alone opens phases of @m.
 */
static bool take_effort(struct pop_member *m, u32 phase, u32 *left)
{
	const struct pop_member_phase *p = &m->phases[phase];
	u32 i, effort = 0;

	if (!take_channels(m, phase, left))
		return false;
	if (!left)
		return true;
	for (i = p[0].first_in; i < p[1].first_in; i++)
		effort += pop_channel_effort(m, &m->channel[i]);
	for (i = p[0].first_out; i < p[1].first_out; i++)
		effort += pop_channel_effort(m, &m->channel[i]);
	if (effort > *left)
		return false;
	*left -= effort;
	return true;
}

/* Is there a phase to open? Then the caller is the one who opens it. */
static bool next_to_open(struct pop_member *m, u32 *phase)
{
	bool found;

	spin_lock_bh(&m->lock);
	*phase = m->window;
	found = !m->opening && !READ_ONCE(m->contract->ended) &&
		m->window < m->contract->plan.nr_phases &&
		m->window <= m->phase + POP_WINDOW;
	if (found)
		m->opening = true;
	spin_unlock_bh(&m->lock);
	return found;
}

/*
 * Whoever lets the member go on, a peer's unit or the member's work: the channels
 * are charged to who has opened it. Return: as pop_channel_open_phase().
 */
static int open_phase(struct pop_member *m, u32 phase, gfp_t gfp)
{
	struct mem_cgroup *old = set_active_memcg(m->memcg);
	int ret = pop_channel_open_phase(m, phase, gfp | __GFP_ACCOUNT);

	set_active_memcg(old);
	return ret;
}

/*
 * Open what the window reaches, without the lock, for a phase with many slots
 * takes an allocation that sleeps. Who finds another at it leaves it to them:
 * they look again after each phase.
 *
 * Return: false if that is left to the member's work, for there is too much of it,
 * or memory was short.
 */
static bool move_window(struct pop_member *m, u32 *left, gfp_t gfp)
{
	bool opened = true, late = false;
	u32 phase;

	while (opened && next_to_open(m, &phase)) {
		opened = take_effort(m, phase, left) &&
			 !open_phase(m, phase, gfp);
		spin_lock_bh(&m->lock);
		m->opening = false;
		if (opened) {
			late |= m->window <= m->phase;
			m->window++;
		}
		spin_unlock_bh(&m->lock);
	}
	/* the member has entered it already, and someone may wait to send */
	if (late)
		pop_member_wake(m);
	return opened;
}

/*
 * Give up what is done in the phases that the window has left. Return: false if
 * that is left to the member's work.
 */
static bool retire_phases(struct pop_member *m, u32 *left, gfp_t gfp)
{
	bool due, now;
	u32 phase;

	for (;;) {
		spin_lock_bh(&m->lock);
		phase = m->retired;
		due = phase + POP_WINDOW < m->phase;
		now = due && take_channels(m, phase, left);
		m->retired += now;
		spin_unlock_bh(&m->lock);
		if (!now)
			return !due;
		pop_channel_retire(m, phase, gfp);
	}
}

/* The member is not freed before the work has ended, see member_free(). */
static void kick_work(struct pop_member *m)
{
	mod_delayed_work(pop_wq, &m->work, 0);
}

/**
 * pop_phase_update - look whether the member can go on
 * @m: the local party
 *
 * After an input or output phase was done, a peer told of its, or the limit
 * was raised.
 *
 * Context: any, without pop_channel.lock.
 */
void pop_phase_update(struct pop_member *m)
{
	const struct pop_plan *plan = &m->contract->plan;
	bool opened, retired, moved = false, done, tell, waits;
	u32 closed, all = 0, left = CHANNELS_AT_ONCE;

	spin_lock_bh(&m->lock);
	while (m->inputs_closed < plan->nr_phases &&
	       !atomic_read(&m->phases[m->inputs_closed].in_left))
		m->inputs_closed++;
	closed = m->closed;
	while (m->closed < m->inputs_closed &&
	       !atomic_read(&m->phases[m->closed].out_left)) {
		m->tell |= next_gate_global(m, m->closed);
		m->closed++;
	}
	while (m->phase < m->limit && gate_open(m, m->phase + 1, &all)) {
		m->phase++;
		moved = true;
		pop_count(pop_member_net(m), PHASES);
	}
	if (moved)
		pop_deadline_enter(m);
	/* at another gate: the work may have found that one open, and nobody to ask */
	waits = moved && at_global_gate(m);
	if (waits)
		WRITE_ONCE(m->gate_wait, GATE_WAIT_MIN);
	done = closed < m->closed && m->closed == plan->nr_phases;
	tell = m->tell;
	spin_unlock_bh(&m->lock);

	/* not GFP_ATOMIC, to which a memory cgroup does not say no */
	retired = retire_phases(m, &left, GFP_NOWAIT);
	opened = move_window(m, &left, GFP_NOWAIT);
	if (moved)
		pop_member_wake(m);
	/* before it is in the list nobody knows of it */
	if (moved && !list_empty(&m->list))
		pop_netlink_party_event(m, POP_CMD_PARTY_NTF);
	if (done && !list_empty(&m->list))
		pop_netlink_contract_event(m->contract, POP_CMD_CONTRACT_NTF);
	/* a member that has closed its part asks the others now and then */
	if (tell || waits || !opened || !retired)
		kick_work(m);
}

/**
 * pop_phase_start - let a new member enter the first phases
 * @m: without peers or sockets yet
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pop_phase_start(struct pop_member *m)
{
	const struct pop_plan *plan = &m->contract->plan;

	m->limit = plan->body->flags & POP_BODY_F_MANUAL ? 0 :
							   plan->nr_phases - 1;
	m->gate_wait = GATE_WAIT_MIN;
	m->open_wait = 1;
	if (!move_window(m, NULL, GFP_KERNEL))
		return -ENOMEM;
	spin_lock_bh(&m->lock);
	pop_deadline_enter(m);
	spin_unlock_bh(&m->lock);
	pop_phase_update(m);
	return 0;
}

/* How many phases the others must have closed for @m to go on; zero: no wait. */
static u32 gate_waits_for(struct pop_member *m)
{
	u32 want = 0, all = 0;

	spin_lock_bh(&m->lock);
	if (at_global_gate(m) && !gate_open(m, m->phase + 1, &all))
		want = m->phase + 1;
	spin_unlock_bh(&m->lock);
	return want;
}

/* Ask all for whom the member waits. Return: false if there is nobody. */
static bool ask_peers(struct pop_member *m, u32 want)
{
	bool asked = false;
	u32 i;

	for (i = 0; i < m->contract->plan.nr_parties; i++) {
		struct pop_peer *peer = &m->peer[i];

		if (i == m->party || (READ_ONCE(peer->closed) >= want &&
				      READ_ONCE(peer->phase) >=
				      READ_ONCE(peer->wanted)))
			continue;
		pop_state_ask_closed(peer);
		asked = true;
	}
	return asked;
}

static void tell_peers(struct pop_member *m)
{
	u32 i;

	for (i = 0; i < m->contract->plan.nr_parties; i++)
		if (i != m->party)
			pop_state_tell_closed(&m->peer[i]);
}

/* What could not be done where it was found to be due. */
void pop_phase_work(struct work_struct *work)
{
	struct pop_member *m = container_of(to_delayed_work(work),
					    struct pop_member, work);
	bool opened, tell, asked;
	u32 want;

	if (READ_ONCE(m->dead))
		return;

	/* it is tried again: nobody is to be killed for it */
	opened = move_window(m, NULL, GFP_KERNEL | __GFP_RETRY_MAYFAIL |
				      __GFP_NOWARN);
	retire_phases(m, NULL, GFP_KERNEL);
	spin_lock_bh(&m->lock);
	tell = m->tell;
	m->tell = false;
	spin_unlock_bh(&m->lock);

	want = gate_waits_for(m);
	if (tell) {
		tell_peers(m);
		m->gate_wait = GATE_WAIT_MIN;
	}
	/* nobody waits in a contract that has ended */
	if (READ_ONCE(m->contract->ended))
		return;
	/* the others have had no time yet to tell by themselves */
	asked = ask_peers(m, tell ? 0 : want);
	/* whoever has kicked it meanwhile had a reason not to wait */
	if (!opened)
		queue_delayed_work(pop_wq, &m->work, m->open_wait);
	else if (asked || want)
		queue_delayed_work(pop_wq, &m->work, m->gate_wait);
	if (asked)
		m->gate_wait = min(2 * m->gate_wait, GATE_WAIT_MAX);
	/* a memory cgroup may never have so much */
	m->open_wait = opened ? 1 : min(2 * m->open_wait, GATE_WAIT_MAX);
}

/**
 * pop_phase_set - let a member go as far as @phase ("advance manual")
 * @m: the local party
 * @phase: as far as this one
 * @extack: says why not
 *
 * Return: 0; -EOPNOTSUPP when the contract advances by itself; -EINVAL for a
 * phase there is not, or one that lies behind; -EAGAIN when a gate on the way
 * is not open yet: the member goes as far as it can, and on when it can.
 */
int pop_phase_set(struct pop_member *m, u32 phase,
		  struct netlink_ext_ack *extack)
{
	bool there;

	if (!(m->contract->plan.body->flags & POP_BODY_F_MANUAL)) {
		NL_SET_ERR_MSG(extack, "the contract advances by itself");
		return -EOPNOTSUPP;
	}
	if (phase >= m->contract->plan.nr_phases) {
		NL_SET_ERR_MSG(extack, "the contract has no such phase");
		return -EINVAL;
	}
	spin_lock_bh(&m->lock);
	if (phase < m->limit) {
		spin_unlock_bh(&m->lock);
		NL_SET_ERR_MSG(extack, "phases never go back");
		return -EINVAL;
	}
	m->limit = phase;
	spin_unlock_bh(&m->lock);

	pop_phase_update(m);
	if (gate_waits_for(m))
		kick_work(m);

	spin_lock_bh(&m->lock);
	there = m->phase == phase;
	spin_unlock_bh(&m->lock);
	if (there)
		return 0;
	NL_SET_ERR_MSG(extack, "entered as soon as the earlier inputs are done");
	return -EAGAIN;
}

/* A unit of @peer shows that it has entered @phase. Context: any. */
void pop_phase_peer_entered(struct pop_member *m, struct pop_peer *peer,
			    u32 phase)
{
	u32 old = READ_ONCE(peer->phase);

	while (phase > old)
		if (try_cmpxchg(&peer->phase, &old, phase)) {
			if (READ_ONCE(peer->wanted))
				pop_member_wake(m);
			pop_keep_passed(peer, phase);
			break;
		}
}

/**
 * pop_phase_peer_ready - can a peer have its channels of a phase open?
 * @m: the local party, which has entered @phase
 * @peer: the recipient
 * @phase: to send in
 *
 * A recipient that is more than POP_WINDOW phases behind would drop the units.
 * What was heard of it says where it is; if that is too long ago it is asked,
 * again and again, and senders are woken once it has come far enough.
 *
 * Context: any.
 * Return: true if it has, as far as is known.
 */
bool pop_phase_peer_ready(struct pop_member *m, struct pop_peer *peer,
			  u32 phase)
{
	u32 wanted = phase > POP_WINDOW ? phase - POP_WINDOW : 0;
	bool first;

	if (READ_ONCE(peer->phase) >= wanted)
		return true;
	first = READ_ONCE(peer->wanted) < wanted;
	if (first)
		WRITE_ONCE(peer->wanted, wanted);
	/*
	 * The peer may have come there when nobody was seen to wait for it. Then
	 * nobody is woken, not even who finds that another waits already.
	 */
	smp_mb();
	if (READ_ONCE(peer->phase) >= wanted)
		return true;
	if (first) {
		WRITE_ONCE(m->gate_wait, GATE_WAIT_MIN);
		kick_work(m);
	}
	return false;
}

/* A peer has said how many phases it has closed. Context: any. */
void pop_phase_peer_closed(struct pop_member *m, struct pop_peer *peer,
			   u32 closed)
{
	u32 old = READ_ONCE(peer->closed);

	if (closed)
		pop_phase_peer_entered(m, peer, closed - 1);
	/* what a peer has closed stays closed, whatever it says later */
	while (closed > old)
		if (try_cmpxchg(&peer->closed, &old, closed)) {
			pop_keep_passed(peer, closed);
			pop_phase_update(m);
			break;
		}
}

u8 pop_phase_state(struct pop_member *m, u32 phase)
{
	const struct pop_member_phase *p = &m->phases[phase];

	if (phase > READ_ONCE(m->phase))
		return POP_PHASE_STATE_PENDING;
	if (atomic_read(&p->in_left) || atomic_read(&p->out_left))
		return POP_PHASE_STATE_ACTIVE;
	return POP_PHASE_STATE_EXECUTED;
}
