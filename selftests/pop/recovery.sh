#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A recipient that the sender cannot reach gets the message from the others, also
# when the sender has gone for good.
#
# Shows: R32
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan

cat > "$work/relay.yaml" << 'END'
contract: relay
parties: {p1: keys/p1.pub, p2: keys/p2.pub, p3: keys/p3.pub, p4: keys/p4.pub}
faulty: 1
phases:
  - actions:
      - {name: all, from: p1, to: [p2, p3, p4], same: true, consistency: all,
         count: 3, max: 256K}
      - {name: detect, from: p1, to: [p2, p3, p4], same: true, count: 5,
         max: 256K}
  - actions:
      - {name: done, from: p3, to: [p2]}
END
contract "$work/relay.yaml"
hosts 4

# deaf N TO: nothing goes from one to the other, either way
deaf() {
	on "$1" sysctl -q net.ipv4.conf.all.rp_filter=1 \
		net.ipv4.conf.eth0.rp_filter=1
	on "$1" ip route add blackhole "10.0.0.$2/32"
}

no_contradictions() {
	local n

	for n in 2 3 4; do
		counter_is $n PopRxContradiction 0
	done
}

executed() { # N
	channel_is "$1" "input p1 0 0 executed 3/3" &&
		channel_is "$1" "input p1 0 1 executed 5/5"
}

send_all() {
	local i ops=()

	for i in 1 2 3; do
		ops+=(send 0 0 all "$(printf "all-$i%.0s" {1..1000})")
	done
	for i in 1 2 3 4 5; do
		ops+=(send 0 1 all "detect-$i")
	done
	talk_on 1 "${ops[@]}"
}

# waits N: it has all of the one action, and has not heard of the third party
waits() {
	wait_for channel_is "$1" "input p1 0 1 executed 5/5"
	wait_for channel_is "$1" "input p1 0 0 echo 0/3"
}

same_messages() {
	sort "$work/got.2" > "$work/a"
	sort "$work/got.$1" > "$work/b"
	cmp "$work/a" "$work/b"
}

check "all four open it" open_all 4
for n in 1 2 4; do
	deaf 3 $n
done
for n in 2 3 4; do
	talk_on "$n" recv 8 > "$work/got.$n" &
	background+=("$!")
done
check "the sender sends" send_all
check "the second party has it, and waits for the third" waits 2
check "so does the fourth" waits 4
check "the third has nothing" channel_is 3 "input p1 0 0 open 0/3"
ip -n p1 link set eth0 down
on 3 ip route del blackhole 10.0.0.2/32
on 3 ip route del blackhole 10.0.0.4/32
check "it gets all of it from the others" wait_for executed 3
check "so the second delivers, too" wait_for executed 2
check "and the fourth" wait_for executed 4
check "the third has what the others have" same_messages 3
check "the fourth, too" same_messages 4
check "nobody contradicts anybody" no_contradictions
check "the contract goes on" talk_on 3 send 1 0 all "done"
ktap_finished
