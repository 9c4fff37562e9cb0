// SPDX-License-Identifier: GPL-2.0
/*
 * What peers can make a node hold: messages that are not whole or not delivered
 * (pending), and those that other recipients may need (relayed). Softirqs allocate
 * that, which no memory cgroup pays for. Each network namespace has its bounds; and
 * as anyone may make many of them, all but the first have one together.
 *
 * Messages that are half there can keep each other from becoming whole, when there
 * is no room for any. Therefore each of these two rooms has a line:
 *
 *	- who is refused room gets in line; the first has precedence
 *	- others leave it a quarter of the room, and those that are asked in vain
 *	  give up what has come of theirs until half of it is free
 *	- it leaves when nothing of it is missing, after a minute, or when nothing
 *	  came of it for a quarter of that; it gets in line again if it is refused
 *	  again
 *
 * The first gives up nothing, and so has more each time others did: its message
 * becomes whole if it comes, and if it fits at all beside what is whole and waits
 * to be read. And everybody who sends becomes the first.
 */

#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/percpu_counter.h>

#include "pending.h"

unsigned int pop_pending_max;
module_param_named(pending_max, pop_pending_max, uint, 0644);
MODULE_PARM_DESC(pending_max,
		 "MiB of received messages that all network namespaces but the first hold, a quarter of it for other recipients; a quarter of the memory");

/* For how long a peer has precedence, and how long if nothing comes. */
#define TURN	(60 * HZ)
#define QUIET	(15 * HZ)

/* What a processor may not have told the others yet. */
#define ALL_BATCH	(64 << 10)

/* Of all network namespaces but the first: pop_net.pending, .relayed and .line. */
static struct percpu_counter all_pending, all_relayed;
static struct pop_line all_line;

static void init_line(struct pop_line *line)
{
	spin_lock_init(&line->lock);
	INIT_LIST_HEAD(&line->peers);
}

int __init pop_pending_init(void)
{
	int ret;

	if (!pop_pending_max)
		pop_pending_max = max(totalram_pages() >> (22 - PAGE_SHIFT), 1UL);
	init_line(&all_line);
	ret = percpu_counter_init(&all_pending, 0, GFP_KERNEL);
	if (ret)
		return ret;
	ret = percpu_counter_init(&all_relayed, 0, GFP_KERNEL);
	if (ret)
		percpu_counter_destroy(&all_pending);
	return ret;
}

void pop_pending_exit(void)
{
	percpu_counter_destroy(&all_relayed);
	percpu_counter_destroy(&all_pending);
}

void pop_pending_init_net(struct pop_net *pn)
{
	init_line(&pn->line);
}

static bool is_first_net(const struct pop_net *pn)
{
	return net_eq(pn->net, &init_net);
}

static void add(struct pop_net *pn, atomic_long_t *held,
		struct percpu_counter *all, long bytes)
{
	atomic_long_add(bytes, held);
	if (!is_first_net(pn))
		percpu_counter_add_batch(all, bytes, ALL_BATCH);
}

/* Do all namespaces hold no more than so many sixteenths of what they may? */
static bool all_fits(const struct pop_net *pn, struct percpu_counter *all,
		     int sixteenths)
{
	return is_first_net(pn) ||
	       percpu_counter_read(all) <=
	       ((s64)READ_ONCE(pop_pending_max) << 16) * sixteenths;
}

/* Is no more than @quarters of the room taken? Of all, relays have a quarter. */
static bool fits(const struct pop_net *pn, int room, int quarters)
{
	if (room == POP_ROOM_ALL)
		return all_fits(pn, &all_pending, 3 * quarters);
	return atomic_long_read(&pn->pending) <=
	       (long)POP_PENDING_MAX / 4 * quarters;
}

static struct pop_line *line_of(struct pop_net *pn, int room)
{
	return room == POP_ROOM_ALL ? &all_line : &pn->line;
}

/*
 * Has the peer precedence, or another? Context: any; without the lock the answer may
 * be old.
 */
static bool is_first(const struct pop_line *line, const struct pop_peer *peer,
		     int room)
{
	return peer && READ_ONCE(line->peers.next) == &peer->in_line[room];
}

static bool is_behind(const struct pop_line *line, const struct pop_peer *peer,
		      int room)
{
	return !list_empty(&line->peers) && !is_first(line, peer, room);
}

/* Context: lock of the line, as of the next four. */
static void begin_turn(struct pop_line *line)
{
	line->until = jiffies + TURN;
	WRITE_ONCE(line->quiet, jiffies + QUIET);
}

static void leave(struct pop_line *line, struct pop_peer *peer, int room)
{
	if (is_first(line, peer, room))
		begin_turn(line);
	list_del_init(&peer->in_line[room]);
}

