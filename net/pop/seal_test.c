// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the seal of units. The two vectors are of another implementation of
 * RFC 8439 (Python's "cryptography"), given the nonce as the protocol text
 * builds it: twelve zero bytes for a HEADER; four, and in little-endian one and
 * the fragment, for a PAYLOAD.
 */

#include "fixture_test.h"
#include "seal.h"
#include "unit.h"

static const char text[] = "0123456789";

#define TEXT_LEN	10
#define UNIT_LEN	(sizeof(struct pop_outer) + TEXT_LEN + POP_TAG_LEN)

static void key_of_test(u8 key[POP_KEY_LEN])
{
	int i;

	for (i = 0; i < POP_KEY_LEN; i++)
		key[i] = 1 + i;
}

static struct sk_buff *unit(struct kunit *test, u8 type, u16 fragment)
{
	const struct pop_unit u = {
		.type = type,
		.fragment = fragment,
		.slot = { .phase = 2, .action = 3, .seq = 0x01020304 },
	};
	struct sk_buff *skb = pop_unit_alloc(TEXT_LEN, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, text, TEXT_LEN);
	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &u,
		       cpu_to_be64(0x1122334455667788),
		       cpu_to_be64(0xa1a2a3a4a5a60000));
	return skb;
}

static struct sk_buff *sealed_unit(struct kunit *test, u8 type, u16 fragment)
{
	struct sk_buff *skb = unit(test, type, fragment);
	u8 key[POP_KEY_LEN];

	key_of_test(key);
	pop_seal(skb, key);
	return skb;
}

/* ChaCha20Poly1305(k).encrypt(nonce, text, outer) */
static void seal__header_vector(struct kunit *test)
{
	static const u8 expected[] = {
		0x53, 0xbb, 0xe5, 0x25, 0x53, 0xf7, 0x9f, 0x0e, 0xa3, 0x72,
		0x1b, 0xcb, 0xb6, 0x9a, 0x99, 0xe2, 0x8f, 0x68, 0x82, 0xb4,
		0x3f, 0x59, 0xc8, 0x88, 0x21, 0xb2,
	};
	struct sk_buff *skb = sealed_unit(test, POP_UNIT_HEADER, 0);

	KUNIT_ASSERT_EQ(test, skb->len, (unsigned int)UNIT_LEN);
	KUNIT_EXPECT_MEMEQ(test, skb->data + sizeof(struct pop_outer), expected,
			   sizeof(expected));
	kfree_skb(skb);
}

static void seal__payload_vector(struct kunit *test)
{
	static const u8 expected[] = {
		0xd1, 0x60, 0xcf, 0x0e, 0xd7, 0xd8, 0x92, 0xcb, 0x43, 0x73,
		0x76, 0xa2, 0xbb, 0x1f, 0x1d, 0x8e, 0xed, 0x41, 0xf7, 0x86,
		0x62, 0x4d, 0xaf, 0xd6, 0xb5, 0xac,
	};
	struct sk_buff *skb = sealed_unit(test, POP_UNIT_PAYLOAD, 5);

	KUNIT_ASSERT_EQ(test, skb->len, (unsigned int)UNIT_LEN);
	KUNIT_EXPECT_MEMEQ(test, skb->data + sizeof(struct pop_outer), expected,
			   sizeof(expected));
	kfree_skb(skb);
}

/* A header and all fragments of its payload have the same salt and key. */
static void seal__nonces_differ(struct kunit *test)
{
	struct sk_buff *header = sealed_unit(test, POP_UNIT_HEADER, 0);
	struct sk_buff *first = sealed_unit(test, POP_UNIT_PAYLOAD, 0);
	struct sk_buff *second = sealed_unit(test, POP_UNIT_PAYLOAD, 1);
	u32 at = sizeof(struct pop_outer);

	KUNIT_EXPECT_MEMNEQ(test, header->data + at, first->data + at, TEXT_LEN);
	KUNIT_EXPECT_MEMNEQ(test, header->data + at, second->data + at,
			    TEXT_LEN);
	KUNIT_EXPECT_MEMNEQ(test, first->data + at, second->data + at, TEXT_LEN);
	kfree_skb(header);
	kfree_skb(first);
	kfree_skb(second);
}

static void unseal__round_trip(struct kunit *test)
{
	struct sk_buff *skb = sealed_unit(test, POP_UNIT_PAYLOAD, 9);
	u8 key[POP_KEY_LEN];

	key_of_test(key);
	KUNIT_EXPECT_EQ(test, 0, pop_unseal(skb, key));
	KUNIT_ASSERT_EQ(test, skb->len, TEXT_LEN);
	KUNIT_EXPECT_MEMEQ(test, skb->data, text, TEXT_LEN);
	kfree_skb(skb);
}

static void unseal__empty(struct kunit *test)
{
	struct sk_buff *skb = unit(test, POP_UNIT_PAYLOAD, 0);
	u8 key[POP_KEY_LEN];

	key_of_test(key);
	skb_trim(skb, sizeof(struct pop_outer));
	pop_seal(skb, key);
	KUNIT_EXPECT_EQ(test, 0, pop_unseal(skb, key));
	KUNIT_EXPECT_EQ(test, skb->len, 0);
	kfree_skb(skb);
}

