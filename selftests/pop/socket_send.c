// SPDX-License-Identifier: GPL-2.0
/*
 * Sending: what the contract schedules, once, in its phase, and nothing else.
 *
 * Shows: R13 R15 R24 R44
 */
#include "trio.h"

/* --- sending ------------------------------------------------------------------ */

TEST_F(pop, send__message)
{
	char buf[100];

	EXPECT_EQ(5, SEND(self->a, 0, BILL, B, "hello"));
	EXPECT_EQ(5, recv(self->b, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
	EXPECT_NOTHING(self->c);
}

TEST_F(pop, send__many_at_once)
{
	struct sockaddr_pop to = kit_channel(&self->body, 0, BILL, B);
	char text[3][2] = { "1", "2", "3" }, got[3][2] = {};
	struct mmsghdr out[3] = {}, in[3] = {};
	struct iovec iov[3], room[3];
	int i;

	for (i = 0; i < 3; i++) {
		iov[i] = (struct iovec){ text[i], 1 };
		out[i].msg_hdr = (struct msghdr){
			.msg_name = &to, .msg_namelen = sizeof(to),
			.msg_iov = &iov[i], .msg_iovlen = 1,
		};
		room[i] = (struct iovec){ got[i], 1 };
		in[i].msg_hdr = (struct msghdr){
			.msg_iov = &room[i], .msg_iovlen = 1,
		};
	}
	ASSERT_EQ(3, sendmmsg(self->a, out, 3, 0));
	ASSERT_EQ(3, recvmmsg(self->b, in, 3, 0, NULL));
	for (i = 0; i < 3; i++)
		EXPECT_STREQ(text[i], got[i]);
}

/* Whether the contract has @from send @action of @phase to @to. */
static bool scheduled(int from, int phase, int action, int to)
{
	int i, j, first = 0;

	for (i = 0; i < contract.nr_actions; i++) {
		if (actions[i].phase < phase)
			first++;
		if (actions[i].phase != phase || i - first != action ||
		    actions[i].from != from)
			continue;
		for (j = 0; j < actions[i].nr_to; j++)
			if (actions[i].to[j] == to)
				return true;
	}
	return false;
}

/* R13: every phase, action and party that the contract does not name. */
TEST_F(pop, send__full_sweep)
{
	int fds[] = { self->a, self->b, self->c };
	int i, refused = 0;

	/* One more of each than there is; C is the last party. */
	for (i = 0; i < 3 * 3 * 4 * 4; i++) {
		int from = i % 3, phase = i / 3 % 3;
		int action = i / 9 % 4, to = i / 36;

		if (scheduled(from, phase, action, to))
			continue;
		EXPECT_EQ(-EPERM, SEND(fds[from], phase, action, to, "x"))
			TH_LOG("%d to %d in phase %d, action %d", from, to,
			       phase, action);
		refused++;
	}
	/* all but the seven edges of the contract */
	EXPECT_EQ(3 * 3 * 4 * 4 - 7, refused);
	EXPECT_EQ(0, kit_counter("PopTxExecuted"));
	EXPECT_NOTHING(self->a);
	EXPECT_NOTHING(self->b);
	EXPECT_NOTHING(self->c);
}

TEST_F(pop, send__twice)
{
	struct sockaddr_pop a = kit_channel(&self->body, 0, BILL, B);

	a.spop_seq = 1;
	EXPECT_EQ(1, sendto(self->a, "1", 1, 0, (void *)&a, sizeof(a)));
	EXPECT_EQ(EALREADY, ERRNO(sendto(self->a, "1", 1, 0, (void *)&a,
					 sizeof(a))));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "0"));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "2"));
	EXPECT_EQ(-EALREADY, SEND(self->a, 0, BILL, B, "3"));
	a.spop_seq = 3;			/* there are three */
	EXPECT_EQ(EPERM, ERRNO(sendto(self->a, "3", 1, 0, (void *)&a,
				      sizeof(a))));
	EXPECT_MESSAGE(self->b, "1");
	EXPECT_MESSAGE(self->b, "0");
	EXPECT_MESSAGE(self->b, "2");
	EXPECT_NOTHING(self->b);
	EXPECT_EQ(3, kit_counter("PopRxExecuted"));
}

