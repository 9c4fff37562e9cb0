// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving: by message, by slot, with what vouches for it.
 *
 * Shows: R12 R15 R22 R40 R44 R47
 */
#include <linux/filter.h>
#include <linux/sock_diag.h>

#include "trio.h"

TEST_F(pop, recv__slot_and_digest)
{
	char control[2][CMSG_SPACE(sizeof(struct pop_msginfo))];
	struct pop_msginfo info[2] = {};
	int fds[] = { self->b, self->c };
	struct sockaddr_pop from;
	int on = 1, i;

	EXPECT_EQ(4, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "news"));
	for (i = 0; i < 2; i++) {
		char buf[16];
		struct iovec iov = { buf, sizeof(buf) };
		struct msghdr msg = {
			.msg_name = &from, .msg_namelen = sizeof(from),
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control[i],
			.msg_controllen = sizeof(control[i]),
		};
		struct cmsghdr *cmsg;

		ASSERT_EQ(0, setsockopt(fds[i], SOL_POP, POP_RECVINFO, &on,
					sizeof(on)));
		ASSERT_EQ(4, recvmsg(fds[i], &msg, 0));
		EXPECT_EQ(sizeof(from), msg.msg_namelen);
		EXPECT_EQ(AF_POP, from.spop_family);
		EXPECT_EQ(A, from.spop_party);
		EXPECT_EQ(0, from.spop_phase);
		EXPECT_EQ(NEWS, from.spop_action);
		EXPECT_EQ(0, from.spop_seq);
		EXPECT_EQ(0, from.spop_pad);
		EXPECT_EQ(0, memcmp(from.spop_contract, self->body.hash,
				    POP_HASH_LEN));
		cmsg = CMSG_FIRSTHDR(&msg);
		ASSERT_NE(NULL, cmsg);
		EXPECT_EQ(SOL_POP, cmsg->cmsg_level);
		EXPECT_EQ(POP_MSGINFO, cmsg->cmsg_type);
		ASSERT_EQ(CMSG_LEN(sizeof(info[i])), cmsg->cmsg_len);
		memcpy(&info[i], CMSG_DATA(cmsg), sizeof(info[i]));
		EXPECT_EQ(0, info[i].phase);
		EXPECT_EQ(NEWS, info[i].action);
		EXPECT_EQ(0, info[i].seq);
		EXPECT_EQ(A, info[i].sender);
		EXPECT_EQ(B + i, info[i].recipient);
		EXPECT_EQ(4, info[i].length);
		EXPECT_LT(0, info[i].sent);
	}
	EXPECT_EQ(0, memcmp(info[0].digest, info[1].digest, POP_HASH_LEN));
}

TEST_F(pop, recv__kind_and_job)
{
	char control[CMSG_SPACE(sizeof(struct pop_msginfo))];
	struct msghdr msg = { .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct pop_msginfo info;
	int on = 1;

	ASSERT_EQ(0, setsockopt(self->b, SOL_POP, POP_RECVINFO, &on,
				sizeof(on)));
	EXPECT_EQ(3, SEND(self->a, 0, BILL, B, "pay"));
	EXPECT_EQ(0, recvmsg(self->b, &msg, 0));
	EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
	ASSERT_NE(NULL, CMSG_FIRSTHDR(&msg));
	memcpy(&info, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(info));
	EXPECT_EQ(POP_KIND_MONEY, info.kind);
	EXPECT_EQ(4711, info.job);
	EXPECT_EQ(3, info.length);
}

TEST_F(pop, recv__peek_and_trunc)
{
	char buf[4] = "";
	struct iovec iov = { buf, 2 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	EXPECT_EQ(5, SEND(self->a, 0, BILL, B, "12345"));
	EXPECT_EQ(2, recvmsg(self->b, &msg, MSG_PEEK));
	EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
	EXPECT_EQ(5, recv(self->b, buf, 2, MSG_PEEK | MSG_TRUNC));
	EXPECT_EQ(5, recv(self->b, buf, 2, MSG_TRUNC));
	EXPECT_STREQ("12", buf);
	EXPECT_NOTHING(self->b);
}

/* It stays where it is, however often one looks. */
TEST_F(pop, recv__peek_at_nothing)
{
	char byte;
	int i;

	EXPECT_EQ(0, SEND(self->a, 0, BILL, B, ""));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, recv(self->b, &byte, 1, MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ(0, recv(self->b, &byte, 1, MSG_DONTWAIT));
	EXPECT_NOTHING(self->b);
}

TEST_F(pop, recv__timeout)
{
	struct timeval soon = { .tv_usec = 20000 };
	char byte;

	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_RCVTIMEO, &soon,
				sizeof(soon)));
	EXPECT_EQ(EAGAIN, ERRNO(recv(self->b, &byte, 1, 0)));
}

TEST_F(pop, recv__wakes)
{
	int status, ready[2];
	pid_t child;
	char buf[8];

	ASSERT_EQ(0, pipe(ready));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		(void)!write(ready[1], "", 1);
		_exit(recv(self->b, buf, sizeof(buf), 0) != 4);
	}
	EXPECT_EQ(1, read(ready[0], buf, 1));
	EXPECT_EQ(4, SEND(self->a, 0, BILL, B, "wake"));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(pop, recv__bad_memory)
{
	EXPECT_EQ(3, SEND(self->a, 0, BILL, B, "abc"));
	EXPECT_EQ(EFAULT, ERRNO(recv(self->b, (void *)8, 3, 0)));
}

/* R40: by key and not by order. */
TEST_F(pop, recv__filter)
{
	struct pop_filter only = { .phase = 0, .action = NEWS,
				   .party = POP_PARTY_ANY };
	struct pop_filter got = {};
	socklen_t len = sizeof(got);
	int second;

	ASSERT_EQ(0, setsockopt(self->b, SOL_POP, POP_FILTER, &only,
				sizeof(only)));
	ASSERT_EQ(0, getsockopt(self->b, SOL_POP, POP_FILTER, &got, &len));
	EXPECT_EQ(sizeof(got), len);
	EXPECT_EQ(0, memcmp(&only, &got, sizeof(got)));

	/* What nobody takes is held .. */
	EXPECT_EQ(4, SEND(self->a, 0, BILL, B, "bill"));
	EXPECT_EQ(4, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "news"));
	EXPECT_MESSAGE(self->b, "news");
	EXPECT_NOTHING(self->b);
	/* .. for whoever comes. */
	second = kit_socket(&self->body, B);
	ASSERT_LE(0, second);
	EXPECT_MESSAGE(second, "bill");
	close(second);
}

