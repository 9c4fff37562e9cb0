// SPDX-License-Identifier: GPL-2.0
/* Messages for users. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

void pop_make_harmless(char *text)
{
	unsigned char *p = (unsigned char *)text;

	for (; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		/* U+0080..U+009F are control characters too */
		if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			memset(p, '?', 2);
	}
}

int pop_vfail(struct pop_error *err, int error, const char *format,
	      va_list args)
{
	vsnprintf(err->text, sizeof(err->text), format, args);
	pop_make_harmless(err->text);
	return error;
}

int pop_fail(struct pop_error *err, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pop_vfail(err, error, format, args);
	va_end(args);
	return error;
}

int pop_fail_errno(struct pop_error *err, const char *path)
{
	int error = errno;

	return pop_fail(err, -error, "%s: %s", path, strerror(error));
}
