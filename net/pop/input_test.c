// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the way in of a datagram: each reason to drop it has its counter and
 * no effect, and what no contract schedules costs no cryptography.
 */

#include "fixture_test.h"
#include "channel.h"
#include "input.h"
#include "seal.h"
#include "slot.h"
#include "unit.h"

static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1), .count = 2, .max = 4096 },
	{ .phase = 0, .from = 1, .to = BIT(0) },
	{ .phase = 0, .from = 2, .to = BIT(1) | BIT(0), .same = true },
	{ .phase = 1, .from = 0, .to = BIT(2) },
	{ .phase = 2, .from = 0, .to = BIT(1) },
	{ .phase = 3, .from = 0, .to = BIT(1) },
};

static const struct pop_test_plan plan = {
	.parties = 3, .phases = 4,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

/* What the tests begin with: a message from party 0 to party 1. */
struct setup {
	struct pop_contract *c;
	struct pop_member *m;
	struct pop_channel *ch;
	struct socket *sock;
	struct pop_test_message *msg;
};

static struct setup set_up(struct kunit *test)
{
	struct setup s;

	s.c = pop_test_contract(test, &plan);
	s.m = pop_test_member(test, s.c, 1);
	s.ch = pop_test_channel(test, s.m, 0, 0);
	s.sock = pop_test_socket(test, s.m);
	s.msg = pop_test_message(test, s.m, s.ch, 0, 200, 1024, 1);
	return s;
}

/* The key by which 0 seals a message for 1. */
static void seal_key(u8 key[POP_KEY_LEN], const struct pop_slot_id *slot,
		     __be64 salt)
{
	u8 k[POP_KEY_LEN], phase_key[POP_KEY_LEN];
	struct pop_ratchet r;

	pop_test_key(k, 0, 1);
	pop_ratchet_init(&r, k);
	pop_ratchet_step(&r, slot->phase);
	pop_ratchet_key(phase_key, &r);
	pop_key_message(key, phase_key, slot, salt);
}

/* The cid under which 1 gets what 0 sends. */
static __be64 cid_of(void)
{
	u8 k[POP_KEY_LEN];

	pop_test_key(k, 0, 1);
	return pop_key_cid(k, plan.epoch);
}

/* Seal @skb, whose data are at the inner part, for the slot that @u names. */
static struct sk_buff *sealed(struct sk_buff *skb, const struct pop_unit *u,
			      const struct pop_header *header)
{
	u8 key[POP_KEY_LEN];

	seal_key(key, &u->slot, pop_key_salt(header));
	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), u, cid_of(),
		       pop_key_salt(header));
	pop_seal(skb, key);
	return skb;
}

static struct sk_buff *header_unit(struct kunit *test, const struct setup *s)
{
	const struct pop_unit u = { .type = POP_UNIT_HEADER };

	return sealed(pop_test_header(test, s->msg), &u, &s->msg->header);
}

static struct sk_buff *payload_unit(struct kunit *test, const struct setup *s)
{
	const struct pop_unit u = { .type = POP_UNIT_PAYLOAD };

	return sealed(pop_test_payload(test, s->msg, 0), &u, &s->msg->header);
}

/* As from the network, where the control block holds other things. */
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

static void input__message(struct kunit *test)
{
	struct setup s = set_up(test);

	arrive(header_unit(test, &s));
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_HALF_HEADER,
			pop_test_state(s.m, s.ch));
	arrive(payload_unit(test, &s));
	pop_test_expect_message(test, s.sock, s.msg);
	KUNIT_EXPECT_EQ(test, s.ch->done, 1);
	KUNIT_EXPECT_EQ(test, 2, atomic64_read(&s.m->peer[0].rx_units));
	POP_EXPECT_COUNTED(test, RX_UNITS, 2);
	POP_EXPECT_COUNTED(test, RX_EXECUTED, 1);
}

/*
 * A socket refuses what lies in an emergency reserve: if it were taken, the message
 * could never be delivered.
 */
static void input__emergency_memory(struct kunit *test)
{
	struct setup s = set_up(test);
	struct sk_buff *skb = header_unit(test, &s);

	skb->pfmemalloc = true;
	arrive(skb);
	POP_EXPECT_STATE(test, s.m, s.ch, OPEN);
	arrive(header_unit(test, &s));
	skb = payload_unit(test, &s);
	skb->pfmemalloc = true;
	arrive(skb);
	POP_EXPECT_STATE(test, s.m, s.ch, HALF_HEADER);
	POP_EXPECT_COUNTED(test, RX_NO_MEMORY, 2);
	/* it comes again */
	arrive(payload_unit(test, &s));
	pop_test_expect_message(test, s.sock, s.msg);
}

