/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the tests in C: contracts built by hand, netlink, and a network
 * namespace in which all parties of a contract are local and meet over the
 * loopback device.
 *
 * Only the uapi headers and what is written there is used: nothing of libpop,
 * so that a mistake in one of them shows.
 */
#ifndef _KIT_H
#define _KIT_H

#include <arpa/inet.h>
#include <blake2.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/pop.h>

/* Seconds for one test: not how long it should take, but when it is stuck. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 250

/* --- contracts ------------------------------------------------------------- */

struct kit_action {
	int		phase;		/* ascending */
	const char	*name;		/* ascending within a phase */
	int		from;
	int		nr_to;
	int		to[8];		/* ascending */
	bool		all;		/* to all others instead */
	uint32_t	count;
	uint32_t	max;
	uint32_t	minutes;
	uint32_t	job;
	bool		same;
	bool		vote;		/* late: vote */
	int		consistency;
	int		kind;
};

struct kit_dispute {
	int		party;
	int		first;		/* phase */
	int		end;		/* behind the last one */
};

struct kit_contract {
	const char	*name;
	int		parties;	/* "p0000", "p0001", ... */
	int		phases;
	bool		manual;
	int		gate;		/* of all phases */
	uint32_t	deadline;	/* of all phases, without skew */
	int		nr_actions;
	const struct kit_action *action;
	uint32_t	salt;		/* makes keys, and so contracts, differ */
	int		nr_disputes;
	const struct kit_dispute *dispute;	/* beyond one's own actions */
};

struct kit_body {
	uint8_t		*data;
	size_t		len;
	uint8_t		hash[POP_HASH_LEN];
	int		parties;
	uint32_t	salt;
};

static inline void kit_hash(struct kit_body *b)
{
	blake2s_state state;

	blake2s_init(&state, POP_HASH_LEN);
	blake2s_update(&state, (const uint8_t *)"PoP1-contract", 13);
	blake2s_update(&state, b->data, b->len);
	blake2s_final(&state, b->hash, POP_HASH_LEN);
}

static inline void kit_name(uint8_t *to, const char *name)
{
	strncpy((char *)to, name, POP_NAME_LEN - 1);
}

static inline struct kit_body kit_encode(const struct kit_contract *c)
{
	struct kit_body b = { .parties = c->parties, .salt = c->salt };
	struct pop_body_action *action;
	struct pop_body_party *party;
	struct pop_body_phase *phase;
	struct pop_body *body;
	int i, j, edges = 0;
	uint16_t *to;

	for (i = 0; i < c->nr_actions; i++)
		edges += c->action[i].all ? c->parties - 1 : c->action[i].nr_to;
	b.len = sizeof(*body) + c->parties * sizeof(*party) +
		c->phases * sizeof(*phase) + c->nr_actions * sizeof(*action) +
		edges * sizeof(*to);
	b.data = calloc(1, b.len);

	body = (void *)b.data;
	body->magic = htobe32(POP_BODY_MAGIC);
	body->flags = c->manual ? POP_BODY_F_MANUAL : 0;
	body->parties = htobe16(c->parties);
	body->phases = htobe16(c->phases);
	body->skew = htobe32(c->deadline ? 0 : 30);
	kit_name(body->name, c->name);

	party = (void *)(body + 1);
	for (i = 0; i < c->parties; i++) {
		char name[16];

		/* names ascend with the index */
		snprintf(name, sizeof(name), "p%04d", i);
		memset(party[i].identity, 0x11, POP_KEY_LEN);
		memset(party[i].key, 0x77, POP_KEY_LEN);
		memcpy(party[i].identity, &i, sizeof(i));
		memcpy(party[i].identity + 4, &c->salt, sizeof(c->salt));
		memcpy(party[i].key, &i, sizeof(i));
		memcpy(party[i].key + 4, &c->salt, sizeof(c->salt));
		kit_name(party[i].name, name);
	}
	for (i = 0; i < c->nr_disputes; i++) {
		const struct kit_dispute *d = &c->dispute[i];

		party[d->party].dispute_first = htobe16(d->first);
		party[d->party].dispute_end = htobe16(d->end);
	}
	phase = (void *)(party + c->parties);
	for (i = 0; i < c->phases; i++) {
		phase[i].gate = c->gate;
		phase[i].deadline = htobe32(c->deadline);
	}
	action = (void *)(phase + c->phases);
	to = (void *)(action + c->nr_actions);
	for (i = 0; i < c->nr_actions; i++) {
		const struct kit_action *a = &c->action[i];
		struct pop_body_phase *p = &phase[a->phase];

		p->actions = htobe16(be16toh(p->actions) + 1);
		action[i].from = htobe16(a->from);
		action[i].recipients = htobe16(a->all ? c->parties - 1 : a->nr_to);
		action[i].count = htobe32(a->count ?: 1);
		action[i].max = htobe32(a->max ?: POP_DEFAULT_MESSAGE);
		action[i].minutes = htobe32(a->minutes);
		action[i].job = htobe32(a->job);
		action[i].flags = a->same ? POP_ACTION_F_SAME : 0;
		action[i].kind = a->kind;
		action[i].late = a->vote ? POP_LATE_VOTE : POP_LATE_WAIT;
		action[i].consistency = a->consistency;
		kit_name(action[i].name, a->name);
		for (j = 0; !a->all && j < a->nr_to; j++)
			*to++ = htobe16(a->to[j]);
		for (j = 0; a->all && j < c->parties; j++)
			if (j != a->from)
				*to++ = htobe16(j);
	}
	kit_hash(&b);
	return b;
}

