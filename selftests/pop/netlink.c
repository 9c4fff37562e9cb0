// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink family "pop": contracts, the node, and events. An error names the
 * attribute that is at fault, or the one that is missing.
 *
 * Shows: R1 R3 R6 R9 R16 R51
 */
#include "netlink.h"

/* --- contracts ------------------------------------------------------------- */

TEST_F(nl, contract__life)
{
	struct seen s = { .name_attr = POP_A_CONTRACT_NAME };
	struct nlmsghdr *nlh;

	EXPECT_EQ(-ENOENT, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_GET,
					    HASH));
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	EXPECT_EQ(-EEXIST, kit_contract_add(&self->k, &self->body, 3));

	nlh = kit_start(&self->k, POP_CMD_CONTRACT_GET, 0);
	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, HASH);
	ASSERT_EQ(0, kit_call(&self->k, nlh, seen_cb, &s));
	EXPECT_EQ(1, s.count);
	EXPECT_STREQ("netlink", s.name);
	EXPECT_EQ(0, memcmp(HASH, s.hash, POP_HASH_LEN));
	EXPECT_EQ(POP_CONTRACT_STATE_INSTALLED, s.u32[POP_A_CONTRACT_STATE]);
	EXPECT_EQ(3, s.u32[POP_A_CONTRACT_PARTIES]);
	EXPECT_EQ(2, s.u32[POP_A_CONTRACT_PHASES]);
	EXPECT_EQ(3, s.u32[POP_A_CONTRACT_ACTIONS]);
	EXPECT_EQ(3 + 2 + 1, s.u32[POP_A_CONTRACT_SLOTS]);
	EXPECT_EQ(0, s.u32[POP_A_CONTRACT_MEMBERS]);
	EXPECT_EQ(0, s.u32[POP_A_CONTRACT_EPOCH]);

	EXPECT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL, HASH));
	EXPECT_EQ(-ENOENT, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL,
					    HASH));
	EXPECT_EQ(POP_A_CONTRACT_HASH, self->k.attr);
}

/* R6: an agreement is all signatures. */
TEST_F(nl, contract__signatures)
{
	int n;

	for (n = 0; n < 6; n++) {
		if (n == 3)
			continue;
		EXPECT_EQ(-EINVAL, kit_contract_add(&self->k, &self->body, n))
			TH_LOG("with %d signatures", n);
		EXPECT_NE('\0', self->k.text[0]);
	}
	EXPECT_EQ(-ENOENT, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_GET,
					    HASH));
}

TEST_F(nl, contract__signature_cut_short)
{
	uint8_t some[3 * POP_SIGNATURE_LEN - 1] = {};
	struct nlmsghdr *nlh = kit_start(&self->k, POP_CMD_CONTRACT_ADD, 0);

	mnl_attr_put(nlh, POP_A_CONTRACT_BODY, self->body.len, self->body.data);
	mnl_attr_put(nlh, POP_A_CONTRACT_SIGNATURES, sizeof(some), some);
	EXPECT_EQ(-EINVAL, CALL(nlh));
}

TEST_F(nl, contract__what_is_missing)
{
	uint8_t all[3 * POP_SIGNATURE_LEN] = {};
	struct nlmsghdr *nlh;

	EXPECT_EQ(-EINVAL, CALL(kit_start(&self->k, POP_CMD_CONTRACT_ADD, 0)));
	EXPECT_EQ(POP_A_CONTRACT_BODY, self->k.miss);
	nlh = kit_start(&self->k, POP_CMD_CONTRACT_ADD, 0);
	mnl_attr_put(nlh, POP_A_CONTRACT_BODY, self->body.len, self->body.data);
	EXPECT_EQ(-EINVAL, CALL(nlh));
	EXPECT_EQ(POP_A_CONTRACT_SIGNATURES, self->k.miss);
	nlh = kit_start(&self->k, POP_CMD_CONTRACT_ADD, 0);
	mnl_attr_put(nlh, POP_A_CONTRACT_SIGNATURES, sizeof(all), all);
	EXPECT_EQ(-EINVAL, CALL(nlh));
	EXPECT_EQ(POP_A_CONTRACT_BODY, self->k.miss);
	EXPECT_EQ(-EINVAL, CALL(kit_start(&self->k, POP_CMD_CONTRACT_GET, 0)));
	EXPECT_EQ(POP_A_CONTRACT_HASH, self->k.miss);
	EXPECT_EQ(-EINVAL, CALL(kit_start(&self->k, POP_CMD_CONTRACT_DEL, 0)));
	EXPECT_EQ(POP_A_CONTRACT_HASH, self->k.miss);
	nlh = kit_start(&self->k, POP_CMD_CONTRACT_SET, 0);
	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, HASH);
	EXPECT_NE(0, CALL(nlh));
}

