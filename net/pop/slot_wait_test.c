// SPDX-License-Identifier: GPL-2.0
/* Tests of slots: what has to wait, for a socket, a header or a key. */

#include "fixture_test.h"
#include "channel.h"
#include "early.h"
#include "relay.h"
#include "rx.h"
#include "seal.h"
#include "slot.h"
#include "socket.h"
#include "unit.h"

#define LONGEST	4096
#define SLOTS	150
#define CUT	POP_FRAGMENT_MIN

/* Party 1 receives. */
static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1), .count = SLOTS, .max = LONGEST },
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 1, .max = LONGEST },
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 3, .max = LONGEST },
	{ .phase = 1, .from = 0, .to = BIT(1) },
	{ .phase = 2, .from = 0, .to = BIT(1) },
	{ .phase = 3, .from = 0, .to = BIT(1) },
};

static const struct pop_test_plan plan = {
	.parties = 2, .phases = 4,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

static struct pop_member *member(struct kunit *test)
{
	return pop_test_member(test, pop_test_contract(test, &plan), 1);
}

static void held__until_a_socket_is_bound(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_test_message *msg;
	struct socket *sock;
	long before;

	msg = pop_test_message(test, m, ch, 0, 700, CUT, 1);
	pop_test_give_all(test, m, ch, 0, msg);
	POP_EXPECT_STATE(test, m, ch, HELD);
	KUNIT_EXPECT_EQ(test, m->nr_held, 1);
	KUNIT_EXPECT_EQ(test, ch->done, 0);
	POP_EXPECT_COUNTED(test, RX_HELD, 1);
	before = pop_test_pending();
	pop_test_give_all(test, m, ch, 0, msg);
	POP_EXPECT_COUNTED(test, RX_DUPLICATE, 1 + msg->nr);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), before);

	sock = pop_test_socket(test, m);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
	KUNIT_EXPECT_EQ(test, m->nr_held, 0);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
	pop_test_expect_message(test, sock, msg);
}

static void held__while_filters_refuse_it(struct kunit *test)
{
	struct pop_filter filter = pop_filter_any;
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg;

	filter.action = 2;
	lock_sock(sock->sk);
	KUNIT_ASSERT_EQ(test, 0, pop_set_filter(pop_sk(sock->sk), &filter));
	release_sock(sock->sk);
	msg = pop_test_message(test, m, ch, 0, 10, 1024, 1);
	pop_test_give_all(test, m, ch, 0, msg);
	POP_EXPECT_STATE(test, m, ch, HELD);
	pop_rx_deliver_held(m);
	POP_EXPECT_STATE(test, m, ch, HELD);

	filter.action = 1;
	lock_sock(sock->sk);
	KUNIT_ASSERT_EQ(test, 0, pop_set_filter(pop_sk(sock->sk), &filter));
	release_sock(sock->sk);
	pop_rx_deliver_held(m);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
	pop_test_expect_message(test, sock, msg);
}

/* Back-pressure: what has no room is held, and comes when there is some. */
static void held__without_room(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg[40];
	u32 seq, queued;

	WRITE_ONCE(sock->sk->sk_rcvbuf, SOCK_MIN_RCVBUF);
	for (seq = 0; seq < ARRAY_SIZE(msg); seq++) {
		msg[seq] = pop_test_message(test, m, ch, seq, 1000, 1100, seq);
		pop_test_give_all(test, m, ch, seq, msg[seq]);
	}
	queued = ch->done;
	KUNIT_EXPECT_GT(test, queued, 0);
	KUNIT_EXPECT_LT(test, queued, ARRAY_SIZE(msg));
	KUNIT_EXPECT_EQ(test, m->nr_held, ARRAY_SIZE(msg) - queued);
	/* receiving makes room, and makes use of it */
	for (seq = 0; seq < ARRAY_SIZE(msg); seq++)
		pop_test_expect_message(test, sock, msg[seq]);
	KUNIT_EXPECT_EQ(test, m->nr_held, 0);
	KUNIT_EXPECT_EQ(test, ch->done, ARRAY_SIZE(msg));
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
}

