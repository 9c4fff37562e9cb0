// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets of the Byzantine channel: what can be sent by whom, what comes, what
 * each mistake gives, and how it ends. All parties are local, and meet over the
 * loopback device.
 *
 * Shows: R34 R35 R37 R38
 */
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <linux/sockios.h>

#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B, C, D, PARTIES };

#define ANY	POP_PARTY_ANY
#define BILL	0	/* in phase 0, A to B, twice */
#define REPLY	0	/* in phase 1, B to C */

static const struct kit_action actions[] = {
	{ 0, "bill", A, 1, { B }, .count = 2 },
	{ 1, "reply", B, 1, { C } },
};

/* D has no part in it, and may raise disputes about phase 1. */
static const struct kit_dispute disputes[] = {
	{ D, 1, 2 },
};

static const struct kit_contract contract = {
	.name = "byzantine", .parties = PARTIES, .phases = 2,
	.action = actions, .nr_actions = 2,
	.dispute = disputes, .nr_disputes = 1,
};

static const bool may_dispute[PARTIES][2] = {
	[A] = { true, false },
	[B] = { true, true },
	[C] = { false, true },
	[D] = { false, true },
};

FIXTURE(byzantine) {
	struct kit k;
	struct kit_body body;
	int fd[PARTIES];
};

FIXTURE_SETUP(byzantine)
{
	int i;

	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	self->body = kit_encode(&contract);
	ASSERT_EQ(0, kit_load(&self->k, &self->body))
		TH_LOG("%s", self->k.text);
	for (i = 0; i < PARTIES; i++) {
		self->fd[i] = kit_byzantine(&self->body, i);
		ASSERT_LE(0, self->fd[i]);
	}
}

FIXTURE_TEARDOWN(byzantine)
{
	int i;

	for (i = 0; i < PARTIES; i++)
		close(self->fd[i]);
	kit_close(&self->k);
	free(self->body.data);
}

#define ERRNO(call) ((call) < 0 ? errno : 0)
#define NONE kit_addr(&self->body, ANY)

/* Send a text about an action, or about none. */
#define SEND(from, to, kind, phase, action, text) ({			\
	struct sockaddr_pop to_ = kit_channel(&self->body, phase,	\
					      action, to);		\
	kit_record(self->fd[from], &to_, kind, text, strlen(text), 0);	\
})
#define SEND_VOTE(from, to, text) \
	SEND(from, to, POP_RECORD_VOTE, 0, BILL, text)
#define SEND_CLOSE(from, to, text) \
	SEND(from, to, POP_RECORD_CLOSE, POP_PHASE_ANY, POP_ACTION_ANY, text)

/* One record must come in, and be this. */
#define EXPECT_RECORD(fd, to, from, kind_, phase_, action_, text) do {	\
	struct pop_recordinfo info_;					\
	struct sockaddr_pop from_;					\
	char buf_[256] = "";						\
	EXPECT_EQ((ssize_t)strlen(text),				\
		  kit_take_record(fd, &from_, &info_, buf_,		\
				  sizeof(buf_), 0));			\
	EXPECT_STREQ(text, buf_);					\
	EXPECT_EQ(AF_POP, from_.spop_family);				\
	EXPECT_EQ(from, from_.spop_party);				\
	EXPECT_EQ(phase_, from_.spop_phase);				\
	EXPECT_EQ(action_, from_.spop_action);				\
	EXPECT_EQ(POP_SEQ_ANY, from_.spop_seq);				\
	EXPECT_EQ(0, from_.spop_pad);					\
	EXPECT_EQ(0, memcmp(from_.spop_contract, self->body.hash,	\
			    POP_HASH_LEN));				\
	EXPECT_EQ(from, info_.sender);					\
	EXPECT_EQ(to, info_.recipient);					\
	EXPECT_EQ(phase_, info_.phase);					\
	EXPECT_EQ(action_, info_.action);				\
	EXPECT_EQ(POP_SEQ_ANY, info_.seq);				\
	EXPECT_EQ((uint32_t)(kind_), info_.kind);			\
	EXPECT_EQ(strlen(text), info_.length);				\
} while (0)

#define EXPECT_CLOSE(fd, to, from, text)				\
	EXPECT_RECORD(fd, to, from, POP_RECORD_CLOSE, POP_PHASE_ANY,	\
		      POP_ACTION_ANY, text)

