// SPDX-License-Identifier: GPL-2.0
/*
 * Calls by chance: every socket call and option, every netlink command, and the
 * /proc files, with what is right, nearly right, or noise; by one alone, by
 * threads and processes that share sockets, against contracts that end under
 * their traffic and network namespaces that die. Then a contract must still go
 * from its start to its end; what the kernel's log says is for tools/vm/run.
 *
 * POP_SEED repeats a run (as far as one thread goes), POP_CALLS sets how many
 * calls there are.
 *
 * Shows: no call harms the kernel, whatever it says
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B, C, D };

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define CALLS		24000	/* of all tests together */
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

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

/* --- chance ------------------------------------------------------------------ */

struct dice {
	uint64_t x;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	d->x ^= d->x << 13;
	d->x ^= d->x >> 7;
	d->x ^= d->x << 17;
	return (d->x >> 16) % sides;
}

/* One time in @n. */
static bool one_in(struct dice *d, uint32_t n)
{
	return !roll(d, n);
}

static struct dice dice(uint64_t seed, uint64_t who)
{
	struct dice d = { (seed + 1) * 0x9e3779b97f4a7c15 + who * 0xbf58476d1ce4e5b9 };
	int i;

	d.x |= 1;
	for (i = 0; i < 16; i++)
		roll(&d, 2);
	return d;
}

static uint32_t edge(struct dice *d)
{
	static const uint32_t edges[] = {
		0, 1, 2, 3, 4, 7, 8, 31, 32, 33, 63, 64, 255, 256, 1023, 1024,
		2047, 2048, 2049, 4096, 65534, 65535, 65536, 0x7ffffffe,
		0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
	};

	return edges[roll(d, ARRAY_LEN(edges))];
}

static uint32_t small_or_edge(struct dice *d, uint32_t small)
{
	return one_in(d, 6) ? edge(d) : roll(d, small);
}

static void noise(struct dice *d, void *data, size_t len)
{
	uint8_t *p = data;

	while (len--)
		*p++ = roll(d, 256);
}

static void mutate(struct dice *d, uint8_t *data, size_t *len, size_t room)
{
	size_t at = *len ? roll(d, *len) : 0;
	uint32_t value = edge(d);

	switch (roll(d, 6)) {
	case 0:
	case 1:
		if (*len)
			data[at] ^= 1 << roll(d, 8);
		break;
	case 2:
		if (*len)
			data[at] = value;
		break;
	case 3:		/* a field */
		if (*len >= 4)
			memcpy(data + (roll(d, *len - 3) & ~3), &value, 4);
		break;
	case 4:
		*len = at;
		break;
	case 5:
		at = roll(d, 64);
		if (*len + at <= room) {
			noise(d, data + *len, at);
			*len += at;
		}
		break;
	}
}

/* --- who calls --------------------------------------------------------------- */

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

/* --- sockets ----------------------------------------------------------------- */

static void call_socket(struct actor *a)
{
	struct dice *d = &a->d;
	int type = one_in(d, 20) ? roll(d, 16) : SOCK_RDM;
	struct sockaddr_pop addr = {};
	int fd;

	fd = socket(AF_POP, type | (one_in(d, 2) ? SOCK_NONBLOCK : 0),
		    one_in(d, 20) ? edge(d) : 0);
	if (fd >= 0 && !one_in(d, 8))
		bind(fd, (void *)&addr, some_address(a, &addr, true));
	put_fd(a, fd, addr.spop_party);
}

static void call_bind(struct actor *a)
{
	struct sockaddr_pop addr[3];
	socklen_t len = some_address(a, addr, true);

	bind(some_fd(a), one_in(&a->d, 30) ? FAR : (void *)addr, len);
}

static void call_connect(struct actor *a)
{
	struct sockaddr_pop addr[3];
	socklen_t len = some_address(a, addr, false);
	struct slot *slot = some_slot(a);

	if (one_in(&a->d, 2) && slot->party <= C)
		some_output(&a->d, addr, slot->party);
	connect(slot->fd, (void *)addr, len);
}

