/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Consistency "detect": recipients deliver at once, and each compares its
 * digest afterwards with those of the next f + 1 recipients, in the order of
 * their indices, the first after the last. The sender is faulty, and so are up
 * to f recipients: any of them. A faulty one claims any digest, or nothing.
 *
 * If two honest recipients have different digests, then
 *
 * Somebody	an honest recipient finds a contradiction
 * Neighbour	each honest recipient finds one, of which the next honest one has
 *		another digest
 *
 * Abstracted: what is compared does not change any more, so that neither order
 * nor loss of the questions matters; each is asked until it is answered or its
 * answer would change nothing. Two digests are enough: to make equal what
 * differs only hides contradictions.
 *
 * What can be changed:
 *
 * WITHHOLD	some honest recipients never get a header, and answer nothing.
 *		The next honest one is then the next that has one.
 * WALK		who answers nothing, or something else, does not count: each
 *		asks on until f + 1 have said what it has, or all are asked
 * COMPARED	how many are compared with
 * SOMEBODY_ONLY	Neighbour is not looked at
 */

#define MOST	6	/* recipients */

#ifndef COMPARED
#define COMPARED (f + 1)
#endif

#define NONE	0	/* digests are 1 and 2 */

byte m, f;
bool faulty[MOST];
byte digest[MOST];
bool found[MOST];

/* A contract in which up to f recipients may be faulty, and what they have. */
inline choose()
{
	select(m : 4 .. MOST);
	select(f : 1 .. 2);
	left = f;
	for (i : 0 .. m - 1) {
		if
		:: left > 0 -> faulty[i] = true; left--
		:: digest[i] = 1
		:: digest[i] = 2
#ifdef WITHHOLD
		:: digest[i] = NONE
#endif
		fi
	}
}

inline compare(i)
{
	j = (i + 1) % m;
	left = COMPARED;
	do
	:: left == 0 || j == i -> break
	:: left > 0 && j != i ->
		if
		:: faulty[j] -> claimed = digest[i]
		:: faulty[j] -> claimed = 3 - digest[i]
		:: faulty[j] -> claimed = NONE
		:: !faulty[j] -> claimed = digest[j]
		fi;
		if
		:: claimed != NONE && claimed != digest[i] -> found[i] = true
		:: else
		fi;
		if
#ifdef WALK
		:: claimed != digest[i]
#endif
		:: else -> left--
		fi;
		j = (j + 1) % m
	od
}

/* Of the honest recipients that have a digest, the next one; or itself. */
inline next_honest(i)
{
	j = (i + 1) % m;
	do
	:: digest[j] == NONE -> j = (j + 1) % m
	:: else -> break
	od
}

init {
	byte i, j, left, claimed;
	bool differ, somebody;

	atomic {
		choose();
		for (i : 0 .. m - 1) {
			if
			:: digest[i] != NONE -> compare(i)
			:: else
			fi
		}
		for (i : 0 .. m - 1) {
			if
			:: digest[i] != NONE ->
				next_honest(i);
#ifndef SOMEBODY_ONLY
				assert(digest[j] == digest[i] || found[i]);	/* Neighbour */
#endif
				differ = (differ || digest[j] != digest[i]);
				somebody = (somebody || found[i])
			:: else
			fi
		}
		assert(!differ || somebody)	/* Somebody */
	}
}
