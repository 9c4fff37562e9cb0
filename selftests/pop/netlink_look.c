// SPDX-License-Identifier: GPL-2.0
/*
 * Looking by netlink: one object at a time, more than fits into one message, and
 * the channels of other parties by state-get.
 *
 * Shows: R7 R18
 */
#include <poll.h>

#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B, C };

static const struct kit_action actions[] = {
	{ 0, "bill", A, 1, { B }, .count = 3, .minutes = 90 },
	{ 0, "news", A, 2, { B, C }, .same = true },
	{ 1, "reply", B, 1, { A } },
};

static const struct kit_contract contract = {
	.name = "look", .parties = 3, .phases = 2,
	.action = actions, .nr_actions = 3,
};

FIXTURE(look) {
	struct kit k;
	struct kit_body body;
};

FIXTURE_SETUP(look)
{
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	self->body = kit_encode(&contract);
}

FIXTURE_TEARDOWN(look)
{
	kit_close(&self->k);
	free(self->body.data);
}

#define HASH self->body.hash

/* The answers of one call: how many, and the last of each attribute. */
struct seen {
	int		count;
	uint32_t	u32[64];
	uint64_t	u64[64];
	uint8_t		bytes[64][16];
	int		len[64];
	bool		present[64];
};

static void seen_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a;
	struct seen *s = data;

	s->count++;
	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		int type = mnl_attr_get_type(a), len = mnl_attr_get_payload_len(a);

		if (type >= 64)
			continue;
		s->present[type] = true;
		s->len[type] = len;
		if (len == 2)
			s->u32[type] = mnl_attr_get_u16(a);
		if (len == 4)
			s->u32[type] = mnl_attr_get_u32(a);
		if (len == 8)
			s->u64[type] = mnl_attr_get_u64(a);
		memcpy(s->bytes[type], mnl_attr_get_payload(a),
		       len < 16 ? len : 16);
	}
}

/*
 * A request about @b with up to four more attributes, whose types are numbered
 * from two on in all sets; negative values are left out.
 */
static struct nlmsghdr *request(struct kit *k, int cmd, int flags,
				const struct kit_body *b, int second, int third,
				int fourth)
{
	struct nlmsghdr *nlh = kit_start(k, cmd, flags);

	if (b)
		mnl_attr_put(nlh, POP_A_PHASE_CONTRACT, POP_HASH_LEN, b->hash);
	if (second >= 0)
		mnl_attr_put_u32(nlh, 2, second);
	if (third >= 0)
		mnl_attr_put_u32(nlh, 3, third);
	if (fourth >= 0)
		mnl_attr_put_u32(nlh, 4, fourth);
	return nlh;
}

#define CALL(nlh) ({							\
	memset(&s, 0, sizeof(s));					\
	kit_call(&self->k, nlh, seen_cb, &s);				\
})
#define EXPECT_CALL(error, which, nlh) do {				\
	EXPECT_EQ(error, CALL(nlh));					\
	EXPECT_EQ(which, self->k.attr);					\
	EXPECT_NE('\0', self->k.text[0]);				\
} while (0)

/* --- one at a time --------------------------------------------------------------- */

