/* SPDX-License-Identifier: GPL-2.0 */
/* libFuzzer's interface; only its symbols are spelled in its own way. */
#ifndef _LIBFUZZER_H
#define _LIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

/* What it calls: at the start, with an input, and for another input. */
int libfuzzer_start(int *argc, char ***argv)
	__asm__("LLVMFuzzerInitialize");
int libfuzzer_input(const uint8_t *data, size_t len)
	__asm__("LLVMFuzzerTestOneInput");
size_t libfuzzer_change(uint8_t *data, size_t len, size_t max,
			unsigned int seed)
	__asm__("LLVMFuzzerCustomMutator");

/* What it offers. */
size_t libfuzzer_change_bytes(uint8_t *data, size_t len, size_t max)
	__asm__("LLVMFuzzerMutate");

#endif /* _LIBFUZZER_H */