TEST_F(nl, contract__expected_hash)
{
	uint8_t all[3 * POP_SIGNATURE_LEN] = {};
	uint8_t other[POP_HASH_LEN];
	struct nlmsghdr *nlh;

	memcpy(other, HASH, POP_HASH_LEN);
	other[0] ^= 1;
	nlh = kit_start(&self->k, POP_CMD_CONTRACT_ADD, 0);
	mnl_attr_put(nlh, POP_A_CONTRACT_BODY, self->body.len, self->body.data);
	mnl_attr_put(nlh, POP_A_CONTRACT_SIGNATURES, sizeof(all), all);
	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, other);
	EXPECT_EQ(-EINVAL, CALL(nlh));
	EXPECT_EQ(POP_A_CONTRACT_HASH, self->k.attr);
}

/* Pieces of any size are one body. */
TEST_F(nl, contract__in_pieces)
{
	struct nlmsghdr *nlh = kit_start(&self->k, POP_CMD_CONTRACT_ADD, 0);
	uint8_t all[3 * POP_SIGNATURE_LEN] = {};
	size_t i;

	for (i = 0; i < self->body.len; i++)
		mnl_attr_put(nlh, POP_A_CONTRACT_BODY, 1, self->body.data + i);
	for (i = 0; i < sizeof(all); i += 3)
		mnl_attr_put(nlh, POP_A_CONTRACT_SIGNATURES, 3, all + i);
	EXPECT_EQ(0, CALL(nlh)) TH_LOG("%s", self->k.text);
	EXPECT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_GET, HASH));
}

TEST_F(nl, contract__cut_short_anywhere)
{
	struct kit_body cut = self->body;

	for (cut.len = 0; cut.len < self->body.len; cut.len++) {
		int ret = kit_contract_add(&self->k, &cut, 3);

		EXPECT_EQ(-EINVAL, ret) TH_LOG("with %zu bytes", cut.len);
	}
}

/*
 * R3: whatever bit flips, it is another contract or none. It is refused, or
 * stands under another hash, and never under the old one.
 */
TEST_F_TIMEOUT(nl, contract__every_bit, 250)
{
	int accepted = 0, refused = 0;
	size_t bit;

	for (bit = 0; bit < self->body.len * 8; bit++) {
		struct kit_body flipped = self->body;
		int ret;

		flipped.data[bit / 8] ^= 1 << bit % 8;
		kit_hash(&flipped);
		ret = kit_contract_add(&self->k, &flipped, 3);
		if (!ret) {
			accepted++;
			ASSERT_EQ(0, kit_contract_cmd(&self->k,
						      POP_CMD_CONTRACT_DEL,
						      flipped.hash));
		} else {
			refused++;
			ASSERT_TRUE(ret == -EINVAL || ret == -E2BIG)
				TH_LOG("bit %zu: %d", bit, ret);
			ASSERT_NE('\0', self->k.text[0])
				TH_LOG("bit %zu: no reason given", bit);
		}
		ASSERT_EQ(-ENOENT, kit_contract_cmd(&self->k,
						    POP_CMD_CONTRACT_GET,
						    HASH));
		flipped.data[bit / 8] ^= 1 << bit % 8;
	}
	/* Keys, names, numbers: other contracts. Order, padding: none. */
	EXPECT_LT(0, accepted);
	EXPECT_LT(0, refused);
}

TEST_F(nl, contract__bytes_behind)
{
	struct kit_body longer = self->body;

	longer.data = calloc(1, self->body.len + 1);
	memcpy(longer.data, self->body.data, self->body.len);
	longer.len++;
	EXPECT_EQ(-EINVAL, kit_contract_add(&self->k, &longer, 3));
	free(longer.data);
}