/* What was executed is dropped before its seal is looked at. */
static void input__replayed(struct kunit *test)
{
	struct setup s = set_up(test);
	struct sk_buff *forged;

	arrive(header_unit(test, &s));
	arrive(payload_unit(test, &s));
	arrive(header_unit(test, &s));
	arrive(payload_unit(test, &s));
	POP_EXPECT_COUNTED(test, RX_DUPLICATE, 2);
	forged = header_unit(test, &s);
	forged->data[forged->len - 1] ^= 1;
	arrive(forged);
	POP_EXPECT_COUNTED(test, RX_DUPLICATE, 3);
	POP_EXPECT_COUNTED(test, RX_BAD_SEAL, 0);
	POP_EXPECT_COUNTED(test, RX_EXECUTED, 1);
}

/* Whichever bit: it is dropped for some reason, and no slot moves. */
static void input__flipped_bit(struct kunit *test)
{
	struct setup s = set_up(test);
	u32 bit, bits, dropped;

	bits = (sizeof(struct pop_outer) + sizeof(struct pop_header) +
		POP_TAG_LEN) * 8;
	for (bit = 0; bit < bits; bit++) {
		struct sk_buff *skb = header_unit(test, &s);

		KUNIT_ASSERT_EQ(test, skb->len * 8, bits);
		skb->data[bit / 8] ^= 1 << bit % 8;
		arrive(skb);
	}
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_OPEN,
			pop_test_state(s.m, s.ch));
	dropped = pop_test_counted(test, POP_MIB_RX_VERSION) +
		  pop_test_counted(test, POP_MIB_RX_MALFORMED) +
		  pop_test_counted(test, POP_MIB_RX_UNKNOWN) +
		  pop_test_counted(test, POP_MIB_RX_UNSCHEDULED) +
		  pop_test_counted(test, POP_MIB_RX_NOT_OPEN) +
		  pop_test_counted(test, POP_MIB_RX_BAD_SEAL);
	KUNIT_EXPECT_EQ(test, dropped, bits);
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&s.m->peer[0].rx_units));
	KUNIT_EXPECT_EQ(test, 0, pop_test_pending());
}

static void input__cut_short(struct kunit *test)
{
	struct setup s = set_up(test);
	u32 len = 0, whole, bad;

	do {
		struct sk_buff *skb = header_unit(test, &s);

		whole = skb->len;
		skb_trim(skb, len);
		arrive(skb);
	} while (++len < whole);
	bad = whole - sizeof(struct pop_outer) - POP_TAG_LEN;
	POP_EXPECT_COUNTED(test, RX_SHORT, whole - bad);
	POP_EXPECT_COUNTED(test, RX_BAD_SEAL, bad);
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_OPEN,
			pop_test_state(s.m, s.ch));
}

/* Well sealed by a party of the contract, but nonsense. */
static void input__wrong_length(struct kunit *test)
{
	const struct pop_unit header = { .type = POP_UNIT_HEADER };
	const struct pop_unit payload = { .type = POP_UNIT_PAYLOAD };
	struct setup s = set_up(test);
	struct sk_buff *skb;

	skb = pop_test_header(test, s.msg);
	skb_trim(skb, skb->len - 1);
	arrive(sealed(skb, &header, &s.msg->header));
	skb = pop_unit_alloc(200, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, sizeof(struct pop_header) + POP_KEY_LEN);
	arrive(sealed(skb, &header, &s.msg->header));
	skb = pop_test_payload(test, s.msg, 0);
	skb_trim(skb, sizeof(struct pop_payload) - 1);
	arrive(sealed(skb, &payload, &s.msg->header));
	POP_EXPECT_COUNTED(test, RX_MALFORMED, 3);
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_OPEN,
			pop_test_state(s.m, s.ch));
}

/**
 * struct unscheduled - a slot that 0 owes nothing to 1
 * @what: name of the case
 * @slot: its name
 */
struct unscheduled {
	const char *what;
	struct pop_slot_id slot;
};

static const struct unscheduled unscheduled[] = {
	{ "phase", { 4, 0, 0 } },
	{ "last phase", { U16_MAX, 0, 0 } },
	{ "action", { 0, 3, 0 } },
	{ "last action", { 0, U16_MAX, 0 } },
	{ "action of the next phase", { 1, 1, 0 } },
	{ "sequence", { 0, 0, 2 } },
	{ "last sequence", { 0, 0, U32_MAX } },
	{ "own output", { 0, 1, 0 } },
	{ "another sender's", { 0, 2, 0 } },
	{ "another recipient's", { 1, 0, 0 } },
};