/* Who was refused without anything having come of it has nothing to ask for yet. */
static bool is_over(const struct pop_line *line, const struct pop_peer *first)
{
	return time_after(jiffies, line->until) ||
	       time_after(jiffies, READ_ONCE(line->quiet)) ||
	       READ_ONCE(first->member->dead) ||
	       (list_empty(&first->asks) && !READ_ONCE(first->wants_room));
}

static void end_turns(struct pop_line *line, int room)
{
	struct pop_peer *first, *next;

	list_for_each_entry_safe(first, next, &line->peers, in_line[room]) {
		if (!is_over(line, first))
			break;
		leave(line, first, room);
	}
}

static void get_in_line(struct pop_line *line, struct pop_peer *peer, int room)
{
	spin_lock_bh(&line->lock);
	end_turns(line, room);
	WRITE_ONCE(peer->wants_room, true);
	if (list_empty(&peer->in_line[room])) {
		if (list_empty(&line->peers))
			begin_turn(line);
		list_add_tail(&peer->in_line[room], &line->peers);
	}
	spin_unlock_bh(&line->lock);
}

static void note_taken(struct pop_net *pn, struct pop_peer *peer)
{
	int room;

	if (peer && READ_ONCE(peer->wants_room))
		WRITE_ONCE(peer->wants_room, false);
	for (room = 0; room < POP_ROOMS; room++)
		if (is_first(line_of(pn, room), peer, room))
			WRITE_ONCE(line_of(pn, room)->quiet, jiffies + QUIET);
}

/**
 * pop_pending_charge - may so much more be held of messages that are not delivered?
 * @pn: the namespace
 * @peer: the sender, or NULL if that is not known
 * @bytes: with what buffers cost
 *
 * Context: any.
 * Return: false (counted), and nothing is charged, if that would be too much; the
 * peer gets in line then.
 */
bool pop_pending_charge(struct pop_net *pn, struct pop_peer *peer, u32 bytes)
{
	bool all = true;
	int room;

	add(pn, &pn->pending, &all_pending, bytes);
	for (room = 0; room < POP_ROOMS; room++) {
		struct pop_line *line = line_of(pn, room);

		if (fits(pn, room, is_behind(line, peer, room) ? 3 : 4))
			continue;
		all = false;
		if (peer)
			get_in_line(line, peer, room);
	}
	if (!all) {
		pop_pending_uncharge(pn, bytes);
		pop_count(pn, RX_PENDING_FULL);
		return false;
	}
	note_taken(pn, peer);
	return true;
}

/* Context: any. */
void pop_pending_uncharge(struct pop_net *pn, u32 bytes)
{
	add(pn, &pn->pending, &all_pending, -(long)bytes);
}

/**
 * pop_pending_yield - nothing comes of what a peer is asked for
 * @peer: the peer
 *
 * Context: any.
 * Return: true if what has come of its messages is to make room for another's.
 */
bool pop_pending_yield(struct pop_peer *peer)
{
	struct pop_net *pn = pop_member_net(peer->member);
	bool yield = false;
	int room;

	for (room = 0; room < POP_ROOMS; room++) {
		struct pop_line *line = line_of(pn, room);

		if (list_empty(&line->peers))
			continue;
		spin_lock_bh(&line->lock);
		end_turns(line, room);
		yield |= is_behind(line, peer, room) && !fits(pn, room, 2);
		spin_unlock_bh(&line->lock);
	}
	return yield;
}

/* The peers of a member leave the lines. Context: any; none gets in line again. */
void pop_pending_forget(struct pop_member *m)
{
	struct pop_peer *peer, *next;
	int room;

	for (room = 0; room < POP_ROOMS; room++) {
		struct pop_line *line = line_of(pop_member_net(m), room);

		spin_lock_bh(&line->lock);
		list_for_each_entry_safe(peer, next, &line->peers, in_line[room])
			if (peer->member == m)
				leave(line, peer, room);
		spin_unlock_bh(&line->lock);
	}
}

/* As pop_pending_charge(), of what is kept for others; not counted: another goes. */
bool pop_relayed_charge(struct pop_net *pn, u32 bytes)
{
	add(pn, &pn->relayed, &all_relayed, bytes);
	if (atomic_long_read(&pn->relayed) <= POP_RELAYED_MAX &&
	    all_fits(pn, &all_relayed, 4))
		return true;
	pop_relayed_uncharge(pn, bytes);
	return false;
}

/* Context: any. */
void pop_relayed_uncharge(struct pop_net *pn, u32 bytes)
{
	add(pn, &pn->relayed, &all_relayed, -(long)bytes);
}
