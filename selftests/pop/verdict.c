// SPDX-License-Identifier: GPL-2.0
/*
 * Deadlines and verdicts, as programs see them: EPOLLPRI, POP_INFO, what can
 * still be sent and received; and every way to get CHANNEL_SET wrong.
 *
 * Shows: R30 R31
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <linux/sockios.h>

#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B, C };

/* Phase 0 */
#define BILL	0	/* A to B, thrice */
#define EACH	1	/* A to B and C, each their own */
#define NEWS	2	/* A to B and C, the same, thrice */
#define WAIT	3	/* C to A; its contract waits, and has no vote */
/* Phase 1 */
#define REPLY	0	/* B to A and C */

static const struct kit_action actions[] = {
	{ 0, "bill", A, 1, { B }, .count = 3, .minutes = 30, .vote = true },
	{ 0, "each", A, 2, { B, C }, .vote = true },
	{ 0, "news", A, 2, { B, C }, .count = 3, .minutes = 7, .same = true,
	  .vote = true },
	{ 0, "wait", C, 1, { A } },
	{ 1, "reply", B, 2, { A, C }, .vote = true },
};

#define ERRNO(call) ((call) < 0 ? errno : 0)

FIXTURE(pop) {
	struct kit k;
	struct kit_body body;
	int a, b, c;
};

FIXTURE_VARIANT(pop) {
	uint32_t deadline;
};

FIXTURE_VARIANT_ADD(pop, verdict) { .deadline = 0 };
FIXTURE_VARIANT_ADD(pop, overdue) { .deadline = 1 };

FIXTURE_SETUP(pop)
{
	const struct kit_contract contract = {
		.name = "verdict", .parties = 3, .phases = 2,
		.action = actions, .nr_actions = 5,
		.deadline = variant->deadline,
	};

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
	kit_send(fd, &self->body, phase, action, party, text, strlen(text), \
		 MSG_DONTWAIT)
#define INPUT(self_, phase, action, peer, state)			\
	kit_verdict(&self->k, &self->body, self_, POP_DIRECTION_INPUT, phase, \
		    action, peer, POP_CHANNEL_STATE_##state)
#define OUTPUT(self_, phase, action, peer, state)			\
	kit_verdict(&self->k, &self->body, self_, POP_DIRECTION_OUTPUT, phase, \
		    action, peer, POP_CHANNEL_STATE_##state)

#define EXPECT_MESSAGE(fd, text) do {					\
	char buf_[256] = "";						\
	EXPECT_EQ((ssize_t)strlen(text), recv(fd, buf_, sizeof(buf_), 0)); \
	EXPECT_STREQ(text, buf_);					\
} while (0)

static struct pop_info info(int fd)
{
	struct pop_info info = {};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_POP, POP_INFO, &info, &len) ||
	    len != sizeof(info))
		memset(&info, 0xff, sizeof(info));
	return info;
}

static int priority(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	return poll(&p, 1, timeout) < 0 ? -errno : p.revents;
}

/* Of one number or another the kernel comes to it by itself: look again. */
static bool counter_reaches(const char *name, long value)
{
	int tries;

	for (tries = 0; tries < 4000 && kit_counter(name) < value; tries++)
		usleep(5000);
	return kit_counter(name) == value;
}

static bool nothing_kept(int fd)
{
	int tries, kept = -1;

	for (tries = 0; tries < 4000 && kept; tries++) {
		usleep(5000);
		if (ioctl(fd, SIOCOUTQ, &kept))
			return false;
	}
	return !kept;
}

struct channel {
	uint32_t state;
	uint32_t executed;
	uint32_t flags;
};

static void channel_cb(const struct nlmsghdr *nlh, void *data)
{
	struct channel *ch = data;
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(a)) {
		case POP_A_CHANNEL_STATE:
			ch->state = mnl_attr_get_u32(a);
			break;
		case POP_A_CHANNEL_EXECUTED:
			ch->executed = mnl_attr_get_u32(a);
			break;
		case POP_A_CHANNEL_FLAGS:
			ch->flags = mnl_attr_get_u32(a);
			break;
		}
	}
}