static void call_names(struct actor *a)
{
	struct sockaddr_pop addr[2];
	socklen_t len = one_in(&a->d, 2) ? sizeof(*addr) : roll(&a->d, 96);

	if (one_in(&a->d, 2))
		getsockname(some_fd(a), (void *)addr, &len);
	else
		getpeername(some_fd(a), (void *)addr, &len);
}

/* Control messages: as they should be, too short, of others, or noise. */
static size_t some_control(struct dice *d, uint8_t *control, size_t room)
{
	uint32_t seq = small_or_edge(d, 40);
	size_t len = 0;

	while (len + CMSG_SPACE(64) <= room && !one_in(d, 3)) {
		struct cmsghdr *c = (void *)(control + len);

		memset(c, 0, CMSG_SPACE(64));
		c->cmsg_level = one_in(d, 4) ? (int)edge(d) : SOL_POP;
		c->cmsg_type = one_in(d, 4) ? (int)roll(d, 5) : POP_SEQ;
		c->cmsg_len = one_in(d, 4) ? CMSG_LEN(roll(d, 64)) :
					     CMSG_LEN(sizeof(seq));
		memcpy(CMSG_DATA(c), &seq, sizeof(seq));
		len += CMSG_SPACE(sizeof(seq));
		if (one_in(d, 8))
			c->cmsg_len = edge(d);
	}
	return one_in(d, 10) ? roll(d, room) : len;
}

static int some_flags(struct dice *d)
{
	static const int known[] = {
		MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_NOSIGNAL, MSG_WAITALL,
		MSG_EOR, MSG_CMSG_CLOEXEC, MSG_OOB, MSG_MORE, MSG_ERRQUEUE,
		MSG_CONFIRM, MSG_ZEROCOPY, MSG_CTRUNC,
	};
	int flags = one_in(d, 8) ? 0 : MSG_DONTWAIT;

	while (one_in(d, 10))
		flags |= known[roll(d, one_in(d, 4) ? ARRAY_LEN(known) : 4)];
	return one_in(d, 100) ? (int)edge(d) : flags;
}

struct message {
	struct msghdr		header;
	struct iovec		part[3];
	struct sockaddr_pop	name[2];
	struct cmsghdr		control[32];
};

static struct msghdr *some_message(struct actor *a, struct message *m,
				   int party)
{
	struct dice *d = &a->d;
	unsigned int i;

	memset(m, 0, offsetof(struct message, control));
	m->header.msg_iov = m->part;
	m->header.msg_iovlen = one_in(d, 20) ? 0 : 1 + roll(d, 3);
	for (i = 0; i < m->header.msg_iovlen; i++) {
		m->part[i].iov_base = one_in(d, 60) ? FAR : a->data;
		m->part[i].iov_len = i && one_in(d, 2) ? 0 : some_length(d);
	}
	if (!one_in(d, 6)) {
		m->header.msg_name = m->name;
		m->header.msg_namelen = some_address(a, m->name, false);
		if (!one_in(d, 3) && party <= C)
			some_output(d, m->name, party);
	}
	if (one_in(d, 6)) {
		m->header.msg_control = one_in(d, 60) ? FAR : m->control;
		m->header.msg_controllen = some_control(d, (void *)m->control,
							sizeof(m->control));
	}
	return &m->header;
}

static void call_send(struct actor *a)
{
	struct slot *slot = some_slot(a);
	struct mmsghdr many[3] = {};
	struct message m[3];
	unsigned int i;

	switch (roll(&a->d, 10)) {
	case 0:
		if (write(slot->fd, a->data, some_length(&a->d)) < 0)
			break;
		break;
	case 1:
		for (i = 0; i < 3; i++)
			many[i].msg_hdr = *some_message(a, &m[i], slot->party);
		sendmmsg(slot->fd, many, 3, some_flags(&a->d));
		break;
	default:
		sendmsg(slot->fd, some_message(a, m, slot->party),
			some_flags(&a->d));
	}
}

