// SPDX-License-Identifier: GPL-2.0
/*
 * The connection ids of a network namespace, which each unit is looked up by. Here
 * the compiler knows the table's parameters, and makes the look-up of them.
 */

#include <linux/rhashtable.h>

#include "pop.h"

static int differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct pop_cid *cid = obj;

	return cid->cid != *(const __be64 *)arg->key;
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct pop_cid, node),
	.key_offset = offsetof(struct pop_cid, cid),
	.key_len = sizeof_field(struct pop_cid, cid),
	.obj_cmpfn = differs,
	.automatic_shrinking = true,
};

int pop_cid_init(struct pop_net *pn)
{
	return rhashtable_init(&pn->cids, &params);
}

/* Nothing is in the table any more. */
void pop_cid_exit(struct pop_net *pn)
{
	rhashtable_destroy(&pn->cids);
}

/* Return: 0; -EEXIST, or what there is no memory for. */
int pop_cid_add(struct pop_net *pn, struct pop_cid *cid)
{
	return rhashtable_lookup_insert_fast(&pn->cids, &cid->node, params);
}

/* It stays valid for a grace period. */
void pop_cid_del(struct pop_net *pn, struct pop_cid *cid)
{
	rhashtable_remove_fast(&pn->cids, &cid->node, params);
}

/* Context: RCU. Return: NULL if nobody has it. */
struct pop_cid *pop_cid_find(struct pop_net *pn, __be64 cid)
{
	return rhashtable_lookup(&pn->cids, &cid, params);
}
