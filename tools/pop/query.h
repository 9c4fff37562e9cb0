/* SPDX-License-Identifier: GPL-2.0 */
/* Asking another party for the states of its channels: one question. */
#ifndef _POP_TOOL_QUERY_H
#define _POP_TOOL_QUERY_H

#include "find.h"

#define QUERY_MAX		2048	/* channels in one answer */
#define QUERY_REACH		65536	/* channels in all answers: the wire's */
#define QUERY_ALL_PHASES	UINT32_MAX

/*
 * struct query - a question
 * @contract: which contract
 * @self: index of the local party that asks
 * @peer: index of the party that is asked
 * @direction: enum pop_direction
 * @phase: channels of this phase, or QUERY_ALL_PHASES
 * @first: place of the first channel among those of direction and phase
 * @count: how many channels at most
 */
struct query {
	const struct contract *contract;
	u32 self;
	u32 peer;
	u32 direction;
	u32 phase;
	u32 first;
	u32 count;
};

/*
 * struct answer - what the party said; see pop_state in linux/pop.h
 * @request: number of the request
 * @rtt: microseconds
 * @count: how many @states there are, from the first one asked for
 */
struct answer {
	u64 request;
	u32 contract_state;
	u32 phase;
	u32 phase_state;
	u32 minutes;
	u64 now;
	u32 rtt;
	u8 root[POP_HASH_LEN];
	u32 count;
	u8 states[QUERY_MAX];
};

/*
 * query() - ask, and ask again when no answer comes
 *
 * Return: CMD_*; CMD_FAILED after an error message when there is no answer.
 */
int query(const struct query *query, struct answer *answer);

#endif /* _POP_TOOL_QUERY_H */