/* Who may raise disputes is part of a contract, and not of any form. */
TEST_F(nl, contract__disputes)
{
	struct kit_dispute dispute = { .party = C, .first = 1, .end = 2 };
	struct kit_contract c = contract;
	struct kit_body b;

	c.dispute = &dispute;
	c.nr_disputes = 1;
	b = kit_encode(&c);
	EXPECT_NE(0, memcmp(b.hash, HASH, POP_HASH_LEN));
	EXPECT_EQ(0, kit_contract_add(&self->k, &b, 3));
	free(b.data);

	dispute.end = 3;
	b = kit_encode(&c);
	EXPECT_EQ(-EINVAL, kit_contract_add(&self->k, &b, 3));
	EXPECT_STREQ("a range of disputes ends behind the last phase",
		     self->k.text);
	EXPECT_EQ(POP_A_CONTRACT_BODY, self->k.attr);
	free(b.data);

	dispute.end = 1;
	b = kit_encode(&c);
	EXPECT_EQ(-EINVAL, kit_contract_add(&self->k, &b, 3));
	EXPECT_STREQ("a range of disputes is empty", self->k.text);
	free(b.data);
}

/* R9: as many phases as a contract can have. */
TEST_F(nl, contract__phases)
{
	int counts[] = { 1, 3, 65535 }, i, j;

	for (i = 0; i < 3; i++) {
		struct kit_action *a = calloc(counts[i], sizeof(*a));
		struct kit_contract c = { .name = "long", .parties = 2,
			.phases = counts[i], .action = a,
			.nr_actions = counts[i], .salt = i };
		struct seen s = {};
		struct nlmsghdr *nlh;
		struct kit_body b;

		for (j = 0; j < counts[i]; j++)
			a[j] = (struct kit_action) { j, "x", A, 1, { B } };
		b = kit_encode(&c);
		EXPECT_EQ(0, kit_contract_add(&self->k, &b, 2))
			TH_LOG("%d phases: %s", counts[i], self->k.text);
		nlh = kit_start(&self->k, POP_CMD_CONTRACT_GET, 0);
		mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, b.hash);
		EXPECT_EQ(0, kit_call(&self->k, nlh, seen_cb, &s));
		EXPECT_EQ(counts[i], s.u32[POP_A_CONTRACT_PHASES]);
		free(b.data);
		free(a);
	}
}

TEST_F(nl, contract__many_parties)
{
	struct kit_action a = { 0, "x", A, 1, { B } };
	struct kit_contract c = { .name = "crowd", .parties = POP_MAX_PARTIES,
				  .phases = 1, .action = &a, .nr_actions = 1 };
	struct kit_body b = kit_encode(&c);

	EXPECT_EQ(0, kit_contract_add(&self->k, &b, b.parties))
		TH_LOG("%s", self->k.text);
	free(b.data);
	c.parties++;
	b = kit_encode(&c);
	EXPECT_EQ(-E2BIG, kit_contract_add(&self->k, &b, b.parties));
	free(b.data);
}

TEST_F(nl, contract__dump)
{
	struct kit_body other;
	struct kit_contract c = contract;
	struct seen s = {};

	ASSERT_EQ(0, kit_call(&self->k, kit_start(&self->k,
						  POP_CMD_CONTRACT_GET,
						  NLM_F_DUMP), seen_cb, &s));
	EXPECT_EQ(0, s.count);
	for (c.salt = 1; c.salt <= 100; c.salt++) {
		other = kit_encode(&c);
		ASSERT_EQ(0, kit_contract_add(&self->k, &other, 3));
		free(other.data);
	}
	ASSERT_EQ(0, kit_call(&self->k, kit_start(&self->k,
						  POP_CMD_CONTRACT_GET,
						  NLM_F_DUMP), seen_cb, &s));
	EXPECT_EQ(100, s.count);
}

TEST_F(nl, contract__states)
{
	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	EXPECT_EQ(-EINVAL, kit_contract_set(&self->k, HASH,
					    POP_CONTRACT_STATE_OPEN));
	EXPECT_EQ(POP_A_CONTRACT_STATE, self->k.attr);
	EXPECT_EQ(-ERANGE, kit_contract_set(&self->k, HASH, 6));
	EXPECT_EQ(POP_A_CONTRACT_STATE, self->k.attr);
	/* Nothing was sent yet. */
	EXPECT_EQ(-EBUSY, kit_contract_set(&self->k, HASH,
					   POP_CONTRACT_STATE_CLOSED));
	EXPECT_EQ(0, kit_contract_set(&self->k, HASH,
				      POP_CONTRACT_STATE_ABORTED));
	EXPECT_EQ(-EALREADY, kit_contract_set(&self->k, HASH,
					      POP_CONTRACT_STATE_ABORTED));
}

