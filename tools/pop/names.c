// SPDX-License-Identifier: GPL-2.0
/* Words for the numbers of the netlink interface: see names.h. */

#include <stddef.h>
#include <string.h>

#include <linux/pop_netlink.h>

#include "cmd.h"
#include "names.h"

static const char *const contract_states[] = {
	[POP_CONTRACT_STATE_INSTALLED]	= "installed",
	[POP_CONTRACT_STATE_OPEN]	= "open",
	[POP_CONTRACT_STATE_RUNNING]	= "running",
	[POP_CONTRACT_STATE_SETTLING]	= "settling",
	[POP_CONTRACT_STATE_CLOSED]	= "closed",
	[POP_CONTRACT_STATE_ABORTED]	= "aborted",
};

static const char *const phase_states[] = {
	[POP_PHASE_STATE_PENDING]	= "pending",
	[POP_PHASE_STATE_ACTIVE]	= "active",
	[POP_PHASE_STATE_EXECUTED]	= "executed",
};

static const char *const channel_states[] = {
	[POP_CHANNEL_STATE_CLOSED]	= "closed",
	[POP_CHANNEL_STATE_OPEN]	= "open",
	[POP_CHANNEL_STATE_HALF_HEADER]	= "half-header",
	[POP_CHANNEL_STATE_HALF_PAYLOAD] = "half-payload",
	[POP_CHANNEL_STATE_EXECUTED]	= "executed",
	[POP_CHANNEL_STATE_LATE]	= "late",
	[POP_CHANNEL_STATE_VIOLATED]	= "violated",
	[POP_CHANNEL_STATE_VOID]	= "void",
	[POP_CHANNEL_STATE_HELD]	= "held",
	[POP_CHANNEL_STATE_ECHO]	= "echo",
};

static const char *const contradictions[] = {
	[POP_CONTRADICTION_HEADERS]	= "headers",
	[POP_CONTRADICTION_PAYLOAD]	= "payload",
	[POP_CONTRADICTION_ECHO]	= "echo",
	[POP_CONTRADICTION_LATE]	= "late",
};

static const char *const directions[] = {
	[POP_DIRECTION_INPUT]	= "input",
	[POP_DIRECTION_OUTPUT]	= "output",
};

static const char *look_up(const char *const *names, size_t nr, size_t index)
{
	return index < nr && names[index] ? names[index] : NULL;
}

#define NAME(table, index)	look_up(table, ARRAY_SIZE(table), index)

static const char *or_unknown(const char *name)
{
	return name ? name : "unknown";
}

const char *contract_state_name(u32 state)
{
	return or_unknown(NAME(contract_states, state));
}

const char *phase_state_name(u32 state)
{
	return or_unknown(NAME(phase_states, state));
}

const char *channel_state_name(u32 state)
{
	return or_unknown(NAME(channel_states, state));
}

const char *contradiction_name(u32 kind)
{
	return or_unknown(NAME(contradictions, kind));
}

const char *direction_name(u32 direction)
{
	return or_unknown(NAME(directions, direction));
}

int direction_parse(const char *word)
{
	if (!strcmp(word, "in"))
		return POP_DIRECTION_INPUT;
	if (!strcmp(word, "out"))
		return POP_DIRECTION_OUTPUT;
	error("direction is \"%s\", and must be \"in\" or \"out\"", word);
	return -1;
}

int verdict_parse(const char *word)
{
	if (!strcmp(word, "late"))
		return POP_CHANNEL_STATE_LATE;
	if (!strcmp(word, "void"))
		return POP_CHANNEL_STATE_VOID;
	error("state is \"%s\", and must be \"late\" or \"void\"", word);
	return -1;
}

/* ---- attributes, for error messages ------------------------------------ */

static const char *const contract_attrs[] = {
	[POP_A_CONTRACT_HASH]		= "hash",
	[POP_A_CONTRACT_BODY]		= "body",
	[POP_A_CONTRACT_SIGNATURES]	= "signatures",
	[POP_A_CONTRACT_STATE]		= "state",
	[POP_A_CONTRACT_WEIGHT]		= "weight",
};

