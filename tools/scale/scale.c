// SPDX-License-Identifier: GPL-2.0
/*
 * scale MEASUREMENT
 *
 * One of the measurements in the table at the end, in a network namespace of its
 * own in which all parties of its contracts are local. Prints "NAME VALUE" for
 * each figure. Time is that of the guest: with "tools/vm/run -c" a ns is one
 * instruction. For tools/scale/run.
 */
#include "../../selftests/pop/kit.h"

#include <err.h>
#include <poll.h>
#include <time.h>

#include "memory.h"

enum { A, B };

#define MANY		POP_MAX_PHASE_ACTIONS
#define SETS		6	/* contracts with three phases of MANY channels */
#define MILLION		(SETS * 3L * MANY)
#define CONTRACTS	10000

static struct kit k;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void say(const char *name, double value)
{
	printf("%s %.2f\n", name, value);
	fflush(stdout);
}

static void must(int ret, const char *what)
{
	if (ret < 0)
		errx(1, "%s: %s %s", what, strerror(-ret), k.text);
}

/* --- contracts ------------------------------------------------------------- */

/* @phases with @each actions of party A for party B. */
static struct kit_body plain(int salt, int parties, int phases, int each)
{
	struct kit_action *action = calloc((size_t)phases * each,
					   sizeof(*action));
	char (*names)[8] = calloc(each, sizeof(*names));
	struct kit_contract c = {
		.name = "scale", .parties = parties, .phases = phases,
		.nr_actions = phases * each, .action = action,
		.salt = salt,
	};
	struct kit_body body;
	int i;

	for (i = 0; i < each; i++)
		snprintf(names[i], sizeof(names[i]), "a%05d", i);
	for (i = 0; i < phases * each; i++)
		action[i] = (struct kit_action) {
			.phase = i / each, .name = names[i % each],
			.from = A, .nr_to = 1, .to = { B }, .max = 64,
		};
	body = kit_encode(&c);
	free(action);
	free(names);
	return body;
}

static void add(const struct kit_body *body, int party)
{
	must(kit_contract_add(&k, body, body->parties), "contract");
	must(kit_party_add(&k, body, party, 0), "party");
}

static void forget(const struct kit_body *body)
{
	must(kit_contract_cmd(&k, POP_CMD_CONTRACT_DEL, body->hash), "del");
}

/* --- memory ---------------------------------------------------------------- */

/* What @nr objects cost: "NAME-bytes", and where it is in "NAME-by-CACHE". */
static void say_memory(const char *name, const struct memory *before, double nr)
{
	struct memory after = memory_now();
	char text[128];
	int i;

	snprintf(text, sizeof(text), "%s-bytes", name);
	say(text, (before->free - after.free) / nr);
	for (i = 0; i < after.nr; i++) {
		double more = after.part[i].bytes -
			      memory_of(before, after.part[i].name);

		if (more / nr < 0.5)
			continue;
		snprintf(text, sizeof(text), "%s-by-%s", name,
			 after.part[i].name);
		say(text, more / nr);
	}
}

/* Channels that are open: six contracts of three phases, all for B. */
static void open_channels(void)
{
	struct kit_body body[SETS];
	struct memory before;
	double start;
	int i;

	for (i = 0; i < SETS; i++)
		body[i] = plain(i, 2, 3, MANY);
	before = memory_now();
	start = now();
	for (i = 0; i < SETS; i++)
		add(&body[i], B);
	say("open-install-ns", now() - start);
	say("open-channels", MILLION);
	say_memory("open-channel", &before, MILLION);
	start = now();
	for (i = 0; i < SETS; i++)
		forget(&body[i]);
	say("open-delete-ns", now() - start);
}

/* The same with phases in front that hold them back. */
static void idle_channels(void)
{
	int phases = 6, i, j;
	struct kit_action *action = calloc(3 + 3 * MANY, sizeof(*action));
	char (*names)[8] = calloc(MANY, sizeof(*names));
	struct kit_body body[SETS];
	struct memory before;
	double start;

	for (i = 0; i < MANY; i++)
		snprintf(names[i], sizeof(names[i]), "a%05d", i);
	for (i = 0; i < 3 + 3 * MANY; i++)
		action[i] = (struct kit_action) {
			.phase = i < 3 ? i : 3 + (i - 3) / MANY,
			.name = names[i < 3 ? 0 : (i - 3) % MANY],
			.from = A, .nr_to = 1, .to = { B }, .max = 64,
		};
	for (j = 0; j < SETS; j++) {
		struct kit_contract c = {
			.name = "idle", .parties = 2, .phases = phases,
			.nr_actions = 3 + 3 * MANY, .action = action,
			.salt = j,
		};

		body[j] = kit_encode(&c);
	}
	before = memory_now();
	start = now();
	for (j = 0; j < SETS; j++)
		must(kit_contract_add(&k, &body[j], 2), "contract");
	say("idle-plan-ns", now() - start);
	say_memory("idle-plan", &before, MILLION);
	before = memory_now();
	start = now();
	for (j = 0; j < SETS; j++)
		must(kit_party_add(&k, &body[j], B, 0), "party");
	say("idle-party-ns", now() - start);
	say_memory("idle-channel", &before, MILLION);
}

/* Ten thousand contracts, one party of each local. */
static void contracts(int parties, const char *name)
{
	struct kit_body *body = calloc(CONTRACTS, sizeof(*body));
	char text[64];
	struct memory before;
	double start;
	int i;

	for (i = 0; i < CONTRACTS; i++)
		body[i] = plain(i, parties, 1, 1);
	before = memory_now();
	start = now();
	for (i = 0; i < CONTRACTS; i++)
		must(kit_contract_add(&k, &body[i], parties), "contract");
	snprintf(text, sizeof(text), "%s-loaded", name);
	say_memory(text, &before, CONTRACTS);
	for (i = 0; i < CONTRACTS; i++)
		must(kit_party_add(&k, &body[i], B, 0), "party");
	snprintf(text, sizeof(text), "%s-install-ns", name);
	say(text, (now() - start) / CONTRACTS);
	say_memory(name, &before, CONTRACTS);
}

static void contracts_2(void)
{
	contracts(2, "contract-2");
}

static void contracts_16(void)
{
	contracts(16, "contract-16");
}

static void contracts_64(void)
{
	contracts(64, "contract-64");
}

/* Ten thousand contracts with a hundred open channels each. */
static void install(void)
{
	struct kit_body *body = calloc(CONTRACTS, sizeof(*body));
	double start;
	int i;

	for (i = 0; i < CONTRACTS; i++)
		body[i] = plain(i, 2, 1, 100);
	start = now();
	for (i = 0; i < CONTRACTS; i++)
		add(&body[i], B);
	say("install-10000x100-ns", now() - start);
}

static const struct {
	const char *name;
	void (*run)(void);
} measurements[] = {
	{ "open", open_channels },
	{ "idle", idle_channels },
	{ "contracts-2", contracts_2 },
	{ "contracts-16", contracts_16 },
	{ "contracts-64", contracts_64 },
	{ "install", install },
};

int main(int argc, char **argv)
{
	unsigned int i;

	if (kit_netns() || kit_open(&k))
		err(1, "network namespace");
	/* so that it is there before anything is measured */
	memset(k.request, 1, KIT_MESSAGE);
	memset(k.answer, 1, KIT_MESSAGE);
	for (i = 0; i < sizeof(measurements) / sizeof(*measurements); i++)
		if (argc == 2 && !strcmp(argv[1], measurements[i].name)) {
			measurements[i].run();
			return 0;
		}
	errx(2, "see the end of scale.c");
}
