// SPDX-License-Identifier: GPL-2.0
/*
 * scale MEASUREMENT
 *
 * One of the measurements in the table at the end, in a network namespace of its
 * own in which all parties of its contracts are local. Prints "NAME VALUE" for
 * each figure. Time is that of the guest: with "tools/vm/run -c" a ns is one
 * instruction. For tools/scale/run.
 */
#include "scale.h"

struct kit k;

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Without what the kernel waits for: of calls that do their work themselves. */
double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

void say(const char *name, double value)
{
	printf("%s %.2f\n", name, value);
	fflush(stdout);
}

void must(int ret, const char *what)
{
	if (ret < 0)
		errx(1, "%s: %s %s", what, strerror(-ret), k.text);
}

/* @phases with @each actions of party A for party B. */
struct kit_body plain(int salt, int parties, int phases, int each)
{
	struct kit_action *action = calloc((size_t)phases * each,
					   sizeof(*action));
	char (*names)[16] = calloc(each, sizeof(*names));
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

void add(const struct kit_body *body, int party)
{
	must(kit_contract_add(&k, body, body->parties), "contract");
	must(kit_party_add(&k, body, party, 0), "party");
}

void forget(const struct kit_body *body)
{
	must(kit_contract_cmd(&k, POP_CMD_CONTRACT_DEL, body->hash), "del");
}

/* The first number that a line of a file has in this format, or -1. */
long number_in(const char *path, const char *format)
{
	FILE *f = fopen(path, "re");
	char line[512];
	long number = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, format, &number) == 1)
			break;
	if (f)
		fclose(f);
	return number;
}

/* Bytes of messages that are not known to have arrived. */
long kept_bytes(void)
{
	return number_in("/proc/thread-self/net/pop/node", "kept %ld");
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
	{ "install", install_many },
	{ "units-few", units_few },
	{ "units-many", units_many },
	{ "units-contracts", units_contracts },
	{ "parties-4", parties_4 },
	{ "parties-16", parties_16 },
	{ "parties-64", parties_64 },
	{ "parties-256", parties_256 },
	{ "phases", all_phases },
	{ "state", state_of_many },
	{ "dump", dump },
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
