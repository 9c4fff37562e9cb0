// SPDX-License-Identifier: GPL-2.0
/* Contracts of a network namespace: load, find, end, forget. */

#include <linux/mm.h>
#include <linux/slab.h>

#include "byzantine.h"
#include "channel.h"
#include "pop.h"
#include "socket.h"

const struct rhashtable_params pop_contract_params = {
	.head_offset = offsetof(struct pop_contract, node),
	.key_offset = offsetof(struct pop_contract, hash),
	.key_len = POP_HASH_LEN,
	.automatic_shrinking = true,
};

/* There may be many, and kmalloc-512 would take half as much again. */
static struct kmem_cache *contract_cache;

int __init pop_contract_init(void)
{
	contract_cache = KMEM_CACHE(pop_contract, 0);
	return contract_cache ? 0 : -ENOMEM;
}

void pop_contract_exit(void)
{
	kmem_cache_destroy(contract_cache);
}

/* Context: RCU or pop_net.lock. Return: the contract without a reference. */
struct pop_contract *pop_contract_find(struct pop_net *pn, const u8 *hash)
{
	return rhashtable_lookup_fast(&pn->contracts, hash, pop_contract_params);
}

static void contract_free(struct pop_contract *c)
{
	pop_plan_release(&c->plan);
	kvfree(c->body);
	kvfree(c->signatures);
	kmem_cache_free(contract_cache, c);
}

static void contract_free_work(struct work_struct *work)
{
	contract_free(container_of(to_rcu_work(work), struct pop_contract, rcu));
}

void pop_contract_put(struct pop_contract *c)
{
	if (refcount_dec_and_test(&c->ref)) {
		INIT_RCU_WORK(&c->rcu, contract_free_work);
		queue_rcu_work(pop_wq, &c->rcu);
	}
}

/**
 * pop_contract_add - load a contract
 * @pn: network namespace
 * @body: kvmalloc'd; taken over, whatever comes back
 * @len: of @body, in bytes
 * @signatures: kvmalloc'd, POP_SIGNATURE_LEN for each party; taken over
 * @extack: says why not
 * @result: the contract, without a reference
 *
 * Context: pop_net.lock.
 * Return: 0; -EINVAL or -E2BIG for what is not a contract; -EEXIST; -ENOMEM.
 */
int pop_contract_add(struct pop_net *pn, void *body, u32 len, void *signatures,
		     struct netlink_ext_ack *extack,
		     struct pop_contract **result)
{
	struct pop_codec_error why;
	struct pop_contract *c;
	u32 epoch;
	int ret;

	c = kmem_cache_zalloc(contract_cache, GFP_KERNEL);
	if (!c) {
		kvfree(body);
		kvfree(signatures);
		return -ENOMEM;
	}
	c->pn = pn;
	c->body = body;
	c->signatures = signatures;
	INIT_LIST_HEAD(&c->members);
	pop_turn_init(&c->turn);
	refcount_set(&c->ref, 1);

	ret = pop_plan_decode(&c->plan, body, len, &why);
	if (ret) {
		if (extack)
			extack->_msg = why.reason;
		goto err;
	}
	pop_contract_hash(c->hash, body, len);
	epoch = be32_to_cpu(c->plan.body->epoch);
	pop_key_digest_base(&c->digest, c->hash, epoch);
	c->group.group = true;
	c->group.cid = pop_key_group_cid(c->hash, epoch);

	ret = rhashtable_lookup_insert_fast(&pn->contracts, &c->node,
					    pop_contract_params);
	if (ret) {
		if (ret == -EEXIST)
			NL_SET_ERR_MSG(extack, "the contract is loaded already");
		goto err;
	}
	ret = pop_cid_add(pn, &c->group);
	if (ret)
		goto err_contract;
	c->number = pn->next_number;
	ret = xa_insert(&pn->order, c->number, c, GFP_KERNEL_ACCOUNT);
	if (ret)
		goto err_cid;
	pn->next_number++;
	pn->nr_contracts++;
	*result = c;
	return 0;

err_cid:
	pop_cid_del(pn, &c->group);
err_contract:
	rhashtable_remove_fast(&pn->contracts, &c->node, pop_contract_params);
	/* a reader may have found it */
	pop_contract_put(c);
	return ret;
err:
	contract_free(c);
	return ret;
}

