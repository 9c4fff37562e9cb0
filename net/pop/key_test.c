// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of keys, names and digests against values that Python worked out from
 * the protocol text, and not from this code:
 *
 *	def b(*parts, key=b""):
 *		return hashlib.blake2s(b"".join(parts), key=key).digest()
 *	k, h = bytes(range(1, 33)), bytes(range(100, 132))
 *	epoch = struct.pack(">I", 7)
 *	slot = struct.pack(">HHI", 2, 3, 0x01020304)
 */

#include "fixture_test.h"

static const u8 cid_vector[] = {
	0x6c, 0x1a, 0x1b, 0x7b, 0x4d, 0x01, 0xc4, 0x01,
};

static const u8 cid_0_vector[] = {
	0x68, 0x0a, 0x05, 0xe1, 0xaa, 0x1a, 0xb9, 0x3a,
};

static const u8 group_cid_vector[] = {
	0x70, 0x1b, 0x1b, 0xf8, 0xa0, 0x34, 0xfe, 0x3c,
};

static const u8 control_vector[] = {
	0x16, 0xec, 0x7b, 0x2c, 0xa1, 0x33, 0xc2, 0x19,
	0xa9, 0x53, 0x1e, 0xde, 0x58, 0x1a, 0x3f, 0x58,
	0xb9, 0x01, 0x90, 0xaf, 0xe2, 0xc3, 0x0c, 0xbf,
	0x46, 0xa5, 0xc6, 0xd4, 0xd8, 0xf7, 0xf1, 0x71,
};

static const u8 phase_0_vector[] = {
	0xd6, 0xde, 0x84, 0x15, 0x35, 0x83, 0x04, 0x96,
	0xe2, 0x48, 0xa4, 0x67, 0x71, 0x99, 0x69, 0x1f,
	0xc4, 0xd7, 0x5c, 0x97, 0x10, 0xf4, 0xf0, 0x0a,
	0x53, 0x74, 0x8a, 0x9f, 0xbf, 0x0e, 0x0f, 0xd3,
};

static const u8 phase_1_vector[] = {
	0x5b, 0x35, 0x24, 0xdd, 0xfb, 0x65, 0x87, 0x9e,
	0xbe, 0x1e, 0x99, 0xee, 0xb5, 0x49, 0x01, 0x10,
	0x64, 0xad, 0x30, 0x9b, 0x4d, 0x32, 0xc3, 0xd2,
	0x5b, 0x80, 0xa7, 0xc5, 0x60, 0x81, 0x9a, 0x2b,
};

static const u8 phase_5_vector[] = {
	0x6a, 0xce, 0x3a, 0x13, 0xd3, 0xc4, 0x47, 0x02,
	0x84, 0xa7, 0x0f, 0x17, 0xff, 0x65, 0xd7, 0x71,
	0x1b, 0x33, 0x26, 0x11, 0x43, 0xb0, 0x11, 0x0f,
	0x66, 0x77, 0x10, 0x6b, 0xdd, 0xc6, 0x0a, 0xb8,
};

static const u8 message_vector[] = {
	0xa5, 0x9d, 0x33, 0x5d, 0xdc, 0x3b, 0xa5, 0x20,
	0xaa, 0xe6, 0xa0, 0x57, 0x4f, 0xd1, 0x29, 0xaa,
	0xb8, 0x35, 0x1b, 0x90, 0x34, 0x36, 0xf2, 0xbc,
	0x73, 0xa5, 0xb5, 0xd3, 0x28, 0xef, 0x7f, 0xb1,
};

static const u8 group_vector[] = {
	0x86, 0xfb, 0x20, 0xff, 0xb7, 0xa8, 0xb8, 0x44,
	0xd6, 0x06, 0x75, 0x4b, 0x48, 0x92, 0xa9, 0x38,
	0xd2, 0xb2, 0xe8, 0x32, 0x4c, 0x0c, 0x24, 0x39,
	0x8d, 0x09, 0xfd, 0xce, 0x49, 0x7c, 0xaf, 0xad,
};

static const u8 digest_vector[] = {
	0x8c, 0x99, 0x86, 0x05, 0x07, 0x7e, 0xbb, 0xb5,
	0xe6, 0x78, 0x7f, 0x5c, 0x7a, 0xa6, 0xe3, 0xfb,
	0xd9, 0xdc, 0xac, 0xd4, 0xe8, 0xab, 0x54, 0xbe,
	0xe0, 0xfd, 0x42, 0x27, 0x7b, 0xcf, 0x22, 0x7e,
};

static const u8 chain_vector[] = {
	0x6f, 0x8b, 0xb2, 0x2a, 0x18, 0x6f, 0x9d, 0xb3,
	0xe6, 0x83, 0x5b, 0x20, 0x1f, 0x03, 0x75, 0x97,
	0x85, 0xcf, 0x10, 0x48, 0x3a, 0x3c, 0xbf, 0x57,
	0xe6, 0x47, 0x66, 0x05, 0xfd, 0xae, 0xc4, 0x8c,
};

