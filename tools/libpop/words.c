// SPDX-License-Identifier: GPL-2.0
/* Words of the contract language, in the order of their enums. */

#include "words.h"

const char * const pop_gate_words[__POP_GATE_MAX] = {
	[POP_GATE_LOCAL] = "local",
	[POP_GATE_GLOBAL] = "global",
};

const char * const pop_kind_words[__POP_KIND_MAX] = {
	[POP_KIND_DATA] = "data",
	[POP_KIND_MONEY] = "money",
	[POP_KIND_JOB] = "job",
};

const char * const pop_consistency_words[__POP_CONSISTENCY_MAX] = {
	[POP_CONSISTENCY_DETECT] = "detect",
	[POP_CONSISTENCY_ALL] = "all",
	[POP_CONSISTENCY_QUORUM] = "quorum",
};

const char * const pop_evidence_words[__POP_EVIDENCE_MAX] = {
	[POP_EVIDENCE_MAC] = "mac",
	[POP_EVIDENCE_SEAL] = "seal",
	[POP_EVIDENCE_EACH] = "each",
};

const char * const pop_late_words[__POP_LATE_MAX] = {
	[POP_LATE_WAIT] = "wait",
	[POP_LATE_VOTE] = "vote",
};

const char *pop_gate_name(u32 gate)
{
	return gate < __POP_GATE_MAX ? pop_gate_words[gate] : NULL;
}

const char *pop_kind_name(u32 kind)
{
	return kind < __POP_KIND_MAX ? pop_kind_words[kind] : NULL;
}

const char *pop_consistency_name(u32 consistency)
{
	return consistency < __POP_CONSISTENCY_MAX ?
	       pop_consistency_words[consistency] : NULL;
}

const char *pop_evidence_name(u32 evidence)
{
	return evidence < __POP_EVIDENCE_MAX ?
	       pop_evidence_words[evidence] : NULL;
}

const char *pop_late_name(u32 late)
{
	return late < __POP_LATE_MAX ? pop_late_words[late] : NULL;
}
