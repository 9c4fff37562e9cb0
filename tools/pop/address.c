// SPDX-License-Identifier: GPL-2.0
/* Endpoints: see address.h. */

#include "address.h"
#include "cmd.h"
#include "netlink.h"

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
