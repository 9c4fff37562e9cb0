// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: objects as messages. */

#include <linux/module.h>

#include "channel.h"
#include "netlink.h"
#include "phase.h"

/* Pieces of what is longer than one attribute can be. */
#define PIECE	60000U

static int put_pieces(struct sk_buff *skb, int type, const void *data, u32 len)
{
	while (len) {
		u32 part = min(len, PIECE);

		if (nla_put(skb, type, part, data))
			return -EMSGSIZE;
		data += part;
		len -= part;
	}
	return 0;
}

/* Names in a body may be empty, and end with a zero byte otherwise. */
static int put_name(struct sk_buff *skb, int type, const u8 *name)
{
	return *name ? nla_put_string(skb, type, name) : 0;
}

int pop_fill_contract(struct sk_buff *skb, const struct pop_contract *c,
		      u32 portid, u32 seq, int flags, u8 cmd, bool body)
{
	const struct pop_plan *plan = &c->plan;
	void *hdr;

	hdr = genlmsg_put(skb, portid, seq, &pop_genl_family, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put(skb, POP_A_CONTRACT_HASH, POP_HASH_LEN, c->hash) ||
	    put_name(skb, POP_A_CONTRACT_NAME, plan->body->name) ||
	    nla_put_u32(skb, POP_A_CONTRACT_STATE, pop_contract_state(c)) ||
	    nla_put_u32(skb, POP_A_CONTRACT_EPOCH,
			be32_to_cpu(plan->body->epoch)) ||
	    nla_put_u32(skb, POP_A_CONTRACT_PARTIES, plan->nr_parties) ||
	    nla_put_u32(skb, POP_A_CONTRACT_PHASES, plan->nr_phases) ||
	    nla_put_u32(skb, POP_A_CONTRACT_ACTIONS, plan->nr_actions) ||
	    nla_put_u32(skb, POP_A_CONTRACT_SLOTS, plan->nr_slots) ||
	    nla_put_u32(skb, POP_A_CONTRACT_MEMBERS, c->nr_members) ||
	    nla_put_u32(skb, POP_A_CONTRACT_WEIGHT, READ_ONCE(c->turn.weight)))
		goto cancel;
	if (body &&
	    (put_pieces(skb, POP_A_CONTRACT_BODY, c->body, plan->body_len) ||
	     put_pieces(skb, POP_A_CONTRACT_SIGNATURES, c->signatures,
			plan->nr_parties * POP_SIGNATURE_LEN)))
		goto cancel;
	genlmsg_end(skb, hdr);
	return 0;

cancel:
	genlmsg_cancel(skb, hdr);
	return -EMSGSIZE;
}

