// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the Byzantine channel: who may send what, what the kernel itself tells,
 * and when the channel closes.
 */

#include "fixture_test.h"
#include "byzantine.h"
#include "input.h"
#include "seal.h"

/* Party 1 may raise disputes about the second action; 3 about phase 1. */
static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(2), .count = 2 },
	{ .phase = 0, .from = 1, .to = BIT(2) },
	{ .phase = 1, .from = 2, .to = BIT(0) },
};

static const struct pop_test_dispute disputes[] = {
	{ .party = 3, .first = 1, .end = 2 },
};

static const struct pop_test_plan plan = {
	.parties = 4, .phases = 2,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
	.disputes = disputes, .nr_disputes = ARRAY_SIZE(disputes),
};

static struct pop_member *member(struct kunit *test)
{
	return pop_test_member(test, pop_test_contract(test, &plan), 2);
}

/* Take what comes next. Return: its length, or an error. */
static int take(struct socket *sock, struct pop_recordinfo *info, void *data,
		size_t size)
{
	u8 control[CMSG_SPACE(sizeof(*info))] = {};
	struct kvec vec = { .iov_base = data, .iov_len = size };
	struct msghdr msg = {
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int ret = kernel_recvmsg(sock, &msg, &vec, 1, size, MSG_DONTWAIT);

	if (ret >= 0)
		memcpy(info, CMSG_DATA((struct cmsghdr *)control),
		       sizeof(*info));
	return ret;
}

static int notice(struct pop_member *m, const void *data, u32 len)
{
	int ret;

	/* as where contradictions are found */
	spin_lock_bh(&m->channel[0].lock);
	ret = pop_byzantine_notice(m, POP_RECORD_EVIDENCE, 0, 1, 0, 1, data,
				   len);
	spin_unlock_bh(&m->channel[0].lock);
	return ret;
}

/* Each socket of the channel gets it, and no other. */
static void notice__all_sockets(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct socket *sock[2] = {
		pop_test_byzantine(test, m), pop_test_byzantine(test, m),
	};
	struct socket *message = pop_test_socket(test, m);
	struct pop_recordinfo info;
	u8 data[8];
	u32 i;

	KUNIT_EXPECT_EQ(test, 0, notice(m, "units", 5));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, 5, take(sock[i], &info, data,
					      sizeof(data)));
		KUNIT_EXPECT_MEMEQ(test, data, "units", 5);
		KUNIT_EXPECT_EQ(test, info.kind, (u32)POP_RECORD_EVIDENCE);
		KUNIT_EXPECT_EQ(test, info.phase, 0);
		KUNIT_EXPECT_EQ(test, info.action, 1);
		KUNIT_EXPECT_EQ(test, info.seq, 0);
		KUNIT_EXPECT_EQ(test, info.sender, 1);
		KUNIT_EXPECT_EQ(test, info.recipient, 2);
		KUNIT_EXPECT_EQ(test, info.length, 5);
		KUNIT_EXPECT_EQ(test, -EAGAIN, take(sock[i], &info, data,
						    sizeof(data)));
	}
	KUNIT_EXPECT_EQ(test, -EAGAIN, pop_test_recv(message, data,
						     sizeof(data)));
	/* nothing came, and nothing went */
	POP_EXPECT_COUNTED(test, RX_RECORDS, 0);
	POP_EXPECT_COUNTED(test, TX_UNITS, 0);
	POP_EXPECT_COUNTED(test, TX_NO_ENDPOINT, 0);
}

static void notice__nobody(struct kunit *test)
{
	struct pop_member *m = member(test);

	KUNIT_EXPECT_EQ(test, -ENOBUFS, notice(m, "x", 1));
	POP_EXPECT_COUNTED(test, RX_RECORD_FULL, 0);
}

static void notice__full(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct socket *sock = pop_test_byzantine(test, m);
	struct pop_recordinfo info;
	u8 data[1];
	u32 i, taken = 0;

	WRITE_ONCE(sock->sk->sk_rcvbuf, SOCK_MIN_RCVBUF);
	for (i = 0; i < 64 && !notice(m, "x", 1); i++)
		;
	KUNIT_EXPECT_GT(test, i, 0);
	KUNIT_EXPECT_LT(test, i, 64);
	KUNIT_EXPECT_EQ(test, -ENOBUFS, notice(m, "x", 1));
	POP_EXPECT_COUNTED(test, RX_RECORD_FULL, 2);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&sock->sk->sk_drops));
	while (take(sock, &info, data, sizeof(data)) == 1)
		taken++;
	KUNIT_EXPECT_EQ(test, taken, i);
	KUNIT_EXPECT_EQ(test, 0, notice(m, "x", 1));
}

