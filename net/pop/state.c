// SPDX-License-Identifier: GPL-2.0
/* STATE units: see state.h. */

#include <linux/ktime.h>

#include "byzantine.h"
#include "channel.h"
#include "control.h"
#include "keep.h"
#include "phase.h"
#include "probe.h"
#include "roam.h"
#include "state.h"

/* Number of the requests by which a member asks how far a peer is. */
#define GATE_ID		U64_MAX

static struct sk_buff *request_unit(struct pop_peer *peer, u64 id,
				    const struct pop_state_query *q)
{
	struct pop_state_request *req;
	struct sk_buff *skb;

	skb = pop_control_alloc(peer, POP_UNIT_STATE_REQUEST, sizeof(*req));
	if (!skb)
		return NULL;
	req = pop_control_body(skb);
	*req = (struct pop_state_request) {
		.id = cpu_to_be64(id),
		.phase = cpu_to_be16(q->phase),
		.first = cpu_to_be16(q->first),
		.count = cpu_to_be16(q->count),
		.direction = q->direction,
	};
	return skb;
}

/*
 * Send a request, and do not wait: pop_state_ask() does. Context: any. Return:
 * 0, -ENOMEM, or as the carrier.
 */
int pop_state_send(struct pop_peer *peer, u64 id,
		   const struct pop_state_query *q)
{
	struct sk_buff *skb = request_unit(peer, id, q);

	return skb ? pop_control_send(peer, skb) : -ENOMEM;
}

/* Context: any. Return: a number for a request. */
u64 pop_state_id(struct pop_net *pn)
{
	return atomic64_inc_return(&pn->state_id);
}

/**
 * pop_state_ask - send a request
 * @r: peer, query, id and done filled in; the caller's until done() is called
 *     or pop_state_cancel() returns true
 *
 * Context: process.
 * Return: 0; -ESHUTDOWN when the member has gone; -ENOMEM; -EDESTADDRREQ or
 * what routing said when the request could not be sent. On error done() is not
 * called.
 */
int pop_state_ask(struct pop_request *r)
{
	struct pop_state_query q = r->query;
	struct pop_peer *peer = r->peer;
	struct pop_member *m = peer->member;
	struct pop_net *pn = pop_member_net(m);
	u64 id = r->id;
	int ret;

	r->start = ktime_get_ns();
	spin_lock_bh(&pn->requests_lock);
	if (READ_ONCE(m->dead)) {
		spin_unlock_bh(&pn->requests_lock);
		return -ESHUTDOWN;
	}
	list_add_tail(&r->list, &pn->requests);
	spin_unlock_bh(&pn->requests_lock);

	/* from here on it may be answered and gone, unless it cannot be sent */
	ret = pop_state_send(peer, id, &q);
	return ret && pop_state_cancel(pn, r) ? ret : 0;
}

/* Return: true if the request is the caller's again, false if it was done. */
bool pop_state_cancel(struct pop_net *pn, struct pop_request *r)
{
	bool found = false;
	struct pop_request *p;

	spin_lock_bh(&pn->requests_lock);
	list_for_each_entry(p, &pn->requests, list)
		if (p == r) {
			list_del(&r->list);
			found = true;
			break;
		}
	spin_unlock_bh(&pn->requests_lock);
	return found;
}

/* End all requests of a member that is dead. */
void pop_state_forget(struct pop_member *m)
{
	struct pop_net *pn = pop_member_net(m);
	struct pop_request *r, *next;

	spin_lock_bh(&pn->requests_lock);
	list_for_each_entry_safe(r, next, &pn->requests, list)
		if (r->peer->member == m) {
			list_del(&r->list);
			r->done(r, NULL);
		}
	spin_unlock_bh(&pn->requests_lock);
}

