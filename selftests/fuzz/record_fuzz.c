// SPDX-License-Identifier: GPL-2.0
/*
 * Files of keys, cards and signatures. What is accepted is what a key says
 * that was accepted before: nobody finds a signature by chance.
 *
 * Options: -max_len=2048
 * Runs: 150000
 */
#include <string.h>

#include "fuzz.h"

#define SIGNATURES (POP_FILE_CARD + 1)

static bool read_identity(struct pop_error *err)
{
	struct pop_identity identity;

	return !pop_identity_read(&identity, "file", err);
}

static bool read_contract_key(struct pop_error *err)
{
	struct pop_contract_key key;

	return !pop_contract_key_read(&key, "file", err);
}

static bool read_card(struct pop_error *err)
{
	struct pop_card card;

	return !pop_card_read(&card, "file", err);
}

static struct pop_contract contract;

static bool read_signatures(struct pop_error *err)
{
	static const u8 nothing[POP_SIGNATURE_LEN];
	u32 i, nr = 0;
	int ret;

	ret = pop_contract_add_signatures(&contract, "file", err);
	for (i = 0; i < contract.plan.nr_parties; i++)
		nr += !!memcmp(contract.signatures + i * POP_SIGNATURE_LEN,
			       nothing, POP_SIGNATURE_LEN);
	CHECK(contract.nr_signatures == nr);
	memset(contract.signatures, 0,
	       contract.plan.nr_parties * POP_SIGNATURE_LEN);
	contract.nr_signatures = 0;
	return !ret;
}

static bool read_as(u32 kind, struct pop_error *err)
{
	static bool (* const readers[])(struct pop_error *err) = {
		[POP_FILE_IDENTITY] = read_identity,
		[POP_FILE_CONTRACT_KEY] = read_contract_key,
		[POP_FILE_CARD] = read_card,
		[SIGNATURES] = read_signatures,
	};

	memset(err, 0, sizeof(*err));
	return readers[kind](err);
}

/* Each reader is given every file, and says why not, or is the right one. */
void fuzz_one(const u8 *data, size_t len)
{
	struct pop_error err = {};
	u32 i, taken = 0;
	int kind;

	if (!contract.body)
		fuzz_contract(&contract);
	fuzz_file(data, len);
	kind = pop_key_file_kind("file", &err);
	CHECK(kind < SIGNATURES);
	if (kind < 0)
		fuzz_check_error(&err, "file");
	for (i = 0; i <= SIGNATURES; i++) {
		if (!read_as(i, &err)) {
			fuzz_check_error(&err, "file");
			continue;
		}
		CHECK(i == SIGNATURES || kind == (int)i);
		taken++;
	}
	CHECK(taken <= 1);
	if (taken)
		fuzz_accept();
}
