// SPDX-License-Identifier: GPL-2.0
/* Control units: see control.h. */

#include "carrier.h"
#include "control.h"
#include "seal.h"
#include "unit.h"

/*
 * What goes to an address that is not the peer's known one may be this often the
 * size of what came, and no more.
 */
#define AMPLIFICATION	3

/**
 * pop_control_alloc_unit - begin a control unit whose outer part says something
 * @peer: for whom
 * @u: the outer part, but for what tells control units of a peer apart
 * @len: of the sealed part
 *
 * Context: any.
 * Return: as pop_control_alloc().
 */
struct sk_buff *pop_control_alloc_unit(struct pop_peer *peer,
				       const struct pop_unit *u, u32 len)
{
	struct sk_buff *skb = pop_unit_alloc(len, GFP_ATOMIC);
	struct pop_unit own = *u;

	if (!skb) {
		pop_count(pop_member_net(peer->member), TX_NO_MEMORY);
		return NULL;
	}
	own.aux = peer->incarnation;
	skb_put_zero(skb, len);
	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &own,
		       peer->cid_tx,
		       cpu_to_be64(atomic64_inc_return(&peer->counter)));
	return skb;
}

/**
 * pop_control_alloc - begin a control unit
 * @peer: for whom
 * @type: enum pop_unit_type
 * @len: of the sealed part
 *
 * Context: any.
 * Return: the unit in clear, its sealed part zero, at pop_control_body(); or
 * NULL without memory (counted).
 */
struct sk_buff *pop_control_alloc(struct pop_peer *peer, u8 type, u32 len)
{
	const struct pop_unit u = { .type = type };

	return pop_control_alloc_unit(peer, &u, len);
}

/*
 * Return: how long the sealed part of an answer to @from may be. If the peer is not
 * known to be there, it may be asked there as well, see roam.c.
 */
u32 pop_control_room(struct pop_peer *peer, const union pop_addr *from,
		     u32 request_len)
{
	u32 frame = sizeof(struct pop_outer) + POP_TAG_LEN;
	u32 question = frame + sizeof(struct pop_state_request);
	union pop_addr known;

	pop_peer_get_addr(peer, &known);
	if (pop_peer_same_addr(&known, from))
		return POP_DATAGRAM_LEN - frame;
	return AMPLIFICATION * (frame + request_len) - question - frame;
}

/* Channels whose digests take as long to hash as any other answer. */
#define CHANNELS_PER_ANSWER	512

/* Return: true if the peer can have so many answers now. */
static bool take_answers(struct pop_peer *peer, u32 want)
{
	unsigned long elapsed, more;
	bool got;

	spin_lock_bh(&peer->lock);
	elapsed = min(jiffies - peer->answers_at, (unsigned long)HZ);
	more = elapsed * POP_ANSWERS_MAX / HZ;
	if (more) {
		peer->answers = min_t(unsigned long, POP_ANSWERS_MAX,
				      peer->answers + more);
		peer->answers_at = jiffies;
	}
	got = peer->answers >= want;
	if (got)
		peer->answers -= want;
	spin_unlock_bh(&peer->lock);
	if (!got)
		pop_count(pop_member_net(peer->member), RX_LIMITED);
	return got;
}

/**
 * pop_control_may_answer - may a peer make us say something now?
 * @peer: whose authenticated unit wants an answer
 *
 * POP_ANSWERS_MAX in a second: more than honest ones ask for, who ask once in a
 * jiffy at most, and so little that others are not kept waiting.
 *
 * Context: any.
 * Return: true if it may; false (counted) if it asks too much: it gets nothing.
 */
bool pop_control_may_answer(struct pop_peer *peer)
{
	return take_answers(peer, 1);
}

/* The same, for an answer that tells about so many channels. */
bool pop_control_may_tell(struct pop_peer *peer, u32 channels)
{
	return take_answers(peer, 1 + channels / CHANNELS_PER_ANSWER);
}

/* Takes @skb, whatever the carrier says. */
static int sent(struct pop_net *pn, struct sk_buff *skb, int ret)
{
	if (ret)
		kfree_skb(skb);
	else
		pop_count(pn, TX_CONTROL);
	return ret;
}

/* Seal a unit and send it to its peer. Takes @skb. Return: as the carrier. */
int pop_control_send(struct pop_peer *peer, struct sk_buff *skb)
{
	pop_seal(skb, peer->key_tx);
	return sent(pop_member_net(peer->member), skb,
		    pop_carrier_send_control(peer, skb));
}

/* The same, to an address that may not be the peer's known one. */
int pop_control_send_to(struct pop_peer *peer, struct sk_buff *skb,
			const union pop_addr *to)
{
	struct pop_net *pn = pop_member_net(peer->member);

	pop_seal(skb, peer->key_tx);
	return sent(pn, skb, pop_carrier_send_to(pn, skb, to));
}

static void flush(struct pop_peer *peer)
{
	struct sk_buff *skb = peer->batch;

	if (!skb)
		return;
	peer->batch = NULL;
	skb_trim(skb, peer->batch_len);
	pop_control_send(peer, skb);
}

/**
 * pop_control_add - add a record to the unit that is being filled for a peer
 * @peer: for whom
 * @type: enum pop_unit_type; all records until it is sent are of this type
 * @size: of the record
 *
 * It is sent when it is full, and by pop_control_flush().
 *
 * Context: the member's repair work alone.
 * Return: room for the record, zeroed; or NULL without memory (counted).
 */
void *pop_control_add(struct pop_peer *peer, u8 type, u32 size)
{
	u32 full = POP_DATAGRAM_LEN - POP_TAG_LEN;
	void *record;

	if (peer->batch && peer->batch_len + size > full)
		flush(peer);
	if (!peer->batch) {
		peer->batch = pop_control_alloc(peer, type, full -
						sizeof(struct pop_outer));
		peer->batch_len = sizeof(struct pop_outer);
	}
	if (!peer->batch)
		return NULL;
	record = peer->batch->data + peer->batch_len;
	peer->batch_len += size;
	return record;
}

/* Send what has been added for all peers. Context: the member's repair work. */
void pop_control_flush(struct pop_member *m)
{
	u32 i;

	for (i = 0; i < m->contract->plan.nr_parties; i++)
		flush(&m->peer[i]);
}
