// SPDX-License-Identifier: GPL-2.0
/*
 * seeds DIR CONTRACT.yaml...: what the fuzzers start from, in DIR/TARGET: what
 * is valid, and was made rather than written. The same in every run.
 */
#include <err.h>
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../unit/body.h"
#include "fuzz.h"
#include "unit.h"

#define BODIES 12

static const char *dir;

static const char *path(const char *target, const char *name)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%s/%s", dir, target);
	mkdir(text, 0777);
	snprintf(text, sizeof(text), "%s/%s/%s", dir, target, name);
	return text;
}

static void put(const char *target, const char *name, const void *data,
		size_t len)
{
	FILE *file = fopen(path(target, name), "w");

	if (!file || fwrite(data, 1, len, file) != len || fclose(file))
		err(1, "%s", path(target, name));
}

static void put_contract(const char *name, const char *text, size_t len)
{
	struct pop_error why;
	void *body;
	u32 body_len;

	put("contract", name, text, len);
	fuzz_file(text, len);
	if (pop_compile(name, &body, &body_len, &why))
		errx(1, "%s", why.text);
	put("body", name, body, body_len);
	free(body);
}

static void read_contract(const char *file)
{
	const char *slash = strrchr(file, '/');
	static char text[65536];
	FILE *in = fopen(file, "r");
	size_t len;

	if (!in)
		err(1, "%s", file);
	len = fread(text, 1, sizeof(text), in);
	fclose(in);
	put_contract(slash ? slash + 1 : file, text, len);
}

static void make_bodies(void)
{
	char name[16];
	int i;

	for (i = 0; i < BODIES; i++) {
		struct built b = random_contract();

		snprintf(name, sizeof(name), "random%d", i);
		put("body", name, b.body, b.len);
		free(b.body);
	}
}

static void make_units(void)
{
	static const struct pop_unit units[] = {
		{ .type = POP_UNIT_HEADER },
		{ .type = POP_UNIT_HEADER, .flags = POP_UNIT_F_GROUP,
		  .slot = { 1, 2, 3 } },
		{ .type = POP_UNIT_PAYLOAD, .fragment = U16_MAX - 1,
		  .slot = { U16_MAX, U16_MAX, U32_MAX } },
		{ .type = POP_UNIT_PAYLOAD, .flags = POP_UNIT_F_GROUP },
		{ .type = POP_UNIT_STATE_REQUEST, .aux = 0x01020304 },
		{ .type = POP_UNIT_STATE_REPLY, .aux = U32_MAX },
		{ .type = POP_UNIT_SLOTS_REQUEST, .aux = 1 },
		{ .type = POP_UNIT_SLOTS_REPLY, .aux = 1 },
		{ .type = POP_UNIT_RETRANSMIT, .aux = 1 },
		{ .type = POP_UNIT_ECHO, .aux = 1 },
		{ .type = POP_UNIT_RECOVERY, .aux = 1 },
		{ .type = POP_UNIT_RELAY, .aux = 1, .fragment = U16_MAX,
		  .slot = { 1, 2, 3 } },
	};
	struct pop_outer outer;
	char name[16];
	u32 i;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		pop_unit_outer(&outer, &units[i],
			       cpu_to_be64(0x1122334455667788),
			       cpu_to_be64(0xa1a2a3a4a5a60000));
		snprintf(name, sizeof(name), "unit%u", i);
		put("unit", name, &outer, sizeof(outer));
	}
}

static void make_endpoints(void)
{
	static const char text[] =
		"alice: 10.0.0.1\n"
		"bob: 10.0.0.2:7671\n"
		"carol: \"[fe80::3%lo]:7670\"\n";

	put("endpoints", "all", text, strlen(text));
}

static void make_records(void)
{
	u8 signature[POP_SIGNATURE_LEN];
	struct pop_contract contract;
	struct party_keys keys;
	struct pop_error why;

	fuzz_contract(&contract);
	fuzz_party(&keys, "alice.pub");
	if (pop_identity_write(&keys.identity, path("record", "identity"),
			       &why) ||
	    pop_contract_key_write(&keys.key, path("record", "key"), &why) ||
	    pop_card_write(&keys.card, path("record", "card"), &why) ||
	    pop_contract_sign(&contract, &keys.identity, &keys.key,
			      path("record", "signature"), signature, &why) < 0)
		errx(1, "%s", why.text);
	pop_contract_release(&contract);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2)
		errx(2, "usage: seeds DIR CONTRACT.yaml...");
	dir = argv[1];
	put_contract("three.yaml", fuzz_yaml, strlen(fuzz_yaml));
	for (i = 2; i < argc; i++)
		read_contract(argv[i]);
	make_bodies();
	make_units();
	make_endpoints();
	make_records();
	return 0;
}
