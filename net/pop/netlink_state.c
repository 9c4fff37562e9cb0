// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: state-get, whose answer comes later as state-ntf. */

#include <linux/module.h>
#include <linux/slab.h>

#include "netlink.h"
#include "state.h"

/**
 * struct nl_request - a request whose answer goes to a netlink socket
 * @request: what state.c knows of it
 * @portid: of the socket
 * @phase: whether the user asked for one phase
 */
struct nl_request {
	struct pop_request	request;
	u32			portid;
	bool			phase;
};

static int put_question(struct sk_buff *msg, const struct nl_request *nr)
{
	const struct pop_state_query *q = &nr->request.query;
	const struct pop_peer *peer = nr->request.peer;
	const struct pop_member *m = peer->member;

	return nla_put(msg, POP_A_STATE_CONTRACT, POP_HASH_LEN,
		       m->contract->hash) ||
	       nla_put_u32(msg, POP_A_STATE_PARTY, m->party) ||
	       nla_put_u32(msg, POP_A_STATE_PEER, peer->party) ||
	       nla_put_u32(msg, POP_A_STATE_DIRECTION, q->direction) ||
	       (nr->phase && nla_put_u32(msg, POP_A_STATE_PHASE, q->phase)) ||
	       nla_put_u32(msg, POP_A_STATE_FIRST, q->first) ||
	       nla_put_u64_64bit(msg, POP_A_STATE_REQUEST, nr->request.id,
				 POP_A_STATE_PAD);
}

static int put_answer(struct sk_buff *msg,
		      const struct pop_state_answer *answer)
{
	const struct pop_state_reply *r = answer->reply;
	u32 i, count = be16_to_cpu(r->count);
	struct nlattr *states;
	u8 *p;

	if (nla_put_u32(msg, POP_A_STATE_COUNT, count) ||
	    nla_put_u32(msg, POP_A_STATE_CONTRACT_STATE, r->contract_state) ||
	    nla_put_u32(msg, POP_A_STATE_CURRENT_PHASE,
			be16_to_cpu(r->phase)) ||
	    nla_put_u32(msg, POP_A_STATE_PHASE_STATE, r->phase_state) ||
	    nla_put_u32(msg, POP_A_STATE_MINUTES, be32_to_cpu(r->minutes)) ||
	    nla_put_u64_64bit(msg, POP_A_STATE_NOW, be64_to_cpu(r->now),
			      POP_A_STATE_PAD) ||
	    nla_put(msg, POP_A_STATE_ROOT, sizeof(r->root), r->root) ||
	    nla_put_u32(msg, POP_A_STATE_RTT, answer->rtt))
		return -EMSGSIZE;
	states = nla_reserve(msg, POP_A_STATE_STATES, count);
	if (!states)
		return -EMSGSIZE;
	for (i = 0, p = nla_data(states); i < count; i++)
		*p++ = pop_state_of(answer->states, i);
	return 0;
}

static void send_answer(struct pop_net *pn, const struct nl_request *nr,
			const struct pop_state_answer *answer)
{
	struct sk_buff *msg = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	void *hdr;

	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &pop_genl_family, 0, POP_CMD_STATE_NTF);
	if (!hdr || put_question(msg, nr) || put_answer(msg, answer)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_unicast(pn->net, msg, nr->portid);
}

/* Context: pop_net.requests_lock. */
static void nl_request_done(struct pop_request *r,
			    const struct pop_state_answer *answer)
{
	struct nl_request *nr = container_of(r, struct nl_request, request);
	struct pop_net *pn = pop_member_net(r->peer->member);

	pn->nl_requests--;
	if (answer)
		send_answer(pn, nr, answer);
	kfree(nr);
}

/* The local party asks itself. */
static int answer_self(struct pop_net *pn, const struct nl_request *nr)
{
	const struct pop_state_query *q = &nr->request.query;
	struct pop_state_answer answer = {};
	struct pop_state_reply *reply;

	reply = kzalloc(pop_state_room(min_t(u32, q->count, POP_STATE_MAX)),
			GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	answer.reply = reply;
	answer.states = (u8 *)(reply + 1);
	pop_state_fill(nr->request.peer->member, q, reply, (u8 *)(reply + 1));
	send_answer(pn, nr, &answer);
	kfree(reply);
	return 0;
}

/* Return: 0 and the attribute's value, or -ERANGE if the wire cannot hold it. */
static int get_u16(struct genl_info *info, int type, u16 *value)
{
	const struct nlattr *attr = info->attrs[type];

	if (!attr)
		return 0;
	if (nla_get_u32(attr) >= U16_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "out of range");
		return -ERANGE;
	}
	*value = nla_get_u32(attr);
	return 0;
}

