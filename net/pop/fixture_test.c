// SPDX-License-Identifier: GPL-2.0
/* What the module's own tests share: see fixture_test.h. */

#include <linux/crc32.h>
#include <linux/mm.h>

#include "fixture_test.h"
#include "channel.h"
#include "early.h"
#include "seal.h"
#include "slot.h"
#include "unit.h"

/* The counters when a test began. */
struct test_start {
	u64 item[__POP_MIB_MAX];
};

struct pop_net *pop_test_net(void)
{
	return pop_net(&init_net);
}

long pop_test_pending(void)
{
	return atomic_long_read(&pop_test_net()->pending);
}

static u64 counter(enum pop_mib_item item)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(pop_test_net()->mib, cpu)->item[item];
	return sum;
}

u64 pop_test_counted(struct kunit *test, enum pop_mib_item item)
{
	const struct test_start *start = test->priv;

	return counter(item) - start->item[item];
}

int pop_test_init(struct kunit *test)
{
	struct test_start *start;
	u32 i;

	start = kunit_kzalloc(test, sizeof(*start), GFP_KERNEL);
	if (!start)
		return -ENOMEM;
	for (i = 0; i < __POP_MIB_MAX; i++)
		start->item[i] = counter(i);
	test->priv = start;
	return 0;
}

/* ---- contracts ------------------------------------------------------------ */

static u32 body_len(const struct pop_test_plan *plan)
{
	u32 i, edges = 0;

	for (i = 0; i < plan->nr_actions; i++)
		edges += hweight32(plan->actions[i].to);
	return sizeof(struct pop_body) +
	       plan->parties * sizeof(struct pop_body_party) +
	       plan->phases * sizeof(struct pop_body_phase) +
	       plan->nr_actions * sizeof(struct pop_body_action) +
	       edges * sizeof(__be16);
}

static void fill_party(struct pop_body_party *p, u32 i)
{
	/* no key is all zero, no two are the same */
	p->identity[0] = 1;
	p->key[0] = 2;
	memcpy(&p->identity[1], &i, sizeof(i));
	memcpy(&p->key[1], &i, sizeof(i));
	snprintf(p->name, POP_NAME_LEN, "p%05u", i);
}

static void fill_dispute(struct pop_body_party *party,
			 const struct pop_test_dispute *d)
{
	party[d->party].dispute_first = cpu_to_be16(d->first);
	party[d->party].dispute_end = cpu_to_be16(d->end);
}

static void fill_action(struct pop_body_action *a,
			const struct pop_test_action *from, u32 i)
{
	a->from = cpu_to_be16(from->from);
	a->recipients = cpu_to_be16(hweight32(from->to));
	a->count = cpu_to_be32(from->count ?: 1);
	a->max = cpu_to_be32(from->max ?: POP_DEFAULT_MESSAGE);
	a->minutes = cpu_to_be32(from->minutes);
	a->flags = from->same ? POP_ACTION_F_SAME : 0;
	a->late = from->vote ? POP_LATE_VOTE : POP_LATE_WAIT;
	snprintf(a->name, POP_NAME_LEN, "a%07u", i);
}