static int set_weight(struct kit *k, const uint8_t *hash, uint32_t weight)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_CONTRACT_SET, 0);

	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, hash);
	mnl_attr_put_u32(nlh, POP_A_CONTRACT_WEIGHT, weight);
	return kit_call(k, nlh, NULL, NULL);
}

TEST_F(nl, contract__weight)
{
	struct seen s = {};
	struct nlmsghdr *nlh;

	EXPECT_EQ(-ENOENT, set_weight(&self->k, HASH, 3));
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	EXPECT_EQ(-ERANGE, set_weight(&self->k, HASH, 0));
	EXPECT_EQ(POP_A_CONTRACT_WEIGHT, self->k.attr);
	EXPECT_EQ(-ERANGE, set_weight(&self->k, HASH, 1001));
	nlh = kit_start(&self->k, POP_CMD_CONTRACT_GET, 0);
	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, HASH);
	ASSERT_EQ(0, kit_call(&self->k, nlh, seen_cb, &s));
	EXPECT_EQ(1, s.u32[POP_A_CONTRACT_WEIGHT]);
	EXPECT_EQ(0, set_weight(&self->k, HASH, 1000));
	nlh = kit_start(&self->k, POP_CMD_CONTRACT_GET, 0);
	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, HASH);
	ASSERT_EQ(0, kit_call(&self->k, nlh, seen_cb, &s));
	EXPECT_EQ(1000, s.u32[POP_A_CONTRACT_WEIGHT]);
	/* neither state nor weight */
	nlh = kit_start(&self->k, POP_CMD_CONTRACT_SET, 0);
	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, HASH);
	EXPECT_EQ(-EINVAL, kit_call(&self->k, nlh, NULL, NULL));
}

/* R1: active with an open contract, and passive without. */
static int node_open(struct kit *k)
{
	struct seen s = {};

	if (kit_call(k, kit_start(k, POP_CMD_NODE_GET, 0), seen_cb, &s))
		return -1;
	return s.u32[POP_A_NODE_OPEN];
}

TEST_F(nl, node__active_or_passive)
{
	struct kit_contract c = contract;
	struct kit_body second;

	c.salt = 1;
	second = kit_encode(&c);
	EXPECT_EQ(0, node_open(&self->k));
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	EXPECT_EQ(0, node_open(&self->k));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, A, 0));
	EXPECT_EQ(1, node_open(&self->k));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, B, 0));
	EXPECT_EQ(1, node_open(&self->k));
	ASSERT_EQ(0, kit_contract_add(&self->k, &second, 3));
	ASSERT_EQ(0, kit_party_add(&self->k, &second, C, 0));
	EXPECT_EQ(2, node_open(&self->k));
	ASSERT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL, HASH));
	EXPECT_EQ(1, node_open(&self->k));
	ASSERT_EQ(0, kit_contract_set(&self->k, second.hash,
				      POP_CONTRACT_STATE_ABORTED));
	EXPECT_EQ(0, node_open(&self->k));
	free(second.data);
}

/* --- the node ------------------------------------------------------------------ */

static void rate_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == POP_A_NODE_RATE)
			*(uint64_t *)data = mnl_attr_get_u64(a);
}

static uint64_t node_rate(struct kit *k)
{
	uint64_t rate = ~0ULL;

	kit_call(k, kit_start(k, POP_CMD_NODE_GET, 0), rate_cb, &rate);
	return rate;
}

