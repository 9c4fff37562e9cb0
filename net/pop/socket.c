// SPDX-License-Identifier: GPL-2.0
/* AF_POP sockets: see Documentation/networking/pop.rst. */

#include <linux/filter.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/sockios.h>
#include <asm/ioctls.h>
#include <net/sock.h>

#include "byzantine.h"
#include "channel.h"
#include "charge.h"
#include "output.h"
#include "phase.h"
#include "slot.h"
#include "socket.h"

static struct proto pop_proto = {
	.name		= "POP",
	.owner		= THIS_MODULE,
	.obj_size	= sizeof(struct pop_sock),
};

/*
 * What a socket may have sent that is not known to have arrived, unless the
 * user sets SO_SNDBUF: some round trips' worth.
 */
#define POP_SNDBUF	(2 << 20)

/* What a call may send in all to several recipients without waiting for room. */
#define POP_EACH_MAX	(POP_KEPT_MAX / 4)

static struct lock_class_key pop_slock_key;
static struct lock_class_key pop_lock_key;

static bool filter_passes(const struct pop_sock *ps,
			  const struct pop_msginfo *info)
{
	const struct pop_sock_filter *f = rcu_dereference(ps->filter);
	const struct pop_filter *filter;

	if (!f)
		return true;
	filter = &f->filter;
	return (filter->phase == POP_PHASE_ANY ||
		filter->phase == info->phase) &&
	       (filter->action == POP_ACTION_ANY ||
		filter->action == info->action) &&
	       (filter->party == POP_PARTY_ANY ||
		filter->party == info->sender) &&
	       (filter->seq == POP_SEQ_ANY || filter->seq == info->seq);
}

/**
 * pop_socket_queue - queue a message or a record to a socket
 * @sk: the socket
 * @skb: taken over on success, and else as it was
 *
 * As sock_queue_rcv_skb(), but that a filter of the user (SO_ATTACH_FILTER) that
 * wants to cut it takes it whole: it may be for other sockets, too.
 *
 * Context: any, with softirqs off.
 * Return: 0; -EPERM if the filter does not want it, -ENOMEM without room.
 */
int pop_socket_queue(struct sock *sk, struct sk_buff *skb)
{
	return sk_filter_trim_cap(sk, skb, skb->len) ?:
	       __sock_queue_rcv_skb(sk, skb);
}

/**
 * pop_socket_deliver - queue a message to the first socket that takes it
 * @m: the local party
 * @skb: a whole message with its struct pop_msginfo; taken over on success
 *
 * Return: 0, or -ENOBUFS when no socket took it.
 */
int pop_socket_deliver(struct pop_member *m, struct sk_buff *skb)
{
	struct pop_msginfo info;
	int ret = -ENOBUFS;
	struct sock *sk;

	pop_skb_info(skb, &info);
	rcu_read_lock();
	sk_for_each_rcu(sk, &m->sockets) {
		if (!filter_passes(pop_sk(sk), &info))
			continue;
		if (!pop_socket_queue(sk, skb)) {
			ret = 0;
			break;
		}
	}
	rcu_read_unlock();
	return ret;
}

static void orphan_all(struct hlist_head *sockets)
{
	struct hlist_node *next;
	struct sock *sk;

	sk_for_each_safe(sk, next, sockets) {
		sk_del_node_init_rcu(sk);
		WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
		WRITE_ONCE(sk->sk_err, ECONNRESET);
		sk_error_report(sk);
		sk->sk_state_change(sk);
	}
}

/* The member has gone: its sockets get an error. Context: pop_net.lock. */
void pop_socket_orphan(struct pop_member *m)
{
	orphan_all(&m->sockets);
	orphan_all(&m->byzantine.sockets);
}

/* The contract has ended: no message will come or go any more. */
void pop_socket_shutdown(struct pop_member *m)
{
	struct sock *sk;

	rcu_read_lock();
	sk_for_each_rcu(sk, &m->sockets) {
		WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
		sk->sk_state_change(sk);
	}
	rcu_read_unlock();
}

/* The namespace has room for sent messages again. Context: any. */
void pop_socket_room(struct pop_net *pn)
{
	struct pop_sock *ps;

	spin_lock_bh(&pn->sockets_lock);
	hlist_for_each_entry(ps, &pn->sockets, all)
		ps->sk.sk_write_space(&ps->sk);
	spin_unlock_bh(&pn->sockets_lock);
}

