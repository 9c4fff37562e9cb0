// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink family "pop": parties, peers, phases and channels. An error names
 * the attribute that is at fault, or the one that is missing.
 */
#include "netlink.h"

/* --- parties ---------------------------------------------------------------- */

TEST_F(nl, party__life)
{
	struct seen s = { .name_attr = POP_A_PARTY_NAME };
	struct nlmsghdr *nlh;

	EXPECT_EQ(-ENOENT, kit_party_add(&self->k, &self->body, A, 0));
	EXPECT_EQ(POP_A_PARTY_CONTRACT, self->k.attr);
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, A, 4242));
	EXPECT_EQ(-EEXIST, kit_party_add(&self->k, &self->body, A, 0));
	EXPECT_EQ(POP_A_PARTY_INDEX, self->k.attr);

	nlh = kit_start(&self->k, POP_CMD_PARTY_GET, 0);
	mnl_attr_put(nlh, POP_A_PARTY_CONTRACT, POP_HASH_LEN, HASH);
	mnl_attr_put_u32(nlh, POP_A_PARTY_INDEX, A);
	ASSERT_EQ(0, kit_call(&self->k, nlh, seen_cb, &s));
	EXPECT_EQ(1, s.count);
	EXPECT_STREQ("p0000", s.name);
	EXPECT_EQ(4242, s.u32[POP_A_PARTY_UID]);
	EXPECT_EQ(POP_CONTRACT_STATE_OPEN, s.u32[POP_A_PARTY_STATE]);
	/* No input in phase 0, so nothing keeps it there. */
	EXPECT_EQ(1, s.u32[POP_A_PARTY_PHASE]);
	EXPECT_EQ(1, s.u32[POP_A_PARTY_INPUTS]);
	EXPECT_EQ(3, s.u32[POP_A_PARTY_OUTPUTS]);
	EXPECT_EQ(90, s.u32[POP_A_PARTY_MINUTES_TOTAL]);
	EXPECT_EQ(0, s.u32[POP_A_PARTY_MINUTES]);
	/* Keys go in, and never come out. */
	EXPECT_FALSE(s.present[POP_A_PARTY_KEYS]);

	EXPECT_EQ(0, kit_party_del(&self->k, &self->body, A));
	EXPECT_EQ(-ENOENT, kit_party_del(&self->k, &self->body, A));
	EXPECT_EQ(POP_A_PARTY_INDEX, self->k.attr);
}

TEST_F(nl, party__index)
{
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	EXPECT_EQ(-EINVAL, kit_party_add(&self->k, &self->body, 3, 0));
	EXPECT_EQ(POP_A_PARTY_INDEX, self->k.attr);
	EXPECT_EQ(-ERANGE, kit_party_add(&self->k, &self->body, 1024, 0));
	EXPECT_EQ(POP_A_PARTY_INDEX, self->k.attr);
}

static struct nlmsghdr *party_start(struct kit *k, const struct kit_body *b)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_PARTY_ADD, 0);

	mnl_attr_put(nlh, POP_A_PARTY_CONTRACT, POP_HASH_LEN, b->hash);
	mnl_attr_put_u32(nlh, POP_A_PARTY_INDEX, A);
	return nlh;
}

TEST_F(nl, party__keys)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));

	/* one is missing */
	nlh = party_start(&self->k, &self->body);
	kit_put_keys(nlh, &self->body, A, B);
	EXPECT_EQ(-ENOKEY, CALL(nlh));
	EXPECT_NE('\0', self->k.text[0]);

	/* all are missing */
	EXPECT_EQ(-EINVAL, CALL(party_start(&self->k, &self->body)));

	/* one is there twice */
	nlh = party_start(&self->k, &self->body);
	kit_put_keys(nlh, &self->body, A, B);
	kit_put_keys(nlh, &self->body, A, B);
	EXPECT_EQ(-EINVAL, CALL(nlh));

	/* one is the party's own */
	nlh = party_start(&self->k, &self->body);
	kit_put_keys(nlh, &self->body, A, A);
	kit_put_keys(nlh, &self->body, A, B);
	kit_put_keys(nlh, &self->body, A, C);
	EXPECT_EQ(-EINVAL, CALL(nlh));

	/* one is of nobody */
	nlh = party_start(&self->k, &self->body);
	kit_put_keys(nlh, &self->body, A, 3);
	EXPECT_EQ(-EINVAL, CALL(nlh));

	/* one is too short */
	nlh = party_start(&self->k, &self->body);
	nest = mnl_attr_nest_start(nlh, POP_A_PARTY_KEYS);
	mnl_attr_put_u32(nlh, POP_A_KEYS_PEER, B);
	mnl_attr_put(nlh, POP_A_KEYS_TX, 31, self->body.data);
	mnl_attr_nest_end(nlh, nest);
	EXPECT_NE(0, CALL(nlh));
	EXPECT_EQ(POP_A_KEYS_TX, self->k.attr);

	/* one has no direction back */
	nlh = party_start(&self->k, &self->body);
	kit_put_keys(nlh, &self->body, A, B);
	nest = mnl_attr_nest_start(nlh, POP_A_PARTY_KEYS);
	mnl_attr_put_u32(nlh, POP_A_KEYS_PEER, C);
	mnl_attr_put(nlh, POP_A_KEYS_TX, 32, self->body.data);
	mnl_attr_nest_end(nlh, nest);
	EXPECT_EQ(-EINVAL, CALL(nlh));

	/* After all that, it is still not there, and can be. */
	EXPECT_EQ(-ENOENT, kit_party_del(&self->k, &self->body, A));
	EXPECT_EQ(0, kit_party_add(&self->k, &self->body, A, 0));
}