static void input__unscheduled(struct kunit *test)
{
	struct setup s = set_up(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(unscheduled); i++) {
		struct pop_unit u = {
			.type = POP_UNIT_HEADER,
			.slot = unscheduled[i].slot,
		};

		arrive(sealed(pop_test_header(test, s.msg), &u,
			      &s.msg->header));
		u.type = POP_UNIT_PAYLOAD;
		arrive(sealed(pop_test_payload(test, s.msg, 0), &u,
			      &s.msg->header));
		KUNIT_EXPECT_EQ_MSG(test, 2 * (i + 1),
				    pop_test_counted(test,
						     POP_MIB_RX_UNSCHEDULED),
				    "%s", unscheduled[i].what);
	}
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&s.m->peer[0].rx_units));
}

static void input__not_open_yet(struct kunit *test)
{
	const struct pop_unit u = {
		.type = POP_UNIT_HEADER,
		.slot = { .phase = 3 },
	};
	struct setup s = set_up(test);

	arrive(sealed(pop_test_header(test, s.msg), &u, &s.msg->header));
	POP_EXPECT_COUNTED(test, RX_NOT_OPEN, 1);
}

/* Two phases ahead of us is no reason to drop. */
static void input__runs_ahead(struct kunit *test)
{
	struct setup s = set_up(test);
	struct pop_channel *ch = pop_test_channel(test, s.m, 2, 0);
	const struct pop_unit u = {
		.type = POP_UNIT_HEADER,
		.slot = { .phase = 2 },
	};

	s.msg = pop_test_message(test, s.m, ch, 0, 10, 1024, 1);
	arrive(sealed(pop_test_header(test, s.msg), &u, &s.msg->header));
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_HALF_HEADER,
			pop_test_state(s.m, ch));
}

static void input__after_the_end(struct kunit *test)
{
	struct setup s = set_up(test);

	mutex_lock(&pop_test_net()->lock);
	KUNIT_EXPECT_EQ(test, 0,
			pop_contract_end(s.c, POP_CONTRACT_STATE_ABORTED,
					 NULL));
	mutex_unlock(&pop_test_net()->lock);
	arrive(header_unit(test, &s));
	POP_EXPECT_COUNTED(test, RX_UNSCHEDULED, 1);
}

/* ---- the contract's group -------------------------------------------------- */

static struct sk_buff *group_unit(struct kunit *test, const struct setup *s,
				  u8 type, u8 flags, u16 action)
{
	const struct pop_unit u = {
		.type = type,
		.flags = flags,
		.slot = { .action = action },
	};
	struct sk_buff *skb = pop_test_payload(test, s->msg, 0);

	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &u,
		       s->c->group.cid, 0);
	skb_put_zero(skb, POP_TAG_LEN);
	return skb;
}

/* Every local recipient gets its copy, and keeps it until it has the key. */
static void group__all_local_recipients(struct kunit *test)
{
	struct setup s = set_up(test);
	struct pop_member *m = pop_test_member(test, s.c, 0);
	struct pop_channel *mine = pop_test_channel(test, m, 0, 2);
	struct pop_channel *its = pop_test_channel(test, s.m, 0, 2);

	arrive(group_unit(test, &s, POP_UNIT_PAYLOAD, POP_UNIT_F_GROUP, 2));
	/* what is sealed still may be anyone's, and is no half */
	POP_EXPECT_STATE(test, m, mine, OPEN);
	POP_EXPECT_STATE(test, s.m, its, OPEN);
	KUNIT_EXPECT_GT(test, m->early_bytes, 0);
	KUNIT_EXPECT_EQ(test, m->early_bytes, s.m->early_bytes);
	POP_EXPECT_COUNTED(test, RX_UNSCHEDULED, 0);
}

static void group__payloads_only(struct kunit *test)
{
	struct setup s = set_up(test);

	arrive(group_unit(test, &s, POP_UNIT_HEADER, POP_UNIT_F_GROUP, 2));
	arrive(group_unit(test, &s, POP_UNIT_PAYLOAD, 0, 2));
	arrive(group_unit(test, &s, POP_UNIT_STATE_REQUEST, 0, 0));
	arrive(group_unit(test, &s, POP_UNIT_PAYLOAD, POP_UNIT_F_GROUP, 1));
	POP_EXPECT_COUNTED(test, RX_UNSCHEDULED, 4);
	KUNIT_EXPECT_EQ(test, 0, pop_test_pending());
}

/* A payload that says it is the group's, under a pair's cid. */
static void group__not_under_a_pairs_cid(struct kunit *test)
{
	const struct pop_unit u = {
		.type = POP_UNIT_PAYLOAD,
		.flags = POP_UNIT_F_GROUP,
	};
	struct setup s = set_up(test);

	arrive(sealed(pop_test_payload(test, s.msg, 0), &u, &s.msg->header));
	POP_EXPECT_COUNTED(test, RX_UNSCHEDULED, 1);
}

/* ---- STATE units ----------------------------------------------------------- */

