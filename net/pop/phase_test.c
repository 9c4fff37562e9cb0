// SPDX-License-Identifier: GPL-2.0
/* Tests of the phase rule: gates, the window, phases set by netlink. */

#include "fixture_test.h"
#include "channel.h"
#include "phase.h"

/*
 * Party 1 has an input in phases 0, 2, 3 and 5, an output in 0, 3 and 5, and
 * nothing to do in 1 and 4.
 */
static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1) },
	{ .phase = 0, .from = 1, .to = BIT(2) },
	{ .phase = 1, .from = 0, .to = BIT(2) },
	{ .phase = 2, .from = 0, .to = BIT(1) },
	{ .phase = 3, .from = 1, .to = BIT(0) },
	{ .phase = 3, .from = 2, .to = BIT(1) },
	{ .phase = 4, .from = 2, .to = BIT(0) },
	{ .phase = 5, .from = 0, .to = BIT(1) },
	{ .phase = 5, .from = 1, .to = BIT(0) },
};

static const struct pop_test_plan local = {
	.parties = 3, .phases = 6,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

static struct pop_member *member(struct kunit *test, bool global, bool manual)
{
	struct pop_test_plan plan = local;

	plan.epoch = 2 * global + manual;
	plan.global = global;
	plan.manual = manual;
	return pop_test_member(test, pop_test_contract(test, &plan), 1);
}

/* All messages of the member's first channel of an action. */
static void execute(struct kunit *test, struct pop_member *m, u16 phase,
		    u16 action)
{
	struct pop_channel *ch = pop_test_channel(test, m, phase, action);
	const struct pop_header header = { .digest = { 1 } };
	bool last;

	KUNIT_ASSERT_NOT_NULL(test, ch->open);
	spin_lock_bh(&ch->lock);
	last = pop_channel_execute(m, ch, 0, &header);
	spin_unlock_bh(&ch->lock);
	KUNIT_ASSERT_TRUE(test, last);
	pop_channel_done(m, ch);
}

static void local_gate__waits_for_inputs_only(struct kunit *test)
{
	struct pop_member *m = member(test, false, false);

	KUNIT_EXPECT_EQ(test, m->phase, 0);
	KUNIT_EXPECT_EQ(test, m->limit, 5);
	/* an output does not hold it, nor do phases without inputs */
	execute(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 2);
	KUNIT_EXPECT_EQ(test, m->inputs_closed, 2);
	KUNIT_EXPECT_EQ(test, m->closed, 0);
	execute(test, m, 0, 1);
	KUNIT_EXPECT_EQ(test, m->phase, 2);
	KUNIT_EXPECT_EQ(test, m->closed, 2);
	POP_EXPECT_COUNTED(test, PHASES, 2);
}

/* Peers run ahead: what is done early counts when its turn has come. */
static void local_gate__inputs_out_of_order(struct kunit *test)
{
	struct pop_member *m = member(test, false, false);

	execute(test, m, 2, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 0);
	KUNIT_EXPECT_EQ(test, m->inputs_closed, 0);
	execute(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 3);
	execute(test, m, 3, 1);
	/* nothing is due in phase 4; the last is entered, and never left */
	KUNIT_EXPECT_EQ(test, m->phase, 5);
	execute(test, m, 5, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 5);
	KUNIT_EXPECT_EQ(test, m->inputs_closed, 6);
	KUNIT_EXPECT_EQ(test, m->closed, 0);
}

static void local_gate__to_the_end(struct kunit *test)
{
	struct pop_member *m = member(test, false, false);
	u32 phase;

	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_OPEN, pop_member_state(m));
	execute(test, m, 0, 0);
	execute(test, m, 0, 1);
	execute(test, m, 2, 0);
	execute(test, m, 3, 0);
	execute(test, m, 3, 1);
	execute(test, m, 5, 0);
	KUNIT_EXPECT_EQ(test, m->closed, 5);
	execute(test, m, 5, 1);
	KUNIT_EXPECT_EQ(test, m->closed, 6);
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_SETTLING, pop_member_state(m));
	for (phase = 0; phase < 6; phase++)
		KUNIT_EXPECT_EQ(test, POP_PHASE_STATE_EXECUTED,
				pop_phase_state(m, phase));
}

