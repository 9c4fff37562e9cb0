// SPDX-License-Identifier: GPL-2.0
/* The codec takes what is canonical, all of it, and nothing else. */

#include <errno.h>
#include <linux/kernel.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "tap.h"

#define CONTRACTS 300
#define GARBAGE 200000

/* Return: whether the body is refused, or says all that its bytes are. */
static bool refused_or_canonical(const void *body, u32 len, bool *accepted)
{
	struct pop_codec_error err;
	struct pop_plan plan;
	struct built again;
	bool same;

	*accepted = !pop_plan_decode(&plan, body, len, &err);
	if (!*accepted)
		return err.reason && err.offset <= len;
	again = encode_again(&plan);
	same = again.len == len && !memcmp(again.body, body, len);
	free(again.body);
	pop_plan_release(&plan);
	return same;
}

static void test_round_trip(void)
{
	u32 i, good = 0;
	bool accepted;

	for (i = 0; i < CONTRACTS; i++) {
		struct built b = random_contract();

		if (refused_or_canonical(b.body, b.len, &accepted) && accepted)
			good++;
		free(b.body);
	}
	tap(good == CONTRACTS,
	    "R3 encode, decode, encode: the same bytes, for %u random contracts",
	    CONTRACTS);
}

static void test_bit_flips(void)
{
	u8 before[POP_HASH_LEN], after[POP_HASH_LEN];
	u32 i, bit, flips = 0, accepts = 0, bad = 0;
	bool accepted;

	for (i = 0; i < 20; i++) {
		struct built b = random_contract();

		pop_contract_hash(before, b.body, b.len);
		for (bit = 0; bit < 8 * b.len; bit++, flips++) {
			b.body[bit / 8] ^= 1 << bit % 8;
			if (!refused_or_canonical(b.body, b.len, &accepted))
				bad++;
			accepts += accepted;
			pop_contract_hash(after, b.body, b.len);
			if (!memcmp(before, after, sizeof(before)))
				bad++;
			b.body[bit / 8] ^= 1 << bit % 8;
		}
		free(b.body);
	}
	diag("%u flips, of which %u make another contract", flips, accepts);
	tap(!bad && accepts,
	    "R3 any flipped bit is refused, or makes another contract with another hash");
}

static void test_lengths(void)
{
	struct built b = random_contract();
	struct pop_codec_error err;
	struct pop_plan plan;
	u32 len, accepts = 0;

	for (len = 0; len < b.len; len++) {
		/* a copy that ends where it says, for the sanitizer to see */
		u8 *copy = malloc(len ? len : 1);

		memcpy(copy, b.body, len);
		if (!pop_plan_decode(&plan, copy, len, &err))
			accepts++;
		free(copy);
	}
	tap(!accepts, "any of %u truncations is refused", b.len);
	for (len = 1; len <= 1000; len++) {
		u8 zero = 0;

		append(&b, &zero, 1);
		if (!pop_plan_decode(&plan, b.body, b.len, &err))
			accepts++;
	}
	tap(!accepts, "any of 1000 extensions is refused");
	free(b.body);
}

static void test_garbage(void)
{
	u32 i, j, bad = 0, accepts = 0;
	bool accepted;

	for (i = 0; i < GARBAGE; i++) {
		u32 len = below(600);
		u8 *body = malloc(len ? len : 1);

		random_bytes(body, len);
		/* mostly a head that promises something */
		if (len >= sizeof(struct pop_body) && below(8)) {
			struct pop_body head = {
				.magic = cpu_to_be32(POP_BODY_MAGIC),
				.parties = cpu_to_be16(below(4)),
				.phases = cpu_to_be16(below(4)),
				.name = "garbage",
			};
			memcpy(body, &head, sizeof(head));
		}
		if (!refused_or_canonical(body, len, &accepted))
			bad++;
		free(body);
	}
	tap(!bad, "%u bodies of random bytes do no harm", GARBAGE);

	for (i = 0, bad = 0; i < 2000; i++) {
		struct built b = random_contract();

		for (j = below(4) + 1; j; j--)
			b.body[below(b.len)] = below(256);
		if (!refused_or_canonical(b.body, b.len, &accepted))
			bad++;
		accepts += accepted;
		free(b.body);
	}
	diag("%u of them are contracts still", accepts);
	tap(!bad && accepts, "neither do 2000 with some bytes changed");
}

