// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: peers and phases, parts of a local party. */

#include "netlink.h"
#include "phase.h"

int pop_nl_reply_part(struct genl_info *info, struct pop_member *m, u32 index,
		      pop_nl_fill fill)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!msg)
		return -ENOMEM;
	return pop_nl_reply(info, msg, fill(msg, m, index, info->snd_portid,
					    info->snd_seq, 0));
}

/* Let @fill add one part after the other, from cb->args[0] up to @end. */
void pop_nl_dump_parts(struct sk_buff *skb, struct netlink_callback *cb,
		       struct pop_member *m, u32 start, u32 end,
		       pop_nl_fill fill)
{
	u32 i;

	for (i = max_t(u32, start, cb->args[0]); i < end; i++) {
		if (fill(skb, m, i, NETLINK_CB(cb->skb).portid,
			 cb->nlh->nlmsg_seq, NLM_F_MULTI))
			break;
		cb->args[0] = i + 1;
	}
}

/*
 * The member a dump is about. Contract and party must be the first two
 * attributes of the set, as they are in all that come here.
 */
struct pop_member *pop_nl_dump_member(struct pop_net *pn,
				      struct netlink_callback *cb,
				      struct nlattr **tb)
{
	BUILD_BUG_ON(POP_A_PEER_CONTRACT != 1 || POP_A_PEER_PARTY != 2);
	BUILD_BUG_ON(POP_A_PHASE_CONTRACT != 1 || POP_A_PHASE_PARTY != 2);
	BUILD_BUG_ON(POP_A_CHANNEL_CONTRACT != 1 || POP_A_CHANNEL_PARTY != 2);
	BUILD_BUG_ON(POP_A_EVIDENCE_CONTRACT != 1 || POP_A_EVIDENCE_PARTY != 2);

	if (!tb[1] || !tb[2]) {
		NL_SET_ERR_MSG(cb->extack, "contract and party are needed");
		return ERR_PTR(-EINVAL);
	}
	return pop_nl_member(pn, tb[1], tb[2], cb->extack);
}

int pop_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_member *m;
	u32 index;
	int ret;

	if (pop_nl_missing(info, POP_A_PEER_CONTRACT) ||
	    pop_nl_missing(info, POP_A_PEER_PARTY) ||
	    pop_nl_missing(info, POP_A_PEER_INDEX))
		return -EINVAL;
	index = nla_get_u32(info->attrs[POP_A_PEER_INDEX]);
	mutex_lock(&pn->lock);
	m = pop_nl_member(pn, info->attrs[POP_A_PEER_CONTRACT],
			  info->attrs[POP_A_PEER_PARTY], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (ret)
		goto out;
	if (index >= m->contract->plan.nr_parties || index == m->party) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[POP_A_PEER_INDEX],
				    "not another party of the contract");
		ret = -EINVAL;
		goto out;
	}
	ret = pop_nl_reply_part(info, m, index, pop_fill_peer);
out:
	mutex_unlock(&pn->lock);
	return ret;
}

static int fill_other(struct sk_buff *skb, struct pop_member *m, u32 index,
		      u32 portid, u32 seq, int flags)
{
	return index == m->party ? 0 :
		pop_fill_peer(skb, m, index, portid, seq, flags);
}

int pop_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pop_net *pn = pop_net(sock_net(skb->sk));
	struct nlattr *tb[POP_A_PEER_MAX + 1];
	struct pop_member *m;
	int ret;

	ret = pop_nl_dump_attrs(cb, tb, POP_A_PEER_MAX,
				BIT(POP_A_PEER_CONTRACT) |
				BIT(POP_A_PEER_PARTY));
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	m = pop_nl_dump_member(pn, cb, tb);
	ret = PTR_ERR_OR_ZERO(m);
	if (!ret)
		pop_nl_dump_parts(skb, cb, m, 0, m->contract->plan.nr_parties,
				  fill_other);
	mutex_unlock(&pn->lock);
	return ret ?: skb->len;
}

/* Return: 0 and the endpoint that @info gives, or -EINVAL. */
static int parse_endpoint(struct genl_info *info, __be16 port,
			  union pop_addr *addr)
{
	const struct nlattr *addr4 = info->attrs[POP_A_PEER_ADDR4];
	const struct nlattr *addr6 = info->attrs[POP_A_PEER_ADDR6];

