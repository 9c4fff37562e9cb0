// SPDX-License-Identifier: GPL-2.0
/* Tests of how received messages share room. Nothing is held: bytes are numbers. */

#include <linux/jiffies.h>

#include "fixture_test.h"
#include "pending.h"
#include "repair.h"
#include "rx.h"
#include "slot.h"

#define MIB	(1U << 20)
#define PEERS	16
#define ROUNDS	4000

/* A network namespace in which one party hears from many, and what is asked. */
struct room_net {
	struct pop_net		pn;
	struct pop_contract	contract;
	struct pop_member	member;
	struct pop_peer		peer[PEERS];
	struct list_head	ask[PEERS];
	u32			has[PEERS];	/* MiB */
	bool			vain[PEERS];
};

static void free_mib(void *mib)
{
	free_percpu((struct pop_mib __force __percpu *)mib);
}

static void leave_lines(void *member)
{
	pop_pending_forget(member);
}

/* @net: &init_net, or any other address */
static struct room_net *new_net(struct kunit *test, struct net *net)
{
	struct room_net *n = kunit_kzalloc(test, sizeof(*n), GFP_KERNEL);
	void *mib;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, n);
	n->pn.net = net ?: (struct net *)n;
	pop_pending_init_net(&n->pn);
	n->pn.mib = alloc_percpu(struct pop_mib);
	mib = (void __force *)n->pn.mib;
	KUNIT_ASSERT_NOT_NULL(test, mib);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_mib, mib));
	n->contract.pn = &n->pn;
	n->member.contract = &n->contract;
	for (i = 0; i < PEERS; i++) {
		pop_peer_init(&n->peer[i], &n->member, i);
		list_add(&n->ask[i], &n->peer[i].asks);
	}
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, leave_lines,
							   &n->member));
	return n;
}

/* So much more of what is half there, of one peer. */
static bool take(struct room_net *n, u32 i, u32 mib)
{
	n->vain[i] = !pop_pending_charge(&n->pn, &n->peer[i], mib * MIB);
	if (!n->vain[i])
		n->has[i] += mib;
	return !n->vain[i];
}

static void give_up(struct room_net *n, u32 i)
{
	pop_pending_uncharge(&n->pn, n->has[i] * MIB);
	n->has[i] = 0;
}

/* Nothing comes of what it is asked for. Return: true if it has yielded. */
static bool in_vain(struct room_net *n, u32 i)
{
	if (!pop_pending_yield(&n->peer[i]))
		return false;
	give_up(n, i);
	return true;
}

/* Peers from @from on send a message of @mib each, a MiB a round: all become whole. */
static void all_become_whole(struct kunit *test, struct room_net *n, u32 from,
			     u32 mib)
{
	u32 i, round, left = PEERS - from;

	for (round = 0; left && round < ROUNDS; round++) {
		for (i = from; i < PEERS; i++) {
			if (list_empty(&n->peer[i].asks))
				continue;
			if (!take(n, i, 1) || n->has[i] < mib)
				continue;
			give_up(n, i);
			list_del_init(&n->ask[i]);
			left--;
		}
		for (i = 0; i < PEERS; i++)
			if (!list_empty(&n->peer[i].asks) && n->vain[i])
				in_vain(n, i);
		/* a turn is so many rounds long */
		if (!(round % 100))
			n->pn.line.until = jiffies - 1;
	}
	KUNIT_EXPECT_EQ(test, left, 0);
	for (i = 0; i < PEERS; i++)
		give_up(n, i);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&n->pn.pending), 0);
}

static void line__all_become_whole(struct kunit *test)
{
	all_become_whole(test, new_net(test, &init_net), 0, 31);
}

/* Some send half of a message, as much as there is room, and then nothing. */
static void line__beside_silent_ones(struct kunit *test)
{
	struct room_net *n = new_net(test, &init_net);
	u32 i;

	for (i = 0; i < 6; i++)
		while (n->has[i] < 47 && take(n, i, 1))
			;
	KUNIT_EXPECT_FALSE(test, take(n, 0, 1));
	for (i = 0; i < 6; i++)
		n->vain[i] = true;
	all_become_whole(test, n, 6, 31);
}

