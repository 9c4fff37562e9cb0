// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: commands. The spec, Documentation/netlink/specs/pop.yaml,
 * is the source of the operations and policies in netlink_gen.c.
 */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "carrier.h"
#include "netlink.h"
#include "phase.h"

/* A longer body would need more contiguous memory than can be had. */
#define BODY_GET_MAX	(1U << 20)

static struct pop_net *info_net(struct genl_info *info)
{
	return pop_net(genl_info_net(info));
}

/* Missing attributes are named to the caller. */
#define need_attr(info, attr) ({					\
	bool __missing = GENL_REQ_ATTR_CHECK(info, attr);		\
									\
	if (__missing)							\
		NL_SET_ERR_MSG((info)->extack, "an attribute is missing"); \
	__missing;							\
})

/* Context: pop_net.lock. Return: the contract, or -ENOENT. */
static struct pop_contract *find_contract(struct pop_net *pn,
					  const struct nlattr *hash,
					  struct netlink_ext_ack *extack)
{
	struct pop_contract *c = pop_contract_find(pn, nla_data(hash));

	if (c)
		return c;
	NL_SET_ERR_MSG_ATTR(extack, hash, "no such contract is loaded");
	return ERR_PTR(-ENOENT);
}

/* Context: pop_net.lock. Return: the local party, or -ENOENT. */
static struct pop_member *find_member(struct pop_net *pn,
				      const struct nlattr *hash,
				      const struct nlattr *party,
				      struct netlink_ext_ack *extack)
{
	struct pop_contract *c = find_contract(pn, hash, extack);
	struct pop_member *m;

	if (IS_ERR(c))
		return ERR_CAST(c);
	m = pop_member_find(c, nla_get_u32(party));
	if (m)
		return m;
	NL_SET_ERR_MSG_ATTR(extack, party, "the party is not local");
	return ERR_PTR(-ENOENT);
}

/* Send what @fill makes of an object as the answer to @info. */
static int reply(struct genl_info *info, struct sk_buff *msg, int ret)
{
	if (ret) {
		nlmsg_free(msg);
		return ret;
	}
	return genlmsg_reply(msg, info);
}

static void tell(struct net *net, struct sk_buff *msg, int ret)
{
	if (ret)
		nlmsg_free(msg);
	else
		genlmsg_multicast_netns(&pop_genl_family, net, msg, 0,
					POP_NLGRP_EVENTS, GFP_ATOMIC);
}

static struct sk_buff *event_alloc(struct net *net)
{
	if (!genl_has_listeners(&pop_genl_family, net, POP_NLGRP_EVENTS))
		return NULL;
	return nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
}

void pop_netlink_party_event(struct pop_member *m, u8 cmd)
{
	struct net *net = pop_member_net(m)->net;
	struct sk_buff *msg = event_alloc(net);

	if (msg)
		tell(net, msg, pop_fill_party(msg, m, 0, 0, 0, cmd));
}

void pop_netlink_contract_event(struct pop_contract *c, u8 cmd)
{
	struct net *net = c->pn->net;
	struct sk_buff *msg = event_alloc(net);

	if (!msg)
		return;
	rcu_read_lock();
	tell(net, msg, pop_fill_contract(msg, c, 0, 0, 0, cmd, false));
	rcu_read_unlock();
}

/* ---- contracts ---- */

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

		if (a->consistency == POP_CONSISTENCY_DETECT &&
		    a->evidence == POP_EVIDENCE_MAC && a->late == POP_LATE_WAIT)
			continue;
		NL_SET_ERR_MSG(extack,
			       "this version delivers as with consistency detect, evidence mac, late wait");
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

	if (need_attr(info, POP_A_CONTRACT_BODY) ||
	    need_attr(info, POP_A_CONTRACT_SIGNATURES))
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
	return add_contract(info_net(info), info, body, len, signatures);
}

int pop_nl_contract_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = info_net(info);
	struct pop_contract *c;
	struct sk_buff *msg;
	size_t len;
	bool body;
	int ret;

	if (need_attr(info, POP_A_CONTRACT_HASH))
		return -EINVAL;
	mutex_lock(&pn->lock);
	c = find_contract(pn, info->attrs[POP_A_CONTRACT_HASH], info->extack);
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
		ret = reply(info, msg,
			    pop_fill_contract(msg, c, info->snd_portid,
					      info->snd_seq, 0,
					      POP_CMD_CONTRACT_GET, body));
