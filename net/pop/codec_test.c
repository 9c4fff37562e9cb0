// SPDX-License-Identifier: GPL-2.0
/* Tests of the codec of contract bodies. */

#include <linux/mm.h>

#include "fixture_test.h"

/* Four parties, two phases, three actions, five recipients. */
static const struct pop_test_action actions[] = {
	{ .phase = 0, .from = 0, .to = BIT(1) | BIT(2), .same = true },
	{ .phase = 0, .from = 1, .to = BIT(3), .count = 5, .minutes = 60 },
	{ .phase = 1, .from = 3, .to = BIT(0) | BIT(2) },
};

static const struct pop_test_plan valid = {
	.parties = 4, .phases = 2, .epoch = 7,
	.actions = actions, .nr_actions = ARRAY_SIZE(actions),
};

/* Where a field stands in the body of @valid. */
#define BODY(field)	offsetof(struct pop_body, field)
#define PARTY(i, field)							\
	(sizeof(struct pop_body) + (i) * sizeof(struct pop_body_party) +	\
	 offsetof(struct pop_body_party, field))
#define PHASE(i, field)							\
	(PARTY(4, identity) + (i) * sizeof(struct pop_body_phase) +	\
	 offsetof(struct pop_body_phase, field))
#define ACTION(i, field)						\
	(PHASE(2, deadline) + (i) * sizeof(struct pop_body_action) +	\
	 offsetof(struct pop_body_action, field))
#define TO(i)	(ACTION(3, from) + (i) * sizeof(__be16))
#define END	TO(5)

static void free_body(void *body)
{
	kvfree(body);
}

/* The body of @plan, until the test ends. */
static void *body_of(struct kunit *test, const struct pop_test_plan *plan,
		     u32 *len)
{
	void *body = pop_test_body(plan, len);

	KUNIT_ASSERT_NOT_NULL(test, body);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_body, body));
	return body;
}

static void decode__valid(struct kunit *test)
{
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len;
	u8 *body = body_of(test, &valid, &len);

	KUNIT_ASSERT_EQ(test, (u32)END, len);
	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	KUNIT_EXPECT_NULL(test, err.reason);
	KUNIT_EXPECT_PTR_EQ(test, plan.body, (void *)body);
	KUNIT_EXPECT_PTR_EQ(test, plan.party, (void *)body + PARTY(0, identity));
	KUNIT_EXPECT_PTR_EQ(test, plan.phase, (void *)body + PHASE(0, deadline));
	KUNIT_EXPECT_PTR_EQ(test, plan.action, (void *)body + ACTION(0, from));
	KUNIT_EXPECT_PTR_EQ(test, plan.to, (void *)body + TO(0));
	KUNIT_EXPECT_EQ(test, plan.body_len, len);
	KUNIT_EXPECT_EQ(test, plan.nr_parties, 4);
	KUNIT_EXPECT_EQ(test, plan.nr_phases, 2);
	KUNIT_EXPECT_EQ(test, plan.nr_actions, 3);
	KUNIT_EXPECT_EQ(test, plan.nr_edges, 5);
	KUNIT_EXPECT_EQ(test, plan.nr_slots, 9);
	pop_plan_release(&plan);
	KUNIT_EXPECT_NULL(test, plan.first_action);
	KUNIT_EXPECT_NULL(test, plan.first_to);
}

static void decode__index(struct kunit *test)
{
	static const u32 first_action[] = { 0, 2, 3 };
	static const u32 first_to[] = { 0, 2, 3, 5 };
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len;
	void *body = body_of(test, &valid, &len);

	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	KUNIT_EXPECT_MEMEQ(test, plan.first_action, first_action,
			   sizeof(first_action));
	KUNIT_EXPECT_MEMEQ(test, plan.first_to, first_to, sizeof(first_to));
	pop_plan_release(&plan);
}