/* --- netlink --------------------------------------------------------------- */

#define KIT_MESSAGE	(16U << 20)	/* bytes: room for one request */

/*
 * One netlink socket. After kit_call(): @text is the kernel's message for an
 * error, @attr the type of the attribute it points at, @miss that of the one
 * it misses; -1 for none.
 */
struct kit {
	struct mnl_socket	*nl;
	uint16_t		family;
	uint32_t		seq;
	uint8_t			*request;
	uint8_t			*answer;
	char			text[256];
	int			attr;
	int			miss;
};

static inline struct nlmsghdr *kit_start_family(struct kit *k, uint16_t family,
						int cmd, int flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(k->request);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++k->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

static inline struct nlmsghdr *kit_start(struct kit *k, int cmd, int flags)
{
	return kit_start_family(k, k->family, cmd, flags);
}

/* The attribute of the request at @offset, searched in nests, too. */
static inline int kit_attr_at(const uint8_t *at, const uint8_t *end,
			      const uint8_t *target)
{
	while (at + sizeof(struct nlattr) <= end) {
		const struct nlattr *a = (const void *)at;
		int len = MNL_ALIGN(a->nla_len);

		if (a->nla_len < sizeof(*a))
			break;
		if (at == target)
			return mnl_attr_get_type(a);
		if (target > at && target < at + len &&
		    (a->nla_type & NLA_F_NESTED))
			return kit_attr_at(at + sizeof(*a), at + len, target);
		at += len;
	}
	return -1;
}

/* Of an error, or of the end of a dump, of which Linux 6.1 gives the text only. */
static inline void kit_extack(struct kit *k, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	bool done = nlh->nlmsg_type == NLMSG_DONE;
	const struct nlmsghdr *request = (void *)k->request;
	unsigned int offset = done ? sizeof(err->error) : sizeof(*err);
	const struct nlattr *a;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!done && !(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += mnl_nlmsg_get_payload_len(&err->msg);
	mnl_attr_for_each(a, nlh, offset) {
		switch (mnl_attr_get_type(a)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(k->text, sizeof(k->text), "%s",
				 mnl_attr_get_str(a));
			break;
		case NLMSGERR_ATTR_OFFS:
			k->attr = kit_attr_at(k->request + NLMSG_HDRLEN +
					      GENL_HDRLEN,
					      k->request + request->nlmsg_len,
					      k->request + mnl_attr_get_u32(a));
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			k->miss = mnl_attr_get_u32(a);
			break;
		}
	}
}

typedef void (*kit_cb)(const struct nlmsghdr *nlh, void *data);

static inline void kit_forget_errors(struct kit *k)
{
	k->text[0] = 0;
	k->attr = -1;
	k->miss = -1;
}

/* Wait for the answer to request @seq. Return: 0 or a negative errno. */
static inline int kit_wait(struct kit *k, uint32_t seq, kit_cb cb, void *data)
{
	for (;;) {
		const struct nlmsghdr *h = (void *)k->answer;
		int left;

		left = mnl_socket_recvfrom(k->nl, k->answer, KIT_MESSAGE);
		if (left < 0)
			return -errno;
		for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
			if (h->nlmsg_seq != seq)
				continue;
			if (h->nlmsg_type == NLMSG_DONE ||
			    h->nlmsg_type == NLMSG_ERROR) {
				kit_extack(k, h);
				/* where struct nlmsgerr has it, too */
				return *(int *)mnl_nlmsg_get_payload(h);
			}
			if (cb)
				cb(h, data);
		}
	}
}

/* Return: 0 or a negative errno, from the kernel or from sending. */
static inline int kit_call(struct kit *k, struct nlmsghdr *nlh, kit_cb cb,
			   void *data)
{
	kit_forget_errors(k);
	if (mnl_socket_sendto(k->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	return kit_wait(k, nlh->nlmsg_seq, cb, data);
}

static inline void kit_family_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
			*(uint16_t *)data = mnl_attr_get_u16(a);
}

/* Open a netlink socket in the current network namespace. */
static inline int kit_open(struct kit *k)
{
	struct timeval patience = { .tv_sec = 20 };
	struct nlmsghdr *nlh;
	int on = 1;

	memset(k, 0, sizeof(*k));
	k->request = calloc(1, KIT_MESSAGE);
	k->answer = calloc(1, KIT_MESSAGE);
	k->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!k->nl || mnl_socket_bind(k->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	mnl_socket_setsockopt(k->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(k->nl, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	setsockopt(mnl_socket_get_fd(k->nl), SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	on = 2 * KIT_MESSAGE;
	setsockopt(mnl_socket_get_fd(k->nl), SOL_SOCKET, SO_SNDBUFFORCE, &on,
		   sizeof(on));
	nlh = kit_start_family(k, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, POP_GENL_NAME);
	return kit_call(k, nlh, kit_family_cb, &k->family);
}

static inline void kit_group_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a, *g, *f;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(g, a)
				mnl_attr_for_each_nested(f, g)
					if (mnl_attr_get_type(f) ==
					    CTRL_ATTR_MCAST_GRP_ID)
						*(uint32_t *)data =
							mnl_attr_get_u32(f);
}

/* Have the events come to this netlink socket. */
static inline int kit_listen(struct kit *k)
{
	struct nlmsghdr *nlh;
	uint32_t group = 0;
	int ret;

	nlh = kit_start_family(k, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, POP_GENL_NAME);
	ret = kit_call(k, nlh, kit_group_cb, &group);
	if (ret)
		return ret;
	return mnl_socket_setsockopt(k->nl, NETLINK_ADD_MEMBERSHIP, &group,
				     sizeof(group)) ? -errno : 0;
}

static inline void kit_close(struct kit *k)
{
	mnl_socket_close(k->nl);
	free(k->request);
	free(k->answer);
}

/* --- what can be asked of the module ----------------------------------------- */

#define KIT_PIECE	32768	/* bytes of a body in one attribute */

static inline void kit_put_pieces(struct nlmsghdr *nlh, int type,
				  const void *data, size_t len)
{
	while (len) {
		size_t piece = len < KIT_PIECE ? len : KIT_PIECE;

		mnl_attr_put(nlh, type, piece, data);
		data = (const uint8_t *)data + piece;
		len -= piece;
	}
}

static inline struct nlmsghdr *
kit_contract_add_msg(struct kit *k, const struct kit_body *b, int signatures)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_CONTRACT_ADD, 0);
	size_t len = (size_t)signatures * POP_SIGNATURE_LEN;
	void *all = calloc(1, len + 1);

	kit_put_pieces(nlh, POP_A_CONTRACT_BODY, b->data, b->len);
	if (len)
		kit_put_pieces(nlh, POP_A_CONTRACT_SIGNATURES, all, len);
	free(all);
	return nlh;
}

static inline int kit_contract_add(struct kit *k, const struct kit_body *b,
				   int signatures)
{
	return kit_call(k, kit_contract_add_msg(k, b, signatures), NULL, NULL);
}

static inline int kit_contract_cmd(struct kit *k, int cmd, const uint8_t *hash)
{
	struct nlmsghdr *nlh = kit_start(k, cmd, 0);

	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, hash);
	return kit_call(k, nlh, NULL, NULL);
}

static inline int kit_contract_set(struct kit *k, const uint8_t *hash, int state)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_CONTRACT_SET, 0);

	mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, hash);
	mnl_attr_put_u32(nlh, POP_A_CONTRACT_STATE, state);
	return kit_call(k, nlh, NULL, NULL);
}

