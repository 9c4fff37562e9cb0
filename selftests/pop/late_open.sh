#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is sent before its recipient has opened the contract, or while the network
# is cut, arrives later; and when all has arrived nobody says anything.
#
# Shows: R32 R36
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- YAML
		contract: late
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub}
		phases:
		  - actions:
		      - {name: many, from: a, to: [b], count: 5}
		      - {name: news, from: a, to: [b, c], same: true, count: 2}
		      - {name: one, from: a, to: [c]}
	YAML
}

# The sender's program ends: what it has sent is the kernel's affair.
send_first() {
	talk_on 1 send 0 0 1 early-0 send 0 0 1 early-1 send 0 1 all news-0 \
		send 0 2 2 for-c
}

receive() { # N COUNT
	talk_on "$1" recv "$2" | sort > "$work/got.$1"
}

got() { # N LINE...
	local n=$1
	shift
	same "$(printf '%s\n' "$@")" "$(cat "$work/got.$n")"
}

kept() { # N: bytes
	on "$1" awk '/^kept/ { print $2 }' /proc/net/pop/node
}

nothing_kept() {
	[ "$(kept 1)" -eq 0 ]
}

cut() { # N
	on "$1" tc qdisc add dev eth0 root netem loss 100%
}

mend() { # N
	on "$1" tc qdisc del dev eth0 root
}

asked_more() { # FROM [QUESTIONS]
	[ "$(counter 1 PopTxControl)" -ge $(($1 + ${2-6})) ]
}

# Nothing is due any more, so that no time need pass for it: were there a timer,
# its work would be due within half a second.
silent() {
	local before

	before=$(counter 1 PopTxUnits).$(counter 2 PopTxUnits)
	sleep 1	# for silence there is no event to wait for
	same "$before" "$(counter 1 PopTxUnits).$(counter 2 PopTxUnits)"
}

plan 21
hosts 3
yaml > "$work/late.yaml"
contract "$work/late.yaml"
endpoints 4
open_on 1 > /dev/null
check "sent when nobody else has opened the contract" send_first
check "it is kept" test "$(kept 1)" -gt 0
open_on 2 > /dev/null
check "b opens it, and gets its part" receive 2 3
check "all of it" got 2 '0 0 0 0 7 early-0' '0 0 1 0 7 early-1' \
	'0 1 0 0 6 news-0'
open_on 3 > /dev/null
check "c opens it later" receive 3 2
check "and has its part, too" got 3 '0 1 0 0 6 news-0' '0 2 0 0 5 for-c'
check "nothing is kept any more" wait_for nothing_kept
check "then all are silent" silent

cut 1
talk_on 1 send 0 0 1 cut-2 send 0 1 all news-1
before=$(counter 1 PopTxControl)
check "a sender that is cut off asks again and again" wait_for asked_more "$before"
mend 1
check "when the network is mended b gets it" receive 2 2
check "as it was sent" got 2 '0 0 2 0 5 cut-2' '0 1 1 0 6 news-1'
# c's program never ran again: its kernel holds the message, which has arrived
check "and nothing is kept" wait_for nothing_kept

# A payload for a group does not wait for who is silent, but for who is there.
by_group() {
	cat <<- YAML
		contract: group
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub,
		          d: keys/d.pub, e: keys/e.pub}
		phases:
		  - actions:
		      - {name: one, from: a, to: [b, c], same: true}
		      - {name: there, from: a, to: [d, e], same: true}
		      - {name: three, from: a, to: [c]}
		      - {name: two, from: a, to: [b, c], same: true}
	YAML
}

for n in hub p1 p2 p3; do
	ip netns del $n
done
rm -rf "$work/late"
hosts 5
by_group > "$work/group.yaml"
contract "$work/group.yaml"
for n in 1 2 3 4 5; do
	pop_on $n node set multicast on dev eth0
done
endpoints 4
for n in 1 4 5; do
	open_on $n > /dev/null
done
before=$(counter 1 PopTxControl)
talk_on 1 send 0 0 all one
# five questions to each, four of which have no answer when the fifth goes
check "group: nobody is there yet" wait_for asked_more "$before" 10
talk_on 1 send 0 3 all two send 0 1 all there
for n in 4 5; do
	receive $n 1
done
check "group: who is there waits for nobody" got 5 '0 1 0 0 5 there'
for n in 2 3; do
	open_on $n > /dev/null
done
for n in 2 3; do
	check "group: p$n has both" receive $n 2
	check "group: p$n has all of them" got $n '0 0 0 0 3 one' \
		'0 3 0 0 3 two'
done
check "group: nothing is kept" wait_for nothing_kept

cut 3
talk_on 1 send 0 2 2 three
check "what did not arrive is kept" test "$(kept 1)" -gt 0
pop_on 3 contract abort "$hash"
mend 3
check "until its recipient says that it has aborted" wait_for nothing_kept
ktap_finished
