/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Wire format of PoP units: what one datagram carries.
 *
 * All integers are big-endian. The outer part travels in clear and is the
 * associated data of the seal; what follows it is sealed, with a tag of 16
 * bytes at the end. Documentation/networking/pop-protocol.rst is normative.
 */
#ifndef _NET_POP_H
#define _NET_POP_H

#include <linux/types.h>
#include <linux/pop.h>

#define POP_VERSION		1
#define POP_TAG_LEN		16
#define POP_CID_LEN		8
#define POP_BLIND_LEN		16
#define POP_VOUCHER_LEN		16

/* UDP payload of a full datagram: passes IPv6's minimal MTU of 1280 */
#define POP_DATAGRAM_LEN	1232

enum pop_unit_type {
	POP_UNIT_HEADER = 1,
	POP_UNIT_PAYLOAD,
	POP_UNIT_STATE_REQUEST,
	POP_UNIT_STATE_REPLY,
	POP_UNIT_SLOTS_REQUEST,
	POP_UNIT_SLOTS_REPLY,
	POP_UNIT_RETRANSMIT,
	POP_UNIT_ECHO,
	POP_UNIT_RECORD,
	POP_UNIT_RECOVERY,
	POP_UNIT_RELAY,
};

/* All that are neither HEADER nor PAYLOAD are control units. */
static inline bool pop_unit_is_control(u8 type)
{
	return type > POP_UNIT_PAYLOAD;
}

/*
 * HEADER: the key of a group payload follows the body.
 * PAYLOAD: cid is the group's and the seal is under that key.
 */
#define POP_UNIT_F_GROUP	0x01

/*
 * RECORD: of a kind that only those may send who may raise disputes about the
 * action that it names. It stands in clear, so that others are refused before
 * any cryptography.
 */
#define POP_UNIT_F_DISPUTE	0x02

/**
 * struct pop_outer - first 32 bytes of every unit, in clear
 * @type: POP_VERSION << 4 | enum pop_unit_type
 * @flags: POP_UNIT_F_*; zero in control units other than RECORD
 * @fragment: place of a PAYLOAD in its message, from zero; RELAY: the same, or
 *	      POP_RELAY_HEADER; zero elsewhere
 * @seq: of the slot; zero in control units
 * @cid: names contract, sender and recipient; for a group, the contract
 * @phase: of the slot; RECORD: of the action it is about, or POP_PHASE_ANY; zero
 *	   in other control units
 * @action: of the slot, index in its phase; RECORD: what it is about, or
 *	    POP_ACTION_ANY; zero in other control units
 * @aux: control units: the sender's incarnation, see pop_key_state(); zero
 *	 elsewhere
 * @salt: HEADER and PAYLOAD: the first bytes of D, see pop_key_salt(); control
 *	  units: a counter
 */
struct pop_outer {
	u8	type;
	u8	flags;
	__be16	fragment;
	__be32	seq;
	__be64	cid;
	__be16	phase;
	__be16	action;
	__be32	aux;
	__be64	salt;
} __packed __aligned(4);

/**
 * struct pop_header - sealed part of a HEADER
 * @xcrc: CRC32C over blind and message
 * @length: of the message in bytes, blind not counted
 * @fragment_len: bytes of blind, message and vouchers in each PAYLOAD but the
 *		  last
 * @evidence: enum pop_evidence
 * @reserved: zero
 * @digest: D, see pop_key_digest_init()
 * @sent: the sender's clock in ns since 1970
 *
 * With POP_UNIT_F_GROUP, struct pop_header_group follows.
 */
struct pop_header {
	__be32	xcrc;
	__be32	length;
	__be16	fragment_len;
	u8	evidence;
	u8	reserved;
	u8	digest[POP_HASH_LEN];
	__be64	sent;
} __packed __aligned(4);

/**
 * struct pop_header_group - what follows in a HEADER with POP_UNIT_F_GROUP
 * @key: of the PAYLOADs
 * @vouched: first half of BLAKE2s over the vouchers behind the message
 *
 * A voucher of POP_VOUCHER_LEN bytes for each recipient, in their order, follows
 * the message in its PAYLOADs: see pop_key_voucher().
 */
struct pop_header_group {
	u8	key[POP_KEY_LEN];
	u8	vouched[POP_HASH_LEN / 2];
} __packed __aligned(4);

/**
 * struct pop_payload - sealed part of a PAYLOAD, in front of its data
 * @xcrc: CRC32C over struct pop_header
 */
struct pop_payload {
	__be32	xcrc;
} __packed __aligned(4);

/* Data of blind and payload that one full datagram holds */
#define POP_FRAGMENT_LEN						\
	(POP_DATAGRAM_LEN - sizeof(struct pop_outer) -			\
	 sizeof(struct pop_payload) - POP_TAG_LEN)
#define POP_FRAGMENT_MIN	256

/**
 * struct pop_state_request - sealed part of a STATE request
 * @id: chosen by the asker, repeated in the answer; not zero
 * @phase: channels of this phase, or POP_PHASE_ANY
 * @first: the first channel wanted, in the order of the profile
 * @count: how many channels at most
 * @direction: enum pop_direction, as the one asked sees it
 * @reserved: zero
 */
struct pop_state_request {
	__be64	id;
	__be16	phase;
	__be16	first;
	__be16	count;
	u8	direction;
	u8	reserved;
} __packed __aligned(4);

