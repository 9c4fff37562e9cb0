// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets of the Byzantine channel: SOCK_DGRAM, for a record is one datagram
 * that may be lost. See Documentation/networking/pop.rst.
 */

#include <linux/module.h>
#include <net/sock.h>

#include "byzantine.h"
#include "socket.h"

/* The kind of a record that sendmsg() has been given. */
static int send_kind(struct msghdr *msg, u32 *kind)
{
	struct cmsghdr *cmsg;

	*kind = 0;
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_POP)
			continue;
		if (cmsg->cmsg_type != POP_RECORD ||
		    cmsg->cmsg_len != CMSG_LEN(sizeof(*kind)))
			return -EINVAL;
		memcpy(kind, CMSG_DATA(cmsg), sizeof(*kind));
	}
	return 0;
}

/* Return: 0, or what is wrong with whom the address means. */
static int check_recipient(const struct pop_member *m,
			   const struct sockaddr_pop *addr)
{
	if (memchr_inv(addr->spop_contract, 0, POP_HASH_LEN) &&
	    memcmp(addr->spop_contract, m->contract->hash, POP_HASH_LEN))
		return -EINVAL;
	if (addr->spop_party == POP_PARTY_ANY)
		return 0;
	return addr->spop_party < m->contract->plan.nr_parties &&
	       addr->spop_party != m->party ? 0 : -EPERM;
}

/*
 * To whom the address names. Of all others each gets it that can: it is lost to
 * them as easily on the way. Return: 0 if it went to anyone.
 */
static int send_all(struct pop_member *m, u16 party, const struct pop_unit *u,
		    const struct pop_record *record, u32 len)
{
	int ret = 0, first = 0;
	bool sent = false;
	u32 i;

	if (party != POP_PARTY_ANY)
		return pop_byzantine_send(&m->peer[party], u, record, len);
	for (i = 0; i < m->contract->plan.nr_parties; i++) {
		if (i == m->party)
			continue;
		ret = pop_byzantine_send(&m->peer[i], u, record, len);
		if (!ret)
			sent = true;
		else if (!first)
			first = ret;
		cond_resched();
	}
	return sent ? 0 : first;
}

static int send_record(struct pop_member *m, struct msghdr *msg, size_t len)
{
	DECLARE_SOCKADDR(struct sockaddr_pop *, addr, msg->msg_name);
	struct pop_record *record;
	struct pop_unit u;
	u32 kind;
	int ret;

	if (!addr)
		return -EDESTADDRREQ;
	ret = pop_sockaddr_check(addr, msg->msg_namelen) ?:
	      check_recipient(m, addr) ?:
	      send_kind(msg, &kind) ?:
	      pop_byzantine_unit(m, kind, addr, &u);
	if (ret)
		return ret;
	if (len > POP_RECORD_MAX)
		return -EMSGSIZE;
	record = kmalloc(sizeof(*record) + len, GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	*record = (struct pop_record) {
		.kind = kind,
		.seq = cpu_to_be32(addr->spop_seq),
	};
	ret = memcpy_from_msg(record + 1, msg, len) ?:
	      send_all(m, addr->spop_party, &u, record, sizeof(*record) + len);
	kfree(record);
	return ret == -EDESTADDRREQ ? -EHOSTUNREACH : ret;
}

/* It is on its way when the call returns, or never will be. */
static int byzantine_sendmsg(struct socket *sock, struct msghdr *msg,
			     size_t len)
{
	struct sock *sk = sock->sk;
	struct pop_member *m = READ_ONCE(pop_sk(sk)->member);
	int ret;

	if (msg->msg_flags & ~POP_SEND_FLAGS)
		return -EOPNOTSUPP;
	if (!m)
		return -ENOTCONN;
	ret = sock_error(sk);
	if (ret)
		return ret;
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return -ESHUTDOWN;
	return send_record(m, msg, len) ?: len;
}

static int byzantine_recvmsg(struct socket *sock, struct msghdr *msg,
			     size_t len, int flags)
{
	DECLARE_SOCKADDR(struct sockaddr_pop *, addr, msg->msg_name);
	struct sock *sk = sock->sk;
	struct pop_recordinfo *info;
	struct sk_buff *skb;
	int ret;

	skb = pop_socket_take(sk, flags, &ret);
	if (!skb)
		return ret;
	ret = pop_socket_give(msg, skb, len, flags);
	if (ret < 0)
		goto out;
	info = pop_record_info(skb);
	if (addr) {
		pop_sockaddr_own(pop_sk(sk), addr);
		addr->spop_party = info->sender;
		addr->spop_phase = info->phase;
		addr->spop_action = info->action;
		addr->spop_seq = info->seq;
		msg->msg_namelen = sizeof(*addr);
	}
	put_cmsg(msg, SOL_POP, POP_RECORDINFO, sizeof(*info), info);
	sock_recv_cmsgs(msg, sk, skb);
out:
	skb_free_datagram(sk, skb);
	return ret;
}

/* What there is to set is of messages. */
static int byzantine_setsockopt(struct socket *sock, int level, int option,
				sockptr_t optval, unsigned int optlen)
{
	return -ENOPROTOOPT;
}

static int byzantine_getsockopt(struct socket *sock, int level, int option,
				char __user *optval, int __user *optlen)
{
	if (option != POP_INFO && option != POP_STATE)
		return -ENOPROTOOPT;
	return pop_getsockopt(sock, level, option, optval, optlen);
}

const struct proto_ops pop_byzantine_ops = {
	.family		= PF_POP,
	.owner		= THIS_MODULE,
	.release	= pop_socket_release,
	.bind		= pop_socket_bind,
	.connect	= sock_no_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= sock_no_accept,
	.getname	= pop_socket_getname,
	.poll		= datagram_poll,
	.ioctl		= pop_socket_ioctl,
	.gettstamp	= sock_gettstamp,
	.listen		= sock_no_listen,
	.shutdown	= sock_no_shutdown,
	.setsockopt	= byzantine_setsockopt,
	.getsockopt	= byzantine_getsockopt,
	.sendmsg	= byzantine_sendmsg,
	.recvmsg	= byzantine_recvmsg,
	.mmap		= sock_no_mmap,
};