static struct channel look(struct kit *k, const struct kit_body *b, int self,
			   int direction, int phase, int action, int peer)
{
	struct channel ch = { -1, -1, -1 };

	kit_call(k, kit_channel_msg(k, POP_CMD_CHANNEL_GET, b, self, direction,
				    phase, action, peer), channel_cb, &ch);
	return ch;
}

#define LOOK_IN(self_, phase, action, peer)				\
	look(&self->k, &self->body, self_, POP_DIRECTION_INPUT, phase, action, \
	     peer)
#define LOOK_OUT(self_, phase, action, peer)				\
	look(&self->k, &self->body, self_, POP_DIRECTION_OUTPUT, phase, action, \
	     peer)

/* --- deadlines --------------------------------------------------------------- */

/* A contract without deadline is never overdue: see the other variant. */
TEST_F(pop, poll__pri)
{
	struct epoll_event ev = { .events = EPOLLPRI | EPOLLET };
	int other = kit_socket(&self->body, A);
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct channel ch;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->a, &ev));
	if (variant->deadline) {
		EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 20000));
		EXPECT_EQ(EPOLLPRI, ev.events);
	} else {
		EXPECT_EQ(0, priority(self->a, 0));
		EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
		EXPECT_EQ(0, INPUT(A, 0, WAIT, C, VOID));
		EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 0));
	}
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	/* until it was looked at, by each socket of the party */
	EXPECT_EQ(POLLPRI, priority(self->a, 0));
	EXPECT_EQ(POLLPRI, priority(other, 0));
	if (variant->deadline) {
		EXPECT_EQ(1, info(self->a).overdue);
		EXPECT_EQ(0, info(self->a).voided);
	} else {
		EXPECT_EQ(0, info(self->a).overdue);
		EXPECT_EQ(1, info(self->a).voided);
	}
	EXPECT_EQ(0, priority(self->a, 0));
	EXPECT_EQ(POLLPRI, priority(other, 0));
	close(ep);
	close(other);

	ch = LOOK_IN(A, 0, WAIT, C);
	if (variant->deadline) {
		EXPECT_EQ(POP_CHANNEL_F_OVERDUE, ch.flags);
		EXPECT_EQ(POP_CHANNEL_STATE_OPEN, ch.state);
		/* it is a question, and here comes the answer */
		EXPECT_EQ(1, SEND(self->c, 0, WAIT, A, "w"));
		EXPECT_MESSAGE(self->a, "w");
		/* A is in the next phase, which has a deadline, too */
		EXPECT_GE(1, info(self->a).overdue);
		ch = LOOK_IN(A, 0, WAIT, C);
		EXPECT_EQ(0, ch.flags);
		EXPECT_EQ(POP_CHANNEL_STATE_EXECUTED, ch.state);
	} else {
		EXPECT_EQ(POP_CHANNEL_F_VOID, ch.flags);
		EXPECT_EQ(POP_CHANNEL_STATE_VOID, ch.state);
	}
}

/* A socket that comes later learns of it, too. */
TEST_F(pop, poll__pri_of_a_later_socket)
{
	int later;

	if (!variant->deadline)
		ASSERT_EQ(0, OUTPUT(A, 0, BILL, B, LATE));
	EXPECT_EQ(POLLPRI, priority(self->a, 20000));
	later = kit_socket(&self->body, A);
	ASSERT_LE(0, later);
	EXPECT_EQ(POLLPRI, priority(later, 0));
	info(later);
	EXPECT_EQ(0, priority(later, 0));
	close(later);
}

/* --- sending ----------------------------------------------------------------- */