/* The oldest message of a channel that is not whole decides. */
static void state__of_the_oldest(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 2);
	struct pop_test_message *msg[3];
	int i;

	for (i = 0; i < 3; i++)
		msg[i] = pop_test_message(test, m, ch, i, 10, 1024, i);
	pop_test_give_payload(test, m, ch, 1, msg[1], 0);
	POP_EXPECT_STATE(test, m, ch, HALF_PAYLOAD);
	pop_test_give_header(test, m, ch, 0, msg[0]);
	POP_EXPECT_STATE(test, m, ch, HALF_PAYLOAD);
	pop_test_give_header(test, m, ch, 1, msg[1]);
	POP_EXPECT_STATE(test, m, ch, HELD);
	pop_test_socket(test, m);
	POP_EXPECT_STATE(test, m, ch, HALF_HEADER);
	pop_test_give_payload(test, m, ch, 0, msg[0], 0);
	POP_EXPECT_STATE(test, m, ch, OPEN);
	pop_test_give_all(test, m, ch, 2, msg[2]);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
}

static void open__out_of_reach(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 3, 0);
	struct pop_test_message *msg;

	msg = pop_test_message(test, m, ch, 0, 10, 1024, 1);
	POP_EXPECT_STATE(test, m, ch, CLOSED);
	pop_test_give_all(test, m, ch, 0, msg);
	POP_EXPECT_STATE(test, m, ch, CLOSED);
	POP_EXPECT_COUNTED(test, RX_NOT_OPEN, 2);
}

/* A peer that sends payloads only cannot make us hold more than so much. */
static void early__is_bounded(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct pop_test_message *msg;
	u32 seq, kept = 0;

	/* that it does not belong there is not known before its header */
	msg = pop_test_message(test, m, ch, 0, 1000, 1100, 1);
	for (seq = 0; seq < SLOTS; seq++) {
		u64 full = pop_test_counted(test, POP_MIB_RX_EARLY_FULL);

		pop_test_give_payload(test, m, ch, seq, msg, 0);
		kept += full == pop_test_counted(test, POP_MIB_RX_EARLY_FULL);
	}
	KUNIT_EXPECT_LT(test, kept, SLOTS);
	KUNIT_EXPECT_GT(test, kept, POP_EARLY_MAX / 8192);
	KUNIT_EXPECT_LE(test, atomic_read(&m->peer[0].early), POP_EARLY_MAX);
	POP_EXPECT_COUNTED(test, RX_EARLY_FULL, SLOTS - kept);
	/* nothing is kept of what was refused */
	KUNIT_EXPECT_TRUE(test, list_count_nodes(&ch->open->pending) == kept);
}

/* What one who sends bad payloads over and over can make us book. */
static void early__nothing_is_left(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct pop_test_message *msg, *other;
	long before = 0;
	u32 i;

	msg = pop_test_message(test, m, ch, 0, 100, 1024, 1);
	other = pop_test_message(test, m, ch, 0, 100, 1024, 2);
	pop_test_give_payload(test, m, ch, 0, other, 0);
	pop_test_give_header(test, m, ch, 0, msg);
	for (i = 0; i < 10; i++) {
		pop_test_give_payload(test, m, ch, 0, other, 0);
		pop_test_give_header(test, m, ch, 0, other);
		if (before)
			KUNIT_EXPECT_EQ(test, pop_test_pending(), before);
		before = pop_test_pending();
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&m->peer[0].early), 0);
}

/* ---- group payloads, whose key is in the header ---------------------------- */

/* The actions here have one recipient. */
static struct pop_test_message *
group_message(struct kunit *test, struct pop_member *m, struct pop_channel *ch,
	      u32 seq, u32 length, u16 fragment_len, u8 seed)
{
	struct pop_test_message *msg;

	msg = pop_test_message(test, m, ch, seq, length, fragment_len, seed);
	pop_test_vouch(test, msg, 1);
	return msg;
}

static void give_group_header(struct kunit *test, struct pop_member *m,
			      struct pop_channel *ch, u32 seq,
			      const struct pop_test_message *msg,
			      const u8 key[POP_KEY_LEN])
{
	const struct pop_outer outer = { .salt = pop_key_salt(&msg->header) };
	struct pop_header_group group;

	memcpy(group.key, key, sizeof(group.key));
	memcpy(group.vouched, msg->vouched, sizeof(group.vouched));
	rcu_read_lock();
	pop_rx_header(m, ch, seq, &outer, &msg->header, &group);
	rcu_read_unlock();
}

static void give_group_payload(struct kunit *test, struct pop_member *m,
			       struct pop_channel *ch, u32 seq,
			       const struct pop_test_message *msg, u32 fragment,
			       const u8 key[POP_KEY_LEN])
{
	struct sk_buff *skb = pop_test_payload(test, msg, fragment);
	const struct pop_unit u = {
		.type = POP_UNIT_PAYLOAD,
		.flags = POP_UNIT_F_GROUP,
		.fragment = fragment,
		.slot = pop_channel_slot(m, ch, seq),
	};

	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &u,
		       m->contract->group.cid, pop_key_salt(&msg->header));
	pop_seal(skb, key);
	POP_SKB_CB(skb)->sealed = true;
	pop_test_give(m, ch, seq, skb);
}

