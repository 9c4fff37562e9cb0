/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzz targets share. A target is a file NAME_fuzz.c with fuzz_one(),
 * which gets bytes that nobody vouches for, and must come back. What it finds
 * wrong it says by CHECK().
 */
#ifndef _FUZZ_H
#define _FUZZ_H

#include <stddef.h>
#include <stdio.h>

#include "pop.h"

/* In each target: try @data. */
void fuzz_one(const u8 *data, size_t len);

/*
 * In a target, or in text.c for those whose inputs are texts: another input
 * from @data, which has room for @max bytes. What is by chance in it comes from
 * below(). Return: its length.
 */
size_t fuzz_change(u8 *data, size_t len, size_t max);

/* The fuzzer's own way to do that, knowing nothing of what the bytes mean. */
size_t fuzz_change_bytes(u8 *data, size_t len, size_t max);

/* What must hold; the fuzzer then keeps the input, and stops. */
#define CHECK(what) do {						\
	if (!(what))							\
		fuzz_fail(__FILE__, __LINE__, #what);			\
} while (0)

void __attribute__((__noreturn__))
fuzz_fail(const char *file, int line, const char *what);

/* Count an input as one that was accepted: without any, nothing was tested. */
void fuzz_accept(void);

/* --- instead of files -------------------------------------------------------- */

/*
 * libpop reads no files here. NAME.pub is the card of a party made for that
 * name, the same in every run; none.pub is missing, and bad.pub no card. Any
 * other file has @data in it, which must stay there.
 */
void fuzz_file(const void *data, size_t len);

/* The keys behind NAME.pub. */
struct party_keys {
	struct pop_identity identity;
	struct pop_contract_key key;
	struct pop_card card;
};

void fuzz_party(struct party_keys *keys, const char *name);

/* A contract of three parties: alice, bob and carol; as read from its file. */
extern const char fuzz_yaml[];
void fuzz_contract(struct pop_contract *contract);

/* An error message names the file, and cannot steer a terminal. */
void fuzz_check_error(const struct pop_error *err, const char *path);

/* --- what is done with contracts --------------------------------------------- */

/* Everything that holds of a plan that the decoder made of @len bytes. */
void fuzz_check_plan(const struct pop_plan *plan, u32 len);

/* Let the tool's side look at it: profiles, sums, graphs. */
void fuzz_show_plan(const struct pop_plan *plan);

#endif /* _FUZZ_H */