TEST_F(pop, send__before_the_phase)
{
	EXPECT_EQ(-EAGAIN, kit_send(self->b, &self->body, 1, REPLY, A, "x", 1,
				    MSG_DONTWAIT));
	EXPECT_EQ(0, kit_counter("PopTxExecuted"));
}

TEST_F(pop, send__waits_for_the_phase)
{
	struct timeval soon = { .tv_usec = 50000 };
	pid_t child;
	int status;

	/* In vain, with a time-out of its own .. */
	setsockopt(self->c, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
	EXPECT_EQ(-EAGAIN, SEND(self->c, 1, LAST, A, "x"));

	/* .. and then until C has all its inputs of phase 0. */
	soon.tv_sec = 20;
	setsockopt(self->c, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(SEND(self->c, 1, LAST, A, "late") != 4);
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "1"));
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "2"));
	EXPECT_EQ(1, SEND(self->b, 0, WIDE, C, "w"));
	EXPECT_MESSAGE(self->a, "late");
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(pop, send__interrupted)
{
	struct timeval never = { };
	int status, ready[2];
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(ready));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		setsockopt(self->c, SOL_SOCKET, SO_SNDTIMEO, &never,
			   sizeof(never));
		(void)!write(ready[1], "", 1);
		SEND(self->c, 1, LAST, A, "x");
		_exit(0);
	}
	EXPECT_EQ(1, read(ready[0], &byte, 1));
	kill(child, SIGTERM);
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
}

TEST_F(pop, send__size)
{
	static char big[65537];

	EXPECT_EQ(-EMSGSIZE, kit_send(self->a, &self->body, 0, BILL, B, big,
				      4097, 0));
	EXPECT_EQ(4096, kit_send(self->a, &self->body, 0, BILL, B, big, 4096,
				 0));
	EXPECT_EQ(0, kit_send(self->a, &self->body, 0, BILL, B, big, 0, 0));
	EXPECT_EQ(4096, recv(self->b, big, sizeof(big), 0));
	EXPECT_EQ(0, recv(self->b, big, sizeof(big), 0));
	EXPECT_EQ(-EMSGSIZE, kit_send(self->a, &self->body, 0, NEWS,
				      POP_PARTY_ANY, big, 65537, 0));
	EXPECT_EQ(65536, kit_send(self->a, &self->body, 0, NEWS, POP_PARTY_ANY,
				  big, 65536, 0));
	EXPECT_EQ(65536, recv(self->b, big, sizeof(big), 0));
	EXPECT_EQ(65536, recv(self->c, big, sizeof(big), 0));
}

TEST_F(pop, send__all_sizes_round_the_datagram)
{
	static char out[4096], in[4097];
	size_t sizes[] = { 1, 1100, 1232, 4095 }, i, j;

	for (i = 0; i < sizeof(out); i++)
		out[i] = i * 31 + (i >> 8);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(sizes[i], kit_send(self->a, &self->body, 0, BILL, B,
					     out, sizes[i], 0));
		memset(in, 0, sizeof(in));
		ASSERT_EQ(sizes[i], recv(self->b, in, sizeof(in), 0));
		for (j = 0; j < sizes[i]; j++)
			ASSERT_EQ(out[j], in[j]);
	}
}

TEST_F(pop, send__same_needs_all)
{
	/* One message for all is not sent to one of them. */
	EXPECT_NE(1, SEND(self->a, 0, NEWS, B, "x"));
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "y"));
	EXPECT_MESSAGE(self->b, "y");
	EXPECT_MESSAGE(self->c, "y");
}

TEST_F(pop, send__each_their_own)
{
	EXPECT_EQ(4, SEND(self->b, 0, WIDE, A, "to A"));
	EXPECT_EQ(4, SEND(self->b, 0, WIDE, C, "to C"));
	EXPECT_MESSAGE(self->a, "to A");
	EXPECT_MESSAGE(self->c, "to C");
}

