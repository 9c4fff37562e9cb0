// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: channels. */

#include "netlink.h"
#include "verdict.h"

/* Index of the channel that @info names, or -ENOENT. */
static int find_channel(struct pop_member *m, struct genl_info *info)
{
	u32 direction = nla_get_u32(info->attrs[POP_A_CHANNEL_DIRECTION]);
	u32 phase = nla_get_u32(info->attrs[POP_A_CHANNEL_PHASE]);
	u32 action = nla_get_u32(info->attrs[POP_A_CHANNEL_ACTION]);
	u32 peer = nla_get_u32(info->attrs[POP_A_CHANNEL_PEER]);
	const struct pop_member_phase *p = m->phases;
	u32 i, end;

	if (phase >= m->contract->plan.nr_phases)
		goto none;
	p += phase;
	i = direction == POP_DIRECTION_INPUT ? p[0].first_in : p[0].first_out;
	end = direction == POP_DIRECTION_INPUT ? p[1].first_in : p[1].first_out;
	for (; i < end; i++) {
		struct pop_channel *ch = &m->channel[i];

		if (pop_channel_slot(m, ch, 0).action == action &&
		    ch->peer == peer)
			return i;
	}
none:
	NL_SET_ERR_MSG(info->extack, "the contract has no such channel");
	return -ENOENT;
}

/* Does @info lack what names a channel? */
static bool name_missing(struct genl_info *info)
{
	return pop_nl_missing(info, POP_A_CHANNEL_CONTRACT) ||
	       pop_nl_missing(info, POP_A_CHANNEL_PARTY) ||
	       pop_nl_missing(info, POP_A_CHANNEL_DIRECTION) ||
	       pop_nl_missing(info, POP_A_CHANNEL_PHASE) ||
	       pop_nl_missing(info, POP_A_CHANNEL_ACTION) ||
	       pop_nl_missing(info, POP_A_CHANNEL_PEER);
}

int pop_nl_channel_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_member *m;
	int ret;

	if (name_missing(info))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = pop_nl_member(pn, info->attrs[POP_A_CHANNEL_CONTRACT],
			  info->attrs[POP_A_CHANNEL_PARTY], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (!ret)
		ret = find_channel(m, info);
	if (ret >= 0)
		ret = pop_nl_reply_part(info, m, ret, pop_fill_channel);
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_channel_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pop_net *pn = pop_net(sock_net(skb->sk));
	struct nlattr *tb[POP_A_CHANNEL_MAX + 1];
	u32 low = 0, high, direction = U32_MAX;
	struct pop_member *m;
	int ret;

	ret = pop_nl_dump_attrs(cb, tb, POP_A_CHANNEL_MAX,
				BIT(POP_A_CHANNEL_CONTRACT) |
				BIT(POP_A_CHANNEL_PARTY) |
				BIT(POP_A_CHANNEL_DIRECTION) |
				BIT(POP_A_CHANNEL_PHASE));
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	m = pop_nl_dump_member(pn, cb, tb);
	ret = PTR_ERR_OR_ZERO(m);
	if (ret)
		goto out;
	high = m->contract->plan.nr_phases;
	if (tb[POP_A_CHANNEL_PHASE]) {
		low = min(nla_get_u32(tb[POP_A_CHANNEL_PHASE]), high);
		high = min(low + 1, high);
	}
	if (tb[POP_A_CHANNEL_DIRECTION])
		direction = nla_get_u32(tb[POP_A_CHANNEL_DIRECTION]);
	if (direction != POP_DIRECTION_OUTPUT)
		pop_nl_dump_parts(skb, cb, m, m->phases[low].first_in,
				  m->phases[high].first_in, pop_fill_channel);
	/* outputs lie behind all inputs: they follow once those are through */
	if (direction != POP_DIRECTION_INPUT &&
	    (direction == POP_DIRECTION_OUTPUT ||
	     m->phases[low].first_in == m->phases[high].first_in ||
	     cb->args[0] >= m->phases[high].first_in))
		pop_nl_dump_parts(skb, cb, m, m->phases[low].first_out,
				  m->phases[high].first_out, pop_fill_channel);
out:
	mutex_unlock(&pn->lock);
	return ret ?: skb->len;
}

int pop_nl_channel_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_member *m;
	int ret;

	if (name_missing(info) || pop_nl_missing(info, POP_A_CHANNEL_STATE))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = pop_nl_member(pn, info->attrs[POP_A_CHANNEL_CONTRACT],
			  info->attrs[POP_A_CHANNEL_PARTY], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (!ret)
		ret = find_channel(m, info);
	if (ret < 0)
		goto out;
	ret = pop_verdict(m, ret, nla_get_u32(info->attrs[POP_A_CHANNEL_STATE]),
			  info->extack);
	if (ret)
		NL_SET_BAD_ATTR(info->extack, info->attrs[POP_A_CHANNEL_STATE]);
out:
	mutex_unlock(&pn->lock);
	return ret;
}
