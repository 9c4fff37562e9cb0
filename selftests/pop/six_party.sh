#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The paper's contract among six hosts, from the contract file to its close,
# once over IPv4 and once over IPv6.
#
# Shows: R2 R3 R4 R7 R10 R12 R13 R15 R17 R18 R19 R21 R26 R28 R41 R43 R45 R55
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# Input channels of p1..p6; each is two datagrams.
inputs=(0 1 1 1 2 2)

run_contract() {
	local n pids=()

	talk_on 1 send 0 0 all 'an order' &
	pids+=($!)
	talk_on 2 recv 1 send 1 1 2 'parts for 3' send 1 1 4 'parts for 5' \
		> "$work/p2" &
	pids+=($!)
	talk_on 3 recv 1 send 2 0 5 'sub-assembly' > "$work/p3" &
	pids+=($!)
	talk_on 4 recv 1 send 1 0 4 'a frame' > "$work/p4" &
	pids+=($!)
	talk_on 5 recv 2 send 2 1 5 'the unit' > "$work/p5" &
	pids+=($!)
	talk_on 6 recv 2 > "$work/p6" &
	pids+=($!)
	background+=("${pids[@]}")
	for n in "${pids[@]}"; do
		wait "$n"
	done
}

received() {
	sort "$work/p$1"
}

# "PARTY DIRECTION PEER PHASE ACTION STATE" of all channels of all parties, as
# pN sees them: its own, and what the five others tell it.
final() {
	{
		channels_of "$1" | sed "s/^/p$1 /; s/ [0-9/]*$//"
		pop_on "$1" -j state show "$hash" party all | jq -r '
			.[] | .party as $p | .channels[] |
			"\($p) \(.direction) \(.peer) \(.phase) \(.action) \(.state)"'
	} | sort
}

all_settled() {
	local n

	for n in 1 2 3 4 5 6; do
		state_is "$n" settling || return 1
	done
}

# R7: two ends of seven channels, all done, and the same from everywhere.
same_everywhere() {
	local n first

	first=$(final 1)
	[ "$(grep -c ' executed$' <<< "$first")" -eq 14 ]
	[ "$(wc -l <<< "$first")" -eq 14 ]
	for n in 2 3 4 5 6; do
		same "$first" "$(final "$n")"
	done
}

to_host() { # FAMILY N: a filter for tcpdump
	[ "$1" = 4 ] && echo "dst host 10.0.0.$2" || echo "dst host fd00::$2"
}

datagrams_at_each() {
	local n count

	for n in 1 2 3 4 5 6; do
		count=$(messages "$(to_host "$1" "$n")" | wc -l)
		[ "$count" -eq $((2 * inputs[n - 1])) ] || {
			echo "$count datagrams to p$n"
			return 1
		}
		message_units_are "$n" Rx $((2 * inputs[n - 1]))
	done
}

hash_not_in_capture() {
	! od -An -v -tx1 "$work/capture" | tr -d ' \n' | grep -qF "$1"
}

close_all() {
	local n

	for n in 1 2 3 4 5 6; do
		pop_on "$n" contract close "$hash"
		state_is "$n" closed
	done
}

plan 26
hosts 6
contract "$POP_TOP/contracts/six-party.yaml"

for family in 4 6; do
	v=IPv$family
	check "$v: all six open it" open_all $family
	# R4: who the others are, and only to those who have the contract
	check "$v: p1 is in phase 0" state_is 1 open
	capture_start
	check "$v: it runs" run_contract
	check "$v: all are done" wait_for all_settled
	capture_stop 14

	check "$v: p2 got the order" same '0 0 0 0 8 an order' "$(received 2)"
	check "$v: p4 got the order" same '0 0 0 0 8 an order' "$(received 4)"
	check "$v: p5 got parts and frame" same \
		$'1 0 0 3 7 a frame\n1 1 0 1 11 parts for 5' "$(received 5)"
	check "$v: p6 got both" same \
		$'2 0 0 2 12 sub-assembly\n2 1 0 4 8 the unit' "$(received 6)"
	check "$v: two datagrams a channel, to its recipient, nothing else" \
		datagrams_at_each $family
	check "$v: the contract's hash is not on the wire" \
		hash_not_in_capture "$hash"
	check "$v: nothing was dropped" no_drops 1 2 3 4 5 6
	check "$v: all see the same final channels" same_everywhere
	check "$v: all can close it" close_all

	for n in 1 2 3 4 5 6; do
		pop_on "$n" contract del "$hash"
	done > /dev/null
	# Counters are of the namespace, and it is new for the next family.
	cleanup_hosts() {
		for n in hub p1 p2 p3 p4 p5 p6; do
			ip netns del "$n"
		done
	}
	if [ $family = 4 ]; then
		cleanup_hosts
		hosts 6
	fi
done
ktap_finished
