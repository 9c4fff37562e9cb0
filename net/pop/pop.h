/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of the module and how they hang together.
 *
 *	pop_net		a network namespace
 *	  pop_contract	an agreed plan, by hash
 *	    pop_member	a local party of it and its run state
 *	      pop_peer	another party, as the member sees it: keys, endpoint
 *	      pop_channel	between the member and a peer; slots, halves
 *
 * Lock order, outermost first:
 *
 *	pop_net.lock		mutex; configuration: contracts, members, node
 *	pop_member.lock		spinlock, bh; phases
 *	pop_channel.lock	spinlock, bh; slots, what has arrived for them and
 *				what is kept of them
 *	pop_member.early.lock	spinlock, bh; the queue
 *	pop_keep.lock		spinlock, bh; buffers of a sent message, and who
 *				gives up its group
 *	pop_member.held_lock	spinlock, bh; list of held messages
 *	pop_peer.lock		spinlock, bh; see there
 *	pop_member.relay_lock	spinlock, bh; list of what is kept for others
 *	pop_member.echo_lock	spinlock, bh; list of what co-recipients are asked
 *	pop_share.lock		spinlock, bh; what waits to be sent, and turns
 *	pop_member.repair_lock	spinlock, bh; when the repair work runs
 *	pop_charge.lock		spinlock, bh; who pays for sent messages
 *	pop_line.lock		spinlock, bh; who waits for room
 *	pop_net.sockets_lock	spinlock, bh; list of all sockets
 *	sk_receive_queue.lock
 *
 * Look-up (contracts, cids, members, sockets of a member) is by RCU; whoever
 * goes to sleep takes a reference of the member or the contract first.
 */
#ifndef _POP_POP_H
#define _POP_POP_H

#include <linux/build_bug.h>
#include <linux/in6.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/dst_cache.h>
#include <net/net_namespace.h>
#include <net/pop.h>
#include <net/sock.h>

#include "codec.h"
#include "key.h"
#include "mib.h"
#include "pace.h"
#include "share.h"

struct mem_cgroup;
struct pop_ask;
struct pop_contract;
struct pop_echoes;
struct pop_keep_to;
struct pop_member;
struct pop_relay;
struct pop_rx;

#define POP_MODULE_VERSION	"0.1"

/* Phases a peer may run ahead: their channels are open to receive already. */
#define POP_WINDOW		2

/*
 * Bytes of payload without header: that one peer can make us hold, and that
 * anyone can make a member hold in a contract's group, where only the header
 * tells.
 */
#define POP_EARLY_MAX		(256U << 10)

/*
 * Bytes of messages that are not whole, or held: of one peer, where the longest
 * message fits with what buffers cost, and in one network namespace.
 */
#define POP_PENDING_PEER_MAX	(48U << 20)
#define POP_PENDING_MAX		(256U << 20)

/*
 * Bytes of sent messages that are kept until they are known to have arrived,
 * in one network namespace; each socket keeps up to SO_SNDBUF.
 */
#define POP_KEPT_MAX		(256U << 20)

/**
 * struct pop_cid - entry of the cid table
 * @node: in pop_net.cids
 * @cid: key
 * @group: part of a pop_contract; otherwise part of a pop_peer
 */
struct pop_cid {
	struct rhash_head node;
	__be64	cid;
	bool	group;
};

/**
 * union pop_addr - a UDP endpoint
 * @sa: family
 * @in4: IPv4
 * @in6: IPv6
 */
union pop_addr {
	struct sockaddr		sa;
	struct sockaddr_in	in4;
	struct sockaddr_in6	in6;
};

/**
 * struct pop_carrier - the UDP sockets of a network namespace
 * @sock4: or NULL while no party is local
 * @sock6: or NULL while no party is local, or without IPv6
 * @addr4: local address
 * @addr6: local address
 * @port: UDP port, network order
 * @multicast: send "same" payloads to the contract's group
 * @ifindex: for groups; zero lets the routes decide
 *
 * Written under pop_net.lock; the sockets are read under RCU.
 */