void *pop_test_body(const struct pop_test_plan *plan, u32 *len)
{
	struct pop_body_action *action;
	struct pop_body_party *party;
	struct pop_body_phase *phase;
	struct pop_body *body;
	u32 i, bit;
	__be16 *to;

	*len = body_len(plan);
	body = kvzalloc(*len, GFP_KERNEL);
	if (!body)
		return NULL;
	body->magic = cpu_to_be32(POP_BODY_MAGIC);
	body->flags = plan->manual ? POP_BODY_F_MANUAL : 0;
	body->skew = cpu_to_be32(plan->skew);
	body->epoch = cpu_to_be32(plan->epoch);
	body->parties = cpu_to_be16(plan->parties);
	body->phases = cpu_to_be16(plan->phases);
	strscpy(body->name, "test", POP_NAME_LEN);

	party = (void *)(body + 1);
	for (i = 0; i < plan->parties; i++)
		fill_party(&party[i], i);
	for (i = 0; i < plan->nr_disputes; i++)
		fill_dispute(party, &plan->disputes[i]);
	phase = (void *)(party + plan->parties);
	for (i = 0; i < plan->phases; i++) {
		phase[i].gate = plan->global ? POP_GATE_GLOBAL : POP_GATE_LOCAL;
		if (plan->deadline)
			phase[i].deadline = cpu_to_be32(plan->deadline[i]);
	}
	action = (void *)(phase + plan->phases);
	to = (void *)(action + plan->nr_actions);
	for (i = 0; i < plan->nr_actions; i++) {
		const struct pop_test_action *from = &plan->actions[i];

		be16_add_cpu(&phase[from->phase].actions, 1);
		fill_action(action++, from, i);
		for (bit = 0; bit < 32; bit++)
			if (from->to & BIT(bit))
				*to++ = cpu_to_be16(bit);
	}
	return body;
}

static struct pop_contract *add_contract(const struct pop_test_plan *plan)
{
	struct pop_net *pn = pop_test_net();
	struct pop_contract *c = NULL;
	void *body;
	u32 len;

	body = pop_test_body(plan, &len);
	if (!body)
		return NULL;
	mutex_lock(&pn->lock);
	pop_contract_add(pn, body, len,
			 kvzalloc(plan->parties * POP_SIGNATURE_LEN, GFP_KERNEL),
			 NULL, &c);
	mutex_unlock(&pn->lock);
	return c;
}

/* Members are freed after RCU; the next test counts what is pending before. */
static void free_pending(struct pop_member *m)
{
	u32 i;

	pop_early_purge(m);
	for (i = 0; i < m->nr_in; i++) {
		struct pop_channel *ch = &m->channel[i];

		spin_lock_bh(&ch->lock);
		if (ch->open)
			pop_rx_free_all(ch->open);
		spin_unlock_bh(&ch->lock);
	}
}

static void del_contract(void *context)
{
	struct pop_net *pn = pop_test_net();
	struct pop_contract *c = context;
	struct pop_member *m;

	mutex_lock(&pn->lock);
	list_for_each_entry(m, &c->members, list)
		free_pending(m);
	pop_contract_del(c);
	mutex_unlock(&pn->lock);
}

struct pop_contract *pop_test_contract(struct kunit *test,
				       const struct pop_test_plan *plan)
{
	struct pop_contract *c = add_contract(plan);

	KUNIT_ASSERT_NOT_NULL(test, c);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, del_contract, c));
	return c;
}

void pop_test_key(u8 key[POP_KEY_LEN], u16 from, u16 to)
{
	memset(key, 0x5a, POP_KEY_LEN);
	key[0] = from;
	key[1] = to;
}

static struct pop_member *start_member(struct pop_contract *c, u16 party)
{
	struct pop_net *pn = pop_test_net();
	u8 tx[POP_KEY_LEN], rx[POP_KEY_LEN];
	struct pop_member *m;
	u32 i;

	mutex_lock(&pn->lock);
	m = pop_member_create(c, party, GLOBAL_ROOT_UID);
	for (i = 0; m && i < c->plan.nr_parties; i++) {
		if (i == party)
			continue;
		pop_test_key(tx, party, i);
		pop_test_key(rx, i, party);
		pop_peer_set_keys(&m->peer[i], tx, rx);
	}
	if (m && pop_member_start(m, NULL)) {
		pop_member_put(m);
		m = NULL;
	}
	mutex_unlock(&pn->lock);
	return m;
}

/* It goes with its contract. */
struct pop_member *pop_test_member(struct kunit *test, struct pop_contract *c,
				   u16 party)
{
	struct pop_member *m = start_member(c, party);

	KUNIT_ASSERT_NOT_NULL(test, m);
	return m;
}

