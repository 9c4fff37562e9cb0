// SPDX-License-Identifier: GPL-2.0
/* Talking to the module by generic netlink: see netlink.h. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/pop_contract.h>

#include "cmd.h"
#include "names.h"
#include "netlink.h"

#define RECV_MIN	65536	/* lets the kernel put much into a piece of a dump */

static struct {
	struct mnl_socket *socket;
	unsigned int port;
	u32 sequence;
	u16 family;
	u32 events;	/* multicast group */
	void *buffer;
	size_t size;
	nl_handler *notify;
	void *notify_data;
} nl;

/* ---- receiving ---------------------------------------------------------- */

/* Return: bytes of the next datagram in nl.buffer, or -1 with errno. */
static ssize_t receive(struct mnl_socket *socket)
{
	int fd = mnl_socket_get_fd(socket);
	ssize_t len;
	void *buffer;

	do {
		len = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -1;
	if (len < RECV_MIN)
		len = RECV_MIN;
	if ((size_t)len > nl.size) {
		buffer = realloc(nl.buffer, len);
		if (!buffer)
			return -1;
		nl.buffer = buffer;
		nl.size = len;
	}
	return mnl_socket_recvfrom(socket, nl.buffer, nl.size);
}

struct parse {
	const struct nlattr **attrs;
	u16 max;
};

static int parse_attr(const struct nlattr *attr, void *data)
{
	struct parse *parse = data;
	u16 type = mnl_attr_get_type(attr);

	if (type <= parse->max)
		parse->attrs[type] = attr;
	return MNL_CB_OK;
}

void nl_parse(const struct nlmsghdr *msg, const struct nlattr **attrs,
	      u16 max)
{
	struct parse parse = { attrs, max };

	memset(attrs, 0, (max + 1) * sizeof(*attrs));
	mnl_attr_parse(msg, sizeof(struct genlmsghdr), parse_attr, &parse);
}

u8 nl_cmd(const struct nlmsghdr *msg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(msg);

	return genl->cmd;
}

u32 nl_u32(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u32(attr) : 0;
}

u64 nl_u64(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u64(attr) : 0;
}

/* ---- what the kernel says of a request ---------------------------------- */

/* Name of the attribute that stands @offset bytes into @msg, or NULL. */
static const char *attr_at(const struct nlmsghdr *msg, u32 offset)
{
	const struct nlattr *attr, *inner;
	u8 cmd = nl_cmd(msg);

	mnl_attr_for_each(attr, msg, sizeof(struct genlmsghdr)) {
		u32 at = (const char *)attr - (const char *)msg;

		if (at == offset)
			return attr_name(cmd, mnl_attr_get_type(attr), 0);
		if (!(attr->nla_type & NLA_F_NESTED) || offset < at ||
		    offset >= at + attr->nla_len)
			continue;
		mnl_attr_for_each_nested(inner, attr)
			if (offset == (const char *)inner - (const char *)msg)
				return attr_name(cmd, mnl_attr_get_type(inner),
						 1);
	}
	return NULL;
}

/*
 * Print the extended ACK to @msg, if there is one.
 * @code: a negative errno, or zero for success
 */
static void report(const struct nlmsghdr *msg, const struct nlmsghdr *ack,
		   size_t skip, int code)
{
	const struct nlattr *attr, *attrs[NLMSGERR_ATTR_MAX + 1] = {};
	struct parse parse = { attrs, NLMSGERR_ATTR_MAX };
	const char *text = NULL, *name = NULL, *where = "attribute";

	if (ack->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(ack, skip, parse_attr, &parse);

	if (attrs[NLMSGERR_ATTR_MSG])
		text = mnl_attr_get_str(attrs[NLMSGERR_ATTR_MSG]);
	if (!code) {
		if (text)
			warning("%s%s", strncmp(text, "pop: ", 5) ? "pop: " : "",
				text);
		return;
	}
	if (!text)
		text = code == -EPERM ?
		       "not permitted; run it as root, or with CAP_NET_ADMIN" :
		       strerror(-code);

	attr = attrs[NLMSGERR_ATTR_OFFS];
	if (attr)
		name = attr_at(msg, mnl_attr_get_u32(attr));
	attr = attrs[NLMSGERR_ATTR_MISS_TYPE];
	if (attr) {
		name = attr_name(nl_cmd(msg), mnl_attr_get_u32(attr),
				 !!attrs[NLMSGERR_ATTR_MISS_NEST]);
		where = "missing attribute";
	}
	error("%s%s%s%s%s%s%s", strncmp(text, "pop: ", 5) ? "pop: " : "", text,
	      name ? " (" : "", name ? where : "", name ? " " : "",
	      name ? name : "", name ? ")" : "");
}

/*
 * The end of an answer: NLMSG_ERROR or NLMSG_DONE.
 * Return: CMD_OK or CMD_REFUSED.
 */
static int finish(const struct nlmsghdr *msg, const struct nlmsghdr *ack)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(ack);
	const int *done = mnl_nlmsg_get_payload(ack);
	size_t len = mnl_nlmsg_get_payload_len(ack);
	size_t skip;
	int code;

	if (ack->nlmsg_type == NLMSG_ERROR && len >= sizeof(*err)) {
		code = err->error;
		skip = sizeof(*err);
		if (!(ack->nlmsg_flags & NLM_F_CAPPED))
			skip += mnl_nlmsg_get_payload_len(&err->msg);
	} else if (ack->nlmsg_type == NLMSG_DONE && len >= sizeof(*done)) {
		code = *done;
		skip = sizeof(*done);
	} else {
		return CMD_OK;
	}
	report(msg, ack, skip, code);
	return code ? CMD_REFUSED : CMD_OK;
}

/* ---- requests ----------------------------------------------------------- */

/*
 * Take what belongs to @msg (NULL: nothing does) out of a datagram of @len
 * bytes; what came unasked goes to the handler for that.
 * Return: true when the answer is complete, with *status set.
 */
static bool dispatch(const struct nlmsghdr *msg, size_t len,
		     nl_handler *handler, void *data, int *status)
{
	const struct nlmsghdr *in = nl.buffer;
	int left = len;

	for (; mnl_nlmsg_ok(in, left); in = mnl_nlmsg_next(in, &left)) {
		if (in->nlmsg_type == nl.family && nl.family &&
		    nl_cmd(in) == POP_CMD_STATE_NTF) {
			if (nl.notify)
				nl.notify(in, nl.notify_data);
			continue;
		}
		if (!msg || in->nlmsg_seq != msg->nlmsg_seq)
			continue;
		if (in->nlmsg_flags & NLM_F_DUMP_INTR)
			warning("it changed meanwhile; what is shown may be inconsistent");
		if (in->nlmsg_type == NLMSG_ERROR ||
		    in->nlmsg_type == NLMSG_DONE) {
			*status = finish(msg, in);
			return true;
		}
		if (handler && in->nlmsg_type == msg->nlmsg_type)
			handler(in, data);
	}
	return false;
}

static int transact(struct nlmsghdr *msg, nl_handler *handler, void *data)
{
	int buffer, status;
	ssize_t len;

	/* A message must fit into the send buffer; contracts can be long. */
	buffer = msg->nlmsg_len + 4096;
	if (buffer > 128 * 1024)
		setsockopt(mnl_socket_get_fd(nl.socket), SOL_SOCKET,
			   SO_SNDBUFFORCE, &buffer, sizeof(buffer));
	msg->nlmsg_seq = ++nl.sequence;
	if (mnl_socket_sendto(nl.socket, msg, msg->nlmsg_len) < 0)
		return error("cannot ask the kernel: %s", strerror(errno));
	do {
		len = receive(nl.socket);
		if (len < 0)
			return error("no answer from the kernel: %s",
				     strerror(errno));
	} while (!dispatch(msg, len, handler, data, &status));
	return status;
}

int nl_request(struct nlmsghdr *msg, nl_handler *handler, void *data)
{
	int status;

	if (!msg)
		return CMD_FAILED;
	status = transact(msg, handler, data);
	nl_discard(msg);
	return status;
}

/* There may be keys in it. */
void nl_discard(struct nlmsghdr *msg)
{
	explicit_bzero(msg, msg->nlmsg_len);
	free(msg);
}

void nl_on_notify(nl_handler *handler, void *data)
{
	nl.notify = handler;
	nl.notify_data = data;
}

int nl_wait(unsigned int timeout)
{
	struct pollfd pollfd = {
		.fd = mnl_socket_get_fd(nl.socket),
		.events = POLLIN,
	};
	ssize_t len;
	int ret;

	ret = poll(&pollfd, 1, timeout);
	if (!ret)
		return 0;
	len = ret < 0 ? -1 : receive(nl.socket);
	if (len < 0) {
		error("cannot hear the kernel: %s", strerror(errno));
		return -1;
	}
	dispatch(NULL, len, NULL, NULL, NULL);
	return 1;
}

void nl_put_pieces(struct nlmsghdr *msg, u16 type, const void *data,
		   size_t len)
{
	const char *pos = data;
	size_t piece;

	for (; len; len -= piece, pos += piece) {
		piece = len < NL_PIECE_MAX ? len : NL_PIECE_MAX;
		mnl_attr_put(msg, type, piece, pos);
	}
}

/* ---- the family --------------------------------------------------------- */

static void take_groups(const struct nlattr *groups)
{
	const struct nlattr *group, *attr;

	mnl_attr_for_each_nested(group, groups) {
		const char *name = "";
		u32 id = 0;

		mnl_attr_for_each_nested(attr, group) {
			u16 type = mnl_attr_get_type(attr);

			if (type == CTRL_ATTR_MCAST_GRP_NAME)
				name = mnl_attr_get_str(attr);
			else if (type == CTRL_ATTR_MCAST_GRP_ID)
				id = mnl_attr_get_u32(attr);
		}
		if (!strcmp(name, POP_MCGRP_EVENTS))
			nl.events = id;
	}
}

static int take_family(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *attrs[CTRL_ATTR_MAX + 1];

	(void)data;
	nl_parse(msg, attrs, CTRL_ATTR_MAX);
	if (attrs[CTRL_ATTR_FAMILY_ID])
		nl.family = mnl_attr_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
	if (attrs[CTRL_ATTR_MCAST_GROUPS])
		take_groups(attrs[CTRL_ATTR_MCAST_GROUPS]);
	return MNL_CB_OK;
}

static struct nlmsghdr *message(u16 family, u8 version, u8 cmd,
				u16 flags, size_t room)
{
	struct genlmsghdr *genl;
	struct nlmsghdr *msg;

	msg = calloc(1, MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(*genl)) +
		     MNL_ALIGN(room));
	if (!msg) {
		error("out of memory");
		return NULL;
	}
	mnl_nlmsg_put_header(msg);
	msg->nlmsg_type = family;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	genl = mnl_nlmsg_put_extra_header(msg, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return msg;
}

/* Ask without a word when the family is not there: that is said better. */
static int find_family(void)
{
	struct nlmsghdr *msg;
	ssize_t len;
	int ret;

	msg = message(GENL_ID_CTRL, 2, CTRL_CMD_GETFAMILY, 0, NL_ROOM);
	if (!msg)
		return CMD_FAILED;
	msg->nlmsg_seq = ++nl.sequence;
	mnl_attr_put_strz(msg, CTRL_ATTR_FAMILY_NAME, POP_GENL_NAME);
	len = mnl_socket_sendto(nl.socket, msg, msg->nlmsg_len);
	free(msg);
	do {
		if (len >= 0)
			len = receive(nl.socket);
		ret = len < 0 ? -1 : mnl_cb_run(nl.buffer, len, nl.sequence,
						nl.port, take_family, NULL);
	} while (ret > MNL_CB_STOP);
	if (nl.family)
		return 0;
	if (errno == ENOENT)
		return error("the kernel knows no contracts yet; load the module: modprobe pop");
	return error("cannot find the module: %s", strerror(errno));
}

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *socket;
	int on = 1;

	socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (socket && mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(socket);
		socket = NULL;
	}
	if (!socket) {
		error("cannot open a netlink socket: %s", strerror(errno));
		return NULL;
	}
	/* Older kernels lack some of them, and nothing depends on them. */
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return socket;
}

