/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libpop: contracts of Proof of Participation in user space.
 *
 * Compiles the contract language, makes and reads the files of keys, cards and
 * signatures, verifies, and derives the keys that the module wants. The formats
 * are described in pop-contract(5).
 *
 * Functions return 0 or a negative errno; those that take a struct pop_error
 * have then put into it what a user should read. Nothing is printed. Call
 * pop_init() first. Pointers are owned by the caller unless it says otherwise.
 *
 * Compile with the flags of libpop.mk.
 */
#ifndef _LIBPOP_POP_H
#define _LIBPOP_POP_H

#include <linux/pop_netlink.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#include "codec.h"

/**
 * struct pop_error - why a function failed
 * @text: one line without its end; begins with the file and, where there is
 *	  one, the line and column ("file:line:column: message")
 */
struct pop_error {
	char text[1024];
};

/** pop_make_harmless - replace bytes of @text that could steer a terminal */
void pop_make_harmless(char *text);

/**
 * pop_init - get the cryptographic libraries ready
 *
 * Return: 0, or -EIO when the system has no source of randomness.
 */
int pop_init(void);

/*
 * From the one to the other SIGHUP, SIGINT and SIGTERM wait, so that no part of
 * a file stays behind, or of files that belong together. What writes one file
 * does so itself. @before: the mask; such pairs can stand within each other.
 */
void pop_hold_signals(sigset_t *before);
void pop_free_signals(const sigset_t *before);

/* ---- keys ------------------------------------------------------------- */

/**
 * struct pop_identity - the key by which a party is known and signs
 * @public: Ed25519 public key
 * @secret: Ed25519 seed
 */
struct pop_identity {
	u8 public[POP_KEY_LEN];
	u8 secret[POP_KEY_LEN];
};

/**
 * struct pop_contract_key - a party's X25519 key for one contract
 * @identity: public key of the party
 * @public: X25519 public key
 * @secret: X25519 secret key
 */
struct pop_contract_key {
	u8 identity[POP_KEY_LEN];
	u8 public[POP_KEY_LEN];
	u8 secret[POP_KEY_LEN];
};

/**
 * struct pop_card - what a party gives to the author of a contract
 * @identity: Ed25519 public key
 * @key: X25519 public key, made for one contract
 * @signature: by @identity over "PoP1-card" || identity || key
 */
struct pop_card {
	u8 identity[POP_KEY_LEN];
	u8 key[POP_KEY_LEN];
	u8 signature[POP_SIGNATURE_LEN];
};

/* Fresh keys from the system's randomness. Wipe them with pop_wipe(). */
void pop_identity_make(struct pop_identity *identity);
void pop_contract_key_make(struct pop_contract_key *key, struct pop_card *card,
			   const struct pop_identity *identity);

/** pop_wipe - overwrite @len bytes of secrets for good */
void pop_wipe(void *secret, size_t len);

/*
 * Secret files are made with mode 0600, never replace a file (-EEXIST), and are
 * not read when others could read them too (-EACCES).
 */
int pop_identity_write(const struct pop_identity *identity, const char *path,
		       struct pop_error *err);
int pop_identity_read(struct pop_identity *identity, const char *path,
		      struct pop_error *err);
int pop_contract_key_write(const struct pop_contract_key *key,
			   const char *path, struct pop_error *err);
int pop_contract_key_read(struct pop_contract_key *key, const char *path,
			  struct pop_error *err);

/* A card replaces no file either. Reading one checks its signature. */
int pop_card_write(const struct pop_card *card, const char *path,
		   struct pop_error *err);
int pop_card_read(struct pop_card *card, const char *path,
		  struct pop_error *err);

enum pop_key_file {
	POP_FILE_IDENTITY,
	POP_FILE_CONTRACT_KEY,
	POP_FILE_CARD,
};

/**
 * pop_key_file_kind - what kind of key file it is
 * @path: of the file
 * @err: why, on failure
 *
 * Return: enum pop_key_file, or a negative errno.
 */
int pop_key_file_kind(const char *path, struct pop_error *err);

/* ---- contracts -------------------------------------------------------- */