struct pop_carrier {
	struct socket __rcu *sock4;
	struct socket __rcu *sock6;
	struct in_addr	addr4;
	struct in6_addr	addr6;
	__be16	port;
	bool	multicast;
	int	ifindex;
};

/* What received messages share room in, see pending.c. */
enum {
	POP_ROOM_NET,	/* their network namespace */
	POP_ROOM_ALL,	/* all of these but the first, together */
	POP_ROOMS
};

/**
 * struct pop_line - peers that were refused room, see pending.c
 * @lock: protects the others
 * @peers: pop_peer, in order of that; the first has precedence
 * @until: when that ends, in jiffies
 * @quiet: when it ends if nothing of that peer comes; written without @lock, too
 */
struct pop_line {
	spinlock_t		lock;
	struct list_head	peers;
	unsigned long		until;
	unsigned long		quiet;
};

/**
 * struct pop_net - one network namespace
 * @net: it
 * @lock: protects everything that is configured
 * @contracts: pop_contract by hash
 * @cids: pop_cid by cid
 * @order: pop_contract by number, in order of their arrival; so that a dump goes
 *	   on where it was, whatever came or went
 * @next_number: of the next contract
 * @nr_contracts: how many are in @order
 * @nr_members: local parties of all contracts
 * @carrier: UDP
 * @pending: bytes of messages that are not whole, or held
 * @line: who waits for room in @pending
 * @kept: bytes of messages sent that are not known to have arrived
 * @share: units that wait to be sent
 * @relayed: bytes of messages received that other recipients may need
 * @state_id: number of the last STATE request
 * @requests: STATE requests that wait for their answer, see state.c
 * @nl_requests: how many of @requests are from netlink sockets
 * @requests_lock: protects @requests and @nl_requests
 * @sockets: all AF_POP sockets, for /proc
 * @sockets_lock: protects @sockets
 * @mib: counters
 */
struct pop_net {
	struct net		*net;
	struct mutex		lock;
	struct rhashtable	contracts;
	struct rhashtable	cids;
	struct xarray		order;
	unsigned long		next_number;
	unsigned int		nr_contracts;
	unsigned int		nr_members;
	struct pop_carrier	carrier;
	atomic_long_t		pending;
	struct pop_line		line;
	atomic_long_t		kept;
	struct pop_share	share;
	atomic_long_t		relayed;
	atomic64_t		state_id;
	struct list_head	requests;
	unsigned int		nl_requests;
	spinlock_t		requests_lock;
	struct hlist_head	sockets;
	spinlock_t		sockets_lock;
	struct pop_mib __percpu	*mib;
};

/**
 * struct pop_contract - a loaded contract
 * @node: in pop_net.contracts
 * @number: in pop_net.order
 * @group: cid under which group payloads arrive
 * @pn: its network namespace
 * @plan: what it says; immutable
 * @body: canonical bytes; immutable
 * @signatures: of all parties, 64 bytes each; immutable
 * @hash: of @body; immutable
 * @digest: what all D begin with, see pop_key_digest_base(); immutable
 * @members: local parties, by party; RCU, written under pop_net.lock
 * @nr_members: length of @members
 * @ended: zero, or the state the user ended it with; pop_net.lock
 * @joined: the contract listens to its groups; pop_net.lock
 * @joined4: that of IPv4 was joined for it; pop_net.lock
 * @turn: of what it has to send
 * @ref: one for the tables, one for each member and each who sleeps on it
 * @rcu: frees it
 *
 * Out of the tables first, then RCU, then the last reference frees it.
 */
struct pop_contract {
	struct rhash_head	node;
	unsigned long		number;
	struct pop_cid		group;
	struct pop_net		*pn;
	struct pop_plan		plan;
	void			*body;
	void			*signatures;
	u8			hash[POP_HASH_LEN];
	struct blake2s_state	digest;
	struct list_head	members;
	unsigned int		nr_members;
	u8			ended;
	bool			joined;
	bool			joined4;
	struct pop_turn		turn;
	refcount_t		ref;
	struct rcu_work		rcu;
};

/*
 * Bytes of received messages that are kept for other recipients, in one network
 * namespace: the oldest go first.
 */
#define POP_RELAYED_MAX		(32L << 20)