/* Whoever is behind the first leaves it a quarter, and yields down to the half. */
static void line__quarters(struct kunit *test)
{
	struct room_net *n = new_net(test, &init_net);

	KUNIT_EXPECT_TRUE(test, take(n, 0, 40));
	KUNIT_EXPECT_TRUE(test, take(n, 1, 40));
	KUNIT_EXPECT_TRUE(test, take(n, 2, 176));
	KUNIT_EXPECT_FALSE(test, in_vain(n, 0));
	KUNIT_EXPECT_FALSE(test, take(n, 0, 1));
	KUNIT_EXPECT_FALSE(test, take(n, 1, 1));
	POP_EXPECT_COUNTED(test, RX_PENDING_FULL, 0);	/* another namespace */
	KUNIT_EXPECT_FALSE(test, in_vain(n, 0));
	KUNIT_EXPECT_TRUE(test, in_vain(n, 1));
	KUNIT_EXPECT_FALSE(test, take(n, 1, 1));
	KUNIT_EXPECT_FALSE(test, pop_pending_charge(&n->pn, NULL, 1));
	KUNIT_EXPECT_TRUE(test, take(n, 0, 40));
	KUNIT_EXPECT_TRUE(test, in_vain(n, 2));
	KUNIT_EXPECT_TRUE(test, take(n, 2, 48));
	KUNIT_EXPECT_FALSE(test, in_vain(n, 2));	/* the half */
	KUNIT_EXPECT_TRUE(test, take(n, 2, 64));
	KUNIT_EXPECT_FALSE(test, take(n, 2, 1));
	KUNIT_EXPECT_TRUE(test, in_vain(n, 2));
	give_up(n, 0);
}

/* With just under three quarters taken nobody waits for one whose turn is over. */
static void line__next_one(struct kunit *test)
{
	struct room_net *n = new_net(test, &init_net);

	KUNIT_EXPECT_TRUE(test, take(n, 0, 90));
	KUNIT_EXPECT_TRUE(test, take(n, 1, 90));
	KUNIT_EXPECT_TRUE(test, take(n, 2, 76));
	KUNIT_EXPECT_FALSE(test, take(n, 0, 1));
	KUNIT_EXPECT_FALSE(test, take(n, 1, 1));
	KUNIT_EXPECT_FALSE(test, take(n, 2, 1));
	KUNIT_EXPECT_TRUE(test, in_vain(n, 2));
	KUNIT_EXPECT_TRUE(test, take(n, 2, 12));
	/* 192: the first one's time is over, and it was not refused again */
	n->pn.line.until = jiffies - 1;
	KUNIT_EXPECT_FALSE(test, in_vain(n, 1));
	KUNIT_EXPECT_TRUE(test, in_vain(n, 0));
	KUNIT_EXPECT_TRUE(test, take(n, 1, 60));
	/* the second one is whole: it is the third one's turn */
	give_up(n, 1);
	list_del_init(&n->ask[1]);
	KUNIT_EXPECT_TRUE(test, take(n, 0, 140));
	KUNIT_EXPECT_TRUE(test, in_vain(n, 0));
	KUNIT_EXPECT_TRUE(test, take(n, 0, 140));
	KUNIT_EXPECT_TRUE(test, take(n, 2, 104));
	/* and is gone when its party is */
	KUNIT_EXPECT_FALSE(test, take(n, 0, 1));
	pop_pending_forget(&n->member);
	KUNIT_EXPECT_FALSE(test, in_vain(n, 0));
	KUNIT_EXPECT_FALSE(test, in_vain(n, 2));
	give_up(n, 0);
	give_up(n, 2);
}

