#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Units in every order: the same messages, digests and states come of it.
#
# Shows: R40 R42 R56
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# A long message is sent at once, and nobody asks again for what is lost.
sysctl -qw net.core.netdev_max_backlog=100000
hosts 3
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/order.py"
