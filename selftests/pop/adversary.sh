#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Faulty parties, which have their keys and do as they like, against honest ones:
# the outcome for every number of them up to the bound, and the limit beyond it.
#
# Shows: R26 R27 R33
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 6
POP_WIRE_WORK=$work POP_WIRE_TESTS=$here \
	/usr/bin/python3 -B "$here/wire/adversary.py"