/* Nothing is there, and nothing is on its way, where nothing was sent. */
#define EXPECT_NOTHING(fd) \
	EXPECT_EQ(EAGAIN, ERRNO(recv(fd, NULL, 0, MSG_DONTWAIT)))

/* Until the counter has this value. */
#define EXPECT_COUNTED(value, name) do {				\
	int left_ = 20000;						\
	while (kit_counter(name) < (value) && left_--)			\
		usleep(1000);	/* between two looks */			\
	EXPECT_EQ(value, kit_counter(name));				\
} while (0)

/* --- socket(), bind() -------------------------------------------------------- */

TEST_F(byzantine, socket__what_it_is)
{
	socklen_t len = sizeof(int);
	int value = -1;

	EXPECT_EQ(0, getsockopt(self->fd[A], SOL_SOCKET, SO_DOMAIN, &value,
				&len));
	EXPECT_EQ(AF_POP, value);
	EXPECT_EQ(0, getsockopt(self->fd[A], SOL_SOCKET, SO_TYPE, &value, &len));
	EXPECT_EQ(SOCK_DGRAM, value);
	EXPECT_EQ(0, getsockopt(self->fd[A], SOL_SOCKET, SO_PROTOCOL, &value,
				&len));
	EXPECT_EQ(POP_PROTO_BYZANTINE, value);
}

TEST_F(byzantine, socket__no_connections)
{
	struct sockaddr_pop to = kit_channel(&self->body, 0, BILL, B);
	int pair[2];

	EXPECT_EQ(EOPNOTSUPP, ERRNO(connect(self->fd[A], (void *)&to,
					    sizeof(to))));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(listen(self->fd[A], 1)));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(accept(self->fd[A], NULL, NULL)));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(shutdown(self->fd[A], SHUT_RDWR)));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(socketpair(AF_POP, SOCK_DGRAM,
					       POP_PROTO_BYZANTINE, pair)));
}

TEST_F(byzantine, bind__names)
{
	struct sockaddr_pop name;
	socklen_t len = sizeof(name);

	EXPECT_EQ(0, getsockname(self->fd[C], (void *)&name, &len));
	EXPECT_EQ(sizeof(name), len);
	EXPECT_EQ(C, name.spop_party);
	EXPECT_EQ(POP_PHASE_ANY, name.spop_phase);
	EXPECT_EQ(0, memcmp(name.spop_contract, self->body.hash, POP_HASH_LEN));
	EXPECT_EQ(ENOTCONN, ERRNO(getpeername(self->fd[C], (void *)&name,
					      &len)));
}

TEST_F(byzantine, bind__refused)
{
	struct sockaddr_pop name = kit_addr(&self->body, A);
	struct sockaddr_pop wrong = name;
	int fd = socket(AF_POP, SOCK_DGRAM, POP_PROTO_BYZANTINE);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EINVAL, ERRNO(bind(self->fd[A], (void *)&name, sizeof(name))));
	EXPECT_EQ(EINVAL, ERRNO(bind(fd, (void *)&name, sizeof(name) - 1)));
	wrong.spop_pad = 1;
	EXPECT_EQ(EINVAL, ERRNO(bind(fd, (void *)&wrong, sizeof(wrong))));
	wrong = name;
	wrong.spop_phase = 0;
	EXPECT_EQ(EINVAL, ERRNO(bind(fd, (void *)&wrong, sizeof(wrong))));
	wrong = name;
	wrong.spop_family = AF_INET;
	EXPECT_EQ(EAFNOSUPPORT, ERRNO(bind(fd, (void *)&wrong, sizeof(wrong))));
	wrong = name;
	wrong.spop_party = PARTIES;
	EXPECT_EQ(EADDRNOTAVAIL, ERRNO(bind(fd, (void *)&wrong,
					    sizeof(wrong))));
	wrong = name;
	wrong.spop_contract[0] ^= 1;
	EXPECT_EQ(EADDRNOTAVAIL, ERRNO(bind(fd, (void *)&wrong,
					    sizeof(wrong))));
	/* nothing can be done without */
	EXPECT_EQ(ENOTCONN, ERRNO(recv(fd, NULL, 0, MSG_DONTWAIT)));
	EXPECT_EQ(-ENOTCONN, kit_record(fd, &name, POP_RECORD_CLOSE, "x", 1, 0));
	/* the party is root's */
	ASSERT_EQ(0, seteuid(1234));
	EXPECT_EQ(EACCES, ERRNO(bind(fd, (void *)&name, sizeof(name))));
	ASSERT_EQ(0, seteuid(0));
	EXPECT_EQ(0, bind(fd, (void *)&name, sizeof(name)));
	close(fd);
}

