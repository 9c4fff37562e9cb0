// SPDX-License-Identifier: GPL-2.0
/* Between libFuzzer and the targets: see fuzz.h. */

#include <stdlib.h>

#include "../unit/body.h"
#include "fuzz.h"
#include "libfuzzer.h"

static unsigned long accepted;

void fuzz_accept(void)
{
	accepted++;
}

/* For those who run it: see static/fuzz.sh. */
static void report(void)
{
	fprintf(stderr, "accepted: %lu\n", accepted);
}

int libfuzzer_start(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	atexit(report);
	return 0;
}

int libfuzzer_input(const u8 *data, size_t len)
{
	fuzz_one(data, len);
	return 0;
}

size_t libfuzzer_change(u8 *data, size_t len, size_t max, unsigned int seed)
{
	body_seed = 88172645463325252ULL ^ seed;
	return fuzz_change(data, len, max);
}

size_t fuzz_change_bytes(u8 *data, size_t len, size_t max)
{
	return libfuzzer_change_bytes(data, len, max);
}
