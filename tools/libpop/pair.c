// SPDX-License-Identifier: GPL-2.0
/* Keys that two parties share: signing a contract is the key exchange. */

#include <crypto/blake2s.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "internal.h"

static const char pair_domain[] = "PoP1-pair";

static void derive(u8 key[POP_KEY_LEN], const u8 shared[POP_KEY_LEN],
		   const u8 hash[POP_HASH_LEN], const u8 from[POP_HASH_LEN],
		   const u8 to[POP_HASH_LEN])
{
	struct blake2s_state state;

	blake2s_init_key(&state, POP_KEY_LEN, shared, POP_KEY_LEN);
	blake2s_update(&state, (const u8 *)pair_domain,
		       sizeof(pair_domain) - 1);
	blake2s_update(&state, hash, POP_HASH_LEN);
	blake2s_update(&state, from, POP_HASH_LEN);
	blake2s_update(&state, to, POP_HASH_LEN);
	blake2s_final(&state, key);
	sodium_memzero(&state, sizeof(state));
}

int pop_pair_keys(const struct pop_plan *plan, const u8 hash[POP_HASH_LEN],
		  u32 party, const u8 secret[POP_KEY_LEN], u32 peer,
		  struct pop_pair_keys *keys)
{
	u8 party_hash[POP_HASH_LEN], peer_hash[POP_HASH_LEN];
	u8 shared[POP_KEY_LEN];
	int ret = 0;

	if (party >= plan->nr_parties || peer >= plan->nr_parties ||
	    party == peer)
		return -EINVAL;
	pop_party_hash(party_hash, plan->party[party].identity);
	pop_party_hash(peer_hash, plan->party[peer].identity);

	/* libsodium refuses an all-zero result */
	if (crypto_scalarmult(shared, secret, plan->party[peer].key)) {
		ret = -EKEYREJECTED;
	} else {
		derive(keys->tx, shared, hash, party_hash, peer_hash);
		derive(keys->rx, shared, hash, peer_hash, party_hash);
	}
	sodium_memzero(shared, sizeof(shared));
	return ret;
}
