// SPDX-License-Identifier: GPL-2.0
/* Tests of a member's profile, and of channels opening and closing. */

#include "fixture_test.h"
#include "channel.h"
#include "output.h"
#include "phase.h"

/*
 * Five phases of 0 -> 1, and around them what 1 sends and 2 gets, so that
 * party 1 has inputs and outputs in some phases, and none in others.
 */
static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1) | BIT(2), .count = 3,
	  .minutes = 30, .same = true },
	{ .phase = 0, .from = 1, .to = BIT(0) | BIT(2), .count = 2 },
	{ .phase = 0, .from = 2, .to = BIT(1) },
	{ .phase = 1, .from = 0, .to = BIT(2) },
	{ .phase = 2, .from = 1, .to = BIT(0), .minutes = 5 },
	{ .phase = 2, .from = 1, .to = BIT(2) },
	{ .phase = 3, .from = 0, .to = BIT(1) },
	{ .phase = 4, .from = 2, .to = BIT(0) | BIT(1) },
};

static const struct pop_test_plan plan = {
	.parties = 3, .phases = 5,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

static struct pop_member *member(struct kunit *test, u16 party)
{
	return pop_test_member(test, pop_test_contract(test, &plan), party);
}

static bool execute(struct pop_member *m, struct pop_channel *ch, u32 seq,
		    const u8 *digest)
{
	struct pop_header header = {};
	bool last;

	memcpy(header.digest, digest, sizeof(header.digest));
	spin_lock_bh(&ch->lock);
	last = pop_channel_execute(m, ch, seq, &header);
	spin_unlock_bh(&ch->lock);
	return last;
}

/* Inputs by phase and action, then outputs by phase, action and recipient. */
static void profile__order(struct kunit *test)
{
	static const struct pop_channel expected[] = {
		{ .phase = 0, .action = 0, .peer = 0, .count = 3 },
		{ .phase = 0, .action = 2, .peer = 2, .count = 1 },
		{ .phase = 3, .action = 6, .peer = 0, .count = 1 },
		{ .phase = 4, .action = 7, .peer = 2, .count = 1 },
		{ .phase = 0, .action = 1, .peer = 0, .count = 2 },
		{ .phase = 0, .action = 1, .peer = 2, .count = 2 },
		{ .phase = 2, .action = 4, .peer = 0, .count = 1 },
		{ .phase = 2, .action = 5, .peer = 2, .count = 1 },
	};
	struct pop_member *m = member(test, 1);
	u32 i;

	KUNIT_ASSERT_EQ(test, m->nr_in, 4);
	KUNIT_ASSERT_EQ(test, m->nr_out, 4);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		KUNIT_EXPECT_EQ(test, m->channel[i].phase, expected[i].phase);
		KUNIT_EXPECT_EQ(test, (u32)m->channel[i].action,
				(u32)expected[i].action);
		KUNIT_EXPECT_EQ(test, m->channel[i].peer, expected[i].peer);
		KUNIT_EXPECT_EQ(test, m->channel[i].count, expected[i].count);
		KUNIT_EXPECT_EQ(test, i < 4,
				pop_channel_is_input(m, &m->channel[i]));
	}
}

static void profile__index(struct kunit *test)
{
	static const u32 first_in[] = { 0, 2, 2, 2, 3, 4 };
	static const u32 first_out[] = { 4, 6, 6, 8, 8, 8 };
	static const u32 channel[] = { 0, 4, 1, POP_NO_CHANNEL, 6, 7, 2, 3 };
	struct pop_member *m = member(test, 1);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(first_in); i++) {
		KUNIT_EXPECT_EQ(test, m->phases[i].first_in, first_in[i]);
		KUNIT_EXPECT_EQ(test, m->phases[i].first_out, first_out[i]);
	}
	for (i = 0; i < ARRAY_SIZE(channel); i++)
		KUNIT_EXPECT_EQ(test, m->actions[i].channel, channel[i]);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->phases[0].in_left), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->phases[0].out_left), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->actions[1].left), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->actions[0].left), 0);
	KUNIT_EXPECT_EQ(test, m->minutes_total, 5);
}

