// SPDX-License-Identifier: GPL-2.0
/*
 * What sockets are told when a party, a contract or they themselves end.
 *
 * Shows: R13
 */
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

/* There is no half of a channel to shut: each has one direction. */
TEST_F(pop, shutdown__not_supported)
{
	EXPECT_EQ(EOPNOTSUPP, ERRNO(shutdown(self->a, SHUT_WR)));
	EXPECT_EQ(EOPNOTSUPP, ERRNO(shutdown(self->b, SHUT_RD)));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "x"));
	EXPECT_MESSAGE(self->b, "x");
}

TEST_HARNESS_MAIN
