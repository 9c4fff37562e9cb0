// SPDX-License-Identifier: GPL-2.0
/* Saying what does not hold: see fuzz.h. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

void fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, what);
	abort();
}

void fuzz_check_error(const struct pop_error *err, const char *path)
{
	size_t i, len = strlen(err->text);

	CHECK(len < sizeof(err->text));
	CHECK(!strncmp(err->text, path, strlen(path)));
	CHECK(err->text[strlen(path)] == ':');
	for (i = 0; i < len; i++) {
		u8 c = err->text[i], next = err->text[i + 1];

		CHECK(c >= ' ' && c != 0x7f);
		/* U+0080..U+009F */
		CHECK(c != 0xc2 || next < 0x80 || next >= 0xa0);
	}
}
