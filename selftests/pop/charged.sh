#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who opens a party pays for its channels, also for those that open when a peer lets
# it go on; and who sends, for what is kept: the memory cgroup says so.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# 64 bytes for each slot of a channel that is open; the last two are at first not
yaml() {
	cat <<- YAML
		contract: charged
		parties: {a: keys/a.pub, b: keys/b.pub}
		phases:
		  - actions: [{name: go, from: a, to: [b]}]
		  - actions: [{name: one, from: b, to: [a]}]
		  - actions: [{name: two, from: b, to: [a]}]
		  - actions: [{name: many, from: a, to: [b], count: $SLOTS}]
		  - actions: [{name: back, from: b, to: [a], count: $SLOTS}]
	YAML
}

# One payload for all, and a header for each
heads() {
	cat <<- YAML
		contract: heads
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub,
		          d: keys/d.pub, e: keys/e.pub, f: keys/f.pub}
		phases:
		  - actions:
		      - {name: news, from: a, to: [b, c, d, e, f], same: true,
		         count: $HEADS}
	YAML
}

SLOTS=200000
bytes=$((2 * SLOTS * 64))

cgroups=$(mktemp -d)
mount -t cgroup2 none "$cgroups"
trap 'umount "$cgroups"; rmdir "$cgroups"; cleanup' EXIT
echo +memory > "$cgroups/cgroup.subtree_control"
mkdir "$cgroups/who"

open_charged() { # N
	echo "$BASHPID" > "$cgroups/who/cgroup.procs"
	open_on "$1"
}

goes_on() {
	talk_on 1 send 0 0 1 go
	same "0 0 0 0 2 go" "$(talk_on 2 recv 1)"
}

pays() { # -lt|-ge BYTES
	test "$(< "$cgroups/who/memory.current")" "$@"
}

# Nothing can be reclaimed, and processors, which give it back by and by, have nothing
# left that they have charged before.
squeezed() {
	local before

	before=$(< "$cgroups/who/memory.current")
	echo 0 > "$cgroups/who/memory.high"
	echo max > "$cgroups/who/memory.high"
	sleep 0.2	# others are at it
	[ "$before" -eq "$(< "$cgroups/who/memory.current")" ]
}

HEADS=200

send_charged() {
	echo "$BASHPID" > "$cgroups/who/cgroup.procs"
	talk_on 1 stream 0 0 all 10 $HEADS
}

# bytes of objects, so that what the program itself takes does not count
objects() {
	awk '$1 == "slab_unreclaimable" { print $2 }' \
		"$cgroups/who/memory.stat"
}

# A buffer and its head for each recipient. What is kept once takes less than that,
# whatever debugging adds to it.
pays_for_heads() {
	local before after

	before=$(objects)
	(send_charged)
	after=$(objects)
	echo "$((after - before)) bytes"
	[ $((after - before)) -ge $((HEADS * 5 * 1024)) ]
}

plan
hosts 2
yaml > "$work/charged.yaml"
contract "$work/charged.yaml"
endpoints 4
open_on 1
(open_charged 2) > /dev/null
check "what is not open yet costs nothing" pays -lt $bytes
check "a peer lets it go on" goes_on
check "and who opened it pays" wait_for pays -ge $bytes
pop_on 2 contract del "$hash"
check "as long as it is there" wait_for pays -lt $bytes
pop_on 1 contract del "$hash"
rmdir "$cgroups/who"

# So few slots that they can open at once, wherever that is found to be due
SLOTS=4000
mkdir "$cgroups/who"
yaml > "$work/squeezed.yaml"
contract "$work/squeezed.yaml"
open_on 1 > /dev/null
(open_charged 2) > /dev/null
wait_for squeezed
cat "$cgroups/who/memory.current" > "$cgroups/who/memory.max"
check "a peer lets one go on that has no room" goes_on
check "what has no room does not open" channel_is 2 "input a 3 0 closed 0/$SLOTS"
echo max > "$cgroups/who/memory.max"
check "until there is room" \
	wait_for channel_is 2 "input a 3 0 open 0/$SLOTS"
pop_on 1 contract del "$hash"
pop_on 2 contract del "$hash"
rmdir "$cgroups/who"

mkdir "$cgroups/who"
heads > "$work/heads.yaml"
contract "$work/heads.yaml"
endpoints 4
open_on 1 > /dev/null
check "who sends pays for what is kept for each recipient" pays_for_heads
pop_on 1 contract del "$hash"
rmdir "$cgroups/who"
ktap_finished