/* Who sends and who receives have the same channels, and the same keys. */
static void open__keys_of_both_ends(struct kunit *test)
{
	struct pop_contract *c = pop_test_contract(test, &plan);
	struct pop_member *a = pop_test_member(test, c, 0);
	struct pop_member *b = pop_test_member(test, c, 1);
	struct pop_channel *out, *in, *back;

	out = pop_test_channel(test, a, 0, 0);
	in = pop_test_channel(test, b, 0, 0);
	back = pop_test_channel(test, b, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, out->open);
	KUNIT_ASSERT_NOT_NULL(test, in->open);
	KUNIT_EXPECT_MEMEQ(test, out->open->key, in->open->key, POP_KEY_LEN);
	KUNIT_EXPECT_MEMNEQ(test, out->open->key, back->open->key, POP_KEY_LEN);

	/* to another recipient of the same action under another key */
	KUNIT_EXPECT_EQ(test, (u32)out[1].action, (u32)out[0].action);
	KUNIT_EXPECT_MEMNEQ(test, out[0].open->key, out[1].open->key,
			    POP_KEY_LEN);
}

static void open__key_of_its_phase(struct kunit *test)
{
	struct pop_member *m = member(test, 1);
	struct pop_channel *ch = pop_test_channel(test, m, 2, 0);
	u8 k[POP_KEY_LEN], key[POP_KEY_LEN];
	struct pop_ratchet r;

	pop_test_key(k, 1, 0);
	pop_ratchet_init(&r, k);
	pop_ratchet_step(&r, 2);
	pop_ratchet_key(key, &r);
	KUNIT_ASSERT_NOT_NULL(test, ch->open);
	KUNIT_EXPECT_MEMEQ(test, ch->open->key, key, POP_KEY_LEN);
}

/* Behind an open phase no key of it is left but in its channels. */
static void open__steps_the_ratchet(struct kunit *test)
{
	struct pop_member *m = member(test, 1);

	/* phases 0 to 2 are open; the last that uses the direction counts */
	KUNIT_EXPECT_EQ(test, m->window, 3);
	KUNIT_EXPECT_EQ(test, m->peer[0].ratchet_rx.phase, 1);
	KUNIT_EXPECT_EQ(test, m->peer[0].ratchet_tx.phase, 3);
	KUNIT_EXPECT_EQ(test, m->peer[2].ratchet_rx.phase, 1);
	KUNIT_EXPECT_EQ(test, m->peer[2].ratchet_tx.phase, 3);
}

static void open__window_only(struct kunit *test)
{
	struct pop_member *m = member(test, 1);
	u32 i;

	for (i = 0; i < m->nr_in + m->nr_out; i++) {
		struct pop_channel *ch = &m->channel[i];

		KUNIT_EXPECT_EQ(test, ch->phase <= POP_WINDOW, !!ch->open);
		KUNIT_EXPECT_EQ(test, pop_test_state(m, ch),
				ch->open ? POP_CHANNEL_STATE_OPEN :
					   POP_CHANNEL_STATE_CLOSED);
	}
}

/* After an allocation has failed it is tried again. */
static void open__again(struct kunit *test)
{
	struct pop_member *m = member(test, 1);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct pop_ratchet before = m->peer[0].ratchet_rx;
	struct pop_open *open = ch->open;

	KUNIT_EXPECT_EQ(test, 0, pop_channel_open_phase(m, 0, GFP_KERNEL));
	KUNIT_EXPECT_PTR_EQ(test, ch->open, open);
	KUNIT_EXPECT_MEMEQ(test, &m->peer[0].ratchet_rx, &before,
			   sizeof(before));
}

/* Whoever is late in opening a phase leaves no key behind. */
static void open__not_after_the_end(struct kunit *test)
{
	struct pop_member *m = member(test, 1);
	u32 i;

	m->contract->ended = POP_CONTRACT_STATE_ABORTED;
	pop_channel_end(m);
	KUNIT_EXPECT_EQ(test, 0, pop_channel_open_phase(m, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, pop_channel_open_phase(m, 3, GFP_ATOMIC));
	m->contract->ended = 0;
	m->dead = true;
	KUNIT_EXPECT_EQ(test, 0, pop_channel_open_phase(m, 1, GFP_KERNEL));
	for (i = 0; i < m->nr_in + m->nr_out; i++)
		KUNIT_EXPECT_NULL(test, m->channel[i].open);
	m->dead = false;
}

/* While a message was copied its contract can have ended. */
static void end__refuses_what_was_copied(struct kunit *test)
{
	const union pop_addr nobody = { .in4 = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	} };
	struct pop_member *m = member(test, 1);
	struct pop_channel *ch = pop_test_channel(test, m, 2, 0);
	struct pop_channel *later = pop_test_channel(test, m, 2, 1);
	struct pop_message msg = { .m = m };
	struct kvec vec = { .iov_base = "x", .iov_len = 1 };
	struct msghdr from = {};

	pop_peer_set_addr(&m->peer[0], &nobody);
	pop_peer_set_addr(&m->peer[2], &nobody);
	iov_iter_kvec(&from.msg_iter, ITER_SOURCE, &vec, 1, 1);
	KUNIT_ASSERT_EQ(test, 0, pop_output_copy(&msg, ch, 1, &from, 1));
	m->contract->ended = POP_CONTRACT_STATE_ABORTED;
	pop_channel_end(m);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			pop_output(&msg, ch, 1, POP_SEQ_NEXT));
	m->contract->ended = 0;
	/* as for one whose phase is not there yet */
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			pop_output(&msg, ch, 1, POP_SEQ_NEXT));
	m->dead = true;
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			pop_output(&msg, later, 1, POP_SEQ_NEXT));
	m->dead = false;
	pop_output_free(&msg);
}

