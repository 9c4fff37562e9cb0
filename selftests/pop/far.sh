#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A path with a round trip longer than a sender waits for its first answer, as by
# satellite: from the beginning, and all of a sudden.
#
# Shows: R46
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- YAML
		contract: far
		parties: {a: keys/a.pub, b: keys/b.pub}
		phases:
		  - actions:
		      - {name: all, from: a, to: [b], count: 40, max: 1M}
	YAML
}

delay() { # add|del [TIME]
	local n

	for n in 1 2; do
		on $n tc qdisc "$1" dev eth0 root netem delay "${2-400ms}"
	done
}

kept() { # N: bytes
	on "$1" awk '/^kept/ { print $2 }' /proc/net/pop/node
}

nothing_kept() {
	[ "$(kept 1)" -eq 0 ]
}

# known BYTES: that a message has arrived becomes known to its sender
known() {
	talk_on 1 bytes 0 0 1 "$1"
	wait_for nothing_kept
}

# One after the other, until nothing is left of a long round trip.
many() {
	local _

	for _ in {1..20}; do
		known 1000
	done
}

# asked FROM AT-MOST
asked() {
	local questions=$(($(counter 1 PopTxControl) - $1))

	echo "questions: $questions"
	[ $questions -le "$2" ]
}

# the five of the long paths, and 20
each_once() {
	talk_on 2 recv 25 > "$work/got"
	same "$(seq 0 24)" "$(awk '{ print $3 }' "$work/got")"
}

plan
hosts 2
yaml > "$work/far.yaml"
contract "$work/far.yaml"
open_all 4
delay add
control=$(counter 1 PopTxControl)
check "what has arrived becomes known" known 100
check "by a few questions" asked "$control" 12
check "also what is longer than the window" known 200000
delay del
check "the path becomes a short one" many
delay add
control=$(counter 1 PopTxControl)
check "and a long one again" known 100
check "a few questions are enough" asked "$control" 12
check "what is longer than the window arrives, too" known 200000
delay del
# longer than any wait for an answer
delay add 600ms
check "and on a longer path" known 200000
check "each has arrived once" each_once
echo "# sent again: $(counter 1 PopTxRetransmits) of $(counter 1 PopTxUnits) units," \
	"not again: $(counter 1 PopTxLimited)"
ktap_finished