/* Two parties, a phase, an action: the smallest contract there is. */
struct smallest {
	struct pop_body head;
	struct pop_body_party party[2];
	struct pop_body_phase phase;
	struct pop_body_action action;
	__be16 to;
} __attribute__((packed, aligned(4)));

static void make_smallest(struct smallest *s)
{
	*s = (struct smallest) {
		.head = {
			.magic = cpu_to_be32(POP_BODY_MAGIC),
			.parties = cpu_to_be16(2),
			.phases = cpu_to_be16(1),
			.name = "smallest",
		},
		.party = {
			{ .identity = "i1", .key = "k1", .name = "a" },
			{ .identity = "i2", .key = "k2", .name = "b" },
		},
		.phase = { .actions = cpu_to_be16(1) },
		.action = {
			.recipients = cpu_to_be16(1),
			.count = cpu_to_be32(1),
			.max = cpu_to_be32(1),
			.name = "act",
		},
		.to = cpu_to_be16(1),
	};
}

/* One defect: bytes at @offset become @bytes. */
static const struct defect {
	const char *reason;
	u32 offset;
	u32 len;
	const char *bytes;
} defects[] = {
#define AT(member) offsetof(struct smallest, member)
	{ "not a PoP contract", AT(head.magic), 1, "Q" },
	{ "unknown contract flag", AT(head.flags), 1, "\x02" },
	{ "a reserved byte of the contract is not zero",
	  AT(head.reserved), 1, "\x01" },
	{ "a reserved byte of the contract is not zero",
	  AT(head.reserved2) + 19, 1, "\x01" },
	{ "bad contract name", AT(head.name), 1, "\0" },
	{ "bad contract name", AT(head.name), 1, "S" },
	{ "bad contract name", AT(head.name) + 23, 1, "x" },
	{ "bad contract name", AT(head.name), 24, "abcdefghijklmnopqrstuvwx" },
	{ "a contract needs two parties", AT(head.parties), 2, "\0\1" },
	{ "too many parties", AT(head.parties), 2, "\4\1" },
	{ "a contract needs a phase", AT(head.phases), 2, "\0\0" },
	{ "f faulty parties need 3f + 1 parties", AT(head.faulty), 2, "\0\1" },
	{ "f faulty parties need 3f + 1 parties",
	  AT(head.faulty), 2, "\xff\xff" },
	{ "bad party name", AT(party[1].name), 1, " " },
	{ "parties are not in ascending order", AT(party[1].name), 1, "a" },
	{ "parties are not in ascending order", AT(party[0].name), 1, "c" },
	{ "a reserved byte of a party is not zero",
	  AT(party[0].reserved), 1, "\x01" },
	{ "a reserved byte of a party is not zero",
	  AT(party[0].reserved) + 3, 1, "\x80" },
	{ "a range of disputes is empty",
	  AT(party[0].dispute_first), 2, "\0\1" },
	{ "a range of disputes is empty",
	  AT(party[1].dispute_first), 4, "\0\1\0\1" },
	{ "a range of disputes is empty",
	  AT(party[1].dispute_first), 4, "\0\2\0\1" },
	{ "a range of disputes ends behind the last phase",
	  AT(party[1].dispute_end), 2, "\0\2" },
	{ "a range of disputes ends behind the last phase",
	  AT(party[0].dispute_end), 2, "\1\0" },
	{ "a range of disputes ends behind the last phase",
	  AT(party[0].dispute_first), 4, "\0\1\0\2" },
	{ "a party has no key", AT(party[0].identity), 2, "\0\0" },
	{ "a party has no key", AT(party[1].key), 2, "\0\0" },
	{ "two parties share a key", AT(party[1].identity), 2, "i1" },
	{ "two parties share a key", AT(party[1].key), 2, "k1" },
	{ "unknown gate", AT(phase.gate), 1, "\x02" },
	{ "a reserved byte of a phase is not zero",
	  AT(phase.reserved), 1, "\x01" },
	{ "bad phase name", AT(phase.name) + 1, 1, "x" },
	{ "a phase needs an action", AT(phase.actions), 2, "\0\0" },
	{ "the body is cut short", AT(phase.actions), 2, "\0\2" },
	{ "unknown sender", AT(action.from), 2, "\0\2" },
	{ "an action needs a recipient", AT(action.recipients), 2, "\0\0" },
	{ "the body is cut short", AT(action.recipients), 2, "\0\2" },
	{ "an action without a message", AT(action.count), 4, "\0\0\0\0" },
	{ "too many messages", AT(action.count), 4, "\1\0\0\1" },
	{ "an action whose messages have no room",
	  AT(action.max), 4, "\0\0\0\0" },
	{ "messages too long", AT(action.max), 4, "\1\0\0\1" },
	{ "unknown action flag", AT(action.flags), 1, "\x02" },
	{ "unknown kind", AT(action.kind), 1, "\x03" },
	{ "unknown consistency", AT(action.consistency), 1, "\x03" },
	{ "consistency needs one message for all",
	  AT(action.consistency), 1, "\x01" },
	{ "unknown evidence", AT(action.evidence), 1, "\x03" },
	{ "unknown rule for late", AT(action.late), 1, "\x02" },
	{ "a reserved byte of an action is not zero",
	  AT(action.reserved) + 2, 1, "\x01" },
	{ "bad action name", AT(action.name), 1, "\0" },
	{ "unknown recipient", AT(to), 2, "\0\2" },
	{ "a party cannot send to itself", AT(to), 2, "\0\0" },
#undef AT
};

