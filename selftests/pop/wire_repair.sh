#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a kernel asks for when something is missing, and what it sends again, as
# a peer with its own implementation sees it, and a third party does not.
#
# Shows: R21 R31 R46
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 3
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/repair.py"
