// SPDX-License-Identifier: GPL-2.0
/* Other parties: keys, endpoint, round trip, replay window of control units. */

#include <linux/ktime.h>
#include <linux/random.h>

#include "evidence.h"
#include "pop.h"
#include "repair.h"

void pop_peer_init(struct pop_peer *peer, struct pop_member *m, u16 party)
{
	int room;

	peer->member = m;
	peer->party = party;
	peer->addr.sa.sa_family = AF_UNSPEC;
	spin_lock_init(&peer->lock);
	INIT_LIST_HEAD(&peer->asks);
	INIT_LIST_HEAD(&peer->kept);
	INIT_LIST_HEAD(&peer->evidence);
	for (room = 0; room < POP_ROOMS; room++)
		INIT_LIST_HEAD(&peer->in_line[room]);
	pop_pace_init(&peer->pace);
	pop_flow_init(&peer->flow, m, peer);
	peer->budget_at = jiffies;
	peer->answers_at = jiffies;
	/* it was not asked yet: longer ago than any question waits */
	peer->probe.jiffies = jiffies - 60 * HZ;
	peer->answers = POP_ANSWERS_MAX;
	/*
	 * Peers take a counter that is higher than those before only. A party
	 * that is opened anew goes on above what it used, if its clock does;
	 * that no counter comes again under a key is the incarnation's task.
	 */
	atomic64_set(&peer->counter, ktime_get_real_ns());
}

void pop_peer_release(struct pop_peer *peer)
{
	if (!peer->member)
		return;
	pop_evidence_free(peer);
	dst_cache_destroy(&peer->dst);
}

/* Before the member starts; @tx is k(member -> peer), @rx the other way. */
void pop_peer_set_keys(struct pop_peer *peer, const u8 *tx, const u8 *rx)
{
	u32 epoch = be32_to_cpu(peer->member->contract->plan.body->epoch);
	u8 control[POP_KEY_LEN];

	peer->cid.cid = pop_key_cid(rx, epoch);
	peer->cid_tx = pop_key_cid(tx, epoch);
	peer->incarnation = get_random_u32();
	pop_key_control(control, tx);
	pop_key_state(peer->key_tx, control, peer->incarnation);
	memzero_explicit(control, sizeof(control));
	pop_key_control(peer->control_rx, rx);
	pop_ratchet_init(&peer->ratchet_tx, tx);
	pop_ratchet_init(&peer->ratchet_rx, rx);
	peer->keyed = true;
}

/* The peer is elsewhere; pop_peer_moved() is due. Context: pop_peer.lock. */
void pop_peer_move(struct pop_peer *peer, const union pop_addr *addr)
{
	lockdep_assert_held(&peer->lock);
	peer->addr = *addr;
	dst_cache_reset(&peer->dst);
	memset(&peer->roam, 0, sizeof(peer->roam));
	pop_pace_moved(&peer->pace);
	WRITE_ONCE(peer->srtt, 0);
	WRITE_ONCE(peer->probe.late, 0);
}

/* What is due to the peer goes to its new endpoint, and soon. Context: any. */
void pop_peer_moved(struct pop_peer *peer)
{
	WRITE_ONCE(peer->ask_backoff, 0);
	WRITE_ONCE(peer->probe_backoff, 0);
	pop_share_opened(peer);
	pop_repair_arm_peer(peer, jiffies);
}

/* The user says where the peer is; if it is there already its path is no new one. */
void pop_peer_set_addr(struct pop_peer *peer, const union pop_addr *addr)
{
	spin_lock_bh(&peer->lock);
	if (memcmp(&peer->addr, addr, sizeof(*addr)))
		pop_peer_move(peer, addr);
	spin_unlock_bh(&peer->lock);
	pop_peer_moved(peer);
}

void pop_peer_get_addr(struct pop_peer *peer, union pop_addr *addr)
{
	spin_lock_bh(&peer->lock);
	*addr = peer->addr;
	spin_unlock_bh(&peer->lock);
}

bool pop_peer_same_addr(const union pop_addr *a, const union pop_addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr &&
		       a->in4.sin_port == b->in4.sin_port;
	return ipv6_addr_equal(&a->in6.sin6_addr, &b->in6.sin6_addr) &&
	       a->in6.sin6_port == b->in6.sin6_port;
}

/**
 * pop_peer_replay - take note of the counter of an authenticated control unit
 * @peer: who sent it
 * @counter: of the unit
 *
 * A window of POP_REPLAY_WINDOW, as in RFC 6479.
 *
 * Return: true if it was seen before, or is too old to tell.
 */
bool pop_peer_replay(struct pop_peer *peer, u64 counter)
{
	bool replay = false;
	u64 behind;

	spin_lock_bh(&peer->lock);
	if (counter > peer->replay_top) {
		u64 ahead = min_t(u64, counter - peer->replay_top,
				  POP_REPLAY_WINDOW);

		bitmap_shift_left(peer->replay_map, peer->replay_map, ahead,
				  POP_REPLAY_WINDOW);
		__set_bit(0, peer->replay_map);
		peer->replay_top = counter;
	} else {
		behind = peer->replay_top - counter;
		replay = behind >= POP_REPLAY_WINDOW ||
			 __test_and_set_bit(behind, peer->replay_map);
	}
	spin_unlock_bh(&peer->lock);
	return replay;
}

/*
 * What a round trip is taken for before one was seen, and at most: a network
 * that looks for a neighbour can take seconds for the first one.
 */
#define RTT_UNKNOWN	(25U * USEC_PER_MSEC)
#define RTT_MAX		(250U * USEC_PER_MSEC)

/* A round trip of @ns to the peer was seen (RFC 6298, without variance). */
void pop_peer_rtt(struct pop_peer *peer, u64 ns)
{
	u32 us = clamp_t(u64, div_u64(ns, NSEC_PER_USEC), 1, RTT_MAX);
	u32 srtt = READ_ONCE(peer->srtt);

	WRITE_ONCE(peer->srtt, srtt ? srtt - srtt / 8 + us / 8 : us);
}

/* Is the round trip to the peer near the longest that is measured? Context: any. */
bool pop_peer_is_far(const struct pop_peer *peer)
{
	return READ_ONCE(peer->srtt) > RTT_MAX / 2;
}

/* The window to the peer is smaller than before. Context: any. */
void pop_peer_slowed(struct pop_peer *peer)
{
	WRITE_ONCE(peer->slowed_at, ktime_get_ns());
	pop_count(pop_member_net(peer->member), TX_SLOWED);
}

/* Return: jiffies of @rtts round trips to the peer, @min at least. */
unsigned long pop_peer_wait(const struct pop_peer *peer, u32 rtts,
			    unsigned long min)
{
	u32 srtt = READ_ONCE(peer->srtt) ?: RTT_UNKNOWN;

	return max(usecs_to_jiffies(rtts * srtt), min);
}