/**
 * struct refusal - a change of the valid body, and why it is refused
 * @what: name of the case
 * @at: where it is changed
 * @len: how many bytes, the last of which is
 * @value: big-endian
 * @error: from pop_plan_decode()
 * @reason: that it gives
 * @offset: that it points to
 */
struct refusal {
	const char *what;
	u32 at;
	u32 len;
	u32 value;
	int error;
	const char *reason;
	u32 offset;
};

#define CHANGE(what, at, len, value, reason)				\
	{ what, at, len, value, -EINVAL, reason, at }
#define CHANGE_FAR(what, at, len, value, reason, offset)		\
	{ what, at, len, value, -EINVAL, reason, offset }
#define TOO_BIG(what, at, len, value, reason, offset)			\
	{ what, at, len, value, -E2BIG, reason, offset }

static const struct refusal refusals[] = {
	CHANGE("magic", BODY(magic), 4, 0x506f5032, "not a PoP contract"),
	CHANGE("flag", BODY(flags), 1, 2, "unknown contract flag"),
	CHANGE("reserved", BODY(reserved), 1, 1,
	       "a reserved byte of the contract is not zero"),
	CHANGE_FAR("reserved2 first", BODY(reserved2), 1, 1,
		   "a reserved byte of the contract is not zero",
		   BODY(reserved)),
	CHANGE_FAR("reserved2 last", BODY(reserved2) + 19, 1, 1,
		   "a reserved byte of the contract is not zero",
		   BODY(reserved)),
	CHANGE("faulty", BODY(faulty), 2, 2,
	       "f faulty parties need 3f + 1 parties"),
	CHANGE("faulty most", BODY(faulty), 2, 0xffff,
	       "f faulty parties need 3f + 1 parties"),
	CHANGE("one party", BODY(parties), 2, 1,
	       "a contract needs two parties"),
	CHANGE("no party", BODY(parties), 2, 0, "a contract needs two parties"),
	TOO_BIG("parties", BODY(parties), 2, POP_MAX_PARTIES + 1,
		"too many parties", BODY(parties)),
	CHANGE("no phase", BODY(phases), 2, 0, "a contract needs a phase"),
	CHANGE("name empty", BODY(name), 4, 0, "bad contract name"),
	CHANGE("name upper case", BODY(name), 1, 'T', "bad contract name"),
	CHANGE("name slash", BODY(name), 1, '/', "bad contract name"),
	CHANGE("name control", BODY(name), 1, 0x1f, "bad contract name"),
	CHANGE("name beyond ASCII", BODY(name), 1, 0xe4, "bad contract name"),
	CHANGE_FAR("name behind its end", BODY(name) + 23, 1, 'x',
		   "bad contract name", BODY(name)),
	CHANGE_FAR("more parties than there are", BODY(parties), 2, 5,
		   "bad party name", PARTY(4, name)),
	CHANGE_FAR("more than the body has", BODY(parties), 2, 1024,
		   "the body is cut short", END),
	CHANGE_FAR("phases cut short", BODY(phases), 2, 1024,
		   "the body is cut short", END),

	CHANGE("party name empty", PARTY(0, name), 1, 0, "bad party name"),
	CHANGE("party name", PARTY(2, name), 1, ' ', "bad party name"),
	CHANGE_FAR("party names equal", PARTY(1, name) + 5, 1, '0',
		   "parties are not in ascending order", PARTY(1, name)),
	CHANGE_FAR("party names descending", PARTY(3, name) + 5, 1, '1',
		   "parties are not in ascending order", PARTY(3, name)),
	CHANGE("party reserved", PARTY(3, reserved), 1, 1,
	       "a reserved byte of a party is not zero"),
	CHANGE_FAR("party reserved last", PARTY(0, reserved) + 3, 1, 0x80,
		   "a reserved byte of a party is not zero",
		   PARTY(0, reserved)),
	CHANGE("disputes without end", PARTY(1, dispute_first), 2, 1,
	       "a range of disputes is empty"),
	CHANGE("disputes without end, most", PARTY(3, dispute_first), 2, 0xffff,
	       "a range of disputes is empty"),
	CHANGE("disputes of no phase", PARTY(0, dispute_first), 4, 0x00010001,
	       "a range of disputes is empty"),
	CHANGE("disputes backwards", PARTY(2, dispute_first), 4, 0x00020001,
	       "a range of disputes is empty"),
	CHANGE("disputes behind the end", PARTY(2, dispute_end), 2, 3,
	       "a range of disputes ends behind the last phase"),
	CHANGE("disputes behind the end, most", PARTY(3, dispute_end), 2, 0xffff,
	       "a range of disputes ends behind the last phase"),
	CHANGE_FAR("disputes of a phase too many", PARTY(0, dispute_first), 4,
		   0x00010003, "a range of disputes ends behind the last phase",
		   PARTY(0, dispute_end)),
	CHANGE_FAR("disputes of a phase that is none", PARTY(0, dispute_first),
		   4, 0x00020003,
		   "a range of disputes ends behind the last phase",
		   PARTY(0, dispute_end)),
	CHANGE("no identity", PARTY(0, identity), 1, 0, "a party has no key"),
	CHANGE_FAR("no contract key", PARTY(0, key), 1, 0, "a party has no key",
		   PARTY(0, identity)),
	CHANGE_FAR("identities equal", PARTY(3, identity) + 1, 1, 1,
		   "two parties share a key", PARTY(3, identity)),
	CHANGE_FAR("contract keys equal", PARTY(2, key) + 1, 1, 0,
		   "two parties share a key", PARTY(2, identity)),

	CHANGE("gate", PHASE(1, gate), 1, __POP_GATE_MAX, "unknown gate"),
	CHANGE("phase reserved", PHASE(0, reserved), 1, 1,
	       "a reserved byte of a phase is not zero"),
	CHANGE("phase name", PHASE(0, name), 1, '!', "bad phase name"),
	CHANGE_FAR("phase name begins late", PHASE(1, name) + 1, 1, 'x',
		   "bad phase name", PHASE(1, name)),
	CHANGE("phase without action", PHASE(0, actions), 2, 0,
	       "a phase needs an action"),
	CHANGE_FAR("more actions than there are", PHASE(1, actions), 2, 2,
		   "the body is cut short", END),
	CHANGE_FAR("fewer actions than there are", PHASE(0, actions), 2, 1,
		   "recipients are not in ascending order",
		   ACTION(2, recipients)),

	CHANGE("sender", ACTION(0, from), 2, 4, "unknown sender"),
	CHANGE("no recipient", ACTION(1, recipients), 2, 0,
	       "an action needs a recipient"),
	CHANGE_FAR("more recipients than there are", ACTION(2, recipients), 2, 3,
		   "the body is cut short", END),
	CHANGE_FAR("fewer recipients", ACTION(2, recipients), 2, 1,
		   "bytes behind the contract", TO(4)),
	CHANGE("no message", ACTION(1, count), 4, 0,
	       "an action without a message"),
	CHANGE("no room", ACTION(2, max), 4, 0,
	       "an action whose messages have no room"),
	TOO_BIG("long message", ACTION(2, max), 4, POP_MAX_MESSAGE + 1,
		"messages too long", ACTION(2, max)),
	CHANGE("action flag", ACTION(0, flags), 1, 3, "unknown action flag"),
	CHANGE("kind", ACTION(0, kind), 1, __POP_KIND_MAX, "unknown kind"),
	CHANGE("consistency", ACTION(0, consistency), 1, __POP_CONSISTENCY_MAX,
	       "unknown consistency"),
	CHANGE("consistency of different messages", ACTION(2, consistency), 1,
	       POP_CONSISTENCY_ALL, "consistency needs one message for all"),
	CHANGE("evidence", ACTION(1, evidence), 1, __POP_EVIDENCE_MAX,
	       "unknown evidence"),
	CHANGE("late", ACTION(1, late), 1, __POP_LATE_MAX,
	       "unknown rule for late"),
	CHANGE("action reserved", ACTION(1, reserved), 1, 1,
	       "a reserved byte of an action is not zero"),
	CHANGE_FAR("action reserved last", ACTION(1, reserved) + 2, 1, 1,
		   "a reserved byte of an action is not zero",
		   ACTION(1, reserved)),
	CHANGE("action name", ACTION(1, name), 1, 'A', "bad action name"),
	CHANGE_FAR("action names equal", ACTION(1, name) + 7, 1, '0',
		   "actions are not in ascending order", ACTION(1, name)),
	TOO_BIG("slots", ACTION(1, count), 4, POP_MAX_SLOTS, "too many messages",
		ACTION(1, from)),
	TOO_BIG("slots of two recipients", ACTION(0, count), 4,
		POP_MAX_SLOTS / 2 + 1, "too many messages", ACTION(0, from)),
	TOO_BIG("slots beyond 32 bits", ACTION(0, count), 4, 0x80000001,
		"too many messages", ACTION(0, from)),

	CHANGE("recipient", TO(2), 2, 4, "unknown recipient"),
	CHANGE("recipient far out", TO(4), 2, 0xffff, "unknown recipient"),
	CHANGE("to itself", TO(2), 2, 1, "a party cannot send to itself"),
	CHANGE("recipients equal", TO(1), 2, 1,
	       "recipients are not in ascending order"),
	CHANGE("recipients descending", TO(4), 2, 0,
	       "recipients are not in ascending order"),
};

