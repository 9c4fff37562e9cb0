#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# No file names a place that only one machine has: where this tree happens to
# stand, or somebody's home.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

free_of_places() {
	! grep -InE "$(sed 's/[.+]/\\&/g' <<< "$top")(/|\$|[^-a-z])|/home/[a-z]" \
		"$1"
}

mapfile -t files < <(sources)
each free_of_places "${files[@]}"
