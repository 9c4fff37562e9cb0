#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Any party's state by one request: two datagrams, from any to any, answered by
# the kernel alone.
#
# Shows: R4 R18 R19 R20 R21
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

ask() { # N PARTY [ARGUMENT...]
	local n=$1 party=$2
	shift 2
	pop_on "$n" -j state show "$hash" party "$party" "$@"
}

any_to_any() {
	local i j count=0

	for i in 1 2 3 4 5 6; do
		for j in 1 2 3 4 5 6; do
			[ "$i" != "$j" ] || continue
			ask "$i" "p$j" direction in > /dev/null
			count=$((count + 1))
		done
	done
	[ $count -eq 30 ]
}

ends() { # N DIRECTION: the ends of its channels, as another is told
	ask $(($1 % 6 + 1)) "p$1" direction "$2" | jq -r --arg me "p$1" --arg d "$2" '
		.. | .channels? // empty | .[] |
		(if $d == "in" then [.peer, $me] else [$me, .peer] end) as $e |
		"\($e[0]) \($e[1]) \(.phase) \(.action) \(.state)"'
}

# R19: every channel looks the same from its two ends.
both_ends_agree() {
	local n in='' out=''

	for n in 1 2 3 4 5 6; do
		in+=$(ends "$n" in)$'\n'
		out+=$(ends "$n" out)$'\n'
	done
	same "$(sort <<< "$in")" "$(sort <<< "$out")"
}

stranger() { # an AF_POP node without the contract
	refused '' pop_on 7 state show "$hash" party p1
}

without_the_right() {
	refused 'run it as root, or with CAP_NET_ADMIN' on 3 \
		setpriv --bounding-set=-net_admin \
		pop state show "$hash" party p1
}

plan
hosts 7
contract "$POP_TOP/contracts/six-party.yaml"
open_all 4

capture_start
check "p6 asks p1" ask 6 p1 direction in
capture_stop 2 datagrams
check "that took two datagrams" same 2 "$(datagrams | wc -l)"
check "to p1 and back" same 1 "$(datagrams src host 10.0.0.6 and dst host 10.0.0.1 | wc -l)"
check "p1 has answered one" counter_is 1 PopStateRequests 1
check "p6 has taken one" counter_is 6 PopStateReplies 1
check "any can ask any" any_to_any

run_all
check "both ends of every channel agree" both_ends_agree

# R20: nothing in user space has a part in the answer.
talk_on 2 ready stop > "$work/stopped" &
stopped=$!
background+=("$stopped")
wait_for grep -q ready "$work/stopped"
check "a stopped application's party answers" ask 3 p2 direction in
kill -KILL "$stopped" 2> /dev/null || true
check "a party without any application answers" ask 3 p6 direction in
check "a stranger cannot ask" stranger
check "who may not is told who may" without_the_right
check "nothing was dropped" no_drops 1 2 3 4 5 6
ktap_finished