static void group__any_order(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct socket *sock = pop_test_socket(test, m);
	const u8 key[POP_KEY_LEN] = { 1, 2, 3 };
	struct pop_test_message *msg;

	msg = group_message(test, m, ch, 0, 500, CUT, 1);
	KUNIT_ASSERT_EQ(test, msg->nr, 3);
	give_group_payload(test, m, ch, 0, msg, 2, key);
	/* who knows whether it is one of the sender's */
	POP_EXPECT_STATE(test, m, ch, OPEN);
	KUNIT_EXPECT_GT(test, m->early_bytes, 0);
	give_group_header(test, m, ch, 0, msg, key);
	give_group_payload(test, m, ch, 0, msg, 0, key);
	give_group_payload(test, m, ch, 0, msg, 1, key);
	POP_EXPECT_STATE(test, m, ch, EXECUTED);
	pop_test_expect_message(test, sock, msg);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
}

static void group__wrong_key(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	const u8 key[POP_KEY_LEN] = { 1 }, other[POP_KEY_LEN] = { 2 };
	struct pop_test_message *msg;

	msg = group_message(test, m, ch, 0, 300, CUT, 1);
	/* anyone can have sent it: the header tells */
	give_group_payload(test, m, ch, 0, msg, 0, other);
	POP_EXPECT_STATE(test, m, ch, OPEN);
	give_group_header(test, m, ch, 0, msg, key);
	POP_EXPECT_COUNTED(test, RX_BAD_SEAL, 1);
	give_group_payload(test, m, ch, 0, msg, 1, other);
	POP_EXPECT_COUNTED(test, RX_BAD_SEAL, 2);
	give_group_payload(test, m, ch, 0, msg, 0, key);
	give_group_payload(test, m, ch, 0, msg, 1, key);
	POP_EXPECT_STATE(test, m, ch, HELD);
}

/* A forged payload that is faster takes nobody's place. */
static void group__forged_first(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	const u8 key[POP_KEY_LEN] = { 1 }, other[POP_KEY_LEN] = { 2 };
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg;

	msg = group_message(test, m, ch, 0, 100, 1024, 1);
	give_group_payload(test, m, ch, 0, msg, 0, other);
	give_group_payload(test, m, ch, 0, msg, 0, key);
	give_group_payload(test, m, ch, 0, msg, 0, other);
	give_group_header(test, m, ch, 0, msg, key);
	POP_EXPECT_COUNTED(test, RX_BAD_SEAL, 2);
	pop_test_expect_message(test, sock, msg);
	KUNIT_EXPECT_EQ(test, m->early_bytes, 0);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
}

/* Junk is not for ever: what came last is there when the header comes. */
static void group__junk_goes(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 1);
	struct pop_channel *other = pop_test_channel(test, m, 0, 2);
	const u8 key[POP_KEY_LEN] = { 1 }, junk[POP_KEY_LEN] = { 2 };
	struct socket *sock = pop_test_socket(test, m);
	struct pop_test_message *msg;
	u32 i, full = 0;

	msg = group_message(test, m, ch, 0, 1000, 1100, 1);
	for (i = 0; i < POP_EARLY_MAX / 512 || full < 10; i++) {
		u64 before = pop_test_counted(test, POP_MIB_RX_EARLY_FULL);

		give_group_payload(test, m, i % 2 ? ch : other, 0, msg, 0,
				   junk);
		full += pop_test_counted(test, POP_MIB_RX_EARLY_FULL) - before;
		KUNIT_ASSERT_LE(test, m->early_bytes, POP_EARLY_MAX);
	}
	KUNIT_EXPECT_EQ(test, pop_test_pending(), m->early_bytes);
	give_group_payload(test, m, ch, 0, msg, 0, key);
	KUNIT_EXPECT_GT(test, m->early_bytes, POP_EARLY_MAX / 2);
	give_group_header(test, m, ch, 0, msg, key);
	pop_test_expect_message(test, sock, msg);
	POP_EXPECT_STATE(test, m, other, OPEN);
	pop_early_purge(m);
	KUNIT_EXPECT_EQ(test, m->early_bytes, 0);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
}

