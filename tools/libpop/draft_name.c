// SPDX-License-Identifier: GPL-2.0
/* Names of phases: who has which, and which phase is meant. */

#include <stdlib.h>
#include <string.h>

#include "draft.h"

static int by_name(const void *a, const void *b)
{
	const struct draft_name *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->phase > y->phase) - (x->phase < y->phase);
}

static int only_name(const void *a, const void *b)
{
	const struct draft_name *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int draft_name_phases(struct draft *draft, struct pop_error *err)
{
	const struct draft_phase *phase = draft->phases;
	struct draft_name *n;
	u32 i;

	n = calloc(draft->nr_phases, sizeof(*n));
	if (!n)
		return pop_fail_errno(err, draft->doc->path);
	draft->names = n;
	for (i = 0; i < draft->nr_phases; i++)
		if (phase[i].name)
			n[draft->nr_names++] = (struct draft_name) {
				.name = phase[i].name,
				.phase = i,
			};
	qsort(n, draft->nr_names, sizeof(*n), by_name);
	for (i = 1; i < draft->nr_names; i++)
		if (!strcmp(n[i - 1].name, n[i].name))
			return doc_fail(draft->doc, phase[n[i].phase].at, err,
					"there is a phase \"%s\" already",
					n[i].name);
	return 0;
}

int draft_phase_index(const struct draft *draft, const struct doc_node *node,
		      struct pop_error *err)
{
	struct draft_name wanted = { .name = node->text };
	const struct draft_name *found;
	int ret;

	ret = doc_expect(draft->doc, node, "the name of a phase", DOC_SCALAR,
			 err);
	if (ret)
		return ret;
	found = bsearch(&wanted, draft->names, draft->nr_names, sizeof(wanted),
			only_name);
	if (!found)
		return doc_fail(draft->doc, node, err,
				"no phase has the name \"%s\"", node->text);
	return found->phase;
}