KUNIT_ARRAY_PARAM_DESC(refusals, refusals, what);

static void decode__refuses(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, i;
	u8 *body = body_of(test, &valid, &len);

	for (i = 0; i < r->len; i++)
		body[r->at + i] = r->value >> 8 * (r->len - 1 - i);
	/* only one byte tells the parties' keys apart from none */
	if (r->at == PARTY(0, identity) || r->at == PARTY(0, key))
		memset(body + r->at, 0, POP_KEY_LEN);

	KUNIT_EXPECT_EQ(test, r->error, pop_plan_decode(&plan, body, len, &err));
	KUNIT_EXPECT_STREQ(test, r->reason, err.reason ?: "");
	KUNIT_EXPECT_EQ(test, r->offset, err.offset);
	KUNIT_EXPECT_NULL(test, plan.first_action);
	KUNIT_EXPECT_NULL(test, plan.first_to);
}

/* Keys mean nothing to the codec: one bit of each of their bytes will do. */
static bool in_a_key(u32 byte)
{
	u32 at = byte - PARTY(0, identity);

	return byte >= PARTY(0, identity) && byte < PARTY(2, identity) &&
	       at % sizeof(struct pop_body_party) < 2 * POP_KEY_LEN;
}

/* Whatever bit is changed: another contract, or none. */
static void decode__flipped_bit(struct kunit *test)
{
	static const struct pop_test_action action = { .to = BIT(1) };
	static const struct pop_test_plan small = {
		.parties = 2, .phases = 1,
		.actions = &action, .nr_actions = 1,
	};
	u8 hash[POP_HASH_LEN], other[POP_HASH_LEN];
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, bit, accepted = 0;
	u8 *body = body_of(test, &small, &len);

	pop_contract_hash(hash, body, len);
	for (bit = 0; bit < len * 8; bit++) {
		if (in_a_key(bit / 8) && bit % 8 != bit / 8 % 8)
			continue;
		body[bit / 8] ^= 1 << bit % 8;
		if (!pop_plan_decode(&plan, body, len, &err)) {
			pop_plan_release(&plan);
			/* some will do to show that the whole body counts */
			if (accepted++ % 32)
				goto restore;
			pop_contract_hash(other, body, len);
			KUNIT_EXPECT_MEMNEQ(test, hash, other, POP_HASH_LEN);
		} else {
			KUNIT_EXPECT_NOT_NULL(test, err.reason);
			KUNIT_EXPECT_LE(test, err.offset, len);
		}
restore:
		body[bit / 8] ^= 1 << bit % 8;
	}
	/* keys, most numbers, and letters for others */
	KUNIT_EXPECT_GT(test, accepted, 2 * 2 * POP_KEY_LEN - 8);
	KUNIT_EXPECT_LT(test, accepted, len * 8 / 4);
}

