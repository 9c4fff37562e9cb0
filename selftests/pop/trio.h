/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of the socket tests: a contract of three parties, all of them in
 * a network namespace of the test's own, with a socket each.
 */
#ifndef _TRIO_H
#define _TRIO_H

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B, C };

/* Phase 0 */
#define BILL	0	/* A to B, thrice, up to 4096 bytes */
#define NEWS	1	/* A to B and C, the same, twice, up to 64 KiB */
#define WIDE	2	/* B to A and C, each their own */
/* Phase 1 */
#define LAST	0	/* C to A */
#define REPLY	1	/* B to A, up to 64 bytes */

static const struct kit_action actions[] = {
	{ 0, "bill", A, 1, { B }, .count = 3, .max = 4096, .minutes = 30,
	  .kind = POP_KIND_MONEY, .job = 4711 },
	{ 0, "news", A, 2, { B, C }, .count = 2, .max = 65536, .same = true },
	{ 0, "wide", B, 2, { A, C } },
	{ 1, "last", C, 1, { A } },
	{ 1, "reply", B, 1, { A }, .max = 64, .kind = POP_KIND_JOB },
};

static const struct kit_contract contract = {
	.name = "socket", .parties = 3, .phases = 2,
	.action = actions, .nr_actions = 5,
};

FIXTURE(pop) {
	struct kit k;
	struct kit_body body;
	int a, b, c;
};

FIXTURE_SETUP(pop)
{
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	self->body = kit_encode(&contract);
	ASSERT_EQ(0, kit_load(&self->k, &self->body))
		TH_LOG("%s", self->k.text);
	self->a = kit_socket(&self->body, A);
	self->b = kit_socket(&self->body, B);
	self->c = kit_socket(&self->body, C);
	ASSERT_LE(0, self->a);
	ASSERT_LE(0, self->b);
	ASSERT_LE(0, self->c);
}

FIXTURE_TEARDOWN(pop)
{
	close(self->a);
	close(self->b);
	close(self->c);
	kit_close(&self->k);
	free(self->body.data);
}

#define SEND(fd, phase, action, party, text) \
	kit_send(fd, &self->body, phase, action, party, text, strlen(text), 0)
#define ERRNO(call) ((call) < 0 ? errno : 0)

static inline int connect_to(int fd, struct sockaddr_pop a)
{
	return ERRNO(connect(fd, (void *)&a, sizeof(a)));
}

/* One message must come in, and be @text. */
#define EXPECT_MESSAGE(fd, text) do {					\
	char buf_[256] = "";						\
	EXPECT_EQ((ssize_t)strlen(text), recv(fd, buf_, sizeof(buf_), 0)); \
	EXPECT_STREQ(text, buf_);					\
} while (0)

/* Nothing is there, and nothing is on its way, where nothing was sent. */
#define EXPECT_NOTHING(fd) \
	EXPECT_EQ(EAGAIN, ERRNO(recv(fd, NULL, 0, MSG_DONTWAIT)))

#endif /* _TRIO_H */