static const u8 contract_vector[] = {
	0xef, 0x6c, 0xf3, 0xa5, 0xfd, 0x3a, 0xc9, 0xf9,
	0x7d, 0x1c, 0xa2, 0xa3, 0x31, 0x1d, 0x05, 0x5e,
	0x67, 0x52, 0xb1, 0x9f, 0xa0, 0xd2, 0x5b, 0xcb,
	0xd9, 0xbd, 0x3f, 0xcc, 0x6f, 0xef, 0x95, 0xeb,
};

static const u8 party_vector[] = {
	0xa1, 0x6e, 0x4b, 0x5e, 0x7b, 0x34, 0xcb, 0xa5,
	0xbe, 0x11, 0x3c, 0xce, 0x98, 0x02, 0xe1, 0x5d,
	0xf7, 0x08, 0xd6, 0x05, 0xa5, 0x01, 0xfb, 0xe0,
	0xf1, 0x23, 0xef, 0xf0, 0x6d, 0x9b, 0xb1, 0x94,
};

static u8 k[POP_KEY_LEN], h[POP_HASH_LEN];

static const struct pop_slot_id slot = {
	.phase = 2,
	.action = 3,
	.seq = 0x01020304,
};

static int init(struct kunit *test)
{
	int i;

	for (i = 0; i < POP_KEY_LEN; i++) {
		k[i] = 1 + i;
		h[i] = 100 + i;
	}
	return 0;
}

/* b(b"cid", epoch, key=k)[:8] */
static void cid__vector(struct kunit *test)
{
	__be64 cid = pop_key_cid(k, 7);

	KUNIT_EXPECT_MEMEQ(test, &cid, cid_vector, sizeof(cid));
	cid = pop_key_cid(k, 0);
	KUNIT_EXPECT_MEMEQ(test, &cid, cid_0_vector, sizeof(cid));
}

/* b(b"group", epoch, key=h)[:8] */
static void group_cid__vector(struct kunit *test)
{
	__be64 cid = pop_key_group_cid(h, 7);

	KUNIT_EXPECT_MEMEQ(test, &cid, group_cid_vector, sizeof(cid));
}

/* b(b"control", key=k) */
static void control__vector(struct kunit *test)
{
	u8 key[POP_KEY_LEN];

	pop_key_control(key, k);
	KUNIT_EXPECT_MEMEQ(test, key, control_vector, sizeof(key));
}

/* chain = b(b"chain", key=k), then b(b"next", key=chain); b(b"phase", key=chain) */
static void ratchet__vector(struct kunit *test)
{
	struct pop_ratchet r;
	u8 key[POP_KEY_LEN];

	pop_ratchet_init(&r, k);
	pop_ratchet_key(key, &r);
	KUNIT_EXPECT_MEMEQ(test, key, phase_0_vector, sizeof(key));
	pop_ratchet_step(&r, 1);
	pop_ratchet_key(key, &r);
	KUNIT_EXPECT_MEMEQ(test, key, phase_1_vector, sizeof(key));
	pop_ratchet_step(&r, 5);
	pop_ratchet_key(key, &r);
	KUNIT_EXPECT_MEMEQ(test, key, phase_5_vector, sizeof(key));
	KUNIT_EXPECT_EQ(test, r.phase, 5);
}

static void ratchet__one_step_or_many(struct kunit *test)
{
	struct pop_ratchet leap, walk;
	u32 phase;

	pop_ratchet_init(&leap, k);
	pop_ratchet_init(&walk, k);
	pop_ratchet_step(&leap, 100);
	for (phase = 0; phase <= 100; phase++)
		pop_ratchet_step(&walk, phase);
	KUNIT_EXPECT_MEMEQ(test, &leap, &walk, sizeof(leap));
}

static void ratchet__where_it_stands(struct kunit *test)
{
	struct pop_ratchet r, before;

	pop_ratchet_init(&r, k);
	pop_ratchet_step(&r, 3);
	before = r;
	pop_ratchet_step(&r, 3);
	KUNIT_EXPECT_MEMEQ(test, &r, &before, sizeof(r));
}

#define SALT	cpu_to_be64(0xa1a2a3a4a5a6a7a8)

/*
 * libsodium's crypto_core_hchacha20(struct.pack(">HHIQ", 3, 0, 0x01020304,
 *				     0xa1a2a3a4a5a6a7a8), k)
 */
static void message__vector(struct kunit *test)
{
	u8 key[POP_KEY_LEN];

	pop_key_message(key, k, &slot, SALT);
	KUNIT_EXPECT_MEMEQ(test, key, message_vector, sizeof(key));
}