static const char *const party_attrs[] = {
	[POP_A_PARTY_CONTRACT]	= "contract",
	[POP_A_PARTY_INDEX]	= "party",
	[POP_A_PARTY_UID]	= "uid",
	[POP_A_PARTY_KEYS]	= "keys",
};

static const char *const keys_attrs[] = {
	[POP_A_KEYS_PEER]	= "keys.peer",
	[POP_A_KEYS_TX]		= "keys.tx",
	[POP_A_KEYS_RX]		= "keys.rx",
};

static const char *const peer_attrs[] = {
	[POP_A_PEER_CONTRACT]	= "contract",
	[POP_A_PEER_PARTY]	= "party",
	[POP_A_PEER_INDEX]	= "peer",
	[POP_A_PEER_ADDR4]	= "addr4",
	[POP_A_PEER_ADDR6]	= "addr6",
	[POP_A_PEER_PORT]	= "port",
	[POP_A_PEER_SCOPE]	= "scope",
};

static const char *const phase_attrs[] = {
	[POP_A_PHASE_CONTRACT]	= "contract",
	[POP_A_PHASE_PARTY]	= "party",
	[POP_A_PHASE_INDEX]	= "phase",
};

static const char *const channel_attrs[] = {
	[POP_A_CHANNEL_CONTRACT]	= "contract",
	[POP_A_CHANNEL_PARTY]		= "party",
	[POP_A_CHANNEL_DIRECTION]	= "direction",
	[POP_A_CHANNEL_PEER]		= "peer",
	[POP_A_CHANNEL_PHASE]		= "phase",
	[POP_A_CHANNEL_ACTION]		= "action",
	[POP_A_CHANNEL_STATE]		= "state",
};

static const char *const evidence_attrs[] = {
	[POP_A_EVIDENCE_CONTRACT]	= "contract",
	[POP_A_EVIDENCE_PARTY]		= "party",
	[POP_A_EVIDENCE_BY]		= "by",
	[POP_A_EVIDENCE_INDEX]		= "index",
};

static const char *const state_attrs[] = {
	[POP_A_STATE_CONTRACT]	= "contract",
	[POP_A_STATE_PARTY]	= "from",
	[POP_A_STATE_PEER]	= "party",
	[POP_A_STATE_DIRECTION]	= "direction",
	[POP_A_STATE_PHASE]	= "phase",
	[POP_A_STATE_FIRST]	= "first",
	[POP_A_STATE_COUNT]	= "count",
};

static const char *const node_attrs[] = {
	[POP_A_NODE_PORT]	= "port",
	[POP_A_NODE_ADDR4]	= "addr4",
	[POP_A_NODE_ADDR6]	= "addr6",
	[POP_A_NODE_MULTICAST]	= "multicast",
	[POP_A_NODE_IFINDEX]	= "ifindex",
	[POP_A_NODE_FAMILY]	= "family",
	[POP_A_NODE_RATE]	= "rate",
};

const char *attr_name(u8 cmd, u16 type, int nested)
{
	if (nested)
		return NAME(keys_attrs, type);
	switch (cmd) {
	case POP_CMD_CONTRACT_GET:
	case POP_CMD_CONTRACT_ADD:
	case POP_CMD_CONTRACT_SET:
	case POP_CMD_CONTRACT_DEL:
		return NAME(contract_attrs, type);
	case POP_CMD_PARTY_GET:
	case POP_CMD_PARTY_ADD:
	case POP_CMD_PARTY_DEL:
		return NAME(party_attrs, type);
	case POP_CMD_PEER_GET:
	case POP_CMD_PEER_SET:
		return NAME(peer_attrs, type);
	case POP_CMD_PHASE_GET:
	case POP_CMD_PHASE_SET:
		return NAME(phase_attrs, type);
	case POP_CMD_CHANNEL_GET:
	case POP_CMD_CHANNEL_SET:
		return NAME(channel_attrs, type);
	case POP_CMD_EVIDENCE_GET:
		return NAME(evidence_attrs, type);
	case POP_CMD_STATE_GET:
		return NAME(state_attrs, type);
	case POP_CMD_NODE_GET:
	case POP_CMD_NODE_SET:
		return NAME(node_attrs, type);
	}
	return NULL;
}
