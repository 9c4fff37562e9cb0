// SPDX-License-Identifier: GPL-2.0
/* Tests of slots: pairing header with payload, checking, delivering. */

#include "evidence.h"
#include "fixture_test.h"
#include "channel.h"
#include "rx.h"
#include "slot.h"

#define LONGEST	4096
#define CUT	POP_FRAGMENT_MIN

/* Party 1 receives; action 0 has slots enough for all. */
static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 24, .max = LONGEST },
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 1, .max = LONGEST },
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 3, .max = LONGEST },
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 1, .max = 16 * LONGEST },
};

static const struct pop_test_plan plan = {
	.parties = 2, .phases = 1,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

/* Four phases, to be taken to their end. */
static const struct pop_test_action few_actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1) },
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 3 },
	{ .phase = 1, .from = 0, .to = BIT(1) },
	{ .phase = 2, .from = 0, .to = BIT(1) },
	{ .phase = 3, .from = 0, .to = BIT(1) },
};

static const struct pop_test_plan few = {
	.parties = 2, .phases = 4,
	.actions = few_actions, .nr_actions = ARRAY_SIZE(few_actions),
};

static struct pop_member *member(struct kunit *test)
{
	return pop_test_member(test, pop_test_contract(test, &plan), 1);
}

static void pair__header_first(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg;
	u8 digest[POP_HASH_LEN];

	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	POP_EXPECT_STATE(test, m, ch, OPEN);
	pop_test_give_header(test, m, ch, 0, msg);
	POP_EXPECT_STATE(test, m, ch, HALF_HEADER);
	KUNIT_EXPECT_LT(test, pop_test_recv(sock, NULL, 0), 0);
	pop_test_give_payload(test, m, ch, 0, msg, 0);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
	pop_test_expect_message(test, sock, msg);
	pop_channel_state(m, ch, digest, NULL);
	KUNIT_EXPECT_MEMEQ(test, digest, msg->header.digest, POP_HASH_LEN);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
	KUNIT_EXPECT_TRUE(test, atomic_read(&m->running));
	POP_EXPECT_COUNTED(test, RX_EXECUTED, 1);
}

static void pair__payload_first(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg;

	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	pop_test_give_payload(test, m, ch, 0, msg, 0);
	POP_EXPECT_STATE(test, m, ch, HALF_PAYLOAD);
	KUNIT_EXPECT_GT(test, atomic_read(&m->peer[0].early), 0);
	KUNIT_EXPECT_GT(test, pop_test_pending(), 0);
	pop_test_give_header(test, m, ch, 0, msg);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
	pop_test_expect_message(test, sock, msg);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->peer[0].early), 0);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
}

/* Next permutation in lexicographic order; false after the last. */
static bool permute(u8 *p, int n)
{
	int i, j;

	for (i = n - 2; i >= 0 && p[i] > p[i + 1]; i--)
		;
	if (i < 0)
		return false;
	for (j = n - 1; p[j] < p[i]; j--)
		;
	swap(p[i], p[j]);
	for (i++, j = n - 1; i < j; i++, j--)
		swap(p[i], p[j]);
	return true;
}

/* A header and three fragments in each of their 24 orders. */
static void pair__any_order(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct socket *sock = pop_test_socket(test, m);
	u8 order[] = { 0, 1, 2, 3 };
	u32 i, seq = 0;

	do {
		struct pop_test_message *msg;

		msg = pop_test_message(test, m, ch, seq, 700, CUT, seq);
		KUNIT_ASSERT_EQ(test, msg->nr, 3);
		for (i = 0; i < ARRAY_SIZE(order); i++) {
			KUNIT_EXPECT_EQ(test, ch->done, seq);
			if (order[i])
				pop_test_give_payload(test, m, ch, seq, msg,
						      order[i] - 1);
			else
				pop_test_give_header(test, m, ch, seq, msg);
		}
		KUNIT_ASSERT_EQ(test, ch->done, seq + 1);
		pop_test_expect_message(test, sock, msg);
		seq++;
	} while (permute(order, ARRAY_SIZE(order)));
	KUNIT_EXPECT_EQ(test, seq, 24);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->peer[0].early), 0);
}