/**
 * struct pop_state_reply - sealed part of a STATE reply
 * @id: of the request; zero when a party tells unasked that it has closed
 *	phases, as a global gate needs
 * @phase: the phase the party is in
 * @phase_state: enum pop_phase_state of that phase
 * @contract_state: enum pop_contract_state
 * @count: channels told about behind this record, four bits each: enum
 *	   pop_channel_state, the first in the low bits of the first byte
 * @closed: how many phases from the first on the party has closed
 * @minutes: due to the party for what it has executed
 * @now: the party's clock in ns since 1970
 * @root: BLAKE2s over the digests of the channels told about
 */
struct pop_state_reply {
	__be64	id;
	__be16	phase;
	u8	phase_state;
	u8	contract_state;
	__be16	count;
	__be16	closed;
	__be32	minutes;
	__be64	now;
	u8	root[POP_HASH_LEN];
} __packed __aligned(4);

/* Slots in one answer: 1024 bytes of two bits each */
#define POP_SLOTS_MAX		4096

/* What has arrived of a slot, as a SLOTS reply says it */
enum pop_slot_state {
	POP_SLOT_NOTHING,
	POP_SLOT_HALF,		/* its recipient will ask for the rest */
	POP_SLOT_WHOLE,		/* held: no socket has taken it yet */
	POP_SLOT_EXECUTED,
};

/**
 * struct pop_slots_request - sealed part of a SLOTS request
 * @id: chosen by the asker, repeated in the answer; not zero
 * @phase: of the channel
 * @action: of the channel, index in its phase; an input of the one asked
 * @first: the first slot wanted
 * @count: how many, at most POP_SLOTS_MAX
 * @reserved: zero
 */
struct pop_slots_request {
	__be64	id;
	__be16	phase;
	__be16	action;
	__be32	first;
	__be16	count;
	__be16	reserved;
} __packed __aligned(4);

/**
 * struct pop_slots_reply - sealed part of a SLOTS reply
 * @id: of the request
 * @first: of the request
 * @count: slots told about behind this record, two bits each: enum
 *	   pop_slot_state, the first in the low bits of the first byte
 * @state: enum pop_channel_state of the channel
 * @reserved: zero
 * @arrived: HEADER and PAYLOAD units of the asker that have arrived, modulo 2^32
 */
struct pop_slots_reply {
	__be64	id;
	__be32	first;
	__be16	count;
	u8	state;
	u8	reserved;
	__be32	arrived;
} __packed __aligned(4);

/*
 * The header is missing, too.
 * The payload of the group was not right: it is wanted under the key of the
 * message.
 */
#define POP_MISSING_F_HEADER	0x01
#define POP_MISSING_F_OWN	0x02

/**
 * struct pop_missing - one record of a RETRANSMIT or RECOVERY: what is missing of
 *			a message
 * @phase: of the slot
 * @action: of the slot, index in its phase
 * @seq: of the slot
 * @flags: POP_MISSING_F_*
 * @reserved: zero
 * @base: fragment that the lowest bit of @map stands for
 * @map: fragments that are missing, @base the lowest bit
 */
struct pop_missing {
	__be16	phase;
	__be16	action;
	__be32	seq;
	u8	flags;
	u8	reserved;
	__be16	base;
	__be64	map;
} __packed __aligned(4);

/* Records that one RETRANSMIT holds */
#define POP_MISSING_MAX							\
	((POP_DATAGRAM_LEN - sizeof(struct pop_outer) - POP_TAG_LEN) /	\
	 sizeof(struct pop_missing))

/* pop_outer.fragment of a RELAY: it is the header */
#define POP_RELAY_HEADER	0xffff

/**
 * struct pop_relay_header - sealed part of a RELAY of a header
 * @header: as the sender made it
 * @voucher: by which the recipient knows that, see pop_key_voucher()
 *
 * The sealed part of another RELAY is that of the PAYLOAD.
 */
struct pop_relay_header {
	struct pop_header	header;
	u8			voucher[POP_VOUCHER_LEN];
} __packed __aligned(4);

/* The one who echoes has not heard the other's */
#define POP_ECHO_F_WANT		0x01

/* pop_echo.seq: of all messages of the channel */
#define POP_ECHO_SEQ_ALL	0xffffffff

/**
 * struct pop_echo - one record of an ECHO: what a recipient of a "same" action
 *		     has, for the other recipients to compare
 * @phase: of the slot
 * @action: of the slot, index in its phase
 * @seq: of the slot, or POP_ECHO_SEQ_ALL
 * @flags: POP_ECHO_F_*
 * @reserved: zero
 * @digest: D of the header that came; with POP_ECHO_SEQ_ALL, the digest of the
 *	    channel, which is done
 */
struct pop_echo {
	__be16	phase;
	__be16	action;
	__be32	seq;
	u8	flags;
	u8	reserved[3];
	u8	digest[POP_HASH_LEN];
} __packed __aligned(4);

/* Records that one ECHO holds */
#define POP_ECHO_MAX							\
	((POP_DATAGRAM_LEN - sizeof(struct pop_outer) - POP_TAG_LEN) /	\
	 sizeof(struct pop_echo))

/**
 * struct pop_record - sealed part of a RECORD, in front of its data
 * @kind: enum pop_record_kind
 * @reserved: zero
 * @seq: of the slot it is about, or POP_SEQ_ANY
 *
 * Up to POP_RECORD_MAX bytes follow, which mean something to user space only.
 */
struct pop_record {
	u8	kind;
	u8	reserved[3];
	__be32	seq;
} __packed __aligned(4);

#endif /* _NET_POP_H */