/* Messages that one co-recipient can make us ask for. */
#define POP_HINTS_MAX		64

/* Contradictions that are kept of one peer. */
#define POP_EVIDENCE_MAX	16
/* Answers that a peer can have at once, and in a second, see control.c. */
#define POP_ANSWERS_MAX		2048

/* Control units may overtake each other by so many, see pop_peer_replay(). */
#define POP_REPLAY_WINDOW	256

/**
 * struct pop_probe - a sender's question what has arrived at a recipient
 * @id: of the STATE request
 * @slots_id: of the SLOTS request
 * @at: when it was sent, in ns
 * @jiffies: the same in jiffies
 * @last_id: number of the question, whatever it asks for
 * @late_id: number of the first question since the last answer
 * @late_at: when that was sent, in ns
 * @first: channels that the STATE request asks for, from this one on
 * @phase: and of this phase
 * @one: last channel of one message that was told of
 * @slots: channel that the SLOTS request is about
 * @waiting: no answer has come yet
 * @soon: ask again at the next opportunity, for room is short
 * @vain: questions for the room of a socket since anything was known to arrive
 * @late: answers that came too late, less those that did not
 * @slots_tries: SLOTS requests without an answer since the last one that had one
 */
struct pop_probe {
	u64			id;
	u64			slots_id;
	u64			at;
	unsigned long		jiffies;
	struct pop_channel	*one;
	struct pop_channel	*slots;
	u64			last_id;
	u64			late_id;
	u64			late_at;
	u16			first;
	u16			phase;
	bool			waiting;
	bool			soon;
	u8			vain;
	u8			late;
	u8			slots_tries;
};

/**
 * struct pop_roam - where a peer may be now, see roam.c
 * @addr: the candidate
 * @id: of the question to it; zero: it was not asked, or has answered
 * @known_id: of the question to the endpoint that is known
 * @at: when the candidate was asked, or, once it has answered, when it becomes
 *	the endpoint; in jiffies
 * @tries: how often it was asked
 * @answered: it has answered
 */
struct pop_roam {
	union pop_addr	addr;
	u8		tries;
	bool		answered;
	u64		id;
	u64		known_id;
	unsigned long	at;
};

/**
 * struct pop_peer - another party, as a member sees it
 * @cid: under which its units arrive
 * @member: whose peer it is
 * @party: index in the contract
 * @keyed: its keys are there
 * @ended: it is known to have ended the contract
 * @incarnation: that @key_tx is of; immutable
 * @key_tx: of control units to it; immutable
 * @control_rx: source of the keys of control units from it; immutable
 * @ratchet_tx: of phase keys; pop_member.lock
 * @ratchet_rx: of phase keys; pop_member.lock
 * @opened_tx: a channel to it that has the key of the phase that was opened last,
 *	       as long as that is open; whoever opens phases
 * @opened_rx: the same from it
 * @cid_tx: of units to it; immutable
 * @lock: protects @addr, @dst, @roam, the replay window, @asks, @kept, @passed,
 *	  @probe, @ended, @budget, @pace, what waits in @flow, @answers and @evidence
 * @addr: endpoint; family AF_UNSPEC while unknown
 * @dst: route to @addr; takes memory of each processor, so that it has none before
 *	 the first unit to it
 * @roam: where it may have moved to
 * @counter: of the last control unit sent
 * @replay_top: highest counter that arrived
 * @replay_map: which of the POP_REPLAY_WINDOW up to @replay_top have arrived
 * @closed: phases it is known to have closed
 * @phase: phase it is known to have entered
 * @wanted: phase it must have entered before more can be sent to it
 * @srtt: smoothed round trip in us; zero while unknown
 * @asks: pop_rx of it that are not whole, see repair.c
 * @ask_backoff: how often it was asked for them without effect
 * @first: of @asks, the one that goes before others for want of room, or NULL;
 *	   written under @lock
 * @kept: pop_keep_to for it, oldest first, see keep.c
 * @passed: what is kept for phases before this one has arrived; zero: none is left
 * @refused: something is left of channels that it refuses
 * @probe: the last question after them
 * @probe_backoff: how often it was asked without an answer
 * @budget: units that may be sent again at once
 * @budget_at: when @budget was counted, in jiffies
 * @owed: its last RETRANSMIT asked for more than could go
 * @slowed_at: ns, when the window in @pace became smaller
 * @pace: units of messages that are under way to it
 * @flow: messages that wait to be sent to it
 * @arrived: units of messages that have come from it, duplicates too
 * @evidence: pop_finding of what it said against itself, oldest first
 * @nr_evidence: length of @evidence
 * @batch: a control unit for it that is being filled, see pop_control_add()
 * @batch_len: bytes of @batch
 * @hints: pop_rx that are there because it has the message
 * @more_hints: it has told of others, too
 * @answers: that it can have at once
 * @answers_at: when @answers was counted, in jiffies
 * @early: bytes of its own payloads that wait for their header
 * @pending: bytes of messages of it that are not whole, or held
 * @in_line: in pop_line.peers of each room, if it waits for some
 * @wants_room: it was refused some, and nothing of it was taken since
 * @tx_units: sent to it
 * @rx_units: accepted from it
 */
