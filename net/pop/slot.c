// SPDX-License-Identifier: GPL-2.0
/*
 * Slots: pairing header with payload, and checking.
 *
 * Header and payload, and the fragments of a payload, come in any order
 * (paper, 6). What has come of a message is a pop_rx, which belongs to its
 * slot and is protected by the channel's lock. Once all is there CRC and
 * digest are checked, and the message is delivered (deliver.c).
 */

#include <linux/crc32c.h>
#include <linux/slab.h>

#include "channel.h"
#include "early.h"
#include "echo.h"
#include "pending.h"
#include "recover.h"
#include "relay.h"
#include "rx.h"
#include "seal.h"
#include "slot.h"

static struct kmem_cache *rx_cache;

int __init pop_rx_init(void)
{
	rx_cache = KMEM_CACHE(pop_rx, SLAB_HWCACHE_ALIGN);
	return rx_cache ? 0 : -ENOMEM;
}

void pop_rx_exit(void)
{
	kmem_cache_destroy(rx_cache);
}

/* Bytes of a message with its blind, and what follows it in the payloads. */
static u32 stream_len(const struct pop_rx *rx)
{
	return pop_rx_content_len(rx) + (rx->group ? pop_rx_vouchers(rx) : 0);
}

static u32 fragment_len(const struct pop_rx *rx, u32 fragment)
{
	u32 full = be16_to_cpu(rx->header.fragment_len);

	return fragment + 1 < rx->nr ? full :
				       stream_len(rx) - full * (rx->nr - 1);
}

static void hash_restart(struct pop_rx *rx)
{
	struct pop_slot_id slot = pop_channel_slot(rx->m, rx->ask.ch, rx->ask.seq);

	rx->joined = 0;
	rx->crc = ~0;
	pop_key_digest_init(&rx->hash, &rx->m->contract->digest, &slot,
			    rx->header.sent);
}

static struct pop_peer *rx_peer(const struct pop_rx *rx)
{
	return &rx->m->peer[rx->ask.ch->peer];
}

static void uncharge(struct pop_rx *rx, u32 bytes)
{
	pop_pending_uncharge(pop_member_net(rx->m), bytes);
	atomic_sub(bytes, &rx_peer(rx)->pending);
	rx->charged -= bytes;
}

/* While a message of the peer goes first, others leave it three quarters. */
static u32 peer_max(const struct pop_rx *rx)
{
	const struct pop_ask *first = READ_ONCE(rx_peer(rx)->first);

	return first && first != &rx->ask ? POP_PENDING_PEER_MAX / 4 :
					    POP_PENDING_PEER_MAX;
}

/* Return: false (counted) if that would be too much to keep. */
static bool charge(struct pop_rx *rx, u32 bytes)
{
	struct pop_net *pn = pop_member_net(rx->m);

	if (!pop_pending_charge(pn, rx_peer(rx), bytes))
		return false;
	rx->charged += bytes;
	if (atomic_add_return(bytes, &rx_peer(rx)->pending) <= peer_max(rx))
		return true;
	uncharge(rx, bytes);
	pop_count(pn, RX_PENDING_FULL);
	return false;
}

/* As charge(), for a payload that waits for its header. */
static bool charge_early(struct pop_rx *rx, const struct sk_buff *skb)
{
	atomic_t *early = &rx_peer(rx)->early;

	if (atomic_add_return(skb->truesize, early) > POP_EARLY_MAX) {
		atomic_sub(skb->truesize, early);
		pop_count(pop_member_net(rx->m), RX_EARLY_FULL);
		return false;
	}
	if (!charge(rx, skb->truesize)) {
		atomic_sub(skb->truesize, early);
		return false;
	}
	rx->charged_early += skb->truesize;
	return true;
}

static void uncharge_early(struct pop_rx *rx)
{
	uncharge(rx, rx->charged_early);
	atomic_sub(rx->charged_early, &rx_peer(rx)->early);
	rx->charged_early = 0;
}

