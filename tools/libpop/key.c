// SPDX-License-Identifier: GPL-2.0
/* Identities, contract keys and cards, and their files. */

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "internal.h"
#include "record.h"

#define IDENTITY "pop-identity"
#define CONTRACT_KEY "pop-contract-key"
#define CARD "pop-card"

static const char card_domain[] = "PoP1-card";

int pop_init(void)
{
	return sodium_init() < 0 ? -EIO : 0;
}

void pop_wipe(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}

/* What a card's signature covers. */
struct card_text {
	u8 domain[sizeof(card_domain) - 1];
	u8 identity[POP_KEY_LEN];
	u8 key[POP_KEY_LEN];
};

static void card_text(struct card_text *text, const struct pop_card *card)
{
	memcpy(text->domain, card_domain, sizeof(text->domain));
	memcpy(text->identity, card->identity, POP_KEY_LEN);
	memcpy(text->key, card->key, POP_KEY_LEN);
}

/*
 * X25519 ignores these bits of a secret. They are set as it takes them, so that
 * a key has one file only.
 */
static void clamp(u8 secret[POP_KEY_LEN])
{
	secret[0] &= 0xf8;
	secret[31] = (secret[31] & 0x7f) | 0x40;
}

void pop_identity_make(struct pop_identity *identity)
{
	u8 secret[crypto_sign_SECRETKEYBYTES];

	randombytes_buf(identity->secret, POP_KEY_LEN);
	crypto_sign_seed_keypair(identity->public, secret, identity->secret);
	sodium_memzero(secret, sizeof(secret));
}

void pop_contract_key_make(struct pop_contract_key *key, struct pop_card *card,
			   const struct pop_identity *identity)
{
	u8 secret[crypto_sign_SECRETKEYBYTES], public[POP_KEY_LEN];
	struct card_text text;

	randombytes_buf(key->secret, POP_KEY_LEN);
	clamp(key->secret);
	crypto_scalarmult_base(key->public, key->secret);
	memcpy(key->identity, identity->public, POP_KEY_LEN);

	memcpy(card->identity, identity->public, POP_KEY_LEN);
	memcpy(card->key, key->public, POP_KEY_LEN);
	card_text(&text, card);
	crypto_sign_seed_keypair(public, secret, identity->secret);
	crypto_sign_detached(card->signature, NULL, (u8 *)&text, sizeof(text),
			     secret);
	sodium_memzero(secret, sizeof(secret));
}

static int write_secret(const char *path, const char *kind,
			const struct pop_field *fields, u32 nr,
			struct pop_error *err)
{
	char text[POP_RECORD_MAX];
	size_t len;
	int ret;

	len = pop_record_format(text, kind, fields, nr);
	ret = pop_file_create(path, 0600, text, len, err);
	sodium_memzero(text, sizeof(text));
	return ret;
}

/* A card may be read by all: that this is one is said rather than that. */
static int read_secret(const char *path, const char *kind,
		       const struct pop_field *fields, u32 nr,
		       struct pop_error *err)
{
	if (pop_key_file_kind(path, err) == POP_FILE_CARD)
		return pop_fail(err, -EINVAL, "%s: this is a card and no %s",
				path, kind);
	return pop_record_file_read(path, true, kind, fields, nr, err);
}

int pop_identity_write(const struct pop_identity *identity, const char *path,
		       struct pop_error *err)
{
	const struct pop_field fields[] = {
		{ "public", (void *)identity->public, POP_KEY_LEN },
		{ "secret", (void *)identity->secret, POP_KEY_LEN },
	};

	return write_secret(path, IDENTITY, fields, ARRAY_SIZE(fields), err);
}

int pop_identity_read(struct pop_identity *identity, const char *path,
		      struct pop_error *err)
{
	const struct pop_field fields[] = {
		{ "public", identity->public, POP_KEY_LEN },
		{ "secret", identity->secret, POP_KEY_LEN },
	};
	u8 secret[crypto_sign_SECRETKEYBYTES], public[POP_KEY_LEN];
	int ret;