/* The channels that @q asks for. */
static void query_range(const struct pop_member *m,
			const struct pop_state_query *q, u32 *first, u32 *count)
{
	const struct pop_member_phase *p = m->phases;
	u32 low = 0, high = m->contract->plan.nr_phases;
	u32 start, end;

	*first = 0;
	*count = 0;
	if (q->phase != POP_PHASE_ANY) {
		if (q->phase >= high)
			return;
		low = q->phase;
		high = low + 1;
	}
	if (q->direction == POP_DIRECTION_INPUT) {
		start = p[low].first_in;
		end = p[high].first_in;
	} else {
		start = p[low].first_out;
		end = p[high].first_out;
	}
	if (q->first >= end - start)
		return;
	*first = start + q->first;
	*count = min3((u32)q->count, end - *first, (u32)POP_STATE_MAX);
}

/* Bytes of struct pop_state_reply with @count channels behind it. */
u32 pop_state_room(u32 count)
{
	return sizeof(struct pop_state_reply) + DIV_ROUND_UP(count, 2);
}

/**
 * pop_state_fill - say how a member stands
 * @m: whose channels
 * @q: which channels
 * @reply: filled in but for its id
 * @states: zeroed; room for the channels asked for, at most POP_STATE_MAX
 *
 * Return: how many channels there are in @states.
 */
u32 pop_state_fill(struct pop_member *m, const struct pop_state_query *q,
		   struct pop_state_reply *reply, u8 *states)
{
	u32 first, count, i, phase = READ_ONCE(m->phase);
	struct blake2s_state root;
	u8 digest[POP_HASH_LEN];

	query_range(m, q, &first, &count);
	blake2s_init(&root, POP_HASH_LEN);
	for (i = 0; i < count; i++) {
		states[i / 2] |= pop_channel_state(m, &m->channel[first + i],
						   digest, NULL) << i % 2 * 4;
		blake2s_update(&root, digest, sizeof(digest));
	}
	reply->phase = cpu_to_be16(phase);
	reply->phase_state = pop_phase_state(m, phase);
	reply->contract_state = pop_member_state(m);
	reply->count = cpu_to_be16(count);
	reply->closed = cpu_to_be16(READ_ONCE(m->closed));
	reply->minutes = cpu_to_be32(atomic_read(&m->minutes));
	reply->now = cpu_to_be64(ktime_get_real_ns());
	blake2s_final(&root, reply->root);
	return count;
}

static struct sk_buff *reply_unit(struct pop_peer *peer, u64 id,
				  const struct pop_state_query *q)
{
	struct pop_state_reply *reply;
	struct sk_buff *skb;
	u32 first, count;

	query_range(peer->member, q, &first, &count);
	/* nobody has asked for one without a number */
	if (id && !pop_control_may_tell(peer, count))
		return NULL;
	skb = pop_control_alloc(peer, POP_UNIT_STATE_REPLY,
				pop_state_room(count));
	if (!skb)
		return NULL;
	reply = pop_control_body(skb);
	reply->id = cpu_to_be64(id);
	pop_state_fill(peer->member, q, reply, (u8 *)(reply + 1));
	return skb;
}

/**
 * pop_state_request - answer an authenticated request
 * @peer: who asks
 * @skb: data at struct pop_state_request; stays the caller's
 * @from: where to answer
 */
void pop_state_request(struct pop_peer *peer, struct sk_buff *skb,
		       const union pop_addr *from)
{
	const struct pop_state_request *req = (const void *)skb->data;
	struct pop_net *pn = pop_member_net(peer->member);
	struct pop_state_query q;
	struct sk_buff *answer;
	u32 room;

	if (skb->len != sizeof(*req) || req->reserved || !req->id ||
	    req->direction > POP_DIRECTION_OUTPUT) {
		pop_count(pn, RX_MALFORMED);
		return;
	}
	q.phase = be16_to_cpu(req->phase);
	q.first = be16_to_cpu(req->first);
	room = pop_control_room(peer, from, skb->len);
	q.count = min_t(u32, be16_to_cpu(req->count),
			2 * (room - sizeof(struct pop_state_reply)));
	q.direction = req->direction;

	answer = reply_unit(peer, be64_to_cpu(req->id), &q);
	if (!answer)
		return;
	pop_count(pn, STATE_REQUESTS);
	pop_control_send_to(peer, answer, from);
}

