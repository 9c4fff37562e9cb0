// SPDX-License-Identifier: GPL-2.0
/* The language says what its description says, and the library repeats it. */

#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "tap.h"

static struct fixture fixture;

static struct pop_contract *compile(const char *yaml)
{
	struct pop_contract *contract;
	struct pop_error err;

	contract = fixture_compile(&fixture, yaml, &err);
	if (!contract)
		diag("%s", err.text);
	return contract;
}

/* Names of what is active in a phase, with a space behind each. */
static const char *active_in(const struct pop_plan *plan, u32 phase)
{
	static char names[256];
	bool active[16];
	size_t len = 0;
	u32 i;

	pop_phase_active(plan, phase, active);
	*names = '\0';
	for (i = 0; i < plan->nr_parties; i++)
		if (active[i])
			len += snprintf(names + len, sizeof(names) - len,
					"%s ", plan->party[i].name);
	return names;
}

static void test_six_party(void)
{
	static const u32 minutes[] = { 480, 960, 240, 720, 360, 0 };
	struct pop_contract *contract = compile(six_party);
	const struct pop_plan *plan = &contract->plan;
	u32 i, same = 0;

	tap(plan->nr_phases == 3, "R9 the paper's contract has three phases");
	tap(!strcmp(active_in(plan, 0), "p1 p2 p4 "),
	    "R10 in the paper's phase 1 exactly p1, p2 and p4 are active");
	tap(!strcmp(active_in(plan, 1), "p2 p3 p4 p5 "),
	    "R10 in phase 2 exactly p2, p3, p4 and p5 are");
	tap(!strcmp(active_in(plan, 2), "p3 p5 p6 "),
	    "R10 in phase 3 exactly p3, p5 and p6 are");
	for (i = 0; i < 6; i++)
		same += pop_minutes_due(plan, i) == minutes[i];
	tap(same == 6, "R51 the minutes of all six parties are the contract's");
	tap(plan->nr_edges == 7 && plan->nr_slots == 7,
	    "R13 there are seven channels, and no others");
	fixture_release(contract);
}

/* Every channel of the contract stands in two profiles, once in each. */
static void test_profiles(void)
{
	struct pop_contract *contract = compile(six_party);
	const struct pop_plan *plan = &contract->plan;
	u32 party, i, nr, inputs = 0, outputs = 0, wrong = 0, disorder = 0;
	struct pop_channel *list;

	for (party = 0; party < plan->nr_parties; party++) {
		pop_profile(plan, party, &list, &nr);
		for (i = 0; i < nr; i++) {
			const struct pop_channel *c = &list[i], *p = c - 1;
			bool in = c->direction == POP_DIRECTION_INPUT;
			u32 from = in ? c->peer : party;
			u32 to = in ? party : c->peer;

			*(in ? &inputs : &outputs) += 1;
			wrong += pop_plan_to_index(plan, c->action_index,
						   to) < 0 ||
				 be16_to_cpu(plan->action[c->action_index]
					     .from) != from;
			/* direction, phase, action, peer */
			disorder += i && ((u64)p->direction << 48 |
					  (u64)p->phase << 32 |
					  p->action << 16 | p->peer) >=
				    ((u64)c->direction << 48 |
				     (u64)c->phase << 32 |
				     c->action << 16 | c->peer);
		}
		free(list);
	}
	tap(inputs == plan->nr_edges && outputs == plan->nr_edges && !wrong,
	    "R11 R19 the profiles hold every channel, at both of its ends");
	tap(!disorder, "R11 in the order that STATE requests count by");
	tap(pop_profile(plan, 6, &list, &nr) < 0,
	    "R11 who is no party has no profile");
	fixture_release(contract);
}

static void test_phases(u32 nr)
{
	static const char phase[] =
		"  - {actions: [{name: n, from: p1, to: p2}]}\n";
	size_t size = 4096 + nr * sizeof(phase);
	char *yaml = malloc(size);
	struct pop_contract *contract;
	size_t len;
	u32 i;

	len = snprintf(yaml, size, "contract: long\n"
		       "parties: {p1: p1.pub, p2: p2.pub}\nphases:\n");
	for (i = 0; i < nr; i++)
		len += snprintf(yaml + len, size - len, "%s", phase);
	contract = compile(yaml);
	tap(contract && contract->plan.nr_phases == nr &&
	    contract->plan.nr_slots == nr,
	    "R9 a contract of %u phases compiles", nr);
	if (contract)
		fixture_release(contract);
	free(yaml);
}

/* Names of the phases in order, each with a space behind it. */
static bool phases_are(const struct pop_contract *contract, const char *want)
{
	char names[256];
	size_t len = 0;
	u32 i;

	for (i = 0; i < contract->plan.nr_phases; i++)
		len += snprintf(names + len, sizeof(names) - len, "%s ",
				contract->plan.phase[i].name);
	if (!strcmp(names, want))
		return true;
	diag("%s", names);
	return false;
}

