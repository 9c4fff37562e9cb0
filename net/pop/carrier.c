// SPDX-License-Identifier: GPL-2.0
/*
 * The UDP sockets under a network namespace's contracts; the one place that
 * tells IPv4 from IPv6.
 *
 * They are open while a party is local. Sending works under RCU, so that
 * closing waits for it.
 */

#include <linux/igmp.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "carrier.h"
#include "input.h"

#define POP_TTL		64
#define POP_GROUP_TTL	16

static int carrier_input(struct sock *sk, struct sk_buff *skb)
{
	struct pop_net *pn = rcu_dereference_sk_user_data(sk);
	union pop_addr from = {};

	if (!pn) {
		kfree_skb(skb);
		return 0;
	}
	if (ip_hdr(skb)->version == 4) {
		from.in4.sin_family = AF_INET;
		from.in4.sin_port = udp_hdr(skb)->source;
		from.in4.sin_addr.s_addr = ip_hdr(skb)->saddr;
	} else {
		from.in6.sin6_family = AF_INET6;
		from.in6.sin6_port = udp_hdr(skb)->source;
		from.in6.sin6_addr = ipv6_hdr(skb)->saddr;
		from.in6.sin6_scope_id =
			ipv6_iface_scope_id(&ipv6_hdr(skb)->saddr,
					    inet6_iif(skb));
	}
	if (!pskb_may_pull(skb, sizeof(struct udphdr))) {
		kfree_skb(skb);
		return 0;
	}
	__skb_pull(skb, sizeof(struct udphdr));
	/* it may wait longer than its device is there */
	skb->dev = NULL;
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	pop_input(pn, skb, &from);
	return 0;
}

static int set_option(struct socket *sock, int level, int option, int value)
{
	return sock->ops->setsockopt(sock, level, option,
				     KERNEL_SOCKPTR(&value), sizeof(value));
}

/*
 * Our own groups only, and not what we send ourselves: kernels differ in whether that
 * comes back from a UDP tunnel, and local parties get copies (output.c).
 */
static int set_multicast(struct socket *sock, int family, int ifindex)
{
	if (family == AF_INET) {
		struct ip_mreqn mreq = { .imr_ifindex = ifindex };

		return set_option(sock, SOL_IP, IP_MULTICAST_ALL, 0) ?:
		       set_option(sock, SOL_IP, IP_MULTICAST_LOOP, 0) ?:
		       set_option(sock, SOL_IP, IP_MULTICAST_TTL,
				  POP_GROUP_TTL) ?:
		       sock->ops->setsockopt(sock, SOL_IP, IP_MULTICAST_IF,
					     KERNEL_SOCKPTR(&mreq),
					     sizeof(mreq));
	}
	return set_option(sock, SOL_IPV6, IPV6_MULTICAST_ALL, 0) ?:
	       set_option(sock, SOL_IPV6, IPV6_MULTICAST_LOOP, 0) ?:
	       set_option(sock, SOL_IPV6, IPV6_MULTICAST_HOPS, POP_GROUP_TTL) ?:
	       set_option(sock, SOL_IPV6, IPV6_MULTICAST_IF, ifindex);
}

static struct socket *open_socket(struct pop_net *pn, int family)
{
	struct udp_tunnel_sock_cfg tunnel = {
		.sk_user_data = pn,
		.encap_type = 1,
		.encap_rcv = carrier_input,
	};
	struct udp_port_cfg port = {
		.family = family,
		.local_udp_port = pn->carrier.port,
		.use_udp_checksums = true,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = true,
	};
	struct socket *sock;
	int ret;

	if (family == AF_INET)
		port.local_ip = pn->carrier.addr4;
	else
		port.local_ip6 = pn->carrier.addr6;
	ret = udp_sock_create(pn->net, &port, &sock);
	if (ret)
		return ERR_PTR(ret);
	setup_udp_tunnel_sock(pn->net, sock, &tunnel);
	ret = set_multicast(sock, family, pn->carrier.ifindex);
	if (ret) {
		udp_tunnel_sock_release(sock);
		return ERR_PTR(ret);
	}
	return sock;
}