static void window__opens_and_retires(struct kunit *test)
{
	struct pop_member *m = member(test, false, false);
	struct pop_channel *first = pop_test_channel(test, m, 0, 0);

	KUNIT_EXPECT_EQ(test, m->window, POP_WINDOW + 1);
	KUNIT_EXPECT_NULL(test, pop_test_channel(test, m, 3, 0)->open);
	execute(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 2);
	KUNIT_EXPECT_EQ(test, m->window, 5);
	KUNIT_EXPECT_NOT_NULL(test, pop_test_channel(test, m, 3, 0)->open);
	KUNIT_EXPECT_NULL(test, pop_test_channel(test, m, 5, 0)->open);
	KUNIT_EXPECT_NOT_NULL(test, first->open);
	execute(test, m, 2, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 3);
	/* as long as a window behind, then keys and slots are given up */
	KUNIT_EXPECT_NULL(test, first->open);
	/* what is not done stays */
	KUNIT_EXPECT_NOT_NULL(test, pop_test_channel(test, m, 0, 1)->open);
}

/* What was not done when its phase was left behind is given up when it is. */
static void window__retires_late_channels(struct kunit *test)
{
	struct pop_member *m = member(test, false, false);
	struct pop_channel *late = pop_test_channel(test, m, 0, 1);

	execute(test, m, 0, 0);
	execute(test, m, 2, 0);
	execute(test, m, 3, 1);
	KUNIT_ASSERT_EQ(test, m->phase, 5);
	KUNIT_ASSERT_NOT_NULL(test, late->open);
	execute(test, m, 0, 1);
	KUNIT_EXPECT_NULL(test, late->open);
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_EXECUTED,
			pop_test_state(m, late));
}

/* Whatever lets a member enter a phase need not wait for thousands of channels. */
static void window__leaves_many_to_the_work(struct kunit *test)
{
	enum { MANY = 1100, NR = MANY + 2 + MANY };
	struct pop_test_action *a = kunit_kcalloc(test, NR, sizeof(*a),
						  GFP_KERNEL);
	struct pop_test_plan plan = {
		.parties = 3, .phases = 4, .actions = a, .nr_actions = NR,
	};
	struct pop_channel *first, *behind;
	struct pop_member *m;
	bool kept;
	u32 i, window;

	KUNIT_ASSERT_NOT_NULL(test, a);
	for (i = 0; i < NR; i++)
		a[i] = (struct pop_test_action) { .phase = 3, .to = BIT(1) };
	for (i = 0; i < MANY; i++)
		a[i].phase = 0;
	a[MANY] = (struct pop_test_action) { .phase = 1, .to = BIT(2) };
	a[MANY + 1] = (struct pop_test_action) { .phase = 2, .to = BIT(2) };
	m = pop_test_member(test, pop_test_contract(test, &plan), 1);
	first = pop_test_channel(test, m, 0, 0);
	behind = pop_test_channel(test, m, 3, MANY - 1);

	for (i = 0; i < MANY - 1; i++)
		execute(test, m, 0, i);
	KUNIT_EXPECT_EQ(test, m->window, POP_WINDOW + 1);
	preempt_disable();
	execute(test, m, 0, i);
	window = m->window;
	kept = first->open;
	preempt_enable();
	KUNIT_EXPECT_EQ(test, m->phase, 3);
	/* with more processors the work may have run meanwhile */
	if (num_online_cpus() == 1) {
		KUNIT_EXPECT_EQ(test, window, POP_WINDOW + 1);
		KUNIT_EXPECT_TRUE(test, kept);
	}
	flush_delayed_work(&m->work);
	KUNIT_EXPECT_EQ(test, m->window, POP_WINDOW + 2);
	KUNIT_EXPECT_NOT_NULL(test, behind->open);
	KUNIT_EXPECT_NULL(test, first->open);
}