static void decode__truncated(struct kunit *test)
{
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, cut;
	u8 *body = body_of(test, &valid, &len);

	for (cut = 0; cut < len; cut++) {
		/* of its own, so that KASAN sees whoever reads on */
		u8 *copy = kmemdup(body, cut, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, copy);
		KUNIT_EXPECT_EQ(test, -EINVAL,
				pop_plan_decode(&plan, copy, cut, &err));
		KUNIT_EXPECT_STREQ(test, "the body is cut short",
				   err.reason ?: "");
		KUNIT_EXPECT_EQ(test, cut, err.offset);
		kfree(copy);
	}
}

static void decode__extended(struct kunit *test)
{
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, more;
	u8 *body = body_of(test, &valid, &len);
	u8 *copy = kunit_kzalloc(test, len + 64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, body, len);
	for (more = 1; more <= 64; more++) {
		KUNIT_EXPECT_EQ(test, -EINVAL,
				pop_plan_decode(&plan, copy, len + more, &err));
		KUNIT_EXPECT_STREQ(test, "bytes behind the contract",
				   err.reason ?: "");
		KUNIT_EXPECT_EQ(test, len, err.offset);
	}
}

static void decode__longest(struct kunit *test)
{
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len;
	u8 *body = body_of(test, &valid, &len);

	/* nobody looks at what is not there */
	KUNIT_EXPECT_EQ(test, -E2BIG, pop_plan_decode(&plan, body,
						      POP_MAX_BODY + 1, &err));
	KUNIT_EXPECT_STREQ(test, "the body is too long", err.reason ?: "");
}

