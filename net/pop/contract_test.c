// SPDX-License-Identifier: GPL-2.0
/* Tests of contracts: loading, states, ending, groups. */

#include <linux/mm.h>

#include "fixture_test.h"
#include "channel.h"

static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1) },
	{ .phase = 0, .from = 1, .to = BIT(0) },
};

static const struct pop_test_plan plan = {
	.parties = 2, .phases = 1,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

/* Load @len bytes of the plan's body. */
static int add(struct kunit *test, u32 cut, struct pop_contract **c)
{
	struct pop_net *pn = pop_test_net();
	void *body;
	u32 len;
	int ret;

	body = pop_test_body(&plan, &len);
	KUNIT_ASSERT_NOT_NULL(test, body);
	mutex_lock(&pn->lock);
	ret = pop_contract_add(pn, body, len - cut,
			       kvzalloc(2 * POP_SIGNATURE_LEN, GFP_KERNEL),
			       NULL, c);
	mutex_unlock(&pn->lock);
	return ret;
}

static struct pop_contract *find(const u8 *hash)
{
	struct pop_contract *c;

	rcu_read_lock();
	c = pop_contract_find(pop_test_net(), hash);
	rcu_read_unlock();
	return c;
}

static u8 state(struct pop_contract *c)
{
	u8 state;

	rcu_read_lock();
	state = pop_contract_state(c);
	rcu_read_unlock();
	return state;
}

static int end(struct pop_contract *c, u8 state)
{
	int ret;

	mutex_lock(&pop_test_net()->lock);
	ret = pop_contract_end(c, state, NULL);
	mutex_unlock(&pop_test_net()->lock);
	return ret;
}

static void execute(struct pop_member *m, struct pop_channel *ch)
{
	const struct pop_header header = { .digest = { 1 } };
	bool last;

	spin_lock_bh(&ch->lock);
	last = pop_channel_execute(m, ch, 0, &header);
	spin_unlock_bh(&ch->lock);
	if (last)
		pop_channel_done(m, ch);
}

static void add__finds_it(struct kunit *test)
{
	unsigned int nr = pop_test_net()->nr_contracts;
	struct pop_contract *c = pop_test_contract(test, &plan);
	u8 hash[POP_HASH_LEN];

	pop_contract_hash(hash, c->body, c->plan.body_len);
	KUNIT_EXPECT_MEMEQ(test, hash, c->hash, POP_HASH_LEN);
	KUNIT_EXPECT_PTR_EQ(test, c, find(hash));
	hash[0] ^= 1;
	KUNIT_EXPECT_NULL(test, find(hash));
	KUNIT_EXPECT_EQ(test, pop_test_net()->nr_contracts, nr + 1);
}

static void add__twice(struct kunit *test)
{
	struct pop_contract *c = pop_test_contract(test, &plan), *other = NULL;

	KUNIT_EXPECT_EQ(test, -EEXIST, add(test, 0, &other));
	KUNIT_EXPECT_NULL(test, other);
	KUNIT_EXPECT_PTR_EQ(test, c, find(c->hash));
}

static void add__not_a_contract(struct kunit *test)
{
	unsigned int nr = pop_test_net()->nr_contracts;
	struct pop_contract *c = NULL;

	KUNIT_EXPECT_EQ(test, -EINVAL, add(test, 1, &c));
	KUNIT_EXPECT_NULL(test, c);
	KUNIT_EXPECT_EQ(test, pop_test_net()->nr_contracts, nr);
}

static void del__forgets_it(struct kunit *test)
{
	struct pop_contract *c = NULL;
	u8 hash[POP_HASH_LEN];

	KUNIT_ASSERT_EQ(test, 0, add(test, 0, &c));
	memcpy(hash, c->hash, sizeof(hash));
	mutex_lock(&pop_test_net()->lock);
	pop_contract_del(c);
	mutex_unlock(&pop_test_net()->lock);
	KUNIT_EXPECT_NULL(test, find(hash));
	/* and it can come again at once */
	pop_test_contract(test, &plan);
}

/* Two parties of a contract on one host, each by itself. */
static void state__over_its_parties(struct kunit *test)
{
	struct pop_contract *c = pop_test_contract(test, &plan);
	struct pop_member *a, *b;

	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_INSTALLED, state(c));
	a = pop_test_member(test, c, 0);
	b = pop_test_member(test, c, 1);
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_OPEN, state(c));
	execute(a, pop_test_channel(test, a, 0, 0));
	execute(a, pop_test_channel(test, a, 0, 1));
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_SETTLING, pop_member_state(a));
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_OPEN, pop_member_state(b));
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_RUNNING, state(c));
	execute(b, pop_test_channel(test, b, 0, 0));
	execute(b, pop_test_channel(test, b, 0, 1));
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_SETTLING, state(c));
}

