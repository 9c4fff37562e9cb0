// SPDX-License-Identifier: GPL-2.0
/*
 * Sending again what is kept: what a recipient asks for by RETRANSMIT, and what
 * a probe shows not to have arrived at all. So much in a round trip, and no more.
 */

#include <linux/ktime.h>

#include "carrier.h"
#include "channel.h"
#include "keep.h"
#include "probe.h"
#include "resend.h"
#include "seal.h"
#include "unit.h"

/*
 * In a round trip as many units may go to a peer again as its window has; at once
 * no more than BUDGET_FEW, or a quarter of a large window, for a recipient does not
 * ask for the rest before four round trips of silence; and never more than
 * BUDGET_MAX, for it is in softirq, and a device's queue has room for a thousand.
 */
#define BUDGET_FEW	256U
#define BUDGET_MAX	512U

/* Return: true if a unit may go to the peer again now. */
static bool take_budget(struct pop_peer *peer)
{
	unsigned long rtt = pop_peer_wait(peer, 1, 1);
	unsigned long more, most;
	u32 window;
	bool got;

	spin_lock_bh(&peer->lock);
	window = peer->pace.window;
	more = min(jiffies - peer->budget_at, 4 * rtt) * window / rtt;
	if (more)
		peer->budget_at = jiffies;
	most = min(window, clamp(window / 4, BUDGET_FEW, BUDGET_MAX));
	peer->budget = min(peer->budget + more, most);
	got = peer->budget;
	peer->budget -= got;
	spin_unlock_bh(&peer->lock);
	return got;
}

/* A unit that the peer counts goes to it again. Its buffer is @skb. */
static void go_again(struct pop_peer *peer, struct sk_buff *skb)
{
	spin_lock_bh(&peer->lock);
	pop_pace_count(&peer->pace, 1);
	spin_unlock_bh(&peer->lock);
	pop_count(pop_member_net(peer->member), TX_RETRANSMITS);
	pop_share_again(peer, skb->len);
	pop_carrier_send_again(peer, skb);
}

/*
 * May a unit go to the peer again now? If not, that is counted, and nothing else
 * may. Context: any.
 */
bool pop_resend_may(struct pop_peer *peer)
{
	if (pop_share_may_again(peer) && take_budget(peer))
		return true;
	pop_count(pop_member_net(peer->member), TX_LIMITED);
	return false;
}

/*
 * A unit that went to the peer at @sent was lost. It is no news if the window has
 * become smaller since.
 */
static void lost(struct pop_peer *peer, u64 sent)
{
	bool slowed = false;

	spin_lock_bh(&peer->lock);
	if (sent > READ_ONCE(peer->slowed_at))
		slowed = pop_pace_lost(&peer->pace);
	spin_unlock_bh(&peer->lock);
	if (slowed)
		pop_peer_slowed(peer);
}

/* Return: false if it cannot go now, and neither can others. */
static bool send_again(struct pop_peer *peer, struct pop_keep *keep,
		       struct sk_buff *unit)
{
	struct sk_buff *skb;

	if (!pop_resend_may(peer))
		return false;
	skb = pop_keep_unit(keep, unit, GFP_ATOMIC);
	if (!skb)
		return false;
	go_again(peer, skb);
	return true;
}

/*
 * A fragment of a group payload for one recipient alone, which had false ones
 * of a co-recipient: under the key that the header has. Return: as send_again().
 */
static bool send_own(struct pop_peer *peer, struct pop_keep_to *to,
		     u32 fragment)
{
	struct pop_keep *keep = to->keep;
	struct pop_slot_id slot = pop_channel_slot(keep->m, to->ch, keep->seq);
	const struct pop_outer *header = (const void *)to->header->data;
	struct pop_unit u = {
		.slot = slot,
		.type = POP_UNIT_PAYLOAD,
		.fragment = fragment,
	};
	u8 key[POP_KEY_LEN];
	struct sk_buff *skb;
	bool done = false;

	/* to make the key is work, too */
	if (!pop_resend_may(peer))
		return false;
	if (!pop_channel_message_key(keep->m, to->ch, &slot, header->salt, key))
		return true;
	skb = skb_copy(keep->payload[fragment], GFP_ATOMIC);
	if (!skb || WARN_ON_ONCE(pop_unseal(skb, keep->key))) {
		kfree_skb(skb);
		pop_count(pop_member_net(keep->m), TX_NO_MEMORY);
		goto out;
	}
	pop_unit_outer(skb_push(skb, sizeof(struct pop_outer)), &u, peer->cid_tx,
		       header->salt);
	pop_seal(skb, key);
	go_again(peer, skb);
	done = true;
out:
	memzero_explicit(key, sizeof(key));
	return done;
}