TEST_F(look, phase__get)
{
	struct seen s;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	ASSERT_EQ(0, CALL(request(&self->k, POP_CMD_PHASE_GET, 0, &self->body,
				  A, 0, -1)));
	EXPECT_EQ(1, s.count);
	EXPECT_EQ(POP_PHASE_STATE_ACTIVE, s.u32[POP_A_PHASE_STATE]);
	EXPECT_EQ(0, s.u32[POP_A_PHASE_INPUTS]);
	EXPECT_EQ(3, s.u32[POP_A_PHASE_OUTPUTS]);
	EXPECT_EQ(3, s.u32[POP_A_PHASE_OUTPUTS_LEFT]);
	ASSERT_EQ(0, CALL(request(&self->k, POP_CMD_PHASE_GET, 0, &self->body,
				  C, 1, -1)));
	EXPECT_EQ(POP_PHASE_STATE_PENDING, s.u32[POP_A_PHASE_STATE]);
	EXPECT_EQ(1, s.u32[POP_A_PHASE_INDEX]);

	EXPECT_CALL(-EINVAL, POP_A_PHASE_INDEX,
		    request(&self->k, POP_CMD_PHASE_GET, 0, &self->body, A, 2,
			    -1));
	ASSERT_EQ(0, kit_party_del(&self->k, &self->body, C));
	EXPECT_CALL(-ENOENT, POP_A_PHASE_PARTY,
		    request(&self->k, POP_CMD_PHASE_GET, 0, &self->body, C, 0,
			    -1));
	EXPECT_EQ(-EINVAL, CALL(request(&self->k, POP_CMD_PHASE_GET, 0,
					&self->body, A, -1, -1)));
	EXPECT_EQ(POP_A_PHASE_INDEX, self->k.miss);
}

TEST_F(look, peer__get)
{
	struct in6_addr six = { { { 0xfe, 0x80, [15] = 1 } } };
	struct nlmsghdr *nlh;
	struct seen s;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	nlh = kit_peer_start(&self->k, &self->body, A, B);
	mnl_attr_put(nlh, POP_A_PEER_ADDR6, sizeof(six), &six);
	mnl_attr_put_u16(nlh, POP_A_PEER_PORT, htons(4711));
	mnl_attr_put_u32(nlh, POP_A_PEER_SCOPE, 1);
	ASSERT_EQ(0, CALL(nlh));
	ASSERT_EQ(0, CALL(request(&self->k, POP_CMD_PEER_GET, 0, &self->body, A,
				  B, -1)));
	EXPECT_EQ(0, memcmp(&six, s.bytes[POP_A_PEER_ADDR6], sizeof(six)));
	EXPECT_EQ(htons(4711), s.u32[POP_A_PEER_PORT]);
	EXPECT_EQ(1, s.u32[POP_A_PEER_SCOPE]);
	EXPECT_FALSE(s.present[POP_A_PEER_ADDR4]);
	/* nothing was sent yet */
	EXPECT_EQ(0, s.u32[POP_A_PEER_RTT]);
	EXPECT_EQ(32, s.u32[POP_A_PEER_WINDOW]);
	EXPECT_EQ(0, s.u32[POP_A_PEER_UNDER_WAY]);
	EXPECT_TRUE(s.present[POP_A_PEER_UNDER_WAY]);

	EXPECT_CALL(-EINVAL, POP_A_PEER_INDEX,
		    request(&self->k, POP_CMD_PEER_GET, 0, &self->body, A, A,
			    -1));
	EXPECT_CALL(-EINVAL, POP_A_PEER_INDEX,
		    request(&self->k, POP_CMD_PEER_GET, 0, &self->body, A, 3,
			    -1));
	ASSERT_EQ(0, kit_party_del(&self->k, &self->body, C));
	EXPECT_CALL(-ENOENT, POP_A_PEER_PARTY,
		    request(&self->k, POP_CMD_PEER_GET, 0, &self->body, C, A,
			    -1));
}

/* Nobody can be at these. */
TEST_F(look, peer__no_host)
{
	static const char *const no4[] = {
		"0.0.0.0", "224.0.0.1", "239.255.255.255", "255.255.255.255",
	};
	static const char *const no6[] = { "::", "ff02::1", "ff18::1" };
	struct nlmsghdr *nlh;
	struct in6_addr six;
	unsigned int i;
	struct seen s;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(-EINVAL, kit_peer_set4(&self->k, &self->body, A, B,
						 no4[i])) TH_LOG("%s", no4[i]);
		EXPECT_EQ(POP_A_PEER_ADDR4, self->k.attr);
	}
	for (i = 0; i < 3; i++) {
		inet_pton(AF_INET6, no6[i], &six);
		nlh = kit_peer_start(&self->k, &self->body, A, B);
		mnl_attr_put(nlh, POP_A_PEER_ADDR6, sizeof(six), &six);
		EXPECT_CALL(-EINVAL, POP_A_PEER_ADDR6, nlh);
	}
}

