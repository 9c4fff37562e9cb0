// SPDX-License-Identifier: GPL-2.0
/* The seal of a unit, and buffers for it: see seal.h. */

#include <crypto/chacha20poly1305.h>

#include "carrier.h"
#include "seal.h"

struct sk_buff *pop_unit_alloc(u32 len, gfp_t gfp)
{
	u32 front = POP_CARRIER_HEADROOM + sizeof(struct pop_outer);
	struct sk_buff *skb = alloc_skb(front + len + POP_TAG_LEN, gfp);

	if (skb)
		skb_reserve(skb, front);
	return skb;
}

static u64 unit_nonce(const struct sk_buff *skb)
{
	const struct pop_outer *outer = (const struct pop_outer *)skb->data;

	switch (outer->type & 0xf) {
	case POP_UNIT_HEADER:
		return 0;
	case POP_UNIT_PAYLOAD:
		return 1 + be16_to_cpu(outer->fragment);
	}
	return be64_to_cpu(outer->salt);
}

void pop_seal(struct sk_buff *skb, const u8 key[POP_KEY_LEN])
{
	u8 *text = skb->data + sizeof(struct pop_outer);
	size_t len = skb->len - sizeof(struct pop_outer);

	skb_put(skb, POP_TAG_LEN);
	chacha20poly1305_encrypt(text, text, len, skb->data,
				 sizeof(struct pop_outer), unit_nonce(skb), key);
}

int pop_unseal(struct sk_buff *skb, const u8 key[POP_KEY_LEN])
{
	u8 *text;

	/* a capture or another group member may share the data */
	if (skb_linearize(skb) || skb_unclone(skb, GFP_ATOMIC))
		return -ENOMEM;
	text = skb->data + sizeof(struct pop_outer);
	if (!chacha20poly1305_decrypt(text, text,
				      skb->len - sizeof(struct pop_outer),
				      skb->data, sizeof(struct pop_outer),
				      unit_nonce(skb), key))
		return -EBADMSG;
	skb_pull(skb, sizeof(struct pop_outer));
	skb_trim(skb, skb->len - POP_TAG_LEN);
	return 0;
}
