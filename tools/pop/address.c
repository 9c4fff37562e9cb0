// SPDX-License-Identifier: GPL-2.0
/* Endpoints: see address.h; libpop/endpoint.c has the same rules for files. */

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#include "address.h"
#include "cmd.h"
#include "codec.h"
#include "netlink.h"

/* Room for "[IPv6 address%device]:port" */
#define TEXT_MAX	(INET6_ADDRSTRLEN + IFNAMSIZ + sizeof("[%]:65535"))

/* Cut the port off @text; *port is its text, or NULL when there is none. */
static bool cut_port(char *text, char **port)
{
	char *end = strrchr(text, ':');

	*port = NULL;
	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		*end++ = '\0';
	} else if (!end || strchr(text, ':') != end) {
		return true;
	}
	if (*end)
		*port = end + 1;
	*end = '\0';
	return true;
}

static int parse_in(const char *text, struct sockaddr_in *in)
{
	in->sin_family = AF_INET;
	return inet_pton(AF_INET, text, &in->sin_addr) == 1 ? CMD_OK : -1;
}

static int parse_in6(char *text, struct sockaddr_in6 *in6)
{
	char *device = strchr(text, '%');

	if (device) {
		*device++ = '\0';
		in6->sin6_scope_id = if_nametoindex(device);
		if (!in6->sin6_scope_id)
			return error("there is no interface \"%s\"", device);
	}
	in6->sin6_family = AF_INET6;
	return inet_pton(AF_INET6, text, &in6->sin6_addr) == 1 ? CMD_OK : -1;
}

static int no_address(const char *text)
{
	return error("\"%s\" is no address; 10.0.0.1:7670 and [fd00::1]:7670 are",
		     text);
}

int address_parse(const char *text, struct pop_endpoint *endpoint)
{
	char copy[TEXT_MAX + 1], *port;
	u32 number = 0;
	int ret;

	memset(&endpoint->addr, 0, sizeof(endpoint->addr));
	if (strlen(text) >= sizeof(copy))
		return no_address(text);
	memcpy(copy, text, strlen(text) + 1);
	if (!cut_port(copy, &port))
		return no_address(text);
	if (port && arg_uint("port", port, UINT16_MAX, &number))
		return CMD_FAILED;
	if (port && !number)
		return error("no port is 0; leave it out for that of the local node");
	if (*copy == '[')
		ret = parse_in6(copy + 1, &endpoint->addr.in6);
	else if (strchr(copy, ':'))
		ret = parse_in6(copy, &endpoint->addr.in6);
	else
		ret = parse_in(copy, &endpoint->addr.in);
	if (ret < 0)
		return no_address(text);
	/* At the same place for both families. */
	endpoint->addr.in.sin_port = htons(number);
	return ret;
}

int endpoint_set(const u8 *hash, u32 party,
		 const struct pop_endpoint *endpoint)
{
	struct nlmsghdr *msg = nl_message(POP_CMD_PEER_SET, 0, NL_ROOM);
	const struct sockaddr_in6 *in6 = &endpoint->addr.in6;
	const struct sockaddr_in *in = &endpoint->addr.in;
	bool v4 = in->sin_family == AF_INET;

	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_PEER_CONTRACT, POP_HASH_LEN, hash);
	mnl_attr_put_u32(msg, POP_A_PEER_PARTY, party);
	mnl_attr_put_u32(msg, POP_A_PEER_INDEX, endpoint->party);
	if (v4)
		mnl_attr_put(msg, POP_A_PEER_ADDR4, sizeof(in->sin_addr),
			     &in->sin_addr);
	else
		mnl_attr_put(msg, POP_A_PEER_ADDR6, sizeof(in6->sin6_addr),
			     &in6->sin6_addr);
	if (in->sin_port)
		mnl_attr_put_u16(msg, POP_A_PEER_PORT, in->sin_port);
	if (!v4 && in6->sin6_scope_id)
		mnl_attr_put_u32(msg, POP_A_PEER_SCOPE, in6->sin6_scope_id);
	return nl_request(msg, NULL, NULL);
}