/* Where the number of fragments changes, and at the ends. */
static void pair__any_length(struct kunit *test)
{
	static const u32 length[] = {
		0, 1, CUT - POP_BLIND_LEN - 1, CUT - POP_BLIND_LEN,
		CUT - POP_BLIND_LEN + 1, 2 * CUT - POP_BLIND_LEN,
		2 * CUT - POP_BLIND_LEN + 1, LONGEST,
	};
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct socket *sock = pop_test_socket(test, m);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(length); i++) {
		struct pop_test_message *msg;

		msg = pop_test_message(test, m, ch, i, length[i], CUT, i);
		pop_test_give_all(test, m, ch, i, msg);
		KUNIT_ASSERT_EQ(test, ch->done, i + 1);
		pop_test_expect_message(test, sock, msg);
	}
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
}

/* Slots of a channel are associative, its digest is in their order. */
/* What follows the first fragment is too much for one go: see repair.c. */
static void pair__first_fragment_last(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 3);
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg;
	u32 i;

	msg = pop_test_message(test, m, ch, 0, 16 * LONGEST, CUT, 1);
	/* its work does nothing */
	m->dead = true;
	pop_test_give_header(test, m, ch, 0, msg);
	for (i = 1; i < msg->nr; i++)
		pop_test_give_payload(test, m, ch, 0, msg, i);
	pop_test_give_payload(test, m, ch, 0, msg, 0);
	POP_EXPECT_STATE(test, m, ch, HALF_HEADER);
	/* the next one to join, once more */
	pop_test_give_payload(test, m, ch, 0, msg, ch->open->slot[0].rx->joined);
	POP_EXPECT_COUNTED(test, RX_DUPLICATE, 1);
	m->dead = false;
	pop_rx_catch_up(m, ch, 0);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
	pop_test_expect_message(test, sock, msg);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
}

static void pair__slots_in_any_order(struct kunit *test)
{
	static const u8 order[] = { 2, 0, 1 };
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 2);
	struct socket *sock = pop_test_socket(test, m);
	u8 expected[POP_HASH_LEN] = {}, digest[POP_HASH_LEN];
	struct pop_test_message *msg[3];
	int i;

	for (i = 0; i < 3; i++) {
		msg[i] = pop_test_message(test, m, ch, i, 50 + i, 1024, i);
		pop_key_digest_chain(expected, msg[i]->header.digest);
	}
	for (i = 0; i < 3; i++) {
		pop_test_give_all(test, m, ch, order[i], msg[order[i]]);
		pop_test_expect_message(test, sock, msg[order[i]]);
	}
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
	pop_channel_state(m, ch, digest, NULL);
	KUNIT_EXPECT_MEMEQ(test, digest, expected, POP_HASH_LEN);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->in_done), 1);
}

/* The last message of the last input of a phase takes the member on. */
static void pair__moves_the_phase(struct kunit *test)
{
	struct pop_contract *c = pop_test_contract(test, &few);
	struct pop_member *m = pop_test_member(test, c, 1);
	struct pop_test_message *msg;
	u32 i, seq;

	pop_test_socket(test, m);
	for (i = 0; i < m->nr_in; i++) {
		struct pop_channel *ch = &m->channel[i];

		for (seq = 0; seq < ch->count; seq++) {
			KUNIT_ASSERT_EQ(test, m->phase, ch->phase);
			msg = pop_test_message(test, m, ch, seq, 0, 1024, 0);
			pop_test_give_all(test, m, ch, seq, msg);
		}
	}
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_SETTLING, pop_member_state(m));
}

/*
 * The right header, and a payload that says so but has a wrong bit. The bit is
 * in one of the fragments; all are asked for again.
 */