TEST_F(pop, send__late_and_void)
{
	struct pollfd p = { .fd = self->a, .events = POLLOUT };
	struct sockaddr_pop bill = kit_channel(&self->body, 0, BILL, B);

	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "1"));
	EXPECT_MESSAGE(self->b, "1");
	ASSERT_EQ(0, connect(self->a, (void *)&bill, sizeof(bill)));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(0, OUTPUT(A, 0, BILL, B, LATE));
	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_EQ(ETIMEDOUT, ERRNO(send(self->a, "2", 1, 0)));
	EXPECT_EQ(-ETIMEDOUT, SEND(self->a, 0, BILL, B, "2"));
	EXPECT_EQ(0, OUTPUT(A, 0, EACH, C, VOID));
	EXPECT_EQ(-ECANCELED, SEND(self->a, 0, EACH, C, "x"));
	EXPECT_EQ(1, LOOK_OUT(A, 0, BILL, B).executed);
	EXPECT_EQ(POP_CHANNEL_STATE_LATE, LOOK_OUT(A, 0, BILL, B).state);
	/* what its recipient sees is the recipient's */
	EXPECT_EQ(POP_CHANNEL_STATE_OPEN, LOOK_IN(B, 0, BILL, A).state);
	EXPECT_EQ(0, info(self->a).minutes);
	EXPECT_EQ(1, info(self->a).late);
	EXPECT_EQ(1, info(self->a).voided);
}

/* Whoever waits to send is told. */
TEST_F(pop, send__wakes_with_the_verdict)
{
	int status = -1;
	pid_t child;

	/* B is not in phase 1: it waits for what A owes */
	EXPECT_EQ(-EAGAIN, SEND(self->b, 1, REPLY, C, "r"));
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(kit_send(self->b, &self->body, 1, REPLY, C, "r", 1, 0) !=
		      -ECANCELED);
	EXPECT_EQ(0, OUTPUT(B, 1, REPLY, C, VOID));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(-EAGAIN, SEND(self->b, 1, REPLY, A, "r"));
}

/* A "same" message goes to those who are left, and each slot to all the same. */
TEST_F(pop, send__same_to_the_others)
{
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "1"));
	EXPECT_MESSAGE(self->b, "1");
	EXPECT_MESSAGE(self->c, "1");
	/* the first of them: its slots say which are used */
	EXPECT_EQ(0, OUTPUT(A, 0, NEWS, B, LATE));
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "2"));
	EXPECT_MESSAGE(self->c, "2");
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "3"));
	EXPECT_MESSAGE(self->c, "3");
	EXPECT_EQ(-EALREADY, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "4"));
	EXPECT_EQ(EAGAIN, ERRNO(recv(self->b, NULL, 0, MSG_DONTWAIT)));
	EXPECT_EQ(1, LOOK_OUT(A, 0, NEWS, B).executed);
	EXPECT_EQ(1, LOOK_IN(B, 0, NEWS, A).executed);
	EXPECT_EQ(POP_CHANNEL_STATE_EXECUTED, LOOK_OUT(A, 0, NEWS, C).state);
	/* done for all, and worth nothing, for it is not done in full */
	EXPECT_EQ(2, info(self->a).outputs_done);
	EXPECT_EQ(0, info(self->a).minutes);
	EXPECT_EQ(3, kit_counter("PopTxExecuted"));
	EXPECT_TRUE(nothing_kept(self->a));
	EXPECT_EQ(0, kit_counter("PopRxContradiction"));
}

TEST_F(pop, send__same_to_nobody)
{
	EXPECT_EQ(0, OUTPUT(A, 0, NEWS, C, VOID));
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "1"));
	EXPECT_MESSAGE(self->b, "1");
	EXPECT_EQ(0, OUTPUT(A, 0, NEWS, B, VOID));
	EXPECT_EQ(-ECANCELED, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "2"));
	EXPECT_EQ(0, kit_counter("PopRxVoid"));
	EXPECT_EQ(EAGAIN, ERRNO(recv(self->c, NULL, 0, MSG_DONTWAIT)));
}

TEST_F(pop, send__each_passes_over)
{
	EXPECT_EQ(0, OUTPUT(A, 0, EACH, B, LATE));
	EXPECT_EQ(1, SEND(self->a, 0, EACH, POP_PARTY_ANY, "e"));
	EXPECT_MESSAGE(self->c, "e");
	EXPECT_EQ(-EALREADY, SEND(self->a, 0, EACH, POP_PARTY_ANY, "e"));
	EXPECT_EQ(-ETIMEDOUT, SEND(self->a, 0, EACH, B, "e"));
	EXPECT_EQ(-EALREADY, SEND(self->a, 0, EACH, C, "e"));
}

/* --- receiving --------------------------------------------------------------- */

