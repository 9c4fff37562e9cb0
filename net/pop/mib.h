/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of a network namespace, in /proc/net/pop/snmp.
 *
 * One for each reason to drop. The list is the only place that names them.
 */
#ifndef _POP_MIB_H
#define _POP_MIB_H

#include <linux/percpu.h>
#include <linux/types.h>

#define POP_MIB_LIST(X)							\
	X(RX_UNITS,		"PopRxUnits")		/* datagrams */	\
	X(RX_EXECUTED,		"PopRxExecuted")	/* messages */	\
	X(RX_SHORT,		"PopRxShort")				\
	X(RX_VERSION,		"PopRxVersion")				\
	X(RX_MALFORMED,		"PopRxMalformed")			\
	X(RX_UNKNOWN,		"PopRxUnknown")		/* cid */	\
	X(RX_UNSCHEDULED,	"PopRxUnscheduled")			\
	X(RX_FORBIDDEN,		"PopRxForbidden")	/* disputes */	\
	X(RX_NOT_OPEN,		"PopRxNotOpen")				\
	X(RX_DUPLICATE,		"PopRxDuplicate")			\
	X(RX_BAD_SEAL,		"PopRxBadSeal")				\
	X(RX_BAD_HEADER,	"PopRxBadHeader")			\
	X(RX_BAD_FRAGMENT,	"PopRxBadFragment")			\
	X(RX_BAD_CRC,		"PopRxBadCrc")				\
	X(RX_BAD_DIGEST,	"PopRxBadDigest")			\
	X(RX_CONTRADICTION,	"PopRxContradiction")			\
	X(RX_EARLY_FULL,	"PopRxEarlyFull")			\
	X(RX_PENDING_FULL,	"PopRxPendingFull")			\
	X(RX_NO_MEMORY,		"PopRxNoMemory")			\
	X(RX_REPLAY,		"PopRxReplay")		/* control */	\
	X(RX_UNASKED,		"PopRxUnasked")		/* control */	\
	X(RX_LATE,		"PopRxLate")				\
	X(RX_VOID,		"PopRxVoid")				\
	X(RX_HELD,		"PopRxHeld")		/* messages */	\
	X(RX_CONTROL,		"PopRxControl")		/* units */	\
	X(RX_RELAYS,		"PopRxRelays")		/* units */	\
	X(RX_BAD_VOUCHER,	"PopRxBadVoucher")	/* units */	\
	X(RX_ECHOES,		"PopRxEchoes")		/* records */	\
	X(RX_RECORDS,		"PopRxRecords")		/* taken */	\
	X(RX_RECORD_FULL,	"PopRxRecordFull")	/* a socket */	\
	X(RX_UNHEARD,		"PopRxUnheard")		/* records */	\
	X(RX_LIMITED,		"PopRxLimited")		/* control */	\
	X(TX_UNITS,		"PopTxUnits")				\
	X(TX_EXECUTED,		"PopTxExecuted")	/* messages */	\
	X(TX_GROUP,		"PopTxGroup")		/* units */	\
	X(TX_CONTROL,		"PopTxControl")		/* units */	\
	X(TX_RELAYS,		"PopTxRelays")		/* units */	\
	X(TX_ECHOES,		"PopTxEchoes")		/* records */	\
	X(TX_RECORDS,		"PopTxRecords")		/* units */	\
	X(TX_RETRANSMITS,	"PopTxRetransmits")	/* units */	\
	X(TX_WAITED,		"PopTxWaited")		/* messages */	\
	X(TX_SLOWED,		"PopTxSlowed")		/* windows */	\
	X(TX_LIMITED,		"PopTxLimited")		/* requests */	\
	X(TX_NO_ENDPOINT,	"PopTxNoEndpoint")			\
	X(TX_NO_ROUTE,		"PopTxNoRoute")				\
	X(TX_NO_MEMORY,		"PopTxNoMemory")			\
	X(EVIDENCE_FULL,	"PopEvidenceFull")	/* dropped */	\
	X(STATE_REQUESTS,	"PopStateRequests")	/* answered */	\
	X(STATE_REPLIES,	"PopStateReplies")	/* taken */	\
	X(PHASES,		"PopPhases")		/* entered */	\
	X(OVERDUE,		"PopOverdue")		/* channels */	\
	X(MOVES,		"PopMoves")		/* of endpoints */

enum pop_mib_item {
#define X(item, name) POP_MIB_##item,
	POP_MIB_LIST(X)
#undef X
	__POP_MIB_MAX
};

struct pop_mib {
	u64 item[__POP_MIB_MAX];
};

#define pop_count(pn, what) pop_count_n(pn, what, 1)
#define pop_count_n(pn, what, n) this_cpu_add((pn)->mib->item[POP_MIB_##what], n)

#endif /* _POP_MIB_H */
