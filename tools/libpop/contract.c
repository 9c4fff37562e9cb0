// SPDX-License-Identifier: GPL-2.0
/* The file of a contract, its signatures, and whether they are enough. */

#include <errno.h>
#include <linux/kernel.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "record.h"

#define SIGNATURE "pop-signature"

static const char sign_domain[] = "PoP1-sign";

/* What a party signs: the hash covers everything that the contract says. */
struct sign_text {
	u8 domain[sizeof(sign_domain) - 1];
	u8 hash[POP_HASH_LEN];
};

static void sign_text(struct sign_text *text,
		      const struct pop_contract *contract)
{
	memcpy(text->domain, sign_domain, sizeof(text->domain));
	memcpy(text->hash, contract->hash, POP_HASH_LEN);
}

int pop_contract_read(struct pop_contract *contract, const char *path,
		      struct pop_error *err)
{
	struct pop_codec_error why;
	struct pop_buffer buf;
	int ret;

	memset(contract, 0, sizeof(*contract));
	ret = pop_file_read(&buf, path, POP_MAX_BODY, false, err);
	if (ret)
		return ret;
	ret = pop_plan_decode(&contract->plan, buf.data, buf.len, &why);
	if (ret) {
		pop_fail(err, ret, "%s: byte %u: %s", path, why.offset,
			 why.reason);
		pop_buffer_free(&buf);
		return ret;
	}
	contract->body = buf.data;
	pop_contract_hash(contract->hash, buf.data, buf.len);
	contract->signatures = calloc(contract->plan.nr_parties,
				      POP_SIGNATURE_LEN);
	if (!contract->signatures) {
		pop_contract_release(contract);
		return pop_fail_errno(err, path);
	}
	return 0;
}

void pop_contract_release(struct pop_contract *contract)
{
	pop_plan_release(&contract->plan);
	free(contract->body);
	free(contract->signatures);
	memset(contract, 0, sizeof(*contract));
}

int pop_contract_write(const void *body, u32 len, const char *path,
		       struct pop_error *err)
{
	const struct pop_body *head = body;

	return pop_file_replace(path, body, len, sizeof(head->magic), err);
}

static const char *party_name(const struct pop_contract *contract, u32 party)
{
	return (const char *)contract->plan.party[party].name;
}

int pop_contract_sign(const struct pop_contract *contract,
		      const struct pop_identity *identity,
		      const struct pop_contract_key *key, const char *path,
		      u8 signature[POP_SIGNATURE_LEN], struct pop_error *err)
{
	u8 secret[crypto_sign_SECRETKEYBYTES], public[POP_KEY_LEN];
	char name[POP_NAME_LEN], record[POP_RECORD_MAX];
	const struct pop_field fields[] = {
		{ "contract", (void *)contract->hash, POP_HASH_LEN },
		{ "party", name, 0 },
		{ "signature", signature, POP_SIGNATURE_LEN },
	};
	struct sign_text text;
	int party, ret;
	size_t len;

	party = pop_party_by_identity(&contract->plan, identity->public);
	if (party < 0)
		return pop_fail(err, -ENOENT,
				"the contract has no party with this identity");
	memcpy(name, party_name(contract, party), POP_NAME_LEN);
	if (memcmp(contract->plan.party[party].key, key->public, POP_KEY_LEN))
		return pop_fail(err, -EKEYREJECTED,
				"the contract gives %s another contract key than yours; ask its author to use your card",
				name);

	sign_text(&text, contract);
	crypto_sign_seed_keypair(public, secret, identity->secret);
	crypto_sign_detached(signature, NULL, (u8 *)&text, sizeof(text),
			     secret);
	sodium_memzero(secret, sizeof(secret));
	if (!path)
		return party;
	len = pop_record_format(record, SIGNATURE, fields, ARRAY_SIZE(fields));
	ret = pop_file_replace(path, record, len, strlen(SIGNATURE), err);
	return ret ? ret : party;
}

static int add_signature(struct pop_contract *contract,
			 struct pop_reader *reader, struct pop_error *err)
{
	u8 hash[POP_HASH_LEN], signature[POP_SIGNATURE_LEN];
	char name[POP_NAME_LEN];
	const struct pop_field fields[] = {
		{ "contract", hash, POP_HASH_LEN },
		{ "party", name, 0 },
		{ "signature", signature, POP_SIGNATURE_LEN },
	};
	u32 line = reader->line;
	struct sign_text text;
	int party, ret;
	u8 *mine;

	ret = pop_record_read(reader, SIGNATURE, fields, ARRAY_SIZE(fields),
			      err);
	if (ret)
		return ret;
	if (memcmp(hash, contract->hash, POP_HASH_LEN))
		return pop_fail(err, -EKEYREJECTED,
				"%s:%u:1: %s has signed another contract",
				reader->path, line, name);
	party = pop_party_by_name(&contract->plan, name);
	if (party < 0)
		return pop_fail(err, -EKEYREJECTED,
				"%s:%u:1: %s is no party of the contract",
				reader->path, line, name);
	sign_text(&text, contract);
	if (crypto_sign_verify_detached(signature, (u8 *)&text, sizeof(text),
					contract->plan.party[party].identity))
		return pop_fail(err, -EKEYREJECTED,
				"%s:%u:1: the signature of %s does not hold",
				reader->path, line, name);

	mine = contract->signatures + party * POP_SIGNATURE_LEN;
	if (sodium_is_zero(mine, POP_SIGNATURE_LEN))
		contract->nr_signatures++;
	memcpy(mine, signature, POP_SIGNATURE_LEN);
	return 0;
}

int pop_contract_add_signatures(struct pop_contract *contract,
				const char *path, struct pop_error *err)
{
	struct pop_reader reader = { .path = path, .line = 1 };
	struct pop_buffer buf;
	int ret;

	ret = pop_file_read(&buf, path, POP_MAX_PARTIES * POP_RECORD_MAX,
			    false, err);
	if (ret)
		return ret;
	reader.pos = buf.data;
	do {
		ret = add_signature(contract, &reader, err);
	} while (!ret && reader.pos < buf.data + buf.len);
	pop_buffer_free(&buf);
	return ret;
}

/* X25519 with some keys gives zero whatever the secret is. */
static bool key_usable(const u8 key[POP_KEY_LEN])
{
	static const u8 secret[POP_KEY_LEN] = { 1 };
	u8 shared[POP_KEY_LEN];

	return !crypto_scalarmult(shared, secret, key);
}

int pop_contract_verify(const struct pop_contract *contract,
			struct pop_error *err)
{
	const struct pop_plan *plan = &contract->plan;
	u32 i;

	for (i = 0; i < plan->nr_parties; i++) {
		if (!key_usable(plan->party[i].key))
			return pop_fail(err, -EKEYREJECTED,
					"the contract key of %s cannot be used",
					party_name(contract, i));
		if (sodium_is_zero(contract->signatures + i * POP_SIGNATURE_LEN,
				   POP_SIGNATURE_LEN))
			return pop_fail(err, -EKEYREJECTED,
					"%s has not signed (%u of %u have)",
					party_name(contract, i),
					contract->nr_signatures,
					plan->nr_parties);
	}
	return POP_LEVEL_SIGNED;
}
