// SPDX-License-Identifier: GPL-2.0
/* pop state: what the parties say of their channels. */

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "names.h"
#include "pop.h"
#include "print.h"
#include "query.h"
#include "show.h"

static const char help[] =
	"Usage: pop state show CONTRACT [ from PARTY ] party { PARTY | all }\n"
	"                      [ direction { in | out } ] [ phase N ]\n"
	"from is the local party that asks, party the one that answers, or all others.\n";

#define BOTH	-1

/*
 * struct wanted - what is asked of each party
 * @direction: enum pop_direction or BOTH
 * @phase: or QUERY_ALL_PHASES
 */
struct wanted {
	const struct contract *contract;
	u32 self;
	int direction;
	u32 phase;
};

/*
 * struct view - a party's channels as it told of them
 * @profile: its @nr channels, inputs first
 * @state: of each; valid for those that were asked for
 * @known: was it asked for?
 * @latest: the last answer, for what it says of the whole party
 * @roots: of the answers, one behind the other
 */
struct view {
	struct pop_channel *profile;
	u32 nr;
	u8 *state;
	bool *known;
	struct answer latest;
	u8 *roots;
	u32 nr_roots;
};

static void add_root(struct view *view)
{
	view->roots = realloc(view->roots,
			      (view->nr_roots + 1) * POP_HASH_LEN);
	if (!view->roots)
		abort();
	memcpy(view->roots + view->nr_roots++ * POP_HASH_LEN,
	       view->latest.root, POP_HASH_LEN);
}

/*
 * Ask for the channels @base to @end - 1 of the profile, which are all of the
 * direction and the phase of @question, with as many questions as that takes.
 */
static int ask_range(struct view *view, struct query *question, u32 base,
		     u32 end)
{
	u32 at = base, left;
	int ret;

	if (end - base > QUERY_REACH)
		return error("party %s has %u channels to ask for, and no more than %u can be%s",
			     party_name(question->contract, question->peer),
			     end - base, QUERY_REACH,
			     question->phase == QUERY_ALL_PHASES ?
			     "; give \"phase N\"" : "");
	do {
		left = end - at;
		question->first = at - base;
		question->count = left < QUERY_MAX ? left : QUERY_MAX;
		ret = query(question, &view->latest);
		if (ret)
			return ret;
		if (view->latest.count > left)
			return error("party %s tells of more channels than it has",
				     party_name(question->contract,
						question->peer));
		add_root(view);
		memcpy(view->state + at, view->latest.states,
		       view->latest.count);
		memset(view->known + at, true, view->latest.count);
		at += view->latest.count;
	} while (at < end && view->latest.count);
	return CMD_OK;
}

/* Where the channels of @direction and @phase, or later ones, begin. */
static u32 begin_of(const struct view *view, u32 direction, u32 phase)
{
	u32 i = 0;

	while (i < view->nr && (view->profile[i].direction < direction ||
				(view->profile[i].direction == direction &&
				 view->profile[i].phase < phase)))
		i++;
	return i;
}

static int ask_direction(struct view *view, const struct wanted *wanted,
			 u32 peer, u32 direction)
{
	struct query question = {
		.contract = wanted->contract,
		.self = wanted->self,
		.peer = peer,
		.direction = direction,
		.phase = wanted->phase,
	};
	u32 base, end;

	if (wanted->phase != QUERY_ALL_PHASES) {
		base = begin_of(view, direction, wanted->phase);
		end = begin_of(view, direction, wanted->phase + 1);
	} else {
		base = begin_of(view, direction, 0);
		end = begin_of(view, direction + 1, 0);
	}
	return ask_range(view, &question, base, end);
}

static void show_channel(const struct contract *contract,
			 const struct pop_channel *channel, u8 state)
{
	char name[POP_NAME_LEN + 1];

	action_name(contract, channel->action_index, name);
	print_newline(1);
	print_open_object();
	print_string("direction", "%-6s", direction_name(channel->direction));
	print_uint("phase", " phase %u", channel->phase);
	print_uint("action", " action %u", channel->action);
	print_string("name", " %s", name);
	print_string("peer", channel->direction == POP_DIRECTION_INPUT ?
			     " from %s" : " to %s",
		     party_name(contract, channel->peer));
	print_string("state", " %s", channel_state_name(state));
	print_close_object();
}