struct pop_peer {
	struct pop_cid		cid;
	struct pop_member	*member;
	u16			party;
	bool			keyed;
	bool			ended;
	bool			owed;
	bool			refused;
	u32			incarnation;
	u8			key_tx[POP_KEY_LEN];
	u8			control_rx[POP_KEY_LEN];
	struct pop_ratchet	ratchet_tx;
	struct pop_ratchet	ratchet_rx;
	u32			opened_tx;
	u32			opened_rx;
	__be64			cid_tx;
	spinlock_t		lock;
	union pop_addr		addr;
	struct dst_cache	dst;
	struct pop_roam		roam;
	atomic64_t		counter;
	u64			replay_top;
	DECLARE_BITMAP(replay_map, POP_REPLAY_WINDOW);
	u32			closed;
	u32			phase;
	u32			wanted;
	u32			passed;
	u32			srtt;
	struct list_head	asks;
	unsigned long		budget_at;
	u64			slowed_at;
	unsigned long		answers_at;
	u32			answers;
	u16			budget;
	u8			ask_backoff;
	u8			probe_backoff;
	struct pop_ask		*first;
	struct list_head	kept;
	struct pop_probe	probe;
	struct pop_pace		pace;
	struct pop_flow		flow;
	struct list_head	evidence;
	struct sk_buff		*batch;
	u16			batch_len;
	u8			nr_evidence;
	bool			wants_room;
	bool			more_hints;
	struct list_head	in_line[POP_ROOMS];
	atomic_t		arrived;
	atomic_t		hints;
	atomic_t		early;
	atomic_t		pending;
	atomic64_t		tx_units;
	atomic64_t		rx_units;
};

/**
 * struct pop_slot - one message of an open channel
 * @rx: of an input: what has arrived of it; NULL for none, and once executed
 * @to: of an output: what is kept of it; NULL until it is sent, and once it is
 *	known to have arrived
 * @relay: of an input, once executed: what is kept for other recipients, or NULL
 * @sent: of its header, once executed, as the next four
 * @xcrc: of its header
 * @length: of its header
 * @claimed: being sent, or sent
 * @executed: sent, or delivered
 * @fragment_len: of its header
 * @digest: of its header
 *
 * What a header has besides follows from the contract, see pop_slot_header().
 * Protected by pop_channel.lock.
 */
struct pop_slot {
	union {
		struct pop_rx		*rx;
		struct pop_keep_to	*to;
		struct pop_relay	*relay;
	};
	__be64		sent;
	__be32		xcrc;
	__be32		length;
	__be16		fragment_len;
	bool		claimed;
	bool		executed;
	u8		digest[POP_HASH_LEN];
};

static_assert(sizeof(struct pop_slot) == 64);

/**
 * struct pop_open - what a channel has only while it is open
 * @key: of its phase
 * @retired: the key is gone; what is left is for co-recipients, see echo.c
 * @refused: of an output: its recipient takes nothing more
 * @violated: of an output: a contradiction was found there
 * @told: of an input: one more than the party who has told of messages of it that
 *	  are not asked for yet, or zero
 * @relays: how many messages are kept for them
 * @compare: what they say of the whole channel, or NULL
 * @pending: pop_rx of its slots, or pop_keep_to, oldest first
 * @slot: one for each message
 */