/* Of the first nothing comes: it loses its turn sooner. */
static void line__quiet(struct kunit *test)
{
	struct room_net *n = new_net(test, &init_net);

	KUNIT_EXPECT_TRUE(test, take(n, 0, 100));
	KUNIT_EXPECT_TRUE(test, take(n, 1, 156));
	KUNIT_EXPECT_FALSE(test, take(n, 0, 1));
	KUNIT_EXPECT_FALSE(test, take(n, 1, 1));
	KUNIT_EXPECT_TRUE(test, in_vain(n, 1));
	n->pn.line.quiet = jiffies - 1;
	KUNIT_EXPECT_TRUE(test, take(n, 0, 40));
	KUNIT_EXPECT_TRUE(test, time_after(n->pn.line.quiet, jiffies));
	KUNIT_EXPECT_FALSE(test, in_vain(n, 0));
	KUNIT_EXPECT_FALSE(test, take(n, 1, 53));
	n->pn.line.quiet = jiffies - 1;
	KUNIT_EXPECT_TRUE(test, in_vain(n, 0));
	KUNIT_EXPECT_TRUE(test, take(n, 1, 256));
	give_up(n, 1);
}

/* Of the first nothing may have come yet: it does not lose its turn for that. */
static void line__first_without_halves(struct kunit *test)
{
	struct room_net *n = new_net(test, &init_net);

	list_del_init(&n->ask[0]);
	KUNIT_EXPECT_TRUE(test, take(n, 1, 256));
	KUNIT_EXPECT_FALSE(test, take(n, 0, 1));
	KUNIT_EXPECT_TRUE(test, in_vain(n, 1));
	KUNIT_EXPECT_TRUE(test, take(n, 0, 1));
	KUNIT_EXPECT_TRUE(test, take(n, 1, 191));
	KUNIT_EXPECT_FALSE(test, in_vain(n, 1));
	give_up(n, 0);
	give_up(n, 1);
}

/* One namespace is none of another's business. */
static void line__of_each_namespace(struct kunit *test)
{
	struct room_net *v = new_net(test, NULL), *w = new_net(test, NULL);
	unsigned int usual = pop_pending_max;

	pop_pending_max = 4096;
	KUNIT_EXPECT_TRUE(test, take(v, 1, 256));
	KUNIT_EXPECT_FALSE(test, take(v, 0, 1));
	/* to be full there makes nobody yield here */
	KUNIT_EXPECT_TRUE(test, take(w, 1, 255));
	KUNIT_EXPECT_FALSE(test, in_vain(w, 1));
	/* and what goes here takes nobody's turn there */
	give_up(w, 1);
	KUNIT_EXPECT_TRUE(test, in_vain(v, 1));
	KUNIT_EXPECT_FALSE(test, take(v, 1, 193));
	KUNIT_EXPECT_TRUE(test, take(v, 0, 256));
	give_up(v, 0);
	pop_pending_max = usual;
}

/* What all of them hold together has a line, too. */
static void line__of_all_namespaces(struct kunit *test)
{
	struct room_net *v = new_net(test, NULL), *w = new_net(test, NULL);
	struct room_net *first = new_net(test, &init_net);
	unsigned int usual = pop_pending_max;

	pop_pending_max = 16;	/* of them 12 for messages that are not whole */
	KUNIT_EXPECT_TRUE(test, take(v, 1, 11));
	KUNIT_EXPECT_FALSE(test, take(w, 0, 2));
	KUNIT_EXPECT_TRUE(test, take(first, 1, 250));
	KUNIT_EXPECT_FALSE(test, in_vain(first, 1));
	KUNIT_EXPECT_TRUE(test, in_vain(v, 1));
	KUNIT_EXPECT_FALSE(test, take(v, 1, 10));
	KUNIT_EXPECT_TRUE(test, take(w, 0, 11));
	give_up(w, 0);
	give_up(first, 1);
	pop_pending_max = usual;
}

