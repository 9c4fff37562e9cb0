// SPDX-License-Identifier: GPL-2.0
/*
 * The way out of a message: copied from the user in fragments, hashed, and
 * for each recipient sealed and sent, header first.
 *
 * A message for one recipient is sealed where it lies. One for all recipients
 * of a "same" action is sealed once, under a key that each recipient's header
 * carries, and goes to the contract's group or, in copies, to each of them.
 */

#include <linux/crc32.h>
#include <linux/random.h>
#include <linux/ktime.h>
#include <linux/uio.h>

#include "carrier.h"
#include "channel.h"
#include "keep.h"
#include "output.h"
#include "seal.h"
#include "unit.h"

/* Cut @len bytes of @from into fragments, the first one with the blind. */
static int copy_fragments(struct pop_message *msg, struct msghdr *from,
			  size_t len)
{
	u32 lead = POP_BLIND_LEN;

	do {
		u32 part = min_t(size_t, len, POP_FRAGMENT_LEN - lead);
		struct sk_buff *skb;

		skb = pop_unit_alloc(sizeof(struct pop_payload) + lead + part,
				     GFP_KERNEL);
		if (!skb)
			return -ENOMEM;
		__skb_queue_tail(&msg->payload, skb);

		skb_put(skb, sizeof(struct pop_payload));
		if (lead)
			get_random_bytes(skb_put(skb, lead), lead);
		if (memcpy_from_msg(skb_put(skb, part), from, part))
			return -EFAULT;
		len -= part;
		lead = 0;
	} while (len);
	return 0;
}

/**
 * pop_output_copy - take a message from the user
 * @msg: m and charge filled in; pop_output_free() is due whatever comes back
 * @from: the user's message
 * @len: of the message, in bytes
 *
 * Return: 0, -ENOMEM or -EFAULT.
 */
int pop_output_copy(struct pop_message *msg, struct msghdr *from, size_t len)
{
	struct sk_buff *skb;
	u32 crc = ~0;
	int ret;

	__skb_queue_head_init(&msg->payload);
	ret = copy_fragments(msg, from, len);
	if (ret)
		return ret;
	skb_queue_walk(&msg->payload, skb)
		crc = __crc32c_le(crc, skb->data + sizeof(struct pop_payload),
				  skb->len - sizeof(struct pop_payload));
	msg->header = (struct pop_header) {
		.xcrc = cpu_to_be32(~crc),
		.length = cpu_to_be32(len),
		.fragment_len = cpu_to_be16(POP_FRAGMENT_LEN),
		.sent = cpu_to_be64(ktime_get_real_ns()),
	};
	return 0;
}

void pop_output_free(struct pop_message *msg)
{
	__skb_queue_purge(&msg->payload);
}

/*
 * Reserve slot *@seq of a channel for one sender. Return: 0 and the slot's
 * number; -EALREADY if it was used; -EAGAIN if the channel is not open.
 */
static int claim_slot(struct pop_channel *ch, u32 *seq)
{
	int ret = -EALREADY;
	u32 i;

	spin_lock_bh(&ch->lock);
	if (!ch->open) {
		if (ch->done < ch->count)
			ret = -EAGAIN;
		goto out;
	}
	i = *seq;
	if (i == POP_SEQ_NEXT)
		for (i = ch->next; i < ch->count; i++)
			if (!ch->open->slot[i].claimed)
				break;
	if (i < ch->count && !ch->open->slot[i].claimed) {
		ch->open->slot[i].claimed = true;
		*seq = i;
		ret = 0;
	}
out:
	spin_unlock_bh(&ch->lock);
	return ret;
}

static void unclaim_slot(struct pop_channel *ch, u32 seq)
{
	spin_lock_bh(&ch->lock);
	if (ch->open)
		ch->open->slot[seq].claimed = false;
	spin_unlock_bh(&ch->lock);
}

/* The message is sent: from now on it is kept for the recipient. */
static void execute_slot(struct pop_keep_to *to, const u8 *digest)
{
	struct pop_member *m = to->keep->m;
	struct pop_channel *ch = to->ch;
	bool last = false;

	spin_lock_bh(&ch->lock);
	if (ch->open) {
		pop_keep_add(to);
		last = pop_channel_execute(ch, to->keep->seq, digest);
	}
	spin_unlock_bh(&ch->lock);
	pop_member_run(m);
	if (last)
		pop_channel_done(m, ch);
}

/* The slot is known now, and with it the digest. */
static void finish_header(struct pop_message *msg, const struct pop_channel *ch,
			  const struct pop_slot_id *slot)
{
	const struct pop_contract *c = msg->m->contract;
	struct blake2s_state hash;
	struct sk_buff *skb;
	__be32 xcrc;

	pop_key_digest_init(&hash, c->hash, be32_to_cpu(c->plan.body->epoch),
			    slot);
	skb_queue_walk(&msg->payload, skb)
		blake2s_update(&hash, skb->data + sizeof(struct pop_payload),
			       skb->len - sizeof(struct pop_payload));
	blake2s_final(&hash, msg->header.digest);
	msg->header.evidence = pop_channel_action(msg->m, ch)->evidence;

	xcrc = cpu_to_be32(~__crc32c_le(~0, (u8 *)&msg->header,
					sizeof(msg->header)));
	skb_queue_walk(&msg->payload, skb)
		memcpy(skb->data, &xcrc, sizeof(xcrc));
}

