#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Recovery: a kernel asks other recipients of a message, and gives to them, as peers
# with an implementation of their own see it.
#
# Shows: R32
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 3
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/recover.py"
