/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/pop.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_POP_GEN_H
#define _LINUX_POP_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/pop_netlink.h>

/* Common nested types */
extern const struct nla_policy pop_keys_nl_policy[POP_A_KEYS_RX + 1];

extern const struct nla_policy pop_contract_get_nl_policy[POP_A_CONTRACT_HASH + 1];

extern const struct nla_policy pop_contract_add_nl_policy[POP_A_CONTRACT_SIGNATURES + 1];

extern const struct nla_policy pop_contract_set_nl_policy[POP_A_CONTRACT_WEIGHT + 1];

extern const struct nla_policy pop_contract_del_nl_policy[POP_A_CONTRACT_HASH + 1];

extern const struct nla_policy pop_party_get_nl_policy[POP_A_PARTY_INDEX + 1];

extern const struct nla_policy pop_party_add_nl_policy[POP_A_PARTY_KEYS + 1];

extern const struct nla_policy pop_party_del_nl_policy[POP_A_PARTY_INDEX + 1];

extern const struct nla_policy pop_peer_get_nl_policy[POP_A_PEER_INDEX + 1];

extern const struct nla_policy pop_peer_set_nl_policy[POP_A_PEER_SCOPE + 1];

extern const struct nla_policy pop_phase_get_nl_policy[POP_A_PHASE_INDEX + 1];

extern const struct nla_policy pop_phase_set_nl_policy[POP_A_PHASE_INDEX + 1];

extern const struct nla_policy pop_channel_get_nl_policy[POP_A_CHANNEL_ACTION + 1];

extern const struct nla_policy pop_channel_set_nl_policy[POP_A_CHANNEL_STATE + 1];

extern const struct nla_policy pop_evidence_get_nl_policy[POP_A_EVIDENCE_INDEX + 1];

extern const struct nla_policy pop_state_get_nl_policy[POP_A_STATE_COUNT + 1];

extern const struct nla_policy pop_node_get_nl_policy[POP_A_NODE_FAMILY + 1];

extern const struct nla_policy pop_node_set_nl_policy[POP_A_NODE_RATE + 1];

/* Ops table for pop */
extern const struct genl_ops pop_nl_ops[17];

int pop_nl_contract_get_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_contract_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int pop_nl_contract_add_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_contract_set_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_contract_del_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_party_get_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_party_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int pop_nl_party_add_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_party_del_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int pop_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_phase_get_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_phase_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int pop_nl_phase_set_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_channel_get_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_channel_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int pop_nl_channel_set_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_evidence_get_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_evidence_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int pop_nl_state_get_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info);
int pop_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	POP_NLGRP_EVENTS,
};

#endif /* _LINUX_POP_GEN_H */