/* k(from -> to): any value that both ends agree on. */
static inline void kit_key(const struct kit_body *b, int from, int to,
			   uint8_t key[POP_KEY_LEN])
{
	memset(key, 0x5a, POP_KEY_LEN);
	memcpy(key, &from, sizeof(from));
	memcpy(key + 4, &to, sizeof(to));
	memcpy(key + 8, &b->salt, sizeof(b->salt));
}

static inline void kit_put_keys(struct nlmsghdr *nlh, const struct kit_body *b,
				int self, int peer)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, POP_A_PARTY_KEYS);
	uint8_t key[POP_KEY_LEN];

	mnl_attr_put_u32(nlh, POP_A_KEYS_PEER, peer);
	kit_key(b, self, peer, key);
	mnl_attr_put(nlh, POP_A_KEYS_TX, sizeof(key), key);
	kit_key(b, peer, self, key);
	mnl_attr_put(nlh, POP_A_KEYS_RX, sizeof(key), key);
	mnl_attr_nest_end(nlh, nest);
}

static inline struct nlmsghdr *
kit_party_add_msg(struct kit *k, const struct kit_body *b, int self, uid_t uid)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_PARTY_ADD, 0);
	int peer;

	mnl_attr_put(nlh, POP_A_PARTY_CONTRACT, POP_HASH_LEN, b->hash);
	mnl_attr_put_u32(nlh, POP_A_PARTY_INDEX, self);
	mnl_attr_put_u32(nlh, POP_A_PARTY_UID, uid);
	for (peer = 0; peer < b->parties; peer++)
		if (peer != self)
			kit_put_keys(nlh, b, self, peer);
	return nlh;
}