#define HEAD "contract: c\nparties: {p2: p2.pub, p1: p1.pub, p3: p3.pub}\n"
#define PHASE(text) "  - {" text ", actions: [{name: n, from: p1, to: p2}]}\n"
#define DISPUTES(text) \
	"contract: c\n" \
	"parties: {p2: p2.pub, p1: {card: p1.pub, disputes: " text "}}\n" \
	"phases:\n" \
	PHASE("name: c") PHASE("name: d, after: b") PHASE("deadline: 1h") \
	PHASE("name: all") PHASE("name: b") PHASE("name: 0")

static void test_order(const char *phases, const char *want, const char *name)
{
	struct pop_contract *contract;
	char yaml[2048];

	snprintf(yaml, sizeof(yaml), HEAD "phases:\n%s", phases);
	contract = compile(yaml);
	tap(contract && phases_are(contract, want), "%s", name);
	if (contract)
		fixture_release(contract);
}

static void test_orders(void)
{
	test_order(PHASE("name: c") PHASE("name: a") PHASE("name: b"),
		   "c a b ", "phases stay as listed");
	test_order(PHASE("name: c, after: b") PHASE("name: a")
		   PHASE("name: b") PHASE("name: d"),
		   "a b c d ", "one that comes after another is moved, no other");
	test_order(PHASE("name: d, after: [b, c]") PHASE("name: c, after: a")
		   PHASE("name: b, after: a") PHASE("name: a"),
		   "a c b d ", "of those that can go the first listed goes");
	test_order(PHASE("deadline: 1h") PHASE("name: b, after: a")
		   PHASE("name: a") PHASE("deadline: 2h"),
		   " a b  ", "phases without a name take part in that");
}

static void test_defaults(void)
{
	struct pop_contract *contract = compile(HEAD "phases:\n"
		"  - actions: [{name: n, from: p3, to: p1}]\n");
	const struct pop_plan *plan = &contract->plan;
	const struct pop_body_action *a = plan->action;

	tap(!plan->body->flags && !plan->body->faulty && !plan->body->epoch &&
	    be32_to_cpu(plan->body->skew) == 30,
	    "a contract is of epoch 0, with f = 0 and 30 s of skew by default");
	tap(!plan->phase->deadline && plan->phase->gate == POP_GATE_LOCAL &&
	    !*plan->phase->name,
	    "a phase has a local gate, and no deadline and name by default");
	tap(be32_to_cpu(a->count) == 1 && !a->minutes && !a->job &&
	    be32_to_cpu(a->max) == 64 << 10 && !a->flags && !a->kind &&
	    !a->consistency && !a->evidence && !a->late,
	    "an action is one message of up to 64K, and has no rules by default");
	tap(!plan->party[0].dispute_end && !plan->party[1].dispute_end &&
	    !plan->party[2].dispute_end,
	    "R38 a party may raise no disputes of others by default");
	tap(!strcmp((char *)plan->party[0].name, "p1") &&
	    !strcmp((char *)plan->party[2].name, "p3") &&
	    be16_to_cpu(a->from) == 2 && !plan->to[0],
	    "parties go by their names");
	fixture_release(contract);
}

static void test_values(void)
{
	static const char yaml[] =
		"contract: c\nfaulty: 0\nskew: 1m30s\ngate: global\n"
		"advance: manual\n"
		"parties: {p1: p1.pub, p2: p2.pub, p3: p3.pub}\n"
		"phases:\n"
		"  - name: one\n"
		"    deadline: 1d2h3m4s\n"
		"    actions:\n"
		"      - name: \"zulu\"\n"
		"        from: p1\n"
		"        to: [p3, p2]\n"
		"        same: true\n"
		"        consistency: quorum\n"
		"        evidence: seal\n"
		"        late: vote\n"
		"        kind: job\n"
		"        job: 4294967295\n"
		"        count: 1000\n"
		"        hours: 1h30m\n"
		"        max: 16M\n"
		"      - {name: alfa, from: p2, to: p1, kind: money, evidence: each, max: 1K}\n"
		"  - {gate: local, actions: [{name: n, from: p1, to: p2, max: 1}]}\n";
	struct pop_contract *contract = compile(yaml);
	const struct pop_plan *plan = &contract->plan;
	const struct pop_body_action *a = plan->action;

	tap(plan->body->flags == POP_BODY_F_MANUAL &&
	    be32_to_cpu(plan->body->skew) == 90,
	    "what a contract says of itself is in its body");
	tap(be32_to_cpu(plan->phase[0].deadline) == 93784 &&
	    plan->phase[0].gate == POP_GATE_GLOBAL &&
	    plan->phase[1].gate == POP_GATE_LOCAL &&
	    !strcmp((char *)plan->phase[0].name, "one"),
	    "and what it says of phases");
	tap(!strcmp((char *)a[0].name, "alfa") && a[0].kind == POP_KIND_MONEY &&
	    a[0].evidence == POP_EVIDENCE_EACH &&
	    be32_to_cpu(a[0].max) == 1024 && be32_to_cpu(a[2].max) == 1,
	    "R12 and of actions, which go by their names");
	tap(a[1].flags == POP_ACTION_F_SAME &&
	    a[1].consistency == POP_CONSISTENCY_QUORUM &&
	    a[1].evidence == POP_EVIDENCE_SEAL && a[1].late == POP_LATE_VOTE &&
	    a[1].kind == POP_KIND_JOB && be32_to_cpu(a[1].job) == UINT32_MAX &&
	    be32_to_cpu(a[1].count) == 1000 &&
	    be32_to_cpu(a[1].minutes) == 90 && be32_to_cpu(a[1].max) == 16 << 20,
	    "R12 R51 with their kind, job and hours");
	tap(be16_to_cpu(plan->to[plan->first_to[1]]) == 1 &&
	    be16_to_cpu(plan->to[plan->first_to[1] + 1]) == 2,
	    "recipients ascend");
	fixture_release(contract);
}