struct pop_open {
	u8			key[POP_KEY_LEN];
	bool			retired;
	bool			refused;
	union {
		bool		violated;
		u16		told;
	};
	u32			relays;
	struct pop_echoes	*compare;
	struct list_head	pending;
	struct pop_slot		slot[];
};

/* With one slot it takes no more than kmalloc-128. */
static_assert(sizeof(struct pop_open) + sizeof(struct pop_slot) <= 128);

/* A verdict was given: nothing is sent or delivered on the channel any more. */
#define POP_CHANNEL_DECIDED	(POP_CHANNEL_F_LATE | POP_CHANNEL_F_VOID)

/* Flags of a channel that members count, see pop_channel_flag(). */
#define POP_CHANNEL_FLAGS	4

/**
 * struct pop_channel - one action between the member and a peer
 * @lock: protects @open, @done, @next, @flags and @digest
 * @count: slots; immutable
 * @done: slots executed; not the last before @digest is that of all
 * @next: slots up to this one are executed and in @digest
 * @action: index in the plan; immutable
 * @flags: enum pop_channel_flag; written by pop_channel_flag() alone
 * @phase: immutable
 * @peer: party at the other end; immutable
 * @open: NULL while the phase is out of reach, and after it
 * @digest: of one message its D; of more, chained in order of sequence
 */
struct pop_channel {
	spinlock_t	lock;
	u32		count;
	u32		done;
	u32		next;
	u32		action : 24;
	u8		flags;
	u16		phase;
	u16		peer;
	struct pop_open	*open;
	u8		digest[POP_HASH_LEN];
};

/* There may be millions; spinlocks that debug themselves are longer. */
static_assert(sizeof(spinlock_t) > 4 || sizeof(struct pop_channel) <= 64);
static_assert(POP_MAX_ACTIONS <= 1U << 24);

/**
 * struct pop_member_phase - what a member has in a phase
 * @first_in: index of its first input channel
 * @first_out: index of its first output channel
 * @in_left: input channels that are not done
 * @out_left: output channels that are not done
 *
 * One more than there are phases, as the end of the last.
 */
struct pop_member_phase {
	u32		first_in;
	u32		first_out;
	atomic_t	in_left;
	atomic_t	out_left;
};

/**
 * struct pop_member_action - where a member has an action
 * @channel: its first channel, or POP_NO_CHANNEL
 * @left: recipients that have not all messages yet, if it is the sender
 */
struct pop_member_action {
	u32		channel;
	atomic_t	left;
};

#define POP_NO_CHANNEL	U32_MAX

/**
 * struct pop_byzantine - the Byzantine channel of a member, see byzantine.c
 * @sockets: bound to it; RCU, written under pop_net.lock
 * @left: parties that are not known to have ended the contract, the member
 *	  among them
 * @closed: there are none, or the member has aborted the contract
 * @ask: asks them
 * @wait: jiffies until @ask asks again
 */
struct pop_byzantine {
	struct hlist_head	sockets;
	atomic_t		left;
	bool			closed;
	struct delayed_work	ask;
	unsigned long		wait;
};

