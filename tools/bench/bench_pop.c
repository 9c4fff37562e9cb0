// SPDX-License-Identifier: GPL-2.0
/* Back end for AF_POP. The argument is the hash of a contract whose party N is
 * side N; by whose first phase the sender owes action 0 to all recipients, and
 * recipient N owes action N to the sender.
 */
#include "bench.h"
#include "../examples/hash.h"

static void channel(struct sockaddr_pop *a, unsigned int party,
		    unsigned int action)
{
	*a = (struct sockaddr_pop){
		.spop_family = AF_POP,
		.spop_party = party,
		.spop_action = action,
		.spop_seq = POP_SEQ_NEXT,
	};
	parse_hash(a->spop_contract, argument);
}

static void pop_open(struct link *l, unsigned int self, unsigned int peer)
{
	struct sockaddr_pop own, other;

	channel(&own, self, POP_ACTION_ANY);
	own.spop_phase = POP_PHASE_ANY;
	channel(&other, fan && !self ? POP_PARTY_ANY : peer, self);
	l->fd = make_socket(AF_POP, SOCK_RDM, POP_PROTO_MESSAGES);
	if (bind(l->fd, (struct sockaddr *)&own, sizeof(own)) ||
	    connect(l->fd, (struct sockaddr *)&other, sizeof(other)))
		err(1, "%s", backend->name);
}

static struct link *sender_link;

static void pop_open_shared(struct link *l, unsigned int self,
			    unsigned int peer)
{
	pop_open(l, self, peer);
	sender_link = l;
}

/* Whether by multicast or by copies is the node's setting. */
static void pop_group(struct link *l)
{
	*l = *sender_link;
}

const struct backend pop_backends[] = {
	{ .name = "pop", .shared = true, .open = pop_open_shared,
	  .group = pop_group },
	{}
};