static void decode__most_parties(struct kunit *test)
{
	const struct pop_test_plan many = {
		.parties = POP_MAX_PARTIES, .phases = 1,
		.actions = actions, .nr_actions = 1,
	};
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len;
	struct pop_body *body = body_of(test, &many, &len);

	body->faulty = cpu_to_be16((POP_MAX_PARTIES - 1) / 3);
	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	KUNIT_EXPECT_EQ(test, plan.nr_parties, POP_MAX_PARTIES);
	pop_plan_release(&plan);

	body->faulty = cpu_to_be16((POP_MAX_PARTIES - 1) / 3 + 1);
	KUNIT_EXPECT_EQ(test, -EINVAL, pop_plan_decode(&plan, body, len, &err));
}

static void decode__most_phases(struct kunit *test)
{
	static const struct pop_test_dispute last = {
		.party = 2, .first = POP_MAX_PHASES - 1, .end = POP_MAX_PHASES,
	};
	struct pop_test_action *action;
	struct pop_test_plan long_plan = {
		.parties = 3, .phases = POP_MAX_PHASES,
		.nr_actions = POP_MAX_PHASES,
		.disputes = &last, .nr_disputes = 1,
	};
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, i;
	void *body;

	action = kvcalloc(POP_MAX_PHASES, sizeof(*action), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, action);
	for (i = 0; i < POP_MAX_PHASES; i++) {
		action[i].phase = i;
		action[i].from = i % 2;
		action[i].to = BIT(1 - i % 2);
	}
	long_plan.actions = action;
	body = body_of(test, &long_plan, &len);
	kvfree(action);

	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	KUNIT_EXPECT_EQ(test, plan.nr_phases, POP_MAX_PHASES);
	KUNIT_EXPECT_EQ(test, plan.first_action[POP_MAX_PHASES], POP_MAX_PHASES);
	for (i = 0; i < POP_MAX_PHASES; i += 4097)
		KUNIT_EXPECT_EQ(test, i, pop_plan_phase_of(&plan, i));
	KUNIT_EXPECT_EQ(test, POP_MAX_PHASES - 1,
			pop_plan_phase_of(&plan, POP_MAX_PHASES - 1));
	KUNIT_EXPECT_FALSE(test, pop_plan_may_dispute(&plan, 2,
						      POP_MAX_PHASES - 2,
						      POP_MAX_PHASES - 2));
	KUNIT_EXPECT_TRUE(test, pop_plan_may_dispute(&plan, 2,
						     POP_MAX_PHASES - 1,
						     POP_MAX_PHASES - 1));
	pop_plan_release(&plan);
}

