/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The strict codec of contract bodies: see uapi/linux/pop_contract.h.
 *
 * Built into the module and, from the same file, into libpop, so that hash
 * and schedule can never disagree. Pure code: no locks, no state.
 */
#ifndef _NET_POP_CODEC_H
#define _NET_POP_CODEC_H

#include <linux/types.h>
#include <linux/pop_contract.h>

/**
 * struct pop_plan - a decoded body: the body itself and where to look in it
 * @party: records of the body
 * @phase: records of the body
 * @action: records of the body
 * @to: records of the body
 * @nr_parties: length of @party
 * @nr_phases: length of @phase
 * @nr_actions: length of @action
 * @nr_edges: length of @to
 * @body: first record; @party, @phase, @action and @to point into it
 * @body_len: bytes
 * @first_action: @nr_phases + 1 indices into @action, the last one the end
 * @first_to: @nr_actions + 1 indices into @to, the last one the end
 * @nr_slots: edges times count, over all actions
 *
 * Immutable once decoded. Owns the two index arrays but not the body.
 */
struct pop_plan {
	const struct pop_body		*body;
	const struct pop_body_party	*party;
	const struct pop_body_phase	*phase;
	const struct pop_body_action	*action;
	const __be16			*to;
	u32	*first_action;
	u32	*first_to;
	u32	body_len;
	u32	nr_parties;
	u32	nr_phases;
	u32	nr_actions;
	u32	nr_edges;
	u32	nr_slots;
};

/**
 * struct pop_codec_error - why a body was refused
 * @reason: a sentence without a full stop, or NULL
 * @offset: byte of the body at which it was found
 */
struct pop_codec_error {
	const char	*reason;
	u32		offset;
};

/**
 * pop_plan_decode - check a body and index it
 * @plan: filled in on success
 * @body: @len bytes, aligned to four, which must outlive @plan
 * @len: bytes
 * @err: why, when it was refused; may not be NULL
 *
 * Context: process; may sleep.
 * Return: 0, -EINVAL (not canonical), -E2BIG (over a limit) or -ENOMEM.
 */
int pop_plan_decode(struct pop_plan *plan, const void *body, u32 len,
		    struct pop_codec_error *err);

/** pop_plan_release - free what pop_plan_decode() allocated */
void pop_plan_release(struct pop_plan *plan);

/**
 * pop_plan_action - an action by its place in its phase
 * @plan: the decoded body
 * @phase: from zero
 * @index: in the phase
 *
 * Return: index into plan->action, or -1 when the contract has no such action.
 */
int pop_plan_action(const struct pop_plan *plan, u32 phase, u32 index);

/**
 * pop_plan_to_index - place of @party among the recipients of @action
 * @plan: the decoded body
 * @action: index into plan->action
 * @party: index of the party
 *
 * Return: 0.. or -1 when the contract sends it nothing there.
 */
int pop_plan_to_index(const struct pop_plan *plan, u32 action, u16 party);

/** pop_plan_phase_of - phase of the action with index @action */
u16 pop_plan_phase_of(const struct pop_plan *plan, u32 action);

/**
 * pop_plan_may_dispute - may @party raise a dispute about @action
 * @plan: the decoded body
 * @party: index of the party, or any other number
 * @phase: that @action belongs to
 * @action: index into plan->action
 *
 * The sender and the recipients of an action may, and so may those to whom the
 * contract grants it for the phase. Takes O(log recipients).
 *
 * Context: any.
 * Return: whether it may; false when there is no such party.
 */
bool pop_plan_may_dispute(const struct pop_plan *plan, u32 party, u32 phase,
			  u32 action);

/* Domain separation of every BLAKE2s use: the key or prefix says the purpose. */
void pop_contract_hash(u8 hash[POP_HASH_LEN], const void *body, u32 len);
void pop_party_hash(u8 hash[POP_HASH_LEN], const u8 identity[POP_KEY_LEN]);

#endif /* _NET_POP_CODEC_H */