	ret = read_secret(path, IDENTITY, fields, ARRAY_SIZE(fields), err);
	if (ret)
		goto wipe;
	crypto_sign_seed_keypair(public, secret, identity->secret);
	sodium_memzero(secret, sizeof(secret));
	if (!memcmp(public, identity->public, POP_KEY_LEN))
		return 0;
	ret = pop_fail(err, -EINVAL,
		       "%s: the public key does not belong to the secret",
		       path);
wipe:
	pop_wipe(identity, sizeof(*identity));
	return ret;
}

int pop_contract_key_write(const struct pop_contract_key *key,
			   const char *path, struct pop_error *err)
{
	const struct pop_field fields[] = {
		{ "identity", (void *)key->identity, POP_KEY_LEN },
		{ "public", (void *)key->public, POP_KEY_LEN },
		{ "secret", (void *)key->secret, POP_KEY_LEN },
	};

	return write_secret(path, CONTRACT_KEY, fields, ARRAY_SIZE(fields),
			    err);
}

int pop_contract_key_read(struct pop_contract_key *key, const char *path,
			  struct pop_error *err)
{
	const struct pop_field fields[] = {
		{ "identity", key->identity, POP_KEY_LEN },
		{ "public", key->public, POP_KEY_LEN },
		{ "secret", key->secret, POP_KEY_LEN },
	};
	u8 public[POP_KEY_LEN], secret[POP_KEY_LEN];
	bool clamped;
	int ret;

	ret = read_secret(path, CONTRACT_KEY, fields, ARRAY_SIZE(fields), err);
	if (ret)
		goto wipe;
	memcpy(secret, key->secret, POP_KEY_LEN);
	clamp(secret);
	clamped = !sodium_memcmp(secret, key->secret, POP_KEY_LEN);
	sodium_memzero(secret, sizeof(secret));
	crypto_scalarmult_base(public, key->secret);
	if (clamped && !memcmp(public, key->public, POP_KEY_LEN))
		return 0;
	ret = pop_fail(err, -EINVAL,
		       "%s: the public key does not belong to the secret",
		       path);
wipe:
	pop_wipe(key, sizeof(*key));
	return ret;
}

int pop_card_write(const struct pop_card *card, const char *path,
		   struct pop_error *err)
{
	const struct pop_field fields[] = {
		{ "identity", (void *)card->identity, POP_KEY_LEN },
		{ "key", (void *)card->key, POP_KEY_LEN },
		{ "signature", (void *)card->signature, POP_SIGNATURE_LEN },
	};
	char text[POP_RECORD_MAX];
	size_t len;

	len = pop_record_format(text, CARD, fields, ARRAY_SIZE(fields));
	return pop_file_create(path, 0644, text, len, err);
}

int pop_card_read(struct pop_card *card, const char *path,
		  struct pop_error *err)
{
	const struct pop_field fields[] = {
		{ "identity", card->identity, POP_KEY_LEN },
		{ "key", card->key, POP_KEY_LEN },
		{ "signature", card->signature, POP_SIGNATURE_LEN },
	};
	struct card_text text;
	int ret;

	ret = pop_record_file_read(path, false, CARD, fields,
				   ARRAY_SIZE(fields), err);
	if (ret)
		return ret;
	card_text(&text, card);
	if (crypto_sign_verify_detached(card->signature, (u8 *)&text,
					sizeof(text), card->identity))
		return pop_fail(err, -EKEYREJECTED,
				"%s: the signature of this card does not hold; ask its owner for another",
				path);
	return 0;
}

int pop_key_file_kind(const char *path, struct pop_error *err)
{
	static const char * const kinds[] = {
		[POP_FILE_IDENTITY] = IDENTITY " ",
		[POP_FILE_CONTRACT_KEY] = CONTRACT_KEY " ",
		[POP_FILE_CARD] = CARD " ",
	};
	struct pop_buffer buf;
	int ret;
	u32 i;

	ret = pop_file_read(&buf, path, POP_RECORD_MAX, false, err);
	if (ret)
		return ret;
	ret = pop_fail(err, -EINVAL, "%s: neither a key nor a card", path);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(buf.data, kinds[i], strlen(kinds[i])))
			ret = i;
	pop_buffer_free(&buf);
	return ret;
}