TEST_F(byzantine, option__of_messages)
{
	struct pop_filter filter = {};
	struct pop_info info = {};
	struct {
		struct pop_state state;
		uint8_t room[8];
	} s = { .state = { .party = B, .direction = POP_DIRECTION_INPUT,
			   .phase = POP_PHASE_ANY, .count = 8 } };
	socklen_t len = sizeof(filter);

	EXPECT_EQ(ENOPROTOOPT, ERRNO(setsockopt(self->fd[A], SOL_POP, POP_FILTER,
						&filter, sizeof(filter))));
	EXPECT_EQ(ENOPROTOOPT, ERRNO(getsockopt(self->fd[A], SOL_POP, POP_FILTER,
						&filter, &len)));
	len = sizeof(info);
	EXPECT_EQ(ENOPROTOOPT, ERRNO(getsockopt(self->fd[A], SOL_POP,
						POP_RECVINFO, &info, &len)));
	/* a party can look, at itself and at others */
	EXPECT_EQ(0, getsockopt(self->fd[A], SOL_POP, POP_INFO, &info, &len));
	EXPECT_EQ(POP_CONTRACT_STATE_OPEN, info.contract_state);
	EXPECT_EQ(1, info.outputs);
	len = sizeof(s);
	EXPECT_EQ(0, getsockopt(self->fd[A], SOL_POP, POP_STATE, &s, &len));
	EXPECT_EQ(1, s.state.count);
}

/* --- sending ------------------------------------------------------------------ */

/* R34, R38: who may raise a dispute, about what. */
TEST_F(byzantine, send__disputes)
{
	static const int kinds[] = { POP_RECORD_VIOLATION, POP_RECORD_RECOVERY };
	int i;

	for (i = 0; i < 2 * 2 * PARTIES * PARTIES; i++) {
		int phase = i % 2, kind = kinds[i / 2 % 2];
		int from = i / 4 % PARTIES, to = i / 4 / PARTIES;
		ssize_t ret;

		if (to == from)
			continue;
		ret = SEND(from, to, kind, phase, 0, "look");
		if (!may_dispute[from][phase]) {
			EXPECT_EQ(-EPERM, ret);
			EXPECT_NOTHING(self->fd[to]);
			continue;
		}
		EXPECT_EQ(4, ret);
		/* whoever it is sent to */
		EXPECT_RECORD(self->fd[to], to, from, kind, phase, 0, "look");
	}
	EXPECT_EQ(0, kit_counter("PopRxForbidden"));
	EXPECT_EQ(0, kit_counter("PopRxUnscheduled"));
}

/* R37: votes, and what only all can decide, from everybody. */
TEST_F(byzantine, send__open_to_all)
{
	static const int kinds[] = { POP_RECORD_CLOSE, POP_RECORD_TRANSFER,
				     POP_RECORD_AMEND, POP_RECORD_LINK };
	int from, phase, i, to;

	for (from = 0; from < PARTIES; from++) {
		to = (from + 1) % PARTIES;
		for (phase = 0; phase < 2; phase++) {
			EXPECT_EQ(2, SEND(from, to, POP_RECORD_VOTE, phase, 0,
					  "no"));
			EXPECT_RECORD(self->fd[to], to, from, POP_RECORD_VOTE,
				      phase, 0, "no");
		}
		for (i = 0; i < 4; i++) {
			EXPECT_EQ(1, SEND(from, to, kinds[i], POP_PHASE_ANY,
					  POP_ACTION_ANY, "x"));
			EXPECT_RECORD(self->fd[to], to, from, kinds[i],
				      POP_PHASE_ANY, POP_ACTION_ANY, "x");
		}
	}
}

