// SPDX-License-Identifier: GPL-2.0
/*
 * The way out of a message: copied from the user in fragments, hashed, and
 * for each recipient sealed and sent, the header with the first of them or before.
 *
 * A message for one recipient is sealed where it lies. One for all recipients
 * of a "same" action is sealed once, under a key that each recipient's header
 * carries, and goes to the contract's group or, in copies, to each of them.
 */

#include <linux/crc32c.h>
#include <linux/random.h>
#include <linux/ktime.h>
#include <linux/uio.h>

#include "carrier.h"
#include "channel.h"
#include "keep.h"
#include "output.h"
#include "seal.h"
#include "slot.h"
#include "unit.h"

/*
 * Return: how long fragments can be, so that each passes on the way to every
 * recipient as far as is known, and there are not too many.
 */
static u32 fragment_len(const struct pop_message *msg,
			const struct pop_channel *first, u32 nr, size_t stream)
{
	u32 i, full = POP_FRAGMENT_LEN, around = POP_DATAGRAM_LEN - full;

	/* shorter fragments are not allowed */
	if (stream <= POP_FRAGMENT_MIN)
		return full;
	for (i = 0; i < nr; i++) {
		u32 room = pop_carrier_room(&msg->m->peer[first[i].peer]);

		full = min(full, max(room, around) - around);
	}
	return max3(full, (u32)POP_FRAGMENT_MIN,
		    (u32)DIV_ROUND_UP(stream, U16_MAX));
}

/* Bytes of a HEADER without GROUP */
#define HEADER_LEN	(sizeof(struct pop_outer) + sizeof(struct pop_header) + \
			 POP_TAG_LEN)

/*
 * A buffer for the first PAYLOAD of a message. There is room for the HEADER, too:
 * behind it, or in front of one that is shorter than that, for the second unit of
 * a GSO packet cannot be the longer one.
 */
static struct sk_buff *alloc_pair(u32 text)
{
	struct sk_buff *skb = pop_unit_alloc(text + HEADER_LEN, GFP_KERNEL_ACCOUNT);

	if (skb && text + sizeof(struct pop_outer) + POP_TAG_LEN < HEADER_LEN)
		skb_reserve(skb, HEADER_LEN);
	return skb;
}

/* Of the CPU's stock, for get_random_bytes() makes itself a new key each time. */
static void put_blind(struct sk_buff *skb)
{
	const u64 blind[] = { get_random_u64(), get_random_u64() };

	static_assert(sizeof(blind) == POP_BLIND_LEN);
	skb_put_data(skb, blind, sizeof(blind));
}

/*
 * Cut @len bytes of @from into fragments of @full bytes, the first one with the
 * blind, and leave room for @vouchers bytes behind them. They may be kept for long
 * after the socket was closed: the user's memory cgroup pays.
 */
static int copy_fragments(struct pop_message *msg, struct msghdr *from,
			  size_t len, size_t vouchers, u32 full)
{
	bool single = !vouchers;
	u32 lead = POP_BLIND_LEN;

	do {
		u32 part = min_t(size_t, len + vouchers, full - lead);
		u32 text, copy = min_t(size_t, len, part);
		struct sk_buff *skb;

		text = sizeof(struct pop_payload) + lead + part;
		skb = single && lead ? alloc_pair(text) :
				       pop_unit_alloc(text, GFP_KERNEL_ACCOUNT);
		if (!skb)
			return -ENOMEM;
		__skb_queue_tail(&msg->payload, skb);

		skb_put(skb, sizeof(struct pop_payload));
		if (lead)
			put_blind(skb);
		if (memcpy_from_msg(skb_put(skb, copy), from, copy))
			return -EFAULT;
		skb_put_zero(skb, part - copy);
		len -= copy;
		vouchers -= part - copy;
		lead = 0;
	} while (len + vouchers);
	return 0;
}

/* How much of a fragment is blind and message, of which @left bytes are left. */
static u32 content(const struct sk_buff *skb, u32 *left)
{
	u32 part = min_t(u32, *left, skb->len - sizeof(struct pop_payload));

	*left -= part;
	return part;
}

/**
 * pop_output_copy - take a message from the user
 * @msg: m and charge filled in; pop_output_free() is due whatever comes back
 * @first: the recipient's channel, or the first one of a "same" action
 * @nr: how many recipients
 * @from: the user's message
 * @len: of the message, in bytes
 *
 * Return: 0, -ENOMEM or -EFAULT.
 */
