// SPDX-License-Identifier: GPL-2.0
/* Back ends for ZeroMQ: a pair of sockets for each recipient, over TCP; as it
 * is, and with its own encryption.
 */
#include <zmq.h>

#include "bench.h"

enum { PORT = 7000 };

static void *context;
static bool curve;
static char public_key[41], secret_key[41];	/* all have the same pair */

static void with_curve(void)
{
	curve = true;
	if (zmq_curve_keypair(public_key, secret_key))
		errx(1, "%s: %s", backend->name, zmq_strerror(zmq_errno()));
}

static void option(void *socket, int which, const void *value, size_t len)
{
	if (zmq_setsockopt(socket, which, value, len))
		errx(1, "%s: %s", backend->name, zmq_strerror(zmq_errno()));
}

static void set_keys(void *socket, unsigned int self)
{
	int on = 1;

	option(socket, ZMQ_CURVE_PUBLICKEY, public_key, 40);
	option(socket, ZMQ_CURVE_SECRETKEY, secret_key, 40);
	if (self)
		option(socket, ZMQ_CURVE_SERVER, &on, sizeof(on));
	else
		option(socket, ZMQ_CURVE_SERVERKEY, public_key, 40);
}

static void zmq_open(struct link *l, unsigned int self, unsigned int peer)
{
	int no_limit = 0, patience = 20000, failed;
	char endpoint[64];

	/* its thread stays in the namespace that it was made in */
	if (!context)
		context = zmq_ctx_new();
	l->socket = zmq_socket(context, ZMQ_PAIR);
	if (!l->socket)
		errx(1, "%s: %s", backend->name, zmq_strerror(zmq_errno()));
	option(l->socket, ZMQ_SNDHWM, &no_limit, sizeof(no_limit));
	option(l->socket, ZMQ_RCVHWM, &no_limit, sizeof(no_limit));
	option(l->socket, ZMQ_RCVTIMEO, &patience, sizeof(patience));
	if (curve)
		set_keys(l->socket, self);
	snprintf(endpoint, sizeof(endpoint), "tcp://%s:%d",
		 address(self ? self : peer), PORT);
	failed = self ? zmq_bind(l->socket, endpoint) :
			zmq_connect(l->socket, endpoint);
	if (failed)
		errx(1, "%s: %s: %s", backend->name, endpoint,
		     zmq_strerror(zmq_errno()));
}

static ssize_t send_message(struct link *l, const void *data, size_t len)
{
	return zmq_send(l->socket, data, len, 0);
}

static ssize_t recv_message(struct link *l, void *data, size_t len)
{
	return zmq_recv(l->socket, data, len, 0);
}

const struct backend zmq_backends[] = {
	{ .name = "zmq", .open = zmq_open, .send = send_message,
	  .recv = recv_message },
	{ .name = "zmq-curve", .prepare = with_curve, .open = zmq_open,
	  .send = send_message, .recv = recv_message },
	{}
};
