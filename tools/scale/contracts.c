// SPDX-License-Identifier: GPL-2.0
/* Memory of channels and contracts, and what it takes to install them. */
#include "scale.h"

/* Channels that are open: six contracts of three phases, all for B. */
void open_channels(void)
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
void idle_channels(void)
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

/* @nr contracts, one party of each local. */
static void contracts(int nr, int parties, const char *name)
{
	struct kit_body *body = calloc(nr, sizeof(*body));
	char text[64];
	struct memory before;
	double start;
	int i;

	for (i = 0; i < nr; i++)
		body[i] = plain(i, parties, 1, 1);
	before = memory_now();
	start = cpu();
	for (i = 0; i < nr; i++)
		must(kit_contract_add(&k, &body[i], parties), "contract");
	snprintf(text, sizeof(text), "%s-loaded", name);
	say_memory(text, &before, nr);
	for (i = 0; i < nr; i++)
		must(kit_party_add(&k, &body[i], B, 0), "party");
	snprintf(text, sizeof(text), "%s-install-ns", name);
	say(text, (cpu() - start) / nr);
	say_memory(name, &before, nr);
}

void contracts_2(void)
{
	contracts(CONTRACTS, 2, "contract-2");
}

void contracts_16(void)
{
	contracts(CONTRACTS / 10, 16, "contract-16");
}

void contracts_64(void)
{
	contracts(CONTRACTS / 10, 64, "contract-64");
}

/* Ten thousand contracts with a hundred open channels each. */
void install_many(void)
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