/**
 * header_unit - the HEADER for one recipient
 * @msg: the message
 * @slot: of the message
 * @cid: of units to the recipient
 * @key: of the slot towards the recipient
 * @group_key: of the payloads, or NULL
 *
 * Return: the unit, or NULL without memory.
 */
static struct sk_buff *header_unit(const struct pop_message *msg,
				   const struct pop_slot_id *slot, __be64 cid,
				   const u8 *key, const u8 *group_key)
{
	struct pop_unit u = {
		.slot = *slot,
		.type = POP_UNIT_HEADER,
		.flags = group_key ? POP_UNIT_F_GROUP : 0,
	};
	struct sk_buff *skb;

	skb = pop_unit_alloc(sizeof(msg->header) + POP_KEY_LEN, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_put_data(skb, &msg->header, sizeof(msg->header));
	if (group_key)
		skb_put_data(skb, group_key, POP_KEY_LEN);
	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &u, cid,
		       pop_key_salt(key, &msg->header));
	pop_seal(skb, key);
	return skb;
}

/* Make PAYLOAD units of all fragments, where they lie. */
static void seal_payload(struct pop_message *msg, const struct pop_slot_id *slot,
			 __be64 cid, const u8 *key, u8 flags)
{
	__be64 salt = pop_key_salt(key, &msg->header);
	struct pop_unit u = {
		.slot = *slot,
		.type = POP_UNIT_PAYLOAD,
		.flags = flags,
	};
	struct sk_buff *skb;

	skb_queue_walk(&msg->payload, skb) {
		pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &u, cid,
			       salt);
		pop_seal(skb, key);
		u.fragment++;
	}
}

/*
 * Send a unit of a payload to the group of the contract. Return: false if there
 * is no route.
 */
bool pop_output_group(struct pop_keep *keep, struct sk_buff *unit)
{
	struct pop_net *pn = pop_member_net(keep->m);
	struct sk_buff *skb = pop_keep_unit(keep, unit, GFP_KERNEL);
	union pop_addr group;

	if (!skb)
		return true;
	if (keep->family == AF_INET)
		pop_contract_group4(keep->m->contract, &group);
	else
		pop_contract_group6(keep->m->contract, &group);
	if (pop_carrier_send_to(pn, skb, &group, NULL)) {
		kfree_skb(skb);
		return false;
	}
	pop_count(pn, TX_GROUP);
	return true;
}

static void send_unit(struct pop_keep_to *to, struct sk_buff *unit)
{
	struct sk_buff *skb = pop_keep_unit(to->keep, unit, GFP_KERNEL);

	if (skb)
		pop_carrier_send(&to->keep->m->peer[to->ch->peer], skb);
}

/* One recipient: 2 datagrams, or more when the payload is long. */
static int send_single(struct pop_message *msg, struct pop_channel *ch,
		       const struct pop_slot_id *slot)
{
	struct pop_peer *peer = &msg->m->peer[ch->peer];
	struct pop_keep *keep = NULL;
	struct sk_buff *header;
	u8 key[POP_KEY_LEN];
	u32 i;

	if (!pop_channel_slot_key(msg->m, ch, slot, key))
		return -ESHUTDOWN;
	header = header_unit(msg, slot, peer->cid_tx, key, NULL);
	if (header) {
		seal_payload(msg, slot, peer->cid_tx, key, 0);
		keep = pop_keep_alloc(msg, msg->charge, ch, 1, slot->seq);
	}
	memzero_explicit(key, sizeof(key));
	if (!keep) {
		kfree_skb(header);
		return -ENOMEM;
	}
	keep->to[0].header = header;

	execute_slot(&keep->to[0], msg->header.digest);
	for (i = 0; i < keep->to[0].direct; i++)
		send_unit(&keep->to[0], i ? keep->payload[i - 1] : header);
	pop_keep_watch(keep);
	pop_keep_put(keep);
	return 0;
}

/*
 * Of which family the group of the contract is that reaches all recipients. Zero
 * if there is none.
 */
static sa_family_t group_family(struct pop_member *m,
				const struct pop_channel *first, u32 nr)
{
	sa_family_t family = AF_UNSPEC;
	union pop_addr addr;
	u32 i;

	if (!pop_member_net(m)->carrier.multicast)
		return AF_UNSPEC;
	for (i = 0; i < nr; i++) {
		pop_peer_get_addr(&m->peer[first[i].peer], &addr);
		if (i && addr.sa.sa_family != family)
			return AF_UNSPEC;
		family = addr.sa.sa_family;
	}
	return family;
}

