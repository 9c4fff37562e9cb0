#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What peers can make a machine hold: all network namespaces but the first have
# one bound together, however many they are.
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
ktap_finished