/* Return: the slot's pop_rx, made if there was none, or NULL (counted). */
struct pop_rx *pop_rx_of_slot(struct pop_member *m, struct pop_channel *ch,
			      u32 seq)
{
	struct pop_slot *slot = &ch->open->slot[seq];
	struct pop_rx *rx = slot->rx;

	lockdep_assert_held(&ch->lock);
	if (rx)
		return rx;
	rx = kmem_cache_zalloc(rx_cache, GFP_ATOMIC);
	if (!rx) {
		pop_count(pop_member_net(m), RX_NO_MEMORY);
		return NULL;
	}
	rx->m = m;
	rx->ask.ch = ch;
	rx->ask.seq = seq;
	INIT_LIST_HEAD(&rx->ask.list);
	__skb_queue_head_init(&rx->early);
	rx->ahead = RB_ROOT;
	INIT_LIST_HEAD(&rx->held);
	if (!charge(rx, sizeof(*rx))) {
		kmem_cache_free(rx_cache, rx);
		return NULL;
	}
	list_add_tail(&rx->list, &ch->open->pending);
	slot->rx = rx;
	return rx;
}

/* Something has come that the sender vouches for: it is asked for the rest. */
void pop_rx_watch(struct pop_rx *rx)
{
	if (list_empty(&rx->ask.list))
		pop_repair_watch(rx_peer(rx), &rx->ask);
	else
		pop_repair_touch(rx_peer(rx), &rx->ask);
}

static void free_fragments(struct pop_rx *rx)
{
	struct rb_node *p = rb_first(&rx->ahead);
	u32 bytes = rx->first ? rx->first->truesize : 0;

	while (p) {
		struct sk_buff *skb = rb_to_skb(p);

		p = rb_next(p);
		rb_erase(&skb->rbnode, &rx->ahead);
		bytes += skb->truesize;
		kfree_skb(skb);
	}
	kfree_skb(rx->first);
	rx->first = NULL;
	uncharge(rx, bytes);
}

/* Give up what has come of the payload. Context: pop_channel.lock. */
void pop_rx_restart(struct pop_rx *rx)
{
	free_fragments(rx);
	hash_restart(rx);
}

/* The same of a slot, if it is not whole: it will be asked for again. */
void pop_rx_yield(struct pop_channel *ch, u32 seq)
{
	struct pop_rx *rx;

	spin_lock_bh(&ch->lock);
	rx = pop_rx_find(ch, seq);
	if (rx && rx->have_header && !rx->complete && !rx->violated)
		pop_rx_restart(rx);
	spin_unlock_bh(&ch->lock);
}

/* It is delivered, or given up. Context: pop_channel.lock. */
void pop_rx_free(struct pop_rx *rx)
{
	rx->ask.ch->open->slot[rx->ask.seq].rx = NULL;
	list_del(&rx->list);
	pop_repair_forget(rx_peer(rx), &rx->ask);
	pop_echo_end(rx->m, rx->echoes);
	pop_relay_free(rx->relay);
	kfree(rx->recovery);
	if (rx->hinted)
		pop_recover_unhint(rx->hinted);
	pop_rx_unhold(rx);
	__skb_queue_purge(&rx->early);
	uncharge_early(rx);
	free_fragments(rx);
	/* the rest: the structure, and what a socket pays for now */
	uncharge(rx, rx->charged);
	memzero_explicit(rx->key, sizeof(rx->key));
	kmem_cache_free(rx_cache, rx);
}

void pop_rx_free_all(struct pop_open *open)
{
	struct pop_rx *rx, *next;

	list_for_each_entry_safe(rx, next, &open->pending, list)
		pop_rx_free(rx);
}

/* The fragment that follows on the chain joins it, digest and CRC. */
static void rx_join(struct pop_rx *rx, struct sk_buff *skb)
{
	u32 at = rx->first ? rx->first->len : 0, len = pop_rx_content_len(rx);

	len = at < len ? min(len - at, skb->len) : 0;
	blake2s_update(&rx->hash, skb->data, len);
	rx->crc = crc32c(rx->crc, skb->data, len);
	rx->joined++;
	if (!rx->first) {
		rx->first = skb;
	} else {
		rx->first->len += skb->len;
		rx->first->data_len += skb->len;
		rx->first->truesize += skb->truesize;
		if (rx->last == rx->first)
			skb_shinfo(rx->first)->frag_list = skb;
		else
			rx->last->next = skb;
	}
	skb->next = NULL;
	rx->last = skb;
}

/* Keep a fragment until those in front of it are there. */
static bool rx_keep_ahead(struct pop_rx *rx, struct sk_buff *skb)
{
	struct rb_node **p = &rx->ahead.rb_node, *parent = NULL;
	u32 fragment = POP_SKB_CB(skb)->fragment;

	while (*p) {
		u32 at = POP_SKB_CB(rb_to_skb(*p))->fragment;

		if (at == fragment)
			return false;
		parent = *p;
		p = fragment < at ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &rx->ahead);
	return true;
}

