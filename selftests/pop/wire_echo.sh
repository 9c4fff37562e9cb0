#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a kernel makes of contradictions: of a sender with itself, and of the
# recipients of one message with each other.
#
# Shows: R26 R33
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 3
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/echo.py"
