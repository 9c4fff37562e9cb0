// SPDX-License-Identifier: GPL-2.0
/*
 * poll(), epoll, O_ASYNC, ioctl().
 *
 * Shows: R24
 */
#include <sys/epoll.h>
#include <linux/sockios.h>

#include "trio.h"

static int events(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&p, 1, timeout) < 0 ? -errno : p.revents;
}

TEST_F(pop, poll__in)
{
	struct pollfd p = { .fd = self->b, .events = POLLIN };

	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "x"));
	EXPECT_EQ(1, poll(&p, 1, 20000));
	EXPECT_EQ(POLLIN, p.revents & POLLIN);
	EXPECT_MESSAGE(self->b, "x");
	EXPECT_EQ(0, poll(&p, 1, 0));
}

/* Connected to an output channel, writable means: this one, and now. */
TEST_F(pop, poll__out_with_the_phase)
{
	struct sockaddr_pop last = kit_channel(&self->body, 1, LAST, A);
	struct pollfd p = { .fd = self->c, .events = POLLOUT };

	ASSERT_EQ(0, connect_to(self->c, last));
	EXPECT_EQ(0, events(self->c, 0) & POLLOUT);
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "1"));
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "2"));
	EXPECT_EQ(1, SEND(self->b, 0, WIDE, C, "w"));
	EXPECT_EQ(1, poll(&p, 1, 20000));
	EXPECT_EQ(POLLOUT, p.revents & POLLOUT);
	EXPECT_EQ(1, send(self->c, "z", 1, 0));
	EXPECT_MESSAGE(self->a, "z");
	/* The channel is closed now. */
	EXPECT_EQ(0, events(self->c, 0) & POLLOUT);
	EXPECT_EQ(EALREADY, ERRNO(send(self->c, "z", 1, 0)));
}

/*
 * A goes on to the last phase at once, and B to the second; C waits for B's message,
 * and until then is too far behind to be sent anything in the last phase.
 */
static const struct kit_action far_actions[] = {
	{ 0, "wake", B, 1, { C } },
	{ 1, "step", C, 1, { B } },
	{ 2, "step", C, 1, { B } },
	{ 3, "lone", A, 1, { B } },
	{ 3, "news", A, 2, { B, C }, .same = true },
};

static const struct kit_contract far_contract = {
	.name = "far", .parties = 3, .phases = 4,
	.action = far_actions, .nr_actions = 5, .salt = 1,
};

/* What is the same for all can be sent when all of them can take it. */
TEST_F(pop, poll__out_with_all_recipients)
{
	struct kit_body body = kit_encode(&far_contract);
	int a, b, c;

	ASSERT_EQ(0, kit_load(&self->k, &body)) TH_LOG("%s", self->k.text);
	a = kit_socket(&body, A);
	b = kit_socket(&body, B);
	c = kit_socket(&body, C);
	EXPECT_EQ(POLLOUT, events(a, 20000));
	/* B is near enough, and is owed no more than what C is to have, too */
	EXPECT_EQ(1, kit_send(a, &body, 3, 0, B, "l", 1, 0));
	EXPECT_EQ(0, events(a, 0));
	EXPECT_EQ(-EAGAIN, kit_send(a, &body, 3, 1, POP_PARTY_ANY, "n", 1,
				    MSG_DONTWAIT));
	EXPECT_EQ(1, kit_send(b, &body, 0, 0, C, "w", 1, 0));
	EXPECT_EQ(POLLOUT, events(a, 20000));
	EXPECT_EQ(1, kit_send(a, &body, 3, 1, POP_PARTY_ANY, "n", 1,
			      MSG_DONTWAIT));
	EXPECT_MESSAGE(b, "l");
	EXPECT_MESSAGE(b, "n");
	EXPECT_MESSAGE(c, "w");
	EXPECT_MESSAGE(c, "n");
	close(a);
	close(b);
	close(c);
	free(body.data);
}

TEST_F(pop, poll__epoll_edge)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_LE(0, ep);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->b, &ev));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "x"));
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 20000));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "y"));
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 20000));
	close(ep);
}

/* Have signals tell of @fd. Return: 0 or an error. */
static int signals_of(int fd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return fcntl(fd, F_SETOWN, getpid()) || fcntl(fd, F_SETSIG, SIGRTMIN) ||
	       fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK) ? errno : 0;
}