/**
 * pop_compile - translate a contract into its canonical body
 * @path: of the contract as its users write it
 * @body: set to the body; free()
 * @len: bytes of @body
 * @err: why, on failure
 *
 * The body has passed pop_plan_decode().
 */
int pop_compile(const char *path, void **body, u32 *len,
		struct pop_error *err);

/**
 * struct pop_contract - a contract read from its file
 * @plan: points into @body
 * @body: the canonical body
 * @hash: names the contract
 * @signatures: POP_SIGNATURE_LEN bytes for each party in the order of their
 *		indices, as the module wants them; zeroes while one is missing
 * @nr_signatures: how many are there, all of them verified
 */
struct pop_contract {
	struct pop_plan plan;
	void *body;
	u8 hash[POP_HASH_LEN];
	u8 *signatures;
	u32 nr_signatures;
};

/**
 * pop_contract_read - read a canonical body and check its form
 * @contract: filled in on success
 * @path: of the body
 * @err: why, on failure
 *
 * On success the contract is released with pop_contract_release().
 */
int pop_contract_read(struct pop_contract *contract, const char *path,
		      struct pop_error *err);
void pop_contract_release(struct pop_contract *contract);

/*
 * pop_contract_write - write a body to @path, which may be a contract already
 *
 * Return: 0, -EEXIST when @path is anything else, or another error.
 */
int pop_contract_write(const void *body, u32 len, const char *path,
		       struct pop_error *err);

/**
 * pop_contract_sign - sign a contract as one of its parties
 * @contract: to sign
 * @identity: whose identity says which party
 * @key: the contract key of the party. The contract must name it: otherwise its
 *	 author, and not the signer, could hold the secret to it.
 * @path: signature file to write, which may be one already; or NULL
 * @signature: set to the signature
 * @err: why, on failure
 *
 * Return: index of the party, -ENOENT when the identity is no party,
 * -EKEYREJECTED when the contract names another key, -EEXIST when @path is
 * something else, or another error.
 */
int pop_contract_sign(const struct pop_contract *contract,
		      const struct pop_identity *identity,
		      const struct pop_contract_key *key, const char *path,
		      u8 signature[POP_SIGNATURE_LEN], struct pop_error *err);

/**
 * pop_contract_add_signatures - take the signatures of a file
 * @contract: that they are for
 * @path: one signature file, or several one behind the other
 * @err: why, on failure
 *
 * Each is verified with the identity of the party that it names.
 *
 * Return: 0, -EKEYREJECTED when one does not hold, or another error.
 */
int pop_contract_add_signatures(struct pop_contract *contract,
				const char *path, struct pop_error *err);

/* Levels of validity: see pop-protocol.rst. */
#define POP_LEVEL_SIGNED	1	/* identities, signatures, hashes */

/**
 * pop_contract_verify - is the contract valid at level 1
 * @contract: with its signatures
 * @err: why, on failure
 *
 * It is when every contract key can be used and every party has signed.
 *
 * Return: POP_LEVEL_SIGNED, or -EKEYREJECTED with the reason in @err.
 */
int pop_contract_verify(const struct pop_contract *contract,
			struct pop_error *err);

/* ---- keys of a contract ------------------------------------------------ */

/**
 * struct pop_pair_keys - keys that two parties share in a contract
 * @tx: k(party -> peer)
 * @rx: k(peer -> party)
 */
struct pop_pair_keys {
	u8 tx[POP_KEY_LEN];
	u8 rx[POP_KEY_LEN];
};

/**
 * pop_pair_keys - derive the keys between @party and @peer
 * @plan: of the contract
 * @hash: of the contract
 * @party: index of the party whose secret it is
 * @secret: its X25519 secret key
 * @peer: index of another party
 * @keys: filled in; wipe with pop_wipe()
 *
 * k(i -> j) = BLAKE2s-256(key = X25519(i, j), "PoP1-pair" || contract_hash ||
 * party_hash(i) || party_hash(j))
 *
 * Return: 0, -EINVAL when party or peer are out of range or the same,
 * -EKEYREJECTED when the peer's key allows no secret.
 */