/* Refused by what the phases say, before anything is allocated for it. */
static void decode__too_many_actions(struct kunit *test)
{
	struct pop_test_action action[17] = {};
	const struct pop_test_plan wide = {
		.parties = 2, .phases = 17,
		.actions = action, .nr_actions = ARRAY_SIZE(action),
	};
	struct pop_body_phase *phase;
	struct pop_codec_error err;
	struct pop_body *body;
	struct pop_plan plan;
	u32 len, i;

	for (i = 0; i < ARRAY_SIZE(action); i++) {
		action[i].phase = i;
		action[i].to = BIT(1);
	}
	body = body_of(test, &wide, &len);
	phase = (void *)((struct pop_body_party *)(body + 1) + 2);
	for (i = 0; i < wide.phases; i++)
		phase[i].actions = cpu_to_be16(POP_MAX_PHASE_ACTIONS);

	KUNIT_EXPECT_EQ(test, -E2BIG, pop_plan_decode(&plan, body, len, &err));
	KUNIT_EXPECT_STREQ(test, "too many actions", err.reason ?: "");
	KUNIT_EXPECT_EQ(test, (u32)((u8 *)&phase[16].actions - (u8 *)body),
			err.offset);
}

static void decode__too_many_edges(struct kunit *test)
{
	struct pop_test_action action[17] = {};
	const struct pop_test_plan wide = {
		.parties = 2, .phases = 1,
		.actions = action, .nr_actions = ARRAY_SIZE(action),
	};
	struct pop_body_action *a;
	struct pop_codec_error err;
	struct pop_body *body;
	struct pop_plan plan;
	u32 len, i;

	for (i = 0; i < ARRAY_SIZE(action); i++)
		action[i].to = BIT(1);
	body = body_of(test, &wide, &len);
	a = (void *)((struct pop_body_phase *)
		     ((struct pop_body_party *)(body + 1) + 2) + 1);
	for (i = 0; i < ARRAY_SIZE(action); i++)
		a[i].recipients = cpu_to_be16(0xffff);

	KUNIT_EXPECT_EQ(test, -E2BIG, pop_plan_decode(&plan, body, len, &err));
	KUNIT_EXPECT_STREQ(test, "too many messages", err.reason ?: "");
	KUNIT_EXPECT_EQ(test, (u32)((u8 *)&a[16] - (u8 *)body), err.offset);
}

/* What all actions are worth must fit into what a party can be due. */
static void decode__hours(struct kunit *test)
{
	struct pop_codec_error err;
	struct pop_body_action *a;
	struct pop_plan plan;
	u32 len;
	u8 *body = body_of(test, &valid, &len);

	a = (void *)body + ACTION(0, from);
	a[0].minutes = cpu_to_be32(U32_MAX - 60);
	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	pop_plan_release(&plan);
	a[2].minutes = cpu_to_be32(1);
	KUNIT_EXPECT_EQ(test, -E2BIG, pop_plan_decode(&plan, body, len, &err));
	KUNIT_EXPECT_STREQ(test, "too many hours", err.reason ?: "");
	KUNIT_EXPECT_EQ(test, (u32)ACTION(2, minutes), err.offset);
}