/* To one it goes to no other; to all, to each other, and not to oneself. */
TEST_F(byzantine, send__recipients)
{
	int i;

	EXPECT_EQ(3, SEND_CLOSE(B, D, "one"));
	for (i = 0; i < PARTIES; i++)
		if (i == D)
			EXPECT_CLOSE(self->fd[i], i, B, "one");
		else
			EXPECT_NOTHING(self->fd[i]);
	EXPECT_EQ(3, SEND_CLOSE(B, ANY, "all"));
	for (i = 0; i < PARTIES; i++) {
		if (i != B)
			EXPECT_CLOSE(self->fd[i], i, B, "all");
		EXPECT_NOTHING(self->fd[i]);
	}
	EXPECT_EQ(4, kit_counter("PopTxRecords"));
	EXPECT_EQ(4, kit_counter("PopRxRecords"));
}

/* What it is about can be one message. */
TEST_F(byzantine, send__sequence)
{
	struct sockaddr_pop to = kit_channel(&self->body, 0, BILL, B), from;
	struct pop_recordinfo info;

	to.spop_seq = 1;
	EXPECT_EQ(1, kit_record(self->fd[A], &to, POP_RECORD_RECOVERY, "x", 1,
				0));
	EXPECT_EQ(0, kit_take_record(self->fd[B], &from, &info, NULL, 0, 0));
	EXPECT_EQ(1, from.spop_seq);
	EXPECT_EQ(1, info.seq);
	/* the address needs no contract */
	memset(to.spop_contract, 0, POP_HASH_LEN);
	EXPECT_EQ(1, kit_record(self->fd[A], &to, POP_RECORD_RECOVERY, "x", 1,
				0));
	to.spop_seq = 2;
	EXPECT_EQ(-EPERM, kit_record(self->fd[A], &to, POP_RECORD_RECOVERY, "x",
				     1, 0));
	to = kit_channel(&self->body, 1, REPLY, A);
	to.spop_seq = 1;
	EXPECT_EQ(-EPERM, kit_record(self->fd[B], &to, POP_RECORD_VOTE, "x", 1,
				     0));
	to = kit_addr(&self->body, A);
	to.spop_seq = 0;
	EXPECT_EQ(-EINVAL, kit_record(self->fd[B], &to, POP_RECORD_CLOSE, "x", 1,
				      0));
}

TEST_F(byzantine, send__kinds)
{
	static const int none[] = { 0, 8, 9, 127, POP_RECORD_EVIDENCE,
				    POP_RECORD_OVERDUE, 130, 255, 256,
				    256 + POP_RECORD_CLOSE, 0x7fffffff };
	int i, kind;

	for (i = 0; i < sizeof(none) / sizeof(*none); i++) {
		EXPECT_EQ(-EINVAL, SEND(A, B, none[i], POP_PHASE_ANY,
					POP_ACTION_ANY, "x"));
		EXPECT_EQ(-EINVAL, SEND(A, B, none[i], 0, BILL, "x"));
	}
	/* what is about an action is about one, and nothing else is */
	for (kind = POP_RECORD_VIOLATION; kind <= POP_RECORD_VOTE; kind++)
		EXPECT_EQ(-EINVAL, SEND(A, B, kind, POP_PHASE_ANY,
					POP_ACTION_ANY, "x"));
	for (kind = POP_RECORD_CLOSE; kind <= POP_RECORD_LINK; kind++)
		EXPECT_EQ(-EINVAL, SEND(A, B, kind, 0, BILL, "x"));
	for (kind = POP_RECORD_VIOLATION; kind <= POP_RECORD_LINK; kind++) {
		EXPECT_EQ(-EINVAL, SEND(A, B, kind, POP_PHASE_ANY, 0, "x"));
		EXPECT_EQ(-EINVAL, SEND(A, B, kind, 0, POP_ACTION_ANY, "x"));
	}
	/* of what the contract does not have */
	for (kind = POP_RECORD_VIOLATION; kind <= POP_RECORD_VOTE; kind++) {
		EXPECT_EQ(-EPERM, SEND(B, A, kind, 0, 1, "x"));
		EXPECT_EQ(-EPERM, SEND(B, A, kind, 2, 0, "x"));
		EXPECT_EQ(-EPERM, SEND(B, A, kind, 0xfffe, 0xfffe, "x"));
	}
	EXPECT_EQ(0, kit_counter("PopTxRecords"));
}