/* Nor for thousands of slots of one. */
static void window__leaves_many_slots_to_the_work(struct kunit *test)
{
	static const struct pop_test_action few_and_many[] = {
		{ .phase = 0, .to = BIT(1) },
		{ .phase = 1, .to = BIT(2) },
		{ .phase = 2, .to = BIT(2) },
		{ .phase = 3, .to = BIT(1), .count = 4000 },
		{ .phase = 4, .to = BIT(1), .count = 5000 },
	};
	static const struct pop_test_plan plan = {
		.parties = 3, .phases = 5, .actions = few_and_many,
		.nr_actions = ARRAY_SIZE(few_and_many),
	};
	struct pop_member *m = pop_test_member(test,
					       pop_test_contract(test, &plan),
					       1);
	u32 window;

	preempt_disable();
	execute(test, m, 0, 0);
	window = m->window;
	preempt_enable();
	KUNIT_EXPECT_EQ(test, m->phase, 3);
	if (num_online_cpus() == 1)
		KUNIT_EXPECT_EQ(test, window, 4);
	flush_delayed_work(&m->work);
	KUNIT_EXPECT_EQ(test, m->window, 5);
	KUNIT_EXPECT_NOT_NULL(test, pop_test_channel(test, m, 4, 0)->open);
}

/* Nor for thousands of phases in which the member has nothing. */
static void window__leaves_many_phases_to_the_work(struct kunit *test)
{
	enum { FAR = 3000 };
	struct pop_test_action *a = kunit_kcalloc(test, FAR + 1, sizeof(*a),
						  GFP_KERNEL);
	struct pop_test_plan plan = {
		.parties = 3, .phases = FAR + 1,
		.actions = a, .nr_actions = FAR + 1,
	};
	struct pop_member *m;
	u32 i, opened, retired;

	KUNIT_ASSERT_NOT_NULL(test, a);
	for (i = 0; i <= FAR; i++)
		a[i] = (struct pop_test_action) { .phase = i, .to = BIT(2) };
	a[0].to = BIT(1);
	m = pop_test_member(test, pop_test_contract(test, &plan), 1);

	preempt_disable();
	execute(test, m, 0, 0);
	opened = m->window;
	retired = m->retired;
	preempt_enable();
	KUNIT_EXPECT_EQ(test, m->phase, FAR);
	if (num_online_cpus() == 1)
		KUNIT_EXPECT_LE(test, opened + retired, 1100);
	flush_delayed_work(&m->work);
	KUNIT_EXPECT_EQ(test, m->window, FAR + 1);
	KUNIT_EXPECT_EQ(test, m->retired, FAR - POP_WINDOW);
}

/* Nor for the key of a phase that is far from the last with its peer. */
static void window__leaves_far_keys_to_the_work(struct kunit *test)
{
	enum { FAR = 1100, HALF = 600 };
	struct pop_test_action *a = kunit_kcalloc(test, FAR + 1, sizeof(*a),
						  GFP_KERNEL);
	struct pop_test_plan plan = {
		.parties = 3, .phases = FAR + 1,
		.actions = a, .nr_actions = FAR + 1,
	};
	u8 k[POP_KEY_LEN], key[POP_KEY_LEN];
	struct pop_channel *last;
	struct pop_ratchet r;
	struct pop_member *m;
	u32 i, window;

	KUNIT_ASSERT_NOT_NULL(test, a);
	for (i = 0; i <= FAR; i++)
		a[i] = (struct pop_test_action) { .phase = i, .to = BIT(2) };
	a[0].to = BIT(1);
	a[HALF] = (struct pop_test_action) {
		.phase = HALF, .from = 2, .to = BIT(1)
	};
	a[FAR].to = BIT(1);
	m = pop_test_member(test, pop_test_contract(test, &plan), 1);
	last = pop_test_channel(test, m, FAR, 0);

	/* so that the phases in between are not what is too much */
	execute(test, m, 0, 0);
	flush_delayed_work(&m->work);
	preempt_disable();
	execute(test, m, HALF, 0);
	window = m->window;
	preempt_enable();
	KUNIT_EXPECT_EQ(test, m->phase, FAR);
	if (num_online_cpus() == 1)
		KUNIT_EXPECT_EQ(test, window, FAR);
	flush_delayed_work(&m->work);
	KUNIT_EXPECT_EQ(test, m->window, FAR + 1);
	KUNIT_ASSERT_NOT_NULL(test, last->open);
	pop_test_key(k, 0, 1);
	pop_ratchet_init(&r, k);
	pop_ratchet_step(&r, FAR);
	pop_ratchet_key(key, &r);
	KUNIT_EXPECT_MEMEQ(test, last->open->key, key, POP_KEY_LEN);
}

