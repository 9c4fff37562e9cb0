// SPDX-License-Identifier: GPL-2.0
/* pop contract: what a file says, as text, as JSON and as a graph. */

#include <errno.h>
#include <linux/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd.h"
#include "contract.h"
#include "join.h"
#include "pop.h"
#include "print.h"

static const char *action_name(const struct pop_plan *plan, u32 action)
{
	return (const char *)plan->action[action].name;
}

/* By number in the text, too: not every phase has a name. */
static void show_disputes(const struct pop_plan *plan, u32 party)
{
	u32 first = be16_to_cpu(plan->party[party].dispute_first);
	u32 end = be16_to_cpu(plan->party[party].dispute_end);
	bool all = !first && end == plan->nr_phases;
	bool one = !all && end == first + 1;
	bool more = !all && end > first + 1;

	print_string(NULL, all ? " disputes %s" : NULL, "all");
	print_uint(NULL, one ? " disputes phase %u" : NULL, first);
	print_uint(NULL, more ? " disputes phases %u" : NULL, first);
	print_uint(NULL, more ? " to %u" : NULL, end - 1);
	print_uint("dispute_first", NULL, first);
	print_uint("dispute_end", NULL, end);
}

static void show_parties(const struct pop_plan *plan)
{
	char text[POP_DURATION_LEN];
	u64 minutes;
	u32 i;

	print_open_array("parties", NULL);
	for (i = 0; i < plan->nr_parties; i++) {
		minutes = pop_minutes_due(plan, i);
		print_newline(1);
		print_open_object();
		print_uint("index", "party %u", i);
		print_string("name", " %s", party_name(plan, i));
		print_string(NULL, " earns %s",
			     pop_format_minutes(text, minutes));
		print_u64("minutes", NULL, minutes);
		show_disputes(plan, i);
		print_newline(2);
		print_hex("identity", "identity %s", plan->party[i].identity,
			  POP_KEY_LEN);
		print_newline(2);
		print_hex("key", "key %s", plan->party[i].key, POP_KEY_LEN);
		print_close_object();
	}
	print_close_array();
}

static void show_recipients(const struct pop_plan *plan, u32 action)
{
	u32 i;

	print_open_array("to", " to");
	for (i = plan->first_to[action]; i < plan->first_to[action + 1]; i++)
		print_string("", " %s",
			     party_name(plan, be16_to_cpu(plan->to[i])));
	print_close_array();
}

static void show_action(const struct pop_plan *plan, u32 phase, u32 index)
{
	const struct pop_body_action *a = &plan->action[index];
	char text[POP_DURATION_LEN], size[POP_SIZE_LEN];

	print_newline(2);
	print_open_object();
	print_uint("index", "action %u", index - plan->first_action[phase]);
	print_string("name", " %s", action_name(plan, index));
	print_string("from", " from %s",
		     party_name(plan, be16_to_cpu(a->from)));
	show_recipients(plan, index);
	print_newline(3);
	print_bool("same", "same ", a->flags & POP_ACTION_F_SAME);
	print_string("consistency", "consistency %s",
		     pop_consistency_name(a->consistency));
	print_string("evidence", " evidence %s",
		     pop_evidence_name(a->evidence));
	print_string("late", " late %s", pop_late_name(a->late));
	print_newline(3);
	print_string("kind", "kind %s", pop_kind_name(a->kind));
	print_uint("job", " job %u", be32_to_cpu(a->job));
	print_uint("count", " count %u", be32_to_cpu(a->count));
	print_string(NULL, " hours %s",
		     pop_format_minutes(text, be32_to_cpu(a->minutes)));
	print_uint("minutes", NULL, be32_to_cpu(a->minutes));
	print_string(NULL, " max %s",
		     pop_format_size(size, be32_to_cpu(a->max)));
	print_uint("max", NULL, be32_to_cpu(a->max));
	print_close_object();
}

