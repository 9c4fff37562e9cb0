/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recovery of one "same" message by its recipients. The first of them has it;
 * other honest ones have not, and faulty ones give what they like. The sender is
 * honest, and gone, or (SENDER) says something now and then, which nobody can
 * count on.
 *
 * A recipient asks all others for the header, which the sender's voucher vouches
 * for. The first who gives it is the source: it alone is asked for the fragments
 * of the payload, and nobody else's are taken. When they are not what the header
 * says, or the source is silent for TRIES requests, it is passed over; when all
 * have been, or the others are silent for as long, all are asked again. Who has the
 * message gives it to who asks.
 *
 * Right	what a recipient takes is what the sender sent
 * Blame	a false payload is never the sender's
 * recovers	all honest recipients have the message in the end, though the
 *		network loses LOSSES units
 *
 * Abstracted: units authenticate. That the sender was asked in vain comes before,
 * and so does how a recipient knows that there is a message. The timer goes off
 * when nothing that was asked is on its way any more. Of equal units that are on
 * their way at once one is kept. What is said by faulty recipients comes at once.
 *
 * HONEST	recipients, two or three
 * FAULTY	recipients
 * SENDER	the sender is not quite gone
 *
 * What must not be:
 *
 * REPEATS	a fragment that is there already counts as one that was given
 * NOBODY	no honest recipient has the message
 * SENDER_ONLY	no other recipient is asked
 * NO_VOUCHER	a header need not be vouched for
 * NO_DIGEST_CHECK	a payload is not compared with its header
 * ANY_SOURCE	fragments are taken of anybody
 * NO_PATIENCE_ENDS	a silent source is not passed over
 * KEEP_FRAGMENTS	what a silent source gave stays there
 * FULL_ROUND	nobody is asked again before all others have been the source
 */

#ifndef HONEST
#define HONEST 2
#endif
#ifndef FAULTY
#define FAULTY 1
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#define RECIPIENTS (HONEST + FAULTY)
#define TRIES 2
#define NOBODY_YET RECIPIENTS

/* Contents, of the header and of two fragments. */
#define NONE	0
#define TRUE	1
#define FALSE	2

/* On its way between two honest recipients, a bit each. */
#define WANT_HEADER	1
#define WANT_REST	2
#define HEADER	4
#define FIRST	8
#define SECOND	16

bool has[HONEST];
byte header[HONEST];
byte fragment[HONEST * 2];
byte source[HONEST];
byte bad[HONEST];	/* bit mask: passed over */
byte tries[HONEST];
byte flying[HONEST * 3];	/* of who asks and who is asked */
byte losses;
byte waiting = HONEST - 1;	/* have it not; for the properties only, as */
bool wrong, blamed;

#define at(i, k)	((i) * 2 + (k))
#define path(i, j)	((i) * 3 + (j))
#define quiet(i)	(flying[path(i, 0)] == 0 && flying[path(i, 1)] == 0 && \
			 flying[path(i, 2)] == 0)
#define is_bad(i, j)	((bad[i] >> (j)) & 1)
#define all_but(i)	(((1 << RECIPIENTS) - 1) - (1 << (i)))
#define send(i, j, what)	flying[path(i, j)] = flying[path(i, j)] | what

#define is_whole(i)	(fragment[at(i, 0)] != NONE && fragment[at(i, 1)] != NONE)
#define is_right(i)	(header[i] == TRUE && fragment[at(i, 0)] == TRUE && \
			 fragment[at(i, 1)] == TRUE)

#ifdef NO_DIGEST_CHECK
#define matches(i)	true
#else
#define matches(i)	(fragment[at(i, 0)] == header[i] && \
			 fragment[at(i, 1)] == header[i])
#endif

inline drop(i)
{
	fragment[at(i, 0)] = NONE;
	fragment[at(i, 1)] = NONE
}

inline pass_over(i)
{
	bad[i] = bad[i] | (1 << source[i]);
	source[i] = NOBODY_YET;
	tries[i] = 0
}

inline take_header(i, j, content)
{
	if
#ifdef NO_VOUCHER
	:: !has[i] ->
#else
	:: !has[i] && content == TRUE ->
#endif
		header[i] = (header[i] == NONE -> content : header[i]);
		if
		:: source[i] == NOBODY_YET && !is_bad(i, j) ->
			source[i] = j;
			tries[i] = 0;
			drop(i)
		:: else
		fi
	:: else
	fi
}

inline forget(i)
{
	header[i] = NONE;
	source[i] = NOBODY_YET;
	bad[i] = 0;
	tries[i] = 0;
	flying[path(i, 0)] = 0;
	flying[path(i, 1)] = 0;
	flying[path(i, 2)] = 0
}

/* All fragments are there. */
inline check(i)
{
	if
	:: matches(i) ->
		wrong = !is_right(i);
		assert(!wrong);	/* Right */
		has[i] = true;
		waiting--;
		forget(i)
	:: else ->
		blamed = (source[i] == NOBODY_YET);
		assert(!blamed);	/* Blame */
		pass_over(i)
	fi;
	drop(i)
}