out:
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_contract_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pop_net *pn = pop_net(sock_net(skb->sk));
	struct pop_contract *c;
	long i = 0;

	mutex_lock(&pn->lock);
	list_for_each_entry(c, &pn->contract_list, list) {
		if (i++ < cb->args[0])
			continue;
		if (pop_fill_contract(skb, c, NETLINK_CB(cb->skb).portid,
				      cb->nlh->nlmsg_seq, NLM_F_MULTI,
				      POP_CMD_CONTRACT_GET, false))
			break;
		cb->args[0] = i;
	}
	mutex_unlock(&pn->lock);
	return skb->len;
}

int pop_nl_contract_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = info_net(info);
	struct pop_contract *c;
	int ret;

	if (need_attr(info, POP_A_CONTRACT_HASH) ||
	    need_attr(info, POP_A_CONTRACT_STATE))
		return -EINVAL;
	mutex_lock(&pn->lock);
	c = find_contract(pn, info->attrs[POP_A_CONTRACT_HASH], info->extack);
	ret = PTR_ERR_OR_ZERO(c);
	if (ret)
		goto out;
	ret = pop_contract_end(c,
			       nla_get_u32(info->attrs[POP_A_CONTRACT_STATE]),
			       info->extack);
	if (ret)
		NL_SET_BAD_ATTR(info->extack,
				info->attrs[POP_A_CONTRACT_STATE]);
	else
		pop_netlink_contract_event(c, POP_CMD_CONTRACT_NTF);
out:
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_contract_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = info_net(info);
	struct pop_contract *c;
	int ret;

	if (need_attr(info, POP_A_CONTRACT_HASH))
		return -EINVAL;
	mutex_lock(&pn->lock);
	c = find_contract(pn, info->attrs[POP_A_CONTRACT_HASH], info->extack);
	ret = PTR_ERR_OR_ZERO(c);
	if (!ret) {
		pop_netlink_contract_event(c, POP_CMD_CONTRACT_DEL_NTF);
		pop_contract_del(c);
	}
	mutex_unlock(&pn->lock);
	return ret;
}

/* ---- parties ---- */

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
	struct pop_net *pn = info_net(info);
	struct pop_contract *c;
	kuid_t uid;
	int ret;

	if (need_attr(info, POP_A_PARTY_CONTRACT) ||
	    need_attr(info, POP_A_PARTY_INDEX) ||
	    need_attr(info, POP_A_PARTY_KEYS))
		return -EINVAL;
	ret = party_uid(info, &uid);
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	c = find_contract(pn, info->attrs[POP_A_PARTY_CONTRACT], info->extack);
	ret = PTR_ERR_OR_ZERO(c);
	if (!ret)
		ret = add_party(c, info, uid);
	mutex_unlock(&pn->lock);
	return ret;
}

int pop_nl_party_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = info_net(info);
	struct pop_member *m;
	int ret;

	if (need_attr(info, POP_A_PARTY_CONTRACT) ||
	    need_attr(info, POP_A_PARTY_INDEX))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = find_member(pn, info->attrs[POP_A_PARTY_CONTRACT],
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
	struct pop_net *pn = info_net(info);
	struct pop_member *m;
	struct sk_buff *msg;
	int ret;

	if (need_attr(info, POP_A_PARTY_CONTRACT) ||
	    need_attr(info, POP_A_PARTY_INDEX))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = find_member(pn, info->attrs[POP_A_PARTY_CONTRACT],
			info->attrs[POP_A_PARTY_INDEX], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (ret)
		goto out;
	ret = -ENOMEM;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (msg)
		ret = reply(info, msg,
			    pop_fill_party(msg, m, info->snd_portid,
					   info->snd_seq, 0,
					   POP_CMD_PARTY_GET));
out:
	mutex_unlock(&pn->lock);
	return ret;
}

/* Attributes of a dump request: validated already when the dump began. */
static int dump_attrs(struct netlink_callback *cb, struct nlattr **tb, int max)
{
	return genlmsg_parse_deprecated(cb->nlh, &pop_genl_family, tb, max,
					NULL, cb->extack);
}

int pop_nl_party_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pop_net *pn = pop_net(sock_net(skb->sk));
	struct nlattr *tb[POP_A_PARTY_MAX + 1];
	const struct nlattr *hash;
	struct pop_contract *c;
	struct pop_member *m;
	long i = 0;
	int ret;

	ret = dump_attrs(cb, tb, POP_A_PARTY_MAX);
	if (ret)
		return ret;
	hash = tb[POP_A_PARTY_CONTRACT];
	mutex_lock(&pn->lock);
	list_for_each_entry(c, &pn->contract_list, list) {
		if (hash && memcmp(nla_data(hash), c->hash, POP_HASH_LEN))
			continue;
		list_for_each_entry(m, &c->members, list) {
			if (i++ < cb->args[0])
				continue;
			if (pop_fill_party(skb, m, NETLINK_CB(cb->skb).portid,
					   cb->nlh->nlmsg_seq, NLM_F_MULTI,
					   POP_CMD_PARTY_GET))
				goto out;
			cb->args[0] = i;
		}
	}
out:
	mutex_unlock(&pn->lock);
	return skb->len;
}

