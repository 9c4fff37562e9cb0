// SPDX-License-Identifier: GPL-2.0
/* Keys, cards and signatures: who can make them, and who cannot. */

#include <crypto/blake2s.h>
#include <errno.h>
#include <linux/kernel.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fixture.h"
#include "tap.h"

static struct fixture fixture;
static struct pop_error err;

#define PATH(name) fixture_path(&fixture, name)

static struct pop_contract *six(void)
{
	struct pop_contract *contract;

	contract = fixture_compile(&fixture, six_party, &err);
	if (!contract)
		abort();
	return contract;
}

static void test_files(void)
{
	struct pop_identity identity, other;
	struct pop_contract_key key;
	struct pop_card card;
	struct stat st;

	tap(!stat(PATH("p1.key"), &st) && (st.st_mode & 0777) == 0600 &&
	    !stat(PATH("p1.secret"), &st) && (st.st_mode & 0777) == 0600,
	    "files of secrets are for their owner only");
	pop_identity_read(&identity, PATH("p1.key"), &err);
	tap(pop_identity_write(&identity, PATH("p2.key"), &err) == -EEXIST &&
	    strstr(err.text, "not replaced"),
	    "an identity is never replaced");
	tap(!pop_identity_read(&other, PATH("p2.key"), &err) &&
	    memcmp(&other, &identity, sizeof(other)),
	    "and the other one is still there");
	pop_contract_key_make(&key, &card, &identity);
	tap(pop_contract_key_write(&key, PATH("p1.secret"), &err) == -EEXIST &&
	    pop_card_write(&card, PATH("p1.pub"), &err) == -EEXIST,
	    "neither is a contract key or a card");

	chmod(PATH("p2.key"), 0640);
	tap(pop_identity_read(&other, PATH("p2.key"), &err) == -EACCES &&
	    sodium_is_zero((u8 *)&other, sizeof(other)),
	    "a secret that others can read is not used, but wiped");
	chmod(PATH("p2.key"), 0600);
	tap(pop_key_file_kind(PATH("p1.key"), &err) == POP_FILE_IDENTITY &&
	    pop_key_file_kind(PATH("p1.secret"), &err) ==
	    POP_FILE_CONTRACT_KEY &&
	    pop_key_file_kind(PATH("p1.pub"), &err) == POP_FILE_CARD &&
	    pop_key_file_kind(PATH("c.pop"), &err) == -EINVAL,
	    "the kinds of files can be told");
	tap(!pop_card_read(&card, PATH("p1.pub"), &err) &&
	    !memcmp(card.identity, identity.public, POP_KEY_LEN),
	    "a card names the identity that made it");
}

/* A text file with one letter changed, wherever it is, is refused. */
static void test_edited(const char *name, int (*read)(const char *path))
{
	char text[1024], copy[1024], edited[64];
	FILE *file = fopen(PATH(name), "r");
	size_t len = fread(text, 1, sizeof(text), file), i;
	u32 taken = 0;

	fclose(file);
	snprintf(edited, sizeof(edited), "edited-%s", name);
	for (i = 0; i < len; i++) {
		memcpy(copy, text, len);
		copy[i] = copy[i] == '5' ? '6' : '5';
		fixture_write(&fixture, edited, copy, len);
		chmod(PATH(edited), 0600);
		taken += !read(PATH(edited));
	}
	for (i = 0; i < len; i++) {
		fixture_write(&fixture, edited, text, i);
		taken += !read(PATH(edited));
	}
	memcpy(copy, text, len);
	copy[len] = '\n';
	fixture_write(&fixture, edited, copy, len + 1);
	taken += !read(PATH(edited));
	if (!tap(!taken, "R64 %s with a letter changed, or cut short, is refused",
		 name))
		diag("%u were taken", taken);
}

static int read_identity(const char *path)
{
	struct pop_identity identity;

	return pop_identity_read(&identity, path, &err);
}

static int read_contract_key(const char *path)
{
	struct pop_contract_key key;
	int ret = pop_contract_key_read(&key, path, &err);
	struct pop_identity mine;

	/* whose it is only helps its owner to find it */
	pop_identity_read(&mine, PATH("p1.key"), &err);
	return ret ? ret : memcmp(mine.public, key.identity, POP_KEY_LEN);
}

static int read_card(const char *path)
{
	struct pop_card card;

	return pop_card_read(&card, path, &err);
}

static int read_signature(const char *path)
{
	struct pop_contract *contract = six();
	int ret = pop_contract_add_signatures(contract, path, &err);

	fixture_release(contract);
	return ret;
}

