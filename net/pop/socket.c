// SPDX-License-Identifier: GPL-2.0
/* AF_POP sockets, but for sending: see Documentation/networking/pop.rst. */

#include <linux/filter.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sockios.h>
#include <asm/ioctls.h>
#include <net/sock.h>

#include "byzantine.h"
#include "charge.h"
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

/* As __sock_queue_rcv_skb() sees it. */
static bool is_full(const struct sock *sk)
{
	return atomic_read(&sk->sk_rmem_alloc) >= READ_ONCE(sk->sk_rcvbuf);
}

/**
 * pop_socket_deliver - queue a message to the first socket that takes it
 * @m: the local party
 * @skb: a whole message with its struct pop_msginfo; taken over on success
 * @again: it was offered before, and who had no room has counted it (SO_RXQ_OVFL)
 *
 * Return: 0, or -ENOBUFS when no socket took it.
 */
int pop_socket_deliver(struct pop_member *m, struct sk_buff *skb, bool again)
{
	struct pop_msginfo info;
	int ret = -ENOBUFS;
	struct sock *sk;

	pop_skb_info(skb, &info);
	rcu_read_lock();
	sk_for_each_rcu(sk, &m->sockets) {
		if (!filter_passes(pop_sk(sk), &info) || (again && is_full(sk)))
			continue;
		if (!pop_socket_queue(sk, skb)) {
			ret = 0;
			break;
		}
	}
	rcu_read_unlock();
	return ret;
}

/* Nothing will come or go any more: a socket is at its end. Context: any. */
void pop_socket_end(struct sock *sk)
{
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
}

static void orphan_all(struct hlist_head *sockets)
{
	struct hlist_node *next;
	struct sock *sk;

	sk_for_each_safe(sk, next, sockets) {
		sk_del_node_init_rcu(sk);
		WRITE_ONCE(sk->sk_err, ECONNRESET);
		sk_error_report(sk);
		pop_socket_end(sk);
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
	sk_for_each_rcu(sk, &m->sockets)
		pop_socket_end(sk);
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

/* Bytes of messages that are not known to have arrived. */
int pop_socket_kept(const struct pop_sock *ps)
{
	return ps->charge ? min_t(long, atomic_long_read(&ps->charge->kept),
				  INT_MAX) : 0;
}

/* As skb_recv_datagram(), which lets an empty message be looked at only once. */
static struct sk_buff *recv_datagram(struct sock *sk, int flags, int *ret)
{
	int off = -1;

	return __skb_recv_datagram(sk, &sk->sk_receive_queue, flags, &off, ret);
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
	skb = recv_datagram(sk, flags, ret);
	if (skb || (*ret && *ret != -EAGAIN) ||
	    !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN))
		return skb;
	/*
	 * After the end there is nothing to wait for, but what was queued before
	 * it, since we looked.
	 */
	smp_rmb();
	skb = recv_datagram(sk, flags | MSG_DONTWAIT, ret);
	if (!skb && *ret == -EAGAIN)
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

/* Has something been flagged since the socket's POP_INFO was read? */
static bool has_disputes(const struct pop_sock *ps)
{
	const struct pop_member *m = READ_ONCE(ps->member);

	return m && atomic_read(&m->disputes) != READ_ONCE(ps->disputes);
}

/* If it cannot send, SIGIO tells when it can: see may_send_or_signal(). */
static bool can_send_or_signal(struct pop_sock *ps)
{
	if (pop_socket_can_send(ps))
		return true;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, &ps->sk);
	/* set, then look: who makes it possible does it the other way round */
	smp_mb__after_atomic();
	return pop_socket_can_send(ps);
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
	if (!(shutdown & SEND_SHUTDOWN) && can_send_or_signal(pop_sk(sk)))
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
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
	.sendmsg	= pop_socket_send,
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
