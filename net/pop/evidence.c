// SPDX-License-Identifier: GPL-2.0
/*
 * Evidence: two units that cannot both be honest (paper, 2.2 and 4.2).
 *
 * Both are kept as they came, with the seal taken off. The seal is between two
 * parties, so that they convince who trusts this node, and nobody else: a proof
 * for others takes signatures, which are made and checked in user space.
 */

#include <linux/ktime.h>
#include <linux/slab.h>

#include "byzantine.h"
#include "channel.h"
#include "evidence.h"
#include "netlink.h"

/* A unit as it came. @body: @len bytes, of which what there is room for. */
void pop_exhibit_unit(struct pop_exhibit *x, const struct pop_outer *outer,
		      const void *body, u32 len)
{
	x->outer = *outer;
	x->len = min_t(u32, len, sizeof(x->body));
	memcpy(x->body, body, x->len);
}

/* What the member itself has worked out. */
void pop_exhibit_own(struct pop_exhibit *x, const u8 digest[POP_HASH_LEN])
{
	memset(&x->outer, 0, sizeof(x->outer));
	x->len = POP_HASH_LEN;
	memcpy(x->body, digest, POP_HASH_LEN);
}

/* Return: what is kept of that kind, or NULL. Context: peer->lock. */
static const struct pop_finding *find(const struct pop_peer *peer,
				      const struct pop_channel *ch, u32 seq,
				      u8 kind)
{
	const struct pop_finding *e;

	list_for_each_entry(e, &peer->evidence, list)
		if (e->ch == ch && e->seq == seq && e->kind == kind)
			return e;
	return NULL;
}

static u32 put_exhibit(u8 *to, const struct pop_exhibit *x)
{
	memcpy(to, &x->outer, sizeof(x->outer));
	memcpy(to + sizeof(x->outer), x->body, x->len);
	return sizeof(x->outer) + x->len;
}

/* Tell the sockets of the Byzantine channel. */
static void notice(struct pop_peer *peer, const struct pop_finding *e, u32 index)
{
	struct pop_slot_id slot = pop_channel_slot(peer->member, e->ch, e->seq);
	u8 data[sizeof(struct pop_notice) + 2 * (sizeof(struct pop_outer) +
						 sizeof(e->first.body))];
	struct pop_notice n = {
		.kind = e->kind,
		.index = index,
		.sender = e->ch->peer,
	};
	u32 len = sizeof(n);

	n.first = put_exhibit(data + len, &e->first);
	len += n.first;
	n.second = put_exhibit(data + len, &e->second);
	len += n.second;
	memcpy(data, &n, sizeof(n));
	pop_byzantine_notice(peer->member, POP_RECORD_EVIDENCE, slot.phase,
			     slot.action, slot.seq, peer->party, data, len);
}

/* Do these two alone show that their sender is at fault? */
static bool is_proof(u8 kind)
{
	return kind == POP_CONTRADICTION_HEADERS ||
	       kind == POP_CONTRADICTION_PAYLOAD;
}

/*
 * What is no proof takes half of the room at most: else a peer could fill it, and
 * nothing would be left of what it is guilty of. Context: peer->lock.
 */
static bool has_room(const struct pop_peer *peer, u8 kind)
{
	const struct pop_finding *e;
	u32 weak = 0;

	if (is_proof(kind))
		return peer->nr_evidence < POP_EVIDENCE_MAX;
	list_for_each_entry(e, &peer->evidence, list)
		weak += !is_proof(e->kind);
	return peer->nr_evidence < POP_EVIDENCE_MAX && weak < POP_EVIDENCE_MAX / 2;
}

/* One of a kind is enough for a slot. Context: ch->lock. */
static void keep(struct pop_peer *peer, struct pop_channel *ch, u32 seq, u8 kind,
		 const struct pop_exhibit *first,
		 const struct pop_exhibit *second)
{
	struct pop_finding *e = NULL;
	u32 index = 0;
	bool wanted;

	spin_lock_bh(&peer->lock);
	wanted = !find(peer, ch, seq, kind);
	if (wanted && has_room(peer, kind))
		e = kmalloc(sizeof(*e), GFP_ATOMIC);
	if (e) {
		*e = (struct pop_finding) {
			.ch = ch,
			.seq = seq,
			.kind = kind,
			.at = ktime_get_real_ns(),
			.first = *first,
			.second = *second,
		};
		list_add_tail(&e->list, &peer->evidence);
		index = peer->nr_evidence++;
	} else if (wanted) {
		pop_count(pop_member_net(peer->member), EVIDENCE_FULL);
	}
	spin_unlock_bh(&peer->lock);
	/* evidence stays as long as the member, whom the caller keeps */
	if (!e)
		return;
	pop_netlink_evidence_event(peer, e, index);
	notice(peer, e, index);
}