TEST_F(look, party__get)
{
	struct seen s;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	ASSERT_EQ(0, CALL(request(&self->k, POP_CMD_PARTY_GET, 0, &self->body, A,
				  -1, -1)));
	EXPECT_EQ(90, s.u32[POP_A_PARTY_MINUTES_TOTAL]);
	EXPECT_EQ(1, s.u32[POP_A_PARTY_INPUTS]);
	EXPECT_EQ(3, s.u32[POP_A_PARTY_OUTPUTS]);
	ASSERT_EQ(0, kit_party_del(&self->k, &self->body, A));
	EXPECT_CALL(-ENOENT, POP_A_PARTY_INDEX,
		    request(&self->k, POP_CMD_PARTY_GET, 0, &self->body, A, -1,
			    -1));
}

TEST_F(look, party__refused)
{
	struct kit_body b = self->body;
	struct nlmsghdr *nlh;
	struct seen s;

	ASSERT_EQ(0, kit_contract_add(&self->k, &b, 3));
	/* (uid_t)-1 is no user */
	nlh = kit_party_add_msg(&self->k, &b, A, -1);
	EXPECT_CALL(-EINVAL, POP_A_PARTY_UID, nlh);

	/* two who send under the same key */
	nlh = kit_start(&self->k, POP_CMD_PARTY_ADD, 0);
	mnl_attr_put(nlh, POP_A_PARTY_CONTRACT, POP_HASH_LEN, b.hash);
	mnl_attr_put_u32(nlh, POP_A_PARTY_INDEX, A);
	for (int peer = B; peer <= C; peer++) {
		struct nlattr *nest = mnl_attr_nest_start(nlh, POP_A_PARTY_KEYS);
		uint8_t key[POP_KEY_LEN] = { 1 };

		mnl_attr_put_u32(nlh, POP_A_KEYS_PEER, peer);
		mnl_attr_put(nlh, POP_A_KEYS_RX, sizeof(key), key);
		key[1] = peer;
		mnl_attr_put(nlh, POP_A_KEYS_TX, sizeof(key), key);
		mnl_attr_nest_end(nlh, nest);
	}
	EXPECT_CALL(-EEXIST, POP_A_PARTY_INDEX, nlh);
	EXPECT_STREQ("keys are in use already", self->k.text);
	/* and nothing is left of it: the first of them is free again */
	ASSERT_EQ(0, kit_party_add(&self->k, &b, A, 0)) TH_LOG("%s",
							       self->k.text);

	ASSERT_EQ(0, kit_contract_set(&self->k, b.hash,
				      POP_CONTRACT_STATE_ABORTED));
	EXPECT_EQ(-ESHUTDOWN, kit_party_add(&self->k, &b, B, 0));
	EXPECT_EQ(-ENOENT, kit_contract_set(&self->k, (uint8_t[32]){},
					    POP_CONTRACT_STATE_ABORTED));
	EXPECT_EQ(POP_A_CONTRACT_HASH, self->k.attr);
}

TEST_F(look, contract__empty_pieces)
{
	struct nlmsghdr *nlh = kit_start(&self->k, POP_CMD_CONTRACT_ADD, 0);
	uint8_t none[3 * POP_SIGNATURE_LEN] = {};
	struct seen s;

	mnl_attr_put(nlh, POP_A_CONTRACT_BODY, 0, none);
	mnl_attr_put(nlh, POP_A_CONTRACT_SIGNATURES, sizeof(none), none);
	EXPECT_CALL(-EINVAL, POP_A_CONTRACT_BODY, nlh);
	nlh = kit_start(&self->k, POP_CMD_CONTRACT_ADD, 0);
	mnl_attr_put(nlh, POP_A_CONTRACT_BODY, self->body.len, self->body.data);
	mnl_attr_put(nlh, POP_A_CONTRACT_SIGNATURES, 0, none);
	EXPECT_CALL(-EINVAL, POP_A_CONTRACT_SIGNATURES, nlh);
}