static void unseal__every_byte_counts(struct kunit *test)
{
	u8 key[POP_KEY_LEN];
	u32 i;

	key_of_test(key);
	for (i = 0; i < UNIT_LEN; i++) {
		struct sk_buff *skb = sealed_unit(test, POP_UNIT_HEADER, 0);

		skb->data[i] ^= 0x10;
		KUNIT_EXPECT_EQ_MSG(test, -EBADMSG, pop_unseal(skb, key),
				    "byte %u", i);
		KUNIT_EXPECT_EQ(test, skb->len, (unsigned int)UNIT_LEN);
		kfree_skb(skb);
	}
	for (i = 0; i < POP_KEY_LEN; i++) {
		struct sk_buff *skb = sealed_unit(test, POP_UNIT_HEADER, 0);

		key[i] ^= 0x80;
		KUNIT_EXPECT_EQ_MSG(test, -EBADMSG, pop_unseal(skb, key),
				    "key byte %u", i);
		key[i] ^= 0x80;
		kfree_skb(skb);
	}
}

static void unseal__cut_short(struct kunit *test)
{
	u8 key[POP_KEY_LEN];
	u32 len;

	key_of_test(key);
	for (len = sizeof(struct pop_outer) + POP_TAG_LEN; len < UNIT_LEN;
	     len++) {
		struct sk_buff *skb = sealed_unit(test, POP_UNIT_HEADER, 0);

		skb_trim(skb, len);
		KUNIT_EXPECT_EQ(test, -EBADMSG, pop_unseal(skb, key));
		kfree_skb(skb);
	}
}

/* Whoever else holds the datagram, a capture for instance, keeps it as it is. */
static void unseal__shared_data(struct kunit *test)
{
	struct sk_buff *skb = sealed_unit(test, POP_UNIT_HEADER, 0);
	struct sk_buff *copy = skb_clone(skb, GFP_KERNEL);
	u8 wire[UNIT_LEN], key[POP_KEY_LEN];

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(wire, skb->data, UNIT_LEN);
	key_of_test(key);
	KUNIT_EXPECT_EQ(test, 0, pop_unseal(copy, key));
	KUNIT_EXPECT_MEMEQ(test, copy->data, text, TEXT_LEN);
	KUNIT_EXPECT_MEMEQ(test, skb->data, wire, UNIT_LEN);
	kfree_skb(copy);
	KUNIT_EXPECT_EQ(test, 0, pop_unseal(skb, key));
	KUNIT_EXPECT_MEMEQ(test, skb->data, text, TEXT_LEN);
	kfree_skb(skb);
}

static void unseal__in_pages(struct kunit *test)
{
	struct sk_buff *skb = sealed_unit(test, POP_UNIT_HEADER, 0), *paged;
	u8 key[POP_KEY_LEN];
	int err;

	key_of_test(key);
	paged = alloc_skb_with_frags(sizeof(struct pop_outer),
				     UNIT_LEN - sizeof(struct pop_outer), 0,
				     &err, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, paged);
	skb_put(paged, sizeof(struct pop_outer));
	paged->data_len = UNIT_LEN - sizeof(struct pop_outer);
	paged->len += paged->data_len;
	KUNIT_ASSERT_EQ(test, 0, skb_store_bits(paged, 0, skb->data, UNIT_LEN));
	KUNIT_EXPECT_EQ(test, 0, pop_unseal(paged, key));
	KUNIT_EXPECT_EQ(test, paged->len, TEXT_LEN);
	KUNIT_EXPECT_MEMEQ(test, paged->data, text, TEXT_LEN);
	/* it is charged for what it takes now, without the pages */
	KUNIT_EXPECT_LT(test, paged->truesize, (unsigned int)PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, paged->truesize,
			SKB_TRUESIZE(skb_end_offset(paged)));
	kfree_skb(paged);
	kfree_skb(skb);
}

static void alloc__room(struct kunit *test)
{
	struct sk_buff *skb = pop_unit_alloc(100, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb->len, 0);
	KUNIT_EXPECT_GE(test, skb_tailroom(skb), 100 + POP_TAG_LEN);
	/* a message that is delivered has its description in front */
	KUNIT_EXPECT_GE(test, skb_headroom(skb),
			(unsigned int)(sizeof(struct pop_outer) +
				       sizeof(struct pop_msginfo)));
	kfree_skb(skb);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(alloc__room),
	KUNIT_CASE(seal__header_vector),
	KUNIT_CASE(seal__payload_vector),
	KUNIT_CASE(seal__nonces_differ),
	KUNIT_CASE(unseal__round_trip),
	KUNIT_CASE(unseal__empty),
	KUNIT_CASE(unseal__every_byte_counts),
	KUNIT_CASE(unseal__cut_short),
	KUNIT_CASE(unseal__shared_data),
	KUNIT_CASE(unseal__in_pages),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_seal",
	.test_cases = cases,
};

kunit_test_suite(suite);