static void call_recv(struct actor *a)
{
	struct timespec moment = { .tv_nsec = 1000 };
	struct mmsghdr many[3] = {};
	struct message m[3];
	int fd = some_fd(a);
	unsigned int i;

	switch (roll(&a->d, 10)) {
	case 0:
		if (read(fd, a->data, some_length(&a->d)) < 0)
			break;
		break;
	case 1:
		for (i = 0; i < 3; i++)
			many[i].msg_hdr = *some_message(a, &m[i], D);
		recvmmsg(fd, many, 3, some_flags(&a->d), &moment);
		break;
	default:
		recvmsg(fd, some_message(a, m, D), some_flags(&a->d));
	}
}

static int some_level(struct dice *d)
{
	return one_in(d, 20) ? (int)edge(d) : one_in(d, 3) ? SOL_SOCKET : SOL_POP;
}

static void call_setsockopt(struct actor *a)
{
	struct dice *d = &a->d;
	int level = some_level(d), option = roll(d, level == SOL_POP ? 6 : 80);
	struct pop_filter filter = {
		.phase = small_or_edge(d, 4), .action = small_or_edge(d, 3),
		.party = small_or_edge(d, 4), .pad = one_in(d, 10),
		.seq = small_or_edge(d, 10),
	};
	uint8_t value[128];
	socklen_t len = sizeof(filter);

	noise(d, value, sizeof(value));
	if (one_in(d, 2))
		memset(value, roll(d, 2), 1 + roll(d, 8));
	if (one_in(d, 2))
		memset(value + 1, 0, 127);
	if (level == SOL_POP && option == POP_FILTER) {
		if (one_in(d, 2))
			filter = (struct pop_filter){ POP_PHASE_ANY,
				POP_ACTION_ANY, POP_PARTY_ANY, 0, POP_SEQ_ANY };
		memcpy(value, &filter, sizeof(filter));
	} else {
		len = 4 << roll(d, 3);
	}
	if (one_in(d, 5))
		len = one_in(d, 4) ? edge(d) : roll(d, 128);
	setsockopt(some_fd(a), level, option, one_in(d, 30) ? FAR : value, len);
}

static void call_getsockopt(struct actor *a)
{
	struct dice *d = &a->d;
	int level = some_level(d), option = roll(d, level == SOL_POP ? 6 : 80);
	struct {
		struct pop_state s;
		uint8_t states[4096];
	} value = {};
	socklen_t len = one_in(d, 3) ? roll(d, sizeof(value)) : sizeof(value);

	if (one_in(d, 30))
		len = edge(d);
	value.s.party = small_or_edge(d, 4);
	value.s.direction = roll(d, one_in(d, 10) ? 4 : 2);
	value.s.phase = one_in(d, 3) ? POP_PHASE_ANY : small_or_edge(d, 4);
	value.s.first = small_or_edge(d, 4);
	value.s.count = small_or_edge(d, 10);
	value.s.pad = one_in(d, 20);
	/* without room for what it writes it gets no more than a page */
	if (len > sizeof(value) && len <= INT32_MAX)
		len = sizeof(value);
	getsockopt(some_fd(a), level, option, one_in(d, 30) ? FAR : &value,
		   one_in(d, 60) ? FAR : &len);
}

static void call_ioctl(struct actor *a)
{
	static const unsigned int known[] = {
		FIONREAD, TIOCOUTQ, FIONBIO, 0x8906 /* SIOCGSTAMP */,
		0x8907 /* SIOCGSTAMPNS */, 0x89e0 /* SIOCPROTOPRIVATE */,
		0x8905 /* SIOCATMARK */,
	};
	struct dice *d = &a->d;
	/* not random ones: some take interfaces down, or send signals */
	unsigned int cmd = one_in(d, 8) ? 0x4200 | roll(d, 256) :
				  known[roll(d, ARRAY_LEN(known))];

	memset(a->data, 0, 64);
	ioctl(some_fd(a), cmd, one_in(d, 8) ? FAR : a->data);
}