int pop_socket_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct pop_net *pn;
	struct pop_sock *ps;

	if (!sk)
		return 0;
	ps = pop_sk(sk);
	pn = pop_net(sock_net(sk));

	spin_lock_bh(&pn->sockets_lock);
	hlist_del_init_rcu(&ps->all);
	spin_unlock_bh(&pn->sockets_lock);

	lock_sock(sk);
	mutex_lock(&pn->lock);
	/* RCU readers may still queue to it; sk_destruct() frees that */
	sk_del_node_init_rcu(sk);
	mutex_unlock(&pn->lock);
	sk->sk_shutdown = SHUTDOWN_MASK;
	sock_orphan(sk);
	sock_prot_inuse_add(sock_net(sk), &pop_proto, -1);
	release_sock(sk);

	sock->sk = NULL;
	sock_put(sk);
	return 0;
}

static void pop_destruct(struct sock *sk)
{
	struct pop_sock *ps = pop_sk(sk);

	skb_queue_purge(&sk->sk_receive_queue);
	kfree(rcu_dereference_protected(ps->filter, true));
	if (ps->charge)
		pop_charge_close(ps->charge);
	if (ps->member)
		pop_member_put(ps->member);
}

static bool may_bind(const struct sock *sk, const struct pop_member *m)
{
	return uid_eq(current_euid(), m->uid) ||
	       ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN);
}

/* The member an address names. Context: pop_net.lock. */
static struct pop_member *bind_member(struct sock *sk, struct pop_net *pn,
				      const struct sockaddr_pop *addr)
{
	struct pop_contract *c = pop_contract_find(pn, addr->spop_contract);
	struct pop_member *m;

	if (!c)
		return ERR_PTR(-EADDRNOTAVAIL);
	m = pop_member_find(c, addr->spop_party);
	if (!m)
		return ERR_PTR(-EADDRNOTAVAIL);
	return may_bind(sk, m) ? m : ERR_PTR(-EACCES);
}

static void join_member(struct sock *sk, struct pop_member *m)
{
	if (pop_sk_byzantine(sk)) {
		sk_add_node_tail_rcu(sk, &m->byzantine.sockets);
		pop_byzantine_bound(m, sk);
		return;
	}
	sk_add_node_tail_rcu(sk, &m->sockets);
	if (READ_ONCE(m->contract->ended))
		WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
}

int pop_socket_bind(struct socket *sock, struct sockaddr *uaddr, int len)
{
	const struct sockaddr_pop *addr = (struct sockaddr_pop *)uaddr;
	struct sock *sk = sock->sk;
	struct pop_net *pn = pop_net(sock_net(sk));
	struct pop_sock *ps = pop_sk(sk);
	struct pop_member *m;
	int ret;

	ret = pop_sockaddr_check(addr, len);
	if (ret)
		return ret;
	if (addr->spop_phase != POP_PHASE_ANY ||
	    addr->spop_action != POP_ACTION_ANY ||
	    addr->spop_seq != POP_SEQ_NEXT)
		return -EINVAL;

	lock_sock(sk);
	mutex_lock(&pn->lock);
	ret = -EINVAL;
	if (ps->member)
		goto out;
	m = bind_member(sk, pn, addr);
	ret = PTR_ERR_OR_ZERO(m);
	if (ret)
		goto out;
	/* in the list it has one reference at least */
	refcount_inc(&m->ref);
	WRITE_ONCE(ps->member, m);
	join_member(sk, m);
out:
	mutex_unlock(&pn->lock);
	release_sock(sk);
	return ret;
}

static int pop_bind(struct socket *sock, struct sockaddr *uaddr, int len)
{
	int ret = pop_socket_bind(sock, uaddr, len);

	if (!ret)
		pop_rx_deliver_held(pop_sk(sock->sk)->member);
	return ret;
}

static int disconnect(struct pop_sock *ps)
{
	ps->channel = NULL;
	ps->sk.sk_state = TCP_CLOSE;
	return pop_set_filter(ps, &pop_filter_any);
}

/*
 * Connect to @nr channels from @channel on. An input channel is also all that
 * a socket connected to it receives. Return: 0 or -ENOMEM.
 */
static int connect_channel(struct pop_sock *ps, const struct sockaddr_pop *addr,
			   struct pop_channel *channel, u32 nr)
{
	struct pop_filter filter = pop_filter_any;
	int ret;

