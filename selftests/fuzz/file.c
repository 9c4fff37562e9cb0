// SPDX-License-Identifier: GPL-2.0
/* Files that are none, and the keys of parties: see fuzz.h. */

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "internal.h"
#include "record.h"

#define CACHE 64	/* to make a card takes longer than to check one */

/* --- randomness that is always the same -------------------------------------- */

static u8 stream[crypto_generichash_BYTES];

static void stream_start(const char *name)
{
	crypto_generichash(stream, sizeof(stream), (const u8 *)name,
			   strlen(name), NULL, 0);
}

static void stream_bytes(void * const to, const size_t len)
{
	u8 next[sizeof(stream)];
	size_t done, part;

	for (done = 0; done < len; done += part) {
		part = len - done < sizeof(stream) ? len - done : sizeof(stream);
		crypto_generichash(next, sizeof(next), stream, sizeof(stream),
				   NULL, 0);
		memcpy(stream, next, sizeof(stream));
		memcpy((u8 *)to + done, next, part);
	}
}

static const char *stream_name(void)
{
	return "fuzz";
}

static u32 stream_word(void)
{
	u32 word;

	stream_bytes(&word, sizeof(word));
	return word;
}

static struct randombytes_implementation same_random = {
	.implementation_name = stream_name,
	.random = stream_word,
	.buf = stream_bytes,
};

static void __attribute__((__constructor__)) init(void)
{
	randombytes_set_implementation(&same_random);
	CHECK(!pop_init());
}

/* --- parties ------------------------------------------------------------------ */

void fuzz_party(struct party_keys *keys, const char *name)
{
	stream_start(name);
	pop_identity_make(&keys->identity);
	pop_contract_key_make(&keys->key, &keys->card, &keys->identity);
}

static const char *card_text(const char *name)
{
	static struct {
		char name[128];
		char text[POP_RECORD_MAX];
	} cache[CACHE], *entry;
	struct party_keys keys;
	const struct pop_field fields[] = {
		{ "identity", keys.card.identity, POP_KEY_LEN },
		{ "key", keys.card.key, POP_KEY_LEN },
		{ "signature", keys.card.signature, POP_SIGNATURE_LEN },
	};
	u8 hash;

	if (!strcmp(name, "bad.pub"))
		return "pop-card 1\nidentity 00\n";
	if (!strcmp(name, "none.pub") || strlen(name) >= sizeof(entry->name))
		return NULL;
	crypto_shorthash(&hash, (const u8 *)name, strlen(name),
			 (const u8 [crypto_shorthash_KEYBYTES]){});
	entry = &cache[hash % CACHE];
	if (!strcmp(entry->name, name))
		return entry->text;
	fuzz_party(&keys, name);
	strcpy(entry->name, name);
	entry->text[pop_record_format(entry->text, "pop-card", fields,
				      ARRAY_SIZE(fields))] = '\0';
	return entry->text;
}

/* --- files -------------------------------------------------------------------- */

static struct {
	const void *data;
	size_t len;
} file;

void fuzz_file(const void *data, size_t len)
{
	file.data = data;
	file.len = len;
}

static bool is_card(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && !strcmp(path + len - 4, ".pub");
}

/* The linker puts this in the place of the function in file.c of libpop. */
int __wrap_pop_file_read(struct pop_buffer *buf, const char *path, size_t max,
			 bool secret, struct pop_error *err)
{
	const char *data = file.data, *slash = strrchr(path, '/');
	size_t len = file.len;

	(void)secret;
	memset(buf, 0, sizeof(*buf));
	if (is_card(path)) {
		data = card_text(slash ? slash + 1 : path);
		if (!data) {
			errno = ENOENT;
			return pop_fail_errno(err, path);
		}
		len = strlen(data);
	}
	if (len > max)
		return pop_fail(err, -EFBIG, "%s: longer than %zu bytes", path,
				max);
	buf->data = malloc(len + 1);
	if (len)
		memcpy(buf->data, data, len);
	buf->data[len] = '\0';
	buf->len = len;
	return 0;
}

/* --- a contract ----------------------------------------------------------------- */

const char fuzz_yaml[] =
	"contract: three\n"
	"parties: {alice: alice.pub, bob: bob.pub, carol: carol.pub}\n"
	"phases:\n"
	"  - {name: ask, actions: [{name: q, from: alice, to: [bob, carol]}]}\n"
	"  - {name: tell, after: ask, actions: [{name: a, from: bob, to: alice}]}\n";

void fuzz_contract(struct pop_contract *contract)
{
	struct pop_error err;
	void *body;
	u32 len;

	fuzz_file(fuzz_yaml, strlen(fuzz_yaml));
	CHECK(!pop_compile("three.yaml", &body, &len, &err));
	fuzz_file(body, len);
	CHECK(!pop_contract_read(contract, "three.pop", &err));
	free(body);
}
