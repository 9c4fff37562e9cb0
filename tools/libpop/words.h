/* SPDX-License-Identifier: GPL-2.0 */
/* Words of the contract language, in the order of their enums. */
#ifndef _LIBPOP_WORDS_H
#define _LIBPOP_WORDS_H

#include "internal.h"

extern const char * const pop_gate_words[__POP_GATE_MAX];
extern const char * const pop_kind_words[__POP_KIND_MAX];
extern const char * const pop_consistency_words[__POP_CONSISTENCY_MAX];
extern const char * const pop_evidence_words[__POP_EVIDENCE_MAX];
extern const char * const pop_late_words[__POP_LATE_MAX];

#endif /* _LIBPOP_WORDS_H */
