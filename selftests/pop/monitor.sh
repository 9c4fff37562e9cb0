#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What "pop monitor" says: each event on a line, as text and as JSON, also in a
# batch, and when the contract is gone before the event is read.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- YAML
		contract: short
		parties: {a: keys/a.pub, b: keys/b.pub}
		phases:
		  - actions:
		      - {name: note, from: a, to: b}
	YAML
}

listens() { # to a group of generic netlink
	on 1 awk '$2 == 16 && $4 !~ /^0*$/ { found = 1 }
		END { exit !found }' /proc/net/netlink
}

# monitor FILE OPTION...: events to that file; sets "pid"
monitor() {
	local out=$1
	shift
	ip netns exec p1 pop "$@" > "$out" 2> "$work/said" &
	pid=$!
	background+=("$pid")
	wait_for listens
}

# stop: sets "status" to that of the monitor
stop() {
	kill -TERM "$pid"
	wait_for gone || kill -KILL "$pid"
	status=0
	wait "$pid" || status=$?
}

gone() {
	! kill -0 "$pid"
}

# What makes events of contract, party and channel, and leaves nothing behind.
events() {
	pop_on 1 contract open "$file" party a \
		secret "${file%/*}/keys/a.secret" sig "${file%/*}"/*.sig
	pop_on 1 channel set contract "$hash" direction out phase 0 \
		action note peer b state void
	pop_on 1 contract del "$hash"
}

has() { # FILE KIND
	jq -se "map(.event) | index(\"$2\") != null" "$1"
}

complete() { # FILE: its events are
	wait_for has "$1" contract-del
	jq -se --arg hash "$hash" 'all(.hash == $hash)' "$1"
	jq -se '.[] | select(.event == "channel") |
		.name == "note" and .phase == 0 and .peer_index == 1 and
		.state == "void"' "$1"
	jq -se 'map(select(.event == "party").party == "a") | all' "$1"
}

a_line_each() { # FILE
	[ "$(wc -l < "$1")" -gt 3 ]
	while read -r line; do
		jq -e .event <<< "$line"
	done < "$1"
}

text() { # of what is in $work/text
	wait_for grep -q '^deleted contract short' "$work/text"
	! grep -qv '^\(deleted \)\?\(contract\|party\|channel\) ' "$work/text"
}

batched() {
	a_line_each <(tail -n +2 "$work/batched")
	jq -se '.[0].port == 7670 and .[1].event == "contract" and
		.[1].state == "installed"' "$work/batched"
}

quiet() {
	! listens
}

plan
hosts 1
yaml > "$work/short.yaml"
contract "$work/short.yaml"
monitor "$work/json" -j -d monitor
check "events" events
check "are told in full" complete "$work/json"
stop
check "until it is stopped" same 0 "$status"
check "and nothing else" same '' "$(< "$work/said")"

monitor "$work/late" -j -d monitor
kill -STOP "$pid"
check "events of a contract that is gone" events
kill -CONT "$pid"
check "are told in full, too" complete "$work/late"
stop
check "without an error" same '' "$(< "$work/said")"

monitor "$work/text" monitor
kill -STOP "$pid"
events
kill -CONT "$pid"
check "as text it is a line each" text
stop

monitor "$work/pretty" -j -p monitor
events
check "with -p so it is as JSON" wait_for a_line_each "$work/pretty"
stop

printf '%s\n' 'node show' 'contract list' monitor > "$work/batch"
monitor "$work/batched" -j -b "$work/batch"
events
check "in a batch the first event is not lost" wait_for batched
stop

mkfifo "$work/fifo"
ip netns exec p1 pop -b "$work/fifo" &
pid=$!
background+=("$pid")
exec 3> "$work/fifo"
echo monitor >&3
wait_for listens
kill -TERM "$pid"
wait_for quiet
stop
check "behind it, signals end a batch as ever" same 143 "$status"
exec 3>&-

monitor /dev/full monitor
events
status=0
wait "$pid" || status=$?
check "when its output has no room, it ends" same 1 "$status"
check "and says so once" same 1 "$(grep -c '^Error: cannot write: ' "$work/said")"
ktap_finished