static void check__wrong_crc(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg;
	long half;
	u32 i;

	msg = pop_test_message(test, m, ch, 0, 900, CUT, 1);
	pop_test_give_header(test, m, ch, 0, msg);
	half = pop_test_pending();
	for (i = 0; i < msg->len; i += 100) {
		u32 fragment;

		msg->stream[i] ^= 1;
		for (fragment = 0; fragment < msg->nr; fragment++)
			pop_test_give_payload(test, m, ch, 0, msg, fragment);
		msg->stream[i] ^= 1;
		/* only once can the sender be excused */
		if (i)
			POP_EXPECT_STATE(test, m, ch, VIOLATED);
		else
			POP_EXPECT_STATE(test, m, ch, HALF_HEADER);
		/* what was dropped is not held against anyone any more */
		KUNIT_EXPECT_EQ(test, pop_test_pending(), half);
	}
	POP_EXPECT_COUNTED(test, RX_BAD_CRC, DIV_ROUND_UP(msg->len, 100));
	POP_EXPECT_COUNTED(test, RX_CONTRADICTION,
			   DIV_ROUND_UP(msg->len, 100) - 1);
	KUNIT_EXPECT_EQ(test, m->peer[ch->peer].nr_evidence, 1);
	for (i = 0; i < msg->nr; i++)
		pop_test_give_payload(test, m, ch, 0, msg, i);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
	pop_test_expect_message(test, sock, msg);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
}

/* CRC and seal are right, but the header commits to something else. */
static void check__wrong_digest(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *msg;
	int i;

	pop_test_socket(test, m);
	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	msg->header.digest[31] ^= 1;
	pop_test_give_header(test, m, ch, 0, msg);
	for (i = 1; i <= 3; i++) {
		pop_test_give_payload(test, m, ch, 0, msg, 0);
		POP_EXPECT_COUNTED(test, RX_BAD_DIGEST, i);
		POP_EXPECT_COUNTED(test, RX_CONTRADICTION, i - 1);
	}
	POP_EXPECT_STATE(test, m, ch, VIOLATED);
	POP_EXPECT_COUNTED(test, RX_BAD_CRC, 0);
	POP_EXPECT_COUNTED(test, RX_EXECUTED, 0);
}

/* A digest of another slot does not do, though the bytes are the same. */
static void check__digest_of_another_slot(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct pop_test_message *msg;

	pop_test_socket(test, m);
	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	pop_test_give_all(test, m, ch, 1, msg);
	POP_EXPECT_COUNTED(test, RX_BAD_DIGEST, 1);
	KUNIT_EXPECT_EQ(test, ch->done, 0);
}

/* The payload says to which header it belongs. */
static void check__payload_of_another_header(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg, *other;

	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	other = pop_test_message(test, m, ch, 0, 100, 1024, 2);
	pop_test_give_header(test, m, ch, 0, msg);
	pop_test_give_payload(test, m, ch, 0, other, 0);
	POP_EXPECT_COUNTED(test, RX_BAD_CRC, 1);
	POP_EXPECT_STATE(test, m, ch, HALF_HEADER);
	pop_test_give_payload(test, m, ch, 0, msg, 0);
	pop_test_expect_message(test, sock, msg);
}

/* The same when it came first. */
static void check__early_payload_of_another_header(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *msg, *other;

	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	other = pop_test_message(test, m, ch, 0, 100, 1024, 2);
	pop_test_give_payload(test, m, ch, 0, other, 0);
	POP_EXPECT_STATE(test, m, ch, HALF_PAYLOAD);
	pop_test_give_header(test, m, ch, 0, msg);
	POP_EXPECT_COUNTED(test, RX_BAD_CRC, 1);
	POP_EXPECT_STATE(test, m, ch, HALF_HEADER);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->peer[0].early), 0);
}

static void check__bad_header(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *good, bad;

	good = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	bad = *good;
	bad.header.reserved = 1;
	pop_test_give_header(test, m, ch, 0, &bad);
	bad = *good;
	bad.header.evidence = POP_EVIDENCE_EACH;
	pop_test_give_header(test, m, ch, 0, &bad);
	bad = *good;
	bad.header.length = cpu_to_be32(LONGEST + 1);
	pop_test_give_header(test, m, ch, 0, &bad);
	bad = *good;
	bad.header.length = cpu_to_be32(U32_MAX);
	pop_test_give_header(test, m, ch, 0, &bad);
	bad = *good;
	bad.header.fragment_len = cpu_to_be16(POP_FRAGMENT_MIN - 1);
	pop_test_give_header(test, m, ch, 0, &bad);
	bad = *good;
	bad.header.fragment_len = 0;
	pop_test_give_header(test, m, ch, 0, &bad);
	POP_EXPECT_COUNTED(test, RX_BAD_HEADER, 6);
	POP_EXPECT_STATE(test, m, ch, OPEN);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);

	/* none of them stands in the way of the right one */
	pop_test_give_all(test, m, ch, 0, good);
	POP_EXPECT_STATE(test, m, ch, HELD);
}

