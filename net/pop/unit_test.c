// SPDX-License-Identifier: GPL-2.0
/* Tests of the outer part of units. */

#include "fixture_test.h"
#include "unit.h"

#define CID	0x1122334455667788ULL
#define SALT	0xa1a2a3a4a5a60000ULL

static const struct pop_unit units[] = {
	{ .type = POP_UNIT_HEADER },
	{ .type = POP_UNIT_HEADER, .flags = POP_UNIT_F_GROUP,
	  .slot = { .phase = 1, .action = 2, .seq = 3 } },
	{ .type = POP_UNIT_HEADER,
	  .slot = { .phase = U16_MAX, .action = U16_MAX, .seq = U32_MAX } },
	{ .type = POP_UNIT_PAYLOAD },
	{ .type = POP_UNIT_PAYLOAD, .fragment = U16_MAX - 1,
	  .flags = POP_UNIT_F_GROUP,
	  .slot = { .phase = 0x1234, .action = 0x5678, .seq = 0x9abcdef0 } },
	{ .type = POP_UNIT_STATE_REQUEST },
	{ .type = POP_UNIT_STATE_REPLY },
	{ .type = POP_UNIT_RELAY, .fragment = POP_RELAY_HEADER,
	  .slot = { .phase = 1, .action = 2, .seq = 3 } },
	{ .type = POP_UNIT_RECORD, .flags = POP_UNIT_F_DISPUTE,
	  .slot = { .phase = U16_MAX - 1, .action = U16_MAX - 1 } },
	{ .type = POP_UNIT_RECORD, .slot = { .phase = 1, .action = 2 } },
	{ .type = POP_UNIT_RECORD,
	  .slot = { .phase = POP_PHASE_ANY, .action = POP_ACTION_ANY } },
};

static void parse__round_trip(struct kunit *test)
{
	struct pop_outer outer;
	struct pop_unit u;
	int i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		const struct pop_unit *from = &units[i];

		pop_unit_outer(&outer, from, cpu_to_be64(CID),
			       cpu_to_be64(SALT));
		memset(&u, 0xff, sizeof(u));
		KUNIT_ASSERT_TRUE(test, pop_unit_parse(&u, &outer));
		KUNIT_EXPECT_EQ(test, u.type, from->type);
		KUNIT_EXPECT_EQ(test, u.flags, from->flags);
		KUNIT_EXPECT_EQ(test, u.fragment, from->fragment);
		KUNIT_EXPECT_EQ(test, u.slot.phase, from->slot.phase);
		KUNIT_EXPECT_EQ(test, u.slot.action, from->slot.action);
		KUNIT_EXPECT_EQ(test, u.slot.seq, from->slot.seq);
	}
}

/* The 32 bytes as the protocol text has them. */
static void outer__layout(struct kunit *test)
{
	static const u8 wire[] = {
		0x12, 0x01, 0x00, 0x05,
		0x01, 0x02, 0x03, 0x04,
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
		0x00, 0x02, 0x00, 0x03,
		0x00, 0x00, 0x00, 0x00,
		0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0x00, 0x00,
	};
	const struct pop_unit u = {
		.type = POP_UNIT_PAYLOAD,
		.flags = POP_UNIT_F_GROUP,
		.fragment = 5,
		.slot = { .phase = 2, .action = 3, .seq = 0x01020304 },
	};
	struct pop_outer outer;

	pop_unit_outer(&outer, &u, cpu_to_be64(CID), cpu_to_be64(SALT));
	KUNIT_EXPECT_EQ(test, sizeof(outer), sizeof(wire));
	KUNIT_EXPECT_MEMEQ(test, &outer, wire, sizeof(wire));
}

/**
 * struct malformed - a valid outer part with some bytes changed
 * @what: name of the case
 * @type: enum pop_unit_type it begins as
 * @at: where it is changed
 * @len: how many bytes
 * @value: big-endian
 */
struct malformed {
	const char *what;
	u8 type;
	u32 at;
	u32 len;
	u32 value;
};

#define AT(field)	offsetof(struct pop_outer, field)

