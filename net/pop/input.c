// SPDX-License-Identifier: GPL-2.0
/*
 * The way in of a datagram: what is cheap to check comes first, and what no
 * contract schedules is dropped before any cryptography.
 *
 *	length, version -> cid -> is the slot scheduled, open, undecided
 *	-> seal -> slot (slot.c)
 *
 *	a record: -> cid -> may its sender raise that -> seal (byzantine.c)
 */

#include "byzantine.h"
#include "channel.h"
#include "echo.h"
#include "evidence.h"
#include "input.h"
#include "phase.h"
#include "probe.h"
#include "recover.h"
#include "relay.h"
#include "resend.h"
#include "roam.h"
#include "seal.h"
#include "slot.h"
#include "state.h"
#include "unit.h"

/*
 * Control units hold no more than an honest party puts into one; a RELAY is as long
 * as the fragment that it gives.
 */
static bool too_long(const struct pop_unit *u, u32 len)
{
	return len > POP_DATAGRAM_LEN && pop_unit_is_control(u->type) &&
	       u->type != POP_UNIT_RELAY;
}

/*
 * Return: the member's input channel that has this slot, from @sender if that
 * is not negative, or NULL.
 */
static struct pop_channel *scheduled(struct pop_member *m,
				     const struct pop_slot_id *slot, int sender)
{
	struct pop_channel *ch = pop_channel_input(m, slot->phase, slot->action);

	if (!ch || slot->seq >= ch->count ||
	    (sender >= 0 && ch->peer != sender))
		return NULL;
	return ch;
}

/*
 * Has the slot executed, and is this unit no news? A header with another salt is
 * another header, and worth a look: its sender may contradict itself. The salt is
 * how D begins, see pop_key_salt().
 */
static bool is_executed(const struct pop_slot *slot,
			const struct pop_outer *outer)
{
	return slot->executed &&
	       ((outer->type & 0xf) != POP_UNIT_HEADER ||
		!memcmp(slot->digest, &outer->salt, sizeof(outer->salt)));
}

/*
 * Is this the header of a channel that is late, and evidence? Context: ch->lock,
 * the channel is open.
 */
static bool is_evidence(struct pop_member *m, const struct pop_channel *ch,
			u32 seq, const struct pop_outer *outer)
{
	const struct pop_slot *slot = &ch->open->slot[seq];

	if (!(ch->flags & POP_CHANNEL_F_LATE) ||
	    (outer->type & 0xf) != POP_UNIT_HEADER)
		return false;
	return slot->executed ? !is_executed(slot, outer) :
				pop_evidence_wants_late(&m->peer[ch->peer], ch,
							seq, outer->salt);
}

/*
 * Return: true and the message's key, if a unit may still come for the slot; false
 * (counted) if its phase is out of reach, it has executed, or there was a verdict.
 */
static bool message_key(struct pop_member *m, struct pop_channel *ch,
			const struct pop_slot_id *slot,
			const struct pop_outer *outer, u8 key[POP_KEY_LEN])
{
	struct pop_net *pn = pop_member_net(m);
	u8 phase_key[POP_KEY_LEN];
	bool done, open;

	spin_lock_bh(&ch->lock);
	open = ch->open && !ch->open->retired;
	if (!(open && is_evidence(m, ch, slot->seq, outer)) &&
	    pop_channel_refuses(m, ch)) {
		spin_unlock_bh(&ch->lock);
		return false;
	}
	done = open ? is_executed(&ch->open->slot[slot->seq], outer) :
		      ch->done == ch->count;
	if (open && !done)
		memcpy(phase_key, ch->open->key, sizeof(phase_key));
	spin_unlock_bh(&ch->lock);

	if (done) {
		pop_count(pn, RX_DUPLICATE);
		return false;
	}
	if (!open) {
		pop_count(pn, RX_NOT_OPEN);
		return false;
	}
	pop_key_message(key, phase_key, slot, outer->salt);
	memzero_explicit(phase_key, sizeof(phase_key));
	return true;
}

/* The peer has sealed a unit of a message. */
static void accepted(struct pop_peer *peer, const struct pop_unit *u)
{
	atomic64_inc(&peer->rx_units);
	pop_phase_peer_entered(peer->member, peer, u->slot.phase);
}

static bool has_ended(const struct pop_contract *c)
{
	return READ_ONCE(c->ended);
}

/*
 * A HEADER goes into what is kept of its message, and is therefore not decrypted
 * where it lies: that is often shared, and would have to be copied first. Return:
 * 0; -EBADMSG; -EMSGSIZE if the seal holds, but the length is wrong; -ENOMEM.
 */