/* The header says which of the two seals a payload has. */
static void group__other_seal(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct pop_channel *one = pop_test_channel(test, m, 0, 1);
	struct pop_channel *other = pop_test_channel(test, m, 0, 2);
	const u8 key[POP_KEY_LEN] = { 1 };
	struct pop_test_message *msg;

	msg = group_message(test, m, one, 0, 10, 1024, 1);
	give_group_header(test, m, one, 0, msg, key);
	pop_test_give_payload(test, m, one, 0, msg, 0);
	POP_EXPECT_COUNTED(test, RX_BAD_SEAL, 1);
	POP_EXPECT_STATE(test, m, one, HALF_HEADER);

	msg = pop_test_message(test, m, other, 0, 10, 1024, 1);
	give_group_payload(test, m, other, 0, msg, 0, key);
	pop_test_give_header(test, m, other, 0, msg);
	POP_EXPECT_COUNTED(test, RX_BAD_SEAL, 2);
	POP_EXPECT_STATE(test, m, other, HALF_HEADER);
	pop_test_give_payload(test, m, other, 0, msg, 0);
	POP_EXPECT_STATE(test, m, other, HELD);
}

/* ---- what is kept of them for other recipients ----------------------------- */

static u32 nr_relays(struct pop_member *m)
{
	u32 nr;

	spin_lock_bh(&m->relay_lock);
	nr = list_count_nodes(&m->relays);
	spin_unlock_bh(&m->relay_lock);
	return nr;
}

/* A message of so many bytes is to be kept, and then goes. Return: was it kept? */
static bool relay(struct kunit *test, struct pop_member *m,
		  struct pop_channel *ch, u32 bytes)
{
	struct pop_relay *r = kzalloc(sizeof(*r), GFP_KERNEL);
	struct pop_rx *rx = kunit_kzalloc(test, sizeof(*rx), GFP_KERNEL);
	bool kept;

	KUNIT_ASSERT_NOT_NULL(test, r);
	KUNIT_ASSERT_NOT_NULL(test, rx);
	rx->m = m;
	rx->ask.ch = ch;
	rx->first = alloc_skb(0, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rx->first);
	refcount_set(&r->ref, 1);
	r->m = m;
	r->ch = ch;
	r->bytes = bytes - rx->first->truesize;
	spin_lock_bh(&ch->lock);
	pop_relay_add(rx, r);
	kept = rx->relay;
	pop_relay_free(rx->relay);
	spin_unlock_bh(&ch->lock);
	kfree_skb(rx->first);
	return kept;
}

/* One message does not cost all that is kept of others, for nothing. */
static void relay__drops_few(struct kunit *test)
{
	enum { MANY = 100, FEW = 64 };
	struct pop_member *m = member(test);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct pop_channel *other = pop_test_channel(test, m, 0, 1);
	struct socket *sock = pop_test_socket(test, m);
	const u8 key[POP_KEY_LEN] = { 1 };
	struct pop_test_message *msg;
	u32 i;

	for (i = 0; i < MANY; i++) {
		msg = group_message(test, m, ch, i, 10, 1024, 1);
		give_group_header(test, m, ch, i, msg, key);
		give_group_payload(test, m, ch, i, msg, 0, key);
		pop_test_expect_message(test, sock, msg);
	}
	KUNIT_ASSERT_EQ(test, nr_relays(m), MANY);
	/* more than there can ever be room for */
	KUNIT_EXPECT_FALSE(test, relay(test, m, other, POP_RELAYED_MAX + 1));
	KUNIT_EXPECT_EQ(test, nr_relays(m), MANY);
	/* more than there can be room for at once */
	KUNIT_EXPECT_FALSE(test, relay(test, m, other, POP_RELAYED_MAX));
	KUNIT_EXPECT_EQ(test, nr_relays(m), MANY - FEW);
	KUNIT_EXPECT_TRUE(test, relay(test, m, other, POP_RELAYED_MAX));
	KUNIT_EXPECT_EQ(test, nr_relays(m), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(held__until_a_socket_is_bound),
	KUNIT_CASE(held__while_filters_refuse_it),
	KUNIT_CASE(held__without_room),
	KUNIT_CASE(state__of_the_oldest),
	KUNIT_CASE(open__out_of_reach),
	KUNIT_CASE(early__is_bounded),
	KUNIT_CASE(early__nothing_is_left),
	KUNIT_CASE(group__any_order),
	KUNIT_CASE(group__wrong_key),
	KUNIT_CASE(group__forged_first),
	KUNIT_CASE(group__junk_goes),
	KUNIT_CASE(group__other_seal),
	KUNIT_CASE(relay__drops_few),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_slot_wait",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
