/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talking to the module by generic netlink.
 *
 *	struct nlmsghdr *msg = nl_message(POP_CMD_..., 0, NL_ROOM);
 *
 *	mnl_attr_put_u32(msg, POP_A_..., value);
 *	return nl_request(msg, print_it, NULL);
 *
 * There is one socket; while a request is under way its handlers must not
 * start another.
 */
#ifndef _POP_TOOL_NETLINK_H
#define _POP_TOOL_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include <linux/pop_netlink.h>

#define NL_ROOM		512	/* bytes of attributes: for a few numbers */
#define NL_PIECE_MAX	60000	/* bytes of data in an attribute */

/* Room that @len bytes take when cut into pieces. */
static inline size_t nl_pieces_room(size_t len)
{
	return len + (len / NL_PIECE_MAX + 1) * 8;
}

/* A message of the module: look at it by nl_parse(). */
typedef void nl_handler(const struct nlmsghdr *msg, void *data);

/*
 * nl_message() - start a request
 * @cmd: POP_CMD_*
 * @flags: zero for a "do", NLM_F_DUMP for a dump
 * @room: bytes that the attributes may take at most
 *
 * Return: a message that nl_request() frees, or NULL after an error message
 * (when there is no module).
 */
struct nlmsghdr *nl_message(u8 cmd, u16 flags, size_t room);

/* Bytes that are cut into several attributes of one type. */
void nl_put_pieces(struct nlmsghdr *msg, u16 type, const void *data,
		   size_t len);

/*
 * nl_request() - send a request and take its answers
 * @msg: from nl_message(); NULL is passed on as CMD_FAILED
 * @handler: called for each answer, or NULL when none is expected
 *
 * Prints what the kernel says: errors, and warnings on success.
 *
 * Return: CMD_OK, CMD_FAILED, or CMD_REFUSED.
 */
int nl_request(struct nlmsghdr *msg, nl_handler *handler, void *data);

/* Wipe and free a message that is not sent after all. */
void nl_discard(struct nlmsghdr *msg);

/*
 * nl_parse() - index the attributes of a message
 * @attrs: @max + 1 pointers, set to NULL or the (last) attribute of that type
 */
void nl_parse(const struct nlmsghdr *msg, const struct nlattr **attrs,
	      u16 max);

u8 nl_cmd(const struct nlmsghdr *msg);

/* Zero when it is not there. */
u32 nl_u32(const struct nlattr *attr);
u64 nl_u64(const struct nlattr *attr);

/* What comes unasked: set before the first request that can cause any. */
void nl_on_notify(nl_handler *handler, void *data);

/*
 * nl_wait() - wait for a notification
 * @timeout: milliseconds
 *
 * Return: 1 when something was received, 0 when the time is over, or
 * -1 after an error message.
 */
int nl_wait(unsigned int timeout);

/*
 * nl_events() - make a socket that hears the events of the module
 *
 * Return: a socket, or NULL after an error message.
 */
struct mnl_socket *nl_events(void);

void nl_close(void);

#endif /* _POP_TOOL_NETLINK_H */