/**
 * pop_evidence_add - keep a contradiction
 * @peer: whose unit came second
 * @ch: the input channel
 * @seq: of the slot, or POP_ECHO_SEQ_ALL
 * @kind: enum pop_contradiction, but for POP_CONTRADICTION_LATE
 * @first: what stood already
 * @second: what came against it
 *
 * The channel is violated from now on. One of a kind is enough for a slot, and
 * POP_EVIDENCE_MAX for a peer, half of them for what is no proof; what is beyond
 * that is counted.
 *
 * Context: ch->lock.
 */
void pop_evidence_add(struct pop_peer *peer, struct pop_channel *ch, u32 seq,
		      u8 kind, const struct pop_exhibit *first,
		      const struct pop_exhibit *second)
{
	lockdep_assert_held(&ch->lock);
	pop_count(pop_member_net(peer->member), RX_CONTRADICTION);
	pop_channel_violate(peer->member, ch);
	keep(peer, ch, seq, kind, first, second);
}

/**
 * pop_evidence_wants_late - is a header after the verdict "late" worth opening?
 * @peer: who is said to have sent it
 * @ch: the input channel
 * @seq: of the slot, which has not executed
 * @salt: of the header
 *
 * The first one is, and one that differs from it.
 *
 * Context: ch->lock.
 */
bool pop_evidence_wants_late(struct pop_peer *peer, const struct pop_channel *ch,
			     u32 seq, __be64 salt)
{
	const struct pop_finding *late;
	bool wanted;

	lockdep_assert_held(&ch->lock);
	spin_lock_bh(&peer->lock);
	late = find(peer, ch, seq, POP_CONTRADICTION_LATE);
	if (!late)
		wanted = has_room(peer, POP_CONTRADICTION_LATE);
	else
		wanted = late->second.outer.salt != salt &&
			 has_room(peer, POP_CONTRADICTION_HEADERS) &&
			 !find(peer, ch, seq, POP_CONTRADICTION_HEADERS);
	spin_unlock_bh(&peer->lock);
	return wanted;
}

/**
 * pop_evidence_late - a header came after the verdict "late"
 * @peer: who sent it
 * @ch: the input channel
 * @seq: of the slot, which has not executed
 * @outer: as it came
 * @header: as it came
 *
 * It shows that there is such a message, and what it is, if the sender does not
 * deny that: being late is no violation. Two that differ are.
 *
 * Context: ch->lock.
 */
void pop_evidence_late(struct pop_peer *peer, struct pop_channel *ch, u32 seq,
		       const struct pop_outer *outer,
		       const struct pop_header *header)
{
	const struct pop_exhibit verdict = {};
	const struct pop_finding *late;
	struct pop_exhibit unit;

	lockdep_assert_held(&ch->lock);
	pop_exhibit_unit(&unit, outer, header, sizeof(*header));
	spin_lock_bh(&peer->lock);
	late = find(peer, ch, seq, POP_CONTRADICTION_LATE);
	spin_unlock_bh(&peer->lock);
	if (late && memcmp(late->second.body, header, sizeof(*header))) {
		pop_evidence_add(peer, ch, seq, POP_CONTRADICTION_HEADERS,
				 &late->second, &unit);
		return;
	}
	pop_count(pop_member_net(peer->member), RX_LATE);
	keep(peer, ch, seq, POP_CONTRADICTION_LATE, &verdict, &unit);
}

/* When nobody can look at the member any more. */
void pop_evidence_free(struct pop_peer *peer)
{
	struct pop_finding *e, *next;

	list_for_each_entry_safe(e, next, &peer->evidence, list)
		kfree(e);
}
