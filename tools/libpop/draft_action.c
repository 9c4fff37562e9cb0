// SPDX-License-Identifier: GPL-2.0
/* Actions: language to draft. */

#include <errno.h>
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "words.h"

enum {
	KEY_NAME,
	KEY_FROM,
	KEY_TO,
	KEY_SAME,
	KEY_CONSISTENCY,
	KEY_EVIDENCE,
	KEY_LATE,
	KEY_KIND,
	KEY_JOB,
	KEY_COUNT,
	KEY_HOURS,
	KEY_MAX,
};

static const struct doc_key keys[] = {
	[KEY_NAME] = { "name", true },
	[KEY_FROM] = { "from", true },
	[KEY_TO] = { "to", true },
	[KEY_SAME] = { "same", false },
	[KEY_CONSISTENCY] = { "consistency", false },
	[KEY_EVIDENCE] = { "evidence", false },
	[KEY_LATE] = { "late", false },
	[KEY_KIND] = { "kind", false },
	[KEY_JOB] = { "job", false },
	[KEY_COUNT] = { "count", false },
	[KEY_HOURS] = { "hours", false },
	[KEY_MAX] = { "max", false },
};

static int by_index(const void *a, const void *b)
{
	return *(const u16 *)a - *(const u16 *)b;
}

/* @seen: one for each party, all false */
static int read_recipients(struct draft *draft, struct draft_action *action,
			   const struct doc_node *node, int from, bool *seen,
			   struct pop_error *err)
{
	const struct doc_node *items = node;
	u32 i, nr = 1;
	int party;

	if (node->type == DOC_SEQUENCE) {
		items = node->items;
		nr = node->nr;
	}
	if (!nr)
		return doc_fail(draft->doc, node, err,
				"an action needs a recipient");
	action->to = calloc(nr, sizeof(*action->to));
	if (!action->to)
		return pop_fail_errno(err, draft->doc->path);
	for (i = 0; i < nr; i++) {
		party = draft_party_index(draft, &items[i], err);
		if (party < 0)
			return party;
		if (party == from)
			return doc_fail(draft->doc, &items[i], err,
					"%s cannot send to itself",
					items[i].text);
		if (seen[party])
			return doc_fail(draft->doc, &items[i], err,
					"%s is a recipient already",
					items[i].text);
		seen[party] = true;
		action->to[i] = party;
	}
	action->nr_to = nr;
	qsort(action->to, nr, sizeof(*action->to), by_index);
	return 0;
}

static int read_parties(struct draft *draft, struct draft_action *action,
			const struct doc_node **values, struct pop_error *err)
{
	bool *seen;
	int from, ret;

	from = draft_party_index(draft, values[KEY_FROM], err);
	if (from < 0)
		return from;
	seen = calloc(draft->nr_parties, sizeof(*seen));
	if (!seen)
		return pop_fail_errno(err, draft->doc->path);
	ret = read_recipients(draft, action, values[KEY_TO], from, seen, err);
	free(seen);
	action->body.from = cpu_to_be16(from);
	action->body.recipients = cpu_to_be16(action->nr_to);
	return ret;
}

/*
 * The recipients' echoes agree only if two quorums of them have an honest party
 * in common, whoever of them is faulty.
 */
static int check_quorum(struct draft *draft, struct draft_action *action,
			const struct doc_node *node, struct pop_error *err)
{
	u32 faulty = be16_to_cpu(draft->body.faulty);

	if (action->body.consistency != POP_CONSISTENCY_QUORUM ||
	    action->nr_to > 3 * faulty)
		return 0;
	return doc_fail(draft->doc, node, err,
			"consistency quorum with %u faulty needs %u recipients, and there are %u",
			faulty, 3 * faulty + 1, action->nr_to);
}

static int read_rules(struct draft *draft, struct draft_action *action,
		      const struct doc_node **values, struct pop_error *err)
{
	struct pop_body_action *body = &action->body;
	const struct doc *doc = draft->doc;
	bool same = false;
	int ret = 0;

	if (values[KEY_SAME])
		ret = doc_bool(doc, values[KEY_SAME], &same, err);
	if (!ret && values[KEY_CONSISTENCY])
		ret = doc_word(doc, values[KEY_CONSISTENCY],
			       pop_consistency_words, __POP_CONSISTENCY_MAX,
			       &body->consistency, err);
	if (!ret && body->consistency && !same)
		ret = doc_fail(doc, values[KEY_CONSISTENCY], err,
			       "consistency %s needs \"same: true\"",
			       pop_consistency_name(body->consistency));
	if (!ret)
		ret = check_quorum(draft, action, values[KEY_CONSISTENCY],
				   err);
	if (!ret && values[KEY_EVIDENCE])
		ret = doc_word(doc, values[KEY_EVIDENCE], pop_evidence_words,
			       __POP_EVIDENCE_MAX, &body->evidence, err);
	if (!ret && values[KEY_LATE])
		ret = doc_word(doc, values[KEY_LATE], pop_late_words,
			       __POP_LATE_MAX, &body->late, err);
	if (!ret && values[KEY_KIND])
		ret = doc_word(doc, values[KEY_KIND], pop_kind_words,
			       __POP_KIND_MAX, &body->kind, err);
	body->flags = same ? POP_ACTION_F_SAME : 0;
	return ret;
}