	if (pop_channel_is_input(ps->member, channel)) {
		filter.phase = addr->spop_phase;
		filter.action = addr->spop_action;
	}
	ret = pop_set_filter(ps, &filter);
	if (ret)
		return ret;
	ps->connected = *addr;
	memcpy(ps->connected.spop_contract, ps->member->contract->hash,
	       POP_HASH_LEN);
	if (nr == 1)
		ps->connected.spop_party = channel->peer;
	WRITE_ONCE(ps->nr, nr);
	WRITE_ONCE(ps->channel, channel);
	ps->sk.sk_state = TCP_ESTABLISHED;
	ps->sk.sk_socket->state = SS_CONNECTED;
	return 0;
}

static int pop_connect(struct socket *sock, struct sockaddr *uaddr, int len,
		       int flags)
{
	const struct sockaddr_pop *addr = (struct sockaddr_pop *)uaddr;
	struct pop_sock *ps = pop_sk(sock->sk);
	struct pop_channel *channel;
	u32 nr;
	int ret;

	if (len < (int)sizeof(addr->spop_family))
		return -EINVAL;
	lock_sock(&ps->sk);
	if (addr->spop_family == AF_UNSPEC) {
		ret = disconnect(ps);
		goto out;
	}
	ret = pop_sockaddr_check(addr, len);
	if (ret)
		goto out;
	ret = -EINVAL;
	if (!ps->member || addr->spop_seq != POP_SEQ_NEXT)
		goto out;
	ret = pop_sockaddr_resolve(ps->member, addr, &channel, &nr) ?:
	      connect_channel(ps, addr, channel, nr);
out:
	release_sock(&ps->sk);
	if (!ret && ps->member)
		pop_rx_deliver_held(ps->member);
	return ret;
}

int pop_socket_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_pop *addr = (struct sockaddr_pop *)uaddr;
	struct pop_sock *ps = pop_sk(sock->sk);
	int ret = sizeof(*addr);

	lock_sock(&ps->sk);
	if (!peer)
		pop_sockaddr_own(ps, addr);
	else if (ps->channel)
		*addr = ps->connected;
	else
		ret = -ENOTCONN;
	release_sock(&ps->sk);
	return ret;
}

/* May the member send in this phase? Then its channels are open, too. */
static bool phase_entered(const struct pop_member *m, u32 phase)
{
	return READ_ONCE(m->phase) >= phase && READ_ONCE(m->window) > phase;
}

/* Bytes of messages that are not known to have arrived. */
int pop_socket_kept(const struct pop_sock *ps)
{
	return ps->charge ? min_t(long, atomic_long_read(&ps->charge->kept),
				  INT_MAX) : 0;
}

static bool has_room(const struct sock *sk)
{
	return pop_charge_room(pop_sk(sk)->charge, sk);
}

/* Can all of these recipients take it already? Who cannot is asked. Those with
 * all of their messages, or a verdict, do not matter.
 */
static bool peers_ready(struct pop_member *m, const struct pop_channel *first,
			u32 nr)
{
	bool ready = true;
	u32 i;

	for (i = 0; i < nr; i++)
		if (!pop_channel_is_done(&first[i]))
			ready &= pop_phase_peer_ready(m, &m->peer[first[i].peer],
						      first[i].phase);
	return ready;
}

static bool may_send(const struct sock *sk, struct pop_member *m,
		     const struct pop_channel *first, u32 nr)
{
	return (phase_entered(m, first->phase) && has_room(sk) &&
		peers_ready(m, first, nr)) ||
	       pop_channel_live(first, nr) < 0 ||
	       READ_ONCE(sk->sk_err) ||
	       READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN;
}

/*
 * Wait for phase, room and recipients, no longer than @timeout, which is then what
 * is left of it. Context: lock_sock(), which is let go meanwhile.
 */
static int wait_to_send(struct sock *sk, struct pop_member *m,
			const struct pop_channel *first, u32 nr, long *timeout)
{
	long left;

	if (!may_send(sk, m, first, nr)) {
		if (!*timeout)
			return -EAGAIN;
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		release_sock(sk);
		left = wait_event_interruptible_timeout(*sk_sleep(sk),
							may_send(sk, m, first,
								 nr),
							*timeout);
		lock_sock(sk);
		if (left < 0)
			return sock_intr_errno(*timeout);
		if (!left)
			return -EAGAIN;
		*timeout = left;
	}
	if (sk->sk_err)
		return sock_error(sk);
	return sk->sk_shutdown & SEND_SHUTDOWN ? -ESHUTDOWN : 0;
}