static int sign(struct pop_contract *contract, const char *key,
		const char *secret, const char *path)
{
	u8 signature[POP_SIGNATURE_LEN];
	struct pop_contract_key contract_key;
	struct pop_identity identity;

	if (pop_identity_read(&identity, PATH(key), &err) ||
	    pop_contract_key_read(&contract_key, PATH(secret), &err))
		abort();
	return pop_contract_sign(contract, &identity, &contract_key,
				 path ? PATH(path) : NULL, signature, &err);
}

static void sign_all(struct pop_contract *contract)
{
	char key[32], secret[32], path[32];
	int i;

	for (i = 1; i <= 6; i++) {
		snprintf(key, sizeof(key), "p%d.key", i);
		snprintf(secret, sizeof(secret), "p%d.secret", i);
		snprintf(path, sizeof(path), "p%d.sig", i);
		if (sign(contract, key, secret, path) != i - 1)
			abort();
	}
}

static int add(struct pop_contract *contract, const char *path)
{
	return pop_contract_add_signatures(contract, PATH(path), &err);
}

static void test_signatures(void)
{
	struct pop_contract *contract = six();
	char path[32], all[8192] = "";
	size_t len = 0;
	FILE *file;
	int i;

	sign_all(contract);
	for (i = 1; i <= 5; i++) {
		snprintf(path, sizeof(path), "p%d.sig", i);
		add(contract, path);
	}
	tap(pop_contract_verify(contract, &err) == -EKEYREJECTED &&
	    !strcmp(err.text, "p6 has not signed (5 of 6 have)"),
	    "R6 R64 n-1 signatures are not enough, and it says whose is missing");
	add(contract, "p5.sig");
	tap(pop_contract_verify(contract, &err) == -EKEYREJECTED,
	    "R6 one of them twice does not help");
	add(contract, "p6.sig");
	tap(pop_contract_verify(contract, &err) == POP_LEVEL_SIGNED,
	    "R6 R64 with all n it is valid at level 1");
	fixture_release(contract);

	for (i = 1; i <= 6; i++) {
		snprintf(path, sizeof(path), "p%d.sig", i);
		file = fopen(PATH(path), "r");
		len += fread(all + len, 1, sizeof(all) - len, file);
		fclose(file);
	}
	fixture_write(&fixture, "all.sig", all, len);
	contract = six();
	tap(!add(contract, "all.sig") &&
	    pop_contract_verify(contract, &err) == POP_LEVEL_SIGNED,
	    "they may be one behind the other in one file");
	fixture_release(contract);
}

/* A signature of @by on the contract in which p1 claims to be the signer. */
static void test_wrong_signatures(void)
{
	static const char other_yaml[] =
		"contract: other\nparties: {p1: p1.pub, p2: p2.pub}\n"
		"phases: [{actions: [{name: n, from: p1, to: p2}]}]\n";
	struct pop_contract *contract = six(), *other;
	struct pop_identity mallory;
	char text[1024], *party;
	FILE *file;
	size_t len;

	/* p2's signature in p1's name */
	file = fopen(PATH("p2.sig"), "r");
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	party = strstr(text, "party p2");
	party[7] = '1';
	fixture_write(&fixture, "stolen.sig", text, len);
	tap(add(contract, "stolen.sig") == -EKEYREJECTED &&
	    strstr(err.text, "the signature of p1 does not hold"),
	    "R5 R64 a signature counts for the party that made it only");
	party[7] = '9';
	fixture_write(&fixture, "stolen.sig", text, len);
	tap(add(contract, "stolen.sig") == -EKEYREJECTED &&
	    strstr(err.text, "p9 is no party of the contract"),
	    "R64 and for a party of the contract");

	other = fixture_compile(&fixture, other_yaml, &err);
	tap(add(other, "p1.sig") == -EKEYREJECTED &&
	    strstr(err.text, "p1 has signed another contract"),
	    "R5 R64 a signature counts for one contract only");

	memcpy(other->hash, contract->hash, POP_HASH_LEN);
	tap(sign(other, "p3.key", "p3.secret", NULL) == -ENOENT,
	    "R64 who is no party cannot sign");
	fixture_release(other);

	tap(sign(contract, "p1.key", "p2.secret", NULL) == -EKEYREJECTED &&
	    strstr(err.text, "another contract key"),
	    "R64 nobody signs a contract that names a key he does not have");
	fixture_release(contract);

	pop_identity_make(&mallory);
	tap(pop_party_by_identity(&(struct pop_plan){}, mallory.public) ==
	    -ENOENT, "R4 an outsider is nobody's party");
}

