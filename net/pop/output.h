/* SPDX-License-Identifier: GPL-2.0 */
/* The way out of a message. */
#ifndef _POP_OUTPUT_H
#define _POP_OUTPUT_H

#include "pop.h"

/**
 * struct pop_message - a message on its way out
 * @m: who sends it
 * @charge: who pays for what is kept of it
 * @header: but for what the slot decides
 * @payload: its fragments in clear, data at struct pop_payload
 */
struct pop_message {
	struct pop_member	*m;
	struct pop_charge	*charge;
	struct pop_header	header;
	struct sk_buff_head	payload;
};

struct pop_keep;

int pop_output_copy(struct pop_message *msg, const struct pop_channel *first,
		    u32 nr, struct msghdr *from, size_t len);
int pop_output(struct pop_message *msg, struct pop_channel *first, u32 nr,
	       u32 seq);
bool pop_output_group(struct pop_keep *keep, struct sk_buff *unit);
void pop_output_free(struct pop_message *msg);

#endif /* _POP_OUTPUT_H */