/* A bad header does not cost the payload that came before it. */
static void check__bad_header_after_payload(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *good, bad;

	good = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	bad = *good;
	bad.header.reserved = 1;
	pop_test_give_payload(test, m, ch, 0, good, 0);
	pop_test_give_header(test, m, ch, 0, &bad);
	POP_EXPECT_STATE(test, m, ch, HALF_PAYLOAD);
	pop_test_give_header(test, m, ch, 0, good);
	POP_EXPECT_STATE(test, m, ch, HELD);
}

static void check__bad_fragment(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *msg;
	struct sk_buff *skb;

	msg = pop_test_message(test, m, ch, 0, 900, CUT, 1);
	pop_test_give_header(test, m, ch, 0, msg);

	/* two that the message does not have */
	skb = pop_test_payload(test, msg, 3);
	POP_SKB_CB(skb)->fragment = 4;
	pop_test_give(m, ch, 0, skb);
	skb = pop_test_payload(test, msg, 3);
	POP_SKB_CB(skb)->fragment = U16_MAX - 1;
	pop_test_give(m, ch, 0, skb);

	/* a byte less, and a byte more than it has to have */
	skb = pop_test_payload(test, msg, 0);
	skb_trim(skb, skb->len - 1);
	pop_test_give(m, ch, 0, skb);
	skb = pop_test_payload(test, msg, 0);
	skb_put_zero(skb, 1);
	pop_test_give(m, ch, 0, skb);
	skb = pop_test_payload(test, msg, 3);
	skb_put_zero(skb, 1);
	pop_test_give(m, ch, 0, skb);

	/* the last in the place of another one */
	skb = pop_test_payload(test, msg, 3);
	POP_SKB_CB(skb)->fragment = 1;
	pop_test_give(m, ch, 0, skb);
	POP_EXPECT_COUNTED(test, RX_BAD_FRAGMENT, 6);
	POP_EXPECT_STATE(test, m, ch, HALF_HEADER);
}

static void duplicate__units(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg;
	long before;

	msg = pop_test_message(test, m, ch, 0, 300, CUT, 1);
	KUNIT_ASSERT_EQ(test, msg->nr, 2);
	/* before the header */
	pop_test_give_payload(test, m, ch, 0, msg, 1);
	before = pop_test_pending();
	pop_test_give_payload(test, m, ch, 0, msg, 1);
	POP_EXPECT_COUNTED(test, RX_DUPLICATE, 1);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), before);
	/* the header, and behind it */
	pop_test_give_header(test, m, ch, 0, msg);
	before = pop_test_pending();
	pop_test_give_header(test, m, ch, 0, msg);
	pop_test_give_payload(test, m, ch, 0, msg, 1);
	POP_EXPECT_COUNTED(test, RX_DUPLICATE, 3);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), before);
	/* after the message was delivered */
	pop_test_give_payload(test, m, ch, 0, msg, 0);
	KUNIT_EXPECT_EQ(test, ch->done, 1);
	pop_test_give_all(test, m, ch, 0, msg);
	POP_EXPECT_COUNTED(test, RX_DUPLICATE, 6);
	pop_test_expect_message(test, sock, msg);
	KUNIT_EXPECT_EQ(test, -EAGAIN, pop_test_recv(sock, NULL, 0));
	POP_EXPECT_COUNTED(test, RX_EXECUTED, 1);
}

/* Also when the channel has been given up, phases later. */
static void duplicate__of_a_retired_channel(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *msg;

	pop_test_socket(test, m);
	msg = pop_test_message(test, m, ch, 0, 10, 1024, 1);
	pop_test_give_all(test, m, ch, 0, msg);
	pop_channel_retire(m, 0, GFP_KERNEL);
	KUNIT_ASSERT_NULL(test, ch->open);
	pop_test_give_all(test, m, ch, 0, msg);
	POP_EXPECT_COUNTED(test, RX_DUPLICATE, 2);
}