static void test_defects(void)
{
	struct pop_codec_error err;
	struct smallest s;
	struct pop_plan plan;
	u32 i;
	int ret;

	make_smallest(&s);
	ret = pop_plan_decode(&plan, &s, offsetof(struct smallest, to) + 2,
			      &err);
	if (tap(!ret, "the smallest contract is taken"))
		pop_plan_release(&plan);
	for (i = 0; i < sizeof(defects) / sizeof(*defects); i++) {
		const struct defect *d = &defects[i];

		make_smallest(&s);
		memcpy((u8 *)&s + d->offset, d->bytes, d->len);
		ret = pop_plan_decode(&plan, &s,
				      offsetof(struct smallest, to) + 2, &err);
		if (!ret)
			pop_plan_release(&plan);
		if (!tap(ret && !strcmp(err.reason, d->reason),
			 "refused: %s (byte %u)", d->reason, d->offset))
			diag("%d: %s", ret, ret ? err.reason : "taken");
	}
}

/* Two recipients of one action, in both orders and the same twice. */
static void test_recipients(void)
{
	static const struct {
		const char *bytes;
		bool good;
	} lists[] = {
		{ "\0\1\0\2", true },
		{ "\0\2\0\1", false },
		{ "\0\1\0\1", false },
	};
	struct pop_body_party third = {
		.identity = "i3", .key = "k3", .name = "c"
	};
	struct pop_codec_error err;
	struct pop_plan plan;
	struct smallest s;
	u32 i;
	int ret;

	for (i = 0; i < 3; i++) {
		struct built b = {};

		make_smallest(&s);
		s.head.parties = cpu_to_be16(3);
		s.action.recipients = cpu_to_be16(2);
		append(&b, &s, offsetof(struct smallest, phase));
		append(&b, &third, sizeof(third));
		append(&b, &s.phase, offsetof(struct smallest, to) -
				     offsetof(struct smallest, phase));
		append(&b, lists[i].bytes, 4);
		ret = pop_plan_decode(&plan, b.body, b.len, &err);
		if (!ret)
			pop_plan_release(&plan);
		free(b.body);
		tap(lists[i].good ? !ret :
		    ret && !strcmp(err.reason,
				   "recipients are not in ascending order"),
		    "R13 recipients %u and %u are %s", lists[i].bytes[1],
		    lists[i].bytes[3], lists[i].good ? "taken" : "refused");
	}
}

