#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is the same for all goes to the contract's group once, if the node says
# so: a header for each recipient, and one payload.
#
# Shows: R43 R44
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- 'YAML'
		contract: fan
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub,
		          d: keys/d.pub, e: keys/e.pub}
		phases:
		  - actions:
		      - {name: news, from: a, to: [b, c, d], same: true, count: 4}
		      - {name: tomes, from: a, to: [b, c, d], same: true, count: 40}
	YAML
}

fan_out() {
	local i n pids=()

	for n in 2 3 4; do
		talk_on $n ready recv 4 > "$work/got.$n" &
		pids+=($!)
	done
	background+=("${pids[@]}")
	for i in 1 2 3 4; do
		talk_on 1 send 0 0 all "news-$i"
	done
	for n in "${pids[@]}"; do
		wait "$n"
	done
}

all_got_it() {
	local n

	for n in 2 3 4; do
		same "$(printf '0 0 %d 0 6 news-%d\n' 0 1 1 2 2 3 3 4)" \
			"$(grep -v ready "$work/got.$n" | sort)"
	done
}

node_dev() {
	pop_on 1 -j node show | jq -r '.[0].dev'
}

name_interface() {
	pop_on 1 node set dev eth0
	same eth0 "$(node_dev)"
	pop_on 1 node set dev any
	same null "$(node_dev)"
}

plan 21
for family in 4 6; do
	hosts 5
	yaml > "$work/fan.yaml"
	contract "$work/fan.yaml"
	for n in 1 2 3 4 5; do
		pop_on $n node set multicast on dev eth0
	done
	open_all $family
	capture_start
	check "IPv$family: sent to all" fan_out
	check "IPv$family: all have it" all_got_it
	capture_stop 16
	case $family in
	4) group='dst net 239.0.0.0/8' ;;
	6) group='dst net ff00::/8' ;;
	esac
	check "IPv$family: one payload a message, to the group" \
		same 4 "$(messages "$group" | wc -l)"
	check "IPv$family: a header for each recipient" \
		same 12 "$(messages 'udp[8] = 0x11 or ip6[48] = 0x11' | wc -l)"
	check "IPv$family: counted as such" counter_is 1 PopTxGroup 4
	check "IPv$family: nothing was dropped by recipients" no_drops 2 3 4
	# A party, but no recipient: it has not even joined.
	check "IPv$family: no unit for the others" counter_is 5 PopRxUnits 0
	for n in hub p1 p2 p3 p4 p5; do
		ip netns del $n
	done
	rm -rf "$work/fan"
done

# To a host that knows no way to groups they are as if multicast were off.
hosts 5
yaml > "$work/fan.yaml"
contract "$work/fan.yaml"
for n in 1 2 3 4 5; do
	pop_on $n node set multicast on
	on $n ip route del 224.0.0.0/4
done
check "an interface can be named, and taken back" name_interface
open_all 4
check "no route to the group: sent to all" fan_out
check "no route to the group: all have it" all_got_it
check "no route to the group: by copies" counter_is 1 PopTxGroup 0

# What was counted for the group is neither lost nor under way.
long_ones() {
	local n pids=()

	for n in 2 3 4; do
		talk_on $n ready recv 40 > "$work/got.$n" &
		pids+=($!)
		background+=($!)
		wait_for grep -q ready "$work/got.$n"
	done
	talk_on 1 stream 0 1 all 60000 40
	for n in "${pids[@]}"; do
		wait "$n"
	done
}

# A slow machine asks for what is on its way, now and then. If what did not go to
# the group were missed, each message would make a window smaller.
seldom_slowed() {
	local slowed

	slowed=$(counter 1 PopTxSlowed)
	echo "slowed: $slowed"
	[ "$slowed" -lt 40 ]
}

window_is_open() {
	pop_on 1 -s -j peer show contract "$hash" peer b > "$work/window"
	cat "$work/window"
	# it is smaller after what was taken for a loss, and only then
	[ "$(jq '.. | .window? // empty' "$work/window")" -ge 32 ] ||
		[ "$(counter 1 PopTxSlowed)" -gt 0 ]
	[ "$(jq '.. | .under_way? // empty' "$work/window")" -le 1024 ]
}

check "no route to the group: long messages" long_ones
check "no route to the group: none of it seems to be lost" seldom_slowed
check "no route to the group: the window is open" window_is_open
ktap_finished