static struct sk_buff *state_request(struct kunit *test, u64 counter, u64 id,
				     u8 direction, u32 len)
{
	const struct pop_unit u = { .type = POP_UNIT_STATE_REQUEST };
	struct pop_state_request req = {
		.id = cpu_to_be64(id),
		.phase = cpu_to_be16(POP_PHASE_ANY),
		.count = cpu_to_be16(POP_STATE_MAX),
		.direction = direction,
	};
	struct sk_buff *skb = pop_unit_alloc(sizeof(req), GFP_KERNEL);
	u8 k[POP_KEY_LEN], key[POP_KEY_LEN];

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, &req, len);
	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &u, cid_of(),
		       cpu_to_be64(counter));
	pop_test_key(k, 0, 1);
	pop_key_control(key, k);
	pop_key_state(key, key, u.aux);
	pop_seal(skb, key);
	return skb;
}

static void state__once_a_counter(struct kunit *test)
{
	u32 len = sizeof(struct pop_state_request);

	set_up(test);
	arrive(state_request(test, 1000, 1, 0, len));
	POP_EXPECT_COUNTED(test, STATE_REQUESTS, 1);
	arrive(state_request(test, 1000, 1, 0, len));
	POP_EXPECT_COUNTED(test, RX_REPLAY, 1);
	arrive(state_request(test, 999, 1, 1, len));
	POP_EXPECT_COUNTED(test, STATE_REQUESTS, 2);
	arrive(state_request(test, 1000 - POP_REPLAY_WINDOW, 1, 1, len));
	POP_EXPECT_COUNTED(test, RX_REPLAY, 2);
}

static void state__forged(struct kunit *test)
{
	struct sk_buff *skb;

	set_up(test);
	skb = state_request(test, 1000, 1, 0, sizeof(struct pop_state_request));
	((struct pop_outer *)skb->data)->salt = cpu_to_be64(U64_MAX);
	arrive(skb);
	POP_EXPECT_COUNTED(test, RX_BAD_SEAL, 1);
	/* its counter has not moved the window */
	arrive(state_request(test, 1000, 1, 0,
			     sizeof(struct pop_state_request)));
	POP_EXPECT_COUNTED(test, STATE_REQUESTS, 1);
}

static void state__malformed(struct kunit *test)
{
	u32 len = sizeof(struct pop_state_request);

	set_up(test);
	arrive(state_request(test, 1, 0, 0, len));
	arrive(state_request(test, 2, 1, 2, len));
	arrive(state_request(test, 3, 1, 0, len - 1));
	arrive(state_request(test, 4, 1, 0, 0));
	POP_EXPECT_COUNTED(test, RX_MALFORMED, 4);
	POP_EXPECT_COUNTED(test, STATE_REQUESTS, 0);
}

/* Who asks too much is taken note of, and not answered. */
static void state__too_much(struct kunit *test)
{
	u32 len = sizeof(struct pop_state_request);
	struct setup s = set_up(test);
	struct pop_peer *peer = &s.m->peer[0];
	u64 i, answered;

	/* again, if a jiffy has passed in between */
	for (i = 1; i < 100; i++) {
		spin_lock_bh(&peer->lock);
		peer->answers = 0;
		peer->answers_at = jiffies;
		spin_unlock_bh(&peer->lock);
		arrive(state_request(test, i, 1, 0, len));
		if (pop_test_counted(test, POP_MIB_RX_LIMITED))
			break;
	}
	POP_EXPECT_COUNTED(test, RX_LIMITED, 1);
	POP_EXPECT_COUNTED(test, RX_CONTROL, i);
	POP_EXPECT_COUNTED(test, STATE_REQUESTS, i - 1);

	answered = pop_test_counted(test, POP_MIB_STATE_REQUESTS);
	spin_lock_bh(&peer->lock);
	peer->answers_at = jiffies - HZ / 10;
	spin_unlock_bh(&peer->lock);
	arrive(state_request(test, 1000, 1, 0, len));
	POP_EXPECT_COUNTED(test, STATE_REQUESTS, answered + 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(input__message),
	KUNIT_CASE(input__emergency_memory),
	KUNIT_CASE(input__replayed),
	KUNIT_CASE(input__flipped_bit),
	KUNIT_CASE(input__cut_short),
	KUNIT_CASE(input__wrong_length),
	KUNIT_CASE(input__unscheduled),
	KUNIT_CASE(input__not_open_yet),
	KUNIT_CASE(input__runs_ahead),
	KUNIT_CASE(input__after_the_end),
	KUNIT_CASE(group__all_local_recipients),
	KUNIT_CASE(group__payloads_only),
	KUNIT_CASE(group__not_under_a_pairs_cid),
	KUNIT_CASE(state__once_a_counter),
	KUNIT_CASE(state__forged),
	KUNIT_CASE(state__malformed),
	KUNIT_CASE(state__too_much),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_input",
	.suite_init = pop_test_suite_init,
	.init = pop_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
