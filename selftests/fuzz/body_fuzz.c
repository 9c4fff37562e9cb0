// SPDX-License-Identifier: GPL-2.0
/*
 * The codec of contract bodies, which the kernel trusts: bytes from whoever
 * may load a contract.
 *
 * Bodies are changed as bodies: a record more or less, a field with another
 * value. By bytes alone hardly any change would be accepted.
 *
 * Options: -max_len=4096
 * Runs: 200000
 */
#include <errno.h>
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/body.h"
#include "fuzz.h"

/*
 * Which record of each kind comes how many times; all others come once. Of an
 * action come its recipients, too, and of a phase its actions.
 */
struct edit {
	u32 party, parties;
	u32 phase, phases;
	u32 action, actions;
	u32 to, tos;
};

/* So that a record is in order behind the one of which it is a copy. */
static void next_name(u8 name[POP_NAME_LEN])
{
	size_t len = strnlen((const char *)name, POP_NAME_LEN - 1);

	if (len < POP_NAME_LEN - 1)
		name[len] = '0';
}

static void put_parties(struct built *b, const struct pop_plan *plan,
			const struct edit *e)
{
	struct pop_body_party p;
	u32 i, copy, copies;

	for (i = 0; i < plan->nr_parties; i++) {
		p = plan->party[i];
		copies = i == e->party ? e->parties : 1;
		for (copy = 0; copy < copies; copy++) {
			append(b, &p, sizeof(p));
			next_name(p.name);
			random_bytes(p.identity, sizeof(p.identity));
			random_bytes(p.key, sizeof(p.key));
		}
	}
}

static u32 recipients(const struct pop_plan *plan, const struct edit *e,
		      u32 action)
{
	u32 first = plan->first_to[action], end = plan->first_to[action + 1];

	return end - first +
	       (e->to >= first && e->to < end ? e->tos - 1 : 0);
}

static void put_actions_once(struct built *b, const struct pop_plan *plan,
			     const struct edit *e, u32 phase)
{
	struct pop_body_action a;
	u32 i, copy, copies;

	for (i = plan->first_action[phase]; i < plan->first_action[phase + 1];
	     i++) {
		a = plan->action[i];
		a.recipients = cpu_to_be16(recipients(plan, e, i));
		copies = i == e->action ? e->actions : 1;
		for (copy = 0; copy < copies; copy++) {
			append(b, &a, sizeof(a));
			next_name(a.name);
		}
	}
}

static void put_tos_once(struct built *b, const struct pop_plan *plan,
			 const struct edit *e, u32 phase)
{
	u32 i, j, copy, copies, tos;

	for (i = plan->first_action[phase]; i < plan->first_action[phase + 1];
	     i++) {
		copies = i == e->action ? e->actions : 1;
		for (copy = 0; copy < copies; copy++)
			for (j = plan->first_to[i]; j < plan->first_to[i + 1];
			     j++)
				for (tos = j == e->to ? e->tos : 1; tos; tos--)
					append(b, &plan->to[j],
					       sizeof(*plan->to));
	}
}

static void put_phases(struct built *b, const struct pop_plan *plan,
		       const struct edit *e)
{
	u32 i, copies, phase, nr;

	for (i = 0; i < plan->nr_phases; i++) {
		struct pop_body_phase p = plan->phase[i];

		nr = be16_to_cpu(p.actions);
		if (e->action >= plan->first_action[i] &&
		    e->action < plan->first_action[i + 1])
			nr += e->actions - 1;
		p.actions = cpu_to_be16(nr);
		copies = i == e->phase ? e->phases : 1;
		for (; copies; copies--)
			append(b, &p, sizeof(p));
	}
	for (phase = 0; phase < plan->nr_phases; phase++)
		for (copies = phase == e->phase ? e->phases : 1; copies;
		     copies--)
			put_actions_once(b, plan, e, phase);
	for (phase = 0; phase < plan->nr_phases; phase++)
		for (copies = phase == e->phase ? e->phases : 1; copies;
		     copies--)
			put_tos_once(b, plan, e, phase);
}