/* All pairs, from both ends. */
static void test_pair_keys(void)
{
	struct pop_contract *contract = six();
	const struct pop_plan *plan = &contract->plan;
	struct pop_contract_key key[6];
	struct pop_pair_keys keys[6][6];
	u32 i, j, k, l, agreed = 0, same = 0;
	char path[32];

	for (i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "p%u.secret", i + 1);
		pop_contract_key_read(&key[i], PATH(path), &err);
	}
	for (i = 0; i < 6; i++)
		for (j = 0; j < 6; j++)
			if (i != j && pop_pair_keys(plan, contract->hash, i,
						    key[i].secret, j,
						    &keys[i][j]))
				abort();
	for (i = 0; i < 6; i++)
		for (j = 0; j < 6; j++) {
			if (i == j)
				continue;
			agreed += !memcmp(keys[i][j].tx, keys[j][i].rx,
					  POP_KEY_LEN);
			for (k = 0; k < 6; k++)
				for (l = 0; l < 6; l++)
					same += k != l && (i != k || j != l) &&
						!memcmp(keys[i][j].tx,
							keys[k][l].tx,
							POP_KEY_LEN);
		}
	tap(agreed == 30, "R41 both ends of all 30 directions have one key");
	tap(!same, "R5 and no two directions have the same");
	tap(pop_pair_keys(plan, contract->hash, 0, key[0].secret, 0,
			  &keys[0][0]) == -EINVAL &&
	    pop_pair_keys(plan, contract->hash, 0, key[0].secret, 6,
			  &keys[0][0]) == -EINVAL &&
	    pop_pair_keys(plan, contract->hash, 6, key[0].secret, 0,
			  &keys[0][0]) == -EINVAL,
	    "there is no key with oneself, or with an outsider");

	contract->hash[0] ^= 1;
	pop_pair_keys(plan, contract->hash, 0, key[0].secret, 1, &keys[0][0]);
	tap(memcmp(keys[0][0].tx, keys[0][1].tx, POP_KEY_LEN) &&
	    memcmp(keys[0][0].rx, keys[0][1].rx, POP_KEY_LEN),
	    "R5 another contract hash makes other keys");
	contract->hash[0] ^= 1;
	((struct pop_body_party *)plan->party)[1].identity[0] ^= 1;
	pop_pair_keys(plan, contract->hash, 0, key[0].secret, 1, &keys[0][0]);
	tap(memcmp(keys[0][0].tx, keys[0][1].tx, POP_KEY_LEN) &&
	    memcmp(keys[0][0].rx, keys[0][1].rx, POP_KEY_LEN),
	    "R5 and so does another party hash");
	fixture_release(contract);
}

