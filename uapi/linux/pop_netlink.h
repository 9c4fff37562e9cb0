/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/pop.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_POP_NETLINK_H
#define _UAPI_LINUX_POP_NETLINK_H

#define POP_GENL_NAME		"pop"
#define POP_GENL_VERSION	1

/**
 * enum pop_contract_state - Life of a contract, as one local party or the
 *   whole node sees it.
 * @POP_CONTRACT_STATE_INSTALLED: The body is loaded; no local party takes part
 *   yet.
 * @POP_CONTRACT_STATE_OPEN: A local party has its keys; nothing was sent or
 *   received yet.
 * @POP_CONTRACT_STATE_RUNNING: A first slot has executed.
 * @POP_CONTRACT_STATE_SETTLING: Every channel of the local parties is done.
 * @POP_CONTRACT_STATE_CLOSED: Closed by the user, after every channel of the
 *   local parties was done.
 * @POP_CONTRACT_STATE_ABORTED: Given up by the user.
 */
enum pop_contract_state {
	POP_CONTRACT_STATE_INSTALLED,
	POP_CONTRACT_STATE_OPEN,
	POP_CONTRACT_STATE_RUNNING,
	POP_CONTRACT_STATE_SETTLING,
	POP_CONTRACT_STATE_CLOSED,
	POP_CONTRACT_STATE_ABORTED,
};

/**
 * enum pop_phase_state - Life of a phase for one party.
 * @POP_PHASE_STATE_PENDING: The party has not entered the phase.
 * @POP_PHASE_STATE_ACTIVE: Entered; a channel of the party in it is not done.
 * @POP_PHASE_STATE_EXECUTED: Entered, and all the party's channels in it are
 *   done.
 */
enum pop_phase_state {
	POP_PHASE_STATE_PENDING,
	POP_PHASE_STATE_ACTIVE,
	POP_PHASE_STATE_EXECUTED,
};

/**
 * enum pop_channel_state - State of a channel. Values are part of the wire
 *   format (STATE reply) and fit four bits.
 * @POP_CHANNEL_STATE_CLOSED: Its phase is too far away; nothing is received.
 * @POP_CHANNEL_STATE_OPEN: Nothing has arrived or was sent since the last slot
 *   executed.
 * @POP_CHANNEL_STATE_HALF_HEADER: The header of a slot has arrived, its
 *   payload is missing.
 * @POP_CHANNEL_STATE_HALF_PAYLOAD: The payload of a slot has arrived, its
 *   header is missing.
 * @POP_CHANNEL_STATE_EXECUTED: The last slot has executed; the channel is
 *   done.
 * @POP_CHANNEL_STATE_LATE: The parties found that a slot was not sent in time.
 * @POP_CHANNEL_STATE_VIOLATED: Its sender, or another recipient, contradicts
 *   what is there.
 * @POP_CHANNEL_STATE_VOID: Taken out by an amendment.
 * @POP_CHANNEL_STATE_HELD: Complete and verified, but no socket has taken it
 *   yet, for none is bound or its receive buffer is full.
 * @POP_CHANNEL_STATE_ECHO: Complete and verified; it is delivered once enough
 *   of the other recipients are known to have the same.
 */
enum pop_channel_state {
	POP_CHANNEL_STATE_CLOSED,
	POP_CHANNEL_STATE_OPEN,
	POP_CHANNEL_STATE_HALF_HEADER,
	POP_CHANNEL_STATE_HALF_PAYLOAD,
	POP_CHANNEL_STATE_EXECUTED,
	POP_CHANNEL_STATE_LATE,
	POP_CHANNEL_STATE_VIOLATED,
	POP_CHANNEL_STATE_VOID,
	POP_CHANNEL_STATE_HELD,
	POP_CHANNEL_STATE_ECHO,
};

/**
 * enum pop_contradiction - What contradicts what.
 * @POP_CONTRADICTION_HEADERS: The sender made two different headers for a
 *   slot.
 * @POP_CONTRADICTION_PAYLOAD: The payload is not what the header says, and was
 *   not when it was sent again.
 * @POP_CONTRADICTION_ECHO: Another recipient has, or claims to have, a
 *   different digest.
 * @POP_CONTRADICTION_LATE: The sender made a header, and it came after the
 *   verdict "late". What stood already is that verdict.
 */