static void call_poll(struct actor *a)
{
	struct pollfd p[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		p[i] = (struct pollfd){ some_fd(a), roll(&a->d, 0x10000) };
	poll(p, 4, roll(&a->d, 2));
}

static void call_rest(struct actor *a)
{
	struct dice *d = &a->d;
	int fd = some_fd(a), ends[2];
	struct sockaddr_pop addr;
	socklen_t len = sizeof(addr);
	void *map;

	switch (roll(d, 8)) {
	case 0:
		shutdown(fd, roll(d, 4));
		break;
	case 1:
		listen(fd, roll(d, 4));
		break;
	case 2:
		fd = accept(fd, (void *)&addr, &len);
		if (fd >= 0)
			close(fd);
		break;
	case 3:
		if (!socketpair(AF_POP, SOCK_RDM, 0, ends)) {
			close(ends[0]);
			close(ends[1]);
		}
		break;
	case 4:
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		if (map != MAP_FAILED)
			munmap(map, 4096);
		break;
	case 5:
		fcntl(fd, F_SETFL, one_in(d, 2) ? O_NONBLOCK : 0);
		break;
	case 6:
		if (fd >= 0)
			put_fd(a, dup(fd), roll(d, 3));
		break;
	case 7:
		if (pipe(ends))
			break;
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		fcntl(ends[1], F_SETFL, O_NONBLOCK);
		if (one_in(d, 2)) {
			if (write(ends[1], a->data, 1 + roll(d, 4000)) > 0)
				splice(ends[0], NULL, fd, NULL, 4000, 0);
		} else {
			splice(fd, NULL, ends[1], NULL, 4000, SPLICE_F_NONBLOCK);
		}
		close(ends[0]);
		close(ends[1]);
		break;
	}
}

static void call_close(struct actor *a)
{
	put_fd(a, -1, D);
}

/* --- netlink ----------------------------------------------------------------- */

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

/* --- /proc and the wire -------------------------------------------------------- */

static void call_proc(struct actor *a)
{
	static const char *const names[] = {
		"node", "contracts", "channels", "sockets", "snmp",
	};
	struct dice *d = &a->d;
	char path[64];
	size_t len = one_in(d, 3) ? roll(d, 4) : roll(d, 9000);

	if (a->proc < 0 || one_in(d, 6)) {
		if (a->proc >= 0)
			close(a->proc);
		snprintf(path, sizeof(path), "/proc/thread-self/net/pop/%s",
			 names[roll(d, ARRAY_LEN(names))]);
		a->proc = open(path, O_RDONLY | O_CLOEXEC);
	}
	switch (roll(d, 4)) {
	case 0:
		lseek(a->proc, (int32_t)edge(d), roll(d, 3));
		break;
	case 1:
		if (pread(a->proc, a->data, len, one_in(d, 4) ? edge(d) :
			  roll(d, 5000)) < 0)
			break;
		break;
	default:
		if (read(a->proc, one_in(d, 30) ? FAR : a->data, len) < 0)
			break;
	}
}

static void call_wire(struct actor *a)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(POP_DEFAULT_PORT),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	uint8_t unit[200];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	noise(&a->d, unit, sizeof(unit));
	if (!one_in(&a->d, 4))
		unit[0] = 0x10 | roll(&a->d, 12);
	sendto(fd, unit, roll(&a->d, sizeof(unit)), MSG_DONTWAIT, (void *)&to,
	       sizeof(to));
	close(fd);
}

/* --- all of them --------------------------------------------------------------- */

static void call(struct actor *a);

static void nothing(int signal)
{
}

/* Whatever waits, in this thread, is interrupted soon. */
static timer_t interrupt(void)
{
	struct sigaction action = { .sa_handler = nothing };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGUSR1,
	};
	struct itimerspec often = { { .tv_nsec = 5000000 },
				    { .tv_nsec = 5000000 } };
	timer_t timer;

	event._sigev_un._tid = syscall(SYS_gettid);
	sigaction(SIGUSR1, &action, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &often, NULL);
	return timer;
}