TEST_F(nl, node__settings)
{
	struct nlmsghdr *nlh;
	struct seen s = {};

	EXPECT_EQ(0, kit_call(&self->k, kit_start(&self->k, POP_CMD_NODE_GET,
						  0), seen_cb, &s));
	EXPECT_EQ(AF_POP, s.u32[POP_A_NODE_FAMILY]);
	EXPECT_TRUE(s.present[POP_A_NODE_PORT]);
	EXPECT_TRUE(s.present[POP_A_NODE_VERSION]);

	nlh = kit_start(&self->k, POP_CMD_NODE_GET, 0);
	mnl_attr_put_u32(nlh, POP_A_NODE_FAMILY, AF_POP + 1);
	EXPECT_GT(0, CALL(nlh));

	nlh = kit_start(&self->k, POP_CMD_NODE_SET, 0);
	mnl_attr_put_u32(nlh, POP_A_NODE_MULTICAST, 2);
	EXPECT_EQ(-ERANGE, CALL(nlh));
	EXPECT_EQ(POP_A_NODE_MULTICAST, self->k.attr);
	nlh = kit_start(&self->k, POP_CMD_NODE_SET, 0);
	mnl_attr_put_u16(nlh, POP_A_NODE_PORT, 0);
	EXPECT_EQ(-ERANGE, CALL(nlh));
	nlh = kit_start(&self->k, POP_CMD_NODE_SET, 0);
	mnl_attr_put_u16(nlh, POP_A_NODE_PORT, htons(12345));
	EXPECT_EQ(0, CALL(nlh));

	/* In use, the port stays. */
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, A, 0));
	nlh = kit_start(&self->k, POP_CMD_NODE_SET, 0);
	mnl_attr_put_u16(nlh, POP_A_NODE_PORT, htons(12346));
	EXPECT_EQ(-EBUSY, CALL(nlh));
	EXPECT_EQ(POP_A_NODE_PORT, self->k.attr);
	/* but not the rate; and what is refused changes nothing */
	nlh = kit_start(&self->k, POP_CMD_NODE_SET, 0);
	mnl_attr_put_u64(nlh, POP_A_NODE_RATE, 125000);
	EXPECT_EQ(0, CALL(nlh));
	nlh = kit_start(&self->k, POP_CMD_NODE_SET, 0);
	mnl_attr_put_u64(nlh, POP_A_NODE_RATE, (1ULL << 40) + 1);
	EXPECT_EQ(-ERANGE, CALL(nlh));
	EXPECT_EQ(POP_A_NODE_RATE, self->k.attr);
	nlh = kit_start(&self->k, POP_CMD_NODE_SET, 0);
	mnl_attr_put_u64(nlh, POP_A_NODE_RATE, 1);
	mnl_attr_put_u32(nlh, POP_A_NODE_IFINDEX, 1);
	EXPECT_EQ(-EBUSY, CALL(nlh));
	EXPECT_EQ(POP_A_NODE_IFINDEX, self->k.attr);
	EXPECT_EQ(125000, node_rate(&self->k));
	ASSERT_EQ(0, kit_party_del(&self->k, &self->body, A));
	nlh = kit_start(&self->k, POP_CMD_NODE_SET, 0);
	mnl_attr_put_u16(nlh, POP_A_NODE_PORT, htons(12346));
	EXPECT_EQ(0, CALL(nlh));
}

TEST_F(nl, node__port_taken)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(POP_DEFAULT_PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ASSERT_EQ(0, bind(fd, (void *)&in, sizeof(in)));
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	EXPECT_EQ(-EADDRINUSE, kit_party_add(&self->k, &self->body, A, 0));
	close(fd);
	EXPECT_EQ(0, kit_party_add(&self->k, &self->body, A, 0));
}

/* --- events -------------------------------------------------------------------------- */

TEST_F(nl, events__life)
{
	int want[] = { POP_CMD_CONTRACT_NTF, POP_CMD_PARTY_NTF,
		       POP_CMD_CONTRACT_DEL_NTF };
	struct kit listener;
	size_t seen = 0;

	ASSERT_EQ(0, kit_open(&listener));
	ASSERT_EQ(0, kit_listen(&listener));

	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, A, 0));
	ASSERT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL, HASH));

	/* In that order, though others may stand between. */
	while (seen < 3) {
		ssize_t len = mnl_socket_recvfrom(listener.nl, listener.answer,
						  KIT_MESSAGE);
		const struct nlmsghdr *h = (void *)listener.answer;
		const struct genlmsghdr *genl = mnl_nlmsg_get_payload(h);

		ASSERT_LT(0, len) TH_LOG("only %zu events came", seen);
		if (genl->cmd == want[seen])
			seen++;
	}
	kit_close(&listener);
}

/* --- network namespaces ------------------------------------------------------------- */

TEST_F(nl, netns__apart)
{
	struct kit other;

	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&other));
	EXPECT_EQ(-ENOENT, kit_contract_cmd(&other, POP_CMD_CONTRACT_GET,
					    HASH));
	EXPECT_EQ(0, kit_contract_add(&other, &self->body, 3));
	EXPECT_EQ(0, kit_contract_cmd(&other, POP_CMD_CONTRACT_DEL, HASH));
	EXPECT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_GET, HASH));
	kit_close(&other);
}

TEST_HARNESS_MAIN
