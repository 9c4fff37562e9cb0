/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One slot, from a sender to a recipient: a header and a payload; a network
 * that loses, delays, reorders, duplicates and replays; and an attacker.
 *
 * A half that is there makes the recipient ask for the other. The sender asks
 * for the state: when nothing is there it sends both again, and when the slot
 * has executed it frees its units.
 *
 * Once		the slot executes at most once
 * Match	the payload that executes is the one its header commits to
 * Kept		the sender frees its units only when the slot has executed
 * executes	the slot executes, if of each kind of unit at most LOSSES in a
 *		row are lost
 * frees	and the sender then frees its units
 *
 * Abstracted: cryptography is perfect. The payload is one fragment. Contents
 * are A, the sender's; B, by somebody who has the key of the payload; and
 * FORGED, by somebody who has not. Timers may go off whenever they are set. Of equal
 * units that are on their way at once one is kept. STATE and RETRANSMIT units
 * may be old, but are not replayed, for the replay window stops that. Neither
 * side loses its memory.
 *
 * What can be changed:
 *
 * FAULTY_SENDER	the sender makes units of content B, too
 *
 * What must not be:
 *
 * NO_EXECUTED_CHECK	a slot that has executed takes units again
 * NO_DIGEST_CHECK	header and payload are paired without a look at the digest
 * NO_SEAL		a STATE reply need not authenticate
 * FREE_ON_TRANSMIT	the sender keeps nothing
 * NO_PROBE		the sender does not ask for the state
 * NO_RETRANSMIT	the recipient does not ask for the other half
 */

#ifndef LOSSES
#define LOSSES 1
#endif

/* Contents. */
#define NONE	0
#define A	1
#define B	2
#define FORGED	3

/* Kinds of unit. */
#define HEADER	0
#define PAYLOAD	1
#define WANT_HEADER	2	/* RETRANSMIT */
#define WANT_PAYLOAD	3
#define PROBE	4	/* STATE request */
#define IS_OPEN	5	/* STATE replies; all others change nothing */
#define IS_EXECUTED	6
#define KINDS	7

bool flying[KINDS];	/* on its way */
byte lost[KINDS];	/* how many in a row */

/* The sender. */
bool sent, freed;

/* The recipient. */
bool group;		/* the payload is under a group key */
bool in_window;		/* the phase is in reach */
byte header, payload;	/* what is there of the slot */
bool held;		/* the message is whole, no application took it yet */
bool executed;
byte executions;	/* for the properties only */

#define send(kind)	flying[kind] = true

/* Whether a unit authenticates. With a group key, co-recipients have it too. */
#ifdef FAULTY_SENDER
#define header_opens(content)	(content != FORGED)
#define payload_opens(content)	(content != FORGED)
#else
#define header_opens(content)	(content == A)
#define payload_opens(content)	(content == A || content == B && group)
#endif

#ifdef NO_DIGEST_CHECK
#define matches(content)	payload_opens(content)
#else
#define matches(content)	(payload_opens(content) && content == header)
#endif

#ifdef NO_EXECUTED_CHECK
#define is_open	(in_window && !held)
#else
#define is_open	(in_window && !held && !executed)
#endif

inline receive_header(content)
{
	if
	:: !is_open || !header_opens(content) || header != NONE
		/* A second header is a duplicate or a contradiction. */
	:: else ->
		header = content;
		if
		:: payload == NONE
		:: payload != NONE && matches(payload) -> held = true
		:: else -> payload = NONE
		fi
	fi
}

inline receive_payload(content)
{
	if
	:: !is_open || payload != NONE
	:: is_open && payload == NONE && header == NONE ->
		if
		/* Without its header a payload of a group is only kept. */
		:: group || payload_opens(content) -> payload = content
		:: else
		fi
	:: is_open && payload == NONE && header != NONE ->
		if
		:: matches(content) -> payload = content; held = true
		:: else
		fi
	fi
}

inline transmit()
{
	send(HEADER);
	send(PAYLOAD)
}

inline learn_executed()
{
	if
	:: sent && !freed ->
		freed = true;
		assert(executions > 0)	/* Kept */
	:: else
	fi
}

inline receive(kind)
{
	if
	:: kind == HEADER -> receive_header(A)
	:: kind == PAYLOAD -> receive_payload(A)
	:: kind == WANT_HEADER ->
		if
		:: !freed -> send(HEADER)
		:: else
		fi
	:: kind == WANT_PAYLOAD ->
		if
		:: !freed -> send(PAYLOAD)
		:: else
		fi
	:: kind == PROBE ->
		if
		:: executed -> send(IS_EXECUTED)
		/* A payload that could not be authenticated yet does not show. */
		:: !executed && in_window && !held && header == NONE &&
		   (payload == NONE || group) -> send(IS_OPEN)
		:: else
		fi
	:: kind == IS_OPEN ->
		if
		:: !freed -> transmit()
		:: else
		fi
	:: kind == IS_EXECUTED -> learn_executed()
	fi
}

/* One for each kind, so that weak fairness holds for each. */
proctype Network(byte kind)
{
end:	do
	:: atomic {
		flying[kind] ->
		flying[kind] = false;
		lost[kind] = 0;
		receive(kind)
	}
	:: atomic {
		flying[kind] && lost[kind] < LOSSES ->
		flying[kind] = false;
		lost[kind]++
	}
	od
}

proctype Sender()
{
	atomic {
		sent = true;
		transmit();
#ifdef FREE_ON_TRANSMIT
		learn_executed()
#endif
	}
#ifndef NO_PROBE
end:	do
	:: sent && !freed && !flying[PROBE] -> send(PROBE)
	od
#endif
}

proctype Recipient()
{
	in_window = true;
#ifndef NO_RETRANSMIT
end:	do
	:: atomic {
		!held && header != NONE && payload == NONE ->
		send(WANT_PAYLOAD)
	}
	:: atomic {
		!held && header == NONE && payload != NONE && !group ->
		send(WANT_HEADER)
	}
	od
#endif
}

proctype Application()
{
end:	do
	:: atomic {
		held ->
		assert(executions == 0);	/* Once */
		assert(header == payload);	/* Match */
		executions++;
		executed = true;
		held = false;
		header = NONE;
		payload = NONE
	}
	od
}

proctype Attacker()
{
end:	do
	/* Replay, before the slot has executed and after. */
	:: sent -> send(HEADER)
	:: sent -> send(PAYLOAD)
	:: atomic { true -> receive_header(B) }
	:: atomic { true -> receive_header(FORGED) }
	:: atomic { true -> receive_payload(B) }
	:: atomic { true -> receive_payload(FORGED) }
#ifdef NO_SEAL
	:: atomic { true -> learn_executed() }
#endif
	od
}

init {
	byte kind;

	atomic {
		if
		:: group = true
		:: group = false
		fi;
		for (kind : 0 .. KINDS - 1) {
			run Network(kind)
		}
		run Sender();
		run Recipient();
		run Application();
		run Attacker()
	}
}

ltl executes { <> executed }
ltl frees { <> freed }
