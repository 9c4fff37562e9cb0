#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How much is under way: a clean path is filled at once, a narrow one is not
# flooded, and one that leads nowhere gets little.
#
# Shows: R46
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- YAML
		contract: window
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub}
		phases:
		  - actions:
		      - {name: file, from: a, to: [b, c], count: 2, max: 4M}
		      - {name: news, from: a, to: [b, c], same: true, count: 2,
		         max: 1M}
	YAML
}

FILE=2000000	# bytes
UNITS=1675	# at least, of it

transfer() { # ACTION TO BYTES RECIPIENT...
	local n pids=()

	for n in "${@:4}"; do
		talk_on "$n" ready recv 1 > "$work/got.$n" &
		pids+=($!)
		background+=($!)
		wait_for grep -q ready "$work/got.$n"
	done
	talk_on 1 bytes 0 "$1" "$2" "$3"
	for n in "${pids[@]}"; do
		wait "$n"
	done
	for n in "${@:4}"; do
		cat "$work/got.$n"
		grep -q "^0 $1 [0-9] 0 $3 abc" "$work/got.$n"
	done
}

# A counter of p1 has grown by so much at most, or at least.
grown() { # NAME BEFORE -le|-ge N
	local by=$(($(counter 1 "$1") - $2))

	echo "$1: $by"
	test "$by" "$3" "$4"
}

# Questions of p1, without those whose answer came when the next was asked: on a
# machine that stalls there are as many as there are stalls.
questions() {
	echo $(($(counter 1 PopTxControl) - $(counter 1 PopRxUnasked)))
}

questions_are() { # BEFORE MOST
	local by=$(($(questions) - $1))

	echo "questions: $by"
	test "$by" -le "$2"
}

# What came of a transfer, for whoever reads the log.
say() { # TEXT
	echo "# $1: sent again $(($(counter 1 PopTxRetransmits) - again))," \
		"questions $(($(counter 1 PopTxControl) - control))," \
		"window halved $(($(counter 1 PopTxSlowed) - slowed))"
}

# The window to a peer is as long as that now, or longer.
window_is() { # PEER UNITS
	local window

	window=$(pop_on 1 -s -j peer show contract "$hash" peer "$1" |
		sed -n 's/.*"window": *\([0-9]*\).*/\1/p')
	echo "window: $window"
	test "$window" -ge "$2"
}

kept() { # N: bytes
	on "$1" awk '/^kept/ { print $2 }' /proc/net/pop/node
}

nothing_kept() {
	[ "$(kept 1)" -eq 0 ]
}

asked_more() { # FROM
	[ "$(counter 1 PopTxControl)" -ge $(($1 + 6)) ]
}

plan 18
hosts 3
yaml > "$work/window.yaml"
contract "$work/window.yaml"
pop_on 1 node set multicast on dev eth0
for n in 2 3; do
	pop_on $n node set dev eth0
done
open_all 4

# The window of a peer is its own: what b is worth tells nothing of c. The path is
# narrower than the slowest machine.
on 1 tc qdisc add dev eth0 root netem rate 4mbit limit 50
again=$(counter 1 PopTxRetransmits)
control=$(counter 1 PopTxControl)
slowed=$(counter 1 PopTxSlowed)
check "a narrow path with a short queue" transfer 0 1 $FILE 2
check "the window has shrunk" grown PopTxSlowed "$slowed" -ge 1
check "so that no more than half goes again" \
	grown PopTxRetransmits "$again" -le $((UNITS / 2))
say narrow
on 1 tc qdisc del dev eth0 root

slowed=$(counter 1 PopTxSlowed)
waited=$(counter 1 PopTxWaited)
again=$(counter 1 PopTxRetransmits)
control=$(counter 1 PopTxControl)
asked=$(questions)
check "a clean path" transfer 0 2 $FILE 3
check "the message is longer than the window" \
	grown PopTxWaited "$waited" -ge 1
# The window doubles with each question: 32 units, 64... so that few do. Were it not
# to grow, a hundred would.
check "few questions are enough" questions_are "$asked" 90
check "and next to nothing goes again" \
	grown PopTxRetransmits "$again" -le $((UNITS / 10))
check "the window is longer, and one can see that" window_is c 256
check "c is said to be where it is" \
	pop_on 1 peer set contract "$hash" peer c address 10.0.0.3
check "which changes nothing" window_is c 256
say clean

group=$(counter 1 PopTxGroup)
check "one for all, longer than the window" transfer 1 all 500000 2 3
check "the payload goes out once" grown PopTxGroup "$group" -le 430
check "all of it" grown PopTxGroup "$group" -ge 420
group=$(counter 1 PopTxGroup)
pop_on 1 node set rate 16mbit
check "the same on a node with a rate" transfer 1 all 500000 2 3
check "once again" grown PopTxGroup "$group" -ge 420
pop_on 1 node set rate off

wait_for nothing_kept
on 1 tc qdisc add dev eth0 root netem loss 100%
units=$(counter 1 PopTxUnits)
control=$(counter 1 PopTxControl)
talk_on 1 bytes 0 0 1 $FILE
wait_for asked_more "$control"
# the first window at most, and questions
check "a path that leads nowhere gets no more than a window" \
	grown PopTxUnits "$units" -lt $((UNITS / 2))
check "what waits is kept" test "$(kept 1)" -gt $FILE
pop_on 1 contract abort "$hash"
check "until the contract is given up" wait_for nothing_kept
ktap_finished