/* Points of small order, with which X25519 gives zero. */
static const char * const small_order[] = {
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void test_small_order(void)
{
	struct pop_contract *contract = six();
	struct pop_body_party *party;
	struct pop_contract_key key;
	struct pop_pair_keys keys;
	u32 i, refused = 0, invalid = 0;

	add(contract, "all.sig");
	pop_contract_key_read(&key, PATH("p1.secret"), &err);
	party = (struct pop_body_party *)contract->plan.party;
	for (i = 0; i < 6; i++) {
		sodium_hex2bin(party[3].key, POP_KEY_LEN, small_order[i], 64,
			       NULL, NULL, NULL);
		refused += pop_pair_keys(&contract->plan, contract->hash, 0,
					 key.secret, 3, &keys) ==
			   -EKEYREJECTED;
		invalid += pop_contract_verify(contract, &err) ==
			   -EKEYREJECTED &&
			   !strcmp(err.text,
				   "the contract key of p4 cannot be used");
	}
	tap(refused == 6, "a key that allows no secret gives no pair key");
	tap(invalid == 6, "R64 and makes the contract invalid at level 1");
	fixture_release(contract);
}

/* The kernel's interface over libb2; RFC 7693, and the reference's keyed one. */
static void test_blake2s(void)
{
	u8 hash[POP_HASH_LEN], key[POP_KEY_LEN], want[POP_HASH_LEN];
	struct blake2s_state state;
	u32 i;

	blake2s_init(&state, sizeof(hash));
	blake2s_update(&state, (const u8 *)"a", 1);
	blake2s_update(&state, (const u8 *)"bc", 2);
	blake2s_final(&state, hash);
	sodium_hex2bin(want, sizeof(want),
		       "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
		       64, NULL, NULL, NULL);
	tap(!memcmp(hash, want, sizeof(hash)), "BLAKE2s as in RFC 7693");

	for (i = 0; i < sizeof(key); i++)
		key[i] = i;
	blake2s_init_key(&state, sizeof(hash), key, sizeof(key));
	blake2s_final(&state, hash);
	sodium_hex2bin(want, sizeof(want),
		       "48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49",
		       64, NULL, NULL, NULL);
	tap(!memcmp(hash, want, sizeof(hash)), "BLAKE2s with a key");
}

/* RFC 8032, 7.1, test 3; RFC 7748, 6.1, with the scalar as it is used. */
static void test_vectors(void)
{
	static const char identity_text[] =
		"pop-identity 1\n"
		"public fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025\n"
		"secret c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7\n";
	static const char key_text[] =
		"pop-contract-key 1\n"
		"identity fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025\n"
		"public 8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a\n"
		"secret 70076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c6a\n";
	struct pop_identity identity;
	struct pop_contract_key key;

	fixture_write(&fixture, "rfc.key", identity_text,
		      strlen(identity_text));
	chmod(PATH("rfc.key"), 0600);
	tap(pop_identity_read(&identity, PATH("rfc.key"), &err) == 0,
	    "Ed25519 as in RFC 8032");
	fixture_write(&fixture, "rfc.secret", key_text, strlen(key_text));
	chmod(PATH("rfc.secret"), 0600);
	tap(pop_contract_key_read(&key, PATH("rfc.secret"), &err) == 0,
	    "X25519 as in RFC 7748");
}

static void test_endpoints(void)
{
	static const char text[] =
		"p1: 10.0.0.1:7670\np2: \"[fd00::2]:7671\"\n"
		"p3: 10.0.0.3\np4: \"[fe80::1%lo]:1\"\n"
		"p5: fd00::5\np6: fe80::6%lo\n";
	static const char * const bad[] = {
		"p1: 10.0.0.1:0\n", "p1: 10.0.0.1:65536\n", "p1: 10.0.0\n",
		"p1: 10.0.0.1:\n", "p1: \"[fd00::1\"\n", "p1: fd00::1%none\n",
		"p1: \"[fd00::1]x\"\n", "p1: \"[::1%none]:1\"\n", "p1: []\n",
		"p1: 10.0.0.1\np1: 10.0.0.2\n", "p9: 10.0.0.1\n", "[]\n",
		"p1: 10.0.0.1:7670 \\n\n", "",
	};
	struct pop_contract *contract = six();
	struct pop_endpoint *list;
	u32 nr, i, taken = 0;

	fixture_write(&fixture, "endpoints", text, strlen(text));
	if (tap(!pop_endpoints_read(PATH("endpoints"), &contract->plan, &list,
				    &nr, &err) && nr == 6,
		"R45 a file of endpoints is read")) {
		tap(list[0].party == 0 &&
		    list[0].addr.in.sin_family == AF_INET &&
		    list[0].addr.in.sin_addr.s_addr == htonl(0x0a000001) &&
		    list[0].addr.in.sin_port == htons(7670) &&
		    !list[2].addr.in.sin_port,
		    "R45 with addresses of IPv4, with and without a port");
		tap(list[1].addr.in6.sin6_family == AF_INET6 &&
		    list[1].addr.in6.sin6_addr.s6_addr[15] == 2 &&
		    list[1].addr.in6.sin6_port == htons(7671) &&
		    list[3].addr.in6.sin6_scope_id,
		    "R45 and of IPv6, also link-local");
		tap(list[4].addr.in6.sin6_addr.s6_addr[15] == 5 &&
		    !list[4].addr.in6.sin6_port &&
		    list[5].addr.in6.sin6_scope_id,
		    "R45 and without brackets when there is no port");
		free(list);
	} else {
		diag("%s", err.text);
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fixture_write(&fixture, "endpoints", bad[i], strlen(bad[i]));
		if (!pop_endpoints_read(PATH("endpoints"), &contract->plan,
					&list, &nr, &err)) {
			diag("%s", bad[i]);
			free(list);
			taken++;
		}
	}
	tap(!taken, "what is no endpoint is refused");
	fixture_write(&fixture, "endpoints", "p1: fe80::1%none\n", 17);
	tap(pop_endpoints_read(PATH("endpoints"), &contract->plan, &list, &nr,
			       &err) &&
	    strstr(err.text, ":1:5: there is no interface \"none\""),
	    "and an interface that is none is named");
	fixture_release(contract);
}

int main(void)
{
	fixture_make(&fixture);
	fixture_parties(&fixture, "p1 p2 p3 p4 p5 p6");
	fixture_release(six());
	test_files();
	test_signatures();
	test_wrong_signatures();
	test_edited("p1.key", read_identity);
	test_edited("p1.secret", read_contract_key);
	test_edited("p1.pub", read_card);
	test_edited("p1.sig", read_signature);
	test_pair_keys();
	test_small_order();
	test_blake2s();
	test_vectors();
	test_endpoints();
	fixture_remove(&fixture);
	return tap_done();
}