/* To each recipient goes a message, for each of which there must be room. */
TEST_F(pop, send__each_has_room)
{
	struct timeval soon = { .tv_usec = 100000 };
	char big[4000] = "";
	int one = 1;

	ASSERT_EQ(0, kit_peer_set4(&self->k, &self->body, B, A, "192.0.2.1"));
	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_SNDBUF, &one,
				sizeof(one)));
	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_SNDTIMEO, &soon,
				sizeof(soon)));
	EXPECT_EQ(-EAGAIN, kit_send(self->b, &self->body, 0, WIDE,
				    POP_PARTY_ANY, big, sizeof(big), 0));
	/* that to A is kept, and takes all there is */
	EXPECT_EQ(1, kit_counter("PopTxExecuted"));
	EXPECT_NOTHING(self->c);
}

TEST_F(pop, send__flags)
{
	EXPECT_EQ(-EOPNOTSUPP, kit_send(self->a, &self->body, 0, BILL, B, "x",
					1, MSG_OOB));
	EXPECT_EQ(0, kit_counter("PopTxExecuted"));
}

TEST_F(pop, send__addresses)
{
	struct sockaddr_pop good = kit_channel(&self->body, 0, BILL, B), bad;
	size_t len;

	EXPECT_EQ(EDESTADDRREQ, ERRNO(send(self->a, "x", 1, 0)));
	for (len = 1; len < sizeof(good); len++)
		EXPECT_EQ(EINVAL, ERRNO(sendto(self->a, "x", 1, 0,
					       (void *)&good, len)));
	bad = good;
	bad.spop_family = AF_INET;
	EXPECT_EQ(EAFNOSUPPORT, ERRNO(sendto(self->a, "x", 1, 0, (void *)&bad,
					     sizeof(bad))));
	bad = good;
	bad.spop_pad = 0x80000000;
	EXPECT_EQ(EINVAL, ERRNO(sendto(self->a, "x", 1, 0, (void *)&bad,
				       sizeof(bad))));
	EXPECT_EQ(EFAULT, ERRNO(sendto(self->a, (void *)8, 1, 0, (void *)&good,
				       sizeof(good))));
	/* The slot of a message that could not be read is not used up. */
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "0"));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "1"));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "2"));
}

/* --- control messages of sending ---------------------------------------------- */

static ssize_t send_cmsg(int fd, struct sockaddr_pop *to, int level, int type,
			 const void *data, size_t len)
{
	char control[CMSG_SPACE(64)] = {};
	struct iovec iov = { (void *)"x", 1 };
	struct msghdr msg = {
		.msg_name = to, .msg_namelen = sizeof(*to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = CMSG_SPACE(len),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
	return sendmsg(fd, &msg, 0);
}

TEST_F(pop, send__cmsg_seq)
{
	struct sockaddr_pop to = kit_channel(&self->body, 0, BILL, B);
	uint32_t seq = 2;
	uint64_t wide = 1;

	EXPECT_EQ(EINVAL, ERRNO(send_cmsg(self->a, &to, SOL_POP, POP_SEQ, &wide,
					  sizeof(wide))));
	EXPECT_EQ(EINVAL, ERRNO(send_cmsg(self->a, &to, SOL_POP, POP_SEQ, &wide,
					  2)));
	EXPECT_EQ(EINVAL, ERRNO(send_cmsg(self->a, &to, SOL_POP, 99, &seq,
					  sizeof(seq))));
	EXPECT_EQ(1, send_cmsg(self->a, &to, SOL_POP, POP_SEQ, &seq,
			       sizeof(seq)));
	EXPECT_EQ(EALREADY, ERRNO(send_cmsg(self->a, &to, SOL_POP, POP_SEQ, &seq,
					    sizeof(seq))));
	to.spop_seq = 0xffffffff;
	EXPECT_MESSAGE(self->b, "x");
}

TEST_HARNESS_MAIN
