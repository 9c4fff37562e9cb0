#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Parties change their addresses in the middle of a contract, and it goes on.
# Who replays all of it from a host of their own changes nothing.
#
# Shows: R45
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- YAML
		contract: roam
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub}
		phases:
		  - actions:
		      - {name: back, from: b, to: [a], count: 2}
		      - {name: news, from: a, to: [b, c], same: true}
		      - {name: parts, from: a, to: [b], count: 3, max: 64K}
		  - actions:
		      - {name: done, from: c, to: [a]}
		      - {name: last, from: b, to: [a, c], same: true}
	YAML
}

address() { # FAMILY NUMBER
	[ "$1" = 4 ] && echo "10.0.0.$2" || echo "fd00::$2"
}

# readdress FAMILY N NUMBER: the host has this address now, and not its own
readdress() {
	local own length

	own=$(address "$1" "$2") length=24
	[ "$1" = 4 ] || length=64
	ip -n "p$2" addr del "$own/$length" dev eth0
	# shellcheck disable=SC2046 # no word, or one
	ip -n "p$2" addr add "$(address "$1" "$3")/$length" dev eth0 \
		$([ "$1" = 4 ] || echo nodad)
}

endpoint_of() { # N PEER: as host N sees it
	pop_on "$1" -j peer show contract "$hash" peer "$2" |
		jq -r '.[0].address // "unknown"'
}

endpoint_is() { # N PEER ADDRESS
	[ "$(endpoint_of "$1" "$2")" = "$3" ]
}

receive() { # N COUNT LINE...: so many messages come, these
	local n=$1 count=$2
	shift 2
	same "$(printf '%s\n' "$@")" "$(talk_on "$n" recv "$count" | sort)"
}

kept() { # N: bytes
	on "$1" awk '/^kept/ { print $2 }' /proc/net/pop/node
}

nothing_kept() {
	[ "$(kept 1)" -eq 0 ] && [ "$(kept 2)" -eq 0 ] && [ "$(kept 3)" -eq 0 ]
}

# rest_of_it FAMILY: who heard of another's new address has found it
rest_of_it() {
	wait_for endpoint_is 2 a "$(address "$1" 101)"
	wait_for endpoint_is 3 a "$(address "$1" 101)"
	receive 3 1 '0 1 0 0 4 news'
	talk_on 2 send 1 1 all last
	wait_for endpoint_is 3 b "$(address "$1" 102)"
	receive 3 1 '1 1 0 1 4 last'
	talk_on 3 send 1 0 0 over
	receive 1 2 '1 0 0 2 4 over' '1 1 0 1 4 last'
	wait_for nothing_kept
	wait_for all_are settling
}

moves() {
	echo "$(counter 1 PopMoves) $(counter 2 PopMoves) $(counter 3 PopMoves)"
}

# replayed FAMILY: all that has been said, from a host of nobody
replayed() {
	local before sent heard

	before="$(moves) $(endpoint_of 1 b) $(endpoint_of 2 a) $(endpoint_of 3 a)"
	read -r sent heard < <(/usr/bin/python3 -B "$here/wire/replay.py" \
		"$work/capture" p4 "$1")
	echo "$sent replayed"
	[ "$sent" -ge 20 ]
	# a request is answered after all that came before it
	pop_on 1 -j state show "$hash" party all > /dev/null
	same 0 "$heard"
	same "$before" \
		"$(moves) $(endpoint_of 1 b) $(endpoint_of 2 a) $(endpoint_of 3 a)"
	[ "$(counter 1 PopRxReplay)" -gt 0 ]
	[ "$(counter 1 PopRxDuplicate)" -gt 0 ]
	[ "$(counter 2 PopRxDuplicate)" -gt 0 ]
}

close_all() {
	local n

	for n in 1 2 3; do
		pop_on $n contract close "$hash"
		state_is $n closed
	done
}

set_peer() { # ADDRESS
	pop_on 1 peer set contract "$hash" peer b address "$1"
}

own_indices() {
	pop_on 1 -j channel show contract "$hash" |
		jq '[.. | .party_index? // empty] | unique | .[]'
}

plan 40
for family in 4 6; do
	v=IPv$family
	hosts 4
	yaml > "$work/roam.yaml"
	contract "$work/roam.yaml"
	endpoints $family
	sed -i '/^b:/d' "$work/endpoints"
	open_on 1 > /dev/null
	endpoints $family
	open_on 2 > /dev/null
	open_on 3 > /dev/null
	capture_start

	# a does not know where b is
	check "$v: nobody told a where b is" endpoint_is 1 b unknown
	check "$v: b sends" talk_on 2 send 0 0 0 back-0
	check "$v: and a has learned it" \
		wait_for endpoint_is 1 b "$(address $family 2)"
	check "$v: a has the message" receive 1 1 '0 0 0 1 6 back-0'
	check "$v: a sends there" talk_on 1 send 0 2 1 parts-0
	check "$v: b has the message" receive 2 1 '0 2 0 0 7 parts-0'

	# b moves, and says nothing of it
	readdress $family 2 102
	check "$v: a sends to where b is no more" talk_on 1 send 0 2 1 parts-1
	check "$v: it is kept" test "$(kept 1)" -gt 0
	check "$v: b sends from its new address, and has the message" same \
		'0 2 1 0 7 parts-1' "$(talk_on 2 send 0 0 0 back-1 recv 1)"
	check "$v: for a has found it" endpoint_is 1 b "$(address $family 102)"
	check "$v: a has the message" receive 1 1 '0 0 1 1 6 back-1'

	# a moves, who sends
	readdress $family 1 101
	check "$v: a sends from its new address" \
		talk_on 1 send 0 1 all news send 0 2 1 parts-2
	check "$v: b has the messages" receive 2 2 \
		'0 1 0 0 4 news' '0 2 2 0 7 parts-2'
	check "$v: b and c find a, and each other, and all of it arrives" \
		rest_of_it $family
	check "$v: a moved for two, b for two" same '2 1 2' "$(moves)"
	check "$v: a replay of all of it moves nothing" replayed $family
	check "$v: all can close it" close_all
	check "$v: an address without its end is none" \
		refused 'is no address' set_peer '[fd00::1'
	check "$v: no port is 0" refused 'no port is 0' set_peer '10.0.0.1:0'
	check "$v: channels have indices, for programs" \
		same 0 "$(own_indices)"
	capture_stop 0
	for n in hub p1 p2 p3 p4; do
		ip netns del $n
	done
	rm -rf "$work/roam"
done
ktap_finished
