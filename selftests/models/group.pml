/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The payload of a group, in fragments, against a co-recipient. All recipients
 * have the group key, and all headers say the same: a faulty recipient can send
 * the others fragments that authenticate. Only when all are there do CRC and
 * digest tell that one is false, and not which: all are dropped then.
 *
 * executes	the slot executes, on a network that loses nothing
 *
 * Abstracted: the header is there, and so is the sender, which answers each
 * RETRANSMIT in one step. The first fragment to come for a place takes it.
 *
 * FRAGMENTS	how many, 1 or 2
 * OWN_KEY	once a check has failed, only fragments under the slot's own key
 *		are asked for and taken; co-recipients do not have it
 */

#ifndef FRAGMENTS
#define FRAGMENTS 2
#endif

#define NONE	0
#define TRUE	1	/* the sender's */
#define FALSE	2

byte fragment[FRAGMENTS];
bool flying[FRAGMENTS];	/* the sender's, on their way */
bool failed;	/* a check has */
bool executed;

#if FRAGMENTS == 1
#define all(what)	(fragment[0] what)
#else
#define all(what)	(fragment[0] what && fragment[1] what)
#endif

inline drop_all()
{
	fragment[0] = NONE;
	fragment[FRAGMENTS - 1] = NONE
}

#ifdef OWN_KEY
/* What is on its way is under the group key, and not taken any more. */
#define fail()	failed = true; flying[0] = false; flying[FRAGMENTS - 1] = false
#else
#define fail()	skip
#endif

inline receive(i, content)
{
	if
	:: !executed && fragment[i] == NONE ->
		fragment[i] = content;
		if
		:: all(== TRUE) ->
			executed = true;
			drop_all()
		:: all(!= NONE) && !all(== TRUE) ->
			fail();
			drop_all()
		:: else
		fi
	:: else
	fi
}

/* One for each fragment, so that weak fairness holds for each. */
proctype Network(byte i)
{
end:	do
	:: atomic { flying[i] -> flying[i] = false; receive(i, TRUE) }
	od
}

/* The timer of RETRANSMIT, and the sender. */
proctype Recipient(byte i)
{
end:	do
	:: atomic {
		!executed && fragment[i] == NONE && !flying[i] ->
		flying[i] = true
	}
	od
}

proctype CoRecipient()
{
	byte i;

end:	do
	:: atomic {
		select(i : 0 .. FRAGMENTS - 1);
		if
		:: !failed -> receive(i, FALSE)
		:: else
		fi;
		i = 0
	}
	od
}

init {
	byte i;

	atomic {
		for (i : 0 .. FRAGMENTS - 1) {
			flying[i] = true;
			run Network(i);
			run Recipient(i)
		}
		run CoRecipient()
	}
}

ltl executes { <> executed }