/**
 * pop_carrier_open - open the sockets, if they are not
 * @pn: network namespace
 * @extack: says why not
 *
 * Context: process, pop_net.lock.
 * Return: 0, or what the UDP sockets said: -EADDRINUSE, -EADDRNOTAVAIL...
 */
int pop_carrier_open(struct pop_net *pn, struct netlink_ext_ack *extack)
{
	struct pop_carrier *carrier = &pn->carrier;
	struct socket *sock4, *sock6 = NULL;

	if (rcu_access_pointer(carrier->sock4))
		return 0;
	sock4 = open_socket(pn, AF_INET);
	if (IS_ERR(sock4)) {
		NL_SET_ERR_MSG(extack, "cannot open the UDP port");
		return PTR_ERR(sock4);
	}
	if (ipv6_mod_enabled()) {
		sock6 = open_socket(pn, AF_INET6);
		if (sock6 == ERR_PTR(-EAFNOSUPPORT)) {
			sock6 = NULL;
		} else if (IS_ERR(sock6)) {
			NL_SET_ERR_MSG(extack, "cannot open the UDP port (IPv6)");
			udp_tunnel_sock_release(sock4);
			return PTR_ERR(sock6);
		}
	}
	rcu_assign_pointer(carrier->sock6, sock6);
	rcu_assign_pointer(carrier->sock4, sock4);
	return 0;
}

/* Context: process, pop_net.lock, without RTNL. */
void pop_carrier_close(struct pop_net *pn)
{
	struct pop_carrier *carrier = &pn->carrier;
	struct socket *sock4, *sock6;

	sock4 = rcu_replace_pointer(carrier->sock4, NULL,
				    lockdep_is_held(&pn->lock));
	sock6 = rcu_replace_pointer(carrier->sock6, NULL,
				    lockdep_is_held(&pn->lock));
	if (!sock4)
		return;
	synchronize_net();
	udp_tunnel_sock_release(sock4);
	if (sock6)
		udp_tunnel_sock_release(sock6);
}

/*
 * These options look the same to programs of 32 bits, which MCAST_JOIN_GROUP and
 * MCAST_LEAVE_GROUP do not: one of these may be who asks for it.
 */
static int change_group4(struct pop_net *pn, struct socket *sock, bool join,
			 const union pop_addr *addr)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr = addr->in4.sin_addr,
		.imr_ifindex = pn->carrier.ifindex,
	};

	return sock->ops->setsockopt(sock, SOL_IP,
				     join ? IP_ADD_MEMBERSHIP :
					    IP_DROP_MEMBERSHIP,
				     KERNEL_SOCKPTR(&mreq), sizeof(mreq));
}

static void change_group6(struct pop_net *pn, struct socket *sock, bool join,
			  const union pop_addr *addr)
{
	struct ipv6_mreq mreq = {
		.ipv6mr_multiaddr = addr->in6.sin6_addr,
		.ipv6mr_ifindex = pn->carrier.ifindex,
	};

	sock->ops->setsockopt(sock, SOL_IPV6,
			      join ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP,
			      KERNEL_SOCKPTR(&mreq), sizeof(mreq));
}

/*
 * There are only 2^18 IPv4 groups. Return: another contract that listens to this
 * one, and for which it was joined, or was not, being joined already; or NULL.
 */
static struct pop_contract *find_twin(const struct pop_contract *c,
				      const union pop_addr *group, bool joined4)
{
	struct pop_contract *other;
	union pop_addr addr;
	unsigned long i;

	xa_for_each(&c->pn->order, i, other) {
		if (other == c || !other->joined || other->joined4 != joined4)
			continue;
		pop_contract_group4(other, &addr);
		if (pop_peer_same_addr(&addr, group))
			return other;
	}
	return NULL;
}

/*
 * To leave a group fails without a route to it, and the socket still hears it: then
 * who joins it next has it, if nobody else has. Return: is it joined for @c?
 */
static bool join_group4(const struct pop_contract *c, struct socket *sock,
			const union pop_addr *group)
{
	int ret = change_group4(c->pn, sock, true, group);

	return !ret || (ret == -EADDRINUSE && !find_twin(c, group, true));
}