/* Another process has the same sockets, and ends with them open. */
static void call_fork(struct actor *a)
{
	pid_t pid;
	int i;

	/* UML itself does not survive that somebody is killed in a fork() */
	if (a->killed)
		return;
	pid = fork();
	if (!pid) {
		interrupt();	/* timers are not inherited */
		for (i = 0; i < 10; i++)
			call(a);
		_exit(0);
	}
	if (pid > 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
}

static const struct {
	int weight;
	void (*call)(struct actor *a);
} calls[] = {
	{ 40, call_socket }, { 20, call_bind }, { 30, call_connect },
	{ 20, call_names }, { 160, call_send }, { 120, call_recv },
	{ 50, call_setsockopt }, { 50, call_getsockopt }, { 30, call_ioctl },
	{ 30, call_poll }, { 20, call_rest }, { 10, call_close },
	{ 330, call_netlink }, { 4, call_load }, { 60, call_proc }, { 20, call_wire },
	{ 1, call_fork },
};

static void call(struct actor *a)
{
	unsigned int i;
	int all = 0, at;

	for (i = 0; i < ARRAY_LEN(calls); i++)
		all += calls[i].weight;
	at = roll(&a->d, all);
	for (i = 0; at >= calls[i].weight; i++)
		at -= calls[i].weight;
	calls[i].call(a);
}

static struct actor actor(uint64_t seed, uint64_t who, struct slot *slots)
{
	return (struct actor){
		.d = dice(seed, who), .slots = slots, .nl = -1, .proc = -1,
		.family = family_id, .request = calloc(1, KIT_MESSAGE / 16),
		.data = calloc(1, HIGHEST),
	};
}

static void leave(struct actor *a)
{
	if (a->k.nl)
		kit_close(&a->k);
	close(a->nl);
	close(a->proc);
	free(a->own.data);
	free(a->request);
	free(a->data);
}

struct thread {
	pthread_t	id;
	struct actor	a;
	unsigned long	calls;
	int		tell;	/* a pipe: a byte now and then; or -1 */
};

static void *run(void *arg)
{
	struct thread *t = arg;
	timer_t timer = interrupt();
	unsigned long i;

	for (i = 0; i < t->calls; i++) {
		call(&t->a);
		if (t->tell >= 0 && i % 16 == 0 && write(t->tell, "", 1) < 0)
			break;
	}
	timer_delete(timer);
	leave(&t->a);
	return NULL;
}

/* So many threads of this process make @calls calls in all. */
static void run_threads(uint64_t seed, uint64_t who, int threads,
			unsigned long calls, int tell)
{
	struct slot slots[FDS];
	struct thread t[4];
	int i;

	for (i = 0; i < FDS; i++)
		slots[i] = (struct slot){ -1, D };
	for (i = 0; i < threads; i++) {
		t[i] = (struct thread){
			.a = actor(seed, 16 * who + i, slots),
			.calls = calls / threads, .tell = tell,
		};
		t[i].a.killed = tell >= 0;
		pthread_create(&t[i].id, NULL, run, &t[i]);
	}
	for (i = 0; i < threads; i++)
		pthread_join(t[i].id, NULL);
	for (i = 0; i < FDS; i++)
		if (slots[i].fd >= 0)
			close(slots[i].fd);
}

/* --- and then all is well ------------------------------------------------------- */

struct hashes {
	int	nr;
	uint8_t	hash[1024][POP_HASH_LEN];
};

static void hashes_cb(const struct nlmsghdr *nlh, void *data)
{
	struct hashes *h = data;
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == POP_A_CONTRACT_HASH && h->nr < 1024)
			memcpy(h->hash[h->nr++], mnl_attr_get_payload(a),
			       POP_HASH_LEN);
}

/* Return: how many contracts there were, or a negative errno. */
static int delete_all(struct kit *k)
{
	static struct hashes h;
	int ret, i;

	h.nr = 0;
	ret = kit_call(k, kit_start(k, POP_CMD_CONTRACT_GET, NLM_F_DUMP),
		       hashes_cb, &h);
	for (i = 0; !ret && i < h.nr; i++)
		ret = kit_contract_cmd(k, POP_CMD_CONTRACT_DEL, h.hash[i]);
	return ret ?: h.nr;
}