/* Of the source, or of the sender, which is asked when there is no source. */
inline put(i, k, content)
{
	if
	:: fragment[at(i, k)] == NONE ->
		fragment[at(i, k)] = content;
		tries[i] = 0
#ifdef REPEATS
	:: fragment[at(i, k)] != NONE -> tries[i] = 0
#endif
	:: else
	fi
}

#ifdef ANY_SOURCE
#define is_source(i, j)	(source[i] != NOBODY_YET)
#else
#define is_source(i, j)	(source[i] == j)
#endif

inline take_fragment(i, j, k, content)
{
	if
	:: !has[i] && header[i] != NONE && is_source(i, j) ->
		put(i, k, content)
	:: else
	fi
}

/* The timer. */
inline ask(i)
{
#ifndef NO_PATIENCE_ENDS
	if
	:: source[i] != NOBODY_YET && tries[i] == TRIES ->
		pass_over(i);
#ifndef KEEP_FRAGMENTS
		drop(i)
#endif
	:: else
	fi;
#endif
	if
	:: source[i] == NOBODY_YET ->
		if
		:: bad[i] == all_but(i) -> bad[i] = 0
#ifndef FULL_ROUND
		:: bad[i] != all_but(i) && tries[i] == TRIES ->
			bad[i] = 0;
			tries[i] = 0
		:: bad[i] != all_but(i) && tries[i] < TRIES -> tries[i]++
#else
		:: else
#endif
		fi;
		for (j : 0 .. HONEST - 1) {
			if
			:: j != i && !is_bad(i, j) -> send(i, j, WANT_HEADER)
			:: else
			fi
		}
		j = 0
	:: else ->
		tries[i] = (tries[i] < TRIES -> tries[i] + 1 : tries[i]);
		if
		:: source[i] < HONEST -> send(i, source[i], WANT_REST)
		:: else
		fi
	fi
}

proctype Recipient(byte i)
{
	byte j;

end:	do
	:: atomic { is_whole(i) -> check(i) }
#ifndef SENDER_ONLY
	:: atomic { !has[i] && !is_whole(i) && quiet(i) -> ask(i) }
#endif
	od
}

/* Between who asks and who is asked, both ways: in the end all of it comes. */
proctype Network(byte i, j)
{
	byte what;

end:	do
	:: atomic {
		flying[path(i, j)] != 0 ->
		if
		:: flying[path(i, j)] & WANT_HEADER -> what = WANT_HEADER
		:: flying[path(i, j)] & WANT_REST -> what = WANT_REST
		:: flying[path(i, j)] & HEADER -> what = HEADER
		:: flying[path(i, j)] & FIRST -> what = FIRST
		:: flying[path(i, j)] & SECOND -> what = SECOND
		fi;
		flying[path(i, j)] = flying[path(i, j)] - what;
		if
		:: losses < LOSSES -> losses++
		:: what == WANT_HEADER && has[j] -> send(i, j, HEADER)
		:: what == WANT_REST && has[j] ->
			send(i, j, (fragment[at(i, 0)] == NONE -> FIRST : 0));
			send(i, j, (fragment[at(i, 1)] == NONE -> SECOND : 0))
		:: what == HEADER -> take_header(i, j, TRUE)
		:: what == FIRST -> take_fragment(i, j, 0, TRUE)
		:: what == SECOND -> take_fragment(i, j, 1, TRUE)
		:: what <= WANT_REST && !has[j]
		fi;
		what = 0
	}
	od
}

proctype Faulty(byte j)
{
	byte i;

end:	do
	:: atomic {
		select(i : 1 .. HONEST - 1);
		if
		:: true -> take_header(i, j, TRUE)
		:: true -> take_header(i, j, FALSE)
		:: true -> take_fragment(i, j, 0, TRUE)
		:: true -> take_fragment(i, j, 0, FALSE)
		:: true -> take_fragment(i, j, 1, TRUE)
		:: true -> take_fragment(i, j, 1, FALSE)
		fi;
		i = 0
	}
	od
}

/* Its fragments are taken while there is no source. */
proctype Sender()
{
	byte i;

end:	do
	:: atomic {
		select(i : 1 .. HONEST - 1);
		if
		:: !has[i] && header[i] == NONE -> header[i] = TRUE
		:: !has[i] && header[i] != NONE && source[i] == NOBODY_YET ->
			if
			:: true -> put(i, 0, TRUE)
			:: true -> put(i, 1, TRUE)
			fi
		:: else
		fi;
		i = 0
	}
	od
}

init {
	byte i, j;

	atomic {
#ifndef NOBODY
		has[0] = true;
#endif
		for (i : 1 .. HONEST - 1) {
			source[i] = NOBODY_YET;
			run Recipient(i);
			for (j : 0 .. HONEST - 1) {
				if
				:: j != i -> run Network(i, j)
				:: else
				fi
			}
		}
		for (i : HONEST .. RECIPIENTS - 1) {
			run Faulty(i)
		}
#ifdef SENDER
		run Sender()
#endif
	}
}

ltl recovers { <> (waiting == 0) }