static bool has_key(struct pop_member *m, struct pop_channel *ch)
{
	const struct pop_slot_id slot = {};
	u8 key[POP_KEY_LEN];

	return pop_channel_message_key(m, ch, &slot, 0, key);
}

/*
 * Of a group payload that may not have arrived its recipient can want its own
 * fragments, when the contract was closed, too; of anything else no key is left.
 */
static void end__keeps_the_key_of_a_group(struct kunit *test)
{
	struct pop_member *m = member(test, 0);
	struct pop_channel *group = pop_test_channel(test, m, 0, 0);
	struct pop_channel *other = group + 1, *one;
	struct list_head kept;

	one = pop_test_channel(test, m, 1, 0);
	KUNIT_EXPECT_TRUE(test, has_key(m, one));
	list_add(&kept, &group->open->pending);
	m->contract->ended = POP_CONTRACT_STATE_CLOSED;
	pop_channel_end(m);
	KUNIT_EXPECT_TRUE(test, has_key(m, group));
	KUNIT_EXPECT_FALSE(test, has_key(m, other));
	KUNIT_EXPECT_FALSE(test, has_key(m, one));
	m->contract->ended = POP_CONTRACT_STATE_ABORTED;
	KUNIT_EXPECT_FALSE(test, has_key(m, group));

	m->contract->ended = POP_CONTRACT_STATE_CLOSED;
	list_del(&kept);
	pop_channel_end(m);
	KUNIT_EXPECT_FALSE(test, has_key(m, group));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(group->open->key, 0, POP_KEY_LEN));
}

static void execute__digest_of_one(struct kunit *test)
{
	struct pop_member *m = member(test, 1);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 2);
	u8 d[POP_HASH_LEN], digest[POP_HASH_LEN];
	u32 done;

	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_OPEN,
			pop_channel_state(m, ch, digest, &done));
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(digest, 0, sizeof(digest)));
	memset(d, 7, sizeof(d));
	KUNIT_EXPECT_TRUE(test, execute(m, ch, 0, d));
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_EXECUTED,
			pop_channel_state(m, ch, digest, &done));
	KUNIT_EXPECT_EQ(test, done, 1);
	KUNIT_EXPECT_MEMEQ(test, digest, d, sizeof(d));
}

/* In whatever order: the digests are chained by sequence. */
static void execute__digest_of_many(struct kunit *test)
{
	static const u8 order[][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	u8 expected[POP_HASH_LEN] = {}, d[3][POP_HASH_LEN];
	int i, j;

	for (i = 0; i < 3; i++) {
		memset(d[i], 0x11 * (i + 1), POP_HASH_LEN);
		pop_key_digest_chain(expected, d[i]);
	}
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		struct pop_test_plan other = plan;
		struct pop_channel *ch;
		struct pop_member *m;
		u8 digest[POP_HASH_LEN];

		other.epoch = 100 + i;
		m = pop_test_member(test, pop_test_contract(test, &other), 1);
		ch = pop_test_channel(test, m, 0, 0);
		for (j = 0; j < 3; j++)
			KUNIT_EXPECT_EQ(test, j == 2,
					execute(m, ch, order[i][j],
						d[order[i][j]]));
		KUNIT_EXPECT_EQ(test, ch->next, 3);
		pop_channel_state(m, ch, digest, NULL);
		KUNIT_EXPECT_MEMEQ(test, digest, expected, POP_HASH_LEN);
	}
}