static void show_active(const struct pop_plan *plan, const bool *active)
{
	u32 i;

	print_open_array("active", " active");
	for (i = 0; i < plan->nr_parties; i++)
		if (active[i])
			print_string("", " %s", party_name(plan, i));
	print_close_array();
}

static void show_phase(const struct pop_plan *plan, u32 phase, bool *active)
{
	const struct pop_body_phase *p = &plan->phase[phase];
	char text[POP_DURATION_LEN];
	u32 i;

	print_newline(1);
	print_open_object();
	print_uint("index", "phase %u", phase);
	print_string("name", *p->name ? " %s" : NULL, (const char *)p->name);
	print_string(NULL, p->deadline ? " deadline %s" : NULL,
		     pop_format_duration(text, be32_to_cpu(p->deadline)));
	print_uint("deadline", NULL, be32_to_cpu(p->deadline));
	print_string("gate", " gate %s", pop_gate_name(p->gate));
	pop_phase_active(plan, phase, active);
	show_active(plan, active);
	print_open_array("actions", NULL);
	for (i = plan->first_action[phase]; i < plan->first_action[phase + 1];
	     i++)
		show_action(plan, phase, i);
	print_close_array();
	print_close_object();
}

static void show_head(const struct pop_contract *contract)
{
	const struct pop_plan *plan = &contract->plan;
	char text[POP_DURATION_LEN];
	u64 minutes = 0;
	u32 i;

	for (i = 0; i < plan->nr_parties; i++)
		minutes += pop_minutes_due(plan, i);
	print_string("name", "contract %s", (const char *)plan->body->name);
	print_hex("hash", " hash %s", contract->hash, POP_HASH_LEN);
	print_newline(1);
	print_uint("epoch", "epoch %u", be32_to_cpu(plan->body->epoch));
	print_uint("faulty", " faulty %u", be16_to_cpu(plan->body->faulty));
	print_string(NULL, " skew %s",
		     pop_format_duration(text, be32_to_cpu(plan->body->skew)));
	print_uint("skew", NULL, be32_to_cpu(plan->body->skew));
	print_string("advance", " advance %s",
		     plan->body->flags & POP_BODY_F_MANUAL ? "manual" : "auto");
	print_uint("channels", " channels %u", plan->nr_edges);
	print_uint("slots", " messages %u", plan->nr_slots);
	print_string(NULL, " hours %s", pop_format_minutes(text, minutes));
	print_u64("minutes", NULL, minutes);
}

int contract_show(int argc, char **argv)
{
	static const struct arg none[] = { {} };
	struct pop_contract contract;
	bool *active;
	u32 i;

	if (contract_file(&contract, none, argc, argv))
		return CMD_FAILED;
	active = calloc(contract.plan.nr_parties, sizeof(*active));
	if (!active) {
		pop_contract_release(&contract);
		return error("%s", strerror(errno));
	}
	print_open_object();
	show_head(&contract);
	show_parties(&contract.plan);
	print_open_array("phases", NULL);
	for (i = 0; i < contract.plan.nr_phases; i++)
		show_phase(&contract.plan, i, active);
	print_close_array();
	print_close_object();
	free(active);
	pop_contract_release(&contract);
	return CMD_OK;
}

static void show_channel(const struct pop_plan *plan,
			 const struct pop_channel *channel, u32 number)
{
	bool input = channel->direction == POP_DIRECTION_INPUT;
	char text[POP_DURATION_LEN];

	print_newline(1);
	print_open_object();
	print_string("direction", "%s", input ? "input" : "output");
	print_uint("number", " %u", number);
	print_uint("phase", " phase %u", channel->phase);
	print_uint("action", " action %u", channel->action);
	print_string("name", " %s", action_name(plan, channel->action_index));
	print_string("peer", input ? " from %s" : " to %s",
		     party_name(plan, channel->peer));
	print_uint("count", " count %u", channel->count);
	print_string(NULL, " hours %s",
		     pop_format_minutes(text, channel->minutes));
	print_uint("minutes", NULL, channel->minutes);
	print_close_object();
}