/**
 * struct pop_member - a local party of a contract
 * @list: in pop_contract.members
 * @contract: holds a reference
 * @party: index in the contract; immutable
 * @uid: who may bind sockets
 * @ref: one for @list, one for each socket
 * @dead: not in @list any more; sockets get errors
 * @running: a slot has executed
 * @peer: by party; its own entry has no keys
 * @channel: the profile: inputs, then outputs, each by phase, action, peer
 * @nr_in: how many of @channel are inputs
 * @nr_out: how many are outputs
 * @phases: by phase
 * @actions: by index in the plan
 * @lock: protects the following eight
 * @phase: the phase the member is in
 * @due: ns since boot when the inputs of @phase are overdue; zero: never
 * @limit: up to which phase netlink lets it go ("advance manual")
 * @closed: phases from the first on that are done, inputs and outputs
 * @inputs_closed: phases from the first on whose inputs are done
 * @window: channels of phases before this one have been opened
 * @retired: channels of phases before this one have been given up, if done
 * @opening: someone opens the channels of phase @window
 * @tell: the others wait to hear that a phase was closed
 * @in_done: input channels that are done
 * @out_done: output channels that are done
 * @minutes: due for executed actions
 * @minutes_total: due for all actions; immutable
 * @flagged: channels with each bit of enum pop_channel_flag
 * @disputes: raised whenever there is more in @flagged, see
 *	      pop_member_dispute()
 * @sockets: bound to it; RCU, written under pop_net.lock
 * @byzantine: its Byzantine channel
 * @early: payloads of the group that wait for their headers, see early.c
 * @early_bytes: of them; lock of @early
 * @held_lock: protects @held and @nr_held
 * @held: whole messages that no socket has taken, oldest first
 * @nr_held: length of @held
 * @group: payloads that wait to be sent to the contract's group
 * @relay_lock: protects @relays
 * @relays: pop_relay, oldest first
 * @echo_lock: protects @echoes
 * @echoes: pop_echoes that are not enough yet, see echo.c
 * @repair: asks for what is missing, and what has arrived, see repair.c
 * @busy: parties at whom something may be due, so that @repair looks at no others
 * @repair_lock: protects @repair_at, and who changes when @repair is due
 * @repair_at: when @repair is due, in jiffies
 * @behind: channels have executed slots whose digests @repair lets join
 * @hints_due: there may be room for other hints
 * @work: opens and gives up phases of many channels, opens channels when memory
 *	was short, asks at global gates
 * @gate_wait: jiffies until @work asks again; its own
 * @open_wait: jiffies until @work tries again to open channels; its own
 * @memcg: whom its channels are charged to: that of who opened it; or NULL
 * @deadline: looks what is overdue, when @due is there
 * @rcu: frees it
 */
struct pop_member {
	struct list_head	list;
	struct pop_contract	*contract;
	u16			party;
	kuid_t			uid;
	refcount_t		ref;
	bool			dead;
	atomic_t		running;
	struct pop_peer		*peer;
	struct pop_channel	*channel;
	u32			nr_in;
	u32			nr_out;
	struct pop_member_phase	*phases;
	struct pop_member_action *actions;
	spinlock_t		lock;
	u32			phase;
	u64			due;
	u32			limit;
	u32			closed;
	u32			inputs_closed;
	u32			window;
	u32			retired;
	bool			opening;
	bool			tell;
	atomic_t		in_done;
	atomic_t		out_done;
	atomic_t		minutes;
	u32			minutes_total;
	atomic_t		flagged[POP_CHANNEL_FLAGS];
	atomic_t		disputes;
	struct hlist_head	sockets;
	struct pop_byzantine	byzantine;
	struct sk_buff_head	early;
	u32			early_bytes;
	spinlock_t		held_lock;
	struct list_head	held;
	u32			nr_held;
	struct pop_flow		group;
	spinlock_t		relay_lock;
	struct list_head	relays;
	spinlock_t		echo_lock;
	struct list_head	echoes;
	struct delayed_work	repair;
	DECLARE_BITMAP(busy, POP_MAX_PARTIES);
	spinlock_t		repair_lock;
	unsigned long		repair_at;
	bool			behind;
	bool			hints_due;
	struct delayed_work	work;
	unsigned long		gate_wait;
	unsigned long		open_wait;
	struct mem_cgroup	*memcg;
	struct delayed_work	deadline;
	struct rcu_work		rcu;
};

static inline bool pop_channel_is_input(const struct pop_member *m,
					const struct pop_channel *ch)
{
	return ch - m->channel < m->nr_in;
}

static inline struct pop_net *pop_member_net(const struct pop_member *m)
{
	return m->contract->pn;
}

static inline const struct pop_body_action *
pop_channel_action(const struct pop_member *m, const struct pop_channel *ch)
{
	return &m->contract->plan.action[ch->action];
}

