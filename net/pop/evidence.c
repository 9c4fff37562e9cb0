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

static bool known(const struct pop_peer *peer, const struct pop_channel *ch,
		  u32 seq, u8 kind)
{
	const struct pop_finding *e;

	list_for_each_entry(e, &peer->evidence, list)
		if (e->ch == ch && e->seq == seq && e->kind == kind)
			return true;
	return false;
}

/**
 * pop_evidence_add - keep a contradiction
 * @peer: whose unit came second
 * @ch: the input channel
 * @seq: of the slot, or POP_ECHO_SEQ_ALL
 * @kind: enum pop_contradiction
 * @first: what stood already
 * @second: what came against it
 *
 * The channel is violated from now on. One of a kind is enough for a slot, and
 * POP_EVIDENCE_MAX for a peer; what is beyond that is counted.
 *
 * Context: ch->lock.
 */
void pop_evidence_add(struct pop_peer *peer, struct pop_channel *ch, u32 seq,
		      u8 kind, const struct pop_exhibit *first,
		      const struct pop_exhibit *second)
{
	struct pop_net *pn = pop_member_net(peer->member);
	struct pop_finding *e = NULL;
	u32 index = 0;
	bool wanted;

	lockdep_assert_held(&ch->lock);
	pop_count(pn, RX_CONTRADICTION);
	pop_channel_violate(peer->member, ch);

	spin_lock_bh(&peer->lock);
	wanted = !known(peer, ch, seq, kind);
	if (wanted && peer->nr_evidence < POP_EVIDENCE_MAX)
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
		pop_count(pn, EVIDENCE_FULL);
	}
	spin_unlock_bh(&peer->lock);
	/* evidence stays as long as the member, whom the caller keeps */
	if (e)
		pop_netlink_evidence_event(peer, e, index);
}

/* When nobody can look at the member any more. */
void pop_evidence_free(struct pop_peer *peer)
{
	struct pop_finding *e, *next;

	list_for_each_entry_safe(e, next, &peer->evidence, list)
		kfree(e);
}
