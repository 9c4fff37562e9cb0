/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * AF_POP sockets: Proof of Participation, messaging by contract.
 *
 *	fd = socket(AF_POP, SOCK_RDM, 0);
 *	bind(fd, {contract, party})			who I am
 *	connect(fd, {phase, action[, party]})		one channel; optional
 *	send(fd, ...)					the next message due
 *	sendto(fd, ..., {phase, action[, party, seq]})
 *	recvfrom(fd, ..., &from)			any message due to me
 *
 * A socket keeps message boundaries, delivers every message at most once and
 * in no particular order. What a contract does not schedule can neither be
 * sent (EPERM) nor be received. See Documentation/networking/pop.rst.
 *
 * What is wrong, and what only all can decide, goes over the Byzantine channel:
 *
 *	fd = socket(AF_POP, SOCK_DGRAM, POP_PROTO_BYZANTINE);
 *	bind(fd, {contract, party})
 *	sendmsg(fd, {party, phase, action}, POP_RECORD: kind, ...)
 *	recvmsg(fd, ...)				any record for me
 */
#ifndef _UAPI_LINUX_POP_H
#define _UAPI_LINUX_POP_H

#include <linux/types.h>
#include <linux/socket.h>
#include <linux/pop_contract.h>
#include <linux/pop_netlink.h>

/*
 * No number is given to families outside the kernel tree, so AF_POP takes that
 * of AF_ASH, which was never implemented. Should it collide, load the module
 * with family=N; `pop node` and /proc/net/pop/node tell the number in use.
 */
#ifndef AF_POP
#define AF_POP		18
#define PF_POP		AF_POP
#endif

#ifndef SOL_POP
#define SOL_POP		299
#endif

/* Protocol numbers of socket(AF_POP, ...) */
#define POP_PROTO_MESSAGES	0	/* SOCK_RDM */
#define POP_PROTO_BYZANTINE	1	/* SOCK_DGRAM */

#define POP_DEFAULT_PORT	7670	/* UDP */

/* Wildcards of struct sockaddr_pop and struct pop_filter */
#define POP_PARTY_ANY	0xffff
#define POP_PHASE_ANY	0xffff
#define POP_ACTION_ANY	0xffff
#define POP_SEQ_NEXT	0xffffffff
#define POP_SEQ_ANY	0xffffffff

/**
 * struct sockaddr_pop - address of a party, a channel or a message
 * @spop_family: AF_POP
 * @spop_party: index of a party in the contract, or POP_PARTY_ANY
 * @spop_phase: from zero, or POP_PHASE_ANY
 * @spop_action: index of an action in its phase, or POP_ACTION_ANY
 * @spop_seq: number of a message in its channel, or POP_SEQ_NEXT
 * @spop_contract: contract hash; all zero where the socket's own is meant
 * @spop_pad: zero
 *
 * bind():    contract and party; phase, action and seq must be wildcards.
 * connect(): phase and action; party is the one at the other end, or
 *	      POP_PARTY_ANY for all recipients of an action of one's own, or
 *	      the sender of another's. seq must be POP_SEQ_NEXT. AF_UNSPEC
 *	      disconnects.
 * sendto():  as connect(), with a seq if wanted.
 * recvfrom(): the sender and the slot of the message, all filled in.
 *
 * On the Byzantine channel:
 * sendto():  party, or POP_PARTY_ANY for all others; phase, action and seq of
 *	      what the record is about, or wildcards.
 * recvfrom(): the sender, and what the record is about.
 *
 * Integers are in host order.
 */
struct sockaddr_pop {
	__kernel_sa_family_t	spop_family;
	__u16	spop_party;
	__u16	spop_phase;
	__u16	spop_action;
	__u32	spop_seq;
	__u8	spop_contract[POP_HASH_LEN];
	__u32	spop_pad;
};

/*
 * Socket options, level SOL_POP. Each that can be set can be read.
 */
#define POP_FILTER	1	/* struct pop_filter; what to receive */
#define POP_RECVINFO	2	/* int; give struct pop_msginfo on receipt */
#define POP_STATE	3	/* struct pop_state; read only, see there */
#define POP_INFO	4	/* struct pop_info; read only */

/**
 * struct pop_filter - which messages a socket takes
 * @phase: or POP_PHASE_ANY
 * @action: index in its phase, or POP_ACTION_ANY
 * @party: the sender, or POP_PARTY_ANY
 * @pad: zero
 * @seq: number in its channel, or POP_SEQ_ANY
 *
 * A message goes to the first socket in order of bind() whose filter lets it
 * through and which has room; while there is none, it is held.
 */
struct pop_filter {
	__u16	phase;
	__u16	action;
	__u16	party;
	__u16	pad;
	__u32	seq;
};

/* Control messages, level SOL_POP. */
#define POP_MSGINFO	1	/* struct pop_msginfo; recvmsg() */
#define POP_SEQ		2	/* __u32 sequence; sendmsg() */
#define POP_RECORD	3	/* __u32 enum pop_record_kind; sendmsg() */
#define POP_RECORDINFO	4	/* struct pop_recordinfo; recvmsg() */

/**
 * struct pop_msginfo - the slot a message fills, and what vouches for it
 * @phase: from zero
 * @action: index in its phase
 * @seq: number in its channel, from zero
 * @sender: index of the party that sent it
 * @recipient: index of the party that received it
 * @kind: enum pop_kind
 * @job: what the contract says of the action
 * @length: of the message, in bytes
 * @sent: the sender's clock when it sent, in ns since 1970; only a hint
 * @digest: D, the same at all recipients of a "same" action
 */