static void end__closes_what_is_done(struct kunit *test)
{
	struct pop_contract *c = pop_test_contract(test, &plan);
	struct pop_member *m = pop_test_member(test, c, 0);

	KUNIT_EXPECT_EQ(test, -EINVAL, end(c, POP_CONTRACT_STATE_RUNNING));
	KUNIT_EXPECT_EQ(test, -EBUSY, end(c, POP_CONTRACT_STATE_CLOSED));
	execute(m, pop_test_channel(test, m, 0, 0));
	KUNIT_EXPECT_EQ(test, -EBUSY, end(c, POP_CONTRACT_STATE_CLOSED));
	execute(m, pop_test_channel(test, m, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, end(c, POP_CONTRACT_STATE_CLOSED));
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_CLOSED, state(c));
	KUNIT_EXPECT_EQ(test, -EALREADY, end(c, POP_CONTRACT_STATE_ABORTED));
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_CLOSED, pop_member_state(m));
}

static void end__aborts_any_time(struct kunit *test)
{
	struct pop_contract *c = pop_test_contract(test, &plan);

	pop_test_member(test, c, 0);
	KUNIT_EXPECT_EQ(test, 0, end(c, POP_CONTRACT_STATE_ABORTED));
	KUNIT_EXPECT_EQ(test, POP_CONTRACT_STATE_ABORTED, state(c));
}

/* 239.192/14 and ff18::/16, the low bits from the group's cid. */
static void group__addresses(struct kunit *test)
{
	struct pop_contract *c = pop_test_contract(test, &plan);
	u64 cid = be64_to_cpu(c->group.cid);
	union pop_addr addr;

	pop_contract_group4(c, &addr);
	KUNIT_EXPECT_EQ(test, addr.sa.sa_family, AF_INET);
	KUNIT_EXPECT_EQ(test, ntohl(addr.in4.sin_addr.s_addr),
			(u32)(0xefc00000 | (cid & 0x3ffff)));
	KUNIT_EXPECT_TRUE(test, ipv4_is_multicast(addr.in4.sin_addr.s_addr));
	KUNIT_EXPECT_EQ(test, ntohs(addr.in4.sin_port), POP_DEFAULT_PORT);

	pop_contract_group6(c, &addr);
	KUNIT_EXPECT_EQ(test, addr.sa.sa_family, AF_INET6);
	KUNIT_EXPECT_EQ(test, addr.in6.sin6_addr.s6_addr[0], 0xff);
	KUNIT_EXPECT_EQ(test, addr.in6.sin6_addr.s6_addr[1], 0x18);
	KUNIT_EXPECT_MEMEQ(test, &addr.in6.sin6_addr.s6_addr[8], &c->group.cid,
			   sizeof(c->group.cid));
	KUNIT_EXPECT_EQ(test, ntohs(addr.in6.sin6_port), POP_DEFAULT_PORT);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(add__finds_it),
	KUNIT_CASE(add__twice),
	KUNIT_CASE(add__not_a_contract),
	KUNIT_CASE(del__forgets_it),
	KUNIT_CASE(state__over_its_parties),
	KUNIT_CASE(end__closes_what_is_done),
	KUNIT_CASE(end__aborts_any_time),
	KUNIT_CASE(group__addresses),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_contract",
	.suite_init = pop_test_suite_init,
	.suite_exit = pop_test_suite_exit,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
