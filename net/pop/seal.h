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
 * pop_seal_text - encrypt in place and write the tag behind
 * @unit: the outer part, then the text, then POP_TAG_LEN of room; not aligned
 * @len: of the text
 * @key: of the unit
 */
void pop_seal_text(u8 *unit, size_t len, const u8 key[POP_KEY_LEN]);

/**
 * pop_seal - the same, for a unit in a buffer of its own
 * @skb: linear and not shared; data at the outer part, POP_TAG_LEN of tailroom
 * @key: of the unit
 */
void pop_seal(struct sk_buff *skb, const u8 key[POP_KEY_LEN]);

/**
 * pop_unseal_text - check the tag, and decrypt to somewhere else
 * @text: the text
 * @unit: the unit, which stays as it is; not aligned
 * @len: of the text
 * @key: of the unit
 *
 * Return: 0, or -EBADMSG for a wrong tag.
 */
int pop_unseal_text(void *text, const u8 *unit, size_t len,
		    const u8 key[POP_KEY_LEN]);

/**
 * pop_unseal - check the tag, decrypt in place, take outer part and tag off
 * @skb: made linear and private here; data at the outer part
 * @key: of the unit
 *
 * Return: 0; -EBADMSG for a wrong tag; -ENOMEM. @skb stays the caller's.
 */
int pop_unseal(struct sk_buff *skb, const u8 key[POP_KEY_LEN]);

#endif /* _POP_SEAL_H */
