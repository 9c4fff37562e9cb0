/* SPDX-License-Identifier: GPL-2.0 */
/* Evidence: what parties said against themselves, or against each other. */
#ifndef _POP_EVIDENCE_H
#define _POP_EVIDENCE_H

#include "pop.h"

/**
 * struct pop_exhibit - one side of a contradiction
 * @outer: of the unit as it came; all zero for what the member itself found
 * @len: bytes of @body; of a verdict none
 * @body: the sealed part, opened
 */
struct pop_exhibit {
	struct pop_outer	outer;
	u8			len;
	u8			body[sizeof(struct pop_header)];
};

/**
 * struct pop_finding - a contradiction
 * @list: in pop_peer.evidence of the one whose unit came second
 * @ch: input channel that it is about; immutable
 * @seq: of the slot, or POP_ECHO_SEQ_ALL; immutable
 * @kind: enum pop_contradiction; immutable
 * @at: ns since 1970, when it was found; immutable
 * @first: what stood already; immutable
 * @second: what came against it; immutable
 *
 * Freed with the member.
 */
struct pop_finding {
	struct list_head	list;
	struct pop_channel	*ch;
	u32			seq;
	u8			kind;
	u64			at;
	struct pop_exhibit	first;
	struct pop_exhibit	second;
};

void pop_exhibit_unit(struct pop_exhibit *x, const struct pop_outer *outer,
		      const void *body, u32 len);
void pop_exhibit_own(struct pop_exhibit *x, const u8 digest[POP_HASH_LEN]);
void pop_evidence_add(struct pop_peer *peer, struct pop_channel *ch, u32 seq,
		      u8 kind, const struct pop_exhibit *first,
		      const struct pop_exhibit *second);
bool pop_evidence_wants_late(struct pop_peer *peer, const struct pop_channel *ch,
			     u32 seq, __be64 salt);
void pop_evidence_late(struct pop_peer *peer, struct pop_channel *ch, u32 seq,
		       const struct pop_outer *outer,
		       const struct pop_header *header);
void pop_evidence_free(struct pop_peer *peer);

#endif /* _POP_EVIDENCE_H */
