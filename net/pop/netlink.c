// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the family, events, and what commands have in common. The
 * commands are in netlink_contract.c, _party.c, _part.c, _channel.c, _evidence.c,
 * _state.c and _node.c.
 * The spec, Documentation/netlink/specs/pop.yaml, is the source of the
 * operations and policies in netlink_gen.c.
 */

#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>

#include "netlink.h"

/* Return: true, and the attribute is named to the caller, if it is missing. */
bool pop_nl_missing(struct genl_info *info, int attr)
{
	if (!GENL_REQ_ATTR_CHECK(info, attr))
		return false;
	NL_SET_ERR_MSG(info->extack, "an attribute is missing");
	return true;
}

/* Context: pop_net.lock. Return: the contract, or -ENOENT. */
struct pop_contract *pop_nl_contract(struct pop_net *pn,
				     const struct nlattr *hash,
				     struct netlink_ext_ack *extack)
{
	struct pop_contract *c = pop_contract_find(pn, nla_data(hash));

	if (c)
		return c;
	NL_SET_ERR_MSG_ATTR(extack, hash, "no such contract is loaded");
	return ERR_PTR(-ENOENT);
}

/* Context: pop_net.lock. Return: the local party, or -ENOENT. */
struct pop_member *pop_nl_member(struct pop_net *pn,
				 const struct nlattr *hash,
				 const struct nlattr *party,
				 struct netlink_ext_ack *extack)
{
	struct pop_contract *c = pop_nl_contract(pn, hash, extack);
	struct pop_member *m;

	if (IS_ERR(c))
		return ERR_CAST(c);
	m = pop_member_find(c, nla_get_u32(party));
	if (m)
		return m;
	NL_SET_ERR_MSG_ATTR(extack, party, "the party is not local");
	return ERR_PTR(-ENOENT);
}

/* Send what @fill makes of an object as the answer to @info. */
int pop_nl_reply(struct genl_info *info, struct sk_buff *msg, int ret)
{
	if (ret) {
		nlmsg_free(msg);
		return ret;
	}
	return genlmsg_reply(msg, info);
}

/* An event is lost: listeners get ENOBUFS, as when they have no room. */
static void lost_event(struct net *net)
{
	genl_set_err(&pop_genl_family, net, 0, POP_NLGRP_EVENTS, -ENOBUFS);
}

/* Give the "events" group what a fill function has made. Context: any. */
void pop_nl_tell(struct net *net, struct sk_buff *msg, int ret)
{
	if (ret) {
		nlmsg_free(msg);
		lost_event(net);
		return;
	}
	genlmsg_multicast_netns(&pop_genl_family, net, msg, 0, POP_NLGRP_EVENTS,
				GFP_ATOMIC);
}

/*
 * Return: a message for the "events" group, or NULL if nobody listens, or without
 * memory.
 */
struct sk_buff *pop_nl_event(struct net *net)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&pop_genl_family, net, POP_NLGRP_EVENTS))
		return NULL;
	msg = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!msg)
		lost_event(net);
	return msg;
}

void pop_netlink_party_event(struct pop_member *m, u8 cmd)
{
	struct net *net = pop_member_net(m)->net;
	struct sk_buff *msg = pop_nl_event(net);

	if (msg)
		pop_nl_tell(net, msg, pop_fill_party(msg, m, 0, 0, 0, cmd));
}

void pop_netlink_contract_event(struct pop_contract *c, u8 cmd)
{
	struct net *net = c->pn->net;
	struct sk_buff *msg = pop_nl_event(net);

	if (!msg)
		return;
	rcu_read_lock();
	pop_nl_tell(net, msg, pop_fill_contract(msg, c, 0, 0, 0, cmd, false));
	rcu_read_unlock();
}

void pop_netlink_channel_event(struct pop_member *m, u32 index)
{
	struct net *net = pop_member_net(m)->net;
	struct sk_buff *msg = pop_nl_event(net);

	if (msg)
		pop_nl_tell(net, msg, pop_fill_channel_event(msg, m, index));
}

/*
 * Attributes of a dump request: validated already when the dump began, but for
 * looking at one object. @takes has the bits of those that a dump takes, too.
 */
int pop_nl_dump_attrs(struct netlink_callback *cb, struct nlattr **tb, int max,
		      unsigned long takes)
{
	int ret, type;

	ret = genlmsg_parse_deprecated(cb->nlh, &pop_genl_family, tb, max,
				       NULL, cb->extack);
	for (type = 1; !ret && type <= max; type++)
		if (tb[type] && !(takes & BIT(type))) {
			NL_SET_ERR_MSG_ATTR(cb->extack, tb[type],
					    "a dump does not take this");
			ret = -EINVAL;
		}
	return ret;
}

static const struct genl_multicast_group pop_nl_mcgrps[] = {
	[POP_NLGRP_EVENTS] = {
		.name = POP_MCGRP_EVENTS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family pop_genl_family __ro_after_init = {
	.name		= POP_GENL_NAME,
	.version	= POP_GENL_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.ops		= pop_nl_ops,
	.n_ops		= ARRAY_SIZE(pop_nl_ops),
	.resv_start_op	= 1,
	.mcgrps		= pop_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(pop_nl_mcgrps),
};

static int released(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *n = data;

	if (event == NETLINK_URELEASE && n->protocol == NETLINK_GENERIC)
		pop_nl_state_forget(pop_net(n->net), n->portid);
	return NOTIFY_DONE;
}

static struct notifier_block pop_nl_notifier = {
	.notifier_call = released,
};

int __init pop_netlink_init(void)
{
	int ret = netlink_register_notifier(&pop_nl_notifier);

	if (ret)
		return ret;
	ret = genl_register_family(&pop_genl_family);
	if (ret)
		netlink_unregister_notifier(&pop_nl_notifier);
	return ret;
}

void pop_netlink_exit(void)
{
	genl_unregister_family(&pop_genl_family);
	netlink_unregister_notifier(&pop_nl_notifier);
}
