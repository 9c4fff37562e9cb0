/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's own tests share: contracts, parties, messages, sockets.
 *
 * They are the real ones, in the first network namespace, and go at the end of
 * the test that made them. Keys follow from the parties alone, so that what one
 * party of a test seals, another opens.
 */
#ifndef _POP_FIXTURE_TEST_H
#define _POP_FIXTURE_TEST_H

#include <kunit/test.h>
#include <linux/net.h>

#include "pop.h"

/**
 * struct pop_test_action - an action of a test's contract
 * @phase: from zero; actions come in the order of their phases
 * @from: party
 * @to: parties, a bit each
 * @count: messages, or zero for one
 * @max: bytes of a message, or zero for 64 KiB
 * @minutes: that it is worth
 * @same: one message for all
 */
struct pop_test_action {
	u16	phase;
	u16	from;
	u32	to;
	u32	count;
	u32	max;
	u32	minutes;
	bool	same;
};

/**
 * struct pop_test_dispute - what a party of a test's contract may dispute
 * @party: index
 * @first: first phase
 * @end: behind the last one
 */
struct pop_test_dispute {
	u16	party;
	u16	first;
	u16	end;
};

/**
 * struct pop_test_plan - a test's contract
 * @parties: how many
 * @phases: how many; each must have an action
 * @epoch: tells contracts and their cids apart
 * @global: all gates are global
 * @manual: phases advance by netlink
 * @actions: of all phases
 * @nr_actions: length of @actions
 * @disputes: of parties that may raise any beyond their own actions
 * @nr_disputes: length of @disputes
 */
struct pop_test_plan {
	u16	parties;
	u16	phases;
	u32	epoch;
	bool	global;
	bool	manual;
	const struct pop_test_action *actions;
	u32	nr_actions;
	const struct pop_test_dispute *disputes;
	u32	nr_disputes;
};

/**
 * struct pop_test_message - a message as its sender cuts and seals it
 * @header: complete
 * @stream: blind and payload, then vouchers
 * @len: of @stream
 * @nr: fragments
 * @vouched: hash of the vouchers
 */
struct pop_test_message {
	struct pop_header header;
	u8	*stream;
	u32	len;
	u32	nr;
	u8	vouched[POP_HASH_LEN / 2];
};

/* Of every suite that has parties: opens the carrier, once. */
int pop_test_suite_init(struct kunit_suite *suite);

/* Of the last suite: closes it, and looks for what was not given back. */
void pop_test_suite_exit(struct kunit_suite *suite);

/* Of a test: remembers the counters. */
int pop_test_init(struct kunit *test);

/* How often something was counted since the test began; POP_MIB_ITEM. */
u64 pop_test_counted(struct kunit *test, enum pop_mib_item item);

#define POP_EXPECT_COUNTED(test, what, n)				\
	KUNIT_EXPECT_EQ_MSG(test,					\
			    pop_test_counted(test, POP_MIB_##what),	\
			    (u64)(n), "counter " #what)

struct pop_net *pop_test_net(void);

/* Bytes of messages that are not whole, or held. */
long pop_test_pending(void);

/* Bytes of a body, kvmalloc'd to the byte; the caller's. */
void *pop_test_body(const struct pop_test_plan *plan, u32 *len);

struct pop_contract *pop_test_contract(struct kunit *test,
				       const struct pop_test_plan *plan);
struct pop_member *pop_test_member(struct kunit *test, struct pop_contract *c,
				   u16 party);

/* The member's first channel of an action. */
struct pop_channel *pop_test_channel(struct kunit *test, struct pop_member *m,
				     u16 phase, u16 action);
u8 pop_test_state(struct pop_member *m, struct pop_channel *ch);

#define POP_EXPECT_STATE(test, m, ch, state)				\
	KUNIT_EXPECT_EQ(test, POP_CHANNEL_STATE_##state,		\
			pop_test_state(m, ch))

/* k(from -> to) */
void pop_test_key(u8 key[POP_KEY_LEN], u16 from, u16 to);

/* A message for a slot of @ch, whose bytes follow from @seed. */
struct pop_test_message *pop_test_message(struct kunit *test,
					  struct pop_member *m,
					  struct pop_channel *ch, u32 seq,
					  u32 length, u16 fragment_len, u8 seed);
/* Let a message for a group have vouchers for @nr recipients. */
void pop_test_vouch(struct kunit *test, struct pop_test_message *msg, u32 nr);

struct sk_buff *pop_test_header(struct kunit *test,
				const struct pop_test_message *msg);
struct sk_buff *pop_test_payload(struct kunit *test,
				 const struct pop_test_message *msg,
				 u32 fragment);

/* Units of it arrive for a slot, their seals taken off. */
void pop_test_give(struct pop_member *m, struct pop_channel *ch, u32 seq,
		   struct sk_buff *skb);
void pop_test_give_header(struct kunit *test, struct pop_member *m,
			  struct pop_channel *ch, u32 seq,
			  const struct pop_test_message *msg);
void pop_test_give_payload(struct kunit *test, struct pop_member *m,
			   struct pop_channel *ch, u32 seq,
			   const struct pop_test_message *msg, u32 fragment);
void pop_test_give_all(struct kunit *test, struct pop_member *m,
		       struct pop_channel *ch, u32 seq,
		       const struct pop_test_message *msg);

/* A socket bound to the member, and what can be received from it. */
struct socket *pop_test_socket(struct kunit *test, struct pop_member *m);
int pop_test_recv(struct socket *sock, void *data, size_t size);
void pop_test_expect_message(struct kunit *test, struct socket *sock,
			     const struct pop_test_message *msg);

#endif /* _POP_FIXTURE_TEST_H */
