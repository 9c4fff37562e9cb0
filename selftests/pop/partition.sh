#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The network is cut, both ways or one, while both sides have something to say,
# and mended: all of it arrives, once. POP_PARTITION: for how many seconds it
# stays cut after everybody has noticed.
#
# Shows: R32
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- YAML
		contract: split
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub}
		phases:
		  - actions:
		      - {name: all, from: a, to: [b, c], same: true, count: 4}
		      - {name: back, from: b, to: [a], count: 8}
		      - {name: there, from: a, to: [b], count: 8}
		  - actions:
		      - {name: end, from: b, to: [a]}
	YAML
}

part() { # WAY: a from the others
	case $1 in
	link) ip -n hub link set p1 down ;;
	out) tc -n p1 qdisc add dev eth0 root netem loss 100% ;;
	in) tc -n hub qdisc add dev p1 root netem loss 100% ;;
	both)
		tc -n p1 qdisc add dev eth0 root netem loss 100%
		tc -n hub qdisc add dev p1 root netem loss 100%
		;;
	esac
}

mend() { # WAY
	case $1 in
	link) ip -n hub link set p1 up ;;
	out) tc -n p1 qdisc del dev eth0 root ;;
	in) tc -n hub qdisc del dev p1 root ;;
	both)
		tc -n p1 qdisc del dev eth0 root
		tc -n hub qdisc del dev p1 root
		;;
	esac
}

# Two messages on each channel, of one datagram and of several.
say_a() { # ROUND
	talk_on 1 send 0 2 1 "there-$1" bytes 0 2 1 5000 send 0 0 all "all-$1"
}

say_b() { # ROUND
	talk_on 2 send 0 1 0 "back-$1" bytes 0 1 0 5000
}

# The one first to whom nothing comes: a socket takes what there is, and what it
# has not read is gone when it is closed.
say() { # WAY ROUND
	case $1 in
	in) say_b "$2" && say_a "$2" ;;
	*) say_a "$2" && say_b "$2" ;;
	esac
}

heard() {
	local n

	talk_on 1 recv 2 | cut_text > "$work/got.1"
	talk_on 2 recv 3 | cut_text > "$work/got.2"
	talk_on 3 recv 1 | cut_text > "$work/got.3"
	for n in 1 2 3; do
		sort -o "$work/got.$n" "$work/got.$n"
	done
}

cut_text() {
	cut -c 1-30
}

right() { # ROUND
	local first=$((2 * $1)) second=$((2 * $1 + 1)) abc=abcdefghijklmnopqrstuvwxyz

	same "0 1 $first 1 6 back-$1
$(cut_text <<< "0 1 $second 1 5000 $abc")" "$(cat "$work/got.1")"
	same "0 0 $1 0 5 all-$1
0 2 $first 0 7 there-$1
$(cut_text <<< "0 2 $second 0 5000 $abc")" "$(cat "$work/got.2")"
	same "0 0 $1 0 5 all-$1" "$(cat "$work/got.3")"
}

# Who has sent something looks after it, again and again.
noticed() { # QUESTIONS-OF-A QUESTIONS-OF-B
	[ "$(counter 1 PopTxControl)" -ge $(($1 + 4)) ] &&
		[ "$(counter 2 PopTxControl)" -ge $(($2 + 4)) ]
}

partition() { # WAY ROUND
	local a b

	a=$(counter 1 PopTxControl)
	b=$(counter 2 PopTxControl)
	part "$1"
	say "$1" "$2"
	wait_for noticed "$a" "$b"
	sleep "${POP_PARTITION:-0}"	# how long it is cut, not a wait for anything
	mend "$1"
}

kept() { # N: bytes
	on "$1" awk '/^kept/ { print $2 }' /proc/net/pop/node
}

nothing_kept() {
	[ "$(kept 1)" -eq 0 ] && [ "$(kept 2)" -eq 0 ]
}

plan 14
hosts 3
yaml > "$work/split.yaml"
contract "$work/split.yaml"
open_all 4 > /dev/null
round=0
for way in both link out in; do
	check "$way: cut while both send, and mended" partition $way $round
	check "$way: all of it arrives" heard
	check "$way: as it was sent, once" right $round
	round=$((round + 1))
done
check "the last phase" talk_on 2 send 1 0 0 end
check "nothing is kept any more" wait_for nothing_kept
ktap_finished
