#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The worked contracts in contracts/, each by a program that knows nothing but
# the contract: compile, open, run to the end, close.
#
# Shows: R12 R17 R51
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

shopt -s nullglob
files=("$POP_TOP"/contracts/*.yaml)

hours_as_agreed() {
	local n want due

	for n in $(seq ${#parties[@]}); do
		want=$(pop -j contract show "$file" | jq --arg me "${parties[n - 1]}" '
			.[0].parties[] | select(.name == $me) | .minutes')
		due=$(pop_on "$n" -j party show contract "$hash" |
			jq '.[0].minutes')
		same "$want" "$due"
	done
}

close_all() {
	local n

	for n in $(seq ${#parties[@]}); do
		pop_on "$n" contract close "$hash"
	done
	all_are closed
}

plan $((1 + 5 * ${#files[@]}))
check "there are three" test ${#files[@]} -ge 3
hosts 6
for yaml in "${files[@]}"; do
	name=$(basename "$yaml" .yaml)
	contract "$yaml"
	check "$name: signed by all" pop contract verify "$file" "${file%/*}"/*.sig
	check "$name: opened by all" open_all 4
	check "$name: all do what they owe" run_all
	check "$name: hours are those of the contract" hours_as_agreed
	check "$name: closed by all" close_all
done
ktap_finished
