#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What Documentation/coverage.rst explains is there to be explained.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

defined() { # "FILE FUNCTION"
	grep -qE "^[a-z].*\b${1#* }\(" "net/pop/${1% *}" ||
		echo "net/pop/${1% *} has no function ${1#* }()"
}

mapfile -t names < <(sed -nE 's/^([a-z_]+\.c), (``.*)$/\1 \2/p' \
	Documentation/coverage.rst | while read -r file functions; do
	grep -oE '``[a-z0-9_]+\(\)``' <<< "$functions" | tr -d '`()' |
		sed "s/^/$file /"
done)
each defined "${names[@]}"
