/* SPDX-License-Identifier: GPL-2.0 */
/* Generic netlink: see Documentation/netlink/specs/pop.yaml. */
#ifndef _POP_NETLINK_H
#define _POP_NETLINK_H

#include <net/genetlink.h>

#include "netlink_gen.h"
#include "pop.h"

struct pop_finding;

extern struct genl_family pop_genl_family;

int pop_netlink_init(void);
void pop_netlink_exit(void);

/* Tell the "events" group. Context: any. */
void pop_netlink_party_event(struct pop_member *m, u8 cmd);
void pop_netlink_contract_event(struct pop_contract *c, u8 cmd);
void pop_netlink_channel_event(struct pop_member *m, u32 index);
void pop_netlink_evidence_event(const struct pop_peer *peer,
				const struct pop_finding *e, u32 index);

/* netlink.c: what commands have in common */
bool pop_nl_missing(struct genl_info *info, int attr);
struct pop_contract *pop_nl_contract(struct pop_net *pn,
				     const struct nlattr *hash,
				     struct netlink_ext_ack *extack);
struct pop_member *pop_nl_member(struct pop_net *pn, const struct nlattr *hash,
				 const struct nlattr *party,
				 struct netlink_ext_ack *extack);
int pop_nl_reply(struct genl_info *info, struct sk_buff *msg, int ret);
int pop_nl_dump_attrs(struct netlink_callback *cb, struct nlattr **tb, int max,
		      unsigned long takes);
struct sk_buff *pop_nl_event(struct net *net);
void pop_nl_tell(struct net *net, struct sk_buff *msg, int ret);

/* netlink_state.c */
void pop_nl_state_forget(struct pop_net *pn, u32 portid);

/* netlink_part.c: one part of a local party, by its index there */
typedef int (*pop_nl_fill)(struct sk_buff *skb, struct pop_member *m, u32 index,
			   u32 portid, u32 seq, int flags);
int pop_nl_reply_part(struct genl_info *info, struct pop_member *m, u32 index,
		      pop_nl_fill fill);
void pop_nl_dump_parts(struct sk_buff *skb, struct netlink_callback *cb,
		       struct pop_member *m, u32 start, u32 end,
		       pop_nl_fill fill);
struct pop_member *pop_nl_dump_member(struct pop_net *pn,
				      struct netlink_callback *cb,
				      struct nlattr **tb);

/* netlink_fill.c: one message for one object; 0 or -EMSGSIZE */
int pop_fill_contract(struct sk_buff *skb, const struct pop_contract *c,
		      u32 portid, u32 seq, int flags, u8 cmd, bool body);
int pop_fill_party(struct sk_buff *skb, struct pop_member *m,
		   u32 portid, u32 seq, int flags, u8 cmd);
int pop_fill_peer(struct sk_buff *skb, struct pop_member *m, u32 index,
		  u32 portid, u32 seq, int flags);
int pop_fill_phase(struct sk_buff *skb, struct pop_member *m, u32 index,
		   u32 portid, u32 seq, int flags);
int pop_fill_channel(struct sk_buff *skb, struct pop_member *m, u32 index,
		     u32 portid, u32 seq, int flags);
int pop_fill_channel_event(struct sk_buff *skb, struct pop_member *m, u32 index);
int pop_fill_node(struct sk_buff *skb, struct pop_net *pn, u32 portid, u32 seq);

#endif /* _POP_NETLINK_H */
