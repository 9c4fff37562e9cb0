// SPDX-License-Identifier: GPL-2.0
/* struct sockaddr_pop: what it may hold, and which channels it means. */

#include "socket.h"

/* Return: 0; -EINVAL for a wrong length or padding; -EAFNOSUPPORT. */
int pop_sockaddr_check(const struct sockaddr_pop *addr, int len)
{
	if (len < (int)sizeof(*addr))
		return -EINVAL;
	if (addr->spop_family != pop_family)
		return -EAFNOSUPPORT;
	return addr->spop_pad ? -EINVAL : 0;
}

/* The member's own party, in an address without channel. */
void pop_sockaddr_own(const struct pop_sock *ps, struct sockaddr_pop *addr)
{
	const struct pop_member *m = READ_ONCE(ps->member);

	*addr = (struct sockaddr_pop) {
		.spop_family = pop_family,
		.spop_party = m ? m->party : POP_PARTY_ANY,
		.spop_phase = POP_PHASE_ANY,
		.spop_action = POP_ACTION_ANY,
		.spop_seq = POP_SEQ_NEXT,
	};
	if (m)
		memcpy(addr->spop_contract, m->contract->hash, POP_HASH_LEN);
}

/**
 * pop_sockaddr_resolve - channels of the member that an address means
 * @m: the local party
 * @addr: checked
 * @first: the first one
 * @nr: how many, all of one action
 *
 * Return: 0; -EINVAL for the address of another contract; -EPERM for what the
 * contract does not schedule.
 */
int pop_sockaddr_resolve(struct pop_member *m, const struct sockaddr_pop *addr,
			 struct pop_channel **first, u32 *nr)
{
	const struct pop_plan *plan = &m->contract->plan;
	const struct pop_body_action *a;
	struct pop_channel *ch;
	int action, to;

	if (memchr_inv(addr->spop_contract, 0, POP_HASH_LEN) &&
	    memcmp(addr->spop_contract, m->contract->hash, POP_HASH_LEN))
		return -EINVAL;
	action = pop_plan_action(plan, addr->spop_phase, addr->spop_action);
	if (action < 0 || m->actions[action].channel == POP_NO_CHANNEL)
		return -EPERM;

	a = &plan->action[action];
	ch = &m->channel[m->actions[action].channel];
	*first = ch;
	*nr = 1;
	if (pop_channel_is_input(m, ch))
		return addr->spop_party == POP_PARTY_ANY ||
		       addr->spop_party == ch->peer ? 0 : -EPERM;
	if (addr->spop_party == POP_PARTY_ANY) {
		*nr = be16_to_cpu(a->recipients);
		return 0;
	}
	to = pop_plan_to_index(plan, action, addr->spop_party);
	if (to < 0)
		return -EPERM;
	/* what is the same for all cannot go to one of them alone */
	if (pop_action_is_group(a))
		return -EPERM;
	*first = ch + to;
	return 0;
}