/* Fragments that join the chain in one go: a message may have 65,535. */
#define JOIN_ROUND	64

/* The fragment that follows on the chain, if it has come, or NULL. */
static struct sk_buff *rx_next_ahead(const struct pop_rx *rx)
{
	struct sk_buff *skb = skb_rb_first(&rx->ahead);

	return skb && POP_SKB_CB(skb)->fragment == rx->joined ? skb : NULL;
}

/* What was ahead and follows on now, or as much of it as is for one go. */
static void rx_join_ahead(struct pop_rx *rx)
{
	struct sk_buff *skb;
	u32 n;

	for (n = 0; n < JOIN_ROUND && (skb = rx_next_ahead(rx)); n++) {
		rb_erase(&skb->rbnode, &rx->ahead);
		/* the node lay over these */
		skb->prev = NULL;
		skb->dev = NULL;
		rx_join(rx, skb);
	}
}

/* Are the vouchers behind a group payload those that the header means? */
static bool rx_check_vouchers(struct pop_rx *rx)
{
	u32 at = pop_rx_content_len(rx), end = stream_len(rx), len;
	/* to find a place takes a look at all fragments before it */
	u8 part[32 * POP_VOUCHER_LEN], hash[POP_HASH_LEN];
	struct blake2s_state state;

	blake2s_init(&state, sizeof(hash));
	for (; at < end; at += len) {
		len = min_t(u32, end - at, sizeof(part));
		if (skb_copy_bits(rx->first, at, part, len))
			return false;
		blake2s_update(&state, part, len);
	}
	blake2s_final(&state, hash);
	return !memcmp(hash, rx->vouched, sizeof(rx->vouched));
}

/* All fragments are there: is it what the header says? @digest: what it is */
static bool rx_check(struct pop_rx *rx, u8 digest[POP_HASH_LEN])
{
	struct pop_net *pn = pop_member_net(rx->m);

	blake2s_final(&rx->hash, digest);
	if (~rx->crc != be32_to_cpu(rx->header.xcrc)) {
		pop_count(pn, RX_BAD_CRC);
		return false;
	}
	if (memcmp(digest, rx->header.digest, POP_HASH_LEN) ||
	    (rx->keyed && !rx_check_vouchers(rx))) {
		pop_count(pn, RX_BAD_DIGEST);
		return false;
	}
	return true;
}

/*
 * One fragment that came. Takes @skb. Return: true if it was taken in.
 */
static bool rx_fragment(struct pop_rx *rx, struct sk_buff *skb)
{
	struct pop_net *pn = pop_member_net(rx->m);
	u32 fragment = POP_SKB_CB(skb)->fragment;
	__be32 xcrc;

	if (fragment >= rx->nr ||
	    skb->len != fragment_len(rx, fragment) + sizeof(struct pop_payload)) {
		pop_count(pn, RX_BAD_FRAGMENT);
		goto drop;
	}
	memcpy(&xcrc, skb->data, sizeof(xcrc));
	if (xcrc != pop_header_crc(&rx->header)) {
		pop_count(pn, RX_BAD_CRC);
		goto drop;
	}
	if (!charge(rx, skb->truesize))
		goto drop;
	__skb_pull(skb, sizeof(struct pop_payload));
	/* what is to join yet may be that very one */
	if (fragment == rx->joined && !rx_next_ahead(rx)) {
		rx_join(rx, skb);
		rx_join_ahead(rx);
	} else if (fragment < rx->joined || !rx_keep_ahead(rx, skb)) {
		uncharge(rx, skb->truesize);
		pop_count(pn, RX_DUPLICATE);
		goto drop;
	}
	return true;

drop:
	kfree_skb(skb);
	return false;
}

/*
 * The payload is not what the header says: back to half, for the right one may
 * still come. The first time the group's key, which others have, or a fault of
 * the sender's memory may explain it. Once it was asked for again, nothing does.
 */