enum pop_contradiction {
	POP_CONTRADICTION_HEADERS,
	POP_CONTRADICTION_PAYLOAD,
	POP_CONTRADICTION_ECHO,
	POP_CONTRADICTION_LATE,
};

/**
 * enum pop_channel_flag - What else is known of a channel.
 * @POP_CHANNEL_F_OVERDUE: An input of the phase the party is in; the deadline
 *   has passed, and it is not done. A question, and no more.
 * @POP_CHANNEL_F_VIOLATED: Its sender, or another recipient, contradicts what
 *   is there.
 * @POP_CHANNEL_F_LATE: The verdict on it was late, which is its state then.
 * @POP_CHANNEL_F_VOID: It was taken out by an amendment; void is its state
 *   then.
 */
enum pop_channel_flag {
	POP_CHANNEL_F_OVERDUE = 1,
	POP_CHANNEL_F_VIOLATED = 2,
	POP_CHANNEL_F_LATE = 4,
	POP_CHANNEL_F_VOID = 8,
};

enum pop_direction {
	POP_DIRECTION_INPUT,
	POP_DIRECTION_OUTPUT,
};

enum {
	POP_A_CONTRACT_HASH = 1,
	POP_A_CONTRACT_BODY,
	POP_A_CONTRACT_SIGNATURES,
	POP_A_CONTRACT_NAME,
	POP_A_CONTRACT_STATE,
	POP_A_CONTRACT_EPOCH,
	POP_A_CONTRACT_PARTIES,
	POP_A_CONTRACT_PHASES,
	POP_A_CONTRACT_ACTIONS,
	POP_A_CONTRACT_SLOTS,
	POP_A_CONTRACT_MEMBERS,
	POP_A_CONTRACT_WEIGHT,

	__POP_A_CONTRACT_MAX
};
#define POP_A_CONTRACT_MAX (__POP_A_CONTRACT_MAX - 1)

enum {
	POP_A_PARTY_CONTRACT = 1,
	POP_A_PARTY_INDEX,
	POP_A_PARTY_NAME,
	POP_A_PARTY_UID,
	POP_A_PARTY_STATE,
	POP_A_PARTY_PHASE,
	POP_A_PARTY_MINUTES,
	POP_A_PARTY_MINUTES_TOTAL,
	POP_A_PARTY_INPUTS,
	POP_A_PARTY_INPUTS_DONE,
	POP_A_PARTY_OUTPUTS,
	POP_A_PARTY_OUTPUTS_DONE,
	POP_A_PARTY_KEYS,

	__POP_A_PARTY_MAX
};
#define POP_A_PARTY_MAX (__POP_A_PARTY_MAX - 1)

enum {
	POP_A_KEYS_PEER = 1,
	POP_A_KEYS_TX,
	POP_A_KEYS_RX,

	__POP_A_KEYS_MAX
};
#define POP_A_KEYS_MAX (__POP_A_KEYS_MAX - 1)

enum {
	POP_A_PEER_CONTRACT = 1,
	POP_A_PEER_PARTY,
	POP_A_PEER_INDEX,
	POP_A_PEER_NAME,
	POP_A_PEER_ADDR4,
	POP_A_PEER_ADDR6,
	POP_A_PEER_PORT,
	POP_A_PEER_SCOPE,
	POP_A_PEER_TX_UNITS,
	POP_A_PEER_RX_UNITS,
	POP_A_PEER_PAD,
	POP_A_PEER_RTT,
	POP_A_PEER_WINDOW,
	POP_A_PEER_UNDER_WAY,

	__POP_A_PEER_MAX
};
#define POP_A_PEER_MAX (__POP_A_PEER_MAX - 1)

enum {
	POP_A_PHASE_CONTRACT = 1,
	POP_A_PHASE_PARTY,
	POP_A_PHASE_INDEX,
	POP_A_PHASE_NAME,
	POP_A_PHASE_STATE,
	POP_A_PHASE_DEADLINE,
	POP_A_PHASE_GATE,
	POP_A_PHASE_INPUTS,
	POP_A_PHASE_INPUTS_LEFT,
	POP_A_PHASE_OUTPUTS,
	POP_A_PHASE_OUTPUTS_LEFT,

	__POP_A_PHASE_MAX
};
#define POP_A_PHASE_MAX (__POP_A_PHASE_MAX - 1)