/* A gap holds the digest back, and is filled later. */
static void execute__gap(struct kunit *test)
{
	struct pop_member *m = member(test, 1);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	u8 d[POP_HASH_LEN], digest[POP_HASH_LEN];
	u32 done;

	memset(d, 1, sizeof(d));
	execute(m, ch, 2, d);
	pop_channel_state(m, ch, digest, &done);
	KUNIT_EXPECT_EQ(test, done, 1);
	KUNIT_EXPECT_EQ(test, ch->next, 0);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(digest, 0, sizeof(digest)));
	execute(m, ch, 0, d);
	KUNIT_EXPECT_EQ(test, ch->next, 1);
	KUNIT_EXPECT_TRUE(test, execute(m, ch, 1, d));
	KUNIT_EXPECT_EQ(test, ch->next, 3);
}

/* What is behind a gap is too much for one go: the member's work does the rest. */
static void execute__long_chain(struct kunit *test)
{
	static const struct pop_test_action action = {
		.from = 0, .to = BIT(1), .count = 3000,
	};
	static const struct pop_test_plan one = {
		.parties = 2, .phases = 1, .actions = &action, .nr_actions = 1,
	};
	struct pop_contract *c = pop_test_contract(test, &one);
	struct pop_member *m = pop_test_member(test, c, 1);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	u8 expected[POP_HASH_LEN] = {}, d[POP_HASH_LEN] = { 1 };
	u8 digest[POP_HASH_LEN];
	u32 seq, done;

	for (seq = 0; seq < action.count; seq++)
		pop_key_digest_chain(expected, d);
	/* its work does nothing */
	m->dead = true;
	for (seq = 1; seq < action.count; seq++)
		KUNIT_ASSERT_FALSE(test, execute(m, ch, seq, d));
	KUNIT_EXPECT_FALSE(test, execute(m, ch, 0, d));
	pop_channel_state(m, ch, digest, &done);
	KUNIT_EXPECT_EQ(test, done, action.count - 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->in_done), 0);
	m->dead = false;
	pop_channel_catch_up(m);
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_EXECUTED,
			pop_channel_state(m, ch, digest, &done));
	KUNIT_EXPECT_EQ(test, done, action.count);
	KUNIT_EXPECT_MEMEQ(test, digest, expected, POP_HASH_LEN);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->in_done), 1);
}

static void done__books_minutes_once(struct kunit *test)
{
	struct pop_member *m = member(test, 0);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	u8 d[POP_HASH_LEN] = {};
	u32 i, to;

	KUNIT_EXPECT_EQ(test, m->minutes_total, 30);
	for (to = 0; to < 2; to++) {
		for (i = 0; i < 3; i++)
			KUNIT_EXPECT_EQ(test, i == 2, execute(m, &ch[to], i, d));
		pop_channel_done(m, &ch[to]);
		/* when the last recipient has all of its messages */
		KUNIT_EXPECT_EQ(test, atomic_read(&m->minutes), to ? 30 : 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&m->out_done), to + 1);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&m->phases[0].out_left), 0);
}

static void retire__done_channels_only(struct kunit *test)
{
	struct pop_member *m = member(test, 1);
	struct pop_channel *done = pop_test_channel(test, m, 0, 2);
	struct pop_channel *half = pop_test_channel(test, m, 0, 0);
	u8 d[POP_HASH_LEN], digest[POP_HASH_LEN];

	memset(d, 3, sizeof(d));
	KUNIT_EXPECT_TRUE(test, execute(m, done, 0, d));
	KUNIT_EXPECT_FALSE(test, execute(m, half, 0, d));
	pop_channel_retire(m, 0, GFP_KERNEL);
	KUNIT_EXPECT_NULL(test, done->open);
	KUNIT_EXPECT_NOT_NULL(test, half->open);

	/* what it came to is still there to see */
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_EXECUTED,
			pop_channel_state(m, done, digest, NULL));
	KUNIT_EXPECT_MEMEQ(test, digest, d, sizeof(d));
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_OPEN, pop_test_state(m, half));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(profile__order),
	KUNIT_CASE(profile__index),
	KUNIT_CASE(open__keys_of_both_ends),
	KUNIT_CASE(open__key_of_its_phase),
	KUNIT_CASE(open__steps_the_ratchet),
	KUNIT_CASE(open__window_only),
	KUNIT_CASE(open__again),
	KUNIT_CASE(open__not_after_the_end),
	KUNIT_CASE(end__refuses_what_was_copied),
	KUNIT_CASE(end__keeps_the_key_of_a_group),
	KUNIT_CASE(execute__digest_of_one),
	KUNIT_CASE(execute__digest_of_many),
	KUNIT_CASE(execute__gap),
	KUNIT_CASE(execute__long_chain),
	KUNIT_CASE(done__books_minutes_once),
	KUNIT_CASE(retire__done_channels_only),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_channel",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
