/* SPDX-License-Identifier: GPL-2.0 */
/* Slots: pairing header with payload, checking, delivering. */
#ifndef _POP_SLOT_H
#define _POP_SLOT_H

#include <linux/crc32c.h>

#include "pop.h"

/**
 * struct pop_skb_cb - what is known of a unit on its way in
 * @fragment: of a PAYLOAD
 * @sealed: a group payload whose key is not known yet; data at the outer part
 * @seq: of a @sealed one, once it waits
 * @ch: of a @sealed one, once it waits
 */
struct pop_skb_cb {
	u16	fragment;
	bool	sealed;
	u32	seq;
	const struct pop_channel *ch;
};

#define POP_SKB_CB(skb) ((struct pop_skb_cb *)(skb)->cb)

/*
 * A delivered message has its struct pop_msginfo right before its data: the
 * space of the headers that were taken off.
 */
static inline void pop_skb_info(const struct sk_buff *skb,
				struct pop_msginfo *info)
{
	memcpy(info, skb->data - sizeof(*info), sizeof(*info));
}

struct pop_exhibit;

/* What each payload says of its header. */
static inline __be32 pop_header_crc(const struct pop_header *header)
{
	return cpu_to_be32(~crc32c(~0, header, sizeof(*header)));
}

int pop_rx_init(void);
void pop_rx_exit(void);

void pop_rx_header(struct pop_member *m, struct pop_channel *ch, u32 seq,
		   const struct pop_outer *outer,
		   const struct pop_header *header,
		   const struct pop_header_group *part);
void pop_rx_payload(struct pop_member *m, struct pop_channel *ch, u32 seq,
		    struct sk_buff *skb);
bool pop_rx_catch_up(struct pop_member *m, struct pop_channel *ch, u32 seq);
void pop_rx_free_all(struct pop_open *open);

/* deliver.c */
bool pop_rx_deliver(struct pop_rx *rx, bool *last);
void pop_rx_deliver_held(struct pop_member *m);

/* arrived.c: told of what has arrived */
void pop_rx_yield(struct pop_channel *ch, u32 seq);
u32 pop_rx_missing(struct pop_member *m, struct pop_channel *ch, u32 seq,
		   struct pop_missing *miss, u32 room);
void pop_rx_slots(struct pop_channel *ch, u32 first, u32 count, u8 *states);
u8 pop_rx_state(struct pop_open *open);
struct pop_rx *pop_rx_find(const struct pop_channel *ch, u32 seq);
bool pop_rx_exhibit(struct pop_member *m, const struct pop_channel *ch, u32 seq,
		    struct pop_exhibit *x, u8 digest[POP_HASH_LEN]);

#endif /* _POP_SLOT_H */