static int node_reset(struct kit *k)
{
	struct nlmsghdr *nlh = kit_start(k, POP_CMD_NODE_SET, 0);
	struct in6_addr in6 = {};
	struct in_addr in = {};

	mnl_attr_put_u16(nlh, POP_A_NODE_PORT, htons(POP_DEFAULT_PORT));
	mnl_attr_put(nlh, POP_A_NODE_ADDR4, sizeof(in), &in);
	mnl_attr_put(nlh, POP_A_NODE_ADDR6, sizeof(in6), &in6);
	mnl_attr_put_u32(nlh, POP_A_NODE_MULTICAST, 0);
	mnl_attr_put_u32(nlh, POP_A_NODE_IFINDEX, 0);
	return kit_call(k, nlh, NULL, NULL);
}

static const struct kit_action sane_actions[] = {
	{ 0, "ask", A, 2, { B, C }, .count = 3, .same = true },
	{ 1, "answer", B, 1, { A }, .max = 3000 },
	{ 1, "other", C, 1, { A } },
	{ 2, "thanks", A, 1, { B } },
};

static const struct kit_contract sane_contract = {
	.name = "sane", .parties = 3, .phases = 3, .action = sane_actions,
	.nr_actions = 4, .salt = 99,
};

static bool sane_recv(int fd, int count, const char *text)
{
	char got[4000];
	ssize_t len;

	while (count--) {
		len = recv(fd, got, sizeof(got), 0);
		if (len != (ssize_t)strlen(text) || memcmp(got, text, len))
			return false;
	}
	return true;
}

/* Return: NULL, or what does not work any more. */
static const char *sane(struct kit *k)
{
	struct kit_body b = kit_encode(&sane_contract);
	static char large[3001];
	int fd[3], i;

	memset(large, 'x', 3000);
	if (delete_all(k) < 0)
		return "contracts cannot be deleted";
	if (node_reset(k))
		return "the node cannot be set";
	if (kit_load(k, &b))
		return "a contract cannot be opened";
	for (i = 0; i < 3; i++) {
		fd[i] = kit_socket(&b, i);
		if (fd[i] < 0)
			return "no socket can be bound";
	}
	for (i = 0; i < 3; i++)
		if (kit_send(fd[A], &b, 0, 0, POP_PARTY_ANY, "ask", 3, 0) != 3)
			return "nothing can be sent";
	if (!sane_recv(fd[B], 3, "ask") || !sane_recv(fd[C], 3, "ask"))
		return "nothing is received";
	if (kit_send(fd[B], &b, 1, 0, A, large, 3000, 0) != 3000 ||
	    kit_send(fd[C], &b, 1, 1, A, "other", 5, 0) != 5)
		return "nothing can be sent in the second phase";
	if (recv(fd[A], large, sizeof(large), 0) < 0 ||
	    recv(fd[A], large, sizeof(large), 0) < 0)
		return "nothing is received in the second phase";
	if (kit_send(fd[A], &b, 2, 0, B, "thanks", 6, 0) != 6 ||
	    !sane_recv(fd[B], 1, "thanks"))
		return "the third phase does not work";
	for (i = 0; i < 3; i++)
		close(fd[i]);
	if (kit_contract_set(k, b.hash, POP_CONTRACT_STATE_CLOSED))
		return "the contract cannot be closed";
	if (kit_contract_cmd(k, POP_CMD_CONTRACT_DEL, b.hash))
		return "the contract cannot be deleted";
	free(b.data);
	return NULL;
}

/* --- the tests ----------------------------------------------------------------- */

FIXTURE(calls) {
	struct kit k;
	uint64_t seed;
	unsigned long calls;
};

FIXTURE_SETUP(calls)
{
	struct kit_contract c;
	int i;

	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	family_id = self->k.family;
	for (i = 0; i < BODIES; i++) {
		c = contracts[i % ARRAY_LEN(contracts)];
		c.salt = i;
		bodies[i] = kit_encode(&c);
	}
	if (getrandom(&i, sizeof(i), 0) != sizeof(i))
		i = getpid();
	self->seed = number("POP_SEED", (unsigned int)i);
	self->calls = number("POP_CALLS", CALLS);
	TH_LOG("POP_SEED=%llu POP_CALLS=%lu", (unsigned long long)self->seed,
	       self->calls);
}