/* Wait for a signal with @code; others may come before. */
static bool signalled(int code)
{
	const struct timespec patience = { .tv_sec = 20 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	while (sigtimedwait(&set, &info, &patience) == SIGRTMIN)
		if (info.si_code == code)
			return true;
	return false;
}

/* Those that have come. */
static void forget_signals(void)
{
	const struct timespec now = {};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	while (sigtimedwait(&set, NULL, &now) == SIGRTMIN)
		;
}

TEST_F(pop, async__phase)
{
	ASSERT_EQ(0, signals_of(self->c));
	EXPECT_EQ(-EAGAIN, SEND(self->c, 1, LAST, A, "z"));
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "1"));
	EXPECT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "2"));
	EXPECT_EQ(1, SEND(self->b, 0, WIDE, C, "w"));
	EXPECT_TRUE(signalled(POLL_OUT));
	EXPECT_EQ(1, SEND(self->c, 1, LAST, A, "z"));
	EXPECT_MESSAGE(self->a, "z");
}

/* Who was woken in vain while it waited is told still when it may be time. */
TEST_F(pop, async__after_a_timeout)
{
	struct timeval patience = { .tv_sec = 3 };
	pid_t child;
	int status;

	ASSERT_EQ(0, signals_of(self->c));
	ASSERT_EQ(0, fcntl(self->c, F_SETFL, O_ASYNC));
	ASSERT_EQ(0, setsockopt(self->c, SOL_SOCKET, SO_SNDTIMEO, &patience,
				sizeof(patience)));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		usleep(200000);
		_exit(!!kit_verdict(&self->k, &self->body, C,
				    POP_DIRECTION_INPUT, 0, NEWS, A,
				    POP_CHANNEL_STATE_VOID));
	}
	EXPECT_EQ(-EAGAIN, SEND(self->c, 1, LAST, A, "z"));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	forget_signals();
	EXPECT_EQ(1, SEND(self->b, 0, WIDE, C, "w"));
	EXPECT_TRUE(signalled(POLL_OUT));
	EXPECT_EQ(1, SEND(self->c, 1, LAST, A, "z"));
	EXPECT_MESSAGE(self->a, "z");
}

/* Of messages to where nobody is there is no room until they are given up. */
TEST_F(pop, async__room)
{
	char big[4000] = "";
	int one = 1;

	ASSERT_EQ(0, kit_peer_set4(&self->k, &self->body, B, A, "192.0.2.1"));
	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_SNDBUF, &one,
				sizeof(one)));
	ASSERT_EQ(0, signals_of(self->b));
	EXPECT_EQ(sizeof(big), kit_send(self->b, &self->body, 0, WIDE, A, big,
					sizeof(big), 0));
	EXPECT_EQ(-EAGAIN, SEND(self->b, 0, WIDE, C, "w"));
	ASSERT_EQ(0, kit_peer_set4(&self->k, &self->body, B, A, "127.0.0.1"));
	EXPECT_TRUE(signalled(POLL_OUT));
}

TEST_F(pop, async__dispute_and_end)
{
	ASSERT_EQ(0, signals_of(self->b));
	ASSERT_EQ(0, kit_verdict(&self->k, &self->body, B, POP_DIRECTION_INPUT,
				 0, BILL, A, POP_CHANNEL_STATE_VOID));
	EXPECT_TRUE(signalled(POLL_PRI));
	ASSERT_EQ(0, kit_contract_set(&self->k, self->body.hash,
				      POP_CONTRACT_STATE_ABORTED));
	EXPECT_TRUE(signalled(POLL_HUP));
}

TEST_F(pop, ioctl__queues)
{
	struct pollfd p = { .fd = self->b, .events = POLLIN };
	int value = -1;

	EXPECT_EQ(0, ioctl(self->b, FIONREAD, &value));
	EXPECT_EQ(0, value);
	EXPECT_EQ(5, SEND(self->a, 0, BILL, B, "12345"));
	EXPECT_EQ(1, poll(&p, 1, 20000));
	EXPECT_EQ(0, ioctl(self->b, FIONREAD, &value));
	EXPECT_EQ(5, value);
	value = -1;
	EXPECT_EQ(0, ioctl(self->a, SIOCOUTQ, &value));
	EXPECT_LE(0, value);
	EXPECT_EQ(ENOTTY, ERRNO(ioctl(self->a, 0x12345678, &value)));
	EXPECT_EQ(EFAULT, ERRNO(ioctl(self->b, FIONREAD, (void *)8)));
}

TEST_HARNESS_MAIN
