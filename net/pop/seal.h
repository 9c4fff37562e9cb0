/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The seal of a unit: ChaCha20-Poly1305 (RFC 8439) over what follows the outer
 * part, with the outer part as associated data. The nonce is four zero bytes and,
 * in eight of little-endian, what tells units under one key apart: zero for a
 * HEADER, one and its fragment for a PAYLOAD, the counter of a control unit.
 */
#ifndef _POP_SEAL_H
#define _POP_SEAL_H

#include <linux/skbuff.h>
#include <net/pop.h>

/**
 * pop_unit_alloc - buffer for a unit
 * @len: bytes that will be sealed
 * @gfp: how to allocate
 *
 * Return: a buffer with room for all headers in front and the tag behind,
 * data where the sealed part begins; or NULL.
 */
struct sk_buff *pop_unit_alloc(u32 len, gfp_t gfp);

/**
 * pop_seal - encrypt in place and append the tag
 * @skb: linear and not shared; data at the outer part, POP_TAG_LEN of tailroom
 * @key: of the unit
 */
void pop_seal(struct sk_buff *skb, const u8 key[POP_KEY_LEN]);

/**
 * pop_unseal - check the tag, decrypt in place, take outer part and tag off
 * @skb: made linear and private here; data at the outer part
 * @key: of the unit
 *
 * Return: 0; -EBADMSG for a wrong tag; -ENOMEM. @skb stays the caller's.
 */
int pop_unseal(struct sk_buff *skb, const u8 key[POP_KEY_LEN]);

#endif /* _POP_SEAL_H */