/* --- peers, phases, channels --------------------------------------------------- */

TEST_F(nl, peer__endpoint)
{
	struct nlmsghdr *nlh;
	struct seen s = {};
	uint8_t six[16] = { 0xfd, [15] = 1 };

	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	EXPECT_EQ(-ENOENT, kit_peer_set4(&self->k, &self->body, A, B,
					 "192.0.2.1"));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, A, 0));
	ASSERT_EQ(0, kit_peer_set4(&self->k, &self->body, A, B, "192.0.2.1"));

	nlh = kit_start(&self->k, POP_CMD_PEER_GET, 0);
	mnl_attr_put(nlh, POP_A_PEER_CONTRACT, POP_HASH_LEN, HASH);
	mnl_attr_put_u32(nlh, POP_A_PEER_PARTY, A);
	mnl_attr_put_u32(nlh, POP_A_PEER_INDEX, B);
	ASSERT_EQ(0, kit_call(&self->k, nlh, seen_cb, &s));
	EXPECT_EQ(inet_addr("192.0.2.1"), s.u32[POP_A_PEER_ADDR4]);

	/* itself, nobody, both families, none */
	EXPECT_EQ(-EINVAL, kit_peer_set4(&self->k, &self->body, A, A,
					 "192.0.2.1"));
	EXPECT_EQ(POP_A_PEER_INDEX, self->k.attr);
	EXPECT_EQ(-EINVAL, kit_peer_set4(&self->k, &self->body, A, 3,
					 "192.0.2.1"));
	EXPECT_EQ(POP_A_PEER_INDEX, self->k.attr);
	nlh = kit_peer_start(&self->k, &self->body, A, B);
	mnl_attr_put(nlh, POP_A_PEER_ADDR4, 4, six);
	mnl_attr_put(nlh, POP_A_PEER_ADDR6, 16, six);
	EXPECT_EQ(-EINVAL, CALL(nlh));
	nlh = kit_peer_start(&self->k, &self->body, A, B);
	mnl_attr_put(nlh, POP_A_PEER_ADDR6, 16, six);
	mnl_attr_put_u16(nlh, POP_A_PEER_PORT, 0);
	EXPECT_EQ(-ERANGE, CALL(nlh));
	EXPECT_EQ(POP_A_PEER_PORT, self->k.attr);
	nlh = kit_peer_start(&self->k, &self->body, A, B);
	mnl_attr_put(nlh, POP_A_PEER_ADDR6, 16, six);
	mnl_attr_put_u16(nlh, POP_A_PEER_PORT, htons(9999));
	EXPECT_EQ(0, CALL(nlh));
	nlh = kit_peer_start(&self->k, &self->body, A, B);
	mnl_attr_put(nlh, POP_A_PEER_ADDR6, 15, six);
	EXPECT_EQ(-ERANGE, CALL(nlh));
	EXPECT_EQ(POP_A_PEER_ADDR6, self->k.attr);
}

