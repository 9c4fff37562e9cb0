// SPDX-License-Identifier: GPL-2.0
/* The strict codec of contract bodies: see codec.h. */

#include <crypto/blake2s.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "codec.h"

/* Where the decoder stands: what is left of the body, and what went wrong. */
struct cursor {
	const u8 *start;
	const u8 *pos;
	const u8 *end;
	struct pop_codec_error *err;
};

static int refuse(struct cursor *c, const void *at, int error,
		  const char *reason)
{
	c->err->reason = reason;
	c->err->offset = (const u8 *)at - c->start;
	return error;
}

/* Return: the next @nr records of @size bytes, or NULL when they are not there. */
static const void *take(struct cursor *c, u32 nr, u32 size)
{
	const void *records = c->pos;

	if ((u64)nr * size > c->end - c->pos) {
		refuse(c, c->end, -EINVAL, "the body is cut short");
		return NULL;
	}
	c->pos += nr * size;
	return records;
}

static bool all_zero(const u8 *p, u32 len)
{
	while (len--)
		if (*p++)
			return false;
	return true;
}

/* Names appear in tools, paths and logs: lower case, digits, '-', '_', '.'. */
static bool name_char(u8 c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

static bool name_valid(const u8 *name)
{
	u32 len = 0;

	while (len < POP_NAME_LEN && name_char(name[len]))
		len++;
	/* at least one character and one zero byte, so that it is a C string */
	return len > 0 && len < POP_NAME_LEN &&
	       all_zero(name + len, POP_NAME_LEN - len);
}

static int decode_head(struct cursor *c, struct pop_plan *plan)
{
	const struct pop_body *body = take(c, 1, sizeof(*body));

	if (!body)
		return -EINVAL;
	if (body->magic != cpu_to_be32(POP_BODY_MAGIC))
		return refuse(c, &body->magic, -EINVAL, "not a PoP contract");
	if (body->flags & ~POP_BODY_F_MANUAL)
		return refuse(c, &body->flags, -EINVAL, "unknown contract flag");
	if (body->reserved || !all_zero(body->reserved2, sizeof(body->reserved2)))
		return refuse(c, &body->reserved, -EINVAL,
			      "a reserved byte of the contract is not zero");
	if (!name_valid(body->name))
		return refuse(c, body->name, -EINVAL, "bad contract name");

	plan->body = body;
	plan->nr_parties = be16_to_cpu(body->parties);
	plan->nr_phases = be16_to_cpu(body->phases);
	if (plan->nr_parties < 2)
		return refuse(c, &body->parties, -EINVAL,
			      "a contract needs two parties");
	if (plan->nr_parties > POP_MAX_PARTIES)
		return refuse(c, &body->parties, -E2BIG, "too many parties");
	if (!plan->nr_phases)
		return refuse(c, &body->phases, -EINVAL,
			      "a contract needs a phase");
	if (3 * be16_to_cpu(body->faulty) >= plan->nr_parties)
		return refuse(c, &body->faulty, -EINVAL,
			      "f faulty parties need 3f + 1 parties");
	return 0;
}

/* Both zero says "none"; nothing else says it, and no phase is beyond the last. */
static int decode_dispute(struct cursor *c, const struct pop_plan *plan,
			  const struct pop_body_party *p)
{
	u32 first = be16_to_cpu(p->dispute_first);
	u32 end = be16_to_cpu(p->dispute_end);

	if (!first && !end)
		return 0;
	if (first >= end)
		return refuse(c, &p->dispute_first, -EINVAL,
			      "a range of disputes is empty");
	if (end > plan->nr_phases)
		return refuse(c, &p->dispute_end, -EINVAL,
			      "a range of disputes ends behind the last phase");
	return 0;
}

static int decode_parties(struct cursor *c, struct pop_plan *plan)
{
	const struct pop_body_party *p;
	u32 i, j;
	int ret;

	p = take(c, plan->nr_parties, sizeof(*p));
	if (!p)
		return -EINVAL;
	for (i = 0; i < plan->nr_parties; i++) {
		if (!name_valid(p[i].name))
			return refuse(c, p[i].name, -EINVAL, "bad party name");
		if (i && memcmp(p[i - 1].name, p[i].name, POP_NAME_LEN) >= 0)
			return refuse(c, p[i].name, -EINVAL,
				      "parties are not in ascending order");
		if (!all_zero(p[i].reserved, sizeof(p[i].reserved)))
			return refuse(c, p[i].reserved, -EINVAL,
				      "a reserved byte of a party is not zero");
		ret = decode_dispute(c, plan, &p[i]);
		if (ret)
			return ret;
		if (all_zero(p[i].identity, POP_KEY_LEN) ||
		    all_zero(p[i].key, POP_KEY_LEN))
			return refuse(c, &p[i], -EINVAL, "a party has no key");
		for (j = 0; j < i; j++)
			if (!memcmp(p[j].identity, p[i].identity, POP_KEY_LEN) ||
			    !memcmp(p[j].key, p[i].key, POP_KEY_LEN))
				return refuse(c, &p[i], -EINVAL,
					      "two parties share a key");
	}
	plan->party = p;
	return 0;
}

static int decode_phases(struct cursor *c, struct pop_plan *plan)
{
	const struct pop_body_phase *p;
	u32 i, actions = 0;

	p = take(c, plan->nr_phases, sizeof(*p));
	if (!p)
		return -EINVAL;
	for (i = 0; i < plan->nr_phases; i++) {
		if (p[i].gate >= __POP_GATE_MAX)
			return refuse(c, &p[i].gate, -EINVAL, "unknown gate");
		if (p[i].reserved)
			return refuse(c, &p[i].reserved, -EINVAL,
				      "a reserved byte of a phase is not zero");
		if (!name_valid(p[i].name) && !all_zero(p[i].name, POP_NAME_LEN))
			return refuse(c, p[i].name, -EINVAL, "bad phase name");
		if (!p[i].actions)
			return refuse(c, &p[i].actions, -EINVAL,
				      "a phase needs an action");
		actions += be16_to_cpu(p[i].actions);
		if (actions > POP_MAX_ACTIONS)
			return refuse(c, &p[i].actions, -E2BIG,
				      "too many actions");
	}
	plan->phase = p;
	plan->nr_actions = actions;
	return 0;
}

static int decode_action(struct cursor *c, struct pop_plan *plan,
			 const struct pop_body_action *a)
{
	u32 max = be32_to_cpu(a->max);

	if (be16_to_cpu(a->from) >= plan->nr_parties)
		return refuse(c, &a->from, -EINVAL, "unknown sender");
	if (!a->recipients)
		return refuse(c, &a->recipients, -EINVAL,
			      "an action needs a recipient");
	if (!a->count)
		return refuse(c, &a->count, -EINVAL,
			      "an action without a message");
	if (!max)
		return refuse(c, &a->max, -EINVAL,
			      "an action whose messages have no room");
	if (max > POP_MAX_MESSAGE)
		return refuse(c, &a->max, -E2BIG, "messages too long");
	if (a->flags & ~POP_ACTION_F_SAME)
		return refuse(c, &a->flags, -EINVAL, "unknown action flag");
	if (a->kind >= __POP_KIND_MAX)
		return refuse(c, &a->kind, -EINVAL, "unknown kind");
	if (a->consistency >= __POP_CONSISTENCY_MAX)
		return refuse(c, &a->consistency, -EINVAL,
			      "unknown consistency");
	if (a->consistency && !(a->flags & POP_ACTION_F_SAME))
		return refuse(c, &a->consistency, -EINVAL,
			      "consistency needs one message for all");
	if (a->consistency == POP_CONSISTENCY_QUORUM &&
	    be16_to_cpu(a->recipients) <= 3 * be16_to_cpu(plan->body->faulty))
		return refuse(c, &a->consistency, -EINVAL,
			      "a quorum needs 3f + 1 recipients");
	if (a->evidence >= __POP_EVIDENCE_MAX)
		return refuse(c, &a->evidence, -EINVAL, "unknown evidence");
	if (a->late >= __POP_LATE_MAX)
		return refuse(c, &a->late, -EINVAL, "unknown rule for late");
	if (!all_zero(a->reserved, sizeof(a->reserved)))
		return refuse(c, a->reserved, -EINVAL,
			      "a reserved byte of an action is not zero");
	if (!name_valid(a->name))
		return refuse(c, a->name, -EINVAL, "bad action name");
	return 0;
}

static int decode_actions(struct cursor *c, struct pop_plan *plan)
{
	const struct pop_body_action *a;
	u32 phase, i, edges = 0;
	u64 slots = 0, minutes = 0;
	int ret;

	a = take(c, plan->nr_actions, sizeof(*a));
	if (!a)
		return -EINVAL;
	plan->action = a;
	plan->first_action = kvmalloc_array(plan->nr_phases + 1, sizeof(u32),
					    GFP_KERNEL);
	plan->first_to = kvmalloc_array(plan->nr_actions + 1, sizeof(u32),
					GFP_KERNEL);
	if (!plan->first_action || !plan->first_to)
		return refuse(c, a, -ENOMEM, "out of memory");

	for (phase = 0, i = 0; phase < plan->nr_phases; phase++) {
		u32 end = i + be16_to_cpu(plan->phase[phase].actions);

		plan->first_action[phase] = i;
		for (; i < end; i++) {
			ret = decode_action(c, plan, &a[i]);
			if (ret)
				return ret;
			if (i > plan->first_action[phase] &&
			    memcmp(a[i - 1].name, a[i].name, POP_NAME_LEN) >= 0)
				return refuse(c, a[i].name, -EINVAL,
					      "actions are not in ascending order");
			plan->first_to[i] = edges;
			edges += be16_to_cpu(a[i].recipients);
			slots += (u64)be16_to_cpu(a[i].recipients) *
				 be32_to_cpu(a[i].count);
			if (edges > POP_MAX_EDGES || slots > POP_MAX_SLOTS)
				return refuse(c, &a[i], -E2BIG,
					      "too many messages");
			minutes += be32_to_cpu(a[i].minutes);
			if (minutes > U32_MAX)
				return refuse(c, &a[i].minutes, -E2BIG,
					      "too many hours");
		}
	}
	plan->first_action[phase] = i;
	plan->first_to[i] = edges;
	plan->nr_edges = edges;
	plan->nr_slots = slots;
	return 0;
}

static int decode_recipients(struct cursor *c, struct pop_plan *plan)
{
	const __be16 *to;
	u32 i, j;

	to = take(c, plan->nr_edges, sizeof(*to));
	if (!to)
		return -EINVAL;
	plan->to = to;
	for (i = 0; i < plan->nr_actions; i++) {
		u16 from = be16_to_cpu(plan->action[i].from);

		for (j = plan->first_to[i]; j < plan->first_to[i + 1]; j++) {
			u16 party = be16_to_cpu(to[j]);

			if (party >= plan->nr_parties)
				return refuse(c, &to[j], -EINVAL,
					      "unknown recipient");
			if (party == from)
				return refuse(c, &to[j], -EINVAL,
					      "a party cannot send to itself");
			if (j > plan->first_to[i] &&
			    party <= be16_to_cpu(to[j - 1]))
				return refuse(c, &to[j], -EINVAL,
					      "recipients are not in ascending order");
		}
	}
	return 0;
}

int pop_plan_decode(struct pop_plan *plan, const void *body, u32 len,
		    struct pop_codec_error *err)
{
	struct cursor c = { body, body, (const u8 *)body + len, err };
	int ret;

	memset(plan, 0, sizeof(*plan));
	memset(err, 0, sizeof(*err));
	if (len > POP_MAX_BODY)
		return refuse(&c, body, -E2BIG, "the body is too long");

	plan->body_len = len;
	ret = decode_head(&c, plan);
	if (!ret)
		ret = decode_parties(&c, plan);
	if (!ret)
		ret = decode_phases(&c, plan);
	if (!ret)
		ret = decode_actions(&c, plan);
	if (!ret)
		ret = decode_recipients(&c, plan);
	if (!ret && c.pos != c.end)
		ret = refuse(&c, c.pos, -EINVAL, "bytes behind the contract");
	if (ret)
		pop_plan_release(plan);
	return ret;
}

void pop_plan_release(struct pop_plan *plan)
{
	kvfree(plan->first_action);
	kvfree(plan->first_to);
	memset(plan, 0, sizeof(*plan));
}

int pop_plan_to_index(const struct pop_plan *plan, u32 action, u16 party)
{
	u32 first = plan->first_to[action];
	u32 low = first, high = plan->first_to[action + 1];

	while (low < high) {
		u32 mid = low + (high - low) / 2;
		u16 at = be16_to_cpu(plan->to[mid]);

		if (at == party)
			return mid - first;
		if (at < party)
			low = mid + 1;
		else
			high = mid;
	}
	return -1;
}

u16 pop_plan_phase_of(const struct pop_plan *plan, u32 action)
{
	u32 low = 0, high = plan->nr_phases;

	while (high - low > 1) {
		u32 mid = low + (high - low) / 2;

		if (plan->first_action[mid] <= action)
			low = mid;
		else
			high = mid;
	}
	return low;
}

int pop_plan_action(const struct pop_plan *plan, u32 phase, u32 index)
{
	u32 first;

	if (phase >= plan->nr_phases)
		return -1;
	first = plan->first_action[phase];
	return index < plan->first_action[phase + 1] - first ? first + index : -1;
}

bool pop_plan_may_dispute(const struct pop_plan *plan, u32 party, u32 phase,
			  u32 action)
{
	const struct pop_body_party *p;

	if (party >= plan->nr_parties)
		return false;
	p = &plan->party[party];
	if (phase >= be16_to_cpu(p->dispute_first) &&
	    phase < be16_to_cpu(p->dispute_end))
		return true;
	return party == be16_to_cpu(plan->action[action].from) ||
	       pop_plan_to_index(plan, action, party) >= 0;
}

static void hash_prefixed(u8 *hash, const char *prefix, const void *data,
			  u32 len)
{
	struct blake2s_state state;

	blake2s_init(&state, POP_HASH_LEN);
	blake2s_update(&state, (const u8 *)prefix, strlen(prefix));
	blake2s_update(&state, data, len);
	blake2s_final(&state, hash);
}

void pop_contract_hash(u8 hash[POP_HASH_LEN], const void *body, u32 len)
{
	hash_prefixed(hash, "PoP1-contract", body, len);
}

void pop_party_hash(u8 hash[POP_HASH_LEN], const u8 identity[POP_KEY_LEN])
{
	hash_prefixed(hash, "PoP1-party", identity, POP_KEY_LEN);
}
