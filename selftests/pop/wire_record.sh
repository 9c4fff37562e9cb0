#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Records of the Byzantine channel, by another implementation: whom the kernel
# lets say what, before and after the seal; what is forged or replayed; what it
# sends, and until when.
#
# Shows: R27 R34 R35 R37 R38
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 3
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/record.py"
