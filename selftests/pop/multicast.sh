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

plan 32
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

# Not all kernels let a host hear what it sends to a group: if one of the recipients is
# a party there, they get copies.
near() {
	cat <<- YAML
		contract: near
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub}
		phases:
		  - actions:
		      - {name: news, from: a, to: [b, c], same: true, count: 20}
		      - {name: tomes, from: a, to: [b, c], same: true}
	YAML
}

# as open_on, but as the Nth party on any host
open_at() { # HOST N
	local dir=${file%/*} party=${parties[$2 - 1]}

	pop_on "$1" contract open "$file" party "$party" \
		secret "$dir/keys/$party.secret" sig "$dir"/*.sig \
		endpoints "$work/endpoints" > /dev/null
}

news() {
	local pids=()

	on 1 "$here/talk" "$hash" 1 ready recv 20 > "$work/got.2" &
	pids+=($!)
	talk_on 3 ready recv 20 > "$work/got.3" &
	pids+=($!)
	background+=("${pids[@]}")
	for n in 2 3; do
		wait_for grep -q ready "$work/got.$n"
	done
	for n in $(seq 20); do
		talk_on 1 send 0 0 all news
	done
	for n in "${pids[@]}"; do
		wait "$n"
	done
}

# A slow machine may ask for what is on its way, but not for half of all.
seldom_again() {
	local again

	again=$(counter 1 PopTxRetransmits)
	echo "sent again: $again"
	[ "$again" -lt 10 ]
}

for n in hub p1 p2 p3 p4 p5; do
	ip netns del $n
done
hosts 3
near > "$work/near.yaml"
contract "$work/near.yaml"
for n in 1 3; do
	pop_on $n node set multicast on dev eth0
done
endpoints 4
sed -i 's/^b: .*/b: 10.0.0.1/' "$work/endpoints"
open_at 1 1
open_at 1 2
open_at 3 3
check "one recipient is on the sender's host: sent to all" news
check "one recipient is on the sender's host: by copies" \
	counter_is 1 PopTxGroup 0
check "one recipient is on the sender's host: nothing needs to be asked for" \
	seldom_again
pop_on 1 contract del "$hash"
pop_on 3 contract del "$hash"

# What waits for the group does not outlive its sender, though a socket does.
kept() { # N: bytes
	on "$1" awk '/^kept/ { print $2 }' /proc/net/pop/node
}

nothing_kept() {
	[ "$(kept 1)" -eq 0 ]
}

endpoints 4
open_at 1 1
waited=$(counter 1 PopTxWaited)
talk_on 1 bytes 0 1 all 60000 ready await "$work/end" > "$work/held" &
holder=$!
background+=("$holder")
wait_for grep -q ready "$work/held"
check "longer than the window: it waits" \
	test "$(counter 1 PopTxWaited)" -gt "$waited"
check "and is kept" test "$(kept 1)" -gt 0
pop_on 1 party del contract "$hash" party a
check "until its sender takes part no more" wait_for nothing_kept
touch "$work/end"
wait "$holder" || true

# Two contracts may have one group, for its address is a part of the group cid: these
# have, and nothing but the epoch tells them from each other.
twins() { # BODY ONE TWO
	/usr/bin/python3 -c '
import hashlib, itertools, sys

body, one, two = sys.argv[1:]
with open(body, "rb") as file:
    body = file.read()
seen = {}
for epoch in itertools.count(1):
    number = epoch.to_bytes(4, "big")
    twin = body[:12] + number + body[16:]
    name = hashlib.blake2s(b"PoP1-contract" + twin).digest()
    cid = hashlib.blake2s(b"group" + number, key=name).digest()[:8]
    low = int.from_bytes(cid, "big") & 0x3ffff
    if low in seen:
        break
    seen[low] = twin
for path, twin in (one, seen[low]), (two, twin):
    with open(path, "wb") as file:
        file.write(twin)
' "$@"
}

listens() { # N
	ip -n "p$1" maddr show dev eth0 | grep 'inet  *239\.'
}

dir=${file%/*}
mkdir "$dir/one" "$dir/two"
twins "$file" "$dir/one/one.pop" "$dir/two/two.pop"
hashes=()
for twin in one two; do
	ln -s ../keys "$dir/$twin/keys"
	file=$dir/$twin/$twin.pop
	for party in "${parties[@]}"; do
		pop contract sign "$file" key "$dir/keys/$party.key" \
			output "$dir/$twin/$party.sig" > /dev/null
	done
	hashes+=("$(pop -j contract show "$file" | jq -r '.. | .hash? // empty')")
	open_at 2 2
done
check "a host listens to the one group of two contracts" listens 2
pop_on 2 contract del "${hashes[0]}"
check "to which one of them leaves it" listens 2
pop_on 2 contract del "${hashes[1]}"
check "and not the other" refused '' listens 2

# To leave a group fails when no route leads to it any more, and the socket, which
# stays open for another party, hears it still.
leave_without_route() {
	on 2 ip route del 224.0.0.0/4
	pop_on 2 contract del "${hashes[1]}"
	on 2 ip route add 224.0.0.0/4 dev eth0
	listens 2
}

leave_later() {
	open_at 2 2
	listens 2
	pop_on 2 contract del "${hashes[1]}"
	refused '' listens 2
}

cat > "$work/other.yaml" <<- 'YAML'
	contract: other
	parties: {a: keys/a.pub, b: keys/b.pub}
	phases:
	  - actions: [{name: one, from: a, to: [b]}]
YAML
twin=$file
contract "$work/other.yaml"
endpoints 4
open_at 2 1
other=$hash
file=$twin
parties=(a b c)
endpoints 4
open_at 2 2
check "a group that cannot be left is heard still" leave_without_route
check "until who joins it next leaves it" leave_later
pop_on 2 contract del "$other"
ktap_finished