static int show_profile(const struct pop_plan *plan, u32 party)
{
	struct pop_channel *list;
	u32 nr, inputs = 0, i;

	if (pop_profile(plan, party, &list, &nr))
		return error("out of memory");
	print_open_object();
	print_uint("index", "party %u", party);
	print_string("name", " %s", party_name(plan, party));
	print_open_array("channels", NULL);
	for (i = 0; i < nr; i++) {
		if (list[i].direction == POP_DIRECTION_INPUT)
			inputs++;
		show_channel(plan, &list[i],
			     list[i].direction == POP_DIRECTION_INPUT ?
			     i : i - inputs);
	}
	print_close_array();
	print_close_object();
	free(list);
	return CMD_OK;
}

static int show_profiles(const struct pop_plan *plan, const char *name)
{
	int ret = CMD_OK;
	u32 i;

	if (name) {
		ret = party_named(plan, name, &i);
		return ret ? ret : show_profile(plan, i);
	}
	for (i = 0; i < plan->nr_parties && !ret; i++)
		ret = show_profile(plan, i);
	return ret;
}

int contract_profile(int argc, char **argv)
{
	struct pop_contract contract;
	const char *party = NULL;
	const struct arg args[] = {
		{ .name = "party", .value = &party },
		{}
	};
	int ret;

	if (contract_file(&contract, args, argc, argv))
		return CMD_FAILED;
	ret = show_profiles(&contract.plan, party);
	pop_contract_release(&contract);
	return ret;
}

static int graph_dot(FILE *out, const struct pop_plan *plan)
{
	return pop_graph_dot(out, plan) ? error("out of memory") : CMD_OK;
}

static void copy(FILE *to, FILE *from)
{
	char buffer[BUFSIZ];
	size_t len;

	while ((len = fread(buffer, 1, sizeof(buffer), from)))
		fwrite(buffer, 1, len, to);
}

/*
 * @text: what dot is to draw. Its picture goes through us, for dot does not say
 * when it cannot write.
 */
static int run_dot(FILE *text)
{
	char command[64];
	int status;
	FILE *dot;

	sprintf(command, "dot -Tsvg < /dev/fd/%d", fileno(text));
	dot = popen(command, "r");
	if (!dot)
		return error("cannot run dot: %s", strerror(errno));
	copy(stdout, dot);
	status = pclose(dot);
	if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status))
		return error("dot failed; is Graphviz installed?");
	return CMD_OK;
}

/* In a file, and not a pipe that ends us when Graphviz is not there to read it. */
static int graph_svg(const struct pop_plan *plan)
{
	FILE *text = tmpfile();
	int ret;

	if (!text)
		return error("cannot make a temporary file: %s",
			     strerror(errno));
	ret = graph_dot(text, plan);
	if (!ret && (fflush(text) || ferror(text)))
		ret = error("cannot write a temporary file: %s",
			    strerror(errno));
	if (!ret)
		ret = run_dot(text);
	fclose(text);
	return ret;
}

static int graph_as(const struct pop_plan *plan, const char *format)
{
	if (!format || !strcmp(format, "text")) {
		pop_graph_text(stdout, plan);
		return CMD_OK;
	}
	if (!strcmp(format, "dot"))
		return graph_dot(stdout, plan);
	if (!strcmp(format, "svg"))
		return graph_svg(plan);
	return error("no format \"%s\"; there are text, dot and svg", format);
}

int contract_graph(int argc, char **argv)
{
	struct pop_contract contract;
	const char *format = NULL;
	const struct arg args[] = {
		{ .name = "format", .value = &format },
		{}
	};
	int ret;

	if (print_is_json())
		return error("this is no JSON; try \"pop -j contract show\"");
	if (contract_file(&contract, args, argc, argv))
		return CMD_FAILED;
	ret = graph_as(&contract.plan, format);
	pop_contract_release(&contract);
	return ret;
}