/* What nobody has taken yet is dropped with the verdict, and what follows, too. */
TEST_F(pop, recv__nothing_after_the_verdict)
{
	struct channel ch;

	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "1"));
	EXPECT_MESSAGE(self->b, "1");
	close(self->b);
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "2"));
	ASSERT_TRUE(counter_reaches("PopRxHeld", 1));
	EXPECT_EQ(0, INPUT(B, 0, BILL, A, LATE));
	ch = LOOK_IN(B, 0, BILL, A);
	EXPECT_EQ(POP_CHANNEL_STATE_LATE, ch.state);
	EXPECT_EQ(1, ch.executed);
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "3"));
	/* a header, which is evidence, and a payload */
	EXPECT_TRUE(counter_reaches("PopRxLate", 2));
	self->b = kit_socket(&self->body, B);
	ASSERT_LE(0, self->b);
	EXPECT_EQ(EAGAIN, ERRNO(recv(self->b, NULL, 0, MSG_DONTWAIT)));

	/* the sender finds out, and keeps nothing; to it, they are sent */
	EXPECT_TRUE(nothing_kept(self->a));
	EXPECT_EQ(POP_CHANNEL_STATE_EXECUTED, LOOK_OUT(A, 0, BILL, B).state);
	EXPECT_EQ(2, kit_counter("PopRxLate"));
	EXPECT_EQ(1, kit_counter("PopRxExecuted"));
}

/* The same, found by the question for channels of one message. */
TEST_F(pop, recv__void_is_counted_apart)
{
	EXPECT_EQ(0, INPUT(B, 0, EACH, A, VOID));
	EXPECT_EQ(1, SEND(self->a, 0, EACH, B, "x"));
	EXPECT_TRUE(counter_reaches("PopRxVoid", 2));
	EXPECT_TRUE(nothing_kept(self->a));
	EXPECT_EQ(2, kit_counter("PopRxVoid"));
	EXPECT_EQ(0, kit_counter("PopRxLate"));
	EXPECT_EQ(EAGAIN, ERRNO(recv(self->b, NULL, 0, MSG_DONTWAIT)));
}

/* A group payload is for all; who is late does not take it. */
TEST_F(pop, recv__late_for_one_of_the_group)
{
	EXPECT_EQ(0, INPUT(B, 0, NEWS, A, LATE));
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "1"));
	EXPECT_MESSAGE(self->c, "1");
	EXPECT_EQ(EAGAIN, ERRNO(recv(self->b, NULL, 0, MSG_DONTWAIT)));
	/* header and payload to B, and the payload's copy for C, in one netns */
	EXPECT_TRUE(counter_reaches("PopRxLate", 3));
}

/* --- to the end -------------------------------------------------------------- */

/* All others see it, and the contract can be closed without what is late. */
TEST_F(pop, state__seen_by_others)
{
	struct {
		struct pop_state s;
		uint8_t states[16];
	} st = {};
	socklen_t len = sizeof(st);

	EXPECT_EQ(0, INPUT(B, 0, BILL, A, LATE));
	EXPECT_EQ(0, INPUT(B, 0, NEWS, A, VOID));
	st.s = (struct pop_state){ .party = B, .phase = 0, .count = 16,
				   .direction = POP_DIRECTION_INPUT };
	ASSERT_EQ(0, getsockopt(self->c, SOL_POP, POP_STATE, &st, &len));
	EXPECT_EQ(3, st.s.count);
	EXPECT_EQ(POP_CHANNEL_STATE_LATE, st.states[0]);
	EXPECT_EQ(POP_CHANNEL_STATE_OPEN, st.states[1]);
	EXPECT_EQ(POP_CHANNEL_STATE_VOID, st.states[2]);
	EXPECT_EQ(0, st.s.current_phase);
	/* the phase goes on without them */
	EXPECT_EQ(1, SEND(self->a, 0, EACH, B, "e"));
	EXPECT_MESSAGE(self->b, "e");
	EXPECT_EQ(1, info(self->b).phase);
}

