/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of libpop share with each other and with nobody else. */
#ifndef _LIBPOP_INTERNAL_H
#define _LIBPOP_INTERNAL_H

#include <stdarg.h>

#include "pop.h"

#define __printf(a, b) __attribute__((__format__(__printf__, a, b)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Say why in @err, and return @error.
 *
 * Bytes that could steer a terminal are replaced: parts of the text may come
 * from files that somebody else wrote.
 */
int __printf(3, 4)
pop_fail(struct pop_error *err, int error, const char *format, ...);
int pop_vfail(struct pop_error *err, int error, const char *format,
	      va_list args);

/* The same, of a system call on the file @path that set errno. */
int pop_fail_errno(struct pop_error *err, const char *path);

/**
 * struct pop_buffer - a file in memory
 * @data: what is in it, and a zero byte behind that
 * @len: bytes without the zero byte
 */
struct pop_buffer {
	char *data;
	size_t len;
};

/*
 * Read the regular file @path of at most @max bytes; a @secret one only if
 * nobody else may. Free with pop_buffer_free(), which wipes.
 */
int pop_file_read(struct pop_buffer *buf, const char *path, size_t max,
		  bool secret, struct pop_error *err);
void pop_buffer_free(struct pop_buffer *buf);

/* Make a new file; -EEXIST when there is one. */
int pop_file_create(const char *path, mode_t mode, const void *data,
		    size_t len, struct pop_error *err);

#define POP_KIND_MAX	16

/*
 * Make a file, or replace one of the same kind, in one step. The first @kind_len
 * bytes of @data, no more than POP_KIND_MAX, say of which kind it is. -EEXIST
 * when anything else is there: a mistyped name must not cost a key.
 */
int pop_file_replace(const char *path, const void *data, size_t len,
		     size_t kind_len, struct pop_error *err);

#endif /* _LIBPOP_INTERNAL_H */
