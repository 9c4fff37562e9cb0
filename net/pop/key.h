/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every key, name and digest that follows from k(i->j) and the contract.
 * Pure functions over BLAKE2s; no state, no locks, any context.
 */
#ifndef _NET_POP_KEY_H
#define _NET_POP_KEY_H

#include <linux/string.h>

#include <crypto/blake2s.h>
#include <net/pop.h>

/**
 * struct pop_ratchet - source of the phase keys of one direction of a pair
 * @chain: key from which those of @phase and all later ones follow
 * @phase: the phase @chain stands at
 *
 * Steps forward only: what was sealed in phases before @phase cannot be
 * opened with what is left here.
 */
struct pop_ratchet {
	u8	chain[POP_KEY_LEN];
	u32	phase;
};

/**
 * struct pop_slot_id - name of a slot within a contract
 * @phase: from zero
 * @action: index in its phase
 * @seq: from zero
 */
struct pop_slot_id {
	u16	phase;
	u16	action;
	u32	seq;
};

/* cid of k(i->j): BLAKE2s(k, "cid" || epoch), first eight bytes */
__be64 pop_key_cid(const u8 k[POP_KEY_LEN], u32 epoch);

/* cid of the contract's group: BLAKE2s(contract_hash, "group" || epoch) */
__be64 pop_key_group_cid(const u8 contract_hash[POP_HASH_LEN], u32 epoch);

/* Source of the keys of the control units of k(i->j): BLAKE2s(k, "control") */
void pop_key_control(u8 control[POP_KEY_LEN], const u8 k[POP_KEY_LEN]);

/*
 * Key of the control units of one incarnation, a number drawn whenever the party
 * is opened: BLAKE2s(control, "state" || incarnation). A counter that comes
 * again, for a clock was set back, comes under another key.
 */
void pop_key_state(u8 key[POP_KEY_LEN], const u8 control[POP_KEY_LEN],
		   u32 incarnation);

/* Chain 0 is BLAKE2s(k, "chain"), chain n+1 is BLAKE2s(chain n, "next") */
void pop_ratchet_init(struct pop_ratchet *r, const u8 k[POP_KEY_LEN]);

/* Step to @phase, which must not lie behind. */
void pop_ratchet_step(struct pop_ratchet *r, u32 phase);

/* Key of the phase the ratchet stands at: BLAKE2s(chain, "phase") */
void pop_ratchet_key(u8 key[POP_KEY_LEN], const struct pop_ratchet *r);

/*
 * Salt of the units of one message: the first eight bytes of D. As it commits to
 * all that the units say, another content of a slot means another salt.
 */
static inline __be64 pop_key_salt(const struct pop_header *header)
{
	__be64 salt;

	memcpy(&salt, header->digest, sizeof(salt));
	return salt;
}

/**
 * pop_key_message - key of the units of one message
 * @key: filled in; to be wiped
 * @phase_key: of the phase, between the sender and the recipient
 * @slot: of the phase
 * @salt: see pop_key_salt()
 *
 * HChaCha20(phase key, action || 0000 || seq || salt): together with the nonces of
 * seal.h that is XChaCha20-Poly1305 under the key of the phase.
 */
void pop_key_message(u8 key[POP_KEY_LEN], const u8 phase_key[POP_KEY_LEN],
		     const struct pop_slot_id *slot, __be64 salt);

/**
 * pop_key_voucher - what a recipient knows a header by that comes from another
 * @voucher: filled in
 * @key: of the message, between the sender and the recipient
 * @header: complete, digest included
 *
 * BLAKE2s(key, "voucher" || header), the first half: nobody but the two can make
 * it, and the sender gives it to all recipients of the message.
 */
void pop_key_voucher(u8 voucher[POP_VOUCHER_LEN], const u8 key[POP_KEY_LEN],
		     const struct pop_header *header);

/**
 * pop_key_group - the key of a payload for several recipients
 * @key: filled in; to be wiped
 * @random: drawn for it
 * @header: complete, digest included
 *
 * BLAKE2s(random, "payload" || header): whatever is drawn, another message has
 * another key.
 */
void pop_key_group(u8 key[POP_KEY_LEN], const u8 random[POP_KEY_LEN],
		   const struct pop_header *header);

/**
 * pop_key_digest_base - what all D of a contract begin with
 * @state: hash to begin
 * @contract_hash: of the contract
 * @epoch: of the contract
 *
 * A block of BLAKE2s, "PoP1-slot" || contract_hash and zeros, and the epoch: so
 * that the block is done with once for all messages.
 */
void pop_key_digest_base(struct blake2s_state *state,
			 const u8 contract_hash[POP_HASH_LEN], u32 epoch);

/**
 * pop_key_digest_init - begin D of a message
 * @state: hash to begin
 * @base: of the contract
 * @slot: which one
 * @sent: as in its header
 *
 * D = BLAKE2s(base || phase || action || seq || sent || blind || payload): the
 * caller adds blind and payload.
 */
void pop_key_digest_init(struct blake2s_state *state,
			 const struct blake2s_state *base,
			 const struct pop_slot_id *slot, __be64 sent);

/* Channel digest after one more slot: BLAKE2s(old || D) */
void pop_key_digest_chain(u8 digest[POP_HASH_LEN], const u8 d[POP_HASH_LEN]);

#endif /* _NET_POP_KEY_H */