TEST_F(pop, state__settles)
{
	struct pop_info i;

	EXPECT_EQ(1, SEND(self->a, 0, EACH, C, "e"));
	EXPECT_MESSAGE(self->c, "e");
	EXPECT_EQ(0, OUTPUT(C, 0, WAIT, A, VOID));
	EXPECT_EQ(0, INPUT(C, 0, NEWS, A, LATE));
	EXPECT_EQ(0, INPUT(C, 1, REPLY, B, LATE));
	i = info(self->c);
	EXPECT_EQ(POP_CONTRACT_STATE_SETTLING, i.contract_state);
	EXPECT_EQ(3, i.inputs_done);
	EXPECT_EQ(1, i.outputs_done);
	EXPECT_EQ(2, i.late);
	EXPECT_EQ(1, i.voided);
	EXPECT_EQ(0, i.violated);
}

/* --- mistakes ---------------------------------------------------------------- */

TEST_F(pop, set__refused)
{
	struct kit *k = &self->k;

	EXPECT_EQ(-EOPNOTSUPP, INPUT(A, 0, WAIT, C, LATE));
	EXPECT_EQ(POP_A_CHANNEL_STATE, k->attr);
	EXPECT_STREQ("the contract lets nobody vote on this action", k->text);
	EXPECT_EQ(-EINVAL, INPUT(A, 0, WAIT, C, EXECUTED));
	EXPECT_EQ(POP_A_CHANNEL_STATE, k->attr);
	EXPECT_STREQ("a channel can be made late or void", k->text);
	EXPECT_EQ(-EINVAL, INPUT(A, 0, WAIT, C, VIOLATED));
	EXPECT_EQ(-ERANGE, kit_verdict(k, &self->body, A, POP_DIRECTION_INPUT, 0,
				       WAIT, C, POP_CHANNEL_STATE_ECHO + 1));
	EXPECT_EQ(-ENOENT, INPUT(A, 0, WAIT, B, VOID));
	EXPECT_STREQ("the contract has no such channel", k->text);
	EXPECT_EQ(-ENOENT, OUTPUT(A, 0, WAIT, C, VOID));
	EXPECT_EQ(-ENOENT, INPUT(A, 2, WAIT, C, VOID));
	EXPECT_EQ(-ENOENT, INPUT(3, 0, WAIT, C, VOID));
	EXPECT_EQ(POP_A_CHANNEL_PARTY, k->attr);

	EXPECT_EQ(1, SEND(self->c, 0, WAIT, A, "w"));
	EXPECT_MESSAGE(self->a, "w");
	EXPECT_EQ(-EALREADY, INPUT(A, 0, WAIT, C, VOID));
	EXPECT_STREQ("the channel is done already", k->text);
	EXPECT_EQ(0, INPUT(B, 0, BILL, A, LATE));
	EXPECT_EQ(-EALREADY, INPUT(B, 0, BILL, A, VOID));

	EXPECT_EQ(0, kit_contract_set(k, self->body.hash,
				      POP_CONTRACT_STATE_ABORTED));
	EXPECT_EQ(-ESHUTDOWN, INPUT(B, 0, NEWS, A, VOID));
	EXPECT_STREQ("the contract has ended", k->text);
}

TEST_F(pop, set__what_is_missing)
{
	static const int attrs[] = {
		POP_A_CHANNEL_CONTRACT, POP_A_CHANNEL_PARTY,
		POP_A_CHANNEL_DIRECTION, POP_A_CHANNEL_PHASE,
		POP_A_CHANNEL_ACTION, POP_A_CHANNEL_PEER, POP_A_CHANNEL_STATE,
	};
	size_t i, j;

	for (i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++) {
		struct nlmsghdr *nlh = kit_start(&self->k, POP_CMD_CHANNEL_SET,
						 0);

		for (j = 0; j < sizeof(attrs) / sizeof(attrs[0]); j++) {
			if (j == i)
				continue;
			if (attrs[j] == POP_A_CHANNEL_CONTRACT)
				mnl_attr_put(nlh, attrs[j], POP_HASH_LEN,
					     self->body.hash);
			else
				mnl_attr_put_u32(nlh, attrs[j], 0);
		}
		EXPECT_EQ(-EINVAL, kit_call(&self->k, nlh, NULL, NULL));
		EXPECT_EQ(attrs[i], self->k.miss);
	}
}

TEST_HARNESS_MAIN
