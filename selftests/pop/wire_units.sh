#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module and another implementation of the protocol understand each other:
# one fragment and many, to one and to all, both ways.
#
# Shows: R3 R5 R41 R44 R45 R55 R56 R58
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# A long message is sent at once, and nobody asks again for what is lost.
sysctl -qw net.core.netdev_max_backlog=100000
hosts 2
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/units.py"