int pop_output_copy(struct pop_message *msg, const struct pop_channel *first,
		    u32 nr, struct msghdr *from, size_t len)
{
	u32 crc = ~0, full, left = POP_BLIND_LEN + len;
	u32 vouchers = nr > 1 ? nr * POP_VOUCHER_LEN : 0;
	struct sk_buff *skb;
	int ret;

	__skb_queue_head_init(&msg->payload);
	full = fragment_len(msg, first, nr, POP_BLIND_LEN + len + vouchers);
	ret = copy_fragments(msg, from, len, vouchers, full);
	if (ret)
		return ret;
	skb_queue_walk(&msg->payload, skb) {
		u32 part = content(skb, &left);

		crc = crc32c(crc, skb->data + sizeof(struct pop_payload), part);
	}
	msg->header = (struct pop_header) {
		.xcrc = cpu_to_be32(~crc),
		.length = cpu_to_be32(len),
		.fragment_len = cpu_to_be16(full),
		.sent = cpu_to_be64(ktime_get_real_ns()),
	};
	return 0;
}

void pop_output_free(struct pop_message *msg)
{
	__skb_queue_purge(&msg->payload);
}

/*
 * Reserve slot *@seq of a channel for one sender; in that of @live all before
 * its next are used. Return: 0 and the slot's number; -EALREADY if it was used;
 * -EAGAIN if the channel is not open yet; -ESHUTDOWN if it is not any more.
 */
