/* SPDX-License-Identifier: GPL-2.0 */
/* What has arrived of a message: for slot.c, and arrived.c that tells of it. */
#ifndef _POP_RX_H
#define _POP_RX_H

#include "repair.h"

/**
 * struct pop_rx - what has arrived of a message
 * @list: in pop_open.pending
 * @held: in pop_member.held, once it is complete and no socket took it
 * @ask: its channel and slot; in pop_peer.asks, until it is complete
 * @m: whose message it is
 * @have_header: @header, @key and @nr are known
 * @group: payloads are sealed with @key, and not with the slot's
 * @own: payloads of the group were not right: only those under the slot's key
 *	 will do, which no co-recipient can have made
 * @complete: all there and checked
 * @header: as it came
 * @key: of group payloads
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
	bool			complete;
	struct pop_header	header;
	u8			key[POP_KEY_LEN];
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

#endif /* _POP_RX_H */
