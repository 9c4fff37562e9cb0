#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Header and first payload of a message go through the host as one packet, and leave
# it as two datagrams; where that cannot be, they go one by one.
#
# Shows: R15 R55
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# Around the length at which the header stands in front (32), and the last that
# fits into one payload (1164)
lengths=(1 31 32 33 64 500 1164 1165)

yaml() {
	cat <<- 'YAML'
		contract: pair
		parties: {a: keys/a.pub, b: keys/b.pub}
		phases:
		  - actions:
		      - {name: data, from: a, to: b, count: 8}
	YAML
}

say_all() {
	local length

	for length in "${lengths[@]}"; do
		talk_on 1 bytes 0 0 1 "$length"
	done
}

# What the second host got: "recv" says the length.
heard() {
	talk_on 2 recv 8 | cut -d ' ' -f 5 | sort -n
}

# went LENGTH...: there was a packet of messages with so many bytes of UDP payload
went() {
	messages | awk -v lengths="$*" '
		{ went[length($NF) / 2 - 8] }
		END {
			n = split(lengths, want, " ")
			for (i = 1; i <= n; i++)
				if (!(want[i] in went)) {
					print "no packet of", want[i]
					exit 1
				}
		}'
}

header=100 around=68	# bytes of a HEADER, and of a PAYLOAD around the message
one_packet=() two_packets=("$header")
for length in "${lengths[@]:0:7}"; do
	one_packet+=($((header + around + length)))
	two_packets+=($((around + length)))
done
rest=53	# the second payload of the longest message

plan 24
for family in 4 6; do
	for eth0 in '' 'gso_max_segs 1'; do
		hosts 2
		yaml > "$work/pair.yaml"
		contract "$work/pair.yaml"
		open_all $family
		v="IPv$family, ${eth0:-GSO}"
		capture_start
		check "$v: sent" say_all
		check "$v: all came" same "$(printf '%s\n' "${lengths[@]}")" \
			"$(heard)"
		capture_stop 10
		if [ -z "$eth0" ]; then
			check "$v: as one packet" \
				went "${one_packet[@]}" "$((header + 1232))" $rest
		else
			check "$v: as two" \
				went "${two_packets[@]}" 1232 $rest
		fi
		check "$v: which is counted as two" message_units_are 1 Tx 17
		check "$v: and arrives as two" message_units_are 2 Rx 17
		check "$v: nothing was dropped" no_drops 1 2
		for n in hub p1 p2; do
			ip netns del $n
		done
		rm -rf "$work/pair"
	done
done
ktap_finished