static void show_view(const struct view *view, const struct wanted *wanted,
		      u32 peer)
{
	const struct contract *contract = wanted->contract;
	const struct answer *answer = &view->latest;
	u32 i;

	print_open_object();
	print_string("party", "party %s", party_name(contract, peer));
	print_uint("index", " index %u", peer);
	show_contract_of(contract);
	print_string("from", NULL, party_name(contract, wanted->self));
	print_string("state", " state %s",
		     contract_state_name(answer->contract_state));
	print_uint("phase", " phase %u", answer->phase);
	print_string("phase_state", " %s",
		     phase_state_name(answer->phase_state));
	print_uint("minutes", " minutes %u", answer->minutes);
	print_time("now", options.timestamps ? " now %s" : NULL, answer->now);
	print_uint("rtt_us", options.statistics ? " rtt %u us" : NULL,
		   answer->rtt);
	print_open_array("roots", NULL);
	for (i = 0; i < view->nr_roots; i++)
		print_hex("", options.details ? " root %s" : NULL,
			  view->roots + i * POP_HASH_LEN, POP_HASH_LEN);
	print_close_array();
	print_open_array("channels", NULL);
	for (i = 0; i < view->nr; i++)
		if (view->known[i])
			show_channel(contract, &view->profile[i],
				     view->state[i]);
	print_close_array();
	print_close_object();
}

static int ask_party(const struct wanted *wanted, u32 peer)
{
	struct view view = {};
	int ret;

	if (pop_profile(&wanted->contract->plan, peer, &view.profile,
			&view.nr))
		return error("out of memory");
	view.state = calloc(view.nr + 1, sizeof(*view.state));
	view.known = calloc(view.nr + 1, sizeof(*view.known));
	if (!view.state || !view.known)
		abort();
	ret = CMD_OK;
	if (wanted->direction != POP_DIRECTION_OUTPUT)
		ret = ask_direction(&view, wanted, peer, POP_DIRECTION_INPUT);
	if (!ret && wanted->direction != POP_DIRECTION_INPUT)
		ret = ask_direction(&view, wanted, peer, POP_DIRECTION_OUTPUT);
	if (!ret)
		show_view(&view, wanted, peer);
	free(view.roots);
	free(view.known);
	free(view.state);
	free(view.profile);
	return ret;
}

/* All others that can be heard: one that is silent is no reason to stop. */
static int ask_all(const struct wanted *wanted)
{
	int ret, status = CMD_OK;
	u32 peer;

	for (peer = 0; peer < wanted->contract->plan.nr_parties; peer++) {
		if (peer == wanted->self)
			continue;
		ret = ask_party(wanted, peer);
		if (ret)
			status = ret;
	}
	return status;
}

static int state_show(int argc, char **argv)
{
	const char *from = NULL, *party = NULL;
	const char *direction = NULL, *phase = NULL;
	const struct arg args[] = {
		{ "from", &from },
		{ "party", &party },
		{ "direction", &direction },
		{ "phase", &phase },
		{}
	};
	struct wanted wanted = {
		.direction = BOTH,
		.phase = QUERY_ALL_PHASES,
	};
	struct contract contract;
	u32 peer;
	int ret;

	if (!argc)
		return error("which contract? See \"pop state help\"");
	if (args_parse(args, argc - 1, argv + 1))
		return CMD_FAILED;
	if (!party)
		return error("\"party\" is needed: a name, or \"all\"");
	if (direction) {
		wanted.direction = direction_parse(direction);
		if (wanted.direction < 0)
			return CMD_FAILED;
	}
	ret = contract_find(&contract, argv[0]);
	if (ret)
		return ret;
	wanted.contract = &contract;
	ret = party_local(&contract, from, &wanted.self);
	if (!ret && phase)
		ret = phase_find(&contract, phase, &wanted.phase);
	if (!ret && !strcmp(party, "all")) {
		ret = ask_all(&wanted);
	} else if (!ret) {
		ret = party_find(&contract, party, &peer);
		if (!ret)
			ret = ask_party(&wanted, peer);
	}
	contract_release(&contract);
	return ret;
}

int do_state(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "show",	state_show },
		{}
	};

	return cmd_run(cmds, "pop state", help, argc, argv);
}
