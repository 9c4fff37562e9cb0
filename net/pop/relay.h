/* SPDX-License-Identifier: GPL-2.0 */
/* Messages that are kept for other recipients, and given to them. */
#ifndef _POP_RELAY_H
#define _POP_RELAY_H

#include "pop.h"

/* To find a fragment takes fewer steps than that. */
#define POP_RELAY_STRIDE	64

/**
 * struct pop_relay - a whole message that other recipients may need
 * @ref: one for its slot or pop_rx, one for who sends of it
 * @list: in pop_member.relays
 * @m: who received it
 * @ch: the channel
 * @seq: of the slot
 * @bytes: in pop_net.relayed
 * @header: as it came
 * @blind: in front of the message
 * @skb: data at the message; its frag_list has the fragments behind the first
 * @vouchers: behind the message, for all recipients in their order; stand behind
 *	      @place
 * @place: of the fragments behind the first each POP_RELAY_STRIDEth
 *
 * Immutable but for @list.
 */
struct pop_relay {
	refcount_t		ref;
	struct list_head	list;
	struct pop_member	*m;
	struct pop_channel	*ch;
	u32			seq;
	u32			bytes;
	struct pop_header	header;
	u8			blind[POP_BLIND_LEN];
	struct sk_buff		*skb;
	u8			*vouchers;
	struct sk_buff		*place[];
};

struct pop_relay *pop_relay_alloc(const struct pop_rx *rx);
void pop_relay_add(struct pop_rx *rx, struct pop_relay *relay);
void pop_relay_free(struct pop_relay *relay);
void pop_relay_free_all(struct pop_channel *ch);
void pop_relay_request(struct pop_peer *peer, const struct sk_buff *skb);

#endif /* _POP_RELAY_H */