/* --- dumps -------------------------------------------------------------------------- */

TEST_F(look, dump__of_whom)
{
	static const int cmds[] = {
		POP_CMD_PEER_GET, POP_CMD_PHASE_GET, POP_CMD_CHANNEL_GET
	};
	struct seen s;
	int i;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	ASSERT_EQ(0, kit_party_del(&self->k, &self->body, C));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-EINVAL, CALL(request(&self->k, cmds[i], NLM_F_DUMP,
						NULL, -1, -1, -1)));
		EXPECT_EQ(-EINVAL, CALL(request(&self->k, cmds[i], NLM_F_DUMP,
						&self->body, -1, -1, -1)));
		EXPECT_EQ(-ENOENT, CALL(request(&self->k, cmds[i], NLM_F_DUMP,
						&self->body, C, -1, -1)));
		EXPECT_EQ(0, s.count);
	}
}

/* What names one object does not select in a dump, and is not passed over. */
TEST_F(look, dump__of_one)
{
	static const struct {
		int cmd;
		int attr;
	} one[] = {
		{ POP_CMD_PARTY_GET, POP_A_PARTY_INDEX },
		{ POP_CMD_PEER_GET, POP_A_PEER_INDEX },
		{ POP_CMD_PHASE_GET, POP_A_PHASE_INDEX },
		{ POP_CMD_CHANNEL_GET, POP_A_CHANNEL_ACTION },
		{ POP_CMD_CHANNEL_GET, POP_A_CHANNEL_PEER },
		{ POP_CMD_EVIDENCE_GET, POP_A_EVIDENCE_BY },
		{ POP_CMD_EVIDENCE_GET, POP_A_EVIDENCE_INDEX },
	};
	struct nlmsghdr *nlh;
	struct seen s;
	int i;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	for (i = 0; i < sizeof(one) / sizeof(one[0]); i++) {
		nlh = request(&self->k, one[i].cmd, NLM_F_DUMP, &self->body,
			      one[i].cmd == POP_CMD_PARTY_GET ? -1 : A, -1, -1);
		mnl_attr_put_u32(nlh, one[i].attr, B);
		EXPECT_EQ(-EINVAL, CALL(nlh)) TH_LOG("command %d, attribute %d",
						     one[i].cmd, one[i].attr);
		EXPECT_STREQ("a dump does not take this", self->k.text);
		EXPECT_EQ(0, s.count);
	}
	nlh = request(&self->k, POP_CMD_CONTRACT_GET, NLM_F_DUMP, &self->body,
		      -1, -1, -1);
	EXPECT_EQ(-EINVAL, CALL(nlh));
	EXPECT_STREQ("a dump does not take this", self->k.text);
}

TEST_F(look, dump__parties_of_a_contract)
{
	struct seen s;

	EXPECT_EQ(-ENOENT, CALL(request(&self->k, POP_CMD_PARTY_GET, NLM_F_DUMP,
					&self->body, -1, -1, -1)));
	EXPECT_STREQ("no such contract is loaded", self->k.text);
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	EXPECT_EQ(0, CALL(request(&self->k, POP_CMD_PARTY_GET, NLM_F_DUMP,
				  &self->body, -1, -1, -1)));
	EXPECT_EQ(0, s.count);
}