/* Each recipient's header carries the key of the one payload. */
static int group_headers(struct pop_message *msg, struct pop_channel *first,
			 u32 nr, const struct pop_slot_id *slot,
			 const u8 *group_key, struct sk_buff_head *headers)
{
	u8 key[POP_KEY_LEN];
	int ret = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		struct pop_peer *peer = &msg->m->peer[first[i].peer];
		struct sk_buff *skb;

		ret = -ESHUTDOWN;
		if (!pop_channel_slot_key(msg->m, &first[i], slot, key))
			break;
		skb = header_unit(msg, slot, peer->cid_tx, key, group_key);
		ret = skb ? 0 : -ENOMEM;
		if (ret)
			break;
		__skb_queue_tail(headers, skb);
	}
	memzero_explicit(key, sizeof(key));
	return ret;
}

/* The payload to all recipients: to the group, or in copies. */
static void send_group_payload(struct pop_keep *keep)
{
	u32 i, k, units;

	if (keep->family) {
		units = pop_share_take_group(keep);
		for (i = 0; i < units; i++)
			if (!pop_output_group(keep, keep->payload[i])) {
				pop_share_copies(keep);
				break;
			}
		return;
	}
	for (i = 0; i < keep->nr_payload; i++)
		for (k = 0; k < keep->nr; k++)
			if (i + 1 < keep->to[k].direct)
				send_unit(&keep->to[k], keep->payload[i]);
}

static int send_group(struct pop_message *msg, struct pop_channel *first,
		      u32 nr, const struct pop_slot_id *slot)
{
	struct pop_member *m = msg->m;
	struct pop_keep *keep = NULL;
	struct sk_buff_head headers;
	u8 group_key[POP_KEY_LEN];
	int ret;
	u32 i;

	__skb_queue_head_init(&headers);
	get_random_bytes(group_key, sizeof(group_key));
	ret = group_headers(msg, first, nr, slot, group_key, &headers);
	if (!ret) {
		seal_payload(msg, slot, m->contract->group.cid, group_key,
			     POP_UNIT_F_GROUP);
		keep = pop_keep_alloc(msg, msg->charge, first, nr, slot->seq);
		ret = keep ? 0 : -ENOMEM;
	}
	if (keep) {
		keep->group = true;
		keep->family = group_family(m, first, nr);
		memcpy(keep->key, group_key, sizeof(keep->key));
	}
	memzero_explicit(group_key, sizeof(group_key));
	if (ret) {
		__skb_queue_purge(&headers);
		return ret;
	}

	for (i = 0; i < nr; i++) {
		keep->to[i].header = __skb_dequeue(&headers);
		execute_slot(&keep->to[i], msg->header.digest);
	}
	for (i = 0; i < nr; i++)
		if (keep->to[i].direct)
			send_unit(&keep->to[i], keep->to[i].header);
	send_group_payload(keep);
	pop_keep_watch(keep);
	pop_keep_put(keep);
	return 0;
}

static bool endpoints_known(struct pop_member *m,
			    const struct pop_channel *first, u32 nr)
{
	union pop_addr addr;
	u32 i;

	for (i = 0; i < nr; i++) {
		pop_peer_get_addr(&m->peer[first[i].peer], &addr);
		if (addr.sa.sa_family == AF_UNSPEC)
			return false;
	}
	return true;
}

/**
 * pop_output - send a message into the next or a given slot
 * @msg: from pop_output_copy(); its payload is used up on success
 * @first: the recipient's channel, or the first one of a "same" action
 * @nr: 1, or all recipients of a "same" action
 * @seq: of the slot, or POP_SEQ_NEXT
 *
 * The slot has executed when this returns 0, and the message is kept until it is
 * known to have arrived.
 *
 * Return: 0; -EALREADY if the slot has executed or the channel is done;
 * -EAGAIN if the channel is not open yet; -EHOSTUNREACH while a recipient has
 * no endpoint; -ESHUTDOWN if the contract has ended; -ENOMEM.
 */
int pop_output(struct pop_message *msg, struct pop_channel *first, u32 nr,
	       u32 seq)
{
	struct pop_net *pn = pop_member_net(msg->m);
	struct pop_slot_id slot;
	int ret;

	if (!endpoints_known(msg->m, first, nr)) {
		pop_count(pn, TX_NO_ENDPOINT);
		return -EHOSTUNREACH;
	}
	/* the channels of a "same" action are only ever used together */
	ret = claim_slot(first, &seq);
	if (ret)
		return ret;
	slot = pop_channel_slot(msg->m, first, seq);
	finish_header(msg, first, &slot);
	ret = nr == 1 ? send_single(msg, first, &slot) :
			send_group(msg, first, nr, &slot);
	if (ret) {
		unclaim_slot(first, seq);
		if (ret == -ENOMEM)
			pop_count(pn, TX_NO_MEMORY);
		return ret;
	}
	pop_count(pn, TX_EXECUTED);
	return 0;
}