	memset(addr, 0, sizeof(*addr));
	if (!addr4 == !addr6) {
		NL_SET_ERR_MSG(info->extack, "either addr4 or addr6 is needed");
		return -EINVAL;
	}
	if (info->attrs[POP_A_PEER_PORT])
		port = nla_get_be16(info->attrs[POP_A_PEER_PORT]);
	if (addr4) {
		addr->in4.sin_family = AF_INET;
		addr->in4.sin_port = port;
		addr->in4.sin_addr.s_addr = nla_get_in_addr(addr4);
		if (!ipv4_is_zeronet(addr->in4.sin_addr.s_addr) &&
		    !ipv4_is_multicast(addr->in4.sin_addr.s_addr) &&
		    !ipv4_is_lbcast(addr->in4.sin_addr.s_addr))
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, addr4, "not a host's address");
		return -EINVAL;
	}
	addr->in6.sin6_family = AF_INET6;
	addr->in6.sin6_port = port;
	addr->in6.sin6_addr = nla_get_in6_addr(addr6);
	if (info->attrs[POP_A_PEER_SCOPE])
		addr->in6.sin6_scope_id =
			nla_get_u32(info->attrs[POP_A_PEER_SCOPE]);
	if (!ipv6_addr_any(&addr->in6.sin6_addr) &&
	    !ipv6_addr_is_multicast(&addr->in6.sin6_addr))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, addr6, "not a host's address");
	return -EINVAL;
}

int pop_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	union pop_addr addr;
	struct pop_member *m;
	u32 index;
	int ret;

	if (pop_nl_missing(info, POP_A_PEER_CONTRACT) ||
	    pop_nl_missing(info, POP_A_PEER_PARTY) ||
	    pop_nl_missing(info, POP_A_PEER_INDEX))
		return -EINVAL;
	index = nla_get_u32(info->attrs[POP_A_PEER_INDEX]);
	mutex_lock(&pn->lock);
	ret = parse_endpoint(info, pn->carrier.port, &addr);
	if (ret)
		goto out;
	m = pop_nl_member(pn, info->attrs[POP_A_PEER_CONTRACT],
			  info->attrs[POP_A_PEER_PARTY], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (ret)
		goto out;
	if (index >= m->contract->plan.nr_parties || index == m->party) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[POP_A_PEER_INDEX],
				    "not another party of the contract");
		ret = -EINVAL;
		goto out;
	}
	pop_peer_set_addr(&m->peer[index], &addr);
out:
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_phase_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_member *m;
	u32 index;
	int ret;

	if (pop_nl_missing(info, POP_A_PHASE_CONTRACT) ||
	    pop_nl_missing(info, POP_A_PHASE_PARTY) ||
	    pop_nl_missing(info, POP_A_PHASE_INDEX))
		return -EINVAL;
	index = nla_get_u32(info->attrs[POP_A_PHASE_INDEX]);
	mutex_lock(&pn->lock);
	m = pop_nl_member(pn, info->attrs[POP_A_PHASE_CONTRACT],
			  info->attrs[POP_A_PHASE_PARTY], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (ret)
		goto out;
	if (index >= m->contract->plan.nr_phases) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[POP_A_PHASE_INDEX],
				    "the contract has no such phase");
		ret = -EINVAL;
		goto out;
	}
	ret = pop_nl_reply_part(info, m, index, pop_fill_phase);
out:
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_phase_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pop_net *pn = pop_net(sock_net(skb->sk));
	struct nlattr *tb[POP_A_PHASE_MAX + 1];
	struct pop_member *m;
	int ret;

	ret = pop_nl_dump_attrs(cb, tb, POP_A_PHASE_MAX,
				BIT(POP_A_PHASE_CONTRACT) |
				BIT(POP_A_PHASE_PARTY));
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	m = pop_nl_dump_member(pn, cb, tb);
	ret = PTR_ERR_OR_ZERO(m);
	if (!ret)
		pop_nl_dump_parts(skb, cb, m, 0, m->contract->plan.nr_phases,
				  pop_fill_phase);
	mutex_unlock(&pn->lock);
	return ret ?: skb->len;
}

int pop_nl_phase_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_member *m;
	int ret;

	if (pop_nl_missing(info, POP_A_PHASE_CONTRACT) ||
	    pop_nl_missing(info, POP_A_PHASE_PARTY) ||
	    pop_nl_missing(info, POP_A_PHASE_INDEX))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = pop_nl_member(pn, info->attrs[POP_A_PHASE_CONTRACT],
			  info->attrs[POP_A_PHASE_PARTY], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (!ret)
		ret = pop_phase_set(m,
				    nla_get_u32(info->attrs[POP_A_PHASE_INDEX]),
				    info->extack);
	if (ret && !info->extack->bad_attr)
		NL_SET_BAD_ATTR(info->extack, info->attrs[POP_A_PHASE_INDEX]);
	mutex_unlock(&pn->lock);
	return ret;
}
