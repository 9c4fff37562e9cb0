/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's BLAKE2s interface over libb2. Both call their functions
 * blake2s_init and so on, with other arguments: the macros at the end, and not
 * functions of these names, keep the two apart.
 */
#ifndef _POP_SHIM_CRYPTO_BLAKE2S_H
#define _POP_SHIM_CRYPTO_BLAKE2S_H

#include <blake2.h>

struct blake2s_state {
	blake2s_state b2;
};

static inline void shim_blake2s_init(struct blake2s_state *state,
				     size_t outlen)
{
	(blake2s_init)(&state->b2, outlen);
}

static inline void shim_blake2s_init_key(struct blake2s_state *state,
					 size_t outlen, const void *key,
					 size_t keylen)
{
	(blake2s_init_key)(&state->b2, outlen, key, keylen);
}

static inline void shim_blake2s_update(struct blake2s_state *state,
				       const uint8_t *in, size_t inlen)
{
	(blake2s_update)(&state->b2, in, inlen);
}

static inline void shim_blake2s_final(struct blake2s_state *state,
				      uint8_t *out)
{
	(blake2s_final)(&state->b2, out, state->b2.outlen);
}

#define blake2s_init(state, outlen) shim_blake2s_init(state, outlen)
#define blake2s_init_key(state, outlen, key, keylen) \
	shim_blake2s_init_key(state, outlen, key, keylen)
#define blake2s_update(state, in, inlen) shim_blake2s_update(state, in, inlen)
#define blake2s_final(state, out) shim_blake2s_final(state, out)

#endif /* _POP_SHIM_CRYPTO_BLAKE2S_H */