TEST_F(byzantine, send__refused)
{
	struct sockaddr_pop to = kit_addr(&self->body, B), wrong;
	char control[2 * CMSG_SPACE(4)] = {};
	struct msghdr msg = { .msg_name = &to, .msg_namelen = sizeof(to) };
	struct cmsghdr *cmsg;
	static char big[POP_RECORD_MAX + 1];

#define REFUSED(error, address) \
	EXPECT_EQ(-(error), kit_record(self->fd[A], address, POP_RECORD_CLOSE, \
				       "x", 1, 0))
	wrong = to;
	wrong.spop_family = AF_INET;
	REFUSED(EAFNOSUPPORT, &wrong);
	wrong = to;
	wrong.spop_pad = 1;
	REFUSED(EINVAL, &wrong);
	wrong = to;
	wrong.spop_contract[3] ^= 1;
	REFUSED(EINVAL, &wrong);
	wrong = to;
	wrong.spop_party = PARTIES;
	REFUSED(EPERM, &wrong);
	wrong.spop_party = A;
	REFUSED(EPERM, &wrong);
	EXPECT_EQ(EDESTADDRREQ, ERRNO(send(self->fd[A], "x", 1, 0)));
	/* without a kind */
	EXPECT_EQ(EINVAL, ERRNO(sendto(self->fd[A], "x", 1, 0, (void *)&to,
				       sizeof(to))));
	EXPECT_EQ(EINVAL, ERRNO(sendto(self->fd[A], "x", 1, 0, (void *)&to,
				       sizeof(to) - 1)));
	/* with another control message, or one that is too short */
	msg.msg_control = control;
	msg.msg_controllen = CMSG_SPACE(4);
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_POP;
	cmsg->cmsg_type = POP_SEQ;
	cmsg->cmsg_len = CMSG_LEN(4);
	EXPECT_EQ(EINVAL, ERRNO(sendmsg(self->fd[A], &msg, 0)));
	cmsg->cmsg_type = POP_RECORD;
	cmsg->cmsg_len = CMSG_LEN(2);
	EXPECT_EQ(EINVAL, ERRNO(sendmsg(self->fd[A], &msg, 0)));
	/* flags, length, memory */
	EXPECT_EQ(-EOPNOTSUPP, kit_record(self->fd[A], &to, POP_RECORD_CLOSE,
					  "x", 1, MSG_OOB));
	EXPECT_EQ(-EMSGSIZE, kit_record(self->fd[A], &to, POP_RECORD_CLOSE, big,
					sizeof(big), 0));
	EXPECT_EQ(-EFAULT, kit_record(self->fd[A], &to, POP_RECORD_CLOSE,
				      (void *)8, 8, 0));
	EXPECT_EQ(0, kit_counter("PopTxRecords"));
	EXPECT_NOTHING(self->fd[B]);
	EXPECT_EQ(1, kit_record(self->fd[A], &to, POP_RECORD_CLOSE, "x", 1,
				MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR));
	EXPECT_CLOSE(self->fd[B], B, A, "x");
}

/* A party whose address is not known: that is told; the others get it. */
TEST_F(byzantine, send__no_endpoint)
{
	static const struct kit_contract other = {
		.name = "other", .parties = 3, .phases = 1, .salt = 1,
		.action = actions, .nr_actions = 1,
	};
	struct kit_body body = kit_encode(&other);
	struct sockaddr_pop to = kit_addr(&body, B);
	int a, b;

	ASSERT_EQ(0, kit_contract_add(&self->k, &body, 3));
	ASSERT_EQ(0, kit_party_add(&self->k, &body, A, 0));
	ASSERT_EQ(0, kit_party_add(&self->k, &body, B, 0));
	a = kit_byzantine(&body, A);
	b = kit_byzantine(&body, B);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	EXPECT_EQ(-EHOSTUNREACH, kit_record(a, &to, POP_RECORD_CLOSE, "x", 1, 0));
	to.spop_party = ANY;
	EXPECT_EQ(-EHOSTUNREACH, kit_record(a, &to, POP_RECORD_CLOSE, "x", 1, 0));
	ASSERT_EQ(0, kit_peer_set4(&self->k, &body, A, B, "127.0.0.1"));
	EXPECT_EQ(1, kit_record(a, &to, POP_RECORD_CLOSE, "x", 1, 0));
	EXPECT_EQ(1, recv(b, (char[8]){}, 8, 0));
	close(a);
	close(b);
	free(body.data);
}

