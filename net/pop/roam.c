// SPDX-License-Identifier: GPL-2.0
/*
 * Roaming: peers that are reached elsewhere than they were.
 *
 * A unit says who made it, and not where it came from: whoever sees one can send
 * it on from anywhere, and even before it arrives. So an address from which a
 * new unit has come is a candidate and no more. It is asked by STATE, with an id
 * that nobody can guess, and so is the endpoint that is known. The candidate
 * becomes the endpoint if it answers and the known one does not.
 *
 * A question is not longer than what it is asked for, and there is at most one
 * for each new control unit.
 */

#include <linux/jiffies.h>
#include <linux/random.h>

#include "control.h"
#include "repair.h"
#include "roam.h"
#include "state.h"

#define ROAM_MIN	max(HZ / 50UL, 1UL)	/* 20 ms */
#define ROAM_MAX	(2UL * HZ)
#define HEADER_MIN	(1UL * HZ)	/* a header can come again and again */

static unsigned long roam_wait(const struct pop_peer *peer)
{
	return pop_peer_wait(peer, 4, ROAM_MIN);
}

/*
 * Return: true if the peer may be at @from, and is to be asked now; it is the
 * candidate then. Context: pop_peer.lock.
 */
static bool is_candidate(struct pop_peer *peer, const union pop_addr *from,
			 bool header)
{
	struct pop_roam *r = &peer->roam;
	bool same = pop_peer_same_addr(&r->addr, from);
	unsigned long wait;

	/* nothing can be sent to port zero; and one thing after the other */
	if (!from->in4.sin_port || r->answered ||
	    pop_peer_same_addr(&peer->addr, from))
		return false;
	wait = min(roam_wait(peer) << min_t(u8, r->tries, 7), ROAM_MAX);
	if (header)
		wait = max(wait, HEADER_MIN);
	if (r->tries && (same || header) &&
	    time_in_range_open(jiffies, r->at, r->at + wait))
		return false;

	r->addr = *from;
	r->at = jiffies;
	r->tries = same ? min(r->tries + 1, U8_MAX) : 1;
	r->id = get_random_u64() | 1;
	r->known_id = 0;
	if (peer->addr.sa.sa_family != AF_UNSPEC)
		r->known_id = get_random_u64() & ~1ULL;
	return true;
}

static void ask(struct pop_peer *peer, u64 counter, const union pop_addr *from,
		bool header)
{
	u64 id = 0, known_id = 0;

	spin_lock_bh(&peer->lock);
	if ((header || counter == peer->replay_top) &&
	    is_candidate(peer, from, header)) {
		id = peer->roam.id;
		known_id = peer->roam.known_id;
	}
	spin_unlock_bh(&peer->lock);
	if (!id || !pop_control_may_answer(peer))
		return;
	pop_state_ask_at(peer, id, from);
	if (known_id)
		pop_state_ask_at(peer, known_id, NULL);
}

/**
 * pop_roam_control - a control unit that was no replay
 * @peer: who made it
 * @counter: of the unit
 * @from: where it came from
 *
 * One that later ones have overtaken says nothing of where the peer is now.
 *
 * Context: softirq.
 */
void pop_roam_control(struct pop_peer *peer, u64 counter,
		      const union pop_addr *from)
{
	ask(peer, counter, from, false);
}

/**
 * pop_roam_header - an authentic HEADER of a slot that has not executed
 * @peer: who made it
 * @from: where it came from
 *
 * It may be a replay, but it is what one sends who has moved and has nothing to
 * ask.
 *
 * Context: softirq.
 */
void pop_roam_header(struct pop_peer *peer, const union pop_addr *from)
{
	ask(peer, 0, from, true);
}

static void moved(struct pop_peer *peer)
{
	pop_count(pop_member_net(peer->member), MOVES);
	pop_peer_moved(peer);
}

/**
 * pop_roam_answer - see whether a STATE reply answers a question of roaming
 * @peer: who answers
 * @id: of the request, not zero
 * @from: where the answer came from
 *
 * Context: softirq.
 * Return: true if it does; it was used then.
 */
bool pop_roam_answer(struct pop_peer *peer, u64 id, const union pop_addr *from)
{
	struct pop_roam *r = &peer->roam;
	bool ours = false, at_once = false;
	unsigned long at = 0;

	spin_lock_bh(&peer->lock);
	if (id == r->known_id && pop_peer_same_addr(&peer->addr, from)) {
		/* it is where it was, and no answer of a copy of the question */
		r->id = 0;
		r->known_id = 0;
		r->answered = false;
		r->at = jiffies;
		ours = true;
	} else if (id == r->id && pop_peer_same_addr(&r->addr, from)) {
		r->id = 0;
		r->answered = true;
		at_once = peer->addr.sa.sa_family == AF_UNSPEC;
		at = jiffies + roam_wait(peer);
		r->at = at;
		if (at_once)
			pop_peer_move(peer, &r->addr);
		ours = true;
	}
	spin_unlock_bh(&peer->lock);
	if (at_once)
		moved(peer);
	else if (at)
		pop_repair_arm_peer(peer, at);
	return ours;
}

/* Let the peer move, if its known endpoint had time. Context: member's work. */
void pop_roam_due(struct pop_peer *peer, unsigned long *next)
{
	struct pop_roam *r = &peer->roam;
	bool due = false;

	spin_lock_bh(&peer->lock);
	if (r->answered) {
		due = !time_before(jiffies, r->at);
		if (due)
			pop_peer_move(peer, &r->addr);
		else if (time_before(r->at, *next))
			*next = r->at;
	}
	spin_unlock_bh(&peer->lock);
	if (due)
		moved(peer);
}