struct pop_channel *pop_test_channel(struct kunit *test, struct pop_member *m,
				     u16 phase, u16 action)
{
	u32 index = m->contract->plan.first_action[phase] + action;

	KUNIT_ASSERT_NE(test, POP_NO_CHANNEL, m->actions[index].channel);
	return &m->channel[m->actions[index].channel];
}

u8 pop_test_state(struct pop_member *m, struct pop_channel *ch)
{
	return pop_channel_state(m, ch, NULL, NULL);
}

/* ---- suites --------------------------------------------------------------- */

/*
 * A party that is there from the first suite to the last: to close the carrier
 * with the only party of every test, which waits for readers three times, would
 * take more time than the tests.
 */
static struct pop_contract *anchor;

int pop_test_suite_init(struct kunit_suite *suite)
{
	static const struct pop_test_action action = { .to = BIT(1) };
	static const struct pop_test_plan plan = {
		.parties = 2, .phases = 1, .epoch = U32_MAX,
		.actions = &action, .nr_actions = 1,
	};

	if (anchor)
		return 0;
	anchor = add_contract(&plan);
	return anchor && start_member(anchor, 0) ? 0 : -ENOMEM;
}

void pop_test_suite_exit(struct kunit_suite *suite)
{
	if (anchor)
		del_contract(anchor);
	anchor = NULL;
	WARN_ON(pop_test_pending());
}

/* ---- messages ------------------------------------------------------------- */

struct pop_test_message *pop_test_message(struct kunit *test,
					  struct pop_member *m,
					  struct pop_channel *ch, u32 seq,
					  u32 length, u16 fragment_len, u8 seed)
{
	struct pop_slot_id slot = pop_channel_slot(m, ch, seq);
	struct pop_test_message *msg;
	struct blake2s_state hash;
	u32 i;

	msg = kunit_kzalloc(test, sizeof(*msg), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, msg);
	msg->len = POP_BLIND_LEN + length;
	msg->nr = DIV_ROUND_UP(msg->len, fragment_len);
	msg->stream = kunit_kmalloc(test, msg->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, msg->stream);
	for (i = 0; i < msg->len; i++)
		msg->stream[i] = seed + i * 7;

	pop_key_digest_init(&hash, &m->contract->digest, &slot,
			    msg->header.sent);
	blake2s_update(&hash, msg->stream, msg->len);
	blake2s_final(&hash, msg->header.digest);
	msg->header.xcrc = cpu_to_be32(~__crc32c_le(~0, msg->stream, msg->len));
	msg->header.length = cpu_to_be32(length);
	msg->header.fragment_len = cpu_to_be16(fragment_len);
	return msg;
}

void pop_test_vouch(struct kunit *test, struct pop_test_message *msg, u32 nr)
{
	u32 vouchers = nr * POP_VOUCHER_LEN;
	u8 *stream = kunit_kzalloc(test, msg->len + vouchers, GFP_KERNEL);
	struct blake2s_state state;
	u8 hash[POP_HASH_LEN];

	KUNIT_ASSERT_NOT_NULL(test, stream);
	memcpy(stream, msg->stream, msg->len);
	get_random_bytes(stream + msg->len, vouchers);
	blake2s_init(&state, sizeof(hash));
	blake2s_update(&state, stream + msg->len, vouchers);
	blake2s_final(&state, hash);
	memcpy(msg->vouched, hash, sizeof(msg->vouched));
	msg->stream = stream;
	msg->len += vouchers;
	msg->nr = DIV_ROUND_UP(msg->len, be16_to_cpu(msg->header.fragment_len));
}

struct sk_buff *pop_test_header(struct kunit *test,
				const struct pop_test_message *msg)
{
	struct sk_buff *skb = pop_unit_alloc(sizeof(msg->header), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, &msg->header, sizeof(msg->header));
	return skb;
}

