// SPDX-License-Identifier: GPL-2.0
/* Other parties: keys, endpoint, replay window of STATE units. */

#include <linux/ktime.h>
#include <linux/random.h>

#include "pop.h"

const struct rhashtable_params pop_cid_params = {
	.head_offset = offsetof(struct pop_cid, node),
	.key_offset = offsetof(struct pop_cid, cid),
	.key_len = sizeof_field(struct pop_cid, cid),
	.automatic_shrinking = true,
};

/* Return: 0 or -ENOMEM. */
int pop_peer_init(struct pop_peer *peer, struct pop_member *m, u16 party)
{
	peer->member = m;
	peer->party = party;
	peer->addr.sa.sa_family = AF_UNSPEC;
	spin_lock_init(&peer->lock);
	/*
	 * Peers take a counter that is higher than those before only. A party
	 * that is opened anew goes on above what it used, if its clock does;
	 * that no counter comes again under a key is the incarnation's task.
	 */
	atomic64_set(&peer->counter, ktime_get_real_ns());
	return dst_cache_init(&peer->dst, GFP_KERNEL);
}

void pop_peer_release(struct pop_peer *peer)
{
	if (peer->member)
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

void pop_peer_set_addr(struct pop_peer *peer, const union pop_addr *addr)
{
	spin_lock_bh(&peer->lock);
	peer->addr = *addr;
	dst_cache_reset(&peer->dst);
	spin_unlock_bh(&peer->lock);
}

void pop_peer_get_addr(struct pop_peer *peer, union pop_addr *addr)
{
	spin_lock_bh(&peer->lock);
	*addr = peer->addr;
	spin_unlock_bh(&peer->lock);
}

/**
 * pop_peer_replay - take note of the counter of an authenticated STATE unit
 * @peer: who sent it
 * @counter: of the unit
 *
 * A window of 64, as in RFC 6479.
 *
 * Return: true if it was seen before, or is too old to tell.
 */
bool pop_peer_replay(struct pop_peer *peer, u64 counter)
{
	bool replay = false;
	u64 behind;

	spin_lock_bh(&peer->lock);
	if (counter > peer->replay_top) {
		u64 ahead = counter - peer->replay_top;

		peer->replay_map = ahead < 64 ? peer->replay_map << ahead : 0;
		peer->replay_map |= 1;
		peer->replay_top = counter;
	} else {
		behind = peer->replay_top - counter;
		replay = behind >= 64 || (peer->replay_map & BIT_ULL(behind));
		if (!replay)
			peer->replay_map |= BIT_ULL(behind);
	}
	spin_unlock_bh(&peer->lock);
	return replay;
}