TEST_F(look, dump__channels_of_a_phase)
{
	struct nlmsghdr *nlh;
	struct seen s;
	int phase;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	for (phase = 0; phase < 4; phase++) {
		nlh = request(&self->k, POP_CMD_CHANNEL_GET, NLM_F_DUMP,
			      &self->body, A, -1, -1);
		mnl_attr_put_u32(nlh, POP_A_CHANNEL_PHASE, phase);
		ASSERT_EQ(0, CALL(nlh));
		EXPECT_EQ(phase == 0 ? 3 : phase == 1 ? 1 : 0, s.count);
	}
	nlh = request(&self->k, POP_CMD_CHANNEL_GET, NLM_F_DUMP, &self->body, A,
		      -1, -1);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_PHASE, 0);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_DIRECTION, POP_DIRECTION_INPUT);
	ASSERT_EQ(0, CALL(nlh));
	EXPECT_EQ(0, s.count);
	nlh = request(&self->k, POP_CMD_CHANNEL_GET, NLM_F_DUMP, &self->body, A,
		      -1, -1);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_DIRECTION, POP_DIRECTION_OUTPUT);
	ASSERT_EQ(0, CALL(nlh));
	EXPECT_EQ(3, s.count);
}

#define MANY 600	/* takes several messages, whatever is dumped */

TEST_F(look, dump__many_contracts)
{
	struct kit_contract c = contract;
	struct seen s;
	int i;

	for (i = 0; i < MANY; i++) {
		char name[16];
		struct kit_body b;

		snprintf(name, sizeof(name), "look-%d", i);
		c.name = name;
		c.salt = i % 64;
		b = kit_encode(&c);
		/* keys that no other of them has */
		b.salt = i;
		b.parties = 3;
		ASSERT_EQ(0, kit_contract_add(&self->k, &b, 3));
		if (i < 256)
			ASSERT_EQ(0, kit_party_add(&self->k, &b, i % 3, 0))
				TH_LOG("%d: %s", i, self->k.text);
		free(b.data);
	}
	ASSERT_EQ(0, CALL(kit_start(&self->k, POP_CMD_CONTRACT_GET,
				    NLM_F_DUMP)));
	EXPECT_EQ(MANY, s.count);
	ASSERT_EQ(0, CALL(kit_start(&self->k, POP_CMD_PARTY_GET, NLM_F_DUMP)));
	EXPECT_EQ(256, s.count);
}

/* p0 sends to p1 in the first phase, to p2 in the second, and so on. */
static struct kit_body ladder(void)
{
	static struct kit_action all[MANY - 1];
	struct kit_contract c = {
		.name = "ladder", .parties = MANY, .phases = MANY - 1,
		.action = all, .nr_actions = MANY - 1,
	};
	int i;

	for (i = 0; i < MANY - 1; i++)
		all[i] = (struct kit_action){
			.phase = i, .name = "step", .nr_to = 1, .to = { i + 1 },
		};
	return kit_encode(&c);
}

TEST_F(look, dump__many_parts)
{
	struct kit_body b = ladder();
	struct kit other;
	struct seen s;
	int fd;

	ASSERT_EQ(0, kit_contract_add(&self->k, &b, MANY));
	ASSERT_EQ(0, kit_party_add(&self->k, &b, A, 0)) TH_LOG("%s",
							       self->k.text);
	ASSERT_EQ(0, CALL(request(&self->k, POP_CMD_PEER_GET, NLM_F_DUMP, &b, A,
				  -1, -1)));
	EXPECT_EQ(MANY - 1, s.count);
	ASSERT_EQ(0, CALL(request(&self->k, POP_CMD_PHASE_GET, NLM_F_DUMP, &b, A,
				  -1, -1)));
	EXPECT_EQ(MANY - 1, s.count);
	ASSERT_EQ(0, CALL(request(&self->k, POP_CMD_CHANNEL_GET, NLM_F_DUMP, &b,
				  A, -1, -1)));
	EXPECT_EQ(MANY - 1, s.count);
	EXPECT_EQ(MANY - 1, s.u32[POP_A_CHANNEL_PEER]);

	/* the party goes in the middle of a dump: that is what the rest says */
	fd = mnl_socket_get_fd(self->k.nl);
	mnl_socket_sendto(self->k.nl, request(&self->k, POP_CMD_CHANNEL_GET,
					      NLM_F_DUMP, &b, A, -1, -1),
			  ((struct nlmsghdr *)self->k.request)->nlmsg_len);
	ASSERT_LT(0, recv(fd, self->k.answer, KIT_MESSAGE, 0));
	ASSERT_EQ(0, kit_open(&other));
	ASSERT_EQ(0, kit_party_del(&other, &b, A));
	kit_close(&other);
	memset(&s, 0, sizeof(s));
	EXPECT_EQ(-ENOENT, kit_wait(&self->k, self->k.seq, seen_cb, &s));
	EXPECT_GT(MANY - 1, s.count);
	free(b.data);
}

