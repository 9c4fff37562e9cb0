#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What peers can make a machine hold: all network namespaces but the first have
# one bound together, however many they are. Messages of which parts have come do
# not keep each other out for ever, nor does a sender that is silent.
#
# Shows: R57
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- YAML
		contract: pending
		parties:
		  {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub, d: keys/d.pub,
		    e: keys/e.pub, f: keys/f.pub}
		phases:
		  - actions:
		      - {name: many, from: a, to: [b], count: 2, max: 1M}
		      - {name: one, from: c, to: [d], max: 1M}
		      - {name: other, from: e, to: [f], count: 2, max: 1M}
	YAML
}

BYTES=600000	# of a message; with what buffers cost, half of the bound

bound=/sys/module/pop/parameters/pending_max
usual=$(cat $bound)

pending() { # N: bytes
	on "$1" awk '/^pending/ { print $2 }' /proc/net/pop/node
}

refuses() { # N
	[ "$(counter "$1" PopRxPendingFull)" -gt 0 ]
}

holds() { # N BYTES
	[ "$(pending "$1")" -ge "$2" ]
}

# a and b, c and d have a namespace each, e and f are in the first one
take_part() {
	local n

	endpoints 4
	sed -i '/^[ef]:/s/ .*/ 127.0.0.1/' "$work/endpoints"
	for n in 1 2 3 4; do
		open_on $n
	done
	for n in e f; do
		pop contract open "$file" party $n \
			secret "${file%/*}/keys/$n.secret" sig "${file%/*}"/*.sig \
			endpoints "$work/endpoints"
	done
}

got() { # N COUNT
	[ "$(talk_on "$1" recv "$2" | awk -v bytes=$BYTES '$5 == bytes' | wc -l)" \
		-eq "$2" ]
}

# At the same time, for what one holds may leave no room for the other.
all_come() {
	local other

	got 4 1 &
	other=$!
	got 2 2
	wait $other
}

first_takes_all() {
	"$here/talk" "$hash" 4 stream 0 2 5 $BYTES 2
	[ "$("$here/talk" "$hash" 5 recv 2 | awk -v bytes=$BYTES '$5 == bytes' |
		wc -l)" -eq 2 ]
}

# ---- many at a time --------------------------------------------------------------

SENDERS=12	# in the first namespace; another one is alone in the third

crowd() {
	local n names

	names=$(seq -f 's%02g' $SENDERS)
	echo 'contract: crowd'
	echo 'parties:'
	for n in r $names z; do
		echo "  $n: keys/$n.pub"
	done
	echo 'phases:'
	echo '  - actions:'
	for n in $names z; do
		echo "      - {name: of-$n, from: $n, to: [r], max: 1M, count: 2}"
	done
}

# party N NAME: it takes part on that host
party() {
	pop_on "$1" contract open "$file" party "$2" \
		secret "${file%/*}/keys/$2.secret" sig "${file%/*}"/*.sig \
		endpoints "$work/endpoints"
}

# r is on the second host, and only its socket takes what comes
crowd_takes_part() {
	local n

	for n in "${parties[@]}"; do
		case $n in
		r) echo "$n: 10.0.0.2" ;;
		s*) echo "$n: 10.0.0.1" ;;
		z) echo "$n: 10.0.0.3" ;;
		esac
	done > "$work/endpoints"
	for n in "${parties[@]}"; do
		case $n in
		r) party 2 "$n" ;;
		s*) party 1 "$n" ;;
		z) party 3 "$n" ;;
		esac
	done
}

# of_crowd HOST PARTY OPERATION...: as talk_on
of_crowd() {
	local host=$1 party=$2
	shift 2
	on "$host" "$here/talk" "$hash" "$party" "$@"
}

# takes COUNT BYTES: so many messages come, all of them whole
takes() {
	[ "$(of_crowd 2 0 recv "$1" | awk -v bytes="$2" '$5 == bytes' |
		wc -l)" -eq "$1" ]
}

all_at_once() {
	local n pids=()

	takes $SENDERS 1000000 &
	pids+=($!)
	for n in $(seq $SENDERS); do
		of_crowd 1 "$n" await "$work/go" bytes 0 $((n - 1)) 0 1000000 &
	done
	touch "$work/go"
	wait "${pids[@]}"
}

# z's message is the only one, there is no room for all of it, and no more comes
z_is_silent() {
	local before

	before=$(counter 2 PopRxPendingFull)
	of_crowd 3 $((SENDERS + 1)) bytes 0 $SENDERS 0 1000000
	wait_for more 2 PopRxPendingFull "$before"
	on 3 ip link set eth0 down
}

more() { # N NAME COUNT
	[ "$(counter "$1" "$2")" -gt "$3" ]
}

# There is no room for it beside what has come of z's.
another_sends() {
	local before

	before=$(counter 2 PopRxHeld)
	of_crowd 1 1 bytes 0 0 0 200000
	wait_for more 2 PopRxHeld "$before"
	takes 1 200000
}

z_is_back() {
	echo "$usual" > $bound
	on 3 ip link set eth0 up
	takes 1 1000000
}

plan
yaml > "$work/pending.yaml"
hosts 4
contract "$work/pending.yaml"
take_part > /dev/null
check "a quarter of the memory is the usual bound" test "$usual" -eq \
	$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) / 4096))
echo 2 > $bound
talk_on 1 stream 0 0 1 $BYTES 2
check "beyond the bound nothing more is held" wait_for refuses 2
check "what came before is" holds 2 $BYTES
check "and it is about the bound" test "$(pending 2)" -le $((5 << 19))
talk_on 3 bytes 0 1 3 $BYTES
check "nor in another namespace, that holds little" wait_for refuses 4
check "the first namespace has its own" first_takes_all
check "what is read makes room: all messages come" all_come
echo "$usual" > $bound
for n in e f; do
	pop party del contract "$hash" party $n
done > /dev/null

crowd > "$work/crowd.yaml"
contract "$work/crowd.yaml"
crowd_takes_part > /dev/null
echo 8 > $bound
check "of twelve messages, beyond the bound together, all come" all_at_once
echo 1 > $bound
check "a sender is silent, and its half takes the room" z_is_silent
check "it gives it up for another's" another_sends
check "and comes whole later" z_is_back
ktap_finished