/* Who has joined that of IPv4 leaves it, or hands it on to a twin. */
static void leave_group4(const struct pop_contract *c, struct socket *sock,
			 const union pop_addr *group)
{
	struct pop_contract *twin = find_twin(c, group, false);

	if (twin)
		twin->joined4 = true;
	else
		change_group4(c->pn, sock, false, group);
}

static void change_groups(struct pop_contract *c, bool join)
{
	struct pop_net *pn = c->pn;
	struct socket *sock4, *sock6;
	union pop_addr group;

	sock4 = rcu_dereference_protected(pn->carrier.sock4,
					  lockdep_is_held(&pn->lock));
	sock6 = rcu_dereference_protected(pn->carrier.sock6,
					  lockdep_is_held(&pn->lock));
	pop_contract_group4(c, &group);
	if (sock4 && join)
		c->joined4 = join_group4(c, sock4, &group);
	else if (sock4 && c->joined4)
		leave_group4(c, sock4, &group);
	pop_contract_group6(c, &group);
	if (sock6)
		change_group6(pn, sock6, join, &group);
}

/**
 * pop_carrier_join - listen to the groups of a contract
 * @c: the contract
 *
 * A host on which that fails (no multicast route, igmp_max_memberships) does
 * not hear the group: those who send to it must not use it.
 *
 * Context: process, pop_net.lock.
 */
void pop_carrier_join(struct pop_contract *c)
{
	if (c->joined)
		return;
	change_groups(c, true);
	c->joined = true;
}

/* Context: process, pop_net.lock. */
void pop_carrier_leave(struct pop_contract *c)
{
	if (!c->joined)
		return;
	change_groups(c, false);
	c->joined = false;
	c->joined4 = false;
}

/**
 * struct route - where a unit goes
 * @to: address
 * @peer: whose endpoint @to is, and who keeps the route to it; or NULL
 * @dst: what was kept, with a reference; or NULL
 * @from4: source of @dst
 * @from6: source of @dst
 */
struct route {
	union pop_addr		to;
	struct pop_peer		*peer;
	struct dst_entry	*dst;
	__be32			from4;
	struct in6_addr		from6;
};

/* Endpoint and kept route of a peer, which belong together. */
static void get_route(struct pop_peer *peer, struct route *r)
{
	struct rtable *rt = NULL;

	r->peer = peer;
	spin_lock_bh(&peer->lock);
	r->to = peer->addr;
	if (r->to.sa.sa_family == AF_INET) {
		rt = dst_cache_get_ip4(&peer->dst, &r->from4);
		r->dst = rt ? &rt->dst : NULL;
	} else if (r->to.sa.sa_family == AF_INET6) {
		r->dst = dst_cache_get_ip6(&peer->dst, &r->from6);
	}
	spin_unlock_bh(&peer->lock);
}

/* Keep a route that was looked up, unless the peer has moved meanwhile. */
static void keep_route(const struct route *r)
{
	struct pop_peer *peer = r->peer;

	if (!peer)
		return;
	spin_lock_bh(&peer->lock);
	if (!pop_peer_same_addr(&peer->addr, &r->to))
		goto out;
	if (!peer->dst.cache && dst_cache_init(&peer->dst, GFP_ATOMIC))
		goto out;
	if (r->to.sa.sa_family == AF_INET)
		dst_cache_set_ip4(&peer->dst, r->dst, r->from4);
	else
		dst_cache_set_ip6(&peer->dst, r->dst, &r->from6);
out:
	spin_unlock_bh(&peer->lock);
}

/* Return: 0 and the route, or what routing said. */
static int find_route4(struct pop_net *pn, struct socket *sock, struct route *r)
{
	struct flowi4 fl = {
		.daddr = r->to.in4.sin_addr.s_addr,
		.saddr = pn->carrier.addr4.s_addr,
		.fl4_dport = r->to.in4.sin_port,
		.fl4_sport = pn->carrier.port,
		.flowi4_proto = IPPROTO_UDP,
	};
	struct rtable *rt;

	if (ipv4_is_multicast(fl.daddr))
		fl.flowi4_oif = pn->carrier.ifindex;
	security_sk_classify_flow(sock->sk, flowi4_to_flowi_common(&fl));
	rt = ip_route_output_flow(pn->net, &fl, sock->sk);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	r->from4 = fl.saddr;
	r->dst = &rt->dst;
	keep_route(r);
	return 0;
}

