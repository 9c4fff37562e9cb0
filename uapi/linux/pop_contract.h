/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Canonical body of a PoP contract: the bytes that are hashed, signed and
 * loaded into the kernel.
 *
 * A body is five arrays one behind the other, without any padding between:
 *
 *	struct pop_body		1
 *	struct pop_body_party	body.parties	ascending by name
 *	struct pop_body_phase	body.phases	in the order of the contract
 *	struct pop_body_action	sum of phase.actions; phase by phase, and
 *				ascending by name within a phase
 *	__be16			sum of action.recipients; action by action, and
 *				ascending within an action
 *
 * Every integer is big-endian and every record is a multiple of four bytes
 * (but for the recipients at the end). There is exactly one body for what a
 * contract says: a decoder refuses what is not in this order, what has a
 * reserved bit set, a byte behind a name's end, or a byte too few or too many.
 *
 * contract_hash = BLAKE2s-256("PoP1-contract" || body)
 * party_hash    = BLAKE2s-256("PoP1-party" || identity)
 *
 * See Documentation/networking/pop-protocol.rst, "The contract".
 */
#ifndef _UAPI_LINUX_POP_CONTRACT_H
#define _UAPI_LINUX_POP_CONTRACT_H

#include <linux/types.h>

#define POP_BODY_MAGIC		0x506f5031	/* "PoP1" */

#define POP_HASH_LEN		32	/* BLAKE2s-256 */
#define POP_KEY_LEN		32	/* Ed25519, X25519 and ChaCha20 keys */
#define POP_SIGNATURE_LEN	64	/* Ed25519 */
#define POP_NAME_LEN		24	/* padded with zero bytes */

#define POP_MAX_PARTIES		1024
#define POP_MAX_PHASES		65535
#define POP_MAX_PHASE_ACTIONS	65535
#define POP_MAX_ACTIONS		(1U << 20)	/* of a contract */
#define POP_MAX_EDGES		(1U << 20)	/* (action, recipient) pairs */
#define POP_MAX_SLOTS		(1U << 24)	/* edges times count */
#define POP_MAX_BODY		(1U << 27)	/* bytes */
#define POP_MAX_MESSAGE		(16U << 20)	/* bytes */
#define POP_DEFAULT_MESSAGE	(64U << 10)	/* bytes: a contract's default */

/* pop_body.flags */
#define POP_BODY_F_MANUAL	0x01	/* phases advance by netlink only */

/**
 * struct pop_body - first record of a contract
 * @reserved2: zero
 * @magic: POP_BODY_MAGIC
 * @flags: POP_BODY_F_*
 * @reserved: zero
 * @faulty: how many parties may be faulty (f); parties >= 3f + 1
 * @skew: seconds by which the parties' clocks may differ
 * @epoch: zero, and one more with every amendment
 * @parties: 2..POP_MAX_PARTIES
 * @phases: 1..POP_MAX_PHASES
 * @name: of the contract
 */
struct pop_body {
	__be32	magic;
	__u8	flags;
	__u8	reserved;
	__be16	faulty;
	__be32	skew;
	__be32	epoch;
	__be16	parties;
	__be16	phases;
	__u8	name[POP_NAME_LEN];
	__u8	reserved2[20];
};

/**
 * struct pop_body_party - one party; its index is its place in the array
 * @identity: Ed25519 public key that signs the contract
 * @key: X25519 public key, made for this contract alone
 * @name: of the party
 * @dispute_first: first phase about whose actions the party may raise disputes
 *		   whether it has a part in them or not
 * @dispute_end: the phase behind the last of these, at most body.phases and
 *		 more than @dispute_first; or both zero: none
 * @reserved: zero
 *
 * An action's sender and recipients may always raise disputes about it.
 */
struct pop_body_party {
	__u8	identity[POP_KEY_LEN];
	__u8	key[POP_KEY_LEN];
	__u8	name[POP_NAME_LEN];
	__be16	dispute_first;
	__be16	dispute_end;
	__u8	reserved[4];
};

enum pop_gate {
	POP_GATE_LOCAL,		/* when the party's own earlier inputs are done */
	POP_GATE_GLOBAL,	/* when all parties are done with the earlier phases */
	__POP_GATE_MAX
};

/**
 * struct pop_body_phase - one phase
 * @deadline: seconds from the entry into the phase; zero: none
 * @actions: how many of the action records belong to this phase
 * @gate: enum pop_gate; how a party enters this phase
 * @reserved: zero
 * @name: of the phase, or all zero
 */
struct pop_body_phase {
	__be32	deadline;
	__be16	actions;
	__u8	gate;
	__u8	reserved;
	__u8	name[POP_NAME_LEN];
};

enum pop_kind {
	POP_KIND_DATA,
	POP_KIND_MONEY,
	POP_KIND_JOB,
	__POP_KIND_MAX
};

enum pop_consistency {
	POP_CONSISTENCY_DETECT,	/* deliver, compare digests afterwards */
	POP_CONSISTENCY_ALL,	/* deliver when all co-recipients echoed */
	POP_CONSISTENCY_QUORUM,	/* deliver when a quorum of them did */
	__POP_CONSISTENCY_MAX
};

enum pop_evidence {
	POP_EVIDENCE_MAC,	/* the pairwise seal only; deniable */
	POP_EVIDENCE_SEAL,	/* one signature over a phase's digests */
	POP_EVIDENCE_EACH,	/* a signature in every header */
	__POP_EVIDENCE_MAX
};

enum pop_late {
	POP_LATE_WAIT,		/* the deadline raises a question only */
	POP_LATE_VOTE,		/* the parties vote on "late" */
	__POP_LATE_MAX
};

/* pop_body_action.flags */
#define POP_ACTION_F_SAME	0x01	/* one message for all recipients */

/**
 * struct pop_body_action - what a sender owes in a phase
 * @from: index of the sending party
 * @recipients: how many of the recipient records belong to this action
 * @count: messages per recipient; with F_SAME, messages
 * @minutes: that the sender earns by the whole action; all of a contract's fit
 *	     32 bits
 * @max: bytes of a message; up to POP_MAX_MESSAGE
 * @job: what the parties know the work by; a number of their own
 * @flags: POP_ACTION_F_*
 * @kind: enum pop_kind
 * @consistency: enum pop_consistency; other than detect needs F_SAME, and
 *		 quorum 3f + 1 recipients
 * @evidence: enum pop_evidence
 * @late: enum pop_late
 * @reserved: zero
 * @name: of the action, unique in its phase
 */
struct pop_body_action {
	__be16	from;
	__be16	recipients;
	__be32	count;
	__be32	minutes;
	__be32	max;
	__be32	job;
	__u8	flags;
	__u8	kind;
	__u8	consistency;
	__u8	evidence;
	__u8	late;
	__u8	reserved[3];
	__u8	name[POP_NAME_LEN];
};

#endif /* _UAPI_LINUX_POP_CONTRACT_H */