/* --- the channels of others ------------------------------------------------------- */

static struct nlmsghdr *ask(struct kit *k, const struct kit_body *b, int party,
			    int peer)
{
	return request(k, POP_CMD_STATE_GET, 0, b, party, peer, -1);
}

/*
 * Send @nlh, and wait until its answers are there: the number of the request, and
 * the state-ntf, which comes by itself, before or after. Return: 0 or a negative
 * errno.
 */
static int ask_and_hear(struct kit *k, struct nlmsghdr *nlh, struct seen *number,
			struct seen *ntf)
{
	uint32_t seq = nlh->nlmsg_seq;

	memset(number, 0, sizeof(*number));
	memset(ntf, 0, sizeof(*ntf));
	mnl_socket_sendto(k->nl, nlh, nlh->nlmsg_len);
	while (!number->count || !ntf->count) {
		int len = mnl_socket_recvfrom(k->nl, k->answer, KIT_MESSAGE);
		const struct nlmsghdr *h = (void *)k->answer;

		if (len < 0)
			return -errno;
		for (; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len)) {
			const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
			const struct genlmsghdr *genl = (void *)e;

			if (h->nlmsg_type == NLMSG_ERROR) {
				if (h->nlmsg_seq == seq && e->error)
					return e->error;
			} else if (genl->cmd == POP_CMD_STATE_NTF) {
				seen_cb(h, ntf);
			} else if (h->nlmsg_seq == seq) {
				seen_cb(h, number);
			}
		}
	}
	return 0;
}

TEST_F(look, state__of_itself_and_others)
{
	struct seen s, number;
	struct nlmsghdr *nlh;
	int peer;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	for (peer = A; peer <= C; peer++) {
		nlh = ask(&self->k, &self->body, A, peer);
		mnl_attr_put_u32(nlh, POP_A_STATE_PHASE, 0);
		ASSERT_EQ(0, ask_and_hear(&self->k, nlh, &number, &s));
		EXPECT_EQ(number.u64[POP_A_STATE_REQUEST],
			  s.u64[POP_A_STATE_REQUEST]);
		EXPECT_EQ(peer, s.u32[POP_A_STATE_PEER]);
		EXPECT_EQ(A, s.u32[POP_A_STATE_PARTY]);
		EXPECT_EQ(POP_CONTRACT_STATE_OPEN,
			  s.u32[POP_A_STATE_CONTRACT_STATE]);
		/* inputs in phase 0: none of A's, two of B's, one of C's */
		EXPECT_EQ(peer == A ? 0 : peer == B ? 2 : 1,
			  s.u32[POP_A_STATE_COUNT]);
		EXPECT_EQ(s.u32[POP_A_STATE_COUNT], s.len[POP_A_STATE_STATES]);
		EXPECT_EQ(32, s.len[POP_A_STATE_ROOT]);
	}
}

