// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: local parties. */

#include "netlink.h"

static int set_keys(struct pop_member *m, const struct nlattr *nest,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[POP_A_KEYS_MAX + 1];
	struct pop_peer *peer;
	u32 index;
	int ret;

	ret = nla_parse_nested(tb, POP_A_KEYS_MAX, nest, pop_keys_nl_policy,
			       extack);
	if (ret)
		return ret;
	if (!tb[POP_A_KEYS_PEER] || !tb[POP_A_KEYS_TX] || !tb[POP_A_KEYS_RX]) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "peer, tx and rx are needed");
		return -EINVAL;
	}
	index = nla_get_u32(tb[POP_A_KEYS_PEER]);
	if (index >= m->contract->plan.nr_parties || index == m->party) {
		NL_SET_ERR_MSG_ATTR(extack, tb[POP_A_KEYS_PEER],
				    "not another party of the contract");
		return -EINVAL;
	}
	peer = &m->peer[index];
	if (peer->keyed) {
		NL_SET_ERR_MSG_ATTR(extack, tb[POP_A_KEYS_PEER],
				    "keys of a party are there twice");
		return -EINVAL;
	}
	pop_peer_set_keys(peer, nla_data(tb[POP_A_KEYS_TX]),
			  nla_data(tb[POP_A_KEYS_RX]));
	/* the message is freed without being wiped */
	memzero_explicit(nla_data(tb[POP_A_KEYS_TX]), POP_KEY_LEN);
	memzero_explicit(nla_data(tb[POP_A_KEYS_RX]), POP_KEY_LEN);
	return 0;
}

static int party_uid(struct genl_info *info, kuid_t *uid)
{
	struct user_namespace *ns = genl_info_net(info)->user_ns;
	const struct nlattr *attr = info->attrs[POP_A_PARTY_UID];

	*uid = make_kuid(ns, attr ? nla_get_u32(attr) : 0);
	if (uid_valid(*uid))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such user");
	return -EINVAL;
}

/* Context: pop_net.lock. */
static int add_party(struct pop_contract *c, struct genl_info *info, kuid_t uid)
{
	u32 index = nla_get_u32(info->attrs[POP_A_PARTY_INDEX]);
	const struct nlattr *attr;
	struct pop_member *m;
	int ret = 0, rem;

	if (c->ended) {
		NL_SET_ERR_MSG(info->extack, "the contract has ended");
		return -ESHUTDOWN;
	}
	if (index >= c->plan.nr_parties) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[POP_A_PARTY_INDEX],
				    "the contract has no such party");
		return -EINVAL;
	}
	m = pop_member_create(c, index, uid);
	if (!m)
		return -ENOMEM;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) == POP_A_PARTY_KEYS)
			ret = set_keys(m, attr, info->extack);
		if (ret)
			break;
	}
	if (!ret)
		ret = pop_member_start(m, info->extack);
	if (ret == -EEXIST)
		NL_SET_BAD_ATTR(info->extack, info->attrs[POP_A_PARTY_INDEX]);
	if (ret) {
		pop_member_put(m);
		return ret;
	}
	pop_netlink_party_event(m, POP_CMD_PARTY_NTF);
	return 0;
}

int pop_nl_party_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_contract *c;
	kuid_t uid;
	int ret;

	if (pop_nl_missing(info, POP_A_PARTY_CONTRACT) ||
	    pop_nl_missing(info, POP_A_PARTY_INDEX) ||
	    pop_nl_missing(info, POP_A_PARTY_KEYS))
		return -EINVAL;
	ret = party_uid(info, &uid);
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	c = pop_nl_contract(pn, info->attrs[POP_A_PARTY_CONTRACT], info->extack);
	ret = PTR_ERR_OR_ZERO(c);
	if (!ret)
		ret = add_party(c, info, uid);
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_party_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_member *m;
	int ret;

	if (pop_nl_missing(info, POP_A_PARTY_CONTRACT) ||
	    pop_nl_missing(info, POP_A_PARTY_INDEX))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = pop_nl_member(pn, info->attrs[POP_A_PARTY_CONTRACT],
			  info->attrs[POP_A_PARTY_INDEX], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (!ret) {
		pop_netlink_party_event(m, POP_CMD_PARTY_DEL_NTF);
		pop_member_del(m);
	}
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_party_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_member *m;
	struct sk_buff *msg;
	int ret;

	if (pop_nl_missing(info, POP_A_PARTY_CONTRACT) ||
	    pop_nl_missing(info, POP_A_PARTY_INDEX))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = pop_nl_member(pn, info->attrs[POP_A_PARTY_CONTRACT],
			  info->attrs[POP_A_PARTY_INDEX], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (ret)
		goto out;
	ret = -ENOMEM;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (msg)
		ret = pop_nl_reply(info, msg,
				   pop_fill_party(msg, m, info->snd_portid,
						  info->snd_seq, 0,
						  POP_CMD_PARTY_GET));
out:
	mutex_unlock(&pn->lock);
	return ret;
}

/*
 * The parties of @c from cb->args[1] on. Return: false if there is no more room
 * in @skb.
 */
static bool dump_contract(struct sk_buff *skb, struct netlink_callback *cb,
			  struct pop_contract *c)
{
	struct pop_member *m;

	list_for_each_entry(m, &c->members, list) {
		if (m->party < cb->args[1])
			continue;
		if (pop_fill_party(skb, m, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, NLM_F_MULTI,
				   POP_CMD_PARTY_GET))
			return false;
		cb->args[1] = m->party + 1;
	}
	return true;
}

/* cb->args: number of the contract, and the party in it, that are next. */
int pop_nl_party_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pop_net *pn = pop_net(sock_net(skb->sk));
	struct nlattr *tb[POP_A_PARTY_MAX + 1];
	const struct nlattr *hash;
	struct pop_contract *c;
	unsigned long number;
	int ret;

	ret = pop_nl_dump_attrs(cb, tb, POP_A_PARTY_MAX,
				BIT(POP_A_PARTY_CONTRACT));
	if (ret)
		return ret;
	hash = tb[POP_A_PARTY_CONTRACT];
	mutex_lock(&pn->lock);
	if (hash) {
		c = pop_nl_contract(pn, hash, cb->extack);
		ret = PTR_ERR_OR_ZERO(c);
		if (!ret)
			dump_contract(skb, cb, c);
		goto out;
	}
	xa_for_each_start(&pn->order, number, c, cb->args[0]) {
		if (number != cb->args[0]) {
			cb->args[0] = number;
			cb->args[1] = 0;
		}
		if (!dump_contract(skb, cb, c))
			break;
	}
out:
	mutex_unlock(&pn->lock);
	return ret ?: skb->len;
}
