/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The exchange of echoes between the recipients of one "same" message.
 *
 * A recipient that learns the digest in its header pushes an echo of it to all
 * others, which says whether it still wants theirs; until it has delivered it
 * asks again those that it has not heard. Who is asked answers, if its own
 * header is there, also after delivery. An echo that comes before the own
 * header is dropped.
 *
 * Models define
 *
 * RECIPIENTS	how many there are, at most 6
 * HONEST	how many of them are honest: the first ones, for the exchange
 *		does not depend on the order
 * NEED		how many must have echoed the digest that a recipient has,
 *		itself included, before it delivers
 *
 * and include this. With HONEST_SENDER all headers say the same and arrive in
 * the end (channel.pml), and the faulty recipients are silent. Without, each
 * header says what the sender likes, or never comes, and faulty recipients
 * collude with it: they echo anything to anybody, at any time.
 *
 * Agree	no two honest recipients deliver different digests
 * delivers	with HONEST_SENDER, all honest recipients deliver, though the
 *		network loses LOSSES echoes
 *
 * Abstracted: echoes authenticate, and different contents have different
 * digests. The payload comes with the header. Of echoes from one recipient to
 * another that are on their way at once one is kept; all say the same, for the
 * first header stands. Timers may go off whenever they are set.
 *
 * What must not be:
 *
 * AT_ONCE		deliver without waiting for echoes
 * NO_ASKING_AGAIN	push an echo, and leave it at that
 * WANT_NOTHING		push echoes, also again, that do not ask for one
 * SILENT_WHEN_DONE	do not answer any more after delivery
 */

#ifndef LOSSES
#define LOSSES 3
#endif

#define NONE	0	/* digests count from 1, in the order they are learned */

/* What is on its way from one honest recipient to another. */
#define NOTHING	0
#define ECHO	1
#define ECHO_WANT	2

byte digest[HONEST];	/* in the own header */
byte digests;	/* how many there are */
byte heard[HONEST];	/* bit mask: which honest ones have echoed to me */
byte same[HONEST];	/* bit mask: who has echoed what I have */
bool delivered[HONEST];
byte waiting = HONEST;	/* have not delivered; for the properties only */
byte flying[HONEST * HONEST];
byte losses;	/* counted with HONEST_SENDER; else what is lost stays flying */

#define EVERYBODY	((1 << RECIPIENTS) - 1)
#define has(mask, i)	((mask >> (i)) & 1)
#define path(from, to)	((from) * HONEST + (to))

#ifdef AT_ONCE
#define enough(i)	true
#else
#define enough(i)	(1 + has(same[i], 0) + has(same[i], 1) + has(same[i], 2) + \
			 has(same[i], 3) + has(same[i], 4) + has(same[i], 5) >= NEED)
#endif

#ifdef WANT_NOTHING
#define wants(i, j)	false
#else
#define wants(i, j)	!has(heard[i], j)
#endif

#ifdef SILENT_WHEN_DONE
#define answers(i)	(digest[i] != NONE && !delivered[i])
#else
#define answers(i)	(digest[i] != NONE)
#endif

/* To an honest recipient; what a faulty one gets makes no difference. */
inline echo(i, j)
{
	if
	:: flying[path(i, j)] != ECHO_WANT ->
		flying[path(i, j)] = (wants(i, j) -> ECHO_WANT : ECHO)
	:: else
	fi
}

inline learn(i, what)
{
	digest[i] = what;
	digests = (what > digests -> what : digests);
	for (j : 0 .. HONEST - 1) {
		if
		:: j != i -> echo(i, j)
		:: else
		fi
	}
	j = 0
}

inline ask_again(i)
{
	for (j : 0 .. HONEST - 1) {
		if
		:: j != i && !has(heard[i], j) -> echo(i, j)
		:: else
		fi
	}
	j = 0
}

inline deliver(i)
{
	delivered[i] = true;
	waiting--;
	for (j : 0 .. HONEST - 1) {
		assert(!delivered[j] || digest[j] == digest[i])	/* Agree */
	}
	j = 0;
	/* From now on it wants nothing. */
	heard[i] = EVERYBODY;
	same[i] = EVERYBODY
}

proctype Recipient(byte i)
{
	byte j;

#ifdef HONEST_SENDER
	atomic { learn(i, 1) }
#else
	atomic { select(j : 1 .. digests + 1); learn(i, j) }
#endif
end:	do
	:: atomic { !delivered[i] && enough(i) -> deliver(i) }
#ifndef NO_ASKING_AGAIN
	:: atomic { !delivered[i] && !enough(i) -> ask_again(i) }
#endif
	od
}

/* One for each pair, so that weak fairness holds for each. */
proctype Network(byte from, to)
{
	bool want;

end:	do
	:: atomic {
		flying[path(from, to)] != NOTHING ->
		want = (flying[path(from, to)] == ECHO_WANT);
		flying[path(from, to)] = NOTHING;
		if
		:: digest[to] != NONE ->
			heard[to] = heard[to] | (1 << from)
		:: else
		fi;
		if
		:: digest[to] != NONE && digest[to] == digest[from] ->
			same[to] = same[to] | (1 << from)
		:: else
		fi;
		if
		:: want && answers(to) -> echo(to, from)
		:: else
		fi;
		want = false
	}
#ifdef HONEST_SENDER
	:: atomic {
		flying[path(from, to)] != NOTHING && losses < LOSSES ->
		flying[path(from, to)] = NOTHING;
		losses++
	}
#endif
	od
}

proctype Faulty(byte from)
{
	byte to;

end:	do
	:: atomic {
		select(to : 0 .. HONEST - 1);
		if
		/* To echo another digest has no effect. */
		:: digest[to] != NONE -> same[to] = same[to] | (1 << from)
		:: else
		fi;
		to = 0
	}
	od
}

init {
	byte i, j;

	atomic {
		for (i : 0 .. HONEST - 1) {
			run Recipient(i);
			for (j : 0 .. HONEST - 1) {
				if
				:: j != i -> run Network(i, j)
				:: else
				fi
			}
		}
#if !defined(HONEST_SENDER) && HONEST < RECIPIENTS
		for (i : HONEST .. RECIPIENTS - 1) {
			run Faulty(i)
		}
#endif
	}
}

ltl delivers { <> (waiting == 0) }