/**
 * pop_resend - nothing of a message has arrived: send again what was sent of it
 * @peer: the recipient
 * @ch: the channel
 * @seq: of the slot
 * @before: ns; only if it was sent before that
 *
 * Of a long message what the budget allows; the recipient asks for the rest.
 *
 * Context: any, without pop_channel.lock.
 * Return: false if no more can go to the peer now.
 */
bool pop_resend(struct pop_peer *peer, struct pop_channel *ch, u32 seq,
		u64 before)
{
	struct pop_keep_to *to;
	bool more;
	u64 sent;
	u32 i;

	to = pop_keep_get(ch, seq, before, &sent);
	if (!to)
		return true;
	lost(peer, sent);
	more = send_again(peer, to->keep, to->header);
	for (i = 0; more && i < to->keep->nr_payload; i++)
		if (pop_keep_is_sent(to, i + 1))
			more = send_again(peer, to->keep, to->keep->payload[i]);
	pop_keep_put(to->keep);
	return more;
}

/* Return: the member's output channel that @miss is about, or NULL. */
static struct pop_channel *missing_channel(struct pop_peer *peer,
					   const struct pop_missing *miss)
{
	struct pop_member *m = peer->member;
	const struct pop_plan *plan = &m->contract->plan;
	struct pop_channel *ch;
	int action, to;

	action = pop_plan_action(plan, be16_to_cpu(miss->phase),
				 be16_to_cpu(miss->action));
	if (action < 0 || be16_to_cpu(plan->action[action].from) != m->party)
		return NULL;
	to = pop_plan_to_index(plan, action, peer->party);
	if (to < 0)
		return NULL;
	ch = &m->channel[m->actions[action].channel + to];
	return be32_to_cpu(miss->seq) < ch->count ? ch : NULL;
}

/*
 * Send again what is missing of a message. Return: false if some of it could not
 * go: then nothing else can now. @owed: the same of the request before, so that it
 * has not gone since.
 */
static bool retransmit(struct pop_peer *peer, struct pop_channel *ch,
		       const struct pop_missing *miss, bool owed)
{
	u64 sent, rtt = (u64)READ_ONCE(peer->srtt) * NSEC_PER_USEC;
	u32 base = be16_to_cpu(miss->base);
	u64 map = be64_to_cpu(miss->map);
	struct pop_keep_to *to;
	bool own, late, again = false, all = true;

	to = pop_keep_get(ch, be32_to_cpu(miss->seq), U64_MAX, &sent);
	if (!to)
		return true;
	/* else the request may have met it on its way */
	late = ktime_get_ns() - sent > rtt;
	own = miss->flags & POP_MISSING_F_OWN && to->keep->group;
	if (miss->flags & POP_MISSING_F_HEADER) {
		again = true;
		all = send_again(peer, to->keep, to->header);
	}
	for (; all && map; map &= map - 1) {
		u32 fragment = base + __ffs64(map);

		if (fragment >= to->keep->nr_payload)
			break;
		/* it waits, and will come */
		if (!pop_keep_is_sent(to, fragment + 1))
			continue;
		again = true;
		all = own ? send_own(peer, to, fragment) :
			    send_again(peer, to->keep,
				       to->keep->payload[fragment]);
	}
	if (again && late && !owed)
		lost(peer, sent);
	pop_keep_put(to->keep);
	return all;
}

/**
 * pop_resend_request - an authenticated RETRANSMIT
 * @peer: who asks
 * @skb: data at the first struct pop_missing; stays the caller's
 *
 * Goes to the peer's known endpoint, wherever the request came from. When that
 * uses half the window, the peer is asked how much of it has come: if all has, more
 * of what is missing can go at the next request. What is beyond the budget is not
 * looked at: a request costs no more than what comes of it.
 */
void pop_resend_request(struct pop_peer *peer, const struct sk_buff *skb)
{
	const struct pop_missing *miss = (const void *)skb->data;
	bool owed = READ_ONCE(peer->owed), all = true;
	u32 i, nr = skb->len / sizeof(*miss);
	struct pop_channel *ch;

	if (!nr || skb->len % sizeof(*miss))
		goto malformed;
	for (i = 0; all && i < nr; i++) {
		ch = missing_channel(peer, &miss[i]);
		if (!ch || miss[i].reserved ||
		    miss[i].flags & ~(POP_MISSING_F_HEADER |
				      POP_MISSING_F_OWN))
			goto malformed;
		all = retransmit(peer, ch, &miss[i], owed);
	}
	WRITE_ONCE(peer->owed, !all);
	pop_probe_window(peer);
	return;

malformed:
	pop_count(pop_member_net(peer->member), RX_MALFORMED);
}
