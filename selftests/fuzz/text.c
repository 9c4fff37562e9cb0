// SPDX-License-Identifier: GPL-2.0
/*
 * Changes to texts: a word becomes another one of the text, a line goes or
 * comes again elsewhere. What results is a text more often than what changed
 * bytes make of it.
 */
#include <string.h>

#include "../unit/body.h"
#include "fuzz.h"

/* A part of the text. */
struct span {
	size_t at;
	size_t len;
};

static bool in_word(u8 c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c >= 'A' && c <= 'Z') || strchr("-_.%", c);
}

static struct span some_word(const u8 *data, size_t len)
{
	size_t start = below(len), end;

	while (start < len && !in_word(data[start]))
		start++;
	while (start > 0 && in_word(data[start - 1]))
		start--;
	for (end = start; end < len && in_word(data[end]); end++)
		;
	return (struct span) { start, end - start };
}

static struct span some_line(const u8 *data, size_t len)
{
	size_t start = below(len), end;

	while (start > 0 && data[start - 1] != '\n')
		start--;
	for (end = start; end < len && data[end] != '\n'; end++)
		;
	return (struct span) { start, end - start + (end < len) };
}

/* Put @with, which is part of the text, in the place of @old. */
static size_t replace(u8 *data, size_t len, size_t max, struct span old,
		      struct span with)
{
	u8 copy[4096];

	if (with.len > sizeof(copy) || len - old.len + with.len > max)
		return len;
	memcpy(copy, data + with.at, with.len);
	memmove(data + old.at + with.len, data + old.at + old.len,
		len - old.at - old.len);
	memcpy(data + old.at, copy, with.len);
	return len - old.len + with.len;
}

size_t fuzz_change(u8 *data, size_t len, size_t max)
{
	struct span old, with = {};

	if (!len || below(2))
		return fuzz_change_bytes(data, len, max);
	if (below(2)) {
		old = some_word(data, len);
		with = some_word(data, len);
	} else {
		old = some_line(data, len);
		if (below(3)) {
			with = some_line(data, len);
			old.len = 0;
		}
	}
	return replace(data, len, max, old, with);
}