/* 3f + 1 recipients, or f of them could make up two quorums. */
static void decode__quorum(struct kunit *test)
{
	struct pop_codec_error err;
	struct pop_body_action *a;
	struct pop_body *head;
	struct pop_plan plan;
	u32 len;
	u8 *body = body_of(test, &valid, &len);

	head = (void *)body;
	a = (void *)body + ACTION(0, from);
	a->consistency = POP_CONSISTENCY_QUORUM;
	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	pop_plan_release(&plan);
	head->faulty = cpu_to_be16(1);
	KUNIT_EXPECT_EQ(test, -EINVAL, pop_plan_decode(&plan, body, len, &err));
	KUNIT_EXPECT_STREQ(test, "a quorum needs 3f + 1 recipients",
			   err.reason ?: "");
	KUNIT_EXPECT_EQ(test, (u32)ACTION(0, consistency), err.offset);
	a->consistency = POP_CONSISTENCY_ALL;
	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	pop_plan_release(&plan);
}

/* Of all ranges that can be written, those are taken that say something. */
static void decode__disputes(struct kunit *test)
{
	static const u16 edges[] = { 0, 1, 2, 3, 0x100, 0x200, 0xffff };
	u32 len, i, j, taken = 0;
	struct pop_body_party *p;
	struct pop_codec_error err;
	struct pop_plan plan;
	u8 *body = body_of(test, &valid, &len);

	p = (void *)body + PARTY(2, identity);
	for (i = 0; i < ARRAY_SIZE(edges); i++)
		for (j = 0; j < ARRAY_SIZE(edges); j++) {
			bool none = !edges[i] && !edges[j];
			bool good = edges[i] < edges[j] && edges[j] <= 2;

			p->dispute_first = cpu_to_be16(edges[i]);
			p->dispute_end = cpu_to_be16(edges[j]);
			KUNIT_EXPECT_EQ_MSG(test, none || good ? 0 : -EINVAL,
					    pop_plan_decode(&plan, body, len,
							    &err),
					    "from %u to %u", edges[i],
					    edges[j]);
			taken += !err.reason;
			pop_plan_release(&plan);
		}
	KUNIT_EXPECT_EQ(test, taken, 4);
}

/* Sender, recipients, and who has the phase; by number, not by what they do. */
static void may_dispute__every_party(struct kunit *test)
{
	static const struct pop_test_action action[] = {
		{ .phase = 0, .from = 0, .to = BIT(1) | BIT(2) },
		{ .phase = 1, .from = 0, .to = BIT(1) },
		{ .phase = 1, .from = 5, .to = BIT(3) | BIT(4) },
		{ .phase = 2, .from = 2, .to = BIT(0) | BIT(5) },
		{ .phase = 3, .from = 1, .to = BIT(0) },
	};
	static const struct pop_test_dispute disputes[] = {
		{ .party = 2, .first = 0, .end = 1 },
		{ .party = 3, .first = 1, .end = 3 },
		{ .party = 4, .first = 3, .end = 4 },
		{ .party = 5, .first = 0, .end = 4 },
	};
	static const struct pop_test_plan granted = {
		.parties = 6, .phases = 4,
		.actions = action, .nr_actions = ARRAY_SIZE(action),
		.disputes = disputes, .nr_disputes = ARRAY_SIZE(disputes),
	};
	/* of each action: a bit for each party that may */
	static const u32 may[] = {
		BIT(0) | BIT(1) | BIT(2) | BIT(5),
		BIT(0) | BIT(1) | BIT(3) | BIT(5),
		BIT(3) | BIT(4) | BIT(5),
		BIT(0) | BIT(2) | BIT(3) | BIT(5),
		BIT(0) | BIT(1) | BIT(4) | BIT(5),
	};
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, i, party;
	void *body = body_of(test, &granted, &len);

	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	for (i = 0; i < ARRAY_SIZE(action); i++)
		for (party = 0; party < 6; party++)
			KUNIT_EXPECT_EQ_MSG(test, !!(may[i] & BIT(party)),
					    pop_plan_may_dispute(&plan, party,
								 action[i].phase,
								 i),
					    "action %u, party %u", i, party);
	pop_plan_release(&plan);
}

