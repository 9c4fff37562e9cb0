// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: evidence of contradictions. */

#include "evidence.h"
#include "netlink.h"

static int put_exhibit(struct sk_buff *skb, int attr,
		       const struct pop_exhibit *x)
{
	struct nlattr *nla = nla_reserve(skb, attr, sizeof(x->outer) + x->len);

	if (!nla)
		return -EMSGSIZE;
	memcpy(nla_data(nla), &x->outer, sizeof(x->outer));
	memcpy(nla_data(nla) + sizeof(x->outer), x->body, x->len);
	return 0;
}

static int fill_evidence(struct sk_buff *skb, const struct pop_peer *peer,
			 const struct pop_finding *e, u32 index, u32 portid,
			 u32 seq, int flags, u8 cmd)
{
	const struct pop_member *m = peer->member;
	struct pop_slot_id slot = pop_channel_slot(m, e->ch, e->seq);
	void *hdr;

	hdr = genlmsg_put(skb, portid, seq, &pop_genl_family, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put(skb, POP_A_EVIDENCE_CONTRACT, POP_HASH_LEN,
		    m->contract->hash) ||
	    nla_put_u32(skb, POP_A_EVIDENCE_PARTY, m->party) ||
	    nla_put_u32(skb, POP_A_EVIDENCE_BY, peer->party) ||
	    nla_put_u32(skb, POP_A_EVIDENCE_INDEX, index) ||
	    nla_put_u32(skb, POP_A_EVIDENCE_KIND, e->kind) ||
	    nla_put_u32(skb, POP_A_EVIDENCE_SENDER, e->ch->peer) ||
	    nla_put_u32(skb, POP_A_EVIDENCE_PHASE, slot.phase) ||
	    nla_put_u32(skb, POP_A_EVIDENCE_ACTION, slot.action) ||
	    nla_put_u32(skb, POP_A_EVIDENCE_SEQ, slot.seq) ||
	    nla_put_u64_64bit(skb, POP_A_EVIDENCE_FOUND, e->at,
			      POP_A_EVIDENCE_PAD) ||
	    put_exhibit(skb, POP_A_EVIDENCE_FIRST, &e->first) ||
	    put_exhibit(skb, POP_A_EVIDENCE_SECOND, &e->second)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* Tell the "events" group of new evidence. Context: any. */
void pop_netlink_evidence_event(const struct pop_peer *peer,
				const struct pop_finding *e, u32 index)
{
	struct net *net = pop_member_net(peer->member)->net;
	struct sk_buff *msg = pop_nl_event(net);

	if (msg)
		pop_nl_tell(net, msg, fill_evidence(msg, peer, e, index, 0, 0, 0,
						    POP_CMD_EVIDENCE_NTF));
}

/* Evidence is never taken back. Return: number @index of @peer, or NULL. */
static const struct pop_finding *find_evidence(struct pop_peer *peer,
					       u32 index)
{
	const struct pop_finding *e, *found = NULL;

	spin_lock_bh(&peer->lock);
	list_for_each_entry(e, &peer->evidence, list)
		if (!index--) {
			found = e;
			break;
		}
	spin_unlock_bh(&peer->lock);
	return found;
}

static int reply_evidence(struct genl_info *info, struct pop_member *m)
{
	u32 by = nla_get_u32(info->attrs[POP_A_EVIDENCE_BY]);
	u32 index = nla_get_u32(info->attrs[POP_A_EVIDENCE_INDEX]);
	const struct pop_finding *e = NULL;
	struct sk_buff *msg;

	if (by < m->contract->plan.nr_parties)
		e = find_evidence(&m->peer[by], index);
	if (!e) {
		NL_SET_ERR_MSG(info->extack, "there is no such evidence");
		return -ENOENT;
	}
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	return pop_nl_reply(info, msg,
			    fill_evidence(msg, &m->peer[by], e, index,
					  info->snd_portid, info->snd_seq, 0,
					  POP_CMD_EVIDENCE_GET));
}

int pop_nl_evidence_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct pop_member *m;
	int ret;

	if (pop_nl_missing(info, POP_A_EVIDENCE_CONTRACT) ||
	    pop_nl_missing(info, POP_A_EVIDENCE_PARTY) ||
	    pop_nl_missing(info, POP_A_EVIDENCE_BY) ||
	    pop_nl_missing(info, POP_A_EVIDENCE_INDEX))
		return -EINVAL;
	mutex_lock(&pn->lock);
	m = pop_nl_member(pn, info->attrs[POP_A_EVIDENCE_CONTRACT],
			  info->attrs[POP_A_EVIDENCE_PARTY], info->extack);
	ret = IS_ERR(m) ? PTR_ERR(m) : reply_evidence(info, m);
	mutex_unlock(&pn->lock);
	return ret;
}

/* All of one party. Return: false if there is no more room in @skb. */
static bool dump_peer(struct sk_buff *skb, struct netlink_callback *cb,
		      struct pop_peer *peer)
{
	const struct pop_finding *e;

	while ((e = find_evidence(peer, cb->args[1]))) {
		if (fill_evidence(skb, peer, e, cb->args[1],
				  NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, NLM_F_MULTI,
				  POP_CMD_EVIDENCE_GET))
			return false;
		cb->args[1]++;
	}
	return true;
}

/* cb->args: the party, and how many of those by it are through. */
int pop_nl_evidence_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pop_net *pn = pop_net(sock_net(skb->sk));
	struct nlattr *tb[POP_A_EVIDENCE_MAX + 1];
	struct pop_member *m;
	int ret;

	ret = pop_nl_dump_attrs(cb, tb, POP_A_EVIDENCE_MAX,
				BIT(POP_A_EVIDENCE_CONTRACT) |
				BIT(POP_A_EVIDENCE_PARTY));
	if (ret)
		return ret;
	mutex_lock(&pn->lock);
	m = pop_nl_dump_member(pn, cb, tb);
	ret = PTR_ERR_OR_ZERO(m);
	for (; !ret && cb->args[0] < m->contract->plan.nr_parties;
	     cb->args[0]++) {
		if (!dump_peer(skb, cb, &m->peer[cb->args[0]]))
			break;
		cb->args[1] = 0;
	}
	mutex_unlock(&pn->lock);
	return ret ?: skb->len;
}