static void global_gate__waits_for_all(struct kunit *test)
{
	struct pop_member *m = member(test, true, false);

	execute(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 0);
	execute(test, m, 0, 1);
	KUNIT_EXPECT_EQ(test, m->phase, 0);
	/* it has nothing to do in phase 1, and has closed it as well */
	KUNIT_EXPECT_EQ(test, m->closed, 2);

	pop_phase_peer_closed(m, &m->peer[0], 1);
	KUNIT_EXPECT_EQ(test, m->phase, 0);
	pop_phase_peer_closed(m, &m->peer[2], 1);
	KUNIT_EXPECT_EQ(test, m->phase, 1);
	pop_phase_peer_closed(m, &m->peer[2], 2);
	KUNIT_EXPECT_EQ(test, m->phase, 1);
	pop_phase_peer_closed(m, &m->peer[0], 2);
	KUNIT_EXPECT_EQ(test, m->phase, 2);
}

/*
 * The work has looked when a peer's word was there that had not let the member go
 * on yet, and found that it waits for nobody: at the next gate it does.
 */
static void global_gate__asks_at_the_next_one(struct kunit *test)
{
	struct pop_member *m = member(test, true, false);

	execute(test, m, 0, 0);
	execute(test, m, 0, 1);
	pop_phase_peer_closed(m, &m->peer[0], 1);
	m->gate_wait = 30 * HZ;
	m->tell = false;
	cancel_delayed_work_sync(&m->work);
	m->peer[2].closed = 1;
	pop_phase_update(m);
	KUNIT_EXPECT_EQ(test, m->phase, 1);
	KUNIT_EXPECT_LT(test, m->gate_wait, HZ);
}

static void global_gate__waits_for_own_outputs(struct kunit *test)
{
	struct pop_member *m = member(test, true, false);

	pop_phase_peer_closed(m, &m->peer[0], 6);
	pop_phase_peer_closed(m, &m->peer[2], 6);
	execute(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 0);
	execute(test, m, 0, 1);
	KUNIT_EXPECT_EQ(test, m->phase, 2);
}

/* What a peer has closed stays closed, whatever it says later. */
static void global_gate__nobody_goes_back(struct kunit *test)
{
	struct pop_member *m = member(test, true, false);

	pop_phase_peer_closed(m, &m->peer[0], 3);
	pop_phase_peer_closed(m, &m->peer[0], 1);
	KUNIT_EXPECT_EQ(test, m->peer[0].closed, 3);
	pop_phase_peer_closed(m, &m->peer[0], 0);
	KUNIT_EXPECT_EQ(test, m->peer[0].closed, 3);
	/* it may say more than there are; that helps nobody */
	pop_phase_peer_closed(m, &m->peer[0], U16_MAX);
	pop_phase_peer_closed(m, &m->peer[2], U16_MAX);
	KUNIT_EXPECT_EQ(test, m->phase, 0);
}