enum {
	POP_A_CHANNEL_CONTRACT = 1,
	POP_A_CHANNEL_PARTY,
	POP_A_CHANNEL_DIRECTION,
	POP_A_CHANNEL_PEER,
	POP_A_CHANNEL_PHASE,
	POP_A_CHANNEL_ACTION,
	POP_A_CHANNEL_NAME,
	POP_A_CHANNEL_STATE,
	POP_A_CHANNEL_SLOTS,
	POP_A_CHANNEL_EXECUTED,
	POP_A_CHANNEL_DIGEST,
	POP_A_CHANNEL_FLAGS,

	__POP_A_CHANNEL_MAX
};
#define POP_A_CHANNEL_MAX (__POP_A_CHANNEL_MAX - 1)

enum {
	POP_A_EVIDENCE_CONTRACT = 1,
	POP_A_EVIDENCE_PARTY,
	POP_A_EVIDENCE_BY,
	POP_A_EVIDENCE_INDEX,
	POP_A_EVIDENCE_KIND,
	POP_A_EVIDENCE_SENDER,
	POP_A_EVIDENCE_PHASE,
	POP_A_EVIDENCE_ACTION,
	POP_A_EVIDENCE_SEQ,
	POP_A_EVIDENCE_FOUND,
	POP_A_EVIDENCE_FIRST,
	POP_A_EVIDENCE_SECOND,
	POP_A_EVIDENCE_PAD,

	__POP_A_EVIDENCE_MAX
};
#define POP_A_EVIDENCE_MAX (__POP_A_EVIDENCE_MAX - 1)

enum {
	POP_A_STATE_CONTRACT = 1,
	POP_A_STATE_PARTY,
	POP_A_STATE_PEER,
	POP_A_STATE_DIRECTION,
	POP_A_STATE_PHASE,
	POP_A_STATE_FIRST,
	POP_A_STATE_COUNT,
	POP_A_STATE_REQUEST,
	POP_A_STATE_CONTRACT_STATE,
	POP_A_STATE_CURRENT_PHASE,
	POP_A_STATE_PHASE_STATE,
	POP_A_STATE_MINUTES,
	POP_A_STATE_NOW,
	POP_A_STATE_ROOT,
	POP_A_STATE_STATES,
	POP_A_STATE_RTT,
	POP_A_STATE_PAD,

	__POP_A_STATE_MAX
};
#define POP_A_STATE_MAX (__POP_A_STATE_MAX - 1)

enum {
	POP_A_NODE_PORT = 1,
	POP_A_NODE_ADDR4,
	POP_A_NODE_ADDR6,
	POP_A_NODE_MULTICAST,
	POP_A_NODE_IFINDEX,
	POP_A_NODE_FAMILY,
	POP_A_NODE_CONTRACTS,
	POP_A_NODE_OPEN,
	POP_A_NODE_VERSION,
	POP_A_NODE_RATE,
	POP_A_NODE_PAD,

	__POP_A_NODE_MAX
};
#define POP_A_NODE_MAX (__POP_A_NODE_MAX - 1)

enum {
	POP_CMD_CONTRACT_GET = 1,
	POP_CMD_CONTRACT_ADD,
	POP_CMD_CONTRACT_SET,
	POP_CMD_CONTRACT_DEL,
	POP_CMD_CONTRACT_NTF,
	POP_CMD_CONTRACT_DEL_NTF,
	POP_CMD_PARTY_GET,
	POP_CMD_PARTY_ADD,
	POP_CMD_PARTY_DEL,
	POP_CMD_PARTY_NTF,
	POP_CMD_PARTY_DEL_NTF,
	POP_CMD_PEER_GET,
	POP_CMD_PEER_SET,
	POP_CMD_PHASE_GET,
	POP_CMD_PHASE_SET,
	POP_CMD_CHANNEL_GET,
	POP_CMD_CHANNEL_SET,
	POP_CMD_CHANNEL_NTF,
	POP_CMD_EVIDENCE_GET,
	POP_CMD_EVIDENCE_NTF,
	POP_CMD_STATE_GET,
	POP_CMD_STATE_NTF,
	POP_CMD_NODE_GET,
	POP_CMD_NODE_SET,

	__POP_CMD_MAX
};
#define POP_CMD_MAX (__POP_CMD_MAX - 1)

#define POP_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_POP_NETLINK_H */