static int open_family(void)
{
	int room = 2 * POP_MAX_BODY;

	if (nl.family)
		return 0;
	if (!nl.socket)
		nl.socket = open_socket();
	if (!nl.socket)
		return CMD_FAILED;
	/* The ACK behind a long contract must find room, too. */
	setsockopt(mnl_socket_get_fd(nl.socket), SOL_SOCKET, SO_RCVBUFFORCE,
		   &room, sizeof(room));
	nl.port = mnl_socket_get_portid(nl.socket);
	return find_family();
}

struct nlmsghdr *nl_message(u8 cmd, u16 flags, size_t room)
{
	if (open_family())
		return NULL;
	return message(nl.family, POP_GENL_VERSION, cmd, flags, room);
}

struct mnl_socket *nl_events(void)
{
	struct mnl_socket *socket;

	if (open_family())
		return NULL;
	socket = open_socket();
	if (!socket)
		return NULL;
	if (mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &nl.events,
				  sizeof(nl.events))) {
		error("cannot hear events: %s", strerror(errno));
		mnl_socket_close(socket);
		return NULL;
	}
	return socket;
}

void nl_close(void)
{
	if (nl.socket)
		mnl_socket_close(nl.socket);
	free(nl.buffer);
	memset(&nl, 0, sizeof(nl));
}
