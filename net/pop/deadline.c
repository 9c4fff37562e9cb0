// SPDX-License-Identifier: GPL-2.0
/*
 * Deadlines of phases (paper, 3: "contract-determined time").
 *
 * A deadline counts from the member's entry into the phase, on a clock that
 * nobody sets, and the contract's skew is added: others may have entered later.
 * No gate lets a member leave a phase before all its inputs in it are done, so
 * that only those of the phase it is in can be overdue, and one time is enough.
 *
 * Overdue is a question and no state: what comes is delivered as before. The
 * answer is user space's, see verdict.c.
 */

#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "byzantine.h"
#include "channel.h"
#include "deadline.h"
#include "netlink.h"
#include "recover.h"

/*
 * Jiffies are too few for a long deadline, and stand still while the machine
 * sleeps: look at the clock now and then.
 */
#define LOOK_NS		(3600ULL * NSEC_PER_SEC)

static void arm(struct pop_member *m, u64 left)
{
	lockdep_assert_held(&m->lock);
	mod_delayed_work(pop_wq, &m->deadline,
			 nsecs_to_jiffies(min(left, LOOK_NS)) + 1);
}

/**
 * pop_deadline_enter - a member has entered a phase
 * @m: the local party
 *
 * Context: m->lock; any.
 */
void pop_deadline_enter(struct pop_member *m)
{
	const struct pop_plan *plan = &m->contract->plan;
	u64 seconds = be32_to_cpu(plan->phase[m->phase].deadline);

	lockdep_assert_held(&m->lock);
	m->due = 0;
	if (!seconds || !atomic_read(&m->phases[m->phase].in_left)) {
		cancel_delayed_work(&m->deadline);
		return;
	}
	seconds += be32_to_cpu(plan->body->skew);
	m->due = ktime_get_boottime_ns() + seconds * NSEC_PER_SEC;
	arm(m, seconds * NSEC_PER_SEC);
}

/* Return: true, and the phase, if its deadline has passed just now. */
static bool has_passed(struct pop_member *m, u32 *phase)
{
	u64 now = ktime_get_boottime_ns();
	bool passed;

	spin_lock_bh(&m->lock);
	passed = m->due && now >= m->due;
	*phase = m->phase;
	if (passed)
		m->due = 0;
	else if (m->due)
		arm(m, m->due - now);
	spin_unlock_bh(&m->lock);
	return passed;
}

/* It is due: its sender is asked for what never came (paper, 3: late). */
static bool flag_overdue(struct pop_member *m, struct pop_channel *ch)
{
	bool overdue;

	spin_lock_bh(&ch->lock);
	overdue = !pop_channel_is_done(ch) &&
		  pop_channel_flag(m, ch, POP_CHANNEL_F_OVERDUE);
	if (overdue)
		pop_recover_hints(&m->peer[ch->peer], ch);
	spin_unlock_bh(&ch->lock);
	return overdue;
}

static void notice(struct pop_member *m, struct pop_channel *ch)
{
	struct pop_slot_id slot = pop_channel_slot(m, ch, POP_SEQ_ANY);

	pop_byzantine_notice(m, POP_RECORD_OVERDUE, slot.phase, slot.action,
			     slot.seq, ch->peer, "", 0);
}

/* The deadline of the phase that a member is in may have passed. */
void pop_deadline_work(struct work_struct *work)
{
	struct pop_member *m = container_of(to_delayed_work(work),
					    struct pop_member, deadline);
	bool found = false;
	u32 phase, i;

	if (READ_ONCE(m->dead) || READ_ONCE(m->contract->ended) ||
	    !has_passed(m, &phase))
		return;
	for (i = m->phases[phase].first_in; i < m->phases[phase + 1].first_in;
	     i++) {
		if (!flag_overdue(m, &m->channel[i]))
			continue;
		pop_count(pop_member_net(m), OVERDUE);
		pop_netlink_channel_event(m, i);
		notice(m, &m->channel[i]);
		found = true;
		cond_resched();
	}
	if (found)
		pop_member_dispute(m);
}
