/* SPDX-License-Identifier: GPL-2.0 */
/* Netlink requests by chance: every command, and attributes of all kinds. */
#ifndef _FUZZ_NETLINK_H
#define _FUZZ_NETLINK_H

#include "fuzz_actor.h"

enum kind {
	END, HASH, U16, U32, ADDR4, ADDR6, ANY4, ANY6, KEYS, BODY, SIGNATURES
};

static const struct {
	uint8_t cmd;
	struct {
		uint8_t type;
		enum kind kind;
	} attr[8];
} commands[] = {
	{ POP_CMD_CONTRACT_GET, { { POP_A_CONTRACT_HASH, HASH } } },
	{ POP_CMD_CONTRACT_ADD, { { POP_A_CONTRACT_BODY, BODY },
				  { POP_A_CONTRACT_SIGNATURES, SIGNATURES } } },
	{ POP_CMD_CONTRACT_SET, { { POP_A_CONTRACT_HASH, HASH },
				  { POP_A_CONTRACT_STATE, U32 } } },
	{ POP_CMD_CONTRACT_DEL, { { POP_A_CONTRACT_HASH, HASH } } },
	{ POP_CMD_PARTY_GET, { { POP_A_PARTY_CONTRACT, HASH },
			       { POP_A_PARTY_INDEX, U32 } } },
	{ POP_CMD_PARTY_ADD, { { POP_A_PARTY_CONTRACT, HASH },
			       { POP_A_PARTY_INDEX, U32 },
			       { POP_A_PARTY_UID, U32 },
			       { POP_A_PARTY_KEYS, KEYS } } },
	{ POP_CMD_PARTY_DEL, { { POP_A_PARTY_CONTRACT, HASH },
			       { POP_A_PARTY_INDEX, U32 } } },
	{ POP_CMD_PEER_GET, { { POP_A_PEER_CONTRACT, HASH },
			      { POP_A_PEER_PARTY, U32 },
			      { POP_A_PEER_INDEX, U32 } } },
	{ POP_CMD_PEER_SET, { { POP_A_PEER_CONTRACT, HASH },
			      { POP_A_PEER_PARTY, U32 },
			      { POP_A_PEER_INDEX, U32 },
			      { POP_A_PEER_ADDR4, ADDR4 } } },
	{ POP_CMD_PEER_SET, { { POP_A_PEER_CONTRACT, HASH },
			      { POP_A_PEER_PARTY, U32 },
			      { POP_A_PEER_INDEX, U32 },
			      { POP_A_PEER_ADDR6, ADDR6 },
			      { POP_A_PEER_PORT, U16 },
			      { POP_A_PEER_SCOPE, U32 } } },
	{ POP_CMD_PHASE_GET, { { POP_A_PHASE_CONTRACT, HASH },
			       { POP_A_PHASE_PARTY, U32 },
			       { POP_A_PHASE_INDEX, U32 } } },
	{ POP_CMD_PHASE_SET, { { POP_A_PHASE_CONTRACT, HASH },
			       { POP_A_PHASE_PARTY, U32 },
			       { POP_A_PHASE_INDEX, U32 } } },
	{ POP_CMD_CHANNEL_GET, { { POP_A_CHANNEL_CONTRACT, HASH },
				 { POP_A_CHANNEL_PARTY, U32 },
				 { POP_A_CHANNEL_DIRECTION, U32 },
				 { POP_A_CHANNEL_PHASE, U32 },
				 { POP_A_CHANNEL_ACTION, U32 },
				 { POP_A_CHANNEL_PEER, U32 } } },
	{ POP_CMD_STATE_GET, { { POP_A_STATE_CONTRACT, HASH },
			       { POP_A_STATE_PARTY, U32 },
			       { POP_A_STATE_PEER, U32 },
			       { POP_A_STATE_DIRECTION, U32 },
			       { POP_A_STATE_PHASE, U32 },
			       { POP_A_STATE_FIRST, U32 },
			       { POP_A_STATE_COUNT, U32 } } },
	{ POP_CMD_NODE_GET, { { POP_A_NODE_FAMILY, U32 } } },
	{ POP_CMD_NODE_SET, { { POP_A_NODE_PORT, U16 },
			      { POP_A_NODE_ADDR4, ANY4 },
			      { POP_A_NODE_ADDR6, ANY6 },
			      { POP_A_NODE_MULTICAST, U32 },
			      { POP_A_NODE_IFINDEX, U32 } } },
};

