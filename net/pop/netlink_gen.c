// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/pop.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/pop_netlink.h>

/* Common nested types */
const struct nla_policy pop_keys_nl_policy[POP_A_KEYS_RX + 1] = {
	[POP_A_KEYS_PEER] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_KEYS_TX] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_KEYS_RX] = NLA_POLICY_EXACT_LEN(32),
};

/* POP_CMD_CONTRACT_GET - do */
const struct nla_policy pop_contract_get_nl_policy[POP_A_CONTRACT_HASH + 1] = {
	[POP_A_CONTRACT_HASH] = NLA_POLICY_EXACT_LEN(32),
};

/* POP_CMD_CONTRACT_ADD - do */
const struct nla_policy pop_contract_add_nl_policy[POP_A_CONTRACT_SIGNATURES + 1] = {
	[POP_A_CONTRACT_BODY] = { .type = NLA_BINARY, },
	[POP_A_CONTRACT_SIGNATURES] = { .type = NLA_BINARY, },
	[POP_A_CONTRACT_HASH] = NLA_POLICY_EXACT_LEN(32),
};

/* POP_CMD_CONTRACT_SET - do */
const struct nla_policy pop_contract_set_nl_policy[POP_A_CONTRACT_WEIGHT + 1] = {
	[POP_A_CONTRACT_HASH] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_CONTRACT_STATE] = NLA_POLICY_MAX(NLA_U32, 5),
	[POP_A_CONTRACT_WEIGHT] = NLA_POLICY_RANGE(NLA_U32, 1, 1000),
};

/* POP_CMD_CONTRACT_DEL - do */
const struct nla_policy pop_contract_del_nl_policy[POP_A_CONTRACT_HASH + 1] = {
	[POP_A_CONTRACT_HASH] = NLA_POLICY_EXACT_LEN(32),
};

/* POP_CMD_PARTY_GET - do */
const struct nla_policy pop_party_get_nl_policy[POP_A_PARTY_INDEX + 1] = {
	[POP_A_PARTY_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_PARTY_INDEX] = NLA_POLICY_MAX(NLA_U32, 1023),
};

/* POP_CMD_PARTY_ADD - do */
const struct nla_policy pop_party_add_nl_policy[POP_A_PARTY_KEYS + 1] = {
	[POP_A_PARTY_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_PARTY_INDEX] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_PARTY_UID] = { .type = NLA_U32, },
	[POP_A_PARTY_KEYS] = NLA_POLICY_NESTED(pop_keys_nl_policy),
};

/* POP_CMD_PARTY_DEL - do */
const struct nla_policy pop_party_del_nl_policy[POP_A_PARTY_INDEX + 1] = {
	[POP_A_PARTY_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_PARTY_INDEX] = NLA_POLICY_MAX(NLA_U32, 1023),
};

/* POP_CMD_PEER_GET - do */
const struct nla_policy pop_peer_get_nl_policy[POP_A_PEER_INDEX + 1] = {
	[POP_A_PEER_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_PEER_PARTY] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_PEER_INDEX] = NLA_POLICY_MAX(NLA_U32, 1023),
};

/* POP_CMD_PEER_SET - do */
const struct nla_policy pop_peer_set_nl_policy[POP_A_PEER_SCOPE + 1] = {
	[POP_A_PEER_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_PEER_PARTY] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_PEER_INDEX] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_PEER_ADDR4] = NLA_POLICY_EXACT_LEN(4),
	[POP_A_PEER_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[POP_A_PEER_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[POP_A_PEER_SCOPE] = { .type = NLA_U32, },
};

/* POP_CMD_PHASE_GET - do */
const struct nla_policy pop_phase_get_nl_policy[POP_A_PHASE_INDEX + 1] = {
	[POP_A_PHASE_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_PHASE_PARTY] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_PHASE_INDEX] = { .type = NLA_U32, },
};

/* POP_CMD_PHASE_SET - do */
const struct nla_policy pop_phase_set_nl_policy[POP_A_PHASE_INDEX + 1] = {
	[POP_A_PHASE_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_PHASE_PARTY] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_PHASE_INDEX] = { .type = NLA_U32, },
};

/* POP_CMD_CHANNEL_GET - do */
const struct nla_policy pop_channel_get_nl_policy[POP_A_CHANNEL_ACTION + 1] = {
	[POP_A_CHANNEL_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_CHANNEL_PARTY] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_CHANNEL_DIRECTION] = NLA_POLICY_MAX(NLA_U32, 1),
	[POP_A_CHANNEL_PHASE] = { .type = NLA_U32, },
	[POP_A_CHANNEL_ACTION] = { .type = NLA_U32, },
	[POP_A_CHANNEL_PEER] = NLA_POLICY_MAX(NLA_U32, 1023),
};

/* POP_CMD_CHANNEL_SET - do */
const struct nla_policy pop_channel_set_nl_policy[POP_A_CHANNEL_STATE + 1] = {
	[POP_A_CHANNEL_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_CHANNEL_PARTY] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_CHANNEL_DIRECTION] = NLA_POLICY_MAX(NLA_U32, 1),
	[POP_A_CHANNEL_PHASE] = { .type = NLA_U32, },
	[POP_A_CHANNEL_ACTION] = { .type = NLA_U32, },
	[POP_A_CHANNEL_PEER] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_CHANNEL_STATE] = NLA_POLICY_MAX(NLA_U32, 9),
};

