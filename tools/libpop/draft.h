/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A contract between its language and its body: checked, names resolved, but
 * the phases still as listed.
 */
#ifndef _LIBPOP_DRAFT_H
#define _LIBPOP_DRAFT_H

#include "doc.h"

/**
 * struct draft_party - a party and its card
 * @name: in the document
 * @card: its keys
 * @disputes: which it may raise, in the document; or NULL
 * @dispute_first: first phase whose disputes these are, as draft_order() has
 *		   the phases
 * @dispute_end: the phase behind the last one; or both zero
 */
struct draft_party {
	const char *name;
	struct pop_card card;
	const struct doc_node *disputes;
	u32 dispute_first;
	u32 dispute_end;
};

/**
 * struct draft_action - an action
 * @name: in the document
 * @at: where it is named there
 * @to: indices of parties, ascending; owned
 * @nr_to: how many
 * @body: its record, but for the name
 */
struct draft_action {
	const char *name;
	const struct doc_node *at;
	u16 *to;
	u32 nr_to;
	struct pop_body_action body;
};

/**
 * struct draft_phase - a phase
 * @name: in the document, or NULL
 * @at: where the phase begins there
 * @after: names of phases that come before, or NULL
 * @deadline: seconds, or zero
 * @gate: enum pop_gate
 * @actions: ascending by name; owned
 * @nr_actions: how many
 */
struct draft_phase {
	const char *name;
	const struct doc_node *at;
	const struct doc_node *after;
	u32 deadline;
	u8 gate;
	struct draft_action *actions;
	u32 nr_actions;
};

/**
 * struct draft_name - a phase that has a name
 * @name: in the document
 * @phase: index of the phase as listed
 */
struct draft_name {
	const char *name;
	u32 phase;
};

/**
 * struct draft - a contract
 * @doc: that it was read from; must outlive the draft
 * @body: its record, but for the numbers of parties and phases
 * @parties: ascending by name
 * @nr_parties: how many
 * @phases: as listed
 * @nr_phases: how many
 * @names: of phases, ascending
 * @nr_names: how many
 * @nr_actions: over all phases
 * @nr_edges: recipients over all actions
 */
struct draft {
	const struct doc *doc;
	struct pop_body body;
	struct draft_party *parties;
	u32 nr_parties;
	struct draft_phase *phases;
	u32 nr_phases;
	struct draft_name *names;
	u32 nr_names;
	u32 nr_actions;
	u32 nr_edges;
};

/* Release with draft_release(), also after an error. */
int draft_read(struct draft *draft, const struct doc *doc,
	       struct pop_error *err);
void draft_release(struct draft *draft);

/* The party whose name stands at @node. Return: its index or -EINVAL. */
int draft_party_index(const struct draft *draft, const struct doc_node *node,
		      struct pop_error *err);

/* The phase whose name stands at @node. Return: its index or -EINVAL. */
int draft_phase_index(const struct draft *draft, const struct doc_node *node,
		      struct pop_error *err);

/* The parts of draft_read(). */
int draft_read_parties(struct draft *draft, const struct doc_node *node,
		       struct pop_error *err);
int draft_read_actions(struct draft *draft, struct draft_phase *phase,
		       const struct doc_node *node, struct pop_error *err);
int draft_name_phases(struct draft *draft, struct pop_error *err);
int draft_check_totals(struct draft *draft, struct pop_error *err);

/*
 * The order in which the phases go: always the first listed of those whose
 * predecessors have gone. @order is set to an array of @nr_phases indices into
 * @phases; free() it.
 */
int draft_order(const struct draft *draft, u32 **order, struct pop_error *err);

/* Which disputes the parties may raise, for phases that go in that @order. */
int draft_read_disputes(struct draft *draft, const u32 *order,
			struct pop_error *err);

/* The canonical body, its phases in that @order. free() it. */
int draft_encode(const struct draft *draft, const u32 *order, void **body,
		 u32 *len, struct pop_error *err);

#endif /* _LIBPOP_DRAFT_H */
