// SPDX-License-Identifier: GPL-2.0
/*
 * The outer part of units: bytes from anybody who can send a datagram.
 *
 * What is a unit is said here once more, after the protocol text.
 *
 * Options: -max_len=32
 * Runs: 1000000
 */
#include <linux/kernel.h>
#include <string.h>

#include "fuzz.h"
#include "unit.h"

#define HEADER 1
#define PAYLOAD 2
#define STATE_REQUEST 3
#define ECHO 8		/* and what is in between are for control */
#define RECORD 9
#define RECOVERY 10
#define RELAY 11

#define GROUP 0x01
#define DISPUTE 0x02
#define ANY 0xffff

static u32 number(const u8 *wire, u32 offset, u32 len)
{
	u32 value = 0;

	for (; len; len--)
		value = value << 8 | wire[offset++];
	return value;
}

static bool is_record(const u8 *wire)
{
	bool phase = number(wire, 16, 2) != ANY;
	bool action = number(wire, 18, 2) != ANY;

	return !(wire[1] & ~DISPUTE) && !number(wire, 2, 2) &&
	       !number(wire, 4, 4) && phase == action && (phase || !wire[1]);
}

/* Documentation/networking/pop-protocol.rst, "Units" */
static bool is_unit(const u8 *wire)
{
	u32 type = wire[0] & 0xf, fragment = number(wire, 2, 2);
	bool control = (type >= STATE_REQUEST && type <= ECHO) ||
		       type == RECOVERY;

	if (wire[0] >> 4 != 1)
		return false;
	if (type == RECORD)
		return is_record(wire);
	if (wire[1] & ~GROUP)
		return false;
	if (type == RELAY)
		return !wire[1];
	if (control)
		return !wire[1] && !fragment && !number(wire, 4, 4) &&
		       !number(wire, 16, 4);
	if (type == PAYLOAD ? fragment > 65534 : fragment)
		return false;
	return (type == HEADER || type == PAYLOAD) && !number(wire, 20, 4);
}

static void check_unit(const struct pop_unit *u, const u8 *wire)
{
	CHECK(u->type == (wire[0] & 0xf));
	CHECK(u->flags == wire[1]);
	CHECK(u->fragment == number(wire, 2, 2));
	CHECK(u->slot.seq == number(wire, 4, 4));
	CHECK(u->slot.phase == number(wire, 16, 2));
	CHECK(u->slot.action == number(wire, 18, 2));
	CHECK(u->aux == number(wire, 20, 4));
}

size_t fuzz_change(u8 *data, size_t len, size_t max)
{
	return fuzz_change_bytes(data, len, max);
}

void fuzz_one(const u8 *data, size_t len)
{
	struct pop_outer outer, again;
	struct pop_unit u;
	bool taken;

	if (len < sizeof(outer))
		return;
	memcpy(&outer, data, sizeof(outer));
	memset(&u, 0xff, sizeof(u));
	taken = pop_unit_parse(&u, &outer);
	CHECK(taken == is_unit(data));
	if (!taken)
		return;
	fuzz_accept();
	check_unit(&u, data);
	memset(&again, 0xff, sizeof(again));
	pop_unit_outer(&again, &u, outer.cid, outer.salt);
	CHECK(!memcmp(&again, data, sizeof(again)));
}