TEST_F(nl, phase__automatic)
{
	struct nlmsghdr *nlh;
	struct seen s = {};

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	/* Its contract does not say "advance manual". */
	EXPECT_GT(0, kit_phase_set(&self->k, &self->body, A, 1));
	nlh = kit_start(&self->k, POP_CMD_PHASE_GET, NLM_F_DUMP);
	mnl_attr_put(nlh, POP_A_PHASE_CONTRACT, POP_HASH_LEN, HASH);
	mnl_attr_put_u32(nlh, POP_A_PHASE_PARTY, A);
	EXPECT_EQ(0, kit_call(&self->k, nlh, seen_cb, &s));
	EXPECT_EQ(2, s.count);
	/* the last of them */
	EXPECT_EQ(1, s.u32[POP_A_PHASE_INDEX]);
	/* A has no input in phase 0: it is in phase 1 already. */
	EXPECT_EQ(POP_PHASE_STATE_ACTIVE, s.u32[POP_A_PHASE_STATE]);
	EXPECT_EQ(1, s.u32[POP_A_PHASE_INPUTS]);
	EXPECT_EQ(1, s.u32[POP_A_PHASE_INPUTS_LEFT]);
	EXPECT_EQ(0, s.u32[POP_A_PHASE_OUTPUTS]);
}

static int phase_of(struct kit *k, const struct kit_body *b, int party)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_PARTY_GET, 0);
	struct seen s = {};

	mnl_attr_put(nlh, POP_A_PARTY_CONTRACT, POP_HASH_LEN, b->hash);
	mnl_attr_put_u32(nlh, POP_A_PARTY_INDEX, party);
	if (kit_call(k, nlh, seen_cb, &s))
		return -1;
	return s.u32[POP_A_PARTY_PHASE];
}

TEST_F(nl, phase__manual)
{
	struct kit_contract c = contract;
	struct kit_body b;

	c.manual = true;
	b = kit_encode(&c);
	ASSERT_EQ(0, kit_load(&self->k, &b));
	EXPECT_GT(0, kit_phase_set(&self->k, &b, A, 2));
	EXPECT_EQ(POP_A_PHASE_INDEX, self->k.attr);
	/* Nothing keeps A in phase 0 but that nobody let it go on. */
	EXPECT_EQ(0, phase_of(&self->k, &b, A));
	EXPECT_EQ(0, kit_phase_set(&self->k, &b, A, 1));
	EXPECT_EQ(1, phase_of(&self->k, &b, A));
	/* Never back. */
	kit_phase_set(&self->k, &b, A, 0);
	EXPECT_EQ(1, phase_of(&self->k, &b, A));
	/* Leave is not enough: B still waits for the bills. */
	kit_phase_set(&self->k, &b, B, 1);
	EXPECT_EQ(0, phase_of(&self->k, &b, B));
	free(b.data);
}

TEST_F(nl, channel__dump)
{
	struct nlmsghdr *nlh;
	struct seen s = {};

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	nlh = kit_start(&self->k, POP_CMD_CHANNEL_GET, NLM_F_DUMP);
	mnl_attr_put(nlh, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN, HASH);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_PARTY, A);
	ASSERT_EQ(0, kit_call(&self->k, nlh, seen_cb, &s));
	EXPECT_EQ(4, s.count);

	memset(&s, 0, sizeof(s));
	nlh = kit_start(&self->k, POP_CMD_CHANNEL_GET, NLM_F_DUMP);
	mnl_attr_put(nlh, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN, HASH);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_PARTY, A);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_DIRECTION, POP_DIRECTION_INPUT);
	ASSERT_EQ(0, kit_call(&self->k, nlh, seen_cb, &s));
	EXPECT_EQ(1, s.count);
	EXPECT_EQ(B, s.u32[POP_A_CHANNEL_PEER]);
	EXPECT_EQ(1, s.u32[POP_A_CHANNEL_PHASE]);
	EXPECT_EQ(1, s.u32[POP_A_CHANNEL_SLOTS]);
	EXPECT_EQ(0, s.u32[POP_A_CHANNEL_EXECUTED]);
	/* The phases within the window are open to receive. */
	EXPECT_EQ(POP_CHANNEL_STATE_OPEN, s.u32[POP_A_CHANNEL_STATE]);
}

TEST_F(nl, channel__get)
{
	struct nlmsghdr *nlh;
	int action;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	for (action = 0; action < 3; action++) {
		nlh = kit_start(&self->k, POP_CMD_CHANNEL_GET, 0);
		mnl_attr_put(nlh, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN, HASH);
		mnl_attr_put_u32(nlh, POP_A_CHANNEL_PARTY, A);
		mnl_attr_put_u32(nlh, POP_A_CHANNEL_DIRECTION,
				 POP_DIRECTION_OUTPUT);
		mnl_attr_put_u32(nlh, POP_A_CHANNEL_PHASE, 0);
		mnl_attr_put_u32(nlh, POP_A_CHANNEL_ACTION, action);
		mnl_attr_put_u32(nlh, POP_A_CHANNEL_PEER, C);
		EXPECT_EQ(action == 1 ? 0 : -ENOENT, CALL(nlh));
	}
}

TEST_HARNESS_MAIN
