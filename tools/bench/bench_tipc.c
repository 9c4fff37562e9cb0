// SPDX-License-Identifier: GPL-2.0
/* Back ends for TIPC: messages to a service address; and its multicast. */
#include <linux/tipc.h>

#include "bench.h"

enum {
	SERVICE = 19000,
	GROUP = 19001,
	MESSAGE_MAX = 65536,
};

static struct sockaddr_tipc service(unsigned int type, unsigned int instance)
{
	return (struct sockaddr_tipc){
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_ADDR,
		.scope = TIPC_CLUSTER_SCOPE,
		.addr.name.name = { .type = type, .instance = instance },
	};
}

static void publish(int fd, unsigned int type, unsigned int instance)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_RANGE,
		.scope = TIPC_CLUSTER_SCOPE,
		.addr.nameseq = { type, instance, instance },
	};

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)))
		err(1, "%s: bind", backend->name);
}

/* Until so many sockets are known here under a name */
static void await_published(unsigned int type, unsigned int instance,
			    unsigned int count)
{
	struct sockaddr_tipc topology = service(TIPC_TOP_SRV, TIPC_TOP_SRV);
	struct tipc_subscr s = {
		.seq = { type, instance, instance },
		.timeout = TIPC_WAIT_FOREVER,
		.filter = TIPC_SUB_PORTS,
	};
	int fd = make_socket(AF_TIPC, SOCK_SEQPACKET, 0);
	struct tipc_event e;

	topology.scope = 0;
	if (connect(fd, (struct sockaddr *)&topology, sizeof(topology)) ||
	    send(fd, &s, sizeof(s), 0) != sizeof(s))
		err(1, "%s: topology", backend->name);
	while (count--)
		if (recv(fd, &e, sizeof(e), 0) != sizeof(e) ||
		    e.event != TIPC_PUBLISHED)
			err(1, "%s: service %u is not there", backend->name,
			    type);
	close(fd);
}

static void send_to(struct link *l, const struct sockaddr_tipc *a)
{
	memcpy(&l->to, a, sizeof(*a));
	l->to_len = sizeof(*a);
}

static void tipc_open(struct link *l, unsigned int self, unsigned int peer)
{
	struct sockaddr_tipc a = service(SERVICE, peer);

	l->fd = make_socket(AF_TIPC, SOCK_RDM, 0);
	publish(l->fd, SERVICE, self);
	send_to(l, &a);
	if (!self)
		await_published(SERVICE, peer, 1);
}

static void tipc_accept(struct link *l)
{
	(void)l;
	await_published(SERVICE, 0, 1);
}

static void multicast_open(struct link *l, unsigned int self, unsigned int peer)
{
	struct sockaddr_tipc a = service(SERVICE, peer);

	l->fd = make_socket(AF_TIPC, SOCK_RDM, 0);
	if (self)
		publish(l->fd, GROUP, 0);
	else
		publish(l->fd, SERVICE, 0);
	send_to(l, &a);
}

static void multicast_group(struct link *l)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC,
		.addrtype = TIPC_ADDR_MCAST,
		.addr.nameseq = { GROUP, 0, 0 },
	};

	l->fd = make_socket(AF_TIPC, SOCK_RDM, 0);
	send_to(l, &a);
	await_published(GROUP, 0, recipients);
}

const struct backend tipc_backends[] = {
	{ .name = "tipc", .max = MESSAGE_MAX, .open = tipc_open,
	  .accept = tipc_accept },
	{ .name = "tipc-multicast", .max = MESSAGE_MAX, .shared = true,
	  .open = multicast_open, .accept = tipc_accept,
	  .group = multicast_group },
	{}
};