/* One payload for all recipients, under a key in their headers? */
static inline bool pop_action_is_group(const struct pop_body_action *a)
{
	return a->flags & POP_ACTION_F_SAME && be16_to_cpu(a->recipients) > 1;
}

/*
 * Have all messages of a channel executed, or was there a verdict on it? Then it
 * stays so. Context: any.
 */
static inline bool pop_channel_is_done(const struct pop_channel *ch)
{
	return READ_ONCE(ch->done) == ch->count ||
	       READ_ONCE(ch->flags) & POP_CHANNEL_DECIDED;
}

/* How many channels of a member have a flag. Context: any. */
static inline u32 pop_member_flagged(const struct pop_member *m,
				     enum pop_channel_flag flag)
{
	return atomic_read(&m->flagged[ilog2(flag)]);
}

/* Slot name of message @seq of @ch. */
static inline struct pop_slot_id
pop_channel_slot(const struct pop_member *m, const struct pop_channel *ch,
		 u32 seq)
{
	const struct pop_plan *plan = &m->contract->plan;

	return (struct pop_slot_id) {
		.phase = ch->phase,
		.action = ch->action - plan->first_action[ch->phase],
		.seq = seq,
	};
}

/* main.c */
extern int pop_family;
extern struct workqueue_struct *pop_wq;
struct pop_net *pop_net(const struct net *net);

/* contract.c: contracts of a network namespace */
extern const struct rhashtable_params pop_contract_params;
struct pop_contract *pop_contract_find(struct pop_net *pn, const u8 *hash);
int pop_contract_add(struct pop_net *pn, void *body, u32 len, void *signatures,
		     struct netlink_ext_ack *extack,
		     struct pop_contract **result);
void pop_contract_del(struct pop_contract *c);
int pop_contract_end(struct pop_contract *c, u8 state,
		     struct netlink_ext_ack *extack);
int pop_contract_init(void);
void pop_contract_exit(void);
u8 pop_contract_state(const struct pop_contract *c);
void pop_contract_put(struct pop_contract *c);
void pop_contract_group4(const struct pop_contract *c, union pop_addr *addr);
void pop_contract_group6(const struct pop_contract *c, union pop_addr *addr);

/* member.c: local parties */
struct pop_member *pop_member_find(struct pop_contract *c, u16 party);
struct pop_member *pop_member_create(struct pop_contract *c, u16 party,
				     kuid_t uid);
int pop_member_start(struct pop_member *m, struct netlink_ext_ack *extack);
void pop_member_del(struct pop_member *m);
u8 pop_member_state(const struct pop_member *m);
void pop_member_wake(struct pop_member *m);
void pop_member_run(struct pop_member *m);
void pop_member_dispute(struct pop_member *m);
void pop_member_put(struct pop_member *m);

/* cid.c: what units are looked up by */
int pop_cid_init(struct pop_net *pn);
void pop_cid_exit(struct pop_net *pn);
int pop_cid_add(struct pop_net *pn, struct pop_cid *cid);
void pop_cid_del(struct pop_net *pn, struct pop_cid *cid);
struct pop_cid *pop_cid_find(struct pop_net *pn, __be64 cid);

/* peer.c: other parties */
void pop_peer_init(struct pop_peer *peer, struct pop_member *m, u16 party);
void pop_peer_release(struct pop_peer *peer);
void pop_peer_set_keys(struct pop_peer *peer, const u8 *tx, const u8 *rx);
void pop_peer_move(struct pop_peer *peer, const union pop_addr *addr);
void pop_peer_moved(struct pop_peer *peer);
void pop_peer_set_addr(struct pop_peer *peer, const union pop_addr *addr);
void pop_peer_get_addr(struct pop_peer *peer, union pop_addr *addr);
bool pop_peer_same_addr(const union pop_addr *a, const union pop_addr *b);
bool pop_peer_replay(struct pop_peer *peer, u64 counter);
void pop_peer_rtt(struct pop_peer *peer, u64 ns);
bool pop_peer_is_far(const struct pop_peer *peer);
void pop_peer_slowed(struct pop_peer *peer);
unsigned long pop_peer_wait(const struct pop_peer *peer, u32 rtts,
			    unsigned long min);

#endif /* _POP_POP_H */