static int find_route6(struct pop_net *pn, struct socket *sock, struct route *r)
{
	struct flowi6 fl = {
		.daddr = r->to.in6.sin6_addr,
		.saddr = pn->carrier.addr6,
		.flowi6_oif = r->to.in6.sin6_scope_id,
		.fl6_dport = r->to.in6.sin6_port,
		.fl6_sport = pn->carrier.port,
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *dst;

	if (ipv6_addr_is_multicast(&fl.daddr))
		fl.flowi6_oif = pn->carrier.ifindex;
	security_sk_classify_flow(sock->sk, flowi6_to_flowi_common(&fl));
	dst = ipv6_stub->ipv6_dst_lookup_flow(pn->net, sock->sk, &fl, NULL);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	r->from6 = fl.saddr;
	r->dst = dst;
	keep_route(r);
	return 0;
}

/* Context: RCU, bh. Return: the socket for @r, which has a route; or an error. */
static struct socket *find_route(struct pop_net *pn, struct route *r)
{
	struct socket *sock;
	int ret = 0;

	switch (r->to.sa.sa_family) {
	case AF_INET:
		sock = rcu_dereference_bh(pn->carrier.sock4);
		if (sock && !r->dst)
			ret = find_route4(pn, sock, r);
		break;
	case AF_INET6:
		sock = rcu_dereference_bh(pn->carrier.sock6);
		if (sock && !r->dst)
			ret = find_route6(pn, sock, r);
		break;
	default:
		return ERR_PTR(-EDESTADDRREQ);
	}
	return ret ? ERR_PTR(ret) : sock ?: ERR_PTR(-ENETDOWN);
}

/*
 * A router that cannot forward a packet to a group says so to nobody, and a path
 * may be narrower than a route can remember: there packets may be cut up.
 */
static void send4(struct pop_net *pn, struct sk_buff *skb, struct sock *sk,
		  struct route *r, __be16 df)
{
	struct rtable *rt = container_of(r->dst, struct rtable, dst);
	__be32 to = r->to.in4.sin_addr.s_addr;
	bool group = ipv4_is_multicast(to);

	if (group || dst_metric_locked(r->dst, RTAX_MTU))
		df = 0;
	udp_tunnel_xmit_skb(rt, sk, skb, r->from4, to, 0,
			    group ? POP_GROUP_TTL : POP_TTL, df,
			    pn->carrier.port, r->to.in4.sin_port, false, false);
}

static void send6(struct pop_net *pn, struct sk_buff *skb, struct sock *sk,
		  struct route *r)
{
	struct in6_addr *to = &r->to.in6.sin6_addr;
	bool group = ipv6_addr_is_multicast(to);

	udp_tunnel6_xmit_skb(r->dst, sk, skb, skb->dev, &r->from6, to, 0,
			     group ? POP_GROUP_TTL : POP_TTL, 0,
			     pn->carrier.port, r->to.in6.sin6_port, false);
}

/* Does the way take a packet that will be cut into several? */
static bool takes_gso(const struct dst_entry *dst)
{
	return READ_ONCE(dst->dev->gso_max_segs) > 1 && !dst_xfrm(dst);
}

static int send_on(struct pop_net *pn, struct sk_buff *skb, struct route *r,
		   __be16 df)
{
	u32 units = skb_shinfo(skb)->gso_segs ?: 1;
	struct socket *sock;
	int ret;

	rcu_read_lock_bh();
	skb->ignore_df = 1;
	sock = find_route(pn, r);
	ret = PTR_ERR_OR_ZERO(sock);
	if (!ret && units > 1 && !takes_gso(r->dst))
		ret = -EOPNOTSUPP;
	/* that uses up the reference of the route */
	if (!ret && r->to.sa.sa_family == AF_INET)
		send4(pn, skb, sock->sk, r, df);
	else if (!ret)
		send6(pn, skb, sock->sk, r);
	else
		dst_release(r->dst);
	rcu_read_unlock_bh();

	if (!ret)
		pop_count_n(pn, TX_UNITS, units);
	/* several are tried one by one */
	if (!ret || units > 1)
		return ret;
	if (ret == -EDESTADDRREQ)
		pop_count(pn, TX_NO_ENDPOINT);
	else
		pop_count(pn, TX_NO_ROUTE);
	return ret;
}

/**
 * pop_carrier_room - how long a unit may be on its way to a peer
 * @peer: the peer
 *
 * A route knows what fits on its link, and what routers behind it have said.
 *
 * Context: any.
 * Return: bytes; POP_DATAGRAM_LEN at most, and without a route.
 */
u32 pop_carrier_room(struct pop_peer *peer)
{
	u32 room = POP_DATAGRAM_LEN, headers;
	struct route r = {};

	get_route(peer, &r);
	headers = sizeof(struct udphdr) +
		  (r.to.sa.sa_family == AF_INET ? sizeof(struct iphdr) :
						  sizeof(struct ipv6hdr));
	rcu_read_lock_bh();
	if (!IS_ERR(find_route(pop_member_net(peer->member), &r)))
		room = min(room, max(dst_mtu(r.dst), headers) - headers);
	dst_release(r.dst);
	rcu_read_unlock_bh();
	return room;
}

/**
 * pop_carrier_send_to - send a unit to an address
 * @pn: network namespace
 * @skb: POP_CARRIER_HEADROOM in front; taken over on success
 * @to: unicast or group
 *
 * Return: 0; -EDESTADDRREQ without an address; what routing said. What happens
 * after that is the network's.
 */
int pop_carrier_send_to(struct pop_net *pn, struct sk_buff *skb,
			const union pop_addr *to)
{
	struct route r = { .to = *to };

	return send_on(pn, skb, &r, htons(IP_DF));
}

/* The same, to where a peer is known to be. */
int pop_carrier_send_control(struct pop_peer *peer, struct sk_buff *skb)
{
	struct route r = {};

	get_route(peer, &r);
	return send_on(pop_member_net(peer->member), skb, &r, htons(IP_DF));
}

static void send_peer(struct pop_peer *peer, struct sk_buff *skb, __be16 df)
{
	struct route r = {};

	get_route(peer, &r);
	if (send_on(pop_member_net(peer->member), skb, &r, df))
		kfree_skb(skb);
	else
		atomic64_inc(&peer->tx_units);
}

/* Send a unit to a peer. Takes @skb: what cannot be sent is counted and lost. */
void pop_carrier_send(struct pop_peer *peer, struct sk_buff *skb)
{
	send_peer(peer, skb, htons(IP_DF));
}

/*
 * The same for a unit that may have been lost because it was too long for the
 * path, and nobody said so: routers may cut it up. (Over IPv6 every path takes
 * a unit.)
 */
void pop_carrier_send_again(struct pop_peer *peer, struct sk_buff *skb)
{
	send_peer(peer, skb, 0);
}

/**
 * pop_carrier_send_pair - send two units that stand one behind the other
 * @peer: the peer
 * @skb: they; POP_CARRIER_HEADROOM in front; taken over on success
 * @size: of the first, which is no shorter than the second
 *
 * They go through the stack as one packet, which is cut into two datagrams where
 * it leaves the host (UDP GSO), or even later.
 *
 * Return: false if the way to the peer does not take that, or there is none.
 */
bool pop_carrier_send_pair(struct pop_peer *peer, struct sk_buff *skb,
			   u32 size)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	struct route r = {};

	info->gso_type = SKB_GSO_UDP_L4;
	info->gso_size = size;
	info->gso_segs = 2;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) - sizeof(struct udphdr);
	skb->csum_offset = offsetof(struct udphdr, check);
	get_route(peer, &r);
	if (send_on(pop_member_net(peer->member), skb, &r, htons(IP_DF)))
		return false;
	atomic64_add(2, &peer->tx_units);
	return true;
}
