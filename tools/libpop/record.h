/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of text, of which files of keys, cards and signatures consist:
 *
 *	pop-card 1
 *	identity 6ad04bc5...
 *	key 9f02c31e...
 *
 * First a kind and a version, then a word and a value in every line, all of
 * them and in this order. A value is hexadecimal, or a name.
 */
#ifndef _LIBPOP_RECORD_H
#define _LIBPOP_RECORD_H

#include "internal.h"

/**
 * struct pop_field - one line of a record
 * @word: in front of the value
 * @value: of @len bytes
 * @len: zero: a name of at most POP_NAME_LEN bytes with its zero bytes
 */
struct pop_field {
	const char *word;
	void *value;
	u32 len;
};

/**
 * struct pop_reader - where in a file of records we are
 * @path: for messages
 * @pos: next byte
 * @line: its line, from one
 */
struct pop_reader {
	const char *path;
	const char *pos;
	u32 line;
};

/** pop_record_read - read one record of @kind; no more is left at *pos == 0 */
int pop_record_read(struct pop_reader *reader, const char *kind,
		    const struct pop_field *fields, u32 nr,
		    struct pop_error *err);

/* The same for a file that holds one record. */
int pop_record_file_read(const char *path, bool secret, const char *kind,
			 const struct pop_field *fields, u32 nr,
			 struct pop_error *err);

#define POP_RECORD_MAX 1024

/* Put a record into @text; wipe that when it is secret. Return: its length. */
size_t pop_record_format(char text[POP_RECORD_MAX], const char *kind,
			 const struct pop_field *fields, u32 nr);

#endif /* _LIBPOP_RECORD_H */
