// SPDX-License-Identifier: GPL-2.0
/* What a contract says: who is who, and who owes what to whom. */

#include <errno.h>
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

bool pop_name_valid(const char *name, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t i;

	for (i = 0; i < len; i++)
		if (!name[i] || !strchr(allowed, name[i]))
			return false;
	return len > 0 && len < POP_NAME_LEN;
}

int pop_party_by_key(const struct pop_plan *plan, const u8 public[POP_KEY_LEN])
{
	u32 i;

	for (i = 0; i < plan->nr_parties; i++)
		if (!memcmp(plan->party[i].key, public, POP_KEY_LEN))
			return i;
	return -ENOENT;
}

int pop_party_by_identity(const struct pop_plan *plan,
			  const u8 identity[POP_KEY_LEN])
{
	u32 i;

	for (i = 0; i < plan->nr_parties; i++)
		if (!memcmp(plan->party[i].identity, identity, POP_KEY_LEN))
			return i;
	return -ENOENT;
}

int pop_party_by_name(const struct pop_plan *plan, const char *name)
{
	u32 i;

	for (i = 0; i < plan->nr_parties; i++)
		if (!strcmp((const char *)plan->party[i].name, name))
			return i;
	return -ENOENT;
}

/*
 * Walk over all edges and keep those of @party in @direction, in the order of
 * the profile. @list: NULL to count only. Return: how many.
 */
static u32 channels(const struct pop_plan *plan, u32 party, u32 direction,
		    struct pop_channel *list)
{
	const struct pop_body_action *a;
	u32 phase, i, j, from, to, nr = 0;

	for (phase = 0; phase < plan->nr_phases; phase++)
		for (i = plan->first_action[phase];
		     i < plan->first_action[phase + 1]; i++) {
			a = &plan->action[i];
			from = be16_to_cpu(a->from);
			for (j = plan->first_to[i]; j < plan->first_to[i + 1];
			     j++) {
				to = be16_to_cpu(plan->to[j]);
				if (direction == POP_DIRECTION_INPUT ?
				    to != party : from != party)
					continue;
				if (list)
					list[nr] = (struct pop_channel) {
						.direction = direction,
						.phase = phase,
						.action = i -
						    plan->first_action[phase],
						.action_index = i,
						.peer = to == party ? from : to,
						.count = be32_to_cpu(a->count),
						.minutes =
						    be32_to_cpu(a->minutes),
					};
				nr++;
			}
		}
	return nr;
}

int pop_profile(const struct pop_plan *plan, u32 party,
		struct pop_channel **list, u32 *nr)
{
	u32 inputs, outputs;

	if (party >= plan->nr_parties)
		return -EINVAL;
	inputs = channels(plan, party, POP_DIRECTION_INPUT, NULL);
	outputs = channels(plan, party, POP_DIRECTION_OUTPUT, NULL);
	*nr = inputs + outputs;
	*list = calloc(*nr + 1, sizeof(**list));
	if (!*list)
		return -ENOMEM;
	channels(plan, party, POP_DIRECTION_INPUT, *list);
	channels(plan, party, POP_DIRECTION_OUTPUT, *list + inputs);
	return 0;
}

void pop_phase_active(const struct pop_plan *plan, u32 phase, bool *active)
{
	u32 i, j;

	memset(active, 0, plan->nr_parties * sizeof(*active));
	for (i = plan->first_action[phase]; i < plan->first_action[phase + 1];
	     i++) {
		active[be16_to_cpu(plan->action[i].from)] = true;
		for (j = plan->first_to[i]; j < plan->first_to[i + 1]; j++)
			active[be16_to_cpu(plan->to[j])] = true;
	}
}

u64 pop_minutes_due(const struct pop_plan *plan, u32 party)
{
	u64 minutes = 0;
	u32 i;

	for (i = 0; i < plan->nr_actions; i++)
		if (be16_to_cpu(plan->action[i].from) == party)
			minutes += be32_to_cpu(plan->action[i].minutes);
	return minutes;
}
