#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Valid units, mutated at random; a seed makes the sequence. For a long run:
# KSELFTEST_WIRE_FUZZ_SH_ARGS="UNITS [SEED]", or as arguments.
#
# Shows: R27
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 2
POP_WIRE_WORK=$work POP_FUZZ_UNITS=${1-} POP_FUZZ_SEED=${2-} \
	/usr/bin/python3 -B "$here/wire/fuzz.py"
