// SPDX-License-Identifier: GPL-2.0
/*
 * probe CONTRACT.pop SECRET: the keys that the party with this contract key
 * shares with all others, for an independent program to compare. A line each:
 * index of the party, index of the peer, k(party -> peer), k(peer -> party).
 */

#include <err.h>

#include "pop.h"

static void print_hex(const u8 *data)
{
	u32 i;

	putchar(' ');
	for (i = 0; i < POP_KEY_LEN; i++)
		printf("%02x", data[i]);
}

int main(int argc, char **argv)
{
	struct pop_contract_key key;
	struct pop_contract contract;
	struct pop_pair_keys keys;
	struct pop_error error;
	u32 peer;
	int party;

	if (argc != 3)
		errx(1, "usage: probe CONTRACT.pop SECRET");
	if (pop_init())
		errx(1, "no randomness");
	if (pop_contract_read(&contract, argv[1], &error) ||
	    pop_contract_key_read(&key, argv[2], &error))
		errx(1, "%s", error.text);
	party = pop_party_by_key(&contract.plan, key.public);
	if (party < 0)
		errx(1, "%s: no key of this contract", argv[2]);
	for (peer = 0; peer < contract.plan.nr_parties; peer++) {
		if (pop_pair_keys(&contract.plan, contract.hash, party,
				  key.secret, peer, &keys))
			continue;
		printf("%d %u", party, peer);
		print_hex(keys.tx);
		print_hex(keys.rx);
		putchar('\n');
	}
	pop_contract_release(&contract);
	return 0;
}
