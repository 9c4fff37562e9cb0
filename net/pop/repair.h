/* SPDX-License-Identifier: GPL-2.0 */
/* Asking for what is missing: by recipients, and by senders (probe.c). */
#ifndef _POP_REPAIR_H
#define _POP_REPAIR_H

#include "pop.h"

/**
 * struct pop_ask - a message that is not whole
 * @list: in pop_peer.asks
 * @ch: the channel; immutable
 * @seq: of the slot; immutable
 * @at: jiffies when the sender is asked
 */
struct pop_ask {
	struct list_head	list;
	struct pop_channel	*ch;
	u32			seq;
	unsigned long		at;
};

void pop_repair_watch(struct pop_peer *peer, struct pop_ask *ask);
void pop_repair_touch(struct pop_peer *peer, struct pop_ask *ask);
void pop_repair_forget(struct pop_peer *peer, struct pop_ask *ask);
void pop_repair_arm(struct pop_member *m, unsigned long at);
void pop_repair_arm_peer(struct pop_peer *peer, unsigned long at);
void pop_repair_work(struct work_struct *work);

#endif /* _POP_REPAIR_H */
