// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts on channels. Whether something is late the parties vote on in user
 * space (paper, 4.2), and what an amendment takes out they sign there; here it
 * takes effect: the channel counts as done, so that the phase goes on without
 * it, and what is left of it is never sent or delivered. What has executed stays
 * executed.
 */

#include <linux/netlink.h>

#include "channel.h"
#include "netlink.h"
#include "verdict.h"

/* May there be such a verdict? Return: 0, or an error (told to @extack). */
static int check(struct pop_member *m, const struct pop_channel *ch, u8 state,
		 struct netlink_ext_ack *extack)
{
	if (state != POP_CHANNEL_STATE_LATE && state != POP_CHANNEL_STATE_VOID) {
		NL_SET_ERR_MSG(extack, "a channel can be made late or void");
		return -EINVAL;
	}
	if (READ_ONCE(m->contract->ended)) {
		NL_SET_ERR_MSG(extack, "the contract has ended");
		return -ESHUTDOWN;
	}
	if (state == POP_CHANNEL_STATE_LATE &&
	    pop_channel_action(m, ch)->late != POP_LATE_VOTE) {
		NL_SET_ERR_MSG(extack,
			       "the contract lets nobody vote on this action");
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * pop_verdict - a channel is late, or void
 * @m: the local party
 * @index: of the channel
 * @state: POP_CHANNEL_STATE_LATE or POP_CHANNEL_STATE_VOID
 * @extack: says why not
 *
 * The deadline need not have passed here: clocks differ, and the parties have
 * agreed.
 *
 * Context: process, pop_net.lock.
 * Return: 0; -EINVAL for other states; -ESHUTDOWN after the end of the contract;
 * -EOPNOTSUPP for late, if the contract does not say "late: vote"; -EALREADY if
 * the channel is done.
 */
int pop_verdict(struct pop_member *m, u32 index, u8 state,
		struct netlink_ext_ack *extack)
{
	u8 flag = state == POP_CHANNEL_STATE_LATE ? POP_CHANNEL_F_LATE :
						    POP_CHANNEL_F_VOID;
	struct pop_channel *ch = &m->channel[index];
	int ret = check(m, ch, state, extack);
	bool done;

	if (ret)
		return ret;
	spin_lock_bh(&ch->lock);
	done = pop_channel_is_done(ch);
	if (!done) {
		pop_channel_flag(m, ch, flag);
		pop_channel_forget(m, ch);
	}
	spin_unlock_bh(&ch->lock);
	if (done) {
		NL_SET_ERR_MSG(extack, "the channel is done already");
		return -EALREADY;
	}
	pop_channel_done(m, ch);
	pop_netlink_channel_event(m, index);
	pop_member_dispute(m);
	return 0;
}