/* POP_CMD_EVIDENCE_GET - do */
const struct nla_policy pop_evidence_get_nl_policy[POP_A_EVIDENCE_INDEX + 1] = {
	[POP_A_EVIDENCE_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_EVIDENCE_PARTY] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_EVIDENCE_BY] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_EVIDENCE_INDEX] = { .type = NLA_U32, },
};

/* POP_CMD_STATE_GET - do */
const struct nla_policy pop_state_get_nl_policy[POP_A_STATE_COUNT + 1] = {
	[POP_A_STATE_CONTRACT] = NLA_POLICY_EXACT_LEN(32),
	[POP_A_STATE_PARTY] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_STATE_PEER] = NLA_POLICY_MAX(NLA_U32, 1023),
	[POP_A_STATE_DIRECTION] = NLA_POLICY_MAX(NLA_U32, 1),
	[POP_A_STATE_PHASE] = { .type = NLA_U32, },
	[POP_A_STATE_FIRST] = { .type = NLA_U32, },
	[POP_A_STATE_COUNT] = NLA_POLICY_MAX(NLA_U32, 2048),
};

/* POP_CMD_NODE_GET - do */
const struct nla_policy pop_node_get_nl_policy[POP_A_NODE_FAMILY + 1] = {
	[POP_A_NODE_FAMILY] = { .type = NLA_U32, },
};

/* POP_CMD_NODE_SET - do */
const struct nla_policy pop_node_set_nl_policy[POP_A_NODE_RATE + 1] = {
	[POP_A_NODE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[POP_A_NODE_ADDR4] = NLA_POLICY_EXACT_LEN(4),
	[POP_A_NODE_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[POP_A_NODE_MULTICAST] = NLA_POLICY_MAX(NLA_U32, 1),
	[POP_A_NODE_IFINDEX] = { .type = NLA_U32, },
	[POP_A_NODE_RATE] = { .type = NLA_U64, },
};

/* Ops table for pop */
const struct genl_ops pop_nl_ops[17] = {
	{
		.cmd		= POP_CMD_CONTRACT_GET,
		.doit		= pop_nl_contract_get_doit,
		.dumpit		= pop_nl_contract_get_dumpit,
		.policy		= pop_contract_get_nl_policy,
		.maxattr	= POP_A_CONTRACT_HASH,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_CONTRACT_ADD,
		.doit		= pop_nl_contract_add_doit,
		.policy		= pop_contract_add_nl_policy,
		.maxattr	= POP_A_CONTRACT_SIGNATURES,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_CONTRACT_SET,
		.doit		= pop_nl_contract_set_doit,
		.policy		= pop_contract_set_nl_policy,
		.maxattr	= POP_A_CONTRACT_WEIGHT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_CONTRACT_DEL,
		.doit		= pop_nl_contract_del_doit,
		.policy		= pop_contract_del_nl_policy,
		.maxattr	= POP_A_CONTRACT_HASH,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_PARTY_GET,
		.doit		= pop_nl_party_get_doit,
		.dumpit		= pop_nl_party_get_dumpit,
		.policy		= pop_party_get_nl_policy,
		.maxattr	= POP_A_PARTY_INDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_PARTY_ADD,
		.doit		= pop_nl_party_add_doit,
		.policy		= pop_party_add_nl_policy,
		.maxattr	= POP_A_PARTY_KEYS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_PARTY_DEL,
		.doit		= pop_nl_party_del_doit,
		.policy		= pop_party_del_nl_policy,
		.maxattr	= POP_A_PARTY_INDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_PEER_GET,
		.doit		= pop_nl_peer_get_doit,
		.dumpit		= pop_nl_peer_get_dumpit,
		.policy		= pop_peer_get_nl_policy,
		.maxattr	= POP_A_PEER_INDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_PEER_SET,
		.doit		= pop_nl_peer_set_doit,
		.policy		= pop_peer_set_nl_policy,
		.maxattr	= POP_A_PEER_SCOPE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_PHASE_GET,
		.doit		= pop_nl_phase_get_doit,
		.dumpit		= pop_nl_phase_get_dumpit,
		.policy		= pop_phase_get_nl_policy,
		.maxattr	= POP_A_PHASE_INDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_PHASE_SET,
		.doit		= pop_nl_phase_set_doit,
		.policy		= pop_phase_set_nl_policy,
		.maxattr	= POP_A_PHASE_INDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_CHANNEL_GET,
		.doit		= pop_nl_channel_get_doit,
		.dumpit		= pop_nl_channel_get_dumpit,
		.policy		= pop_channel_get_nl_policy,
		.maxattr	= POP_A_CHANNEL_ACTION,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_CHANNEL_SET,
		.doit		= pop_nl_channel_set_doit,
		.policy		= pop_channel_set_nl_policy,
		.maxattr	= POP_A_CHANNEL_STATE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_EVIDENCE_GET,
		.doit		= pop_nl_evidence_get_doit,
		.dumpit		= pop_nl_evidence_get_dumpit,
		.policy		= pop_evidence_get_nl_policy,
		.maxattr	= POP_A_EVIDENCE_INDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_STATE_GET,
		.doit		= pop_nl_state_get_doit,
		.policy		= pop_state_get_nl_policy,
		.maxattr	= POP_A_STATE_COUNT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_NODE_GET,
		.doit		= pop_nl_node_get_doit,
		.policy		= pop_node_get_nl_policy,
		.maxattr	= POP_A_NODE_FAMILY,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= POP_CMD_NODE_SET,
		.doit		= pop_nl_node_set_doit,
		.policy		= pop_node_set_nl_policy,
		.maxattr	= POP_A_NODE_RATE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};