/* Whoever closes a phase tells the others, by the work. */
static void global_gate__tells_the_others(struct kunit *test)
{
	struct pop_member *m = member(test, true, false);
	u64 sent = pop_test_counted(test, POP_MIB_TX_NO_ENDPOINT);

	execute(test, m, 0, 0);
	flush_delayed_work(&m->work);
	KUNIT_EXPECT_EQ(test, sent,
			pop_test_counted(test, POP_MIB_TX_NO_ENDPOINT));
	execute(test, m, 0, 1);
	flush_delayed_work(&m->work);
	/*
	 * Nobody has an address here, so both units end there; as do questions
	 * that follow 20 ms later.
	 */
	KUNIT_EXPECT_LE(test, sent + 2,
			pop_test_counted(test, POP_MIB_TX_NO_ENDPOINT));
	KUNIT_EXPECT_FALSE(test, m->tell);
}

/* Who has ended the contract tells still, and asks no more. */
static void global_gate__asks_nobody_after_the_end(struct kunit *test)
{
	struct pop_member *m = member(test, true, false);
	u64 sent;

	execute(test, m, 0, 0);
	execute(test, m, 0, 1);
	/* it would ask again and again */
	cancel_delayed_work_sync(&m->work);
	sent = pop_test_counted(test, POP_MIB_TX_NO_ENDPOINT);
	m->contract->ended = POP_CONTRACT_STATE_CLOSED;
	m->tell = true;
	queue_delayed_work(pop_wq, &m->work, 0);
	flush_delayed_work(&m->work);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&m->work));
	KUNIT_EXPECT_FALSE(test, m->tell);
	/* nobody has an address here, so that ends there */
	KUNIT_EXPECT_EQ(test, sent + 2,
			pop_test_counted(test, POP_MIB_TX_NO_ENDPOINT));
	m->contract->ended = 0;
}

static void manual__goes_no_further(struct kunit *test)
{
	struct pop_member *m = member(test, false, true);

	KUNIT_EXPECT_EQ(test, m->limit, 0);
	execute(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 0);
	KUNIT_EXPECT_EQ(test, 0, pop_phase_set(m, 1, NULL));
	KUNIT_EXPECT_EQ(test, m->phase, 1);
	KUNIT_EXPECT_EQ(test, 0, pop_phase_set(m, 1, NULL));
	KUNIT_EXPECT_EQ(test, 0, pop_phase_set(m, 2, NULL));
	KUNIT_EXPECT_EQ(test, m->phase, 2);
}

static void manual__goes_on_when_it_can(struct kunit *test)
{
	struct pop_member *m = member(test, false, true);

	KUNIT_EXPECT_EQ(test, -EAGAIN, pop_phase_set(m, 3, NULL));
	KUNIT_EXPECT_EQ(test, m->phase, 0);
	execute(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 2);
	execute(test, m, 2, 0);
	KUNIT_EXPECT_EQ(test, m->phase, 3);
	execute(test, m, 3, 1);
	KUNIT_EXPECT_EQ(test, m->phase, 3);
}