/*
 * A body that is nearly one that was there before. How many messages it
 * schedules is kept low: that a contract of millions takes much memory is no
 * news.
 */
static void make_own(struct actor *a)
{
	const struct kit_body *from = &bodies[roll(&a->d, BODIES)];
	size_t room = from->len + 256;
	struct pop_body *body;
	struct pop_body_action *action;
	size_t at;

	free(a->own.data);
	a->own = *from;
	a->own.data = calloc(1, room);
	memcpy(a->own.data, from->data, from->len);
	do {
		mutate(&a->d, a->own.data, &a->own.len, room);
	} while (one_in(&a->d, 3));
	body = (void *)a->own.data;
	at = sizeof(*body);
	if (a->own.len >= at) {
		a->own.parties = be16toh(body->parties);
		at += a->own.parties * sizeof(struct pop_body_party) +
		      be16toh(body->phases) * sizeof(struct pop_body_phase);
	}
	if (a->own.parties > 16)
		a->own.parties = 16;
	for (; at + sizeof(*action) <= a->own.len; at += sizeof(*action)) {
		action = (void *)(a->own.data + at);
		action->count &= htobe32(0xfff);
	}
	kit_hash(&a->own);
}

static void put_some(struct actor *a, struct nlmsghdr *nlh, int type,
		     enum kind kind, const struct kit_body *b, uint32_t self)
{
	struct dice *d = &a->d;
	struct in_addr in = { htonl(0x7f000001 + roll(d, 3)) };
	struct in6_addr in6 = IN6ADDR_LOOPBACK_INIT;
	static const uint8_t zeros[32 * POP_SIGNATURE_LEN];
	int peer;

	switch (kind) {
	case HASH:
		mnl_attr_put(nlh, type, POP_HASH_LEN, b->hash);
		break;
	case U16:
		mnl_attr_put_u16(nlh, type, one_in(d, 3) ? edge(d) :
				 htons(POP_DEFAULT_PORT + roll(d, 2)));
		break;
	case U32:
		mnl_attr_put_u32(nlh, type, small_or_edge(d, 4));
		break;
	case ANY4:
		if (!one_in(d, 20))
			in.s_addr = 0;
		mnl_attr_put(nlh, type, sizeof(in), &in);
		break;
	case ANY6:
		if (!one_in(d, 20))
			in6 = in6addr_any;
		mnl_attr_put(nlh, type, sizeof(in6), &in6);
		break;
	case ADDR4:
		if (one_in(d, 6))
			in.s_addr = htonl(edge(d));
		mnl_attr_put(nlh, type, sizeof(in), &in);
		break;
	case ADDR6:
		if (one_in(d, 4))
			noise(d, &in6, 1 + roll(d, 16));
		mnl_attr_put(nlh, type, sizeof(in6), &in6);
		break;
	case KEYS:
		for (peer = 0; peer < b->parties; peer++)
			if ((uint32_t)peer != self && !one_in(d, 40))
				kit_put_keys(nlh, b, self, peer);
		break;
	case BODY:
		mnl_attr_put(nlh, type, b->len, b->data);
		break;
	case SIGNATURES:
		mnl_attr_put(nlh, type, POP_SIGNATURE_LEN *
			     (one_in(d, 20) ? roll(d, 32) : b->parties), zeros);
		break;
	case END:
		break;
	}
}

/* Attributes that have no business there. */
static void put_strange(struct actor *a, struct nlmsghdr *nlh)
{
	struct dice *d = &a->d;
	int depth = roll(d, 6), i;
	struct nlattr *nest[6];
	uint8_t value[64];
	uint16_t len;

	for (i = 0; i < depth; i++)
		nest[i] = mnl_attr_nest_start(nlh, roll(d, 16));
	noise(d, value, sizeof(value));
	mnl_attr_put(nlh, roll(d, 20) | (one_in(d, 4) ? NLA_F_NESTED : 0),
		     roll(d, 64), value);
	if (one_in(d, 4)) {	/* its length is not what it says */
		struct nlattr *last = mnl_nlmsg_get_payload_tail(nlh);

		len = edge(d);
		last->nla_len = len;
		last->nla_type = roll(d, 16);
		nlh->nlmsg_len += sizeof(*last) + 8 * roll(d, 3);
	}
	while (i--)
		mnl_attr_nest_end(nlh, nest[i]);
}

