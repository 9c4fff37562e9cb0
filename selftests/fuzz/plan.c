// SPDX-License-Identifier: GPL-2.0
/* What holds of a decoded contract, and looking at it: see fuzz.h. */

#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/body.h"
#include "fuzz.h"

static void check_name(const u8 *name)
{
	CHECK(memchr(name, '\0', POP_NAME_LEN));
}

/* The arrays lie one behind the other, and fill the body. */
static void check_places(const struct pop_plan *plan, u32 len)
{
	const u8 *end = (const u8 *)plan->body + len;

	CHECK(plan->body_len == len);
	CHECK((const void *)plan->party == plan->body + 1);
	CHECK((const void *)plan->phase == plan->party + plan->nr_parties);
	CHECK((const void *)plan->action == plan->phase + plan->nr_phases);
	CHECK((const void *)plan->to == plan->action + plan->nr_actions);
	CHECK((const u8 *)(plan->to + plan->nr_edges) == end);
}

static void check_limits(const struct pop_plan *plan)
{
	CHECK(plan->nr_parties >= 2 && plan->nr_parties <= POP_MAX_PARTIES);
	CHECK(plan->nr_phases >= 1 && plan->nr_phases <= POP_MAX_PHASES);
	CHECK(plan->nr_actions >= plan->nr_phases);
	CHECK(plan->nr_actions <= POP_MAX_ACTIONS);
	CHECK(plan->nr_edges >= plan->nr_actions);
	CHECK(plan->nr_edges <= POP_MAX_EDGES);
	CHECK(plan->nr_slots >= plan->nr_edges);
	CHECK(plan->nr_slots <= POP_MAX_SLOTS);
}

/* Exactly the recipients of the action are found, each at its place. */
static void check_recipients(const struct pop_plan *plan, u32 action)
{
	u32 party, at = plan->first_to[action];
	u32 end = plan->first_to[action + 1];

	CHECK(at < end && end <= plan->nr_edges);
	for (party = 0; party < plan->nr_parties; party++) {
		int want = -1;

		if (at < end && be16_to_cpu(plan->to[at]) == party)
			want = at++ - plan->first_to[action];
		CHECK(pop_plan_to_index(plan, action, party) == want);
	}
	CHECK(at == end);
}

static void check_action(const struct pop_plan *plan, u32 action, u32 phase)
{
	const struct pop_body_action *a = &plan->action[action];

	CHECK(pop_plan_phase_of(plan, action) == phase);
	CHECK(be16_to_cpu(a->from) < plan->nr_parties);
	CHECK(pop_plan_to_index(plan, action, be16_to_cpu(a->from)) < 0);
	CHECK(be32_to_cpu(a->max) <= POP_MAX_MESSAGE);
	check_name(a->name);
	check_recipients(plan, action);
}

static void check_again(const struct pop_plan *plan)
{
	struct built again = encode_again(plan);

	CHECK(again.len == plan->body_len);
	CHECK(!memcmp(again.body, plan->body, again.len));
	free(again.body);
}

void fuzz_check_plan(const struct pop_plan *plan, u32 len)
{
	u64 slots = 0, minutes = 0;
	u32 phase, i = 0;

	check_limits(plan);
	check_places(plan, len);
	check_name(plan->body->name);
	for (i = 0; i < plan->nr_parties; i++)
		check_name(plan->party[i].name);
	CHECK(plan->first_action[0] == 0 && plan->first_to[0] == 0);
	CHECK(plan->first_action[plan->nr_phases] == plan->nr_actions);
	CHECK(plan->first_to[plan->nr_actions] == plan->nr_edges);
	for (phase = 0, i = 0; phase < plan->nr_phases; phase++) {
		check_name(plan->phase[phase].name);
		CHECK(plan->first_action[phase] == i);
		CHECK(plan->first_action[phase + 1] > i);
		for (; i < plan->first_action[phase + 1]; i++) {
			check_action(plan, i, phase);
			slots += (u64)be32_to_cpu(plan->action[i].count) *
				 (plan->first_to[i + 1] - plan->first_to[i]);
			minutes += be32_to_cpu(plan->action[i].minutes);
		}
	}
	CHECK(slots == plan->nr_slots);
	CHECK(minutes <= UINT32_MAX);
	check_again(plan);
}

/* Return: how many channels the party has. */
static u32 show_party(FILE *out, const struct pop_plan *plan, u32 party)
{
	char text[POP_DURATION_LEN];
	struct pop_channel *list;
	u32 nr, i;

	CHECK(pop_party_by_name(plan, (const char *)plan->party[party].name) ==
	      (int)party);
	CHECK(pop_party_by_identity(plan, plan->party[party].identity) ==
	      (int)party);
	CHECK(pop_party_by_key(plan, plan->party[party].key) == (int)party);
	CHECK(!pop_profile(plan, party, &list, &nr));
	for (i = 0; i < nr; i++) {
		CHECK(list[i].phase < plan->nr_phases);
		CHECK(list[i].action_index < plan->nr_actions);
		CHECK(list[i].peer < plan->nr_parties);
		CHECK(list[i].peer != party);
	}
	free(list);
	fprintf(out, "%s", pop_format_minutes(text, pop_minutes_due(plan,
								    party)));
	return nr;
}

static void show_action(FILE *out, const struct pop_body_action *a)
{
	char text[POP_SIZE_LEN];

	CHECK(pop_kind_name(a->kind));
	CHECK(pop_consistency_name(a->consistency));
	CHECK(pop_evidence_name(a->evidence));
	CHECK(pop_late_name(a->late));
	fprintf(out, "%s", pop_format_size(text, be32_to_cpu(a->max)));
}

void fuzz_show_plan(const struct pop_plan *plan)
{
	static FILE *out;
	char text[POP_DURATION_LEN];
	u32 i, channels = 0;

	if (!out)
		out = fopen("/dev/null", "w");
	for (i = 0; i < plan->nr_parties; i++)
		channels += show_party(out, plan, i);
	CHECK(channels == 2 * plan->nr_edges);
	for (i = 0; i < plan->nr_phases; i++) {
		CHECK(pop_gate_name(plan->phase[i].gate));
		pop_format_duration(text, be32_to_cpu(plan->phase[i].deadline));
		fprintf(out, "%s", text);
	}
	for (i = 0; i < plan->nr_actions; i++)
		show_action(out, &plan->action[i]);
	pop_graph_text(out, plan);
	CHECK(!pop_graph_dot(out, plan));
}