static void notice__length(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct socket *sock = pop_test_byzantine(test, m);
	struct pop_recordinfo info;
	u8 *data;

	data = kunit_kzalloc(test, POP_RECORD_MAX + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_EXPECT_EQ(test, -EMSGSIZE, notice(m, data, POP_RECORD_MAX + 1));
	KUNIT_EXPECT_EQ(test, 0, notice(m, data, POP_RECORD_MAX));
	KUNIT_EXPECT_EQ(test, 0, notice(m, data, 0));
	KUNIT_EXPECT_EQ(test, POP_RECORD_MAX,
			take(sock, &info, data, POP_RECORD_MAX + 1));
	KUNIT_EXPECT_EQ(test, 0, take(sock, &info, data, 1));
	KUNIT_EXPECT_EQ(test, info.length, 0);
}

/* ---- what comes ------------------------------------------------------------- */

/* A record from @from, sealed as it must be. */
static struct sk_buff *record(struct kunit *test, u16 from, struct pop_unit u,
			      u8 kind, u64 counter)
{
	const struct pop_record record = {
		.kind = kind,
		.seq = cpu_to_be32(POP_SEQ_ANY),
	};
	u8 k[POP_KEY_LEN], control[POP_KEY_LEN], key[POP_KEY_LEN];
	struct sk_buff *skb;

	skb = pop_unit_alloc(sizeof(record) + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, &record, sizeof(record));
	skb_put_u8(skb, 'x');
	pop_test_key(k, from, 2);
	pop_key_control(control, k);
	pop_key_state(key, control, 7);
	u.type = POP_UNIT_RECORD;
	u.aux = 7;
	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &u,
		       pop_key_cid(k, plan.epoch), cpu_to_be64(counter));
	pop_seal(skb, key);
	return skb;
}

static void arrive(struct sk_buff *skb)
{
	const union pop_addr from = { .in4.sin_family = AF_INET };

	memset(skb->cb, 0xff, sizeof(skb->cb));
	rcu_read_lock();
	local_bh_disable();
	pop_input(pop_test_net(), skb, &from);
	local_bh_enable();
	rcu_read_unlock();
}

static const struct pop_unit vote = { .slot = { .phase = 0, .action = 1 } };
static const struct pop_unit dispute = {
	.flags = POP_UNIT_F_DISPUTE,
	.slot = { .phase = 0, .action = 1 },
};

static void input__record(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct socket *sock = pop_test_byzantine(test, m);
	struct pop_recordinfo info;
	u8 data[2];

	arrive(record(test, 1, dispute, POP_RECORD_VIOLATION, 1));
	KUNIT_EXPECT_EQ(test, 1, take(sock, &info, data, sizeof(data)));
	KUNIT_EXPECT_EQ(test, info.kind, (u32)POP_RECORD_VIOLATION);
	KUNIT_EXPECT_EQ(test, info.sender, 1);
	KUNIT_EXPECT_EQ(test, info.action, 1);
	KUNIT_EXPECT_EQ(test, info.seq, POP_SEQ_ANY);
	arrive(record(test, 3, vote, POP_RECORD_VOTE, 1));
	KUNIT_EXPECT_EQ(test, 1, take(sock, &info, data, sizeof(data)));
	KUNIT_EXPECT_EQ(test, info.sender, 3);
	POP_EXPECT_COUNTED(test, RX_RECORDS, 2);
	POP_EXPECT_COUNTED(test, RX_CONTROL, 2);
}

/* The seal is wrong in all of these: what is counted was found before it. */
static void input__before_the_seal(struct kunit *test)
{
	struct pop_unit nowhere = vote, later = dispute;
	const struct {
		u16 from;
		const struct pop_unit *u;
	} bad[] = {
		{ 0, &dispute }, { 3, &dispute }, { 1, &later },
		{ 1, &nowhere }, { 1, &dispute },
	};
	struct pop_member *m = member(test);
	struct sk_buff *skb;
	u32 i;

	nowhere.slot.action = 2;
	later.slot.phase = 1;
	later.slot.action = 0;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		skb = record(test, bad[i].from, *bad[i].u, POP_RECORD_VIOLATION,
			     i);
		skb->data[skb->len - 1] ^= 1;
		arrive(skb);
	}
	POP_EXPECT_COUNTED(test, RX_FORBIDDEN, 3);
	POP_EXPECT_COUNTED(test, RX_UNSCHEDULED, 1);
	POP_EXPECT_COUNTED(test, RX_BAD_SEAL, 1);
	KUNIT_EXPECT_EQ(test, 0, m->peer[0].replay_top);
	KUNIT_EXPECT_EQ(test, 0, m->peer[1].replay_top);
}

static void input__nobody(struct kunit *test)
{
	member(test);
	arrive(record(test, 1, vote, POP_RECORD_VOTE, 1));
	POP_EXPECT_COUNTED(test, RX_RECORDS, 1);
	POP_EXPECT_COUNTED(test, RX_UNHEARD, 1);
	arrive(record(test, 1, vote, POP_RECORD_VOTE, 1));
	POP_EXPECT_COUNTED(test, RX_REPLAY, 1);
}

/* A kind that its sender may not send, behind an outer part that it may. */
static void input__other_kind(struct kunit *test)
{
	u32 kind, good = 0;

	member(test);
	for (kind = 0; kind <= U8_MAX; kind++) {
		arrive(record(test, 0, vote, kind, 1 + kind));
		good += kind == POP_RECORD_VOTE;
	}
	POP_EXPECT_COUNTED(test, RX_RECORDS, good);
	POP_EXPECT_COUNTED(test, RX_MALFORMED, U8_MAX + 1 - good);
}