static void rx_fail(struct pop_rx *rx, const u8 digest[POP_HASH_LEN])
{
	struct pop_exhibit header, payload;

	pop_rx_restart(rx);
	if (pop_recover_failed(rx))
		return;
	rx->own = rx->group;
	if (rx->failed) {
		pop_exhibit_unit(&header, &rx->outer, &rx->header,
				 sizeof(rx->header));
		pop_exhibit_own(&payload, digest);
		pop_evidence_add(rx_peer(rx), rx->ask.ch, rx->ask.seq,
				 POP_CONTRADICTION_PAYLOAD, &header, &payload);
	}
	rx->failed = true;
}

/*
 * If all fragments have joined, the message is delivered. Return: true if the last
 * slot of the channel has executed.
 */
static bool rx_advance(struct pop_rx *rx)
{
	u8 digest[POP_HASH_LEN];
	bool last = false;

	if (!rx->have_header || rx->complete || rx->joined < rx->nr)
		return false;
	if (!rx_check(rx, digest)) {
		rx_fail(rx, digest);
		return false;
	}
	if (!pop_rx_assemble(rx)) {
		pop_count(pop_member_net(rx->m), RX_NO_MEMORY);
		pop_rx_restart(rx);
		return false;
	}
	rx->complete = true;
	pop_repair_forget(rx_peer(rx), &rx->ask);
	pop_rx_deliver(rx, &last);
	return last;
}

/* The same, or the repair work does it: what waits to join was too much in one go. */
static bool rx_go_on(struct pop_rx *rx)
{
	if (!rx_next_ahead(rx))
		return rx_advance(rx);
	WRITE_ONCE(rx->ask.at, jiffies);
	pop_repair_arm_peer(rx_peer(rx), jiffies);
	return false;
}

/*
 * A fragment that may be taken. Takes @skb. Context: pop_channel.lock. Return:
 * true if the last slot of the channel has executed.
 */
bool pop_rx_fragment(struct pop_rx *rx, struct sk_buff *skb)
{
	return rx_fragment(rx, skb) && rx_go_on(rx);
}

/**
 * pop_rx_catch_up - let fragments join that came before one in front of them
 * @m: the local party
 * @ch: the channel
 * @seq: of the slot
 *
 * Context: the member's repair work.
 * Return: false if there are none.
 */
bool pop_rx_catch_up(struct pop_member *m, struct pop_channel *ch, u32 seq)
{
	bool more, some = false, last = false;
	struct pop_rx *rx;

	do {
		spin_lock_bh(&ch->lock);
		rx = pop_rx_find(ch, seq);
		more = rx && rx_next_ahead(rx);
		if (more) {
			some = true;
			rx_join_ahead(rx);
			last = rx_advance(rx);
		}
		spin_unlock_bh(&ch->lock);
		cond_resched();
	} while (more);
	if (last)
		pop_channel_done(m, ch);
	return some;
}

static bool rx_has_early(const struct pop_rx *rx, u32 fragment)
{
	const struct sk_buff *skb;

	skb_queue_walk(&rx->early, skb)
		if (POP_SKB_CB(skb)->fragment == fragment)
			return true;
	return false;
}

/* A payload without its header waits, within what may be kept. */
static void rx_keep_early(struct pop_rx *rx, struct sk_buff *skb)
{
	if (rx_has_early(rx, POP_SKB_CB(skb)->fragment)) {
		pop_count(pop_member_net(rx->m), RX_DUPLICATE);
		kfree_skb(skb);
	} else if (!charge_early(rx, skb)) {
		kfree_skb(skb);
	} else {
		__skb_queue_tail(&rx->early, skb);
		pop_rx_watch(rx);
	}
}

/*
 * With the header, a group payload can be opened, and a payload that is sealed
 * in another way than the header says is refused. Takes @skb if it fails.
 */
static bool rx_unseal(struct pop_rx *rx, struct sk_buff *skb)
{
	bool sealed = POP_SKB_CB(skb)->sealed;

	/* another recipient gives it */
	if (rx->group &&
	    (!rx->keyed ||
	     (rx->recovery && rx->recovery->source != POP_NO_SOURCE))) {
		pop_count(pop_member_net(rx->m), RX_DUPLICATE);
		kfree_skb(skb);
		return false;
	}
	if (rx->own && !sealed)
		return true;
	if (!rx->own && sealed == rx->group &&
	    (!rx->group || !pop_unseal(skb, rx->key))) {
		if (rx->group)
			atomic64_inc(&rx_peer(rx)->rx_units);
		return true;
	}
	pop_count(pop_member_net(rx->m), RX_BAD_SEAL);
	kfree_skb(skb);
	return false;
}