/* --- receiving ---------------------------------------------------------------- */

TEST_F(byzantine, recv__sizes)
{
	struct sockaddr_pop to = kit_addr(&self->body, B), from;
	static char out[POP_RECORD_MAX], in[POP_RECORD_MAX + 1];
	static const size_t sizes[] = { 0, 1, 2, 1175, POP_RECORD_MAX };
	struct pop_recordinfo info;
	int i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = i * 7;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		EXPECT_EQ(sizes[i], kit_record(self->fd[A], &to, POP_RECORD_LINK,
					       out, sizes[i], 0));
		EXPECT_EQ(sizes[i], kit_take_record(self->fd[B], &from, &info,
						    in, sizeof(in), 0));
		EXPECT_EQ(0, memcmp(in, out, sizes[i]));
		EXPECT_EQ(A, from.spop_party);
		EXPECT_EQ(sizes[i], info.length);
	}
}

TEST_F(byzantine, recv__peek_and_truncate)
{
	char buf[8] = "";
	struct iovec iov = { buf, 3 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	EXPECT_EQ(6, SEND_CLOSE(A, B, "abcdef"));
	EXPECT_EQ(6, SEND_CLOSE(A, B, "ghijkl"));
	EXPECT_COUNTED(2, "PopRxRecords");
	EXPECT_EQ(3, recvmsg(self->fd[B], &msg, MSG_PEEK));
	EXPECT_EQ(MSG_TRUNC, msg.msg_flags & MSG_TRUNC);
	EXPECT_STREQ("abc", buf);
	EXPECT_EQ(6, recv(self->fd[B], buf, 1, MSG_PEEK | MSG_TRUNC));
	EXPECT_EQ(6, recv(self->fd[B], buf, 2, MSG_TRUNC));
	EXPECT_CLOSE(self->fd[B], B, A, "ghijkl");
	EXPECT_EQ(EOPNOTSUPP, ERRNO(recv(self->fd[B], buf, 1, MSG_OOB)));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(recv(self->fd[B], buf, 1, MSG_ERRQUEUE)));
	EXPECT_NOTHING(self->fd[B]);
}

/* Unlike messages, of which one socket gets each. */
TEST_F(byzantine, recv__every_socket)
{
	int second = kit_byzantine(&self->body, B);
	int message = kit_socket(&self->body, B);

	ASSERT_LE(0, second);
	ASSERT_LE(0, message);
	EXPECT_EQ(1, SEND_VOTE(D, B, "x"));
	EXPECT_RECORD(self->fd[B], B, D, POP_RECORD_VOTE, 0, BILL, "x");
	EXPECT_RECORD(second, B, D, POP_RECORD_VOTE, 0, BILL, "x");
	EXPECT_NOTHING(message);
	close(second);
	EXPECT_EQ(1, SEND_VOTE(D, B, "y"));
	EXPECT_RECORD(self->fd[B], B, D, POP_RECORD_VOTE, 0, BILL, "y");
	EXPECT_EQ(0, kit_counter("PopRxUnheard"));
	close(message);
}

TEST_F(byzantine, recv__nobody_there)
{
	close(self->fd[B]);
	EXPECT_EQ(1, SEND_VOTE(D, B, "x"));
	EXPECT_COUNTED(1, "PopRxUnheard");
	EXPECT_EQ(1, kit_counter("PopRxRecords"));
	/* it is not kept */
	self->fd[B] = kit_byzantine(&self->body, B);
	ASSERT_LE(0, self->fd[B]);
	EXPECT_NOTHING(self->fd[B]);
}