static struct built edited(const struct pop_plan *plan)
{
	struct edit e = {
		below(plan->nr_parties), 1, below(plan->nr_phases), 1,
		below(plan->nr_actions), 1, below(plan->nr_edges), 1,
	};
	struct pop_body head = *plan->body;
	struct built b = {};
	u32 copies = 2 * below(2);

	switch (below(4)) {
	case 0:
		e.parties = copies;
		break;
	case 1:
		e.phases = copies;
		break;
	case 2:
		e.actions = copies;
		break;
	case 3:
		e.tos = copies;
		break;
	}
	head.parties = cpu_to_be16(plan->nr_parties + e.parties - 1);
	head.phases = cpu_to_be16(plan->nr_phases + e.phases - 1);
	append(&b, &head, sizeof(head));
	put_parties(&b, plan, &e);
	put_phases(&b, plan, &e);
	return b;
}

/* A number of one, two or four bytes becomes one at which things may change. */
static void poke(u8 *data, size_t len, const struct pop_plan *plan)
{
	const u32 values[] = {
		0, 1, 2, 3, 4, plan->nr_parties - 1, plan->nr_parties,
		plan->nr_phases, POP_MAX_PARTIES, POP_MAX_PARTIES + 1,
		POP_MAX_MESSAGE, POP_MAX_MESSAGE + 1, POP_MAX_SLOTS,
		POP_MAX_SLOTS + 1, POP_MAX_EDGES, 0xff, 0x7fff, 0x8000, 0xffff,
		0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
	};
	u32 value = values[below(sizeof(values) / sizeof(*values))];
	size_t size = 1 << below(3), at = below(len / size) * size;
	__be32 wire = cpu_to_be32(value);

	memcpy(data + at, (u8 *)&wire + sizeof(wire) - size, size);
}

/* Recipients lie close together, and in order, so that few changes are right. */
static void poke_recipient(u8 *data, const struct pop_plan *plan)
{
	u32 at = (const u8 *)&plan->to[below(plan->nr_edges)] -
		 (const u8 *)plan->body;
	__be16 to = cpu_to_be16(below(plan->nr_parties));

	memcpy(data + at, &to, sizeof(to));
}

size_t fuzz_change(u8 *data, size_t len, size_t max)
{
	struct pop_codec_error err;
	struct pop_plan plan;
	struct built b;

	if (!below(4) || pop_plan_decode(&plan, data, len, &err))
		return fuzz_change_bytes(data, len, max);
	switch (below(8)) {
	case 0:
	case 1:
		poke(data, len, &plan);
		goto out;
	case 2:
		poke_recipient(data, &plan);
		goto out;
	case 3:
		b = random_contract();
		break;
	default:
		b = edited(&plan);
	}
	if (b.len <= max) {
		memcpy(data, b.body, b.len);
		len = b.len;
	} else {
		poke(data, len, &plan);
	}
	free(b.body);
out:
	pop_plan_release(&plan);
	return len;
}

static void check_refused(const struct pop_plan *plan, int ret, size_t len,
			  const struct pop_codec_error *err)
{
	static const struct pop_plan nothing;

	CHECK(ret == -EINVAL || ret == -E2BIG);
	CHECK(err->reason && *err->reason);
	CHECK(err->offset <= len);
	/* nothing is left to release */
	CHECK(!memcmp(plan, &nothing, sizeof(nothing)));
}

void fuzz_one(const u8 *data, size_t len)
{
	struct pop_codec_error err;
	struct pop_plan plan;
	u8 hash[POP_HASH_LEN];
	int ret;

	ret = pop_plan_decode(&plan, data, len, &err);
	if (ret) {
		check_refused(&plan, ret, len, &err);
		return;
	}
	fuzz_accept();
	CHECK(!err.reason);
	fuzz_check_plan(&plan, len);
	fuzz_show_plan(&plan);
	pop_contract_hash(hash, data, len);
	pop_plan_release(&plan);
}