static void contradiction__of_headers(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *msg, *other;

	pop_test_socket(test, m);
	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	other = pop_test_message(test, m, ch, 0, 100, 1024, 2);
	pop_test_give_header(test, m, ch, 0, msg);
	pop_test_give_header(test, m, ch, 0, other);
	POP_EXPECT_COUNTED(test, RX_CONTRADICTION, 1);
	POP_EXPECT_STATE(test, m, ch, VIOLATED);
	KUNIT_EXPECT_EQ(test, m->peer[ch->peer].nr_evidence, 1);
	/* neither is delivered */
	pop_test_give_payload(test, m, ch, 0, msg, 0);
	POP_EXPECT_COUNTED(test, RX_EXECUTED, 0);
	POP_EXPECT_COUNTED(test, RX_DUPLICATE, 1);
}

/* A message that is whole, and that no socket has taken. */
static void contradiction__of_a_held_message(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *msg, *other;

	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	other = pop_test_message(test, m, ch, 0, 100, 1024, 2);
	pop_test_give_all(test, m, ch, 0, msg);
	POP_EXPECT_STATE(test, m, ch, HELD);
	pop_test_give_header(test, m, ch, 0, other);
	POP_EXPECT_STATE(test, m, ch, VIOLATED);
	KUNIT_EXPECT_EQ(test, m->nr_held, 0);
	pop_test_socket(test, m);
	POP_EXPECT_COUNTED(test, RX_EXECUTED, 0);
}

/* What is delivered stays so. */
static void contradiction__of_an_executed_slot(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *msg, *other;

	pop_test_socket(test, m);
	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	other = pop_test_message(test, m, ch, 0, 100, 1024, 2);
	pop_test_give_all(test, m, ch, 0, msg);
	pop_test_give_header(test, m, ch, 0, msg);
	POP_EXPECT_COUNTED(test, RX_CONTRADICTION, 0);
	pop_test_give_header(test, m, ch, 0, other);
	POP_EXPECT_COUNTED(test, RX_CONTRADICTION, 1);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
}

/* What a faulty peer can make any number of does not push out what shows it. */
static void contradiction__beyond_many_echoes(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_peer *peer = &m->peer[ch->peer];
	struct pop_exhibit x = {};
	u32 i;

	spin_lock_bh(&ch->lock);
	for (i = 0; i < 2 * POP_EVIDENCE_MAX; i++)
		pop_evidence_add(peer, ch, i, POP_CONTRADICTION_ECHO, &x, &x);
	KUNIT_EXPECT_EQ(test, peer->nr_evidence, POP_EVIDENCE_MAX / 2);
	for (i = 0; i < 2 * POP_EVIDENCE_MAX; i++)
		pop_evidence_add(peer, ch, i, POP_CONTRADICTION_HEADERS, &x, &x);
	spin_unlock_bh(&ch->lock);
	KUNIT_EXPECT_EQ(test, peer->nr_evidence, POP_EVIDENCE_MAX);
	POP_EXPECT_COUNTED(test, EVIDENCE_FULL, 3 * POP_EVIDENCE_MAX);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pair__header_first),
	KUNIT_CASE(pair__payload_first),
	KUNIT_CASE(pair__any_order),
	KUNIT_CASE(pair__any_length),
	KUNIT_CASE(pair__first_fragment_last),
	KUNIT_CASE(pair__slots_in_any_order),
	KUNIT_CASE(pair__moves_the_phase),
	KUNIT_CASE(check__wrong_crc),
	KUNIT_CASE(check__wrong_digest),
	KUNIT_CASE(check__digest_of_another_slot),
	KUNIT_CASE(check__payload_of_another_header),
	KUNIT_CASE(check__early_payload_of_another_header),
	KUNIT_CASE(check__bad_header),
	KUNIT_CASE(check__bad_header_after_payload),
	KUNIT_CASE(check__bad_fragment),
	KUNIT_CASE(duplicate__units),
	KUNIT_CASE(duplicate__of_a_retired_channel),
	KUNIT_CASE(contradiction__of_headers),
	KUNIT_CASE(contradiction__of_a_held_message),
	KUNIT_CASE(contradiction__of_an_executed_slot),
	KUNIT_CASE(contradiction__beyond_many_echoes),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_slot",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