/* Numbers that are no party's, also those whose low bits are one's. */
static void may_dispute__no_party(struct kunit *test)
{
	static const u32 none[] = { 4, 5, 0xffff, 0x10000, 0x10001, U32_MAX };
	static const struct pop_test_dispute all = { .party = 3, .end = 2 };
	struct pop_test_plan granted = valid;
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, i, j;
	void *body;

	granted.disputes = &all;
	granted.nr_disputes = 1;
	body = body_of(test, &granted, &len);
	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		KUNIT_EXPECT_TRUE(test,
				  pop_plan_may_dispute(&plan, 3,
						       actions[i].phase, i));
		for (j = 0; j < ARRAY_SIZE(none); j++)
			KUNIT_EXPECT_FALSE(test,
					   pop_plan_may_dispute(&plan, none[j],
								actions[i].phase,
								i));
	}
	pop_plan_release(&plan);
}

static void to_index__every_party(struct kunit *test)
{
	static const struct pop_test_action action[] = {
		{ .from = 0, .to = 0xaaaaaaaa },
		{ .from = 1, .to = BIT(31) },
		{ .from = 2, .to = (u32)~BIT(2) },
	};
	static const struct pop_test_plan wide = {
		.parties = 32, .phases = 1,
		.actions = action, .nr_actions = ARRAY_SIZE(action),
	};
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, i, party;
	void *body = body_of(test, &wide, &len);

	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	for (i = 0; i < ARRAY_SIZE(action); i++)
		for (party = 0; party < 33; party++) {
			u32 before = party ? GENMASK(min(party, 32U) - 1, 0) : 0;
			bool there = party < 32 && action[i].to & BIT(party);
			int expected = there ?
				       (int)hweight32(action[i].to & before) :
				       -1;

			KUNIT_EXPECT_EQ(test, expected,
					pop_plan_to_index(&plan, i, party));
		}
	pop_plan_release(&plan);
}

static void phase_of__every_action(struct kunit *test)
{
	static const u8 per_phase[] = { 1, 4, 1, 1, 7, 2 };
	struct pop_test_action action[16] = {};
	struct pop_test_plan uneven = {
		.parties = 2, .phases = ARRAY_SIZE(per_phase),
		.actions = action,
	};
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, i, phase;
	void *body;

	for (phase = 0; phase < ARRAY_SIZE(per_phase); phase++)
		for (i = 0; i < per_phase[phase]; i++) {
			action[uneven.nr_actions].phase = phase;
			action[uneven.nr_actions++].to = BIT(1);
		}
	body = body_of(test, &uneven, &len);
	KUNIT_ASSERT_EQ(test, 0, pop_plan_decode(&plan, body, len, &err));
	for (i = 0; i < uneven.nr_actions; i++)
		KUNIT_EXPECT_EQ(test, action[i].phase,
				pop_plan_phase_of(&plan, i));
	pop_plan_release(&plan);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(decode__valid),
	KUNIT_CASE(decode__index),
	KUNIT_CASE_PARAM(decode__refuses, refusals_gen_params),
	KUNIT_CASE(decode__flipped_bit),
	KUNIT_CASE(decode__truncated),
	KUNIT_CASE(decode__extended),
	KUNIT_CASE(decode__longest),
	KUNIT_CASE(decode__most_parties),
	KUNIT_CASE(decode__most_phases),
	KUNIT_CASE(decode__too_many_actions),
	KUNIT_CASE(decode__too_many_edges),
	KUNIT_CASE(decode__hours),
	KUNIT_CASE(decode__quorum),
	KUNIT_CASE(decode__disputes),
	KUNIT_CASE(to_index__every_party),
	KUNIT_CASE(phase_of__every_action),
	KUNIT_CASE(may_dispute__every_party),
	KUNIT_CASE(may_dispute__no_party),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_codec",
	.test_cases = cases,
};

kunit_test_suite(suite);