static struct nlmsghdr *some_request(struct actor *a, size_t *len)
{
	struct dice *d = &a->d;
	unsigned int which = roll(d, ARRAY_LEN(commands)), i;
	uint32_t self = small_or_edge(d, 4);
	const struct kit_body *b = some_body(a);
	struct nlmsghdr *nlh;
	struct genlmsghdr *genl;

	/* what ends things ends them at times only */
	while ((commands[which].cmd == POP_CMD_CONTRACT_DEL ||
		commands[which].cmd == POP_CMD_CONTRACT_SET ||
		commands[which].cmd == POP_CMD_PARTY_DEL) && !one_in(d, 8))
		which = roll(d, ARRAY_LEN(commands));
	/* the header, and room for what mutate() reads before it writes */
	memset(a->request, 0, 4096);
	nlh = mnl_nlmsg_put_header(a->request);
	nlh->nlmsg_type = one_in(d, 50) ? roll(d, 64) : a->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | (one_in(d, 3) ? 0 : NLM_F_ACK);
	if (one_in(d, 5))
		nlh->nlmsg_flags |= NLM_F_DUMP;
	if (one_in(d, 30))
		nlh->nlmsg_flags = edge(d);
	nlh->nlmsg_seq = ++a->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = one_in(d, 30) ? roll(d, 256) : commands[which].cmd;
	genl->version = one_in(d, 30) ? roll(d, 256) : 1;
	if (genl->cmd == POP_CMD_CONTRACT_ADD && one_in(d, 2)) {
		make_own(a);
		b = &a->own;
	}
	for (i = 0; commands[which].attr[i].kind != END; i++) {
		if (one_in(d, 12))
			continue;
		do {
			if (i == 1 && commands[which].attr[i].kind == U32)
				mnl_attr_put_u32(nlh,
						 commands[which].attr[i].type,
						 self);
			else
				put_some(a, nlh, commands[which].attr[i].type,
					 commands[which].attr[i].kind, b, self);
		} while (one_in(d, 30));
	}
	if (one_in(d, 12))
		put_strange(a, nlh);
	*len = nlh->nlmsg_len;
	if (one_in(d, 8))
		mutate(d, (uint8_t *)nlh, len, KIT_PIECE);
	return nlh;
}

static void open_netlink(struct actor *a)
{
	struct sockaddr_nl local = { .nl_family = AF_NETLINK };
	int on = 1;

	if (a->nl >= 0)
		close(a->nl);
	a->nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	bind(a->nl, (void *)&local, sizeof(local));
	if (one_in(&a->d, 2))
		setsockopt(a->nl, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
			   sizeof(on));
	if (one_in(&a->d, 2))
		setsockopt(a->nl, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	on = a->family + 1 + roll(&a->d, 3);	/* perhaps the events */
	if (one_in(&a->d, 2))
		setsockopt(a->nl, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &on,
			   sizeof(on));
}

static void call_netlink(struct actor *a)
{
	struct dice *d = &a->d;
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr *nlh;
	size_t len;

	if (a->nl < 0 || one_in(d, 40))
		open_netlink(a);
	nlh = some_request(a, &len);
	sendto(a->nl, nlh, len, MSG_DONTWAIT, (void *)&kernel, sizeof(kernel));
	/* what is not read stays, and a dump in its middle */
	while (!one_in(d, 6))
		if (recv(a->nl, a->data, one_in(d, 4) ? roll(d, 400) : HIGHEST,
			 MSG_DONTWAIT) <= 0)
			break;
}

/* As it should be, so that there is something to talk by. */
static void call_load(struct actor *a)
{
	const struct kit_body *b = &bodies[roll(&a->d, BODIES)];
	int i, fd;

	if (!a->k.nl && kit_open(&a->k))
		return;
	if (one_in(&a->d, 2))
		kit_contract_cmd(&a->k, POP_CMD_CONTRACT_DEL, b->hash);
	kit_load(&a->k, b);
	for (i = 0; i < b->parties; i++) {
		fd = kit_socket(b, i);
		if (fd >= 0)
			put_fd(a, fd, i);
	}
}

#endif /* _FUZZ_NETLINK_H */