static int claim_slot(struct pop_member *m, struct pop_channel *ch,
		      const struct pop_channel *live, u32 *seq)
{
	int ret = -EALREADY;
	u32 i;

	spin_lock_bh(&ch->lock);
	if (!ch->open) {
		if (!pop_channel_is_done(ch))
			ret = pop_channel_ended(m) ? -ESHUTDOWN : -EAGAIN;
		goto out;
	}
	i = *seq;
	if (i == POP_SEQ_NEXT)
		for (i = READ_ONCE(live->next); i < ch->count; i++)
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

/*
 * The message is sent: from now on it is kept for the recipient. Return: false
 * if there was a verdict on the channel, or that was closed meanwhile, for the
 * contract was aborted or the member is dead; the recipient gets nothing.
 */
static bool execute_slot(struct pop_keep_to *to,
			 const struct pop_header *header)
{
	struct pop_member *m = to->keep->m;
	struct pop_channel *ch = to->ch;
	bool last = false, gone;

	spin_lock_bh(&ch->lock);
	gone = !ch->open || ch->flags & POP_CHANNEL_DECIDED;
	if (!gone) {
		pop_keep_add(to);
		last = pop_channel_execute(m, ch, to->keep->seq, header);
	}
	spin_unlock_bh(&ch->lock);
	if (gone) {
		kfree_skb(to->header);
		to->header = NULL;
		return false;
	}
	pop_member_run(m);
	if (last)
		pop_channel_done(m, ch);
	return true;
}

/* Nobody gets a message, as execute_slot() has found. Return: why. */
static int why_gone(const struct pop_channel *first, u32 nr)
{
	int live = pop_channel_live(first, nr);

	return live < 0 ? live : -ESHUTDOWN;
}

/* The slot is known now, and with it the digest. */
static void finish_header(struct pop_message *msg, const struct pop_channel *ch,
			  const struct pop_slot_id *slot)
{
	u32 left = POP_BLIND_LEN + be32_to_cpu(msg->header.length);
	struct blake2s_state hash;
	struct sk_buff *skb;
	__be32 xcrc;

	pop_key_digest_init(&hash, &msg->m->contract->digest, slot,
			    msg->header.sent);
	skb_queue_walk(&msg->payload, skb) {
		u32 part = content(skb, &left);

		blake2s_update(&hash, skb->data + sizeof(struct pop_payload),
			       part);
	}
	blake2s_final(&hash, msg->header.digest);
	msg->header.evidence = pop_channel_action(msg->m, ch)->evidence;

	xcrc = pop_header_crc(&msg->header);
	skb_queue_walk(&msg->payload, skb)
		memcpy(skb->data, &xcrc, sizeof(xcrc));
}

/* Write a HEADER to @at, which is not aligned: for its parts, see header_unit(). */
static void write_header(u8 *at, const struct pop_message *msg,
			 const struct pop_slot_id *slot, __be64 cid,
			 const u8 *key, const struct pop_header_group *group)
{
	u32 len = sizeof(msg->header);
	struct pop_outer outer;
	struct pop_unit u = {
		.slot = *slot,
		.type = POP_UNIT_HEADER,
		.flags = group ? POP_UNIT_F_GROUP : 0,
	};

	pop_unit_outer(&outer, &u, cid, pop_key_salt(&msg->header));
	memcpy(at, &outer, sizeof(outer));
	memcpy(at + sizeof(outer), &msg->header, sizeof(msg->header));
	if (group) {
		memcpy(at + sizeof(outer) + len, group, sizeof(*group));
		len += sizeof(*group);
	}
	pop_seal_text(at, len, key);
}

/**
 * header_unit - the HEADER for one recipient of a group's payload
 * @msg: the message
 * @slot: of the message
 * @cid: of units to the recipient
 * @key: of the message towards the recipient
 * @group: of the payloads
 *
 * Return: the unit, or NULL without memory.
 */
static struct sk_buff *header_unit(const struct pop_message *msg,
				   const struct pop_slot_id *slot, __be64 cid,
				   const u8 *key,
				   const struct pop_header_group *group)
{
	u32 len = sizeof(msg->header) + sizeof(*group);
	struct sk_buff *skb = pop_unit_alloc(len, GFP_KERNEL_ACCOUNT);

	if (!skb)
		return NULL;
	skb_push(skb, sizeof(struct pop_outer));
	skb_put(skb, len + POP_TAG_LEN);
	write_header(skb->data, msg, slot, cid, key, group);
	return skb;
}

/**
 * pair_header - the HEADER for the one recipient, beside the first PAYLOAD
 * @msg: the message; its payload is sealed
 * @slot: of the message
 * @cid: of units to the recipient
 * @key: of the message
 * @pair: set to a buffer of both units
 *
 * Return: the unit, or NULL without memory. All three buffers share their data.
 */
static struct sk_buff *pair_header(struct pop_message *msg,
				   const struct pop_slot_id *slot, __be64 cid,
				   const u8 *key, struct sk_buff **pair)
{
	struct sk_buff *skb, *header, *payload = skb_peek(&msg->payload);
	bool first = payload->len < HEADER_LEN;
	u8 *at;

	skb = skb_clone(payload, GFP_KERNEL);
	if (!skb)
		return NULL;
	at = first ? skb_push(skb, HEADER_LEN) : skb_put(skb, HEADER_LEN);
	write_header(at, msg, slot, cid, key, NULL);
	/* kept, as the payload is; the other one is gone once it is sent */
	header = skb_clone(skb, GFP_KERNEL_ACCOUNT);
	if (!header) {
		kfree_skb(skb);
		return NULL;
	}
	if (first)
		skb_trim(header, HEADER_LEN);
	else
		skb_pull(header, payload->len);
	*pair = skb;
	return header;
}

/* Make PAYLOAD units of all fragments, where they lie. */
static void seal_payload(struct pop_message *msg, const struct pop_slot_id *slot,
			 __be64 cid, const u8 *key, u8 flags)
{
	__be64 salt = pop_key_salt(&msg->header);
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
 * is no route, or none was found before.
 */
bool pop_output_group(struct pop_keep *keep, struct sk_buff *unit)
{
	struct pop_net *pn = pop_member_net(keep->m);
	sa_family_t family = READ_ONCE(keep->family);
	union pop_addr group;
	struct sk_buff *skb;

	if (!family)
		return false;
	skb = pop_keep_unit(keep, unit, GFP_KERNEL);
	if (!skb)
		return true;
	if (family == AF_INET)
		pop_contract_group4(keep->m->contract, &group);
	else
		pop_contract_group6(keep->m->contract, &group);
	if (pop_carrier_send_to(pn, skb, &group)) {
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

/*
 * What may go at once; the first two units as they are in @pair. Takes @pair. It
 * can be thousands: let softirqs run that receive them on this very processor.
 */
static void send_direct(struct pop_keep_to *to, struct sk_buff *pair)
{
	struct pop_keep *keep = to->keep;
	u32 i = 0;

	if (to->direct >= 2 &&
	    pop_carrier_send_pair(&keep->m->peer[to->ch->peer], pair,
				  max(to->header->len, keep->payload[0]->len)))
		i = 2;
	else
		consume_skb(pair);
	for (; i < to->direct; i++) {
		send_unit(to, i ? keep->payload[i - 1] : to->header);
		cond_resched();
	}
}

/* One recipient: 2 datagrams, or more when the payload is long. */
static int send_single(struct pop_message *msg, struct pop_channel *ch,
		       const struct pop_slot_id *slot)
{
	struct pop_peer *peer = &msg->m->peer[ch->peer];
	struct sk_buff *header, *pair = NULL;
	struct pop_keep *keep = NULL;
	u8 key[POP_KEY_LEN];
	int ret = 0;

	if (!pop_channel_message_key(msg->m, ch, slot,
				     pop_key_salt(&msg->header), key))
		return -ESHUTDOWN;
	seal_payload(msg, slot, peer->cid_tx, key, 0);
	header = pair_header(msg, slot, peer->cid_tx, key, &pair);
	memzero_explicit(key, sizeof(key));
	if (header)
		keep = pop_keep_alloc(msg, msg->charge, ch, 1, slot->seq);
	if (!keep) {
		kfree_skb(header);
		kfree_skb(pair);
		return -ENOMEM;
	}
	keep->to[0].header = header;

	if (execute_slot(&keep->to[0], &msg->header)) {
		send_direct(&keep->to[0], pair);
		pop_keep_watch(keep);
	} else {
		kfree_skb(pair);
		ret = why_gone(ch, 1);
	}
	pop_keep_put(keep);
	return ret;
}

/* Is one of the recipients a party in this network namespace? */
static bool is_local(struct pop_member *m, const struct pop_channel *first,
		     u32 nr)
{
	bool local = false;
	u32 i;

	rcu_read_lock();
	for (i = 0; i < nr && !local; i++)
		local = pop_member_find(m->contract, first[i].peer);
	rcu_read_unlock();
	return local;
}

/*
 * Of which family the group of the contract is that reaches all recipients. Zero
 * if there is none; a host does not hear itself.
 */
static sa_family_t group_family(struct pop_member *m,
				const struct pop_channel *first, u32 nr)
{
	sa_family_t family = AF_UNSPEC;
	union pop_addr addr;
	u32 i;

	if (!pop_member_net(m)->carrier.multicast || is_local(m, first, nr))
		return AF_UNSPEC;
	for (i = 0; i < nr; i++) {
		pop_peer_get_addr(&m->peer[first[i].peer], &addr);
		if (i && addr.sa.sa_family != family)
			return AF_UNSPEC;
		family = addr.sa.sa_family;
	}
	return family;
}

/**
 * struct group_to - what a message to several has for each of them
 * @key: of the message
 * @voucher: by which it knows the header, whoever gives it; zero if it is left out
 * @left_out: there was a verdict on its channel, and it gets no header
 */
struct group_to {
	u8	key[POP_KEY_LEN];
	u8	voucher[POP_VOUCHER_LEN];
	bool	left_out;
};

/* The vouchers take their places behind the message. */
static void place_vouchers(struct pop_message *msg, const struct group_to *to)
{
	u32 left = POP_BLIND_LEN + be32_to_cpu(msg->header.length), at = 0;
	struct sk_buff *skb;

	skb_queue_walk(&msg->payload, skb) {
		u8 *p = skb->data + sizeof(struct pop_payload) +
			content(skb, &left);

		for (; p < skb_tail_pointer(skb); p++, at++)
			*p = to[at / POP_VOUCHER_LEN].voucher[at % POP_VOUCHER_LEN];
	}
}

/* Keys and vouchers of all recipients. Return: 0 or -ESHUTDOWN. */
static int group_vouchers(struct pop_message *msg, struct pop_channel *first,
			  u32 nr, const struct pop_slot_id *slot,
			  struct group_to *to, struct pop_header_group *group)
{
	__be64 salt = pop_key_salt(&msg->header);
	u8 hash[POP_HASH_LEN];
	struct blake2s_state state;
	u32 i;

	blake2s_init(&state, sizeof(hash));
	for (i = 0; i < nr; i++) {
		to[i].left_out = !pop_channel_message_key(msg->m, &first[i],
							  slot, salt,
							  to[i].key) ||
				 pop_channel_is_done(&first[i]);
		if (!to[i].left_out)
			pop_key_voucher(to[i].voucher, to[i].key, &msg->header);
		else if (pop_channel_is_done(&first[i]))
			memset(to[i].voucher, 0, sizeof(to[i].voucher));
		else
			return -ESHUTDOWN;
		blake2s_update(&state, to[i].voucher, sizeof(to[i].voucher));
	}
	blake2s_final(&state, hash);
	memcpy(group->vouched, hash, sizeof(group->vouched));
	place_vouchers(msg, to);
	return 0;
}

/*
 * Each recipient's header carries the key of the one payload; its place among
 * them is in the buffer. There is none for those with a verdict.
 */
static int group_headers(struct pop_message *msg, struct pop_channel *first,
			 u32 nr, const struct pop_slot_id *slot,
			 struct pop_header_group *group,
			 struct sk_buff_head *headers)
{
	struct group_to *to = kvmalloc_array(nr, sizeof(*to), GFP_KERNEL);
	int ret = -ENOMEM;
	u32 i;

	if (!to)
		return -ENOMEM;
	ret = group_vouchers(msg, first, nr, slot, to, group);
	for (i = 0; !ret && i < nr; i++) {
		struct pop_peer *peer = &msg->m->peer[first[i].peer];
		struct sk_buff *skb;

		if (to[i].left_out)
			continue;
		skb = header_unit(msg, slot, peer->cid_tx, to[i].key, group);
		if (!skb) {
			ret = -ENOMEM;
			break;
		}
		*(u32 *)skb->cb = i;
		__skb_queue_tail(headers, skb);
	}
	kvfree_sensitive(to, nr * sizeof(*to));
	return ret;
}

/* The payload to all recipients: to the group, or in copies. */
static void send_group_payload(struct pop_keep *keep)
{
	u32 i, k, units;

	if (keep->family) {
		units = pop_share_take_group(keep);
		for (i = 0; i < units; i++) {
			if (!pop_output_group(keep, keep->payload[i])) {
				pop_share_copies(keep, units - i);
				break;
			}
			cond_resched();
		}
		return;
	}
	for (i = 0; i < keep->nr_payload; i++) {
		for (k = 0; k < keep->nr; k++)
			if (i + 1 < keep->to[k].direct)
				send_unit(&keep->to[k], keep->payload[i]);
		cond_resched();
	}
}

/* One that no other message has, should random numbers come twice. */
static void draw_group_key(u8 key[POP_KEY_LEN], const struct pop_header *header)
{
	u8 random[POP_KEY_LEN];

	get_random_bytes(random, sizeof(random));
	pop_key_group(key, random, header);
	memzero_explicit(random, sizeof(random));
}

static int send_group(struct pop_message *msg, struct pop_channel *first,
		      u32 nr, const struct pop_slot_id *slot)
{
	struct pop_member *m = msg->m;
	struct pop_keep *keep = NULL;
	struct sk_buff_head headers;
	struct pop_header_group group_part;
	struct sk_buff *skb;
	u32 i, sent = 0;
	int ret;

	__skb_queue_head_init(&headers);
	draw_group_key(group_part.key, &msg->header);
	ret = group_headers(msg, first, nr, slot, &group_part, &headers);
	if (!ret) {
		seal_payload(msg, slot, m->contract->group.cid, group_part.key,
			     POP_UNIT_F_GROUP);
		keep = pop_keep_alloc(msg, msg->charge, first, nr, slot->seq);
		ret = keep ? 0 : -ENOMEM;
	}
	if (keep) {
		keep->group = true;
		keep->family = group_family(m, first, nr);
		memcpy(keep->key, group_part.key, sizeof(keep->key));
	}
	memzero_explicit(&group_part, sizeof(group_part));
	if (ret) {
		__skb_queue_purge(&headers);
		return ret;
	}

	while ((skb = __skb_dequeue(&headers))) {
		struct pop_keep_to *to = &keep->to[*(u32 *)skb->cb];

		to->header = skb;
		sent += execute_slot(to, &msg->header);
	}
	if (!sent) {
		ret = why_gone(first, nr);
		goto out;
	}
	for (i = 0; i < nr; i++)
		if (keep->to[i].direct)
			send_unit(&keep->to[i], keep->to[i].header);
	send_group_payload(keep);
	pop_keep_watch(keep);
out:
	pop_keep_put(keep);
	return ret;
}

/* Of those who have no verdict. */
static bool endpoints_known(struct pop_member *m,
			    const struct pop_channel *first, u32 nr)
{
	union pop_addr addr;
	u32 i;

	for (i = 0; i < nr; i++) {
		pop_peer_get_addr(&m->peer[first[i].peer], &addr);
		if (addr.sa.sa_family == AF_UNSPEC &&
		    !pop_channel_is_done(&first[i]))
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
 * known to have arrived. Recipients whose channel is late or void are left out.
 *
 * Return: 0; -EALREADY if the slot has executed or the channel is done; of no
 * recipient left -ETIMEDOUT if one is late, or else -ECANCELED; -EAGAIN if the
 * channel is not open yet; -EHOSTUNREACH while a recipient has no endpoint;
 * -ESHUTDOWN if the contract has ended, or the member's part; -ENOMEM.
 */
int pop_output(struct pop_message *msg, struct pop_channel *first, u32 nr,
	       u32 seq)
{
	struct pop_net *pn = pop_member_net(msg->m);
	struct pop_slot_id slot;
	int ret, live;

	live = pop_channel_live(first, nr);
	if (live < 0)
		return live;
	if (!endpoints_known(msg->m, first, nr)) {
		pop_count(pn, TX_NO_ENDPOINT);
		return -EHOSTUNREACH;
	}
	/* the channels of a "same" action are used together, but for verdicts */
	ret = claim_slot(msg->m, first, &first[live], &seq);
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