/* What is kept for other recipients takes no room of what is not whole. */
static void relayed__has_its_own(struct kunit *test)
{
	struct room_net *v = new_net(test, NULL), *w = new_net(test, NULL);
	unsigned int usual = pop_pending_max;
	u32 i, n = 0;

	pop_pending_max = 64;
	for (i = 0; i < 64; i++)
		n += pop_relayed_charge(i % 2 ? &v->pn : &w->pn, MIB);
	KUNIT_EXPECT_EQ(test, n, 16);
	KUNIT_EXPECT_TRUE(test, take(v, 0, 48));
	KUNIT_EXPECT_FALSE(test, take(v, 0, 1));
	give_up(v, 0);
	pop_relayed_uncharge(&v->pn, n / 2 * MIB);
	pop_relayed_uncharge(&w->pn, n / 2 * MIB);
	pop_pending_max = usual;
}

/* ---- of one peer ----------------------------------------------------------- */

static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 2, .max = 8192 },
};

static const struct pop_test_plan plan = {
	.parties = 2, .phases = 1,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

/* Was it asked in vain often enough? The repair work looks at it now. */
static void repair_in_vain(struct pop_peer *peer)
{
	WRITE_ONCE(peer->ask_backoff, U8_MAX);
	pop_repair_arm_peer(peer, jiffies);
	flush_delayed_work(&peer->member->repair);
}

/* One message lacks the last fragment, and another has taken the rest of the room. */
static void peer__one_goes_first(struct kunit *test)
{
	struct pop_member *m = pop_test_member(test, pop_test_contract(test, &plan),
					       1);
	struct pop_channel *ch = pop_test_channel(test, m, 0, 0);
	struct socket *sock = pop_test_socket(test, m);
	struct pop_peer *peer = &m->peer[0];
	struct pop_test_message *msg[2];
	int others;
	u32 i;

	msg[0] = pop_test_message(test, m, ch, 0, 8000, 1024, 1);
	msg[1] = pop_test_message(test, m, ch, 1, 8000, 1024, 2);
	KUNIT_ASSERT_EQ(test, msg[0]->nr, 8);
	for (i = 0; i < 2; i++)
		pop_test_give_header(test, m, ch, i, msg[i]);
	for (i = 0; i < 7; i++)
		pop_test_give_payload(test, m, ch, 0, msg[0], i);
	for (i = 0; i < 7; i++)
		pop_test_give_payload(test, m, ch, 1, msg[1], i);
	/* as if they were long */
	others = POP_PENDING_PEER_MAX - atomic_read(&peer->pending);
	atomic_add(others, &peer->pending);
	pop_test_give_payload(test, m, ch, 0, msg[0], 7);
	pop_test_give_payload(test, m, ch, 1, msg[1], 7);
	POP_EXPECT_COUNTED(test, RX_PENDING_FULL, 2);
	KUNIT_EXPECT_EQ(test, ch->done, 0);

	repair_in_vain(peer);
	KUNIT_ASSERT_NOT_NULL(test, peer->first);
	i = peer->first->seq;
	/* the other one leaves it the room */
	pop_test_give_payload(test, m, ch, !i, msg[!i], 0);
	POP_EXPECT_COUNTED(test, RX_PENDING_FULL, 3);
	pop_test_give_payload(test, m, ch, i, msg[i], 7);
	KUNIT_EXPECT_EQ(test, ch->done, 1);
	KUNIT_EXPECT_NULL(test, peer->first);
	pop_test_expect_message(test, sock, msg[i]);

	atomic_sub(others, &peer->pending);
	pop_test_give_all(test, m, ch, !i, msg[!i]);
	pop_test_expect_message(test, sock, msg[!i]);
	KUNIT_EXPECT_EQ(test, atomic_read(&peer->pending), 0);
	KUNIT_EXPECT_EQ(test, pop_test_pending(), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(line__all_become_whole),
	KUNIT_CASE(line__beside_silent_ones),
	KUNIT_CASE(line__quarters),
	KUNIT_CASE(line__next_one),
	KUNIT_CASE(line__quiet),
	KUNIT_CASE(line__first_without_halves),
	KUNIT_CASE(line__of_each_namespace),
	KUNIT_CASE(line__of_all_namespaces),
	KUNIT_CASE(relayed__has_its_own),
	KUNIT_CASE(peer__one_goes_first),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_pending",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
