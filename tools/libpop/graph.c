// SPDX-License-Identifier: GPL-2.0
/* The phases of a contract as a graph: for Graphviz, and for a terminal. */

#include <errno.h>
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const char *party_name(const struct pop_plan *plan, u32 party)
{
	return (const char *)plan->party[party].name;
}

/* "phase 1 assembly, within 8h, when all have closed the earlier ones" */
static void phase_title(FILE *out, const struct pop_plan *plan, u32 phase,
			const char *separator)
{
	const char *name = (const char *)plan->phase[phase].name;
	u32 deadline = be32_to_cpu(plan->phase[phase].deadline);
	char text[POP_DURATION_LEN];

	fprintf(out, "phase %u", phase);
	if (*name)
		fprintf(out, " %s", name);
	if (deadline)
		fprintf(out, "%swithin %s", separator,
			pop_format_duration(text, deadline));
	if (phase && plan->phase[phase].gate == POP_GATE_GLOBAL)
		fprintf(out, "%swhen all have closed the earlier ones",
			separator);
}

/* Names hold nothing that would end a string in DOT. */
static void dot_phase(FILE *out, const struct pop_plan *plan, u32 phase,
		      const bool *active)
{
	u32 i;

	fprintf(out, "\tsubgraph cluster_%u {\n\t\tlabel=\"", phase);
	phase_title(out, plan, phase, "\\n");
	fputs("\";\n", out);
	for (i = 0; i < plan->nr_parties; i++)
		if (active[i])
			fprintf(out, "\t\t\"%u %s\" [label=\"%s\"];\n", phase,
				party_name(plan, i), party_name(plan, i));
	fputs("\t}\n", out);
}

static void dot_actions(FILE *out, const struct pop_plan *plan, u32 phase)
{
	const struct pop_body_action *a;
	u32 i, j;

	for (i = plan->first_action[phase]; i < plan->first_action[phase + 1];
	     i++) {
		a = &plan->action[i];
		for (j = plan->first_to[i]; j < plan->first_to[i + 1]; j++) {
			fprintf(out, "\t\"%u %s\" -> \"%u %s\" [label=\"%s",
				phase, party_name(plan, be16_to_cpu(a->from)),
				phase, party_name(plan, be16_to_cpu(plan->to[j])),
				(const char *)a->name);
			if (be32_to_cpu(a->count) > 1)
				fprintf(out, " x%u", be32_to_cpu(a->count));
			fputs(a->flags & POP_ACTION_F_SAME ?
			      "\" style=bold];\n" : "\"];\n", out);
		}
	}
}

/*
 * A party stands in every phase in which it is active; a dotted line leads
 * from one such place to the next. @last: one more than the phase in which a
 * party was active last, or zero.
 */
static void dot_lives(FILE *out, const struct pop_plan *plan, u32 phase,
		      const bool *active, u32 *last)
{
	u32 i;

	for (i = 0; i < plan->nr_parties; i++) {
		if (!active[i])
			continue;
		if (last[i])
			fprintf(out,
				"\t\"%u %s\" -> \"%u %s\" [style=dotted arrowhead=none];\n",
				last[i] - 1, party_name(plan, i), phase,
				party_name(plan, i));
		last[i] = phase + 1;
	}
}

int pop_graph_dot(FILE *out, const struct pop_plan *plan)
{
	bool *active = calloc(plan->nr_parties, sizeof(*active));
	u32 *last = calloc(plan->nr_parties, sizeof(*last));
	u32 phase;

	if (!active || !last) {
		free(active);
		free(last);
		return -ENOMEM;
	}
	fprintf(out, "digraph \"%s\" {\n\trankdir=LR;\n\tnode [shape=box];\n",
		(const char *)plan->body->name);
	for (phase = 0; phase < plan->nr_phases; phase++) {
		pop_phase_active(plan, phase, active);
		dot_phase(out, plan, phase, active);
		dot_actions(out, plan, phase);
		dot_lives(out, plan, phase, active, last);
	}
	fputs("}\n", out);
	free(active);
	free(last);
	return 0;
}

static void text_action(FILE *out, const struct pop_plan *plan, u32 action)
{
	const struct pop_body_action *a = &plan->action[action];
	bool same = a->flags & POP_ACTION_F_SAME;
	char text[POP_DURATION_LEN];
	u32 i;

	fprintf(out, "    %s %s %s", party_name(plan, be16_to_cpu(a->from)),
		same ? "==" : "--", (const char *)a->name);
	if (be32_to_cpu(a->count) > 1)
		fprintf(out, " x%u", be32_to_cpu(a->count));
	fputs(same ? " ==>" : " -->", out);
	for (i = plan->first_to[action]; i < plan->first_to[action + 1]; i++)
		fprintf(out, " %s", party_name(plan, be16_to_cpu(plan->to[i])));
	if (a->minutes)
		fprintf(out, "  (%s)",
			pop_format_minutes(text, be32_to_cpu(a->minutes)));
	fputc('\n', out);
}

void pop_graph_text(FILE *out, const struct pop_plan *plan)
{
	u32 phase, i;

	fprintf(out, "%s\n", (const char *)plan->body->name);
	for (phase = 0; phase < plan->nr_phases; phase++) {
		fprintf(out, "%s", phase ? "  |\n  " : "  ");
		phase_title(out, plan, phase, ", ");
		fputc('\n', out);
		for (i = plan->first_action[phase];
		     i < plan->first_action[phase + 1]; i++)
			text_action(out, plan, i);
	}
}