/* What a socket has no room for is lost to it, counted, and told. */
TEST_F(byzantine, recv__full)
{
	char control[CMSG_SPACE(sizeof(struct pop_recordinfo)) + CMSG_SPACE(4)];
	struct msghdr msg = { .msg_control = control };
	int small = kit_byzantine(&self->body, B), size = 1, on = 1;
	int sent = 0, taken = 0, all = 0, i;
	struct cmsghdr *cmsg;
	uint32_t drops = 0;

	ASSERT_LE(0, small);
	ASSERT_EQ(0, setsockopt(small, SOL_SOCKET, SO_RCVBUF, &size,
				sizeof(size)));
	ASSERT_EQ(0, setsockopt(small, SOL_SOCKET, SO_RXQ_OVFL, &on,
				sizeof(on)));
	for (i = 0; i < 20; i++)
		sent += SEND_CLOSE(A, B, "x") == 1;
	EXPECT_EQ(20, sent);
	EXPECT_COUNTED(20, "PopRxRecords");
	while (recv(small, NULL, 0, MSG_DONTWAIT) >= 0)
		taken++;
	while (recv(self->fd[B], NULL, 0, MSG_DONTWAIT) >= 0)
		all++;
	EXPECT_LT(0, taken);
	EXPECT_GT(20, taken);
	EXPECT_EQ(20 - taken, kit_counter("PopRxRecordFull"));
	/* another socket has room */
	EXPECT_EQ(20, all);
	EXPECT_EQ(1, SEND_CLOSE(A, B, "x"));
	msg.msg_controllen = sizeof(control);
	EXPECT_EQ(0, recvmsg(small, &msg, 0));
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
		if (cmsg->cmsg_level == SOL_SOCKET &&
		    cmsg->cmsg_type == SO_RXQ_OVFL)
			memcpy(&drops, CMSG_DATA(cmsg), sizeof(drops));
	EXPECT_EQ(20 - taken, drops);
	close(small);
}

TEST_F(byzantine, recv__timeout)
{
	struct timeval soon = { .tv_usec = 10000 };
	char buf[8];

	ASSERT_EQ(0, setsockopt(self->fd[B], SOL_SOCKET, SO_RCVTIMEO, &soon,
				sizeof(soon)));
	EXPECT_EQ(EAGAIN, ERRNO(recv(self->fd[B], buf, sizeof(buf), 0)));
	EXPECT_EQ(EAGAIN, ERRNO(recv(self->fd[B], buf, sizeof(buf),
				     MSG_DONTWAIT)));
}

TEST_F(byzantine, recv__wakes)
{
	int status, ready[2];
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(ready));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		(void)!write(ready[1], "", 1);
		_exit(recv(self->fd[B], &byte, 1, 0) != 1 || byte != 'x');
	}
	EXPECT_EQ(1, read(ready[0], &byte, 1));
	EXPECT_EQ(1, SEND_CLOSE(A, B, "x"));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

static int events(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}

TEST_F(byzantine, poll__in_and_out)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC), value = -1;

	ASSERT_LE(0, ep);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->fd[B], &ev));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	EXPECT_EQ(POLLOUT, events(self->fd[B]));
	EXPECT_EQ(0, ioctl(self->fd[B], FIONREAD, &value));
	EXPECT_EQ(0, value);
	EXPECT_EQ(5, SEND_CLOSE(A, B, "12345"));
	EXPECT_EQ(1, SEND_CLOSE(A, B, "1"));
	EXPECT_COUNTED(2, "PopRxRecords");
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 20000));
	EXPECT_EQ(POLLIN | POLLOUT, events(self->fd[B]));
	EXPECT_EQ(0, ioctl(self->fd[B], FIONREAD, &value));
	EXPECT_EQ(5, value);
	EXPECT_CLOSE(self->fd[B], B, A, "12345");
	EXPECT_CLOSE(self->fd[B], B, A, "1");
	EXPECT_EQ(POLLOUT, events(self->fd[B]));
	value = -1;
	EXPECT_EQ(0, ioctl(self->fd[B], SIOCOUTQ, &value));
	EXPECT_EQ(0, value);
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->fd[B], 0x12345678, &value)));
	close(ep);
}

/* Each socket of the namespace has a line that tells what it is. */
TEST_F(byzantine, proc__sockets)
{
	FILE *f = fopen("/proc/thread-self/net/pop/sockets", "re");
	int message = kit_socket(&self->body, A);
	int messages = 0, byzantine = 0;
	char line[256];

	ASSERT_NE(NULL, f);
	ASSERT_LE(0, message);
	while (fgets(line, sizeof(line), f)) {
		messages += !!strstr(line, " messages ");
		byzantine += !!strstr(line, " byzantine ");
	}
	EXPECT_EQ(1, messages);
	EXPECT_EQ(PARTIES, byzantine);
	fclose(f);
	close(message);
}

