// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options, and looking at the channels of others by one.
 *
 * Shows: R18 R19
 */
#include "trio.h"

TEST_F(pop, option__lengths)
{
	struct pop_filter f = { POP_PHASE_ANY, POP_ACTION_ANY, POP_PARTY_ANY };
	char longer[64] = {};
	socklen_t len;
	int value = 1;

	for (len = 0; len < sizeof(f); len++)
		EXPECT_EQ(EINVAL, ERRNO(setsockopt(self->a, SOL_POP, POP_FILTER,
						   &f, len)));
	for (len = 0; len < sizeof(value); len++)
		EXPECT_EQ(EINVAL, ERRNO(setsockopt(self->a, SOL_POP,
						   POP_RECVINFO, &value, len)));
	f.pad = 1;
	EXPECT_EQ(EINVAL, ERRNO(setsockopt(self->a, SOL_POP, POP_FILTER, &f,
					   sizeof(f))));
	EXPECT_EQ(ENOPROTOOPT, ERRNO(setsockopt(self->a, SOL_POP, 99, longer,
						sizeof(longer))));
	EXPECT_EQ(ENOPROTOOPT, ERRNO(setsockopt(self->a, SOL_POP, POP_STATE,
						longer, sizeof(longer))));
	EXPECT_EQ(ENOPROTOOPT, ERRNO(setsockopt(self->a, SOL_POP, POP_INFO,
						longer, sizeof(longer))));
	EXPECT_EQ(ENOPROTOOPT, ERRNO(setsockopt(self->a, 17 /* UDP */, 1, longer,
						sizeof(longer))));
	len = sizeof(longer);
	EXPECT_EQ(ENOPROTOOPT, ERRNO(getsockopt(self->a, SOL_POP, 99, longer,
						&len)));
	EXPECT_EQ(EFAULT, ERRNO(setsockopt(self->a, SOL_POP, POP_FILTER,
					   (void *)8, sizeof(f))));
}

TEST_F(pop, option__what_is_set_can_be_read)
{
	socklen_t len = sizeof(int);
	int value;

	value = 1;
	EXPECT_EQ(0, setsockopt(self->a, SOL_POP, POP_RECVINFO, &value, len));
	value = -1;
	EXPECT_EQ(0, getsockopt(self->a, SOL_POP, POP_RECVINFO, &value, &len));
	EXPECT_EQ(1, value);
	value = 0;
	EXPECT_EQ(0, setsockopt(self->a, SOL_POP, POP_RECVINFO, &value, len));
	EXPECT_EQ(0, getsockopt(self->a, SOL_POP, POP_RECVINFO, &value, &len));
	EXPECT_EQ(0, value);
}

TEST_F(pop, option__info)
{
	struct pop_info info = {};
	socklen_t len = sizeof(info);

	EXPECT_EQ(0, getsockopt(self->a, SOL_POP, POP_INFO, &info, &len));
	EXPECT_EQ(sizeof(info), len);
	EXPECT_EQ(POP_CONTRACT_STATE_OPEN, info.contract_state);
	EXPECT_EQ(0, info.phase);
	EXPECT_EQ(3, info.inputs);
	EXPECT_EQ(0, info.inputs_done);
	EXPECT_EQ(3, info.outputs);
	EXPECT_EQ(30, info.minutes_total);
	EXPECT_EQ(0, info.minutes);

	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "x"));
	EXPECT_EQ(0, getsockopt(self->a, SOL_POP, POP_INFO, &info, &len));
	EXPECT_EQ(POP_CONTRACT_STATE_RUNNING, info.contract_state);
	EXPECT_EQ(0, info.outputs_done);
	EXPECT_EQ(0, info.minutes);
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "x"));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "x"));
	EXPECT_EQ(0, getsockopt(self->a, SOL_POP, POP_INFO, &info, &len));
	EXPECT_EQ(1, info.outputs_done);
	EXPECT_EQ(30, info.minutes);
}

/* R18, R19: both ends say the same of a channel. */
TEST_F(pop, option__state_of_others)
{
	struct {
		struct pop_state s;
		uint8_t states[16];
	} in = {}, out = {};
	socklen_t len = sizeof(in);

	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "1"));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "2"));
	EXPECT_EQ(1, SEND(self->a, 0, BILL, B, "3"));
	EXPECT_MESSAGE(self->b, "1");
	EXPECT_MESSAGE(self->b, "2");
	EXPECT_MESSAGE(self->b, "3");

	in.s = (struct pop_state){ .party = B, .phase = 0, .count = 16,
				   .direction = POP_DIRECTION_INPUT };
	ASSERT_EQ(0, getsockopt(self->c, SOL_POP, POP_STATE, &in, &len));
	EXPECT_EQ(2, in.s.count);
	EXPECT_EQ(POP_CHANNEL_STATE_EXECUTED, in.states[0]);
	EXPECT_EQ(POP_CHANNEL_STATE_OPEN, in.states[1]);
	EXPECT_EQ(0, in.s.current_phase);

	out.s = (struct pop_state){ .party = A, .phase = 0, .count = 16,
				    .direction = POP_DIRECTION_OUTPUT };
	len = sizeof(out);
	ASSERT_EQ(0, getsockopt(self->c, SOL_POP, POP_STATE, &out, &len));
	EXPECT_EQ(3, out.s.count);
	EXPECT_EQ(POP_CHANNEL_STATE_EXECUTED, out.states[0]);
	EXPECT_EQ(30, out.s.minutes);
	EXPECT_LT(0, out.s.now);
}

TEST_F(pop, option__state_mistakes)
{
	struct pop_state s = { .party = 3, .phase = 0 };
	socklen_t len;

	len = sizeof(s);
	EXPECT_NE(0, ERRNO(getsockopt(self->a, SOL_POP, POP_STATE, &s, &len)));
	s.party = B;
	s.pad = 1;
	len = sizeof(s);
	EXPECT_EQ(EINVAL, ERRNO(getsockopt(self->a, SOL_POP, POP_STATE, &s,
					   &len)));
	s.pad = 0;
	s.direction = 2;
	len = sizeof(s);
	EXPECT_EQ(EINVAL, ERRNO(getsockopt(self->a, SOL_POP, POP_STATE, &s,
					   &len)));
	s.direction = 0;
	len = sizeof(s) - 1;
	EXPECT_EQ(EINVAL, ERRNO(getsockopt(self->a, SOL_POP, POP_STATE, &s,
					   &len)));
}

TEST_HARNESS_MAIN
