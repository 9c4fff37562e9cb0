/* SPDX-License-Identifier: GPL-2.0 */
/* What has arrived of a message: for slot.c, deliver.c, and who tells of it. */
#ifndef _POP_RX_H
#define _POP_RX_H

#include "evidence.h"
#include "repair.h"

/**
 * struct pop_rx - what has arrived of a message
 * @list: in pop_open.pending
 * @held: in pop_member.held, once it is complete and no socket took it
 * @ask: its channel and slot; in pop_peer.asks, until it is complete
 * @m: whose message it is
 * @have_header: @header, @key and @nr are known
 * @group: payloads are sealed with @key, and not with the slot's
 * @own: payloads of the group were not right: only those under the message's
 *	 key will do, which no co-recipient can have made
 * @failed: what came once was not what the header says
 * @complete: all there and checked
 * @violated: its sender contradicted itself; it is not delivered
 * @keyed: @key and @vouched are known
 * @relay: what is kept for other recipients, once it is complete, or NULL
 * @recovery: how it is had from other recipients, or NULL
 * @hinted: who said that there is a message, before anything had come, or NULL
 * @outer: of the header, as it came
 * @header: as it came
 * @echoes: what co-recipients have of it, if that comes before delivery
 * @key: of group payloads
 * @vouched: hash of the vouchers of a group payload
 * @early: payloads that came before the header, but for the group's
 * @nr: fragments of the message
 * @joined: fragments from the first on that are in @first, @hash and @crc
 * @first: the first fragment, with those that follow on it in its frag_list
 * @last: the last one of them
 * @ahead: fragments that came before one in front of them, by number
 * @hash: of the digest
 * @crc: CRC32C so far
 * @charged: bytes in pop_net.pending and pop_peer.pending
 * @charged_early: of them, bytes in pop_peer.early
 */
struct pop_rx {
	struct list_head	list;
	struct list_head	held;
	struct pop_ask		ask;
	struct pop_member	*m;
	bool			have_header;
	bool			group;
	bool			own;
	bool			failed;
	bool			complete;
	bool			violated;
	bool			keyed;
	struct pop_outer	outer;
	struct pop_header	header;
	struct pop_echoes	*echoes;
	struct pop_relay	*relay;
	struct pop_recovery	*recovery;
	struct pop_peer		*hinted;
	u8			key[POP_KEY_LEN];
	u8			vouched[POP_HASH_LEN / 2];
	struct sk_buff_head	early;
	u32			nr;
	u32			joined;
	struct sk_buff		*first;
	struct sk_buff		*last;
	struct rb_root		ahead;
	struct blake2s_state	hash;
	u32			crc;
	u32			charged;
	u32			charged_early;
};

/* slot.c, for deliver.c and recover.c */
struct pop_rx *pop_rx_of_slot(struct pop_member *m, struct pop_channel *ch,
			      u32 seq);
void pop_rx_watch(struct pop_rx *rx);
bool pop_rx_set_header(struct pop_rx *rx, const struct pop_outer *outer,
		       const struct pop_header *header,
		       const struct pop_header_group *part, bool group);
void pop_rx_contradict(struct pop_member *m, struct pop_channel *ch, u32 seq,
		       const struct pop_outer *outer,
		       const struct pop_header *header);
void pop_rx_restart(struct pop_rx *rx);
bool pop_rx_fragment(struct pop_rx *rx, struct sk_buff *skb);
void pop_rx_free(struct pop_rx *rx);

/* deliver.c, for slot.c */
bool pop_rx_assemble(struct pop_rx *rx);
void pop_rx_unhold(struct pop_rx *rx);

/* Bytes of the message with its blind, as digest and CRC see it. */
static inline u32 pop_rx_content_len(const struct pop_rx *rx)
{
	return POP_BLIND_LEN + be32_to_cpu(rx->header.length);
}

/* How many recipients the action of a channel has. */
static inline u32 pop_rx_recipients(const struct pop_member *m,
				    const struct pop_channel *ch)
{
	return be16_to_cpu(pop_channel_action(m, ch)->recipients);
}

/* Place of a party among the recipients, or -1. */
static inline int pop_rx_place(const struct pop_member *m,
			       const struct pop_channel *ch, u16 party)
{
	return pop_plan_to_index(&m->contract->plan, ch->action, party);
}

/* Bytes of the vouchers that follow a group payload. */
static inline u32 pop_rx_vouchers(const struct pop_rx *rx)
{
	return POP_VOUCHER_LEN *
	       be16_to_cpu(pop_channel_action(rx->m, rx->ask.ch)->recipients);
}

#endif /* _POP_RX_H */
