// SPDX-License-Identifier: GPL-2.0
/* Tests of when a sender asks. */

#include <linux/jiffies.h>

#include "fixture_test.h"
#include "probe.h"

static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1) },
};

static const struct pop_test_plan plan = {
	.parties = 2, .phases = 1,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

/* A message from 0 to 1, who is nowhere. */
static struct pop_peer *send_one(struct kunit *test)
{
	struct pop_contract *c = pop_test_contract(test, &plan);
	struct pop_member *m = pop_test_member(test, c, 0);
	struct socket *sock = pop_test_socket(test, m);
	const union pop_addr nowhere = {
		.in4.sin_family = AF_INET,
		.in4.sin_port = htons(9),
		.in4.sin_addr.s_addr = htonl(0xc0000201),	/* 192.0.2.1 */
	};
	struct sockaddr_pop to = {
		.spop_family = pop_family,
		.spop_party = 1,
		.spop_seq = POP_SEQ_NEXT,
	};
	struct msghdr msg = { .msg_name = &to, .msg_namelen = sizeof(to) };
	struct kvec vec = { .iov_base = "x", .iov_len = 1 };

	memcpy(to.spop_contract, c->hash, POP_HASH_LEN);
	pop_peer_set_addr(&m->peer[1], &nowhere);
	KUNIT_ASSERT_EQ(test, 1, kernel_sendmsg(sock, &msg, &vec, 1, 1));
	KUNIT_ASSERT_FALSE(test, list_empty(&m->peer[1].kept));
	return &m->peer[1];
}

/* After half of the clock's range the last question seems to be yet to come. */
static void probe__clock_goes_round(struct kunit *test)
{
	struct pop_peer *peer = send_one(test);
	unsigned long next = jiffies + MAX_JIFFY_OFFSET;

	spin_lock_bh(&peer->lock);
	peer->probe.jiffies = jiffies + 3600 * HZ;
	spin_unlock_bh(&peer->lock);
	pop_probe_due(peer, &next);
	KUNIT_EXPECT_TRUE(test, time_before(next, jiffies + 60 * HZ));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(probe__clock_goes_round),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_probe",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