static int input_header(struct pop_peer *peer, struct pop_channel *ch,
			const struct pop_unit *u, const struct pop_outer *outer,
			struct sk_buff *skb, const u8 key[POP_KEY_LEN])
{
	struct {
		struct pop_header	header;
		struct pop_header_group	part;
	} text;
	bool group = u->flags & POP_UNIT_F_GROUP;
	u32 len = sizeof(text.header) + (group ? sizeof(text.part) : 0);
	int ret;

	if (skb->len != sizeof(*outer) + len + POP_TAG_LEN)
		return pop_unseal(skb, key) ?: -EMSGSIZE;
	if (!pskb_may_pull(skb, skb->len))
		return -ENOMEM;
	ret = pop_unseal_text(&text, skb->data, len, key);
	if (ret)
		return ret;
	accepted(peer, u);
	pop_rx_header(peer->member, ch, u->slot.seq, outer, &text.header,
		      group ? &text.part : NULL);
	memzero_explicit(&text.part, sizeof(text.part));
	return 0;
}

/* A PAYLOAD that is not the group's. The same, and 0 takes @skb. */
static int input_payload(struct pop_peer *peer, struct pop_channel *ch,
			 const struct pop_unit *u, struct sk_buff *skb,
			 const u8 key[POP_KEY_LEN])
{
	int ret = pop_unseal(skb, key);

	if (ret)
		return ret;
	if (skb->len < sizeof(struct pop_payload))
		return -EMSGSIZE;
	accepted(peer, u);
	*POP_SKB_CB(skb) = (struct pop_skb_cb) { .fragment = u->fragment };
	pop_rx_payload(peer->member, ch, u->slot.seq, skb);
	return 0;
}

/* A HEADER, or a PAYLOAD that is not the group's. Takes @skb. */
static void input_message(struct pop_peer *peer, const struct pop_unit *u,
			  const struct pop_outer *outer, struct sk_buff *skb,
			  const union pop_addr *from)
{
	bool payload = u->type == POP_UNIT_PAYLOAD;
	struct pop_member *m = peer->member;
	struct pop_net *pn = pop_member_net(m);
	struct pop_channel *ch;
	u8 key[POP_KEY_LEN];
	int ret;

	ch = scheduled(m, &u->slot, peer->party);
	if (!ch || has_ended(m->contract) ||
	    (payload && u->flags & POP_UNIT_F_GROUP)) {
		pop_count(pn, RX_UNSCHEDULED);
		goto drop;
	}
	atomic_inc(&peer->arrived);
	if (!message_key(m, ch, &u->slot, outer, key))
		goto drop;

	ret = payload ? input_payload(peer, ch, u, skb, key) :
			input_header(peer, ch, u, outer, skb, key);
	memzero_explicit(key, sizeof(key));
	switch (ret) {
	case 0:
		if (payload)
			return;
		pop_roam_header(peer, from);
		break;
	case -ENOMEM:
		pop_count(pn, RX_NO_MEMORY);
		break;
	case -EMSGSIZE:
		pop_count(pn, RX_MALFORMED);
		break;
	default:
		pop_count(pn, RX_BAD_SEAL);
	}
drop:
	kfree_skb(skb);
}

/*
 * A PAYLOAD of the group: for each local party that the action goes to. Its
 * key is in the header, without which it can only be kept. Takes @skb.
 */
static void input_group(struct pop_contract *c, const struct pop_unit *u,
			struct sk_buff *skb)
{
	bool found = false;
	struct pop_member *m;

	if (u->type != POP_UNIT_PAYLOAD || !(u->flags & POP_UNIT_F_GROUP) ||
	    has_ended(c))
		goto out;
	if (skb->len < sizeof(struct pop_outer) + sizeof(struct pop_payload) +
	    POP_TAG_LEN)
		goto out;
	list_for_each_entry_rcu(m, &c->members, list) {
		struct pop_channel *ch = scheduled(m, &u->slot, -1);
		struct sk_buff *copy;

		if (!ch || !pop_action_is_group(pop_channel_action(m, ch)))
			continue;
		found = true;
		atomic_inc(&m->peer[ch->peer].arrived);
		copy = skb_clone(skb, GFP_ATOMIC);
		if (!copy) {
			pop_count(c->pn, RX_NO_MEMORY);
			continue;
		}
		*POP_SKB_CB(copy) = (struct pop_skb_cb) {
			.fragment = u->fragment,
			.sealed = true,
		};
		pop_rx_payload(m, ch, u->slot.seq, copy);
	}
out:
	if (!found)
		pop_count(c->pn, RX_UNSCHEDULED);
	consume_skb(skb);
}