/* Four parties with f = 1, two actions of one: what hours and quorum bind. */
static void test_sums(void)
{
	static const struct {
		const char *reason;
		u32 minutes;
		u16 recipients;
		u8 consistency;
	} cases[] = {
		{ NULL, 0x7fffffff, 2, POP_CONSISTENCY_ALL },
		{ "too many hours", 0x80000000, 2, POP_CONSISTENCY_ALL },
		{ "a quorum needs 3f + 1 recipients", 1, 3,
		  POP_CONSISTENCY_QUORUM },
	};
	struct pop_body_party more[2] = {
		{ .identity = "i3", .key = "k3", .name = "c" },
		{ .identity = "i4", .key = "k4", .name = "d" },
	};
	const __be16 to[] = {
		cpu_to_be16(1), cpu_to_be16(2), cpu_to_be16(3),
	};
	struct pop_codec_error err;
	struct pop_plan plan;
	struct smallest s;
	u32 i, j;
	int ret;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct built b = {};

		make_smallest(&s);
		s.head.parties = cpu_to_be16(4);
		s.head.faulty = cpu_to_be16(1);
		s.phase.actions = cpu_to_be16(2);
		s.action.recipients = cpu_to_be16(cases[i].recipients);
		s.action.minutes = cpu_to_be32(cases[i].minutes);
		s.action.flags = POP_ACTION_F_SAME;
		s.action.consistency = cases[i].consistency;
		append(&b, &s, offsetof(struct smallest, phase));
		append(&b, more, sizeof(more));
		append(&b, &s.phase, sizeof(s.phase));
		for (j = 0; j < 2; j++) {
			s.action.name[0] = 'a' + j;
			append(&b, &s.action, sizeof(s.action));
		}
		for (j = 0; j < 2; j++)
			append(&b, to, cases[i].recipients * sizeof(*to));
		ret = pop_plan_decode(&plan, b.body, b.len, &err);
		if (!ret)
			pop_plan_release(&plan);
		free(b.body);
		tap(cases[i].reason ?
		    ret && !strcmp(err.reason, cases[i].reason) : !ret,
		    "two actions: %s", cases[i].reason ?: "taken");
	}
}

static void test_index(void)
{
	u32 i, j, party, bad = 0, looked = 0;
	struct pop_codec_error err;
	struct pop_plan plan;

	for (i = 0; i < 50; i++) {
		struct built b = random_contract();

		pop_plan_decode(&plan, b.body, b.len, &err);
		for (j = 0; j < plan.nr_actions; j++) {
			u32 phase = pop_plan_phase_of(&plan, j);

			bad += j < plan.first_action[phase] ||
			       j >= plan.first_action[phase + 1];
			for (party = 0; party < plan.nr_parties; party++) {
				u32 at = plan.first_to[j];
				int want = -1;

				for (; at < plan.first_to[j + 1]; at++)
					if (be16_to_cpu(plan.to[at]) == party)
						want = at - plan.first_to[j];
				looked++;
				bad += pop_plan_to_index(&plan, j, party) !=
				       want;
			}
		}
		pop_plan_release(&plan);
		free(b.body);
	}
	tap(!bad && looked,
	    "R13 of %u (action, party) exactly the scheduled are found",
	    looked);
}

static bool has_part(const struct pop_plan *plan, u32 action, u32 party)
{
	u32 i;

	for (i = plan->first_to[action]; i < plan->first_to[action + 1]; i++)
		if (be16_to_cpu(plan->to[i]) == party)
			return true;
	return be16_to_cpu(plan->action[action].from) == party;
}

/* What is granted, phase by phase, and the part that one has. */
static void test_disputes(void)
{
	u32 i, j, k, party, bad = 0, granted = 0, part = 0, none = 0;
	struct pop_codec_error err;
	struct pop_plan plan;

	for (i = 0; i < 50; i++) {
		struct built b = random_contract();

		pop_plan_decode(&plan, b.body, b.len, &err);
		for (j = 0; j < plan.nr_phases; j++)
			for (k = plan.first_action[j];
			     k < plan.first_action[j + 1]; k++)
				for (party = 0; party < 20; party++) {
					const struct pop_body_party *p =
						&plan.party[party];
					bool is_one = party < plan.nr_parties;
					bool has = is_one &&
						   has_part(&plan, k, party);
					bool may = is_one && j >=
						be16_to_cpu(p->dispute_first) &&
						j < be16_to_cpu(p->dispute_end);

					granted += may && !has;
					part += has && !may;
					none += !has && !may;
					bad += pop_plan_may_dispute(&plan,
							party, j, k) !=
					       (has || may);
				}
		pop_plan_release(&plan);
		free(b.body);
	}
	tap(!bad && granted && part && none,
	    "R38 disputes: %u by grant, %u by having a part, %u by neither",
	    granted, part, none);
}

int main(void)
{
	test_round_trip();
	test_bit_flips();
	test_lengths();
	test_garbage();
	test_defects();
	test_recipients();
	test_sums();
	test_index();
	test_disputes();
	return tap_done();
}