/* Which channels and slot a sendmsg() call means. */
static int send_target(struct pop_sock *ps, struct msghdr *msg,
		       struct pop_channel **first, u32 *nr, u32 *seq)
{
	const struct sockaddr_pop *addr = msg->msg_name;
	struct cmsghdr *cmsg;
	int ret;

	*seq = POP_SEQ_NEXT;
	if (addr) {
		ret = pop_sockaddr_check(addr, msg->msg_namelen) ?:
		      pop_sockaddr_resolve(ps->member, addr, first, nr);
		if (ret)
			return ret;
		*seq = addr->spop_seq;
	} else if (ps->channel) {
		*first = ps->channel;
		*nr = ps->nr;
	} else {
		return -EDESTADDRREQ;
	}
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_POP)
			continue;
		if (cmsg->cmsg_type != POP_SEQ ||
		    cmsg->cmsg_len != CMSG_LEN(sizeof(*seq)))
			return -EINVAL;
		memcpy(seq, CMSG_DATA(cmsg), sizeof(*seq));
	}
	if (pop_channel_is_input(ps->member, *first) ||
	    (*seq != POP_SEQ_NEXT && *seq >= (*first)->count))
		return -EPERM;
	return 0;
}

/* One message into one slot. */
static int send_one(struct pop_sock *ps, struct msghdr *from, size_t len,
		    struct pop_channel *first, u32 nr, u32 seq)
{
	struct pop_message msg = { .m = ps->member, .charge = ps->charge };
	int ret;

	ret = pop_output_copy(&msg, first, nr, from, len) ?:
	      pop_output(&msg, first, nr, seq);
	pop_output_free(&msg);
	return ret;
}

/*
 * The same content to each recipient of an action that is not "same": as many
 * messages, for each of which there must be room. Whoever has had all of theirs
 * already, or is late or void, is passed over.
 */
static int send_each(struct pop_sock *ps, struct msghdr *from, size_t len,
		     struct pop_channel *first, u32 nr, u32 seq, long *timeout)
{
	bool sent = false, nonblock = from->msg_flags & MSG_DONTWAIT;
	struct iov_iter start = from->msg_iter;
	int ret, why;
	u32 i;

	/* these cannot wait for room in between */
	if (nonblock && (u64)nr * len > POP_EACH_MAX)
		return -EMSGSIZE;
	for (i = 0; i < nr; i++) {
		if (i && !nonblock) {
			ret = wait_to_send(&ps->sk, ps->member, &first[i], 1,
					   timeout);
			/* not again from the first one on */
			if (ret)
				return sent && ret == -ERESTARTSYS ? -EINTR :
								     ret;
		}
		from->msg_iter = start;
		ret = send_one(ps, from, len, &first[i], 1, seq);
		if (!ret)
			sent = true;
		else if (ret != -EALREADY && ret != -ETIMEDOUT &&
			 ret != -ECANCELED)
			return ret;
	}
	if (sent)
		return 0;
	/* a slot may be used whose channel has others */
	why = pop_channel_live(first, nr);
	return why < 0 ? why : -EALREADY;
}

static int pop_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	struct pop_sock *ps = pop_sk(sk);
	const struct pop_body_action *a;
	struct pop_channel *first;
	long timeout;
	u32 nr, seq;
	int ret;

	if (msg->msg_flags & ~POP_SEND_FLAGS)
		return -EOPNOTSUPP;
	lock_sock(sk);
	ret = -ENOTCONN;
	if (!ps->member)
		goto out;
	ret = sock_error(sk);
	if (ret)
		goto out;
	ret = send_target(ps, msg, &first, &nr, &seq);
	if (ret)
		goto out;
	a = pop_channel_action(ps->member, first);
	ret = -EMSGSIZE;
	if (len > be32_to_cpu(a->max))
		goto out;
	timeout = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	ret = wait_to_send(sk, ps->member, first, nr, &timeout);
	if (ret)
		goto out;
	if (a->flags & POP_ACTION_F_SAME)
		ret = send_one(ps, msg, len, first, nr, seq);
	else
		ret = send_each(ps, msg, len, first, nr, seq, &timeout);
out:
	release_sock(sk);
	return ret ?: len;
}

/**
 * pop_socket_take - wait for what comes next, of whatever is queued to a socket
 * @sk: the socket
 * @flags: of recvmsg()
 * @ret: why there is nothing
 *
 * Return: it; or NULL and an error in @ret, or 0 at the end.
 */
