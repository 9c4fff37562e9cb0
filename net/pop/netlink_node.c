// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: settings of a network namespace. */

#include "netlink.h"

int pop_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *family = info->attrs[POP_A_NODE_FAMILY];
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct sk_buff *msg;
	int ret;

	if (family && nla_get_u32(family) != pop_family) {
		NL_SET_ERR_MSG_ATTR(info->extack, family,
				    "another family number is in use");
		return -EAFNOSUPPORT;
	}
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&pn->lock);
	ret = pop_fill_node(msg, pn, info->snd_portid, info->snd_seq);
	mutex_unlock(&pn->lock);
	return pop_nl_reply(info, msg, ret);
}

/* What is used when a party becomes local: groups are joined, sockets bound. */
static const struct nlattr *fixed(struct nlattr **tb)
{
	return tb[POP_A_NODE_PORT] ?: tb[POP_A_NODE_ADDR4] ?:
	       tb[POP_A_NODE_ADDR6] ?: tb[POP_A_NODE_MULTICAST] ?:
	       tb[POP_A_NODE_IFINDEX];
}

int pop_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_carrier *carrier = &pn->carrier;
	struct nlattr **tb = info->attrs;
	int ret = 0;

	if (tb[POP_A_NODE_RATE] &&
	    nla_get_u64(tb[POP_A_NODE_RATE]) > POP_RATE_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[POP_A_NODE_RATE],
				    "too fast");
		return -ERANGE;
	}
	mutex_lock(&pn->lock);
	if (pn->nr_members && fixed(tb)) {
		NL_SET_ERR_MSG_ATTR(info->extack, fixed(tb),
				    "a party is local");
		ret = -EBUSY;
		goto out;
	}
	if (tb[POP_A_NODE_PORT])
		carrier->port = nla_get_be16(tb[POP_A_NODE_PORT]);
	if (tb[POP_A_NODE_ADDR4])
		carrier->addr4.s_addr = nla_get_in_addr(tb[POP_A_NODE_ADDR4]);
	if (tb[POP_A_NODE_ADDR6])
		carrier->addr6 = nla_get_in6_addr(tb[POP_A_NODE_ADDR6]);
	if (tb[POP_A_NODE_MULTICAST])
		carrier->multicast = nla_get_u32(tb[POP_A_NODE_MULTICAST]);
	if (tb[POP_A_NODE_IFINDEX])
		carrier->ifindex = nla_get_u32(tb[POP_A_NODE_IFINDEX]);
	if (tb[POP_A_NODE_RATE])
		pop_share_set_rate(&pn->share,
				   nla_get_u64(tb[POP_A_NODE_RATE]));
out:
	mutex_unlock(&pn->lock);
	return ret;
}
