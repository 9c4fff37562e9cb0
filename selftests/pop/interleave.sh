#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One host in four contracts at once, over one port, their messages mixed.
#
# Shows: R1 R14
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() { # NAME
	cat <<- YAML
		contract: $1
		parties: {a: keys/a.pub, b: keys/b.pub}
		phases:
		  - actions:
		      - {name: ask, from: a, to: [b], count: 50}
		  - actions:
		      - {name: tell, from: b, to: [a], count: 50}
	YAML
}

open_four() {
	local i

	for i in 1 2 3 4; do
		yaml "c$i" > "$work/c$i.yaml"
		contract "$work/c$i.yaml"
		open_all 4
		hashes+=("$hash")
	done
}

node() { # FIELD
	pop_on 1 -j node show | jq -r ".. | .$1? // empty"
}

run_four() {
	local hash pids=() pid

	for hash in "${hashes[@]}"; do
		run_all > /dev/null &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
}

all_four() { # STATE
	local hash

	for hash in "${hashes[@]}"; do
		all_are "$1" || return 1
	done
}

one_port() {
	[ "$(on 1 ss -Hlun4 | wc -l)" -eq 1 ]
}

plan 9
hosts 2
hashes=()
check "passive without a contract" same passive "$(node state)"
open_four
check "active with four" same active "$(node state)"
check "four are open" same 4 "$(node open)"
check "they share one port" one_port
check "all run at once" run_four
check "all are done" all_four settling
# 4 contracts, 50 messages, a header and a payload each
check "not one datagram more than they need" message_units_are 1 Rx 400
check "nothing was dropped" no_drops 1 2
for hash in "${hashes[@]}"; do
	pop_on 1 contract del "$hash"
done
check "passive without them" same passive "$(node state)"
ktap_finished