FIXTURE_TEARDOWN(calls)
{
	int i;

	kit_close(&self->k);
	for (i = 0; i < BODIES; i++)
		free(bodies[i].data);
}

/* Chance has got through to where units go and come, in this namespace. */
#define EXPECT_BUSY() do {						\
	long sent_ = kit_counter("PopTxUnits");				\
	long executed_ = kit_counter("PopRxExecuted");			\
									\
	TH_LOG("%ld units sent, %ld messages executed", sent_,		\
	       executed_);						\
	EXPECT_LT(0, sent_);						\
	EXPECT_LT(0, executed_);					\
} while (0)

#define EXPECT_SANE() do {						\
	const char *wrong_ = sane(&self->k);				\
									\
	EXPECT_EQ(NULL, wrong_) TH_LOG("%s: %s", wrong_, self->k.text);	\
} while (0)

/* The runner's own limit ends what hangs: the more calls, the longer. */
#define LONG	100000

TEST_F_TIMEOUT(calls, calls__alone, LONG)
{
	struct kit_body *b = &bodies[0];

	/* so that something goes over the wire from the start */
	ASSERT_EQ(0, kit_load(&self->k, b)) TH_LOG("%s", self->k.text);
	run_threads(self->seed, 0, 1, self->calls / 3, -1);
	EXPECT_BUSY();
	EXPECT_SANE();
}

TEST_F_TIMEOUT(calls, calls__together, LONG)
{
	int processes = 3, i, status;
	pid_t pid[3];

	for (i = 0; i < processes; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			run_threads(self->seed, 1 + i, 2,
				    self->calls / 3 / processes, -1);
			_exit(0);
		}
	}
	for (i = 0; i < processes; i++) {
		EXPECT_EQ(pid[i], waitpid(pid[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	EXPECT_BUSY();
	EXPECT_SANE();
}

/* --- contracts that end under their traffic ------------------------------------ */

struct traffic {
	pthread_t	id;
	struct kit_body	*b;
	struct dice	d;
	int		party;
	unsigned long	done;	/* calls that worked */
	bool		stop;
};

/* As a program does that never gives up: opens its socket again and again. */
static void *traffic(void *arg)
{
	struct traffic *t = arg;
	timer_t timer = interrupt();
	char data[3000] = {};
	ssize_t ret;
	int fd = -1;

	while (!__atomic_load_n(&t->stop, __ATOMIC_RELAXED)) {
		if (fd < 0) {
			fd = kit_socket(t->b, t->party);
			if (fd < 0) {
				sched_yield();
				continue;
			}
		}
		if (t->party == A)
			ret = kit_send(fd, t->b, 0, roll(&t->d, 2),
				       POP_PARTY_ANY, data,
				       roll(&t->d, sizeof(data)), 0);
		else
			ret = recv(fd, data, sizeof(data), 0);
		if (ret > 0) {
			__atomic_fetch_add(&t->done, 1, __ATOMIC_RELAXED);
		} else if (ret == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(fd);
			fd = -1;
		}
	}
	close(fd);
	timer_delete(timer);
	return NULL;
}

TEST_F_TIMEOUT(calls, calls__contract_ends_under_traffic, LONG)
{
	unsigned long rounds = self->calls / 1000 + 1, i, before;
	struct dice d = dice(self->seed, 300);
	struct traffic t[3];
	struct kit_body *b = &bodies[0];
	unsigned int party;
	int ret;

	for (party = 0; party < 3; party++) {
		t[party] = (struct traffic){ .b = b, .party = party,
					     .d = dice(self->seed, 310 + party) };
		pthread_create(&t[party].id, NULL, traffic, &t[party]);
	}
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, kit_load(&self->k, b)) TH_LOG("%s", self->k.text);
		for (party = B; party <= C; party++) {
			before = __atomic_load_n(&t[party].done,
						 __ATOMIC_RELAXED);
			while (__atomic_load_n(&t[party].done,
					       __ATOMIC_RELAXED) == before)
				sched_yield();
		}
		switch (roll(&d, 4)) {
		case 0:
			ret = kit_contract_set(&self->k, b->hash,
					       POP_CONTRACT_STATE_ABORTED);
			EXPECT_EQ(0, ret);
			break;
		case 1:
			EXPECT_EQ(0, kit_party_del(&self->k, b, roll(&d, 3)));
			break;
		}
		EXPECT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL,
					      b->hash));
	}
	for (party = 0; party < 3; party++)
		__atomic_store_n(&t[party].stop, true, __ATOMIC_RELAXED);
	for (party = 0; party < 3; party++)
		pthread_join(t[party].id, NULL);
	EXPECT_BUSY();
	EXPECT_SANE();
}