struct sk_buff *pop_socket_take(struct sock *sk, int flags, int *ret)
{
	struct sk_buff *skb;

	*ret = -EOPNOTSUPP;
	if (flags & ~(MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC | MSG_NOSIGNAL |
		      MSG_CMSG_CLOEXEC | MSG_CMSG_COMPAT | MSG_WAITALL))
		return NULL;
	*ret = -ENOTCONN;
	if (!READ_ONCE(pop_sk(sk)->member))
		return NULL;
	skb = skb_recv_datagram(sk, flags, ret);
	/* after the end there is nothing to wait for */
	if (!skb && *ret == -EAGAIN &&
	    READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN)
		*ret = 0;
	return skb;
}

/* Copy it to the user. Return: what recvmsg() returns. */
int pop_socket_give(struct msghdr *msg, struct sk_buff *skb, size_t len,
		    int flags)
{
	size_t copied = min_t(size_t, len, skb->len);
	int ret;

	if (copied < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	ret = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (ret)
		return ret;
	return flags & MSG_TRUNC ? skb->len : copied;
}

static void recv_name(struct pop_sock *ps, struct msghdr *msg,
		      const struct pop_msginfo *info)
{
	DECLARE_SOCKADDR(struct sockaddr_pop *, addr, msg->msg_name);

	if (!addr)
		return;
	pop_sockaddr_own(ps, addr);
	addr->spop_party = info->sender;
	addr->spop_phase = info->phase;
	addr->spop_action = info->action;
	addr->spop_seq = info->seq;
	msg->msg_namelen = sizeof(*addr);
}

static int pop_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		       int flags)
{
	struct sock *sk = sock->sk;
	struct pop_sock *ps = pop_sk(sk);
	struct pop_msginfo info;
	struct pop_member *m;
	struct sk_buff *skb;
	int ret;

	skb = pop_socket_take(sk, flags, &ret);
	if (!skb)
		return ret;
	m = ps->member;
	ret = pop_socket_give(msg, skb, len, flags);
	if (ret < 0)
		goto out;
	pop_skb_info(skb, &info);
	recv_name(ps, msg, &info);
	if (READ_ONCE(ps->recvinfo))
		put_cmsg(msg, SOL_POP, POP_MSGINFO, sizeof(info), &info);
	sock_recv_cmsgs(msg, sk, skb);
out:
	skb_free_datagram(sk, skb);
	/* there may be room now for what had to be held; see deliver_or_hold() */
	smp_mb();
	if (READ_ONCE(m->nr_held) &&
	    2 * atomic_read(&sk->sk_rmem_alloc) < READ_ONCE(sk->sk_rcvbuf))
		pop_rx_deliver_held(m);
	return ret;
}

/* Does the member owe something in @phase that could be sent now? */
static bool owes_in(struct pop_member *m, u32 phase)
{
	const struct pop_member_phase *p = &m->phases[phase];
	u32 i;

	if (!atomic_read(&p->out_left))
		return false;
	for (i = p[0].first_out; i < p[1].first_out; i++) {
		const struct pop_channel *ch = &m->channel[i];

		if (!pop_channel_is_done(ch) &&
		    pop_phase_peer_ready(m, &m->peer[ch->peer], phase))
			return true;
	}
	return false;
}

/* Is there a phase the member is in, in which it can send? */
static bool owes_output(struct pop_member *m)
{
	u32 phase = READ_ONCE(m->closed);

	for (; phase < m->contract->plan.nr_phases && phase_entered(m, phase);
	     phase++)
		if (owes_in(m, phase))
			return true;
	return false;
}

/* Has something been flagged since the socket's POP_INFO was read? */
static bool has_disputes(const struct pop_sock *ps)
{
	const struct pop_member *m = READ_ONCE(ps->member);

	return m && atomic_read(&m->disputes) != READ_ONCE(ps->disputes);
}

/* How many channels the action of an output channel has from that one on. */
static u32 channels_from(const struct pop_member *m, const struct pop_channel *ch)
{
	return m->actions[ch->action].channel +
	       be16_to_cpu(pop_channel_action(m, ch)->recipients) -
	       (ch - m->channel);
}

