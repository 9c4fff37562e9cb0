/* SPDX-License-Identifier: GPL-2.0 */
/* A contract's hash, as "pop -d contract list" prints it. */
#ifndef _POP_EXAMPLES_HASH_H
#define _POP_EXAMPLES_HASH_H

#include <err.h>
#include <stdio.h>
#include <string.h>

#include <linux/pop.h>

static inline void parse_hash(__u8 hash[POP_HASH_LEN], const char *text)
{
	int i;

	if (strlen(text) != 2 * POP_HASH_LEN ||
	    strspn(text, "0123456789abcdefABCDEF") != 2 * POP_HASH_LEN)
		errx(1, "a hash has %d hex digits", 2 * POP_HASH_LEN);
	for (i = 0; i < POP_HASH_LEN; i++)
		if (sscanf(text + 2 * i, "%2hhx", &hash[i]) != 1)
			errx(1, "\"%s\" is no hash", text);
}

#endif /* _POP_EXAMPLES_HASH_H */