/*
 * An authenticated control unit that is no replay. Return: true if @skb was taken,
 * for it is part of a message now; otherwise it stays the caller's.
 */
static bool take_control(struct pop_peer *peer, const struct pop_unit *u,
			 struct sk_buff *skb, const union pop_addr *from,
			 u64 counter)
{
	bool taken = false;
	u32 len = skb->len;

	pop_count(pop_member_net(peer->member), RX_CONTROL);
	atomic64_inc(&peer->rx_units);
	pop_probe_alive(peer);
	switch (u->type) {
	case POP_UNIT_STATE_REQUEST:
		pop_state_request(peer, skb, from);
		break;
	case POP_UNIT_STATE_REPLY:
		pop_state_reply(peer, skb, from);
		break;
	case POP_UNIT_SLOTS_REQUEST:
		pop_probe_slots_request(peer, skb, from);
		break;
	case POP_UNIT_SLOTS_REPLY:
		pop_probe_slots_reply(peer, skb);
		break;
	case POP_UNIT_RETRANSMIT:
		pop_resend_request(peer, skb);
		break;
	case POP_UNIT_ECHO:
		pop_echo_input(peer, skb, from);
		break;
	case POP_UNIT_RECOVERY:
		pop_relay_request(peer, skb);
		break;
	case POP_UNIT_RELAY:
		taken = pop_recover_relay(peer, u, skb);
		break;
	case POP_UNIT_RECORD:
		pop_byzantine_record(peer, u, skb);
		break;
	}
	/* a question is not longer than what it is asked for */
	if (len >= sizeof(struct pop_state_request))
		pop_roam_control(peer, counter, from);
	return taken;
}

static void input_control(struct pop_peer *peer, const struct pop_unit *u,
			  struct sk_buff *skb, const union pop_addr *from,
			  u64 counter)
{
	struct pop_net *pn = pop_member_net(peer->member);
	u8 key[POP_KEY_LEN];
	int ret;

	if ((u->type == POP_UNIT_RELAY && !pop_recover_may_come(peer, u)) ||
	    (u->type == POP_UNIT_RECORD && !pop_byzantine_may_come(peer, u))) {
		kfree_skb(skb);
		return;
	}
	pop_key_state(key, peer->control_rx, u->aux);
	ret = pop_unseal(skb, key);
	memzero_explicit(key, sizeof(key));
	if (ret == -ENOMEM)
		pop_count(pn, RX_NO_MEMORY);
	else if (ret)
		pop_count(pn, RX_BAD_SEAL);
	else if (pop_peer_replay(peer, counter))
		pop_count(pn, RX_REPLAY);
	else if (take_control(peer, u, skb, from, counter))
		return;
	consume_skb(skb);
}

/**
 * pop_input - a datagram for the carrier
 * @pn: network namespace
 * @skb: data at the UDP payload; taken over
 * @from: where it came from
 *
 * Context: softirq, RCU.
 */
void pop_input(struct pop_net *pn, struct sk_buff *skb,
	       const union pop_addr *from)
{
	struct pop_outer outer;
	struct pop_peer *peer;
	struct pop_cid *cid;
	struct pop_unit u;

	pop_count(pn, RX_UNITS);
	/* from an emergency reserve: no socket would take a message of that */
	if (skb_pfmemalloc(skb)) {
		pop_count(pn, RX_NO_MEMORY);
		goto drop;
	}
	if (skb->len < sizeof(outer) + POP_TAG_LEN ||
	    skb_copy_bits(skb, 0, &outer, sizeof(outer))) {
		pop_count(pn, RX_SHORT);
		goto drop;
	}
	if (outer.type >> 4 != POP_VERSION) {
		pop_count(pn, RX_VERSION);
		goto drop;
	}
	if (!pop_unit_parse(&u, &outer) || too_long(&u, skb->len)) {
		pop_count(pn, RX_MALFORMED);
		goto drop;
	}
	cid = pop_cid_find(pn, outer.cid);
	if (!cid) {
		pop_count(pn, RX_UNKNOWN);
		goto drop;
	}
	if (cid->group) {
		input_group(container_of(cid, struct pop_contract, group), &u,
			    skb);
		return;
	}
	peer = container_of(cid, struct pop_peer, cid);
	if (pop_unit_is_control(u.type))
		input_control(peer, &u, skb, from, be64_to_cpu(outer.salt));
	else
		input_message(peer, &u, &outer, skb, from);
	return;

drop:
	kfree_skb(skb);
}