int pop_pair_keys(const struct pop_plan *plan, const u8 hash[POP_HASH_LEN],
		  u32 party, const u8 secret[POP_KEY_LEN], u32 peer,
		  struct pop_pair_keys *keys);

/* Is @name, of @len bytes, one that a body can hold? */
bool pop_name_valid(const char *name, size_t len);

/* The party whose key or name it is. Return: its index or -ENOENT. */
int pop_party_by_key(const struct pop_plan *plan,
		     const u8 public[POP_KEY_LEN]);
int pop_party_by_identity(const struct pop_plan *plan,
			  const u8 identity[POP_KEY_LEN]);
int pop_party_by_name(const struct pop_plan *plan, const char *name);

/* ---- what a contract says ---------------------------------------------- */

/**
 * struct pop_channel - one entry of a party's profile
 * @direction: enum pop_direction
 * @phase: index of the phase
 * @action: index of the action in the phase
 * @action_index: index into plan->action
 * @peer: party at the other end
 * @count: messages on the channel
 * @minutes: that the sender earns by the action, all its channels together
 */
struct pop_channel {
	u32 direction;
	u32 phase;
	u32 action;
	u32 action_index;
	u32 peer;
	u32 count;
	u32 minutes;
};

/**
 * pop_profile - channels of a party
 * @plan: of the contract
 * @party: its index
 * @list: set to an array; free()
 * @nr: how many
 *
 * Ordered by direction (inputs first), phase, action and peer. The place of a
 * channel among those of its direction is what STATE units count by.
 *
 * Return: 0, -EINVAL when there is no such party, or -ENOMEM.
 */
int pop_profile(const struct pop_plan *plan, u32 party,
		struct pop_channel **list, u32 *nr);

/**
 * pop_phase_active - parties that send or receive in a phase
 * @plan: of the contract
 * @phase: its index
 * @active: one for each party; set
 */
void pop_phase_active(const struct pop_plan *plan, u32 phase, bool *active);

/** pop_minutes_due - minutes that @party earns by the whole contract */
u64 pop_minutes_due(const struct pop_plan *plan, u32 party);

/* Words of the contract language for an enum's value, or NULL. */
const char *pop_gate_name(u32 gate);
const char *pop_kind_name(u32 kind);
const char *pop_consistency_name(u32 consistency);
const char *pop_evidence_name(u32 evidence);
const char *pop_late_name(u32 late);

/* Values as the contract language writes them; they return @text. */
#define POP_DURATION_LEN	48
#define POP_SIZE_LEN		16
const char *pop_format_duration(char text[POP_DURATION_LEN], u64 seconds);
const char *pop_format_minutes(char text[POP_DURATION_LEN], u64 minutes);
const char *pop_format_size(char text[POP_SIZE_LEN], u32 bytes);

/*
 * The phases as a graph: for Graphviz (-ENOMEM when there is no room), and for
 * a terminal.
 */
int pop_graph_dot(FILE *out, const struct pop_plan *plan);
void pop_graph_text(FILE *out, const struct pop_plan *plan);

/* ---- endpoints ---------------------------------------------------------- */

/**
 * struct pop_endpoint - where a party is reached
 * @party: index
 * @addr: AF_INET or AF_INET6; port zero when none is given
 */
struct pop_endpoint {
	u32 party;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} addr;
};

/**
 * pop_endpoint_parse - read 10.0.0.1[:PORT], fe80::1[%DEV] or [fe80::1%DEV]:PORT
 * @endpoint: its address is set
 * @text: that it is read from
 * @err: why, on failure
 */
int pop_endpoint_parse(struct pop_endpoint *endpoint, const char *text,
		       struct pop_error *err);

/**
 * pop_endpoints_read - read an endpoints file
 * @path: of the file
 * @plan: whose parties it names, not necessarily all of them
 * @list: set to an array; free()
 * @nr: how many
 * @err: why, on failure
 */
int pop_endpoints_read(const char *path, const struct pop_plan *plan,
		       struct pop_endpoint **list, u32 *nr,
		       struct pop_error *err);

#endif /* _LIBPOP_POP_H */
