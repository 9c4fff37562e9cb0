// SPDX-License-Identifier: GPL-2.0
/* Who may raise disputes, and where: language to draft. */

#include <stdlib.h>
#include <string.h>

#include "draft.h"

/*
 * "all" is not the name of a phase here, even if one has it: that one is
 * "[all, all]". @place: of each phase in the order in which they go.
 */
static int read_disputes(const struct draft *draft, struct draft_party *party,
			 const u32 *place, struct pop_error *err)
{
	const struct doc_node *node = party->disputes;
	const struct doc_node *first = node, *last = node;
	int from, to;

	if (node->type == DOC_SCALAR && !strcmp(node->text, "all")) {
		party->dispute_end = draft->nr_phases;
		return 0;
	}
	if (node->type == DOC_SEQUENCE) {
		if (node->nr != 2)
			return doc_fail(draft->doc, node, err,
					"two phases are wanted here, the first and the last");
		first = &node->items[0];
		last = &node->items[1];
	}
	from = draft_phase_index(draft, first, err);
	if (from < 0)
		return from;
	to = draft_phase_index(draft, last, err);
	if (to < 0)
		return to;
	if (place[to] < place[from])
		return doc_fail(draft->doc, last, err,
				"phase \"%s\" comes before \"%s\"", last->text,
				first->text);
	party->dispute_first = place[from];
	party->dispute_end = place[to] + 1;
	return 0;
}

int draft_read_disputes(struct draft *draft, const u32 *order,
			struct pop_error *err)
{
	u32 *place = calloc(draft->nr_phases, sizeof(*place));
	int ret = 0;
	u32 i;

	if (!place)
		return pop_fail_errno(err, draft->doc->path);
	for (i = 0; i < draft->nr_phases; i++)
		place[order[i]] = i;
	for (i = 0; i < draft->nr_parties && !ret; i++)
		if (draft->parties[i].disputes)
			ret = read_disputes(draft, &draft->parties[i], place,
					    err);
	free(place);
	return ret;
}
