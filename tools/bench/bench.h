/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the benchmark share: bench.c has the loops, others have
 * back ends, one file a family of protocols.
 */
#ifndef _POP_BENCH_H
#define _POP_BENCH_H

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/**
 * struct link - what a side has to talk to the other one, or to all others
 * @fd: socket
 * @socket: of libzmq
 * @to: where it sends to, if it is not connected
 * @to_len: bytes of that; 0: it is
 */
struct link {
	int fd;
	void *socket;
	struct sockaddr_storage to;
	socklen_t to_len;
};

/**
 * struct backend - a protocol, between the sender (side 0) and recipients (1...)
 * @name: on the command line
 * @max: bytes of a message at most; 0: any
 * @wireguard: runs between the addresses inside of WireGuard's tunnel
 * @shared: the sender has one socket for all recipients
 * @stream: has no messages
 * @prepare: before the sides are processes of their own
 * @open: @l of side @self to side @peer, in the network namespace of @self;
 *	  recipients do that first
 * @accept: at a recipient, when the sender has opened
 * @group: @l of the sender to all recipients, after it has opened the others
 * @send: one message, or 0 for send()
 * @recv: one message, or 0 for recv()
 */
struct backend {
	const char *name;
	size_t max;
	bool wireguard, shared, stream;
	void (*prepare)(void);
	void (*open)(struct link *l, unsigned int self, unsigned int peer);
	void (*accept)(struct link *l);
	void (*group)(struct link *l);
	ssize_t (*send)(struct link *l, const void *data, size_t len);
	ssize_t (*recv)(struct link *l, void *data, size_t len);
};

extern const struct backend ip_backends[], pop_backends[], tipc_backends[],
	zmq_backends[];

/* What was asked for */
extern const struct backend *backend;
extern const char *argument;		/* of the protocol */
extern unsigned int recipients;
extern bool fan;			/* to all of them at once */

/* Sockets of all protocols have as much room. */
int make_socket(int family, int type, int protocol);

/* "10.19.0.2" of side 1 */
const char *address(unsigned int side);

#endif /* _POP_BENCH_H */