/* Whom and what a command asks. Context: pop_net.lock. */
static int parse_question(struct pop_net *pn, struct genl_info *info,
			  struct nl_request *nr)
{
	struct pop_state_query *q = &nr->request.query;
	struct nlattr **tb = info->attrs;
	struct pop_member *m;
	u32 peer;

	m = pop_nl_member(pn, tb[POP_A_STATE_CONTRACT], tb[POP_A_STATE_PARTY],
			  info->extack);
	if (IS_ERR(m))
		return PTR_ERR(m);
	peer = nla_get_u32(tb[POP_A_STATE_PEER]);
	if (peer >= m->contract->plan.nr_parties) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[POP_A_STATE_PEER],
				    "the contract has no such party");
		return -EINVAL;
	}
	nr->request.peer = &m->peer[peer];
	nr->phase = tb[POP_A_STATE_PHASE];
	q->phase = POP_PHASE_ANY;
	q->count = tb[POP_A_STATE_COUNT] ?
		   nla_get_u32(tb[POP_A_STATE_COUNT]) : POP_STATE_MAX;
	if (tb[POP_A_STATE_DIRECTION])
		q->direction = nla_get_u32(tb[POP_A_STATE_DIRECTION]);
	return get_u16(info, POP_A_STATE_PHASE, &q->phase) ?:
	       get_u16(info, POP_A_STATE_FIRST, &q->first);
}

/*
 * Requests that nobody answers stay until they are too many; then the oldest
 * goes. Context: process.
 */
static void drop_oldest(struct pop_net *pn)
{
	struct pop_request *r, *next;

	spin_lock_bh(&pn->requests_lock);
	list_for_each_entry_safe(r, next, &pn->requests, list) {
		if (pn->nl_requests < POP_NL_REQUESTS_MAX)
			break;
		if (r->done == nl_request_done) {
			list_del(&r->list);
			r->done(r, NULL);
		}
	}
	pn->nl_requests++;
	spin_unlock_bh(&pn->requests_lock);
}

/*
 * A netlink socket has gone: what it has asked must not be answered to whom has its
 * port id next. Context: process.
 */
void pop_nl_state_forget(struct pop_net *pn, u32 portid)
{
	struct pop_request *r, *next;

	spin_lock_bh(&pn->requests_lock);
	list_for_each_entry_safe(r, next, &pn->requests, list)
		if (r->done == nl_request_done &&
		    container_of(r, struct nl_request, request)->portid ==
		    portid) {
			list_del(&r->list);
			r->done(r, NULL);
		}
	spin_unlock_bh(&pn->requests_lock);
}

static int answer_request(struct genl_info *info, u64 id)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &pop_genl_family, 0,
				POP_CMD_STATE_GET);
	if (!hdr || nla_put_u64_64bit(msg, POP_A_STATE_REQUEST, id,
				      POP_A_STATE_PAD)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

int pop_nl_state_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pop_net *pn = pop_net(genl_info_net(info));
	struct nl_request *nr;
	int ret;
	u64 id;

	if (GENL_REQ_ATTR_CHECK(info, POP_A_STATE_CONTRACT) ||
	    GENL_REQ_ATTR_CHECK(info, POP_A_STATE_PARTY) ||
	    GENL_REQ_ATTR_CHECK(info, POP_A_STATE_PEER)) {
		NL_SET_ERR_MSG(info->extack, "an attribute is missing");
		return -EINVAL;
	}
	nr = kzalloc(sizeof(*nr), GFP_KERNEL_ACCOUNT);
	if (!nr)
		return -ENOMEM;
	nr->portid = info->snd_portid;
	nr->request.done = nl_request_done;

	mutex_lock(&pn->lock);
	ret = parse_question(pn, info, nr);
	if (ret) {
		kfree(nr);
		goto out;
	}
	if (nr->request.peer->party == nr->request.peer->member->party) {
		id = pop_state_id(pn);
		nr->request.id = id;
		ret = answer_self(pn, nr);
		kfree(nr);
		if (!ret)
			ret = answer_request(info, id);
		goto out;
	}
	drop_oldest(pn);
	/* once it is asked, the answer may have come and @nr be gone */
	id = pop_state_id(pn);
	nr->request.id = id;
	ret = pop_state_ask(&nr->request);
	if (ret) {
		spin_lock_bh(&pn->requests_lock);
		pn->nl_requests--;
		spin_unlock_bh(&pn->requests_lock);
		kfree(nr);
		NL_SET_ERR_MSG(info->extack,
			       "the request could not be sent to the party's endpoint");
		goto out;
	}
	ret = answer_request(info, id);
out:
	mutex_unlock(&pn->lock);
	return ret;
}