/* Could a send without address, or to some output channel, go ahead now? */
static bool can_send(struct pop_sock *ps)
{
	struct pop_channel *ch = READ_ONCE(ps->channel);
	struct pop_member *m = READ_ONCE(ps->member);
	u32 nr;

	if (!m || !has_room(&ps->sk))
		return false;
	if (!ch)
		return owes_output(m);
	if (pop_channel_is_input(m, ch) || !phase_entered(m, ch->phase))
		return false;
	/* that of another channel, if connect() is at it just now */
	nr = min(READ_ONCE(ps->nr), channels_from(m, ch));
	return pop_channel_live(ch, nr) >= 0 && peers_ready(m, ch, nr);
}

static __poll_t pop_poll(struct file *file, struct socket *sock,
			 poll_table *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;

	sock_poll_wait(file, sock, wait);
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (READ_ONCE(sk->sk_err))
		mask |= EPOLLERR;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (shutdown == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (!skb_queue_empty_lockless(&sk->sk_receive_queue))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (has_disputes(pop_sk(sk)))
		mask |= EPOLLPRI;
	if (!(shutdown & SEND_SHUTDOWN) && can_send(pop_sk(sk)))
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	else
		sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	return mask;
}

int pop_socket_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	int value = 0;

	switch (cmd) {
	case SIOCOUTQ:
		value = pop_socket_kept(pop_sk(sk));
		break;
	case SIOCINQ:
		spin_lock_bh(&sk->sk_receive_queue.lock);
		skb = skb_peek(&sk->sk_receive_queue);
		if (skb)
			value = skb->len;
		spin_unlock_bh(&sk->sk_receive_queue.lock);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(value, (int __user *)arg);
}

static const struct proto_ops pop_ops = {
	.family		= PF_POP,
	.owner		= THIS_MODULE,
	.release	= pop_socket_release,
	.bind		= pop_bind,
	.connect	= pop_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= sock_no_accept,
	.getname	= pop_socket_getname,
	.poll		= pop_poll,
	.ioctl		= pop_socket_ioctl,
	.gettstamp	= sock_gettstamp,
	.listen		= sock_no_listen,
	.shutdown	= sock_no_shutdown,
	.setsockopt	= pop_setsockopt,
	.getsockopt	= pop_getsockopt,
	.sendmsg	= pop_sendmsg,
	.recvmsg	= pop_recvmsg,
	.mmap		= sock_no_mmap,
};

static int pop_create(struct net *net, struct socket *sock, int protocol,
		      int kern)
{
	bool byzantine = sock->type == SOCK_DGRAM;
	struct pop_net *pn = pop_net(net);
	struct pop_charge *charge = NULL;
	struct pop_sock *ps;
	struct sock *sk;

	if (!byzantine && sock->type != SOCK_RDM)
		return -ESOCKTNOSUPPORT;
	if (protocol != (byzantine ? POP_PROTO_BYZANTINE : POP_PROTO_MESSAGES))
		return -EPROTONOSUPPORT;
	sk = sk_alloc(net, pop_family, GFP_KERNEL, &pop_proto, kern);
	if (!sk)
		return -ENOBUFS;
	if (!byzantine) {
		charge = pop_charge_alloc(sk);
		if (!charge) {
			sk_free(sk);
			return -ENOBUFS;
		}
	}
	sock->ops = byzantine ? &pop_byzantine_ops : &pop_ops;
	sock_init_data(sock, sk);
	sk->sk_protocol = protocol;
	sock_lock_init_class_and_name(sk, "slock-AF_POP", &pop_slock_key,
				      "sk_lock-AF_POP", &pop_lock_key);
	/* deliveries look at the sockets of a member under RCU */
	sock_set_flag(sk, SOCK_RCU_FREE);
	sk->sk_destruct = pop_destruct;
	if (!byzantine)
		WRITE_ONCE(sk->sk_sndbuf, POP_SNDBUF);
	ps = pop_sk(sk);
	ps->charge = charge;
	sock_prot_inuse_add(net, &pop_proto, 1);

	spin_lock_bh(&pn->sockets_lock);
	hlist_add_head_rcu(&ps->all, &pn->sockets);
	spin_unlock_bh(&pn->sockets_lock);
	return 0;
}

static struct net_proto_family pop_family_ops = {
	.create	= pop_create,
	.owner	= THIS_MODULE,
};

int __init pop_socket_init(void)
{
	int ret = proto_register(&pop_proto, 1);

	if (ret)
		return ret;
	pop_family_ops.family = pop_family;
	ret = sock_register(&pop_family_ops);
	if (ret)
		proto_unregister(&pop_proto);
	return ret;
}

void pop_socket_exit(void)
{
	sock_unregister(pop_family);
	proto_unregister(&pop_proto);
}