static const struct malformed malformed[] = {
	{ "version 0", POP_UNIT_HEADER, AT(type), 1, 0x01 },
	{ "version 2", POP_UNIT_HEADER, AT(type), 1, 0x21 },
	{ "type 0", POP_UNIT_HEADER, AT(type), 1, 0x10 },
	{ "type 12", POP_UNIT_HEADER, AT(type), 1, 0x1c },
	{ "type 15", POP_UNIT_HEADER, AT(type), 1, 0x1f },
	{ "dispute flag", POP_UNIT_HEADER, AT(flags), 1, 0x02 },
	{ "dispute flag of a payload", POP_UNIT_PAYLOAD, AT(flags), 1, 0x02 },
	{ "unknown flag", POP_UNIT_HEADER, AT(flags), 1, 0x04 },
	{ "last flag", POP_UNIT_PAYLOAD, AT(flags), 1, 0x80 },
	{ "aux", POP_UNIT_HEADER, AT(aux), 4, 1 },
	{ "aux of a payload", POP_UNIT_PAYLOAD, AT(aux), 4, 0x80000000 },
	{ "fragment of a header", POP_UNIT_HEADER, AT(fragment), 2, 1 },
	{ "last fragment", POP_UNIT_PAYLOAD, AT(fragment), 2, U16_MAX },
	{ "request flag", POP_UNIT_STATE_REQUEST, AT(flags), 1, 1 },
	{ "request fragment", POP_UNIT_STATE_REQUEST, AT(fragment), 2, 1 },
	{ "request sequence", POP_UNIT_STATE_REQUEST, AT(seq), 4, 1 },
	{ "request phase", POP_UNIT_STATE_REQUEST, AT(phase), 2, 1 },
	{ "request action", POP_UNIT_STATE_REQUEST, AT(action), 2, 1 },
	{ "reply flag", POP_UNIT_STATE_REPLY, AT(flags), 1, 1 },
	{ "reply fragment", POP_UNIT_STATE_REPLY, AT(fragment), 2, 256 },
	{ "reply sequence", POP_UNIT_STATE_REPLY, AT(seq), 4, 1 << 24 },
	{ "reply phase", POP_UNIT_STATE_REPLY, AT(phase), 2, 256 },
	{ "reply action", POP_UNIT_STATE_REPLY, AT(action), 2, 256 },
	{ "slots request flag", POP_UNIT_SLOTS_REQUEST, AT(flags), 1, 1 },
	{ "slots request phase", POP_UNIT_SLOTS_REQUEST, AT(phase), 2, 1 },
	{ "slots reply sequence", POP_UNIT_SLOTS_REPLY, AT(seq), 4, 1 },
	{ "retransmit action", POP_UNIT_RETRANSMIT, AT(action), 2, 1 },
	{ "echo seq", POP_UNIT_ECHO, AT(seq), 4, 1 },
	{ "recovery phase", POP_UNIT_RECOVERY, AT(phase), 2, 1 },
	{ "relay flags", POP_UNIT_RELAY, AT(flags), 1, 1 },
	{ "retransmit fragment", POP_UNIT_RETRANSMIT, AT(fragment), 2, 1 },
	{ "record flag", POP_UNIT_RECORD, AT(flags), 1, 0x01 },
	{ "record flags", POP_UNIT_RECORD, AT(flags), 1, 0x03 },
	{ "record unknown flag", POP_UNIT_RECORD, AT(flags), 1, 0x04 },
	{ "record fragment", POP_UNIT_RECORD, AT(fragment), 2, 1 },
	{ "record sequence", POP_UNIT_RECORD, AT(seq), 4, 1 },
	{ "record any phase", POP_UNIT_RECORD, AT(phase), 2, U16_MAX },
	{ "record any action", POP_UNIT_RECORD, AT(action), 2, U16_MAX },
};

KUNIT_ARRAY_PARAM_DESC(malformed, malformed, what);

static void parse__refuses(struct kunit *test)
{
	const struct malformed *bad = test->param_value;
	const struct pop_unit from = { .type = bad->type };
	struct pop_outer outer;
	struct pop_unit u;
	u32 i;

	pop_unit_outer(&outer, &from, cpu_to_be64(CID), cpu_to_be64(SALT));
	KUNIT_ASSERT_TRUE(test, pop_unit_parse(&u, &outer));
	for (i = 0; i < bad->len; i++)
		((u8 *)&outer)[bad->at + i] =
			bad->value >> 8 * (bad->len - 1 - i);
	KUNIT_EXPECT_FALSE(test, pop_unit_parse(&u, &outer));
}

/* A dispute is about something. */
static void parse__dispute(struct kunit *test)
{
	const struct pop_unit from = {
		.type = POP_UNIT_RECORD,
		.flags = POP_UNIT_F_DISPUTE,
		.slot = { .phase = POP_PHASE_ANY, .action = POP_ACTION_ANY },
	};
	struct pop_outer outer;
	struct pop_unit u;

	pop_unit_outer(&outer, &from, cpu_to_be64(CID), cpu_to_be64(SALT));
	KUNIT_EXPECT_FALSE(test, pop_unit_parse(&u, &outer));
	outer.flags = 0;
	KUNIT_EXPECT_TRUE(test, pop_unit_parse(&u, &outer));
}

/* The counter of a STATE unit can be any. */
static void parse__counter(struct kunit *test)
{
	const struct pop_unit from = { .type = POP_UNIT_STATE_REQUEST };
	struct pop_outer outer;
	struct pop_unit u;

	pop_unit_outer(&outer, &from, cpu_to_be64(CID), cpu_to_be64(1));
	KUNIT_EXPECT_TRUE(test, pop_unit_parse(&u, &outer));
	pop_unit_outer(&outer, &from, cpu_to_be64(CID), cpu_to_be64(U64_MAX));
	KUNIT_EXPECT_TRUE(test, pop_unit_parse(&u, &outer));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(parse__round_trip),
	KUNIT_CASE(outer__layout),
	KUNIT_CASE_PARAM(parse__refuses, malformed_gen_params),
	KUNIT_CASE(parse__dispute),
	KUNIT_CASE(parse__counter),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_unit",
	.test_cases = cases,
};

kunit_test_suite(suite);