/* What came before the header takes its place behind it. */
static void rx_place_early(struct pop_rx *rx)
{
	struct sk_buff *skb;

	uncharge_early(rx);
	pop_early_take(rx->m, rx->ask.ch, rx->ask.seq, &rx->early);
	while ((skb = __skb_dequeue(&rx->early)))
		if (rx_unseal(rx, skb))
			rx_fragment(rx, skb);
}

/* What the sender has told of a group's payload. @part: NULL for not yet */
static void set_group(struct pop_rx *rx, const struct pop_header_group *part)
{
	rx->keyed = part;
	if (!part)
		return;
	memcpy(rx->key, part->key, sizeof(rx->key));
	memcpy(rx->vouched, part->vouched, sizeof(rx->vouched));
}

/**
 * pop_rx_set_header - take a header
 * @rx: that has none
 * @outer: as it came
 * @header: as it came
 * @part: what follows it for a group, or NULL
 * @group: the payload is one for several recipients
 *
 * Context: pop_channel.lock.
 * Return: false (counted) if the contract does not allow it.
 */
bool pop_rx_set_header(struct pop_rx *rx, const struct pop_outer *outer,
		       const struct pop_header *header,
		       const struct pop_header_group *part, bool group)
{
	const struct pop_body_action *a = pop_channel_action(rx->m, rx->ask.ch);
	u32 full;

	rx->outer = *outer;
	rx->header = *header;
	rx->group = group;
	full = be16_to_cpu(rx->header.fragment_len);
	if (rx->header.reserved || rx->header.evidence != a->evidence ||
	    be32_to_cpu(rx->header.length) > be32_to_cpu(a->max) ||
	    full < POP_FRAGMENT_MIN ||
	    DIV_ROUND_UP(stream_len(rx), full) > U16_MAX) {
		pop_count(pop_member_net(rx->m), RX_BAD_HEADER);
		return false;
	}
	if (pop_echo_first(a)) {
		rx->echoes = pop_echo_begin(rx->m, rx->ask.ch, rx->ask.seq);
		if (!rx->echoes)
			return false;
	}
	rx->nr = DIV_ROUND_UP(stream_len(rx), full);
	rx->have_header = true;
	set_group(rx, part);
	hash_restart(rx);
	return true;
}

/* Its sender has contradicted itself: it will not be delivered. */
static void rx_violate(struct pop_rx *rx)
{
	rx->violated = true;
	rx->complete = false;
	pop_repair_forget(rx_peer(rx), &rx->ask);
	pop_echo_end(rx->m, rx->echoes);
	rx->echoes = NULL;
	pop_rx_unhold(rx);
	free_fragments(rx);
}

/**
 * pop_rx_contradict - a header of the sender against the one that is there
 * @m: the local party
 * @ch: the channel
 * @seq: of the slot
 * @outer: as it came
 * @header: as it came
 *
 * Context: ch->lock.
 */
void pop_rx_contradict(struct pop_member *m, struct pop_channel *ch, u32 seq,
		       const struct pop_outer *outer,
		       const struct pop_header *header)
{
	struct pop_rx *rx = pop_rx_find(ch, seq);
	struct pop_exhibit first, second;
	u8 digest[POP_HASH_LEN];

	pop_rx_exhibit(m, ch, seq, &first, digest);
	pop_exhibit_unit(&second, outer, header, sizeof(*header));
	if (rx)
		rx_violate(rx);
	pop_evidence_add(&m->peer[ch->peer], ch, seq,
			 POP_CONTRADICTION_HEADERS, &first, &second);
}

/* What came was not taken: is there a reason left to have it? */
static void free_if_nothing(struct pop_rx *rx)
{
	if (skb_queue_empty(&rx->early) && !rx->hinted && !rx->recovery)
		pop_rx_free(rx);
}

/* A header for a slot that has one: see pop_rx_header(). */
static void second_header(struct pop_member *m, struct pop_channel *ch, u32 seq,
			  const struct pop_outer *outer,
			  const struct pop_header *header,
			  const struct pop_header_group *part)
{
	struct pop_rx *rx = pop_rx_find(ch, seq);
	struct pop_header there;

	if (rx)
		there = rx->header;
	else
		pop_slot_header(m, ch, &ch->open->slot[seq], &there);
	if (memcmp(header, &there, sizeof(*header))) {
		pop_rx_contradict(m, ch, seq, outer, header);
		return;
	}
	/* what was had from another recipient comes without this */
	if (rx && !rx->keyed && rx->group)
		set_group(rx, part);
	pop_count(pop_member_net(m), RX_DUPLICATE);
}

