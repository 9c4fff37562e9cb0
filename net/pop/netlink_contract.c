// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: contracts. */

#include <linux/mm.h>

#include "netlink.h"

/* A longer body would need more contiguous memory than can be had. */
#define BODY_GET_MAX	(1U << 20)

/*
 * All attributes of @type, one behind the other: what is too long for one
 * comes in pieces. Return: kvmalloc'd bytes, or -EINVAL, -E2BIG, -ENOMEM.
 */
static void *join_pieces(struct genl_info *info, int type, u32 max, u32 *len)
{
	const struct nlattr *attr;
	u64 total = 0;
	u8 *data, *p;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == type)
			total += nla_len(attr);
	if (total > max) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[type],
				    "too long");
		return ERR_PTR(-E2BIG);
	}
	if (!total) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[type], "empty");
		return ERR_PTR(-EINVAL);
	}
	data = kvmalloc(total, GFP_KERNEL_ACCOUNT);
	if (!data)
		return ERR_PTR(-ENOMEM);
	p = data;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == type)
			p = memcpy(p, nla_data(attr), nla_len(attr)) +
			    nla_len(attr);
	*len = total;
	return data;
}

static u32 body_parties(const void *body, u32 len)
{
	return len < sizeof(struct pop_body) ? 0 :
		be16_to_cpu(((const struct pop_body *)body)->parties);
}

static void warn_not_yet(const struct pop_contract *c,
			 struct netlink_ext_ack *extack)
{
	u32 i;

	for (i = 0; i < c->plan.nr_actions; i++) {
		const struct pop_body_action *a = &c->plan.action[i];

		if (a->evidence == POP_EVIDENCE_MAC)
			continue;
		NL_SET_ERR_MSG(extack,
			       "this version delivers as with evidence mac");
		return;
	}
}

static int add_contract(struct pop_net *pn, struct genl_info *info, void *body,
			u32 len, void *signatures)
{
	struct pop_contract *c;
	int ret;

	mutex_lock(&pn->lock);
	ret = pop_contract_add(pn, body, len, signatures, info->extack, &c);
	if (ret) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[POP_A_CONTRACT_BODY]);
		goto out;
	}
	if (info->attrs[POP_A_CONTRACT_HASH] &&
	    memcmp(nla_data(info->attrs[POP_A_CONTRACT_HASH]), c->hash,
		   POP_HASH_LEN)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[POP_A_CONTRACT_HASH],
				    "the body has another hash");
		pop_contract_del(c);
		ret = -EINVAL;
		goto out;
	}
	warn_not_yet(c, info->extack);
	pop_netlink_contract_event(c, POP_CMD_CONTRACT_NTF);
out:
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_contract_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	void *body, *signatures;
	u32 len, signatures_len;

	if (pop_nl_missing(info, POP_A_CONTRACT_BODY) ||
	    pop_nl_missing(info, POP_A_CONTRACT_SIGNATURES))
		return -EINVAL;
	body = join_pieces(info, POP_A_CONTRACT_BODY, POP_MAX_BODY, &len);
	if (IS_ERR(body))
		return PTR_ERR(body);
	signatures = join_pieces(info, POP_A_CONTRACT_SIGNATURES,
				 POP_MAX_PARTIES * POP_SIGNATURE_LEN,
				 &signatures_len);
	if (IS_ERR(signatures)) {
		kvfree(body);
		return PTR_ERR(signatures);
	}
	if (signatures_len != body_parties(body, len) * POP_SIGNATURE_LEN) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[POP_A_CONTRACT_SIGNATURES],
				    "not one signature for each party");
		kvfree(body);
		kvfree(signatures);
		return -EINVAL;
	}
	return add_contract(pop_net(genl_info_net(info)), info, body, len,
			    signatures);
}

int pop_nl_contract_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_contract *c;
	struct sk_buff *msg;
	size_t len;
	bool body;
	int ret;

	if (pop_nl_missing(info, POP_A_CONTRACT_HASH))
		return -EINVAL;
	mutex_lock(&pn->lock);
	c = pop_nl_contract(pn, info->attrs[POP_A_CONTRACT_HASH], info->extack);
	ret = PTR_ERR_OR_ZERO(c);
	if (ret)
		goto out;
	body = c->plan.body_len <= BODY_GET_MAX;
	len = NLMSG_DEFAULT_SIZE;
	/* attribute headers of the pieces fit into the default size */
	if (body)
		len += c->plan.body_len +
		       c->plan.nr_parties * POP_SIGNATURE_LEN;
	msg = genlmsg_new(len, GFP_KERNEL);
	ret = -ENOMEM;
	if (msg)
		ret = pop_nl_reply(info, msg,
				   pop_fill_contract(msg, c, info->snd_portid,
						     info->snd_seq, 0,
						     POP_CMD_CONTRACT_GET, body));
out:
	mutex_unlock(&pn->lock);
	return ret;
}

/* cb->args: number of the contract that is next. */
int pop_nl_contract_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pop_net *pn = pop_net(sock_net(skb->sk));
	struct nlattr *tb[POP_A_CONTRACT_MAX + 1];
	struct pop_contract *c;
	unsigned long number;
	int ret;

	ret = pop_nl_dump_attrs(cb, tb, POP_A_CONTRACT_MAX, 0);
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	xa_for_each_start(&pn->order, number, c, cb->args[0]) {
		if (pop_fill_contract(skb, c, NETLINK_CB(cb->skb).portid,
				      cb->nlh->nlmsg_seq, NLM_F_MULTI,
				      POP_CMD_CONTRACT_GET, false))
			break;
		cb->args[0] = number + 1;
	}
	mutex_unlock(&pn->lock);
	return skb->len;
}

int pop_nl_contract_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *state = info->attrs[POP_A_CONTRACT_STATE];
	const struct nlattr *weight = info->attrs[POP_A_CONTRACT_WEIGHT];
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_contract *c;
	int ret;

	if (pop_nl_missing(info, POP_A_CONTRACT_HASH) ||
	    (!weight && pop_nl_missing(info, POP_A_CONTRACT_STATE)))
		return -EINVAL;
	mutex_lock(&pn->lock);
	c = pop_nl_contract(pn, info->attrs[POP_A_CONTRACT_HASH], info->extack);
	ret = PTR_ERR_OR_ZERO(c);
	if (ret)
		goto out;
	if (state) {
		ret = pop_contract_end(c, nla_get_u32(state), info->extack);
		if (ret) {
			NL_SET_BAD_ATTR(info->extack, state);
			goto out;
		}
		pop_netlink_contract_event(c, POP_CMD_CONTRACT_NTF);
	}
	if (weight)
		WRITE_ONCE(c->turn.weight, nla_get_u32(weight));
out:
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_contract_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_contract *c;
	int ret;

	if (pop_nl_missing(info, POP_A_CONTRACT_HASH))
		return -EINVAL;
	mutex_lock(&pn->lock);
	c = pop_nl_contract(pn, info->attrs[POP_A_CONTRACT_HASH], info->extack);
	ret = PTR_ERR_OR_ZERO(c);
	if (!ret) {
		pop_netlink_contract_event(c, POP_CMD_CONTRACT_DEL_NTF);
		pop_contract_del(c);
	}
	mutex_unlock(&pn->lock);
	return ret;
}
