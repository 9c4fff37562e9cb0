// SPDX-License-Identifier: GPL-2.0
/*
 * The order of the phases: a topological sort of "after" that stays as close
 * to the list as it can.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

/**
 * struct sorter - state of the sort
 * @draft: of the contract
 * @err: why it failed
 * @first_pred: nr_phases + 1 indices into @pred
 * @pred: phases that come before a phase
 * @first_next: nr_phases + 1 indices into @next
 * @next: phases that come after a phase
 * @last_next: scratch: one for each phase
 * @before: how many phases must still come before a phase
 * @heap: phases that can go, the first listed one on top
 * @nr_heap: how many
 */
struct sorter {
	const struct draft *draft;
	struct pop_error *err;
	u32 *first_pred;
	u32 *pred;
	u32 *first_next;
	u32 *next;
	u32 *last_next;
	u32 *before;
	u32 *heap;
	u32 nr_heap;
};

/* "after" holds one name or a list of them. */
static u32 nr_after(const struct draft_phase *phase)
{
	if (!phase->after)
		return 0;
	return phase->after->type == DOC_SEQUENCE ? phase->after->nr : 1;
}

static const struct doc_node *after(const struct draft_phase *phase, u32 i)
{
	return phase->after->type == DOC_SEQUENCE ? &phase->after->items[i] :
						    phase->after;
}

/* Resolve the names of "after" of all phases into @pred. */
static int resolve(struct sorter *s)
{
	const struct draft *draft = s->draft;
	const struct doc_node *node;
	u32 i, j;
	int index;

	for (i = 0; i < draft->nr_phases; i++) {
		s->first_pred[i + 1] = s->first_pred[i];
		for (j = 0; j < nr_after(&draft->phases[i]); j++) {
			node = after(&draft->phases[i], j);
			index = draft_phase_index(draft, node, s->err);
			if (index < 0)
				return index;
			if (s->last_next[index] == i + 1)
				return doc_fail(draft->doc, node, s->err,
						"\"%s\" stands here twice",
						node->text);
			s->last_next[index] = i + 1;
			s->pred[s->first_pred[i + 1]++] = index;
		}
	}
	return 0;
}

/* The same edges the other way round. */
static void reverse(struct sorter *s)
{
	u32 nr = s->draft->nr_phases, i, j;

	for (j = 0; j < s->first_pred[nr]; j++)
		s->first_next[s->pred[j] + 1]++;
	for (i = 0; i < nr; i++)
		s->first_next[i + 1] += s->first_next[i];
	/* from the end, so that each phase's part is filled from its end */
	memcpy(s->last_next, s->first_next + 1, nr * sizeof(*s->last_next));
	for (i = nr; i-- > 0;)
		for (j = s->first_pred[i]; j < s->first_pred[i + 1]; j++)
			s->next[--s->last_next[s->pred[j]]] = i;
}

static void heap_push(struct sorter *s, u32 phase)
{
	u32 at = s->nr_heap++, up;

	for (; at; at = up) {
		up = (at - 1) / 2;
		if (s->heap[up] < phase)
			break;
		s->heap[at] = s->heap[up];
	}
	s->heap[at] = phase;
}

static u32 heap_pop(struct sorter *s)
{
	u32 top = s->heap[0], last = s->heap[--s->nr_heap], at = 0, down;

	while ((down = 2 * at + 1) < s->nr_heap) {
		if (down + 1 < s->nr_heap && s->heap[down + 1] < s->heap[down])
			down++;
		if (last < s->heap[down])
			break;
		s->heap[at] = s->heap[down];
		at = down;
	}
	s->heap[at] = last;
	return top;
}

/*
 * What could not go has a predecessor that could not go. Following these for
 * as many steps as there are phases ends in a cycle.
 */
static int fail_cycle(struct sorter *s)
{
	const struct draft_phase *phase = s->draft->phases;
	u32 i, j, step;

	for (i = 0; !s->before[i]; i++)
		;
	for (step = 0;; step++) {
		j = s->first_pred[i];
		while (!s->before[s->pred[j]])
			j++;
		if (step == s->draft->nr_phases)
			break;
		i = s->pred[j];
	}
	return doc_fail(s->draft->doc,
			after(&phase[i], j - s->first_pred[i]), s->err,
			"phase \"%s\" would come before itself",
			phase[i].name);
}

static int sort(struct sorter *s, u32 *order)
{
	u32 i, j, phase, nr = 0;

	for (i = 0; i < s->draft->nr_phases; i++) {
		s->before[i] = s->first_pred[i + 1] - s->first_pred[i];
		if (!s->before[i])
			heap_push(s, i);
	}
	while (s->nr_heap) {
		phase = heap_pop(s);
		order[nr++] = phase;
		for (j = s->first_next[phase]; j < s->first_next[phase + 1];
		     j++)
			if (!--s->before[s->next[j]])
				heap_push(s, s->next[j]);
	}
	return nr == s->draft->nr_phases ? 0 : fail_cycle(s);
}

int draft_order(const struct draft *draft, u32 **order, struct pop_error *err)
{
	struct sorter s = { .draft = draft, .err = err };
	u32 nr = draft->nr_phases, edges = 0, i;
	int ret = 0;

	for (i = 0; i < nr; i++)
		edges += nr_after(&draft->phases[i]);
	s.first_pred = calloc(nr + 1, sizeof(*s.first_pred));
	s.pred = calloc(edges + 1, sizeof(*s.pred));
	s.first_next = calloc(nr + 1, sizeof(*s.first_next));
	s.next = calloc(edges + 1, sizeof(*s.next));
	s.last_next = calloc(nr, sizeof(*s.last_next));
	s.before = calloc(nr, sizeof(*s.before));
	s.heap = calloc(nr, sizeof(*s.heap));
	*order = calloc(nr, sizeof(**order));
	if (!s.first_pred || !s.pred || !s.first_next || !s.next ||
	    !s.last_next || !s.before || !s.heap || !*order)
		ret = pop_fail_errno(err, draft->doc->path);

	if (!ret)
		ret = resolve(&s);
	if (!ret) {
		reverse(&s);
		ret = sort(&s, *order);
	}
	free(s.first_pred);
	free(s.pred);
	free(s.first_next);
	free(s.next);
	free(s.last_next);
	free(s.before);
	free(s.heap);
	if (ret) {
		free(*order);
		*order = NULL;
	}
	return ret;
}
