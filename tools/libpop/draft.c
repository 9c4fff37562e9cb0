// SPDX-License-Identifier: GPL-2.0
/* The contract as a whole, and its phases: language to draft. */

#include <errno.h>
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "words.h"

#define DEFAULT_SKEW 30	/* seconds: what NTP keeps even on a bad day */

enum {
	KEY_CONTRACT,
	KEY_FAULTY,
	KEY_SKEW,
	KEY_GATE,
	KEY_ADVANCE,
	KEY_PARTIES,
	KEY_PHASES,
};

static const struct doc_key contract_keys[] = {
	[KEY_CONTRACT] = { "contract", true },
	[KEY_FAULTY] = { "faulty", false },
	[KEY_SKEW] = { "skew", false },
	[KEY_GATE] = { "gate", false },
	[KEY_ADVANCE] = { "advance", false },
	[KEY_PARTIES] = { "parties", true },
	[KEY_PHASES] = { "phases", true },
};

enum {
	PHASE_NAME,
	PHASE_AFTER,
	PHASE_DEADLINE,
	PHASE_GATE,
	PHASE_ACTIONS,
};

static const struct doc_key phase_keys[] = {
	[PHASE_NAME] = { "name", false },
	[PHASE_AFTER] = { "after", false },
	[PHASE_DEADLINE] = { "deadline", false },
	[PHASE_GATE] = { "gate", false },
	[PHASE_ACTIONS] = { "actions", true },
};

static int read_head(struct draft *draft, const struct doc_node **values,
		     u8 *gate, struct pop_error *err)
{
	static const char * const advance[] = { "auto", "manual" };
	const struct doc *doc = draft->doc;
	u64 skew = DEFAULT_SKEW;
	u8 manual = 0;
	int ret;

	ret = doc_name(doc, values[KEY_CONTRACT], "the contract's name", err);
	if (!ret && values[KEY_SKEW])
		ret = doc_duration(doc, values[KEY_SKEW], UINT32_MAX, &skew,
				   err);
	if (!ret && values[KEY_GATE])
		ret = doc_word(doc, values[KEY_GATE], pop_gate_words,
			       __POP_GATE_MAX, gate, err);
	if (!ret && values[KEY_ADVANCE])
		ret = doc_word(doc, values[KEY_ADVANCE], advance,
			       ARRAY_SIZE(advance), &manual, err);
	if (ret)
		return ret;
	draft->body.magic = cpu_to_be32(POP_BODY_MAGIC);
	draft->body.flags = manual ? POP_BODY_F_MANUAL : 0;
	draft->body.skew = cpu_to_be32(skew);
	memcpy(draft->body.name, values[KEY_CONTRACT]->text,
	       strlen(values[KEY_CONTRACT]->text));
	return 0;
}

static int read_faulty(struct draft *draft, const struct doc_node *node,
		       struct pop_error *err)
{
	u32 faulty = 0;
	int ret;

	if (!node)
		return 0;
	ret = doc_number(draft->doc, node, 0, POP_MAX_PARTIES, &faulty, err);
	if (ret)
		return ret;
	if (3 * faulty >= draft->nr_parties)
		return doc_fail(draft->doc, node, err,
				"%u faulty parties need %u parties, and there are %u",
				faulty, 3 * faulty + 1, draft->nr_parties);
	draft->body.faulty = cpu_to_be16(faulty);
	return 0;
}

static int read_phase(struct draft *draft, struct draft_phase *phase,
		      const struct doc_node *node, struct pop_error *err)
{
	const struct doc_node *values[ARRAY_SIZE(phase_keys)];
	const struct doc *doc = draft->doc;
	u64 deadline = 0;
	int ret;

	phase->at = node;
	ret = doc_mapping(doc, node, "a phase", phase_keys,
			  ARRAY_SIZE(phase_keys), values, err);
	if (!ret && values[PHASE_NAME])
		ret = doc_name(doc, values[PHASE_NAME], "a phase's name", err);
	if (!ret && values[PHASE_DEADLINE])
		ret = doc_duration(doc, values[PHASE_DEADLINE], UINT32_MAX,
				   &deadline, err);
	if (!ret && values[PHASE_DEADLINE] && !deadline)
		ret = doc_fail(doc, values[PHASE_DEADLINE], err,
			       "no time at all; leave it out when there is no deadline");
	if (!ret && values[PHASE_GATE])
		ret = doc_word(doc, values[PHASE_GATE], pop_gate_words,
			       __POP_GATE_MAX, &phase->gate, err);
	if (ret)
		return ret;
	if (values[PHASE_NAME])
		phase->name = values[PHASE_NAME]->text;
	phase->after = values[PHASE_AFTER];
	phase->deadline = deadline;
	return draft_read_actions(draft, phase, values[PHASE_ACTIONS], err);
}

static int read_phases(struct draft *draft, const struct doc_node *node,
		       u8 gate, struct pop_error *err)
{
	u32 i;
	int ret;

	ret = doc_expect(draft->doc, node, "\"phases\"", DOC_SEQUENCE, err);
	if (ret)
		return ret;
	if (node->nr > POP_MAX_PHASES)
		return doc_fail(draft->doc, &node->items[POP_MAX_PHASES], err,
				"a contract has at most %u phases",
				POP_MAX_PHASES);
	draft->phases = calloc(node->nr, sizeof(*draft->phases));
	if (!draft->phases)
		return pop_fail_errno(err, draft->doc->path);
	draft->nr_phases = node->nr;
	for (i = 0; i < node->nr; i++) {
		draft->phases[i].gate = gate;
		ret = read_phase(draft, &draft->phases[i], &node->items[i],
				 err);
		if (ret)
			return ret;
	}
	return draft_name_phases(draft, err);
}

int draft_read(struct draft *draft, const struct doc *doc,
	       struct pop_error *err)
{
	const struct doc_node *values[ARRAY_SIZE(contract_keys)];
	u8 gate = POP_GATE_LOCAL;
	int ret;

	memset(draft, 0, sizeof(*draft));
	draft->doc = doc;
	ret = doc_mapping(doc, &doc->root, "a contract", contract_keys,
			  ARRAY_SIZE(contract_keys), values, err);
	if (!ret)
		ret = read_head(draft, values, &gate, err);
	if (!ret)
		ret = draft_read_parties(draft, values[KEY_PARTIES], err);
	if (!ret)
		ret = read_faulty(draft, values[KEY_FAULTY], err);
	if (!ret)
		ret = read_phases(draft, values[KEY_PHASES], gate, err);
	if (!ret)
		ret = draft_check_totals(draft, err);
	return ret;
}

void draft_release(struct draft *draft)
{
	struct draft_phase *phase;
	u32 i, j;

	for (i = 0; i < draft->nr_phases; i++) {
		phase = &draft->phases[i];
		for (j = 0; j < phase->nr_actions; j++)
			free(phase->actions[j].to);
		free(phase->actions);
	}
	free(draft->phases);
	free(draft->names);
	free(draft->parties);
	memset(draft, 0, sizeof(*draft));
}
