#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A node with a rate: contracts that have more to send than it can take share it
# by their weights.
#
# Shows: R16
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

COUNT=20000	# messages; none of the two gets so far
ROUND=600	# of both together, in a comparison

yaml() { # NAME
	cat <<- YAML
		contract: $1
		parties: {a: keys/a.pub, b: keys/b.pub}
		phases:
		  - actions:
		      - {name: $1, from: a, to: [b], count: $COUNT, max: 1K}
	YAML
}

# Both receive all that comes, and send as much as they may.
saturate() { # NAME
	yaml "$1" > "$work/$1.yaml"
	contract "$work/$1.yaml"
	open_all 4
	talk_on 2 ready recv $COUNT > "$work/recv.$1" &
	background+=($!)
	wait_for grep -q ready "$work/recv.$1"
	talk_on 1 stream 0 0 1 1000 $COUNT &
	background+=($!)
}

# "LIGHT HEAVY": what b has got of both, at one moment
delivered() {
	on 2 awk '$6 == "a" { n[$5] = $8 } END { print n["light"] + 0,
		n["heavy"] + 0 }' /proc/net/pop/channels
}

started() {
	local light heavy

	read -r light heavy <<< "$(delivered)"
	[ "$light" -gt 0 ] && [ "$heavy" -gt 0 ]
}

got_more() { # LIGHT HEAVY N
	local light heavy

	read -r light heavy <<< "$(delivered)"
	[ $((light + heavy - $1 - $2)) -ge "$3" ]
}

# Both sockets have something that waits.
backlog() {
	on 1 awk 'NR > 1 && $5 > 100000 { n++ } END { exit n != 2 }' \
		/proc/net/pop/sockets
}

# shared LIGHT HEAVY: by these parts, within 5 %, until now from ROUND on
shared() {
	local light0 heavy0 light heavy sum part

	wait_for backlog
	read -r light0 heavy0 <<< "$(delivered)"
	wait_for got_more "$light0" "$heavy0" $ROUND
	read -r light heavy <<< "$(delivered)"
	backlog
	light=$((light - light0)) heavy=$((heavy - heavy0))
	sum=$((light + heavy))
	part=$((sum * $1 / ($1 + $2)))
	echo "light $light, heavy $heavy, the light part would be $part"
	# of the smaller part, which is the harder measure
	if [ "$1" -lt "$2" ]; then
		[ $(((light - part) * 20)) -le "$part" ] &&
			[ $(((part - light) * 20)) -le "$part" ]
	else
		part=$((sum - part))
		[ $(((heavy - part) * 20)) -le "$part" ] &&
			[ $(((part - heavy) * 20)) -le "$part" ]
	fi
}

kept() { # N: bytes
	on "$1" awk '/^kept/ { print $2 }' /proc/net/pop/node
}

nothing_kept() {
	[ "$(kept 1)" -eq 0 ]
}

heavy_got_more() { # FROM
	local light heavy

	read -r light heavy <<< "$(delivered)"
	[ $((heavy - $1)) -ge $ROUND ]
}

# While the light contract has nothing to send, the tokens are not lost.
all_for_one() {
	local light heavy light1

	read -r light heavy <<< "$(delivered)"
	wait_for heavy_got_more "$heavy"
	read -r light1 heavy <<< "$(delivered)"
	same "$light" "$light1"
}

plan 11
hosts 2
check "a node has no rate by default" refused 'no rate' pop_on 1 node set rate fast
check "until it is given one" pop_on 1 node set rate 2mbit
check "which it shows" same '2000000 2mbit' \
	"$(pop_on 1 -j node show | jq -r '.. | .rate? // empty') $(
		pop_on 1 node show | sed -n 's/.* rate \([^ ]*\).*/\1/p')"
saturate light
light=$hash
saturate heavy
heavy=$hash
pop_on 1 contract set "$heavy" weight 3
wait_for started
check "one to three" shared 1 3
pop_on 1 contract set "$light" weight 3
pop_on 1 contract set "$heavy" weight 1
check "three to one, from then on" shared 3 1
pop_on 1 contract set "$light" weight 1
check "one to one" shared 1 1
check "messages had to wait" test "$(counter 1 PopTxWaited)" -gt 0
check "and none of them were lost" no_drops 1
pop_on 1 contract del "$light"
check "one alone goes on" all_for_one
check "without a rate all can go" pop_on 1 node set rate off
pop_on 1 contract abort "$heavy"
check "and nothing is kept of what was given up" wait_for nothing_kept
ktap_finished