static void manual__refuses(struct kunit *test)
{
	struct pop_member *m = member(test, false, true);
	struct pop_member *automatic = member(test, false, false);

	execute(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, 0, pop_phase_set(m, 2, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pop_phase_set(m, 1, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pop_phase_set(m, 6, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, pop_phase_set(m, U32_MAX, NULL));
	KUNIT_EXPECT_EQ(test, m->phase, 2);
	KUNIT_EXPECT_EQ(test, m->limit, 2);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, pop_phase_set(automatic, 0, NULL));
}

/* Both rules together: netlink allows, and all the others must have closed. */
static void manual__at_a_global_gate(struct kunit *test)
{
	struct pop_member *m = member(test, true, true);

	execute(test, m, 0, 0);
	execute(test, m, 0, 1);
	pop_phase_peer_closed(m, &m->peer[0], 2);
	KUNIT_EXPECT_EQ(test, -EAGAIN, pop_phase_set(m, 1, NULL));
	pop_phase_peer_closed(m, &m->peer[2], 2);
	KUNIT_EXPECT_EQ(test, m->phase, 1);
	KUNIT_EXPECT_EQ(test, 0, pop_phase_set(m, 2, NULL));
}

/* Whom a member is too far ahead of, it asks, and is told. */
static void ready__when_it_has_come_near(struct kunit *test)
{
	struct pop_member *m = member(test, false, false);
	struct pop_peer *peer = &m->peer[0];

	KUNIT_EXPECT_TRUE(test, pop_phase_peer_ready(m, peer, POP_WINDOW));
	POP_EXPECT_COUNTED(test, TX_NO_ENDPOINT, 0);
	KUNIT_EXPECT_FALSE(test, pop_phase_peer_ready(m, peer, POP_WINDOW + 2));
	flush_delayed_work(&m->work);
	KUNIT_EXPECT_GT(test, pop_test_counted(test, POP_MIB_TX_NO_ENDPOINT), 0);
	pop_phase_peer_entered(m, peer, 1);
	KUNIT_EXPECT_FALSE(test, pop_phase_peer_ready(m, peer, POP_WINDOW + 2));
	/* who has closed a phase is in it, or beyond */
	pop_phase_peer_closed(m, peer, 3);
	KUNIT_EXPECT_TRUE(test, pop_phase_peer_ready(m, peer, POP_WINDOW + 2));
	pop_phase_peer_entered(m, peer, 1);
	KUNIT_EXPECT_EQ(test, peer->phase, 2);
}

static void state__of_phases(struct kunit *test)
{
	struct pop_member *m = member(test, false, false);

	KUNIT_EXPECT_EQ(test, POP_PHASE_STATE_ACTIVE, pop_phase_state(m, 0));
	KUNIT_EXPECT_EQ(test, POP_PHASE_STATE_PENDING, pop_phase_state(m, 1));
	execute(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, POP_PHASE_STATE_ACTIVE, pop_phase_state(m, 0));
	KUNIT_EXPECT_EQ(test, POP_PHASE_STATE_EXECUTED, pop_phase_state(m, 1));
	KUNIT_EXPECT_EQ(test, POP_PHASE_STATE_ACTIVE, pop_phase_state(m, 2));
	execute(test, m, 0, 1);
	KUNIT_EXPECT_EQ(test, POP_PHASE_STATE_EXECUTED, pop_phase_state(m, 0));
	KUNIT_EXPECT_EQ(test, POP_PHASE_STATE_PENDING, pop_phase_state(m, 5));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(local_gate__waits_for_inputs_only),
	KUNIT_CASE(local_gate__inputs_out_of_order),
	KUNIT_CASE(local_gate__to_the_end),
	KUNIT_CASE(window__opens_and_retires),
	KUNIT_CASE(window__retires_late_channels),
	KUNIT_CASE(window__leaves_many_to_the_work),
	KUNIT_CASE(window__leaves_many_slots_to_the_work),
	KUNIT_CASE(window__leaves_many_phases_to_the_work),
	KUNIT_CASE(window__leaves_far_keys_to_the_work),
	KUNIT_CASE(global_gate__waits_for_all),
	KUNIT_CASE(global_gate__asks_at_the_next_one),
	KUNIT_CASE(global_gate__waits_for_own_outputs),
	KUNIT_CASE(global_gate__nobody_goes_back),
	KUNIT_CASE(global_gate__tells_the_others),
	KUNIT_CASE(global_gate__asks_nobody_after_the_end),
	KUNIT_CASE(manual__goes_no_further),
	KUNIT_CASE(manual__goes_on_when_it_can),
	KUNIT_CASE(manual__refuses),
	KUNIT_CASE(manual__at_a_global_gate),
	KUNIT_CASE(ready__when_it_has_come_near),
	KUNIT_CASE(state__of_phases),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_phase",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
