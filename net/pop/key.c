// SPDX-License-Identifier: GPL-2.0
/* Every key, name and digest that follows from k(i->j): see key.h. */

#include <linux/string.h>
#include <asm/byteorder.h>
#include <crypto/chacha.h>

#include "key.h"

#define HCHACHA_ROUNDS	20
#define KEY_WORDS	(POP_KEY_LEN / sizeof(u32))

/* Name of a slot as it goes into keys and digests. */
struct slot_name {
	__be16 phase;
	__be16 action;
	__be32 seq;
};

static struct slot_name slot_name(const struct pop_slot_id *slot)
{
	return (struct slot_name) {
		.phase = cpu_to_be16(slot->phase),
		.action = cpu_to_be16(slot->action),
		.seq = cpu_to_be32(slot->seq),
	};
}

/* A BLAKE2s use is told from all others by its key and a label. */
static void derive(u8 *out, size_t outlen, const u8 key[POP_KEY_LEN],
		   const char *label, const void *data, size_t len)
{
	struct blake2s_state state;

	blake2s_init_key(&state, outlen, key, POP_KEY_LEN);
	blake2s_update(&state, (const u8 *)label, strlen(label));
	blake2s_update(&state, data, len);
	blake2s_final(&state, out);
}

static __be64 derive_cid(const u8 *key, const char *label, u32 epoch)
{
	u8 out[POP_HASH_LEN];
	__be32 e = cpu_to_be32(epoch);
	__be64 cid;

	derive(out, sizeof(out), key, label, &e, sizeof(e));
	memcpy(&cid, out, sizeof(cid));
	return cid;
}

__be64 pop_key_cid(const u8 k[POP_KEY_LEN], u32 epoch)
{
	return derive_cid(k, "cid", epoch);
}

__be64 pop_key_group_cid(const u8 contract_hash[POP_HASH_LEN], u32 epoch)
{
	return derive_cid(contract_hash, "group", epoch);
}

void pop_key_control(u8 control[POP_KEY_LEN], const u8 k[POP_KEY_LEN])
{
	derive(control, POP_KEY_LEN, k, "control", NULL, 0);
}

void pop_key_state(u8 key[POP_KEY_LEN], const u8 control[POP_KEY_LEN],
		   u32 incarnation)
{
	__be32 i = cpu_to_be32(incarnation);

	derive(key, POP_KEY_LEN, control, "state", &i, sizeof(i));
}

void pop_ratchet_init(struct pop_ratchet *r, const u8 k[POP_KEY_LEN])
{
	derive(r->chain, POP_KEY_LEN, k, "chain", NULL, 0);
	r->phase = 0;
}

void pop_ratchet_step(struct pop_ratchet *r, u32 phase)
{
	for (; r->phase < phase; r->phase++)
		derive(r->chain, POP_KEY_LEN, r->chain, "next", NULL, 0);
}

void pop_ratchet_key(u8 key[POP_KEY_LEN], const struct pop_ratchet *r)
{
	derive(key, POP_KEY_LEN, r->chain, "phase", NULL, 0);
}

/* What a key of a phase is made one of a message with: the phase is in it. */
struct message_name {
	__be16	action;
	__be16	zero;
	__be32	seq;
	__be64	salt;
};

void pop_key_message(u8 key[POP_KEY_LEN], const u8 phase_key[POP_KEY_LEN],
		     const struct pop_slot_id *slot, __be64 salt)
{
	const struct message_name name = {
		.action = cpu_to_be16(slot->action),
		.seq = cpu_to_be32(slot->seq),
		.salt = salt,
	};
	u32 state[CHACHA_STATE_WORDS], words[KEY_WORDS];

	memcpy(words, phase_key, POP_KEY_LEN);
	le32_to_cpu_array(words, KEY_WORDS);
	chacha_init(state, words, (const u8 *)&name);
	hchacha_block(state, words, HCHACHA_ROUNDS);
	cpu_to_le32_array(words, KEY_WORDS);
	memcpy(key, words, POP_KEY_LEN);
	memzero_explicit(state, sizeof(state));
	memzero_explicit(words, sizeof(words));
}

void pop_key_voucher(u8 voucher[POP_VOUCHER_LEN], const u8 key[POP_KEY_LEN],
		     const struct pop_header *header)
{
	u8 out[POP_HASH_LEN];

	derive(out, sizeof(out), key, "voucher", header, sizeof(*header));
	memcpy(voucher, out, POP_VOUCHER_LEN);
}

void pop_key_group(u8 key[POP_KEY_LEN], const u8 random[POP_KEY_LEN],
		   const struct pop_header *header)
{
	derive(key, POP_KEY_LEN, random, "payload", header, sizeof(*header));
}

void pop_key_digest_base(struct blake2s_state *state,
			 const u8 contract_hash[POP_HASH_LEN], u32 epoch)
{
	static const char label[] = "PoP1-slot";
	u8 block[BLAKE2S_BLOCK_SIZE] = {};
	__be32 e = cpu_to_be32(epoch);

	memcpy(block, label, sizeof(label) - 1);
	memcpy(block + sizeof(label) - 1, contract_hash, POP_HASH_LEN);
	blake2s_init(state, POP_HASH_LEN);
	blake2s_update(state, block, sizeof(block));
	blake2s_update(state, (const u8 *)&e, sizeof(e));
}

void pop_key_digest_init(struct blake2s_state *state,
			 const struct blake2s_state *base,
			 const struct pop_slot_id *slot, __be64 sent)
{
	const struct {
		struct slot_name slot;
		__be64 sent;
	} head = { slot_name(slot), sent };

	*state = *base;
	blake2s_update(state, (const u8 *)&head, sizeof(head));
}

void pop_key_digest_chain(u8 digest[POP_HASH_LEN], const u8 d[POP_HASH_LEN])
{
	struct blake2s_state state;

	blake2s_init(&state, POP_HASH_LEN);
	blake2s_update(&state, digest, POP_HASH_LEN);
	blake2s_update(&state, d, POP_HASH_LEN);
	blake2s_final(&state, digest);
}
