#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fuzz targets find nothing in a short run that is always the same: see
# selftests/fuzz/run.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

targets=(selftests/fuzz/*_fuzz.c)
targets=("${targets[@]%_fuzz.c}")

fuzz() { # TARGET: what it says on success is worth a line
	local output

	output=$(selftests/fuzz/run "$1" 2>&1) || {
		printf '%s\n' "$output"
		return 1
	}
	echo "# $output" >&3
}

make -s -C selftests/fuzz >&2
exec 3>&1
each fuzz "${targets[@]##*/}"