struct pop_msginfo {
	__u16	phase;
	__u16	action;
	__u32	seq;
	__u16	sender;
	__u16	recipient;
	__u32	kind;
	__u32	job;
	__u32	length;
	__u64	sent;
	__u8	digest[POP_HASH_LEN];
};

#define POP_RECORD_MAX	1176	/* bytes of a record: one datagram */

/**
 * enum pop_record_kind - what a record is
 * @POP_RECORD_VIOLATION: a party has broken the contract; a dispute
 * @POP_RECORD_RECOVERY: a message is wanted, or offered; a dispute
 * @POP_RECORD_VOTE: on an action that is disputed
 * @POP_RECORD_CLOSE: settlement, and the seals of phases
 * @POP_RECORD_TRANSFER: of hours
 * @POP_RECORD_AMEND: another contract instead
 * @POP_RECORD_LINK: of two contracts
 * @POP_RECORD_EVIDENCE: the kernel found a contradiction
 * @POP_RECORD_OVERDUE: the kernel found that a deadline has passed
 *
 * What is in a record is the parties' affair. A dispute names an action, and may
 * be sent only by those who may raise disputes about it. So does a vote, and any
 * party may send it. All others are about no action. The last two come from the
 * local kernel and are never sent.
 */
enum pop_record_kind {
	POP_RECORD_VIOLATION = 1,
	POP_RECORD_RECOVERY,
	POP_RECORD_VOTE,
	POP_RECORD_CLOSE,
	POP_RECORD_TRANSFER,
	POP_RECORD_AMEND,
	POP_RECORD_LINK,
	POP_RECORD_EVIDENCE = 128,
	POP_RECORD_OVERDUE,
};

/**
 * struct pop_recordinfo - what a record is, and what it is about
 * @phase: of the action it is about, or POP_PHASE_ANY
 * @action: index in its phase, or POP_ACTION_ANY
 * @seq: number of the message it is about, or POP_SEQ_ANY
 * @sender: index of the party that sent it; of what the local kernel found, the
 *	    party that it found it of
 * @recipient: index of the party that received it
 * @kind: enum pop_record_kind
 * @length: of the record, in bytes
 */
struct pop_recordinfo {
	__u16	phase;
	__u16	action;
	__u32	seq;
	__u16	sender;
	__u16	recipient;
	__u32	kind;
	__u32	length;
};

/**
 * struct pop_notice - what a record of kind POP_RECORD_EVIDENCE begins with
 * @kind: enum pop_contradiction
 * @index: of the evidence in netlink, among those by the same party
 * @sender: index of the party that owes the message
 * @first: bytes of what stood already
 * @second: bytes of what came against it
 * @pad: zero
 *
 * Both follow, as they came: the outer part of a unit, 32 bytes, and its sealed
 * part, opened; a digest that the party worked out itself comes behind zeros, and
 * of a verdict there are only these.
 */
struct pop_notice {
	__u32	kind;
	__u32	index;
	__u16	sender;
	__u16	first;
	__u16	second;
	__u16	pad;
};

#define POP_STATE_MAX	2048	/* channels in one answer */

/**
 * struct pop_state - look at another party's channels (getsockopt POP_STATE)
 * @pad2: zero
 * @party: in: whom to ask; the socket's own party is answered on the spot
 * @direction: in: enum pop_direction
 * @phase: in: channels of this phase, or POP_PHASE_ANY for all
 * @first: in: the first channel wanted, in the order of the party's profile
 * @count: in: how many channels at most, up to POP_STATE_MAX; out: how many
 *	   there are in @states
 * @contract_state: out: enum pop_contract_state
 * @phase_state: out: enum pop_phase_state of @current_phase
 * @current_phase: out: the phase the party is in
 * @minutes: out: due to the party for what it has executed
 * @pad: zero
 * @now: out: the party's clock, ns since 1970
 * @root: out: BLAKE2s over the digests of the channels in @states, in order
 * @states: out: enum pop_channel_state, one byte a channel
 *
 * One datagram asks and one answers. Blocks up to SO_RCVTIMEO, or five
 * seconds without it; EAGAIN when no answer came. @states may be as long as
 * optlen leaves room for, up to POP_STATE_MAX.
 */
struct pop_state {
	__u16	party;
	__u16	direction;
	__u16	phase;
	__u16	first;
	__u16	count;
	__u8	contract_state;
	__u8	phase_state;
	__u16	current_phase;
	__u16	pad;
	__u32	minutes;
	__u32	pad2;
	__u64	now;
	__u8	root[POP_HASH_LEN];
	__u8	states[];
};

/**
 * struct pop_info - the socket's own party (getsockopt POP_INFO)
 * @contract_state: enum pop_contract_state
 * @phase: the phase the party is in
 * @inputs: input channels, of which @inputs_done are done
 * @inputs_done: see @inputs
 * @outputs: output channels, of which @outputs_done are done
 * @outputs_done: see @outputs
 * @minutes: due for what is executed
 * @minutes_total: due when all is executed
 * @overdue: input channels of the phase that are not done, past its deadline
 * @violated: channels on which something contradicts what is there
 * @late: channels that were found to be late
 * @voided: channels that were taken out by an amendment
 *
 * EPOLLPRI is raised when there is more of the last four, until this is read.
 */
struct pop_info {
	__u32	contract_state;
	__u32	phase;
	__u32	inputs;
	__u32	inputs_done;
	__u32	outputs;
	__u32	outputs_done;
	__u32	minutes;
	__u32	minutes_total;
	__u32	overdue;
	__u32	violated;
	__u32	late;
	__u32	voided;
};

#endif /* _UAPI_LINUX_POP_H */
