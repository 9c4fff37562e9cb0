#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who opens a party pays for its channels, also for those that open when a peer lets
# it go on: the memory cgroup says so.
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
rmdir "$cgroups/who"
ktap_finished
