/* SPDX-License-Identifier: GPL-2.0 */
/* Socket calls by chance: all of them, on sockets that threads share. */
#ifndef _FUZZ_SOCKET_H
#define _FUZZ_SOCKET_H

#include <poll.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "fuzz_actor.h"

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

#endif /* _FUZZ_SOCKET_H */