/* The phase is in the key that is given. */
static void message__every_field_counts(struct kunit *test)
{
	static const struct pop_slot_id other[] = {
		{ .phase = 2, .action = 2, .seq = 0x01020304 },
		{ .phase = 2, .action = 3, .seq = 0x01020305 },
		{ .phase = 2, .action = 3, .seq = 0x81020304 },
	};
	u8 key[POP_KEY_LEN];
	int i;

	for (i = 0; i < ARRAY_SIZE(other); i++) {
		pop_key_message(key, k, &other[i], SALT);
		KUNIT_EXPECT_MEMNEQ(test, key, message_vector, sizeof(key));
	}
	for (i = 0; i < 64; i++) {
		pop_key_message(key, k, &slot, SALT ^ cpu_to_be64(1ULL << i));
		KUNIT_EXPECT_MEMNEQ(test, key, message_vector, sizeof(key));
	}
	for (i = 0; i < POP_KEY_LEN; i++) {
		k[i] ^= 1;
		pop_key_message(key, k, &slot, SALT);
		KUNIT_EXPECT_MEMNEQ(test, key, message_vector, sizeof(key));
		k[i] ^= 1;
	}
}

/* b(b"payload", bytes(range(52)), key=k), and each byte of the header counts */
static void group__vector(struct kunit *test)
{
	struct pop_header header;
	u8 *bytes = (u8 *)&header;
	u8 key[POP_KEY_LEN];
	u32 i;

	for (i = 0; i < sizeof(header); i++)
		bytes[i] = i;
	pop_key_group(key, k, &header);
	KUNIT_EXPECT_MEMEQ(test, key, group_vector, sizeof(key));
	for (i = 0; i < sizeof(header); i++) {
		bytes[i] ^= 1;
		pop_key_group(key, k, &header);
		KUNIT_EXPECT_MEMNEQ(test, key, group_vector, sizeof(key));
		bytes[i] ^= 1;
	}
}

static void salt__first_bytes(struct kunit *test)
{
	struct pop_header header = {};
	__be64 salt;

	memcpy(header.digest, h, sizeof(h));
	salt = pop_key_salt(&header);
	KUNIT_EXPECT_MEMEQ(test, &salt, h, sizeof(salt));
}

/* b((b"PoP1-slot" + h).ljust(64, bytes(1)), epoch, slot,
 *   struct.pack(">Q", 0x0102030405060708), bytes(range(16)), b"payload")
 */
static void digest__vector(struct kunit *test)
{
	struct blake2s_state base, state;
	u8 digest[POP_HASH_LEN];
	u8 i;

	pop_key_digest_base(&base, h, 7);
	pop_key_digest_init(&state, &base, &slot,
			    cpu_to_be64(0x0102030405060708));
	for (i = 0; i < POP_BLIND_LEN; i++)
		blake2s_update(&state, &i, 1);
	blake2s_update(&state, "payload", 7);
	blake2s_final(&state, digest);
	KUNIT_EXPECT_MEMEQ(test, digest, digest_vector, sizeof(digest));
}

/* b(h, k) */
static void digest_chain__vector(struct kunit *test)
{
	u8 digest[POP_HASH_LEN];

	memcpy(digest, h, sizeof(digest));
	pop_key_digest_chain(digest, k);
	KUNIT_EXPECT_MEMEQ(test, digest, chain_vector, sizeof(digest));
}

/* b(b"PoP1-contract", b"body") */
static void contract_hash__vector(struct kunit *test)
{
	u8 hash[POP_HASH_LEN];

	pop_contract_hash(hash, "body", 4);
	KUNIT_EXPECT_MEMEQ(test, hash, contract_vector, sizeof(hash));
}

/* b(b"PoP1-party", k) */
static void party_hash__vector(struct kunit *test)
{
	u8 hash[POP_HASH_LEN];

	pop_party_hash(hash, k);
	KUNIT_EXPECT_MEMEQ(test, hash, party_vector, sizeof(hash));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(cid__vector),
	KUNIT_CASE(group_cid__vector),
	KUNIT_CASE(control__vector),
	KUNIT_CASE(ratchet__vector),
	KUNIT_CASE(ratchet__one_step_or_many),
	KUNIT_CASE(ratchet__where_it_stands),
	KUNIT_CASE(message__vector),
	KUNIT_CASE(message__every_field_counts),
	KUNIT_CASE(group__vector),
	KUNIT_CASE(salt__first_bytes),
	KUNIT_CASE(digest__vector),
	KUNIT_CASE(digest_chain__vector),
	KUNIT_CASE(contract_hash__vector),
	KUNIT_CASE(party_hash__vector),
	{}
};

static struct kunit_suite suite = {
	.name = "pop_key",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