static inline int kit_party_add(struct kit *k, const struct kit_body *b,
				int self, uid_t uid)
{
	return kit_call(k, kit_party_add_msg(k, b, self, uid), NULL, NULL);
}

static inline int kit_party_del(struct kit *k, const struct kit_body *b,
				int self)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_PARTY_DEL, 0);

	mnl_attr_put(nlh, POP_A_PARTY_CONTRACT, POP_HASH_LEN, b->hash);
	mnl_attr_put_u32(nlh, POP_A_PARTY_INDEX, self);
	return kit_call(k, nlh, NULL, NULL);
}

static inline struct nlmsghdr *kit_peer_start(struct kit *k,
					      const struct kit_body *b,
					      int self, int peer)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_PEER_SET, 0);

	mnl_attr_put(nlh, POP_A_PEER_CONTRACT, POP_HASH_LEN, b->hash);
	mnl_attr_put_u32(nlh, POP_A_PEER_PARTY, self);
	mnl_attr_put_u32(nlh, POP_A_PEER_INDEX, peer);
	return nlh;
}

static inline int kit_peer_set4(struct kit *k, const struct kit_body *b,
				int self, int peer, const char *addr)
{
	struct nlmsghdr *nlh = kit_peer_start(k, b, self, peer);
	struct in_addr in;

	inet_pton(AF_INET, addr, &in);
	mnl_attr_put(nlh, POP_A_PEER_ADDR4, sizeof(in), &in);
	return kit_call(k, nlh, NULL, NULL);
}