/* ---- what may go ------------------------------------------------------------ */

static int may_send(struct pop_member *m, u32 kind, u16 phase, u16 action,
		    u32 seq)
{
	const struct sockaddr_pop about = {
		.spop_phase = phase,
		.spop_action = action,
		.spop_seq = seq,
	};
	struct pop_unit u;

	return pop_byzantine_unit(m, kind, &about, &u);
}

static void unit__every_kind(struct kunit *test)
{
	struct pop_member *m = member(test);
	u32 kind;

	for (kind = 0; kind <= 300; kind++) {
		bool about = kind >= POP_RECORD_VIOLATION &&
			     kind <= POP_RECORD_VOTE;
		bool none = kind >= POP_RECORD_CLOSE && kind <= POP_RECORD_LINK;

		KUNIT_EXPECT_EQ(test, about ? 0 : -EINVAL,
				may_send(m, kind, 0, 0, 1));
		KUNIT_EXPECT_EQ(test, none ? 0 : -EINVAL,
				may_send(m, kind, POP_PHASE_ANY, POP_ACTION_ANY,
					 POP_SEQ_ANY));
		KUNIT_EXPECT_EQ(test, -EINVAL,
				may_send(m, kind, POP_PHASE_ANY, POP_ACTION_ANY,
					 0));
		KUNIT_EXPECT_EQ(test, about ? -EPERM : -EINVAL,
				may_send(m, kind, 0, 0, 2));
		KUNIT_EXPECT_EQ(test, about ? -EPERM : -EINVAL,
				may_send(m, kind, 0, 2, POP_SEQ_ANY));
	}
}

/* ---- how long it lives ------------------------------------------------------ */

/* As pop_contract_end() does, for a contract whose channels are not done. */
static void end_own(struct pop_member *m, u8 state)
{
	struct pop_net *pn = pop_member_net(m);

	mutex_lock(&pn->lock);
	WRITE_ONCE(m->contract->ended, state);
	pop_byzantine_end(m);
	mutex_unlock(&pn->lock);
}

static bool is_shut(const struct socket *sock)
{
	return sock->sk->sk_shutdown == SHUTDOWN_MASK;
}

static void expect_closed(struct kunit *test, struct pop_member *m,
			  const struct socket *sock)
{
	KUNIT_EXPECT_TRUE(test, is_shut(sock));
	KUNIT_EXPECT_TRUE(test, is_shut(pop_test_byzantine(test, m)));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, notice(m, "x", 1));
	arrive(record(test, 1, vote, POP_RECORD_VOTE, 1));
	POP_EXPECT_COUNTED(test, RX_UNSCHEDULED, 1);
	POP_EXPECT_COUNTED(test, RX_RECORDS, 0);
}

/**
 * struct life - when the member ends the contract
 * @what: name of the case
 * @before: so many of its three peers have ended it before
 */
struct life {
	const char *what;
	u32 before;
};

static const struct life lives[] = {
	{ "first", 0 },
	{ "second", 1 },
	{ "third", 2 },
	{ "last", 3 },
};

KUNIT_ARRAY_PARAM_DESC(life, lives, what);

/* Whoever is the last to end the contract, by that the channel closes. */
static void life__last_closes(struct kunit *test)
{
	static const u16 peers[] = { 0, 1, 3 };
	const struct life *life = test->param_value;
	struct pop_member *m = member(test);
	struct socket *sock = pop_test_byzantine(test, m);
	u32 i;

	for (i = 0; i <= ARRAY_SIZE(peers); i++) {
		if (i == life->before)
			end_own(m, POP_CONTRACT_STATE_CLOSED);
		if (i == ARRAY_SIZE(peers))
			break;
		KUNIT_EXPECT_FALSE(test, is_shut(sock));
		KUNIT_EXPECT_EQ(test, 0, notice(m, "x", 1));
		pop_byzantine_peer_ended(&m->peer[peers[i]]);
		/* who says it twice counts once */
		pop_byzantine_peer_ended(&m->peer[peers[i]]);
	}
	expect_closed(test, m, sock);
	/*
	 * All three are told, and who ended it later is answered: but there is
	 * no way to any of them.
	 */
	POP_EXPECT_COUNTED(test, TX_NO_ENDPOINT, 6 - life->before);
}

static void life__aborted(struct kunit *test)
{
	struct pop_member *m = member(test);
	struct socket *sock = pop_test_byzantine(test, m);

	end_own(m, POP_CONTRACT_STATE_ABORTED);
	expect_closed(test, m, sock);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(notice__all_sockets),
	KUNIT_CASE(notice__nobody),
	KUNIT_CASE(notice__full),
	KUNIT_CASE(notice__length),
	KUNIT_CASE(input__record),
	KUNIT_CASE(input__before_the_seal),
	KUNIT_CASE(input__nobody),
	KUNIT_CASE(input__other_kind),
	KUNIT_CASE(unit__every_kind),
	KUNIT_CASE_PARAM(life__last_closes, life_gen_params),
	KUNIT_CASE(life__aborted),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_byzantine",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