/* Return: the slot if a unit may still come for it, or NULL (counted). */
static struct pop_slot *open_slot(struct pop_member *m, struct pop_channel *ch,
				  u32 seq)
{
	struct pop_slot *slot;

	lockdep_assert_held(&ch->lock);
	if (pop_channel_refuses(m, ch))
		return NULL;
	if (!ch->open) {
		if (ch->done == ch->count)
			pop_count(pop_member_net(m), RX_DUPLICATE);
		else
			pop_count(pop_member_net(m), RX_NOT_OPEN);
		return NULL;
	}
	slot = &ch->open->slot[seq];
	if (slot->executed) {
		pop_count(pop_member_net(m), RX_DUPLICATE);
		return NULL;
	}
	return slot;
}

/**
 * pop_rx_header - an authenticated HEADER for a slot
 * @m: the local party
 * @ch: the channel
 * @seq: of the slot
 * @outer: as it came
 * @header: as it came
 * @part: what followed it for a group, or NULL
 *
 * Context: softirq or process, RCU.
 */
void pop_rx_header(struct pop_member *m, struct pop_channel *ch, u32 seq,
		   const struct pop_outer *outer,
		   const struct pop_header *header,
		   const struct pop_header_group *part)
{
	bool last = false;
	struct pop_rx *rx;

	if (outer->salt != pop_key_salt(header)) {
		pop_count(pop_member_net(m), RX_BAD_HEADER);
		return;
	}
	spin_lock_bh(&ch->lock);
	if (ch->open && ch->open->slot[seq].executed) {
		second_header(m, ch, seq, outer, header, part);
		goto out;
	}
	if (ch->flags & POP_CHANNEL_F_LATE) {
		pop_evidence_late(&m->peer[ch->peer], ch, seq, outer, header);
		goto out;
	}
	if (!open_slot(m, ch, seq))
		goto out;
	rx = pop_rx_of_slot(m, ch, seq);
	if (!rx)
		goto out;
	if (rx->have_header) {
		second_header(m, ch, seq, outer, header, part);
		goto out;
	}
	if (!pop_rx_set_header(rx, outer, header, part, part)) {
		free_if_nothing(rx);
		goto out;
	}
	pop_rx_watch(rx);
	rx_place_early(rx);
	last = rx_go_on(rx);
out:
	spin_unlock_bh(&ch->lock);
	if (last)
		pop_channel_done(m, ch);
}

/**
 * pop_rx_payload - a PAYLOAD for a slot
 * @m: the local party
 * @ch: the channel
 * @seq: of the slot
 * @skb: struct pop_skb_cb filled in; data at struct pop_payload, or at the
 *	 outer part when it is still sealed; taken over
 *
 * Context: softirq or process, RCU.
 */
void pop_rx_payload(struct pop_member *m, struct pop_channel *ch, u32 seq,
		    struct sk_buff *skb)
{
	struct pop_skb_cb *cb = POP_SKB_CB(skb);
	struct pop_slot *slot;
	struct pop_rx *rx = NULL;
	bool last = false;

	spin_lock_bh(&ch->lock);
	slot = open_slot(m, ch, seq);
	if (slot && cb->sealed && !(slot->rx && slot->rx->have_header)) {
		cb->ch = ch;
		cb->seq = seq;
		pop_early_keep(m, skb);
		goto out;
	}
	if (slot)
		rx = pop_rx_of_slot(m, ch, seq);
	if (!rx) {
		kfree_skb(skb);
	} else if (rx->complete || rx->violated) {
		pop_count(pop_member_net(m), RX_DUPLICATE);
		kfree_skb(skb);
	} else if (!rx->have_header) {
		rx_keep_early(rx, skb);
		free_if_nothing(rx);
	} else if (rx_unseal(rx, skb) && rx_fragment(rx, skb)) {
		pop_repair_touch(rx_peer(rx), &rx->ask);
		pop_recover_gave(rx);
		last = rx_go_on(rx);
	}
out:
	spin_unlock_bh(&ch->lock);
	if (last)
		pop_channel_done(m, ch);
}
