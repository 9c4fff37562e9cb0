#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What makes a kernel believe that a peer has moved, and what does not: replays,
# forgeries and others' answers.
#
# Shows: R45
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 3
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/roam.py"