TEST_F(pop, recv__filter_widened)
{
	struct pop_filter none = { .phase = 1, .action = POP_ACTION_ANY,
				   .party = POP_PARTY_ANY };
	struct pop_filter all = { POP_PHASE_ANY, POP_ACTION_ANY, POP_PARTY_ANY };

	ASSERT_EQ(0, setsockopt(self->b, SOL_POP, POP_FILTER, &none,
				sizeof(none)));
	EXPECT_EQ(4, SEND(self->a, 0, BILL, B, "bill"));
	EXPECT_NOTHING(self->b);
	ASSERT_EQ(0, setsockopt(self->b, SOL_POP, POP_FILTER, &all,
				sizeof(all)));
	EXPECT_MESSAGE(self->b, "bill");
}

/* A program of the user may refuse a message, and cannot cut it. */
TEST_F(pop, recv__socket_filter)
{
	struct sock_filter ret = { BPF_RET | BPF_K, 0, 0, 5 };
	struct pop_filter all = { POP_PHASE_ANY, POP_ACTION_ANY, POP_PARTY_ANY,
				  .seq = POP_SEQ_ANY };
	struct sock_fprog prog = { 1, &ret };
	int second;

	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
				sizeof(prog)));
	EXPECT_EQ(11, SEND(self->a, 0, BILL, B, "all of this"));
	EXPECT_MESSAGE(self->b, "all of this");

	ret.k = 0;
	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
				sizeof(prog)));
	EXPECT_EQ(4, SEND(self->a, 0, BILL, B, "bill"));
	EXPECT_NOTHING(self->b);
	second = kit_socket(&self->body, B);
	ASSERT_LE(0, second);
	EXPECT_MESSAGE(second, "bill");
	close(second);

	/* nobody tells the module of the next one: that takes a filter, any */
	EXPECT_EQ(4, SEND(self->a, 0, BILL, B, "held"));
	EXPECT_NOTHING(self->b);
	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_DETACH_FILTER, &second,
				sizeof(second)));
	ASSERT_EQ(0, setsockopt(self->b, SOL_POP, POP_FILTER, &all,
				sizeof(all)));
	EXPECT_MESSAGE(self->b, "held");
}

/* How often a socket had no room. */
static int drops(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = {};
	socklen_t len = sizeof(info);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len);
	return info[SK_MEMINFO_DROPS];
}

/*
 * Room is what lets messages in: what does not fit is held, and never lost. Each is
 * counted once, however often it is offered.
 */
TEST_F(pop, recv__full_buffer)
{
	static char big[65536], in[65536];
	int small = 1, held, i;

	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	for (i = 0; i < 2; i++) {
		memset(big, 'a' + i, sizeof(big));
		ASSERT_EQ(65536, kit_send(self->a, &self->body, 0, NEWS,
					  POP_PARTY_ANY, big, 65536, 0));
	}
	for (i = 0; i < 3; i++)
		ASSERT_EQ(4, SEND(self->a, 0, BILL, B, "bill"));
	/* all have come: those that C takes, too */
	do
		held = kit_counter("PopRxHeld");
	while (held + kit_counter("PopRxExecuted") < 7);
	EXPECT_LT(0, held);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(held, drops(self->b));
		EXPECT_LT(0, recv(self->b, in, sizeof(in), 0));
	}
	EXPECT_NOTHING(self->b);
}

/* A message is closed as it is queued: what arrives again changes nothing. */
TEST_F(pop, recv__many_readers_one_delivery)
{
	struct timeval soon = { .tv_usec = 300000 };
	int i, status, total = 0, go[2];
	pid_t child[4];

	/* Before the fork, so that none is late. */
	for (i = 0; i < 3; i++)
		ASSERT_EQ(1, SEND(self->a, 0, BILL, B, "x"));
	setsockopt(self->b, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	ASSERT_EQ(0, pipe(go));
	for (i = 0; i < 4; i++) {
		child[i] = fork();
		ASSERT_LE(0, child[i]);
		if (!child[i]) {
			int n = 0;
			char c;

			close(go[1]);
			(void)!read(go[0], &c, 1);
			while (recv(self->b, &c, 1, 0) == 1)
				n++;
			_exit(n);
		}
	}
	close(go[1]);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(child[i], waitpid(child[i], &status, 0));
		EXPECT_TRUE(WIFEXITED(status));
		total += WEXITSTATUS(status);
	}
	EXPECT_EQ(3, total);
}

TEST_HARNESS_MAIN