/* Context: pop_net.lock. The caller's pointer is dead afterwards. */
void pop_contract_del(struct pop_contract *c)
{
	struct pop_net *pn = c->pn;
	struct pop_member *m, *next;

	list_for_each_entry_safe(m, next, &c->members, list)
		pop_member_del(m);

	xa_erase(&pn->order, c->number);
	pn->nr_contracts--;
	pop_cid_del(pn, &c->group);
	rhashtable_remove_fast(&pn->contracts, &c->node, pop_contract_params);
	pop_contract_put(c);
}

/**
 * pop_contract_end - close or abort a contract
 * @c: the contract
 * @state: POP_CONTRACT_STATE_CLOSED or POP_CONTRACT_STATE_ABORTED
 * @extack: says why not
 *
 * Context: pop_net.lock.
 * Return: 0; -EINVAL for other states; -EBUSY while a local party has a
 * channel open that closing would cut off; -EALREADY.
 */
int pop_contract_end(struct pop_contract *c, u8 state,
		     struct netlink_ext_ack *extack)
{
	struct pop_member *m;

	if (state != POP_CONTRACT_STATE_CLOSED &&
	    state != POP_CONTRACT_STATE_ABORTED) {
		NL_SET_ERR_MSG(extack, "a contract can be closed or aborted");
		return -EINVAL;
	}
	if (c->ended) {
		NL_SET_ERR_MSG(extack, "the contract has ended already");
		return -EALREADY;
	}
	if (state == POP_CONTRACT_STATE_CLOSED &&
	    pop_contract_state(c) != POP_CONTRACT_STATE_SETTLING) {
		NL_SET_ERR_MSG(extack,
			       "a local party is not done with its channels");
		return -EBUSY;
	}
	WRITE_ONCE(c->ended, state);
	list_for_each_entry(m, &c->members, list) {
		pop_socket_shutdown(m);
		pop_channel_end(m);
		pop_byzantine_end(m);
	}
	return 0;
}

/* State over all local parties. Context: RCU or pop_net.lock. */
u8 pop_contract_state(const struct pop_contract *c)
{
	u8 ended = READ_ONCE(c->ended);
	const struct pop_member *m;
	bool running = false, done = true;

	if (ended)
		return ended;
	if (list_empty(&c->members))
		return POP_CONTRACT_STATE_INSTALLED;
	list_for_each_entry_rcu(m, &c->members, list,
				lockdep_is_held(&c->pn->lock)) {
		u8 state = pop_member_state(m);

		done &= state == POP_CONTRACT_STATE_SETTLING;
		running |= state != POP_CONTRACT_STATE_OPEN;
	}
	if (done)
		return POP_CONTRACT_STATE_SETTLING;
	return running ? POP_CONTRACT_STATE_RUNNING : POP_CONTRACT_STATE_OPEN;
}

/*
 * The groups of a contract follow from its group cid, which travels in clear
 * anyway, while the hash must not: administratively scoped for IPv4 (RFC 2365,
 * organization-local), transient and organization-local for IPv6 (RFC 4291).
 */
void pop_contract_group4(const struct pop_contract *c, union pop_addr *addr)
{
	u32 low = be64_to_cpu(c->group.cid) & 0x3ffff;

	memset(addr, 0, sizeof(*addr));
	addr->in4.sin_family = AF_INET;
	addr->in4.sin_port = c->pn->carrier.port;
	addr->in4.sin_addr.s_addr = htonl(0xefc00000 | low);
}

void pop_contract_group6(const struct pop_contract *c, union pop_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->in6.sin6_family = AF_INET6;
	addr->in6.sin6_port = c->pn->carrier.port;
	addr->in6.sin6_addr.s6_addr[0] = 0xff;
	addr->in6.sin6_addr.s6_addr[1] = 0x18;
	memcpy(&addr->in6.sin6_addr.s6_addr[8], &c->group.cid,
	       sizeof(c->group.cid));
}
