#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is forged, damaged, not scheduled, repeated or contradictory ends in
# exactly the counter that says so, and changes nothing: by a peer that has its
# own implementation of the protocol, and a model of the receiver.
#
# Shows: R4 R5 R13 R15 R22 R27 R33 R57 R58
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 3
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/hostile.py"
