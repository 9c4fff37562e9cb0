#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# STATE units, by another implementation that keeps its own books: what the
# kernel answers, to whom, and what it makes of answers.
#
# Shows: R4 R18 R19 R20 R21
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 3
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/state.py"
