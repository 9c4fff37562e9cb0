#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a kernel makes of units that come after a verdict.
#
# Shows: R33
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 2
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/late.py"