static inline int kit_phase_set(struct kit *k, const struct kit_body *b,
				int self, int phase)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_PHASE_SET, 0);

	mnl_attr_put(nlh, POP_A_PHASE_CONTRACT, POP_HASH_LEN, b->hash);
	mnl_attr_put_u32(nlh, POP_A_PHASE_PARTY, self);
	mnl_attr_put_u32(nlh, POP_A_PHASE_INDEX, phase);
	return kit_call(k, nlh, NULL, NULL);
}

/* What names a channel in CHANNEL_GET and CHANNEL_SET. */
static inline struct nlmsghdr *
kit_channel_msg(struct kit *k, int cmd, const struct kit_body *b, int self,
		int direction, int phase, int action, int peer)
{
	struct nlmsghdr *nlh = kit_start(k, cmd, 0);

	mnl_attr_put(nlh, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN, b->hash);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_PARTY, self);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_DIRECTION, direction);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_PHASE, phase);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_ACTION, action);
	mnl_attr_put_u32(nlh, POP_A_CHANNEL_PEER, peer);
	return nlh;
}

static inline int kit_verdict(struct kit *k, const struct kit_body *b, int self,
			      int direction, int phase, int action, int peer,
			      int state)
{
	struct nlmsghdr *nlh = kit_channel_msg(k, POP_CMD_CHANNEL_SET, b, self,
					       direction, phase, action, peer);

	mnl_attr_put_u32(nlh, POP_A_CHANNEL_STATE, state);
	return kit_call(k, nlh, NULL, NULL);
}

/* --- a network namespace with all parties in it ------------------------------ */

static inline int kit_up(const char *device)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret;

	strncpy(ifr.ifr_name, device, IFNAMSIZ - 1);
	ret = ioctl(fd, SIOCSIFFLAGS, &ifr) ? -errno : 0;
	close(fd);
	return ret;
}

/* A new network namespace for this process, loopback up. */
static inline int kit_netns(void)
{
	return unshare(CLONE_NEWNET) ? -errno : kit_up("lo");
}

/* Load @b, make all its parties local, and let them know each other. */
static inline int kit_load(struct kit *k, const struct kit_body *b)
{
	int self, peer, ret;

	ret = kit_contract_add(k, b, b->parties);
	for (self = 0; !ret && self < b->parties; self++)
		ret = kit_party_add(k, b, self, 0);
	for (self = 0; !ret && self < b->parties; self++)
		for (peer = 0; !ret && peer < b->parties; peer++)
			if (peer != self)
				ret = kit_peer_set4(k, b, self, peer,
						    "127.0.0.1");
	return ret;
}

/* --- sockets ----------------------------------------------------------------- */

static inline struct sockaddr_pop kit_addr(const struct kit_body *b, int party)
{
	struct sockaddr_pop a = {
		.spop_family = AF_POP,
		.spop_party = party,
		.spop_phase = POP_PHASE_ANY,
		.spop_action = POP_ACTION_ANY,
		.spop_seq = POP_SEQ_NEXT,
	};

	memcpy(a.spop_contract, b->hash, POP_HASH_LEN);
	return a;
}

static inline struct sockaddr_pop kit_channel(const struct kit_body *b,
					      int phase, int action, int party)
{
	struct sockaddr_pop a = kit_addr(b, party);

	a.spop_phase = phase;
	a.spop_action = action;
	return a;
}