struct sk_buff *pop_test_payload(struct kunit *test,
				 const struct pop_test_message *msg,
				 u32 fragment)
{
	u32 full = be16_to_cpu(msg->header.fragment_len);
	u32 part = min(full, msg->len - fragment * full);
	struct sk_buff *skb;
	__be32 xcrc;

	skb = pop_unit_alloc(sizeof(struct pop_payload) + part, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	xcrc = cpu_to_be32(~__crc32c_le(~0, (u8 *)&msg->header,
					sizeof(msg->header)));
	skb_put_data(skb, &xcrc, sizeof(xcrc));
	skb_put_data(skb, msg->stream + fragment * full, part);
	*POP_SKB_CB(skb) = (struct pop_skb_cb) { .fragment = fragment };
	return skb;
}

void pop_test_give(struct pop_member *m, struct pop_channel *ch, u32 seq,
		   struct sk_buff *skb)
{
	rcu_read_lock();
	pop_rx_payload(m, ch, seq, skb);
	rcu_read_unlock();
}

void pop_test_give_payload(struct kunit *test, struct pop_member *m,
			   struct pop_channel *ch, u32 seq,
			   const struct pop_test_message *msg, u32 fragment)
{
	pop_test_give(m, ch, seq, pop_test_payload(test, msg, fragment));
}

void pop_test_give_header(struct kunit *test, struct pop_member *m,
			  struct pop_channel *ch, u32 seq,
			  const struct pop_test_message *msg)
{
	const struct pop_outer outer = { .salt = pop_key_salt(&msg->header) };

	rcu_read_lock();
	pop_rx_header(m, ch, seq, &outer, &msg->header, NULL);
	rcu_read_unlock();
}

void pop_test_give_all(struct kunit *test, struct pop_member *m,
		       struct pop_channel *ch, u32 seq,
		       const struct pop_test_message *msg)
{
	u32 i;

	pop_test_give_header(test, m, ch, seq, msg);
	for (i = 0; i < msg->nr; i++)
		pop_test_give_payload(test, m, ch, seq, msg, i);
}

/* ---- sockets -------------------------------------------------------------- */

static void release_socket(void *context)
{
	sock_release(context);
}

static struct socket *bound_socket(struct kunit *test, struct pop_member *m,
				   int type, int protocol)
{
	struct sockaddr_pop addr = {
		.spop_family = pop_family,
		.spop_party = m->party,
		.spop_phase = POP_PHASE_ANY,
		.spop_action = POP_ACTION_ANY,
		.spop_seq = POP_SEQ_NEXT,
	};
	struct socket *sock;

	memcpy(addr.spop_contract, m->contract->hash, POP_HASH_LEN);
	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, pop_family,
						  type, protocol, &sock));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, release_socket,
							   sock));
	KUNIT_ASSERT_EQ(test, 0, kernel_bind(sock, (struct sockaddr *)&addr,
					     sizeof(addr)));
	return sock;
}

struct socket *pop_test_socket(struct kunit *test, struct pop_member *m)
{
	return bound_socket(test, m, SOCK_RDM, POP_PROTO_MESSAGES);
}

struct socket *pop_test_byzantine(struct kunit *test, struct pop_member *m)
{
	return bound_socket(test, m, SOCK_DGRAM, POP_PROTO_BYZANTINE);
}

int pop_test_recv(struct socket *sock, void *data, size_t size)
{
	struct kvec vec = { .iov_base = data, .iov_len = size };
	struct msghdr msg = {};

	return kernel_recvmsg(sock, &msg, &vec, 1, size, MSG_DONTWAIT);
}

void pop_test_expect_message(struct kunit *test, struct socket *sock,
			     const struct pop_test_message *msg)
{
	u32 length = be32_to_cpu(msg->header.length);
	u8 *data = kunit_kzalloc(test, length + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_EQ(test, (int)length,
			pop_test_recv(sock, data, length + 1));
	KUNIT_EXPECT_MEMEQ(test, data, msg->stream + POP_BLIND_LEN, length);
	kunit_kfree(test, data);
}