/* ---- peers, phases, channels: parts of one local party ---- */

typedef int (*fill_part)(struct sk_buff *skb, struct pop_member *m, u32 index,
			 u32 portid, u32 seq, int flags);

static int reply_part(struct genl_info *info, struct pop_member *m, u32 index,
		      fill_part fill)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!msg)
		return -ENOMEM;
	return reply(info, msg, fill(msg, m, index, info->snd_portid,
				     info->snd_seq, 0));
}

/* Let @fill add one part after the other, from cb->args[0] up to @end. */
static void dump_parts(struct sk_buff *skb, struct netlink_callback *cb,
		       struct pop_member *m, u32 start, u32 end, fill_part fill)
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
static struct pop_member *dump_member(struct pop_net *pn,
				      struct netlink_callback *cb,
				      struct nlattr **tb)
{
	BUILD_BUG_ON(POP_A_PEER_CONTRACT != 1 || POP_A_PEER_PARTY != 2);
	BUILD_BUG_ON(POP_A_PHASE_CONTRACT != 1 || POP_A_PHASE_PARTY != 2);
	BUILD_BUG_ON(POP_A_CHANNEL_CONTRACT != 1 || POP_A_CHANNEL_PARTY != 2);

	if (!tb[1] || !tb[2]) {
		NL_SET_ERR_MSG(cb->extack, "contract and party are needed");
		return ERR_PTR(-EINVAL);
	}
	return find_member(pn, tb[1], tb[2], cb->extack);
}

