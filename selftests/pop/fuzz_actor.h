/* SPDX-License-Identifier: GPL-2.0 */
/* Who calls by chance, by which contracts, and what it gives to a call. */
#ifndef _FUZZ_ACTOR_H
#define _FUZZ_ACTOR_H

#include <stdint.h>

#include "fuzz_chance.h"
#include "kit.h"

enum { A, B, C, D };

#define BODIES		6
#define FDS		8
#define FAR		((void *)8)	/* where no memory is */
#define HIGHEST		70000	/* bytes that a call is given at most */

static const struct kit_action actions[] = {
	{ 0, "bill", A, 1, { B }, .count = 3000, .max = 4096, .minutes = 1 },
	{ 0, "news", A, 2, { B, C }, .count = 2000, .max = 65536, .same = true },
	{ 0, "wide", B, 2, { A, C }, .count = 40 },
	{ 1, "last", C, 1, { A }, .count = 2 },
	{ 1, "reply", B, 1, { A }, .max = 64 },
	{ 2, "more", A, 2, { B, C } },
	{ 3, "end", B, 1, { C } },
};

static const struct kit_contract contracts[] = {
	{ .name = "calls", .parties = 3, .phases = 4, .action = actions,
	  .nr_actions = 7 },
	{ .name = "manual", .parties = 4, .phases = 4, .action = actions,
	  .nr_actions = 7, .manual = true },
	{ .name = "global", .parties = 3, .phases = 4, .action = actions,
	  .nr_actions = 7, .gate = POP_GATE_GLOBAL },
};

static struct kit_body bodies[BODIES];

/* A socket, and of whom it is. */
struct slot {
	int	fd;
	int	party;
};

struct actor {
	struct dice	d;
	struct slot	*slots;		/* of all threads of a process */
	int		nl;
	int		proc;
	uint16_t	family;
	uint32_t	seq;
	bool		killed;		/* can be at any time */
	struct kit	k;		/* for what is to succeed */
	struct kit_body	own;		/* made by mutation */
	uint8_t		*request;
	uint8_t		*data;
};

static uint16_t family_id;

static const struct kit_body *some_body(struct actor *a)
{
	return a->own.data && one_in(&a->d, 4) ? &a->own :
						  &bodies[roll(&a->d, BODIES)];
}

static struct slot *some_slot(struct actor *a)
{
	return &a->slots[roll(&a->d, FDS)];
}

static int some_fd(struct actor *a)
{
	return __atomic_load_n(&some_slot(a)->fd, __ATOMIC_RELAXED);
}

static void put_fd(struct actor *a, int fd, int party)
{
	struct slot *slot = some_slot(a);
	int old = __atomic_exchange_n(&slot->fd, fd, __ATOMIC_RELAXED);

	__atomic_store_n(&slot->party, party, __ATOMIC_RELAXED);
	if (old >= 0)
		close(old);
}

/* An address that is right, but for what chance changes. */
static socklen_t some_address(struct actor *a, struct sockaddr_pop *addr,
			      bool bind)
{
	struct dice *d = &a->d;

	*addr = kit_addr(some_body(a), small_or_edge(d, 4));
	if (!bind || one_in(d, 10)) {
		addr->spop_phase = small_or_edge(d, 4);
		addr->spop_action = small_or_edge(d, 3);
	}
	if (!bind && one_in(d, 3))
		addr->spop_party = POP_PARTY_ANY;
	if (!bind && one_in(d, 4))
		addr->spop_seq = small_or_edge(d, 40);
	if (!bind && one_in(d, 2))
		memset(addr->spop_contract, 0, POP_HASH_LEN);
	if (one_in(d, 20))
		addr->spop_family = one_in(d, 2) ? AF_UNSPEC : roll(d, 50);
	if (one_in(d, 30))
		addr->spop_pad = roll(d, 2);
	if (one_in(d, 30))
		((uint8_t *)addr)[roll(d, sizeof(*addr))] ^= 1 << roll(d, 8);
	return one_in(d, 15) ? roll(d, sizeof(*addr) + 80) : sizeof(*addr);
}

/* Where a party has to send to. */
static void some_output(struct dice *d, struct sockaddr_pop *addr, int party)
{
	const struct kit_action *action;

	do {
		action = &actions[roll(d, ARRAY_LEN(actions))];
	} while (action->from != party);
	addr->spop_party = action->nr_to > 1 ? POP_PARTY_ANY : action->to[0];
	addr->spop_phase = action->phase;
	addr->spop_action = 0;
	while (action - addr->spop_action > actions &&
	       action[-1 - addr->spop_action].phase == action->phase)
		addr->spop_action++;
	addr->spop_seq = POP_SEQ_NEXT;
	memset(addr->spop_contract, 0, POP_HASH_LEN);
}

static size_t some_length(struct dice *d)
{
	switch (roll(d, 8)) {
	case 0:
		return 0;
	case 1:
		return roll(d, 5000);
	case 2:
		return one_in(d, 4) ? roll(d, HIGHEST) : 65;
	default:
		return roll(d, 64);
	}
}

#endif /* _FUZZ_ACTOR_H */