/* --- network namespaces that die ------------------------------------------------ */

static int shell(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

static int peer_at(struct kit *k, const struct kit_body *b, int self, int peer,
		   bool inside)
{
	return kit_peer_set4(k, b, self, peer, inside ? "10.9.0.2" : "10.9.0.1");
}

/* B lives in a namespace of its own, and does not live for long. */
static void live_and_die(uint64_t seed, uint64_t who, pid_t parent, int tell)
{
	struct kit_body *b = &bodies[0];
	struct kit k;

	if (kit_netns() ||
	    shell("ip link add eth0 type veth peer name eth0 netns %d", parent) ||
	    shell("ip addr add 10.9.0.2/24 dev eth0; ip link set eth0 up") ||
	    kit_open(&k) || kit_contract_add(&k, b, b->parties) ||
	    kit_party_add(&k, b, B, 0) || peer_at(&k, b, B, A, false) ||
	    peer_at(&k, b, B, C, false) || kit_socket(b, B) < 0)
		_exit(1);
	run_threads(seed, who, 2, ~0UL, tell);
	_exit(2);
}

static bool there(void)
{
	return if_nametoindex("eth0");
}

TEST_F_TIMEOUT(calls, calls__namespace_dies_in_use, LONG)
{
	unsigned long rounds = self->calls / 3000 + 1, i;
	struct kit_body *b = &bodies[0];
	struct dice d = dice(self->seed, 400);
	int ends[2], want, fd, status;
	char byte, data[2000] = {};
	pid_t pid;

	ASSERT_EQ(0, kit_load(&self->k, b)) TH_LOG("%s", self->k.text);
	ASSERT_EQ(0, kit_party_del(&self->k, b, B));
	ASSERT_EQ(0, peer_at(&self->k, b, A, B, true));
	ASSERT_EQ(0, peer_at(&self->k, b, C, B, true));
	fd = kit_socket(b, A);
	ASSERT_LE(0, fd);
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
		pid = fork();
		if (!pid)
			live_and_die(self->seed, 500 + i, getppid(), ends[1]);
		close(ends[1]);
		want = 4 + roll(&d, 40);
		ASSERT_EQ(1, read(ends[0], &byte, 1)) TH_LOG("no namespace");
		ASSERT_EQ(0, shell("ip addr add 10.9.0.1/24 dev eth0; ip link set eth0 up"));
		while (want-- && read(ends[0], &byte, 1) == 1)
			kit_send(fd, b, 0, roll(&d, 2), POP_PARTY_ANY, data,
				 roll(&d, sizeof(data)), MSG_DONTWAIT);
		EXPECT_EQ(0, kill(pid, SIGKILL));
		EXPECT_EQ(pid, waitpid(pid, &status, 0));
		close(ends[0]);
		/* it goes by and by, under more of the same */
		while (there())
			kit_send(fd, b, 0, roll(&d, 2), POP_PARTY_ANY, data,
				 roll(&d, sizeof(data)), MSG_DONTWAIT);
	}
	close(fd);
	EXPECT_LT(0, kit_counter("PopTxUnits"));
	EXPECT_SANE();
}

TEST_HARNESS_MAIN
