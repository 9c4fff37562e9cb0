#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What anybody can make a kernel keep keeps nothing else out.
#
# Shows: R57
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 3
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/junk.py"
