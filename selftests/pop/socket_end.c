// SPDX-License-Identifier: GPL-2.0
/*
 * What sockets are told when a party, a contract or they themselves end.
 *
 * Shows: R13
 */
#include <time.h>

#include "trio.h"

TEST_F(pop, end__party_deleted)
{
	struct pollfd p = { .fd = self->b, .events = POLLIN };

	ASSERT_EQ(0, kit_party_del(&self->k, &self->body, B));
	EXPECT_EQ(1, poll(&p, 1, 20000));
	EXPECT_TRUE(p.revents & (POLLERR | POLLHUP));
	EXPECT_NE(0, ERRNO(recv(self->b, NULL, 0, MSG_DONTWAIT)));
	EXPECT_GT(0, SEND(self->b, 0, WIDE, A, "x"));
}

TEST_F(pop, end__contract_deleted_under_a_reader)
{
	int status, ready[2];
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(ready));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		(void)!write(ready[1], "", 1);
		/* an error or the end, but not in a minute */
		_exit(recv(self->b, &byte, 1, 0) > 0);
	}
	EXPECT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL,
				      self->body.hash));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(pop, end__aborted)
{
	ASSERT_EQ(0, kit_contract_set(&self->k, self->body.hash,
				      POP_CONTRACT_STATE_ABORTED));
	EXPECT_GT(0, SEND(self->a, 0, BILL, B, "x"));
	EXPECT_EQ(0, kit_counter("PopTxExecuted"));
}

static const struct kit_action long_action = {
	0, "long", A, 1, { B }, .max = 4 << 20
};

static char long_text[4 << 20];

/*
 * Send it, and abort the contract @us after that has begun. Return: what the sender
 * was told, negative for an error.
 */
static int send_and_abort(struct kit *k, struct kit_body *body, int fd, long us)
{
	int status, ready[2];
	pid_t child;
	ssize_t ret;
	char byte;

	if (pipe(ready))
		return -errno;
	child = fork();
	if (!child) {
		(void)!write(ready[1], "", 1);
		ret = kit_send(fd, body, 0, 0, B, long_text, sizeof(long_text),
			       0);
		_exit(ret < 0 ? -ret : 0);
	}
	(void)!read(ready[0], &byte, 1);
	usleep(us);
	ret = kit_contract_set(k, body->hash, POP_CONTRACT_STATE_ABORTED);
	close(ready[0]);
	close(ready[1]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -ECHILD;
	return ret ? ret : -WEXITSTATUS(status);
}

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Whenever that is, a message is sent, or its sender is told that it is not. */
TEST_F(pop, end__aborted_while_sending)
{
	enum { STEPS = 20 };
	struct kit_contract c = {
		.name = "long", .parties = 2, .phases = 1,
		.action = &long_action, .nr_actions = 1,
	};
	long executed, units, begun, whole = 0;
	int i, fd, told;

	for (i = 0; i <= STEPS; i++) {
		struct kit_body body;

		c.salt = 1 + i;
		body = kit_encode(&c);
		ASSERT_EQ(0, kit_load(&self->k, &body))
			TH_LOG("%s", self->k.text);
		fd = kit_socket(&body, A);
		ASSERT_LE(0, fd);
		executed = kit_counter("PopTxExecuted");
		units = kit_message_units();
		begun = now_us();
		if (i) {
			told = send_and_abort(&self->k, &body, fd,
					      whole * i / STEPS);
		} else {
			told = kit_send(fd, &body, 0, 0, B, long_text,
					sizeof(long_text), 0);
			whole = now_us() - begun;
		}
		if (told >= 0) {
			EXPECT_EQ(executed + 1, kit_counter("PopTxExecuted"));
			EXPECT_LT(units, kit_message_units());
		} else {
			EXPECT_EQ(-ESHUTDOWN, told);
			EXPECT_EQ(executed, kit_counter("PopTxExecuted"));
		}
		close(fd);
		ASSERT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL,
					      body.hash));
		free(body.data);
	}
}

/* There is no half of a channel to shut: each has one direction. */
TEST_F(pop, shutdown__not_supported)
{
	EXPECT_EQ(EOPNOTSUPP, ERRNO(shutdown(self->a, SHUT_WR)));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(shutdown(self->b, SHUT_RD)));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "x"));
	EXPECT_MESSAGE(self->b, "x");
}

TEST_HARNESS_MAIN
