/* SPDX-License-Identifier: GPL-2.0 */
/* Verdicts on channels: late, void. */
#ifndef _POP_VERDICT_H
#define _POP_VERDICT_H

#include "pop.h"

int pop_verdict(struct pop_member *m, u32 index, u8 state,
		struct netlink_ext_ack *extack);

#endif /* _POP_VERDICT_H */