static void test_dispute(const char *yaml, u16 first, u16 end, const char *what)
{
	struct pop_contract *contract = compile(yaml);
	const struct pop_body_party *p;

	if (!tap(contract, "R38 %s: compiles", what))
		return;
	p = contract->plan.party;
	if (!tap(be16_to_cpu(p[0].dispute_first) == first &&
		 be16_to_cpu(p[0].dispute_end) == end &&
		 !p[1].dispute_first && !p[1].dispute_end,
		 "R38 %s: from %u to %u, and to nobody else", what, first, end))
		diag("from %u to %u", be16_to_cpu(p[0].dispute_first),
		     be16_to_cpu(p[0].dispute_end));
	fixture_release(contract);
}

/* The phases go c, one without a name, all, b, d, 0. */
static void test_disputes(void)
{
	test_dispute(DISPUTES("all"), 0, 6, "all");
	test_dispute(DISPUTES("'all'"), 0, 6, "all in quotes");
	test_dispute(DISPUTES("c"), 0, 1, "the first");
	test_dispute(DISPUTES("d"), 4, 5, "one that was moved");
	test_dispute(DISPUTES("0"), 5, 6, "one whose name is a number");
	test_dispute(DISPUTES("[c, c]"), 0, 1, "from one to itself");
	test_dispute(DISPUTES("[c, 0]"), 0, 6, "from the first to the last");
	test_dispute(DISPUTES("[b, d]"), 3, 5, "from a later listed one");
	test_dispute(DISPUTES("[all, all]"), 2, 3, "the one with that name");
	test_dispute(DISPUTES("[c, all]"), 0, 3, "over one without a name");
	test_dispute("contract: c\n"
		     "parties: {p2: {card: p2.pub}, p1: {card: p1.pub}}\n"
		     "phases:\n" PHASE("name: all"), 0, 0, "a card alone");
}

/* The hash is that of the contract, and not that of its words. */
static void test_words(void)
{
	static const char block[] =
		"# a comment\n---\nphases:\n- actions:\n"
		"  - {to: [p2], max: 65536, name: 'n', from: p3}\n"
		"skew: 30s\n"
		"parties:\n  p1: p1.pub\n  p3: {card: \"./p3.pub\"}\n  p2: p2.pub\n"
		"contract: c\n";
	struct pop_contract *one = compile(HEAD
		"phases:\n  - actions: [{name: n, from: p3, to: p2}]\n");
	struct pop_contract *same = compile(block);
	struct pop_contract *other = compile(HEAD
		"phases:\n  - actions: [{name: n, from: p3, to: p2, hours: 1m}]\n");

	tap(one->plan.body_len == same->plan.body_len &&
	    !memcmp(one->hash, same->hash, POP_HASH_LEN),
	    "R3 the same contract in other words has the same hash");
	tap(memcmp(one->hash, other->hash, POP_HASH_LEN),
	    "R3 and a minute more makes another");
	fixture_release(one);
	fixture_release(same);
	fixture_release(other);
}

static void test_formats(void)
{
	char text[POP_DURATION_LEN], size[POP_SIZE_LEN];

	tap(!strcmp(pop_format_duration(text, 93784), "1d2h3m4s") &&
	    !strcmp(pop_format_duration(text, 0), "0s") &&
	    !strcmp(pop_format_minutes(text, 2790), "46h30m") &&
	    !strcmp(pop_format_minutes(text, 59), "59m") &&
	    !strcmp(pop_format_size(size, 65536), "64K") &&
	    !strcmp(pop_format_size(size, 3 << 20), "3M") &&
	    !strcmp(pop_format_size(size, 1000), "1000"),
	    "values are written as the language has them");
}

int main(void)
{
	fixture_make(&fixture);
	fixture_parties(&fixture, "p1 p2 p3 p4 p5 p6");
	test_six_party();
	test_profiles();
	test_phases(1);
	test_phases(3);
	test_phases(65535);
	test_orders();
	test_defaults();
	test_values();
	test_disputes();
	test_words();
	test_formats();
	fixture_remove(&fixture);
	return tap_done();
}
