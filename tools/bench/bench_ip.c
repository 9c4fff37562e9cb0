// SPDX-License-Identifier: GPL-2.0
/* Back ends over IP: UDP, TCP, SCTP, RDS; and UDP and TCP in WireGuard. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "bench.h"

enum {
	PORT = 7000,
	UDP_MAX = 65507,	/* what an IPv4 datagram takes */
	WG_MTU = 1420,
	SCTP_NODELAY = 3,	/* of linux/sctp.h */
};

#define GROUP	"239.19.0.1"

static struct sockaddr_in host(const char *text, unsigned int port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};

	inet_pton(AF_INET, text, &a.sin_addr);
	return a;
}

/* The sender has a port for each recipient. */
static void name(int fd, unsigned int self, unsigned int peer)
{
	struct sockaddr_in a = host(address(self), PORT + peer);

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)))
		err(1, "%s: bind", backend->name);
}

static void join(int fd, unsigned int self, unsigned int peer)
{
	struct sockaddr_in a = host(address(peer), PORT + self);

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)))
		err(1, "%s: connect", backend->name);
}

static void udp_open(struct link *l, unsigned int self, unsigned int peer)
{
	l->fd = make_socket(AF_INET, SOCK_DGRAM, 0);
	name(l->fd, self, peer);
	join(l->fd, self, peer);
}

/* Messages go to a group. Credits come by unicast, from an address that is not
 * connected to: the recipient's socket is bound to the group's.
 */
static void multicast_open(struct link *l, unsigned int self, unsigned int peer)
{
	struct sockaddr_in group = host(GROUP, PORT), sender;
	struct ip_mreqn membership = { .imr_multiaddr = group.sin_addr };

	l->fd = make_socket(AF_INET, SOCK_DGRAM, 0);
	if (!self) {
		name(l->fd, self, peer);
		return;
	}
	inet_pton(AF_INET, address(self), &membership.imr_address);
	if (bind(l->fd, (struct sockaddr *)&group, sizeof(group)) ||
	    setsockopt(l->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership,
		       sizeof(membership)))
		err(1, "%s: join", backend->name);
	sender = host(address(peer), PORT + self);
	memcpy(&l->to, &sender, sizeof(sender));
	l->to_len = sizeof(sender);
}

static void multicast_group(struct link *l)
{
	struct sockaddr_in group = host(GROUP, PORT);
	struct ip_mreqn from = {};

	l->fd = make_socket(AF_INET, SOCK_DGRAM, 0);
	inet_pton(AF_INET, address(0), &from.imr_address);
	if (setsockopt(l->fd, IPPROTO_IP, IP_MULTICAST_IF, &from,
		       sizeof(from)) ||
	    connect(l->fd, (struct sockaddr *)&group, sizeof(group)))
		err(1, "%s: group", backend->name);
}

static void listen_or_connect(struct link *l, int protocol, int level,
			      int nodelay, unsigned int self, unsigned int peer)
{
	int on = 1;

	l->fd = make_socket(AF_INET, SOCK_STREAM, protocol);
	if (setsockopt(l->fd, level, nodelay, &on, sizeof(on)) ||
	    setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		err(1, "%s", backend->name);
	if (!self) {
		join(l->fd, self, peer);
		return;
	}
	/* where the sender connects to */
	name(l->fd, self, 0);
	if (listen(l->fd, 1))
		err(1, "%s: listen", backend->name);
}

static void tcp_open(struct link *l, unsigned int self, unsigned int peer)
{
	listen_or_connect(l, 0, IPPROTO_TCP, TCP_NODELAY, self, peer);
}

static void sctp_open(struct link *l, unsigned int self, unsigned int peer)
{
	listen_or_connect(l, IPPROTO_SCTP, IPPROTO_SCTP, SCTP_NODELAY, self,
			  peer);
}

static void stream_accept(struct link *l)
{
	int fd = accept(l->fd, NULL, NULL);

	if (fd < 0)
		err(1, "%s: accept", backend->name);
	l->fd = fd;
}

static void rds_open(struct link *l, unsigned int self, unsigned int peer)
{
	l->fd = make_socket(AF_RDS, SOCK_SEQPACKET, 0);
	name(l->fd, self, peer);
	join(l->fd, self, peer);
}

const struct backend ip_backends[] = {
	{ .name = "udp", .max = UDP_MAX, .open = udp_open },
	{ .name = "udp-multicast", .max = UDP_MAX, .open = multicast_open,
	  .group = multicast_group },
	{ .name = "tcp", .stream = true, .open = tcp_open,
	  .accept = stream_accept },
	{ .name = "sctp", .max = 65536, .open = sctp_open,
	  .accept = stream_accept },
	{ .name = "rds", .max = 65536, .open = rds_open },
	{ .name = "wg-udp", .max = UDP_MAX, .wireguard = true,
	  .open = udp_open },
	/* in datagrams that WireGuard's device need not fragment */
	{ .name = "wg-udp-mtu", .max = WG_MTU - 28, .wireguard = true,
	  .open = udp_open },
	{ .name = "wg-tcp", .stream = true, .wireguard = true,
	  .open = tcp_open, .accept = stream_accept },
	{}
};