/* --- its end ------------------------------------------------------------------ */

/* All channels of the contract are used up. */
static int finish(const struct kit_body *b)
{
	int a = kit_socket(b, A), bb = kit_socket(b, B), c = kit_socket(b, C);
	int ret;

	ret = kit_send(a, b, 0, BILL, B, "1", 1, 0) != 1 ||
	      kit_send(a, b, 0, BILL, B, "2", 1, 0) != 1 ||
	      recv(bb, NULL, 0, 0) < 0 || recv(bb, NULL, 0, 0) < 0 ||
	      kit_send(bb, b, 1, REPLY, C, "3", 1, 0) != 1 ||
	      recv(c, NULL, 0, 0) < 0;
	close(a);
	close(bb);
	close(c);
	return ret;
}

#define EXPECT_END(fd) do {						\
	struct sockaddr_pop from_;					\
	struct pop_recordinfo info_;					\
	char byte_;							\
	EXPECT_EQ(0, kit_take_record(fd, &from_, &info_, &byte_, 1, 0));\
	EXPECT_EQ(0, from_.spop_family);				\
	EXPECT_EQ(POLLHUP | POLLIN, events(fd) & (POLLHUP | POLLIN));	\
} while (0)

/* R35: when the last party has closed it; here that is one call. */
TEST_F(byzantine, end__closed)
{
	struct pollfd p = { .fd = self->fd[C], .events = POLLRDHUP };
	int i, late;

	ASSERT_EQ(0, finish(&self->body));
	EXPECT_EQ(1, SEND_VOTE(A, C, "x"));
	EXPECT_COUNTED(1, "PopRxRecords");
	EXPECT_EQ(0, events(self->fd[C]) & POLLHUP);
	ASSERT_EQ(0, kit_contract_set(&self->k, self->body.hash,
				      POP_CONTRACT_STATE_CLOSED))
		TH_LOG("%s", self->k.text);
	EXPECT_EQ(1, poll(&p, 1, 20000));
	/* what is there can still be taken */
	EXPECT_RECORD(self->fd[C], C, A, POP_RECORD_VOTE, 0, BILL, "x");
	for (i = 0; i < PARTIES; i++) {
		EXPECT_END(self->fd[i]);
		EXPECT_EQ(-ESHUTDOWN, SEND_CLOSE(i, ANY, "y"));
	}
	late = kit_byzantine(&self->body, A);
	ASSERT_LE(0, late);
	EXPECT_END(late);
	close(late);
	EXPECT_EQ(0, kit_counter("PopRxUnscheduled"));
}

/* It ends for whoever aborts, and the others are told of that, too. */
TEST_F(byzantine, end__aborted)
{
	int i, status, ready[2];
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(ready));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		(void)!write(ready[1], "", 1);
		_exit(recv(self->fd[B], &byte, 1, 0) != 0);
	}
	EXPECT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_EQ(0, kit_contract_set(&self->k, self->body.hash,
				      POP_CONTRACT_STATE_ABORTED));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	for (i = 0; i < PARTIES; i++) {
		EXPECT_END(self->fd[i]);
		EXPECT_EQ(-ESHUTDOWN, SEND_CLOSE(i, ANY, "y"));
	}
}

TEST_F(byzantine, end__party_deleted)
{
	struct pollfd p = { .fd = self->fd[B] };

	ASSERT_EQ(0, kit_party_del(&self->k, &self->body, B));
	EXPECT_EQ(1, poll(&p, 1, 20000));
	EXPECT_EQ(POLLERR | POLLHUP, p.revents);
	EXPECT_EQ(-ECONNRESET, SEND_CLOSE(B, A, "x"));
	EXPECT_EQ(-ESHUTDOWN, SEND_CLOSE(B, A, "x"));
	EXPECT_EQ(0, recv(self->fd[B], NULL, 0, 0));
}

/* The contract goes while its sockets are there. */
TEST_F(byzantine, end__contract_deleted)
{
	ASSERT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL,
				      self->body.hash));
	EXPECT_EQ(ECONNRESET, ERRNO(recv(self->fd[B], NULL, 0, 0)));
	EXPECT_EQ(0, recv(self->fd[B], NULL, 0, 0));
}

TEST_HARNESS_MAIN
