/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Results in TAP. A test's name begins with the rows of the requirements table
 * that it shows, if there are any.
 */
#ifndef _UNIT_TAP_H
#define _UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static unsigned int tap_nr, tap_failed;

/* One result. Return: @good. */
static inline bool __attribute__((format(__printf__, 2, 3)))
tap(bool good, const char *name, ...)
{
	va_list args;

	printf("%sok %u ", good ? "" : "not ", ++tap_nr);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	if (!good)
		tap_failed++;
	return good;
}

/* More about the result that follows. */
static inline void __attribute__((format(__printf__, 1, 2)))
diag(const char *text, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, text);
	vprintf(text, args);
	va_end(args);
	putchar('\n');
}

/* The plan stands at the end. Return: exit status. */
static inline int tap_done(void)
{
	printf("1..%u\n", tap_nr);
	return tap_failed != 0;
}

#endif /* _UNIT_TAP_H */
