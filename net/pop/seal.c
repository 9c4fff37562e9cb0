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

/* @unit: begins with the outer part, which is not aligned here */
static u64 unit_nonce(const u8 *unit)
{
	struct pop_outer outer;

	memcpy(&outer, unit, sizeof(outer));
	switch (outer.type & 0xf) {
	case POP_UNIT_HEADER:
		return 0;
	case POP_UNIT_PAYLOAD:
		return 1 + be16_to_cpu(outer.fragment);
	}
	return be64_to_cpu(outer.salt);
}

void pop_seal_text(u8 *unit, size_t len, const u8 key[POP_KEY_LEN])
{
	u8 *text = unit + sizeof(struct pop_outer);

	chacha20poly1305_encrypt(text, text, len, unit,
				 sizeof(struct pop_outer), unit_nonce(unit),
				 key);
}

void pop_seal(struct sk_buff *skb, const u8 key[POP_KEY_LEN])
{
	size_t len = skb->len - sizeof(struct pop_outer);

	skb_put(skb, POP_TAG_LEN);
	pop_seal_text(skb->data, len, key);
}

int pop_unseal_text(void *text, const u8 *unit, size_t len,
		    const u8 key[POP_KEY_LEN])
{
	if (!chacha20poly1305_decrypt(text, unit + sizeof(struct pop_outer),
				      len + POP_TAG_LEN, unit,
				      sizeof(struct pop_outer),
				      unit_nonce(unit), key))
		return -EBADMSG;
	return 0;
}

int pop_unseal(struct sk_buff *skb, const u8 key[POP_KEY_LEN])
{
	bool paged = skb_is_nonlinear(skb);
	int ret;

	/* a capture or another group member may share the data */
	if (skb_linearize(skb) || skb_unclone(skb, GFP_ATOMIC))
		return -ENOMEM;
	/* the pages are gone, and what waits is charged for what it takes */
	if (paged && !skb->sk)
		skb->truesize = SKB_TRUESIZE(skb_end_offset(skb));
	ret = pop_unseal_text(skb->data + sizeof(struct pop_outer), skb->data,
			      skb->len - sizeof(struct pop_outer) - POP_TAG_LEN,
			      key);
	if (ret)
		return ret;
	skb_pull(skb, sizeof(struct pop_outer));
	skb_trim(skb, skb->len - POP_TAG_LEN);
	return 0;
}
