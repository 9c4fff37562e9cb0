// SPDX-License-Identifier: GPL-2.0
/* pop node: the settings of this network namespace. */

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "netlink.h"
#include "print.h"

static const char help[] =
	"Usage: pop node show\n"
	"       pop node set [ port PORT ] [ address IPV4 ] [ address6 IPV6 ]\n"
	"                    [ multicast { on | off } ] [ dev { IF | any } ]\n"
	"                    [ rate { RATE | off } ]\n"
	"where  RATE is a number of bit, kbit, mbit or gbit in a second: 8mbit\n";

static void show_address(const char *key, const char *fmt, int family,
			 const struct nlattr *attr)
{
	char text[INET6_ADDRSTRLEN];

	if (!attr)
		return;
	inet_ntop(family, mnl_attr_get_payload(attr), text, sizeof(text));
	print_string(key, fmt, text);
}

/* As tc(8) has them: of a thousand each. */
static const char *const rate_units[] = { "bit", "kbit", "mbit", "gbit" };

static void show_rate(u64 bits)
{
	unsigned int unit = 0;
	u64 value = bits;
	char text[32];

	while (value && value % 1000 == 0 && unit + 1 < ARRAY_SIZE(rate_units)) {
		value /= 1000;
		unit++;
	}
	snprintf(text, sizeof(text), "%llu%s", (unsigned long long)value,
		 rate_units[unit]);
	print_string(NULL, " rate %s", bits ? text : "off");
	print_u64("rate", NULL, bits);
}

static void show_node(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *attrs[POP_A_NODE_MAX + 1];
	char device[IF_NAMESIZE];
	const char *version = "?";
	u32 open, ifindex;

	(void)data;
	nl_parse(msg, attrs, POP_A_NODE_MAX);
	open = nl_u32(attrs[POP_A_NODE_OPEN]);
	ifindex = nl_u32(attrs[POP_A_NODE_IFINDEX]);
	if (attrs[POP_A_NODE_VERSION])
		version = mnl_attr_get_str(attrs[POP_A_NODE_VERSION]);
	print_open_object();
	print_string("state", "node %s", open ? "active" : "passive");
	if (attrs[POP_A_NODE_PORT])
		print_uint("port", " port %u",
			   ntohs(mnl_attr_get_u16(attrs[POP_A_NODE_PORT])));
	show_address("address", " address %s", AF_INET,
		     attrs[POP_A_NODE_ADDR4]);
	show_address("address6", " address6 %s", AF_INET6,
		     attrs[POP_A_NODE_ADDR6]);
	print_string("multicast", " multicast %s",
		     nl_u32(attrs[POP_A_NODE_MULTICAST]) ? "on" : "off");
	if (ifindex && if_indextoname(ifindex, device))
		print_string("dev", " dev %s", device);
	show_rate(8 * nl_u64(attrs[POP_A_NODE_RATE]));
	print_newline(1);
	print_uint("contracts", "contracts %u",
		   nl_u32(attrs[POP_A_NODE_CONTRACTS]));
	print_uint("open", " open %u", open);
	print_uint("family", " family %u", nl_u32(attrs[POP_A_NODE_FAMILY]));
	print_string("version", " version %s", version);
	print_close_object();
}

static int node_show(int argc, char **argv)
{
	const struct arg args[] = { {} };

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	return nl_request(nl_message(POP_CMD_NODE_GET, 0, NL_ROOM), show_node,
			  NULL);
}

struct settings {
	const char *port;
	const char *address;
	const char *address6;
	const char *multicast;
	const char *dev;
	const char *rate;
};

static int put_address(struct nlmsghdr *msg, u16 type, int family,
		       const char *text)
{
	u8 address[sizeof(struct in6_addr)];

	if (inet_pton(family, text, address) != 1)
		return error("\"%s\" is no IPv%c address", text,
			     family == AF_INET ? '4' : '6');
	mnl_attr_put(msg, type, family == AF_INET ? sizeof(struct in_addr) :
						    sizeof(struct in6_addr),
		     address);
	return CMD_OK;
}

static int put_rate(struct nlmsghdr *msg, const char *text)
{
	unsigned long long value = 0;
	unsigned int unit = 0, i;
	char *end = NULL;

	if (strcmp(text, "off")) {
		errno = 0;
		value = strtoull(text, &end, 10);
		while (unit < ARRAY_SIZE(rate_units) &&
		       strcmp(end, rate_units[unit]))
			unit++;
		if (*text < '0' || *text > '9' || errno ||
		    unit == ARRAY_SIZE(rate_units))
			return error("\"%s\" is no rate, like 500kbit or 8mbit",
				     text);
		for (i = 0; i < unit && value <= UINT64_MAX / 1000; i++)
			value *= 1000;
		if (i < unit || value < 8)
			return error("a rate of %s cannot be kept", text);
	}
	mnl_attr_put_u64(msg, POP_A_NODE_RATE, value / 8);
	return CMD_OK;
}

static int put_settings(struct nlmsghdr *msg, const struct settings *set)
{
	u32 port, ifindex;

	if (set->port) {
		if (arg_uint("port", set->port, UINT16_MAX, &port))
			return CMD_FAILED;
		mnl_attr_put_u16(msg, POP_A_NODE_PORT, htons(port));
	}
	if (set->address && put_address(msg, POP_A_NODE_ADDR4, AF_INET,
					set->address))
		return CMD_FAILED;
	if (set->address6 && put_address(msg, POP_A_NODE_ADDR6, AF_INET6,
					 set->address6))
		return CMD_FAILED;
	if (set->multicast) {
		if (strcmp(set->multicast, "on") &&
		    strcmp(set->multicast, "off"))
			return error("\"multicast\" is \"on\" or \"off\"");
		mnl_attr_put_u32(msg, POP_A_NODE_MULTICAST,
				 !strcmp(set->multicast, "on"));
	}
	if (set->dev) {
		ifindex = if_nametoindex(set->dev);
		if (!ifindex && strcmp(set->dev, "any"))
			return error("there is no interface \"%s\"", set->dev);
		mnl_attr_put_u32(msg, POP_A_NODE_IFINDEX, ifindex);
	}
	if (set->rate && put_rate(msg, set->rate))
		return CMD_FAILED;
	return CMD_OK;
}

static int node_set(int argc, char **argv)
{
	struct settings set = {};
	const struct arg args[] = {
		{ "port", &set.port },
		{ "address", &set.address },
		{ "address6", &set.address6 },
		{ "multicast", &set.multicast },
		{ "dev", &set.dev },
		{ "rate", &set.rate },
		{}
	};
	struct nlmsghdr *msg;

	if (args_parse(args, argc, argv))
		return CMD_FAILED;
	if (!argc)
		return error("nothing to set; see \"pop node help\"");
	msg = nl_message(POP_CMD_NODE_SET, 0, NL_ROOM);
	if (!msg)
		return CMD_FAILED;
	if (put_settings(msg, &set)) {
		nl_discard(msg);
		return CMD_FAILED;
	}
	return nl_request(msg, NULL, NULL);
}

int do_node(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "show",	node_show },
		{ "set",	node_set },
		{}
	};

	return cmd_run(cmds, "pop node", help, argc, argv);
}