/* What @peer was asked, or NULL. Context: pop_net.requests_lock. */
static struct pop_request *find_request(const struct pop_peer *peer, u64 id)
{
	struct pop_net *pn = pop_member_net(peer->member);
	struct pop_request *r;

	list_for_each_entry(r, &pn->requests, list)
		if (r->id == id && r->peer == peer)
			return r;
	return NULL;
}

/* Who waits for it has an answer, if it is about no more than was asked for. */
static void end_request(struct pop_peer *peer, u64 id,
			struct pop_state_answer *answer)
{
	struct pop_net *pn = pop_member_net(peer->member);
	struct pop_request *r;

	spin_lock_bh(&pn->requests_lock);
	r = find_request(peer, id);
	if (!r) {
		pop_count(pn, RX_UNASKED);
	} else if (be16_to_cpu(answer->reply->count) > r->query.count) {
		pop_count(pn, RX_MALFORMED);
	} else {
		list_del(&r->list);
		answer->rtt = div_u64(ktime_get_ns() - r->start, 1000);
		r->done(r, answer);
		pop_count(pn, STATE_REPLIES);
	}
	spin_unlock_bh(&pn->requests_lock);
}

/**
 * pop_state_reply - an authenticated answer
 * @peer: who answers
 * @skb: data at struct pop_state_reply; stays the caller's
 * @from: where it came from
 */
void pop_state_reply(struct pop_peer *peer, struct sk_buff *skb,
		     const union pop_addr *from)
{
	const struct pop_state_reply *reply = (const void *)skb->data;
	struct pop_net *pn = pop_member_net(peer->member);
	struct pop_state_answer answer;
	u64 id;

	if (skb->len < sizeof(*reply) ||
	    be16_to_cpu(reply->count) > POP_STATE_MAX ||
	    skb->len != pop_state_room(be16_to_cpu(reply->count))) {
		pop_count(pn, RX_MALFORMED);
		return;
	}
	pop_phase_peer_entered(peer->member, peer, be16_to_cpu(reply->phase));
	pop_phase_peer_closed(peer->member, peer, be16_to_cpu(reply->closed));
	if (reply->contract_state == POP_CONTRACT_STATE_CLOSED ||
	    reply->contract_state == POP_CONTRACT_STATE_ABORTED)
		pop_byzantine_peer_ended(peer);
	/* what is kept for it is of no use to it */
	if (reply->contract_state == POP_CONTRACT_STATE_ABORTED)
		pop_keep_passed(peer, peer->member->contract->plan.nr_phases);

	id = be64_to_cpu(reply->id);
	if (!id || id == GATE_ID) {
		pop_count(pn, STATE_REPLIES);
		return;
	}
	answer.reply = reply;
	answer.states = (const u8 *)(reply + 1);
	if (pop_probe_state(peer, id, &answer) ||
	    pop_roam_answer(peer, id, from)) {
		pop_count(pn, STATE_REPLIES);
		return;
	}
	end_request(peer, id, &answer);
}

/*
 * Ask a peer for a sign of life, at its endpoint or at another address. The
 * request is not longer than any control unit. Context: any.
 */
void pop_state_ask_at(struct pop_peer *peer, u64 id, const union pop_addr *to)
{
	static const struct pop_state_query nothing = {};
	struct sk_buff *skb = request_unit(peer, id, &nothing);

	if (skb && to)
		pop_control_send_to(peer, skb, to);
	else if (skb)
		pop_control_send(peer, skb);
}

/* Ask a peer which phases it has closed, and whether it has ended the contract. */
void pop_state_ask_closed(struct pop_peer *peer)
{
	static const struct pop_state_query nothing = {};

	pop_state_send(peer, GATE_ID, &nothing);
}

/* Tell a peer the same of the member. */
void pop_state_tell_closed(struct pop_peer *peer)
{
	static const struct pop_state_query nothing = {};
	struct sk_buff *skb = reply_unit(peer, 0, &nothing);

	if (skb)
		pop_control_send(peer, skb);
}
