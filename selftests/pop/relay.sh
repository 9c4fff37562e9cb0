#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Messages are kept for other recipients up to a bound, and the oldest go: who was
# cut off gets the newest of them without the sender, and the rest when the sender
# is back.
#
# Shows: R32
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

COUNT=20
SIZE=1000000		# bytes of a message; buffers cost as much again
BOUND=$((32 << 20))	# POP_RELAYED_MAX

yaml() {
	cat <<- YAML
		contract: relay
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub}
		phases:
		  - actions:
		      - {name: all, from: a, to: [b, c], same: true, count: $COUNT,
		         max: 1M}
	YAML
}

node() { # N WHAT: bytes
	on "$1" awk -v what="$2" '$1 == what { print $2 }' /proc/net/pop/node
}

nothing_relayed() {
	[ "$(node 2 relayed)" -eq 0 ]
}

# cut N TO: nothing goes from one to the other
cut_off() {
	on "$1" ip route add blackhole "10.0.0.$2/32"
}

mended() {
	on "$1" ip route del blackhole "10.0.0.$2/32"
}

# b_gets COUNT: one after the other, and at none it keeps more than the bound. A
# socket for each, for what c has not got would fill one.
b_gets() {
	local _ relayed

	for _ in $(seq "$1"); do
		talk_on 1 bytes 0 0 all $SIZE
		talk_on 2 recv 1
		relayed=$(node 2 relayed)
		echo "kept: $relayed"
		[ "$relayed" -gt 0 ]
		[ "$relayed" -le $BOUND ]
	done
}

got() { # sequence numbers
	awk -v len=$SIZE '$5 == len { print $3 }' "$work/got.3" | sort -n
}

whole() { # COUNT: c has so many, of which no socket has taken any
	[ "$(counter 3 PopRxHeld)" -ge "$1" ]
}

# c_gets FROM TO: one more each time, for a slow machine takes long for all
c_gets() {
	local n

	for n in $(seq $(($1 + 1)) "$2"); do
		wait_for whole "$n"
	done
	talk_on 3 recv $(($2 - $1)) >> "$work/got.3"
}

asked_more() { # FROM
	[ "$(counter 3 PopTxControl)" -ge $(($1 + 10)) ]
}

# c goes on asking, in vain
no_more() {
	wait_for asked_more "$(counter 3 PopTxControl)"
	counter_is 3 PopRxHeld "$fit"
}

newest() {
	same "$(seq $((COUNT - fit)) $((COUNT - 1)))" "$(got)"
}

all_of_them() {
	same "$(seq 0 $((COUNT - 1)))" "$(got)"
}

plan
hosts 3
yaml > "$work/relay.yaml"
contract "$work/relay.yaml"
open_all 4
cut_off 1 3
cut_off 3 2
check "b keeps one for c" b_gets 1
fit=$((BOUND / $(node 2 relayed)))
echo "# $fit fit"
check "it gets more than it may keep" b_gets $((COUNT - 1))
ip -n p1 link set eth0 down
mended 3 2
check "without the sender c gets what b has" c_gets 0 $fit
check "and nothing more" no_more
check "that was the newest of all" newest
ip -n p1 link set eth0 up
mended 1 3
check "the sender is back, and gives the rest" c_gets $fit $COUNT
check "each once" all_of_them
pop_on 2 contract abort "$hash"
check "nothing is kept of what is given up" wait_for nothing_relayed
ktap_finished