static inline int kit_bound(const struct kit_body *b, int party, int type,
			    int protocol)
{
	struct sockaddr_pop a = kit_addr(b, party);
	struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_POP, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	if (bind(fd, (void *)&a, sizeof(a))) {
		int error = -errno;

		close(fd);
		return error;
	}
	/* So that a test that waits in vain says where. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}

/* Return: a socket bound to @party, or a negative errno. */
static inline int kit_socket(const struct kit_body *b, int party)
{
	return kit_bound(b, party, SOCK_RDM, POP_PROTO_MESSAGES);
}

/* The same, of the Byzantine channel. */
static inline int kit_byzantine(const struct kit_body *b, int party)
{
	return kit_bound(b, party, SOCK_DGRAM, POP_PROTO_BYZANTINE);
}

/* Send a record to @to. Return: bytes sent or a negative errno. */
static inline ssize_t kit_record(int fd, const struct sockaddr_pop *to,
				 uint32_t kind, const void *data, size_t len,
				 int flags)
{
	char control[CMSG_SPACE(sizeof(kind))] = {};
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = {
		.msg_name = (void *)to, .msg_namelen = sizeof(*to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	ssize_t ret;

	cmsg->cmsg_level = SOL_POP;
	cmsg->cmsg_type = POP_RECORD;
	cmsg->cmsg_len = CMSG_LEN(sizeof(kind));
	memcpy(CMSG_DATA(cmsg), &kind, sizeof(kind));
	ret = sendmsg(fd, &msg, flags);
	return ret < 0 ? -errno : ret;
}

/*
 * Take a record. Return: bytes, or a negative errno; @from is all zero at the
 * end of the contract.
 */
static inline ssize_t kit_take_record(int fd, struct sockaddr_pop *from,
				      struct pop_recordinfo *info, void *data,
				      size_t room, int flags)
{
	char control[CMSG_SPACE(sizeof(*info))] = {};
	struct iovec iov = { data, room };
	struct msghdr msg = {
		.msg_name = from, .msg_namelen = sizeof(*from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	ssize_t ret;

	memset(from, 0, sizeof(*from));
	memset(info, 0, sizeof(*info));
	ret = recvmsg(fd, &msg, flags);
	if (ret < 0)
		return -errno;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_level == SOL_POP &&
	    cmsg->cmsg_type == POP_RECORDINFO &&
	    cmsg->cmsg_len == CMSG_LEN(sizeof(*info)))
		memcpy(info, CMSG_DATA(cmsg), sizeof(*info));
	return ret;
}

/* Return: bytes sent or a negative errno. */
static inline ssize_t kit_send(int fd, const struct kit_body *b, int phase,
			       int action, int party, const void *data,
			       size_t len, int flags)
{
	struct sockaddr_pop a = kit_channel(b, phase, action, party);
	ssize_t ret = sendto(fd, data, len, flags, (void *)&a, sizeof(a));

	return ret < 0 ? -errno : ret;
}

/* The counter @name of /proc/net/pop/snmp in this network namespace, or -1. */
static inline long kit_counter(const char *name)
{
	FILE *f = fopen("/proc/thread-self/net/pop/snmp", "re");
	char key[64];
	long value, found = -1;

	if (!f)
		return -1;
	while (fscanf(f, "%63s %ld", key, &value) == 2)
		if (!strcmp(key, name))
			found = value;
	fclose(f);
	return found;
}

/*
 * Datagrams of messages that were sent from this network namespace, each counted
 * once: a slow machine asks for the second half of a message before the first is
 * on its way.
 */
static inline long kit_message_units(void)
{
	long all, others;

	/* while the kernel asks for something, the two do not go together */
	do {
		all = kit_counter("PopTxUnits");
		others = kit_counter("PopTxControl") +
			 kit_counter("PopTxRetransmits");
	} while (all != kit_counter("PopTxUnits"));
	return all - others;
}

#endif /* _KIT_H */