int pop_fill_party(struct sk_buff *skb, struct pop_member *m,
		   u32 portid, u32 seq, int flags, u8 cmd)
{
	const struct pop_contract *c = m->contract;
	void *hdr;

	hdr = genlmsg_put(skb, portid, seq, &pop_genl_family, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put(skb, POP_A_PARTY_CONTRACT, POP_HASH_LEN, c->hash) ||
	    nla_put_u32(skb, POP_A_PARTY_INDEX, m->party) ||
	    put_name(skb, POP_A_PARTY_NAME, c->plan.party[m->party].name) ||
	    nla_put_u32(skb, POP_A_PARTY_UID,
			from_kuid_munged(c->pn->net->user_ns, m->uid)) ||
	    nla_put_u32(skb, POP_A_PARTY_STATE, pop_member_state(m)) ||
	    nla_put_u32(skb, POP_A_PARTY_PHASE, READ_ONCE(m->phase)) ||
	    nla_put_u32(skb, POP_A_PARTY_MINUTES, atomic_read(&m->minutes)) ||
	    nla_put_u32(skb, POP_A_PARTY_MINUTES_TOTAL, m->minutes_total) ||
	    nla_put_u32(skb, POP_A_PARTY_INPUTS, m->nr_in) ||
	    nla_put_u32(skb, POP_A_PARTY_INPUTS_DONE,
			atomic_read(&m->in_done)) ||
	    nla_put_u32(skb, POP_A_PARTY_OUTPUTS, m->nr_out) ||
	    nla_put_u32(skb, POP_A_PARTY_OUTPUTS_DONE,
			atomic_read(&m->out_done))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int put_endpoint(struct sk_buff *skb, struct pop_peer *peer)
{
	union pop_addr addr;

	pop_peer_get_addr(peer, &addr);
	switch (addr.sa.sa_family) {
	case AF_INET:
		return nla_put_in_addr(skb, POP_A_PEER_ADDR4,
				       addr.in4.sin_addr.s_addr) ||
		       nla_put_be16(skb, POP_A_PEER_PORT, addr.in4.sin_port);
	case AF_INET6:
		return nla_put_in6_addr(skb, POP_A_PEER_ADDR6,
					&addr.in6.sin6_addr) ||
		       nla_put_be16(skb, POP_A_PEER_PORT, addr.in6.sin6_port) ||
		       (addr.in6.sin6_scope_id &&
			nla_put_u32(skb, POP_A_PEER_SCOPE,
				    addr.in6.sin6_scope_id));
	}
	return 0;
}

static int put_path(struct sk_buff *skb, struct pop_peer *peer)
{
	u32 window, under_way;

	spin_lock_bh(&peer->lock);
	window = peer->pace.window;
	under_way = pop_pace_under_way(&peer->pace);
	spin_unlock_bh(&peer->lock);
	return nla_put_u32(skb, POP_A_PEER_RTT, READ_ONCE(peer->srtt)) ||
	       nla_put_u32(skb, POP_A_PEER_WINDOW, window) ||
	       nla_put_u32(skb, POP_A_PEER_UNDER_WAY, under_way);
}

int pop_fill_peer(struct sk_buff *skb, struct pop_member *m, u32 index,
		  u32 portid, u32 seq, int flags)
{
	const struct pop_contract *c = m->contract;
	struct pop_peer *peer = &m->peer[index];
	void *hdr;

	hdr = genlmsg_put(skb, portid, seq, &pop_genl_family, flags,
			  POP_CMD_PEER_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put(skb, POP_A_PEER_CONTRACT, POP_HASH_LEN, c->hash) ||
	    nla_put_u32(skb, POP_A_PEER_PARTY, m->party) ||
	    nla_put_u32(skb, POP_A_PEER_INDEX, index) ||
	    put_name(skb, POP_A_PEER_NAME, c->plan.party[index].name) ||
	    put_endpoint(skb, peer) ||
	    nla_put_u64_64bit(skb, POP_A_PEER_TX_UNITS,
			      atomic64_read(&peer->tx_units), POP_A_PEER_PAD) ||
	    nla_put_u64_64bit(skb, POP_A_PEER_RX_UNITS,
			      atomic64_read(&peer->rx_units), POP_A_PEER_PAD) ||
	    put_path(skb, peer)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int pop_fill_phase(struct sk_buff *skb, struct pop_member *m, u32 index,
		   u32 portid, u32 seq, int flags)
{
	const struct pop_contract *c = m->contract;
	const struct pop_body_phase *phase = &c->plan.phase[index];
	const struct pop_member_phase *p = &m->phases[index];
	void *hdr;

	hdr = genlmsg_put(skb, portid, seq, &pop_genl_family, flags,
			  POP_CMD_PHASE_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put(skb, POP_A_PHASE_CONTRACT, POP_HASH_LEN, c->hash) ||
	    nla_put_u32(skb, POP_A_PHASE_PARTY, m->party) ||
	    nla_put_u32(skb, POP_A_PHASE_INDEX, index) ||
	    put_name(skb, POP_A_PHASE_NAME, phase->name) ||
	    nla_put_u32(skb, POP_A_PHASE_STATE, pop_phase_state(m, index)) ||
	    nla_put_u32(skb, POP_A_PHASE_DEADLINE,
			be32_to_cpu(phase->deadline)) ||
	    nla_put_u32(skb, POP_A_PHASE_GATE, phase->gate) ||
	    nla_put_u32(skb, POP_A_PHASE_INPUTS,
			p[1].first_in - p[0].first_in) ||
	    nla_put_u32(skb, POP_A_PHASE_INPUTS_LEFT,
			atomic_read(&p->in_left)) ||
	    nla_put_u32(skb, POP_A_PHASE_OUTPUTS,
			p[1].first_out - p[0].first_out) ||
	    nla_put_u32(skb, POP_A_PHASE_OUTPUTS_LEFT,
			atomic_read(&p->out_left))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int fill_channel(struct sk_buff *skb, struct pop_member *m, u32 index,
			u32 portid, u32 seq, int flags, u8 cmd)
{
	const struct pop_contract *c = m->contract;
	struct pop_channel *ch = &m->channel[index];
	struct pop_slot_id slot = pop_channel_slot(m, ch, 0);
	u8 digest[POP_HASH_LEN], state;
	u32 done;
	void *hdr;

	state = pop_channel_state(m, ch, digest, &done);
	hdr = genlmsg_put(skb, portid, seq, &pop_genl_family, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put(skb, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN, c->hash) ||
	    nla_put_u32(skb, POP_A_CHANNEL_PARTY, m->party) ||
	    nla_put_u32(skb, POP_A_CHANNEL_DIRECTION,
			pop_channel_is_input(m, ch) ? POP_DIRECTION_INPUT :
						      POP_DIRECTION_OUTPUT) ||
	    nla_put_u32(skb, POP_A_CHANNEL_PEER, ch->peer) ||
	    nla_put_u32(skb, POP_A_CHANNEL_PHASE, slot.phase) ||
	    nla_put_u32(skb, POP_A_CHANNEL_ACTION, slot.action) ||
	    put_name(skb, POP_A_CHANNEL_NAME, pop_channel_action(m, ch)->name) ||
	    nla_put_u32(skb, POP_A_CHANNEL_STATE, state) ||
	    nla_put_u32(skb, POP_A_CHANNEL_SLOTS, ch->count) ||
	    nla_put_u32(skb, POP_A_CHANNEL_EXECUTED, done) ||
	    nla_put(skb, POP_A_CHANNEL_DIGEST, POP_HASH_LEN, digest) ||
	    nla_put_u32(skb, POP_A_CHANNEL_FLAGS, READ_ONCE(ch->flags))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int pop_fill_channel(struct sk_buff *skb, struct pop_member *m, u32 index,
		     u32 portid, u32 seq, int flags)
{
	return fill_channel(skb, m, index, portid, seq, flags,
			    POP_CMD_CHANNEL_GET);
}

int pop_fill_channel_event(struct sk_buff *skb, struct pop_member *m, u32 index)
{
	return fill_channel(skb, m, index, 0, 0, 0, POP_CMD_CHANNEL_NTF);
}

/* Context: pop_net.lock. */
int pop_fill_node(struct sk_buff *skb, struct pop_net *pn, u32 portid, u32 seq)
{
	const struct pop_carrier *carrier = &pn->carrier;
	const struct pop_contract *c;
	unsigned long number;
	u32 open = 0;
	void *hdr;

	xa_for_each(&pn->order, number, c) {
		u8 state = pop_contract_state(c);

		open += state >= POP_CONTRACT_STATE_OPEN &&
			state <= POP_CONTRACT_STATE_SETTLING;
	}
	hdr = genlmsg_put(skb, portid, seq, &pop_genl_family, 0,
			  POP_CMD_NODE_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_be16(skb, POP_A_NODE_PORT, carrier->port) ||
	    nla_put_in_addr(skb, POP_A_NODE_ADDR4, carrier->addr4.s_addr) ||
	    nla_put_in6_addr(skb, POP_A_NODE_ADDR6, &carrier->addr6) ||
	    nla_put_u32(skb, POP_A_NODE_MULTICAST, carrier->multicast) ||
	    nla_put_u32(skb, POP_A_NODE_IFINDEX, carrier->ifindex) ||
	    nla_put_u32(skb, POP_A_NODE_FAMILY, pop_family) ||
	    nla_put_u32(skb, POP_A_NODE_CONTRACTS, pn->nr_contracts) ||
	    nla_put_u32(skb, POP_A_NODE_OPEN, open) ||
	    nla_put_string(skb, POP_A_NODE_VERSION, POP_MODULE_VERSION) ||
	    nla_put_u64_64bit(skb, POP_A_NODE_RATE, READ_ONCE(pn->share.rate),
			      POP_A_NODE_PAD)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}
