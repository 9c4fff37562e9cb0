// SPDX-License-Identifier: GPL-2.0
/* Contract bodies by chance, and written again: see body.h. */

#include <linux/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"

/* xorshift: the same contracts in every run */
u64 body_seed = 88172645463325252ULL;

u32 below(u32 limit)
{
	body_seed ^= body_seed << 13;
	body_seed ^= body_seed >> 7;
	body_seed ^= body_seed << 17;
	return (body_seed >> 32) % limit;
}

void random_bytes(u8 *p, u32 len)
{
	while (len--)
		*p++ = below(256);
}

/* The @index of ascending names, of different lengths. */
static void make_name(u8 name[POP_NAME_LEN], u32 index)
{
	char text[64];

	memset(name, 0, POP_NAME_LEN);
	snprintf(text, sizeof(text), "%05u-abcdefghij_klm.nopqrstuvw", index);
	memcpy(name, text, 5 + below(POP_NAME_LEN - 5));
}

void append(struct built *b, const void *data, u32 len)
{
	b->body = realloc(b->body, b->len + len);
	memcpy(b->body + b->len, data, len);
	b->len += len;
}

static void append_parties(struct built *b, u32 nr, u32 phases)
{
	struct pop_body_party party = {};
	u32 i, first, end;
	bool granted;

	for (i = 0; i < nr; i++) {
		first = below(phases);
		end = first + 1 + below(phases - first);
		granted = below(2);
		party.dispute_first = cpu_to_be16(granted ? first : 0);
		party.dispute_end = cpu_to_be16(granted ? end : 0);
		random_bytes(party.identity, POP_KEY_LEN);
		random_bytes(party.key, POP_KEY_LEN);
		make_name(party.name, i);
		append(b, &party, sizeof(party));
	}
}

static void random_action(struct pop_body_action *a, u32 index, u32 parties)
{
	bool same = below(2), quorum;

	memset(a, 0, sizeof(*a));
	a->from = cpu_to_be16(below(parties));
	a->recipients = cpu_to_be16(1 + below(parties - 1));
	a->count = cpu_to_be32(1 + below(1000));
	a->minutes = cpu_to_be32(below(100000));
	a->max = cpu_to_be32(1 + below(POP_MAX_MESSAGE));
	a->job = cpu_to_be32(below(1000000));
	a->flags = same ? POP_ACTION_F_SAME : 0;
	a->kind = below(__POP_KIND_MAX);
	/* whatever f the contract has, so many recipients make a quorum */
	quorum = be16_to_cpu(a->recipients) > (parties - 1) / 3 * 3;
	a->consistency = same ? below(__POP_CONSISTENCY_MAX - !quorum) : 0;
	a->evidence = below(__POP_EVIDENCE_MAX);
	a->late = below(__POP_LATE_MAX);
	make_name(a->name, index);
}

/* As many as wanted of the parties but the sender. */
static void append_recipients(struct built *b, const struct pop_body_action *a,
			      u32 parties)
{
	u32 left = be16_to_cpu(a->recipients), from = be16_to_cpu(a->from), i;
	u32 choice = parties - 1;
	__be16 to;

	for (i = 0; left; i++) {
		if (i == from)
			continue;
		/* while there are more to choose from than needed */
		if (choice-- > left && below(2))
			continue;
		to = cpu_to_be16(i);
		append(b, &to, sizeof(to));
		left--;
	}
}

struct built random_contract(void)
{
	u32 parties = 2 + below(12), phases = 1 + below(6), i, j, nr = 0;
	struct pop_body head = {
		.magic = cpu_to_be32(POP_BODY_MAGIC),
		.flags = below(2) ? POP_BODY_F_MANUAL : 0,
		.faulty = cpu_to_be16(below((parties - 1) / 3 + 1)),
		.skew = cpu_to_be32(below(1000)),
		.epoch = cpu_to_be32(below(3)),
		.parties = cpu_to_be16(parties),
		.phases = cpu_to_be16(phases),
	};
	struct pop_body_action actions[6 * 5];
	struct built b = {};

	make_name(head.name, below(100));
	append(&b, &head, sizeof(head));
	append_parties(&b, parties, phases);
	for (i = 0; i < phases; i++) {
		struct pop_body_phase phase = {
			.deadline = cpu_to_be32(below(1000)),
			.gate = below(__POP_GATE_MAX),
		};
		u32 count = 1 + below(5);

		phase.actions = cpu_to_be16(count);
		if (below(2))
			make_name(phase.name, i);
		append(&b, &phase, sizeof(phase));
		for (j = 0; j < count; j++)
			random_action(&actions[nr++], j, parties);
	}
	append(&b, actions, nr * sizeof(*actions));
	for (i = 0; i < nr; i++)
		append_recipients(&b, &actions[i], parties);
	return b;
}

static void copy_name(u8 to[POP_NAME_LEN], const u8 from[POP_NAME_LEN])
{
	memcpy(to, from, strnlen((const char *)from, POP_NAME_LEN));
}

struct built encode_again(const struct pop_plan *plan)
{
	struct built b = {};
	u32 i;

	struct pop_body head = {
		.magic = cpu_to_be32(POP_BODY_MAGIC),
		.flags = plan->body->flags & POP_BODY_F_MANUAL,
		.faulty = plan->body->faulty,
		.skew = plan->body->skew,
		.epoch = plan->body->epoch,
		.parties = cpu_to_be16(plan->nr_parties),
		.phases = cpu_to_be16(plan->nr_phases),
	};
	copy_name(head.name, plan->body->name);
	append(&b, &head, sizeof(head));

	for (i = 0; i < plan->nr_parties; i++) {
		struct pop_body_party party = {};

		memcpy(party.identity, plan->party[i].identity, POP_KEY_LEN);
		memcpy(party.key, plan->party[i].key, POP_KEY_LEN);
		party.dispute_first = plan->party[i].dispute_first;
		party.dispute_end = plan->party[i].dispute_end;
		copy_name(party.name, plan->party[i].name);
		append(&b, &party, sizeof(party));
	}
	for (i = 0; i < plan->nr_phases; i++) {
		struct pop_body_phase phase = {
			.deadline = plan->phase[i].deadline,
			.actions = cpu_to_be16(plan->first_action[i + 1] -
					       plan->first_action[i]),
			.gate = plan->phase[i].gate,
		};
		copy_name(phase.name, plan->phase[i].name);
		append(&b, &phase, sizeof(phase));
	}
	for (i = 0; i < plan->nr_actions; i++) {
		const struct pop_body_action *from = &plan->action[i];
		struct pop_body_action a = {
			.from = from->from,
			.recipients = cpu_to_be16(plan->first_to[i + 1] -
						  plan->first_to[i]),
			.count = from->count,
			.minutes = from->minutes,
			.max = from->max,
			.job = from->job,
			.flags = from->flags & POP_ACTION_F_SAME,
			.kind = from->kind,
			.consistency = from->consistency,
			.evidence = from->evidence,
			.late = from->late,
		};
		copy_name(a.name, from->name);
		append(&b, &a, sizeof(a));
	}
	append(&b, plan->to, plan->nr_edges * sizeof(*plan->to));
	return b;
}