TEST_F(look, state__refused)
{
	static const int types[] = { POP_A_STATE_PHASE, POP_A_STATE_FIRST };
	struct nlmsghdr *nlh;
	struct seen s;
	int i;

	EXPECT_CALL(-ENOENT, POP_A_STATE_CONTRACT,
		    ask(&self->k, &self->body, A, B));
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	EXPECT_CALL(-ENOENT, POP_A_STATE_PARTY, ask(&self->k, &self->body, A, B));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, A, 0));
	EXPECT_CALL(-EINVAL, POP_A_STATE_PEER, ask(&self->k, &self->body, A, 3));
	/* where B is nobody has said */
	EXPECT_EQ(-EDESTADDRREQ, CALL(ask(&self->k, &self->body, A, B)));
	EXPECT_NE('\0', self->k.text[0]);
	for (i = 0; i < 2; i++) {
		nlh = ask(&self->k, &self->body, A, A);
		mnl_attr_put_u32(nlh, types[i], 65535);
		EXPECT_CALL(-ERANGE, types[i], nlh);
	}
	EXPECT_EQ(-EINVAL, CALL(ask(&self->k, &self->body, A, -1)));
	EXPECT_EQ(POP_A_STATE_PEER, self->k.miss);
}

/* Who never answers is forgotten, when others are asked after it. */
TEST_F(look, state__unanswered)
{
	struct seen s, number;
	int i;

	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, A, 0));
	ASSERT_EQ(0, kit_peer_set4(&self->k, &self->body, A, B, "127.0.0.1"));
	for (i = 0; i < 600; i++)
		ASSERT_EQ(0, CALL(ask(&self->k, &self->body, A, B)));
	ASSERT_EQ(0, kit_party_add(&self->k, &self->body, B, 0));
	ASSERT_EQ(0, kit_peer_set4(&self->k, &self->body, B, A, "127.0.0.1"));
	ASSERT_EQ(0, ask_and_hear(&self->k, ask(&self->k, &self->body, A, B),
				  &number, &s));
	EXPECT_EQ(B, s.u32[POP_A_STATE_PEER]);
	/* those that are left go with the party */
	EXPECT_EQ(0, kit_party_del(&self->k, &self->body, A));
}

static int peer_at(struct kit *k, const struct kit_body *b, int self, int peer,
		   const struct sockaddr_in *at)
{
	struct nlmsghdr *nlh = kit_peer_start(k, b, self, peer);

	mnl_attr_put(nlh, POP_A_PEER_ADDR4, sizeof(at->sin_addr),
		     &at->sin_addr);
	mnl_attr_put_u16(nlh, POP_A_PEER_PORT, at->sin_port);
	return kit_call(k, nlh, NULL, NULL);
}

/* Hand a datagram on to the module, if one is there. */
static void hand_on(int fd)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(POP_DEFAULT_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	char unit[2048];
	ssize_t len = recv(fd, unit, sizeof(unit), MSG_DONTWAIT);

	if (len >= 0)
		sendto(fd, unit, len, 0, (void *)&to, sizeof(to));
}

/* The answer is not for another socket that has the asker's port id by then. */
TEST_F(look, state__asker_gone)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(at);
	struct mnl_socket *next;
	struct kit asker;
	unsigned int id;
	char byte;

	/* all that A and B send to each other comes by here */
	ASSERT_EQ(0, bind(fd, (void *)&at, sizeof(at)));
	ASSERT_EQ(0, getsockname(fd, (void *)&at, &len));
	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	ASSERT_EQ(0, peer_at(&self->k, &self->body, A, B, &at));
	ASSERT_EQ(0, peer_at(&self->k, &self->body, B, A, &at));

	ASSERT_EQ(0, kit_open(&asker));
	ASSERT_EQ(0, kit_call(&asker, ask(&asker, &self->body, A, B), NULL,
			      NULL));
	id = mnl_socket_get_portid(asker.nl);
	kit_close(&asker);
	next = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	ASSERT_NE(NULL, next);
	ASSERT_EQ(0, mnl_socket_bind(next, 0, id));

	while (!kit_counter("PopStateReplies") && !kit_counter("PopRxUnasked"))
		hand_on(fd);
	EXPECT_EQ(1, kit_counter("PopRxUnasked"));
	EXPECT_EQ(-1, recv(mnl_socket_get_fd(next), &byte, 1, MSG_DONTWAIT));
	mnl_socket_close(next);
	close(fd);
}

TEST_HARNESS_MAIN
