/* SPDX-License-Identifier: GPL-2.0 */
/* AF_POP sockets: of messages, and what they share with the Byzantine ones. */
#ifndef _POP_SOCKET_H
#define _POP_SOCKET_H

#include "pop.h"

/**
 * struct pop_sock_filter - what a socket receives
 * @filter: as the user gave it
 * @rcu: frees it
 */
struct pop_sock_filter {
	struct pop_filter	filter;
	struct rcu_head		rcu;
};

/**
 * struct pop_sock - an AF_POP socket
 * @sk: must be first
 * @all: in pop_net.sockets
 * @member: bound to it, with a reference; NULL before; set once
 * @filter: what to receive; NULL for everything
 * @channel: connected to it, and to the channels behind it of the same action
 *	     up to @nr; NULL when not connected
 * @nr: how many channels from @channel on
 * @connected: as the user gave it, completed
 * @charge: pays for messages that are kept; immutable
 * @recvinfo: give struct pop_msginfo with each message
 * @disputes: pop_member.disputes when POP_INFO was read last
 *
 * A socket of the Byzantine channel has @all and @member only.
 *
 * lock_sock() protects @channel, @nr, @connected; the others are written under
 * it and may be read without.
 */
struct pop_sock {
	struct sock		sk;
	struct hlist_node	all;
	struct pop_member	*member;
	struct pop_sock_filter __rcu *filter;
	struct pop_channel	*channel;
	u32			nr;
	struct sockaddr_pop	connected;
	struct pop_charge	*charge;
	bool			recvinfo;
	int			disputes;
};

static inline struct pop_sock *pop_sk(const struct sock *sk)
{
	return (struct pop_sock *)sk;
}

static inline bool pop_sk_byzantine(const struct sock *sk)
{
	return sk->sk_protocol == POP_PROTO_BYZANTINE;
}

/* Flags of sendmsg(); MSG_BATCH is sendmmsg()'s, and changes nothing */
#define POP_SEND_FLAGS	(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CMSG_COMPAT | \
			 MSG_EOR | MSG_BATCH)

int pop_socket_init(void);
void pop_socket_exit(void);

int pop_socket_queue(struct sock *sk, struct sk_buff *skb);
int pop_socket_deliver(struct pop_member *m, struct sk_buff *skb, bool again);
void pop_socket_end(struct sock *sk);
void pop_socket_orphan(struct pop_member *m);
void pop_socket_shutdown(struct pop_member *m);
void pop_socket_room(struct pop_net *pn);
int pop_socket_kept(const struct pop_sock *ps);

/* socket.c: calls that both kinds of sockets have, or parts of them */
int pop_socket_release(struct socket *sock);
int pop_socket_bind(struct socket *sock, struct sockaddr *uaddr, int len);
int pop_socket_getname(struct socket *sock, struct sockaddr *uaddr, int peer);
int pop_socket_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
struct sk_buff *pop_socket_take(struct sock *sk, int flags, int *ret);
int pop_socket_give(struct msghdr *msg, struct sk_buff *skb, size_t len,
		    int flags);

/* socket_send.c */
int pop_socket_send(struct socket *sock, struct msghdr *msg, size_t len);
bool pop_socket_can_send(struct pop_sock *ps);

/* sockopt.c */
extern const struct pop_filter pop_filter_any;
int pop_set_filter(struct pop_sock *ps, const struct pop_filter *filter);
int pop_setsockopt(struct socket *sock, int level, int option,
		   sockptr_t optval, unsigned int optlen);
int pop_getsockopt(struct socket *sock, int level, int option,
		   char __user *optval, int __user *optlen);

/* sockaddr.c */
int pop_sockaddr_check(const struct sockaddr_pop *addr, int len);
int pop_sockaddr_resolve(struct pop_member *m, const struct sockaddr_pop *addr,
			 struct pop_channel **first, u32 *nr);
void pop_sockaddr_own(const struct pop_sock *ps, struct sockaddr_pop *addr);

#endif /* _POP_SOCKET_H */
