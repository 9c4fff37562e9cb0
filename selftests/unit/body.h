/* SPDX-License-Identifier: GPL-2.0 */
/* Contract bodies by chance, and written again from what a decoder found. */
#ifndef _UNIT_BODY_H
#define _UNIT_BODY_H

#include "codec.h"

/**
 * struct built - a body in memory of exactly its length
 * @body: free()
 * @len: bytes
 */
struct built {
	u8 *body;
	u32 len;
};

void append(struct built *b, const void *data, u32 len);

/* What follows depends on this alone; any number but zero. */
extern u64 body_seed;

u32 below(u32 limit);
void random_bytes(u8 *p, u32 len);

/* A valid body of up to 13 parties, 6 phases and 5 actions in each. */
struct built random_contract(void);

/*
 * Write down again what a plan says, one field after the other, and none of
 * what a body could hold besides.
 */
struct built encode_again(const struct pop_plan *plan);

#endif /* _UNIT_BODY_H */