static int read_amounts(const struct doc *doc, struct pop_body_action *body,
			const struct doc_node **values, struct pop_error *err)
{
	u32 job = 0, count = 1, max = POP_DEFAULT_MESSAGE;
	u64 seconds = 0;
	int ret = 0;

	if (values[KEY_JOB])
		ret = doc_number(doc, values[KEY_JOB], 0, UINT32_MAX, &job,
				 err);
	if (!ret && values[KEY_COUNT])
		ret = doc_number(doc, values[KEY_COUNT], 1, POP_MAX_SLOTS,
				 &count, err);
	if (!ret && values[KEY_MAX])
		ret = doc_size(doc, values[KEY_MAX], POP_MAX_MESSAGE, &max,
			       err);
	if (!ret && values[KEY_HOURS])
		ret = doc_duration(doc, values[KEY_HOURS],
				   60 * (u64)UINT32_MAX, &seconds, err);
	if (!ret && seconds % 60)
		ret = doc_fail(doc, values[KEY_HOURS], err,
			       "hours are counted in whole minutes");
	body->job = cpu_to_be32(job);
	body->count = cpu_to_be32(count);
	body->max = cpu_to_be32(max);
	body->minutes = cpu_to_be32(seconds / 60);
	return ret;
}

static int read_action(struct draft *draft, struct draft_action *action,
		       const struct doc_node *node, struct pop_error *err)
{
	const struct doc_node *values[ARRAY_SIZE(keys)];
	int ret;

	ret = doc_mapping(draft->doc, node, "an action", keys,
			  ARRAY_SIZE(keys), values, err);
	if (!ret)
		ret = doc_name(draft->doc, values[KEY_NAME],
			       "an action's name", err);
	if (ret)
		return ret;
	action->at = values[KEY_NAME];
	action->name = action->at->text;
	ret = read_parties(draft, action, values, err);
	if (!ret)
		ret = read_rules(draft, action, values, err);
	if (!ret)
		ret = read_amounts(draft->doc, &action->body, values, err);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	const struct draft_action *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	/* of two with one name the earlier one is first */
	return order ? order : (x->at->line > y->at->line ||
				(x->at->line == y->at->line &&
				 x->at->column > y->at->column)) ? 1 : -1;
}

static int sort_actions(const struct draft *draft, struct draft_phase *phase,
			struct pop_error *err)
{
	const struct draft_action *a = phase->actions;
	u32 i;

	qsort(phase->actions, phase->nr_actions, sizeof(*a), by_name);
	for (i = 1; i < phase->nr_actions; i++)
		if (!strcmp(a[i - 1].name, a[i].name))
			return doc_fail(draft->doc, a[i].at, err,
					"the phase has a \"%s\" already",
					a[i].name);
	return 0;
}

int draft_read_actions(struct draft *draft, struct draft_phase *phase,
		       const struct doc_node *node, struct pop_error *err)
{
	u32 i;
	int ret;

	ret = doc_expect(draft->doc, node, "\"actions\"", DOC_SEQUENCE, err);
	if (ret)
		return ret;
	if (node->nr > POP_MAX_PHASE_ACTIONS)
		return doc_fail(draft->doc,
				&node->items[POP_MAX_PHASE_ACTIONS], err,
				"a phase has at most %u actions",
				POP_MAX_PHASE_ACTIONS);
	phase->actions = calloc(node->nr, sizeof(*phase->actions));
	if (!phase->actions)
		return pop_fail_errno(err, draft->doc->path);
	phase->nr_actions = node->nr;
	for (i = 0; i < node->nr; i++) {
		ret = read_action(draft, &phase->actions[i], &node->items[i],
				  err);
		if (ret)
			return ret;
	}
	return sort_actions(draft, phase, err);
}

/* Limits of the contract as a whole. */
int draft_check_totals(struct draft *draft, struct pop_error *err)
{
	const struct draft_action *a;
	u64 slots = 0, minutes = 0;
	u32 i, j;

	for (i = 0; i < draft->nr_phases; i++)
		for (j = 0; j < draft->phases[i].nr_actions; j++) {
			a = &draft->phases[i].actions[j];
			minutes += be32_to_cpu(a->body.minutes);
			slots += (u64)a->nr_to * be32_to_cpu(a->body.count);
			draft->nr_actions++;
			draft->nr_edges += a->nr_to;
			if (draft->nr_actions > POP_MAX_ACTIONS)
				return doc_fail(draft->doc, a->at, err,
						"a contract has at most %u actions",
						POP_MAX_ACTIONS);
			if (draft->nr_edges > POP_MAX_EDGES)
				return doc_fail(draft->doc, a->at, err,
						"a contract has at most %u channels",
						POP_MAX_EDGES);
			if (slots > POP_MAX_SLOTS)
				return doc_fail(draft->doc, a->at, err,
						"a contract has at most %u messages, counted per recipient",
						POP_MAX_SLOTS);
			if (minutes > UINT32_MAX)
				return doc_fail(draft->doc, a->at, err,
						"a contract has at most 71582788h15m");
		}
	return 0;
}
