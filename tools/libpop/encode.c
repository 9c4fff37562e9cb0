// SPDX-License-Identifier: GPL-2.0
/* Draft to canonical body. */

#include <errno.h>
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

static void put(u8 **at, const void *record, size_t size)
{
	memcpy(*at, record, size);
	*at += size;
}

/* The record was all zero, and the name is one that has room. */
static void set_name(u8 *field, const char *name)
{
	memcpy(field, name, strlen(name));
}

static void put_parties(u8 **at, const struct draft *draft)
{
	struct pop_body_party party;
	u32 i;

	for (i = 0; i < draft->nr_parties; i++) {
		memset(&party, 0, sizeof(party));
		memcpy(party.identity, draft->parties[i].card.identity,
		       POP_KEY_LEN);
		memcpy(party.key, draft->parties[i].card.key, POP_KEY_LEN);
		set_name(party.name, draft->parties[i].name);
		party.dispute_first =
			cpu_to_be16(draft->parties[i].dispute_first);
		party.dispute_end = cpu_to_be16(draft->parties[i].dispute_end);
		put(at, &party, sizeof(party));
	}
}

static void put_phases(u8 **at, const struct draft *draft, const u32 *order)
{
	const struct draft_phase *from;
	struct pop_body_phase phase;
	u32 i;

	for (i = 0; i < draft->nr_phases; i++) {
		from = &draft->phases[order[i]];
		memset(&phase, 0, sizeof(phase));
		phase.deadline = cpu_to_be32(from->deadline);
		phase.actions = cpu_to_be16(from->nr_actions);
		phase.gate = from->gate;
		if (from->name)
			set_name(phase.name, from->name);
		put(at, &phase, sizeof(phase));
	}
}

static void put_actions(u8 **at, const struct draft *draft, const u32 *order)
{
	const struct draft_phase *phase;
	struct pop_body_action action;
	u32 i, j;

	for (i = 0; i < draft->nr_phases; i++) {
		phase = &draft->phases[order[i]];
		for (j = 0; j < phase->nr_actions; j++) {
			action = phase->actions[j].body;
			set_name(action.name, phase->actions[j].name);
			put(at, &action, sizeof(action));
		}
	}
}

static void put_recipients(u8 **at, const struct draft *draft,
			   const u32 *order)
{
	const struct draft_action *action;
	u32 i, j, k;
	__be16 to;

	for (i = 0; i < draft->nr_phases; i++)
		for (j = 0; j < draft->phases[order[i]].nr_actions; j++) {
			action = &draft->phases[order[i]].actions[j];
			for (k = 0; k < action->nr_to; k++) {
				to = cpu_to_be16(action->to[k]);
				put(at, &to, sizeof(to));
			}
		}
}

int draft_encode(const struct draft *draft, const u32 *order, void **body,
		 u32 *len, struct pop_error *err)
{
	struct pop_body head = draft->body;
	u8 *at;

	head.parties = cpu_to_be16(draft->nr_parties);
	head.phases = cpu_to_be16(draft->nr_phases);
	*len = sizeof(head) +
	       draft->nr_parties * sizeof(struct pop_body_party) +
	       draft->nr_phases * sizeof(struct pop_body_phase) +
	       draft->nr_actions * sizeof(struct pop_body_action) +
	       draft->nr_edges * sizeof(__be16);
	*body = malloc(*len);
	if (!*body)
		return pop_fail_errno(err, draft->doc->path);
	at = *body;
	put(&at, &head, sizeof(head));
	put_parties(&at, draft);
	put_phases(&at, draft, order);
	put_actions(&at, draft, order);
	put_recipients(&at, draft, order);
	return 0;
}