int pop_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = info_net(info);
	struct pop_member *m;
	u32 index;
	int ret;

	if (need_attr(info, POP_A_PEER_CONTRACT) ||
	    need_attr(info, POP_A_PEER_PARTY) ||
	    need_attr(info, POP_A_PEER_INDEX))
		return -EINVAL;
	index = nla_get_u32(info->attrs[POP_A_PEER_INDEX]);
	mutex_lock(&pn->lock);
	m = find_member(pn, info->attrs[POP_A_PEER_CONTRACT],
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
	ret = reply_part(info, m, index, pop_fill_peer);
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

	ret = dump_attrs(cb, tb, POP_A_PEER_MAX);
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	m = dump_member(pn, cb, tb);
	ret = PTR_ERR_OR_ZERO(m);
	if (!ret)
		dump_parts(skb, cb, m, 0, m->contract->plan.nr_parties,
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
	struct pop_net *pn = info_net(info);
	union pop_addr addr;
	struct pop_member *m;
	u32 index;
	int ret;

	if (need_attr(info, POP_A_PEER_CONTRACT) ||
	    need_attr(info, POP_A_PEER_PARTY) ||
	    need_attr(info, POP_A_PEER_INDEX))
		return -EINVAL;
	index = nla_get_u32(info->attrs[POP_A_PEER_INDEX]);
	mutex_lock(&pn->lock);
	ret = parse_endpoint(info, pn->carrier.port, &addr);
	if (ret)
		goto out;
	m = find_member(pn, info->attrs[POP_A_PEER_CONTRACT],
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
	struct pop_net *pn = info_net(info);
	struct pop_member *m;
	u32 index;
	int ret;

	if (need_attr(info, POP_A_PHASE_CONTRACT) ||
	    need_attr(info, POP_A_PHASE_PARTY) ||
	    need_attr(info, POP_A_PHASE_INDEX))
		return -EINVAL;
	index = nla_get_u32(info->attrs[POP_A_PHASE_INDEX]);
	mutex_lock(&pn->lock);
	m = find_member(pn, info->attrs[POP_A_PHASE_CONTRACT],
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
	ret = reply_part(info, m, index, pop_fill_phase);
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

	ret = dump_attrs(cb, tb, POP_A_PHASE_MAX);
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	m = dump_member(pn, cb, tb);
	ret = PTR_ERR_OR_ZERO(m);
	if (!ret)
		dump_parts(skb, cb, m, 0, m->contract->plan.nr_phases,
			   pop_fill_phase);
	mutex_unlock(&pn->lock);
	return ret ?: skb->len;
}

int pop_nl_phase_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = info_net(info);
	struct pop_member *m;
	int ret;

	if (need_attr(info, POP_A_PHASE_CONTRACT) ||
	    need_attr(info, POP_A_PHASE_PARTY) ||
	    need_attr(info, POP_A_PHASE_INDEX))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = find_member(pn, info->attrs[POP_A_PHASE_CONTRACT],
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

int pop_nl_channel_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = info_net(info);
	struct pop_member *m;
	int ret;

	if (need_attr(info, POP_A_CHANNEL_CONTRACT) ||
	    need_attr(info, POP_A_CHANNEL_PARTY) ||
	    need_attr(info, POP_A_CHANNEL_DIRECTION) ||
	    need_attr(info, POP_A_CHANNEL_PHASE) ||
	    need_attr(info, POP_A_CHANNEL_ACTION) ||
	    need_attr(info, POP_A_CHANNEL_PEER))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = find_member(pn, info->attrs[POP_A_CHANNEL_CONTRACT],
			info->attrs[POP_A_CHANNEL_PARTY], info->extack);
	ret = PTR_ERR_OR_ZERO(m);
	if (!ret)
		ret = find_channel(m, info);
	if (ret >= 0)
		ret = reply_part(info, m, ret, pop_fill_channel);
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

	ret = dump_attrs(cb, tb, POP_A_CHANNEL_MAX);
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	m = dump_member(pn, cb, tb);
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
		dump_parts(skb, cb, m, m->phases[low].first_in,
			   m->phases[high].first_in, pop_fill_channel);
	/* outputs lie behind all inputs: they follow once those are through */
	if (direction != POP_DIRECTION_INPUT &&
	    (direction == POP_DIRECTION_OUTPUT ||
	     m->phases[low].first_in == m->phases[high].first_in ||
	     cb->args[0] >= m->phases[high].first_in))
		dump_parts(skb, cb, m, m->phases[low].first_out,
			   m->phases[high].first_out, pop_fill_channel);
out:
	mutex_unlock(&pn->lock);
	return ret ?: skb->len;
}

/* ---- node ---- */

int pop_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *family = info->attrs[POP_A_NODE_FAMILY];
	struct pop_net *pn = info_net(info);
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
	return reply(info, msg, ret);
}

int pop_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = info_net(info);
	struct pop_carrier *carrier = &pn->carrier;
	struct nlattr **tb = info->attrs;
	int ret = 0;

	mutex_lock(&pn->lock);
	/* groups are joined and sockets bound when a party becomes local */
	if (pn->nr_members) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[POP_A_NODE_PORT],
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
out:
	mutex_unlock(&pn->lock);
	return ret;
}

static const struct genl_multicast_group pop_nl_mcgrps[] = {
	[POP_NLGRP_EVENTS] = {
		.name = POP_MCGRP_EVENTS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family pop_genl_family __ro_after_init = {
	.name		= POP_GENL_NAME,
	.version	= POP_GENL_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.ops		= pop_nl_ops,
	.n_ops		= ARRAY_SIZE(pop_nl_ops),
	.resv_start_op	= 1,
	.mcgrps		= pop_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(pop_nl_mcgrps),
};

int __init pop_netlink_init(void)
{
	return genl_register_family(&pop_genl_family);
}

void pop_netlink_exit(void)
{
	genl_unregister_family(&pop_genl_family);
}
