#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The Byzantine channel among six hosts: whom records reach, who may raise what,
# that all are silent while nobody has anything to say, and when it ends, also
# when what is told of that is lost.
#
# Shows: R28 R34 R35 R36 R37 R38
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# w has no part in any action, and may raise disputes from phase "make" on.
yaml4() {
	cat <<- YAML
		contract: byzantine4
		parties:
		  a: keys/a.pub
		  b: keys/b.pub
		  c: keys/c.pub
		  d: keys/d.pub
		  e: keys/e.pub
		  w: {card: keys/w.pub, disputes: [make, deliver]}
		phases:
		  - name: ask
		    actions:
		      - {name: order, from: a, to: [b, c], same: true}
		  - name: make
		    actions:
		      - {name: frame, from: c, to: [d]}
		      - {name: part, from: b, to: [d]}
		  - name: deliver
		    actions:
		      - {name: unit, from: d, to: [e]}
	YAML
}

# And so here.
yaml6() {
	cat <<- YAML
		contract: byzantine6
		parties:
		  a: keys/a.pub
		  b: keys/b.pub
		  c: keys/c.pub
		  w: {card: keys/w.pub, disputes: make}
		phases:
		  - name: make
		    actions:
		      - {name: frame, from: a, to: [c]}
		      - {name: part, from: b, to: [c]}
	YAML
}

# uapi/linux/pop.h, enum pop_record_kind
violation=1 recovery=2 vote=3 close=4
EPERM=1 ESHUTDOWN=108

# who may raise disputes about an action: who has a part in it, and w
declare -A may=([0 0]='1 2 3' [1 0]='3 4 6' [1 1]='2 4 6' [2 0]='4 5 6')

# listen_all: a program for each party that writes down what it hears
listen_all() {
	local n

	for n in $all; do
		talk_on "$n" listen ready log > "$work/log.$n" &
		background+=($!)
	done
	for n in $all; do
		wait_for grep -q ready "$work/log.$n"
	done
}

# heard N LINE: it was heard there, once
heard() {
	wait_for grep -qxF -- "$2" "$work/log.$1"
	[ "$(grep -cxF -- "$2" "$work/log.$1")" -eq 1 ]
}

log_lengths() {
	local n

	for n in $all; do
		grep -c '' "$work/log.$n"
	done | tr '\n' ' '
}

records() { # Rx|Tx: at all of them together
	local n sum=0

	for n in $all; do
		sum=$((sum + $(counter "$n" "Pop${1}Records")))
	done
	echo $sum
}

# record_units [FILTER]: those that were captured
# shellcheck disable=SC2120 # arguments are optional
record_units() {
	datagrams "${1:+($1) and }(udp[8] = 0x19 or ip6[48] = 0x19)"
}

# of the contract's messages none is on its way any more
nothing_kept() {
	local n

	for n in $all; do
		on "$n" grep -qx 'kept 0' /proc/net/pop/node
	done
}

# silent SECONDS: not one datagram on the wire, whatever the hour brings
silent() {
	wait_for nothing_kept
	capture_start
	sleep "$1"	# for silence there is no event to wait for
	# one shows that the capture would have seen others
	talk_on 1 record $close 1 any any still-there
	capture_stop 1 datagrams
	[ "$(datagrams | wc -l)" -eq 1 ] || {
		datagrams
		return 1
	}
}

# By the contract there is nothing to vote on.
runs_without_votes() {
	local before

	before=$(records Tx)
	run_all
	wait_for all_are settling
	same "$before" "$(records Tx)"
}

to_one() {
	local before

	before=$(log_lengths)
	capture_start
	talk_on 1 record $violation 2 0 0 'to c only'
	heard 3 "$violation 0 0 0 to c only"
	capture_stop 1 record_units
	same 1 "$(record_units | wc -l)"
	same 1 "$(record_units "$(to_host "$family" 3)" | wc -l)"
	read -r -a before <<< "$before"
	before[2]=$((before[2] + 1))
	same "${before[*]} " "$(log_lengths)"
}

to_host() { # FAMILY N: a filter for tcpdump
	[ "$1" = 4 ] && echo "dst host 10.0.0.$2" || echo "dst host fd00::$2"
}

# from w, who is the last one
to_all() { # PHASE
	local n others

	others=${all% *}
	capture_start
	talk_on "$w" record $violation all "$1" 1 'to all'
	for n in $others; do
		heard "$n" "$violation $1 1 $((w - 1)) to all"
	done
	capture_stop $((w - 1)) record_units
	same $((w - 1)) "$(record_units | wc -l)"
	for n in $others; do
		same 1 "$(record_units "$(to_host "$family" "$n")" | wc -l)"
	done
	! grep -q 'to all' "$work/log.$w"
}

# nothing of it is to be read on the wire
not_in_clear() {
	! grep -aq 'to all' "$work/capture"
}

# each party tries both kinds about each action, to all others
privileges() {
	local where n kind sent=0 before ops

	before=$(records Tx)
	for n in $all; do
		ops=()
		for where in "${!may[@]}"; do
			for kind in $violation $recovery; do
				# shellcheck disable=SC2206 # two words
				if [[ " ${may[$where]} " = *" $n "* ]]; then
					ops+=(record $kind all $where x)
					sent=$((sent + 5))
				else
					ops+=(norecord $kind all $where $EPERM)
				fi
			done
		done
		talk_on "$n" "${ops[@]}"
	done
	same $((before + sent)) "$(records Tx)"
	wait_for all_heard
	no_drops $all
}

# whatever was sent on the channel has come
all_heard() {
	same "$(records Tx)" "$(records Rx)"
}

# all vote on one action; each has the votes of all others, and knows whose
votes() {
	local n

	for n in $all; do
		talk_on "$n" record $vote all 1 0 "late=$n"
	done
	for n in $all; do
		wait_for voted "$n"
	done
}

voted() { # N
	local i

	same "$(for i in $all; do
		[ "$i" = "$1" ] || echo "$vote 1 0 $((i - 1)) late=$i"
	done)" "$(grep "^$vote 1 0 " "$work/log.$1" | sort)"
}

# close_on N...: the tool asks whether the others are done
close_on() {
	local n

	for n; do
		pop_on "$n" contract close "$hash"
		state_is "$n" closed
	done
}

has_end() { # N
	grep -qx end "$work/log.$1"
}

none_has_end() {
	local n

	for n in $all; do
		! has_end "$n" || return 1
	done
}

all_have_end() {
	local n

	for n in $all; do
		wait_for has_end "$n"
	done
}

# a has closed the contract, and w has not
still_open() {
	local n

	none_has_end
	talk_on 1 record $close all any any 'seal of a'
	talk_on 6 record $vote 1 2 0 'w votes'
	for n in 2 3 4 5 6; do
		heard "$n" "$close 65535 65535 0 seal of a"
	done
	heard 2 "$vote 2 0 5 w votes"
	none_has_end
}

nobody_can_send() {
	local n

	for n in $all; do
		talk_on "$n" norecord $close all any any $ESHUTDOWN
	done
}

# All close it, but what b and c say to that, and to all questions, is lost.
close_unheard() {
	local n

	for n in 2 3; do
		on "$n" tc qdisc add dev eth0 root netem loss 100%
	done
	for n in $all; do
		talk_on "$n" close
	done
	all_are closed
}

# From now on questions are answered. A slow machine may have asked so often that
# the next one is far away: with another socket a party asks soon.
mend() {
	local n

	for n in 2 3; do
		on "$n" tc qdisc del dev eth0 root
	done
	for n in $all; do
		talk_on "$n" listen
	done
}

# After the end nobody asks anything any more.
silent_after() {
	capture_start
	sleep 2	# longer than until the next question would have come
	pop_on 1 state show "$hash" party b direction in > /dev/null
	capture_stop 2 datagrams
	same 2 "$(datagrams | wc -l)"
}

plan 24
hosts 6
for family in 4 6; do
	v=IPv$family
	yaml$family > "$work/byzantine$family.yaml"
	contract "$work/byzantine$family.yaml"
	w=${#parties[@]}
	all=$(seq -s ' ' "$w")
	check "$v: all take part" open_all $family
	listen_all
	check "$v: the contract runs without a record" runs_without_votes
	check "$v: a record for all reaches each, in one datagram" \
		to_all $((family == 4))

	if [ $family = 4 ]; then
		check "and cannot be read on the way" not_in_clear
		check "one for a party reaches that party" to_one
		check "all listen, nothing happens, and all are silent" \
			silent 2
		check "who may raise disputes, about which action" privileges
		check "votes, each known by who cast it" votes
		check "nothing was dropped" no_drops $all
		check "all but w close it" close_on 1 2 3 4 5
		check "the channel is still open to all" still_open
		check "w closes it, too" close_on 6
	else
		check "all close it, but b and c are cut off" close_unheard
		check "the channel has not ended" none_has_end
		check "they are there again" mend
	fi
	check "$v: for all the channel ends" all_have_end
	check "$v: nobody can send any more" nobody_can_send
	check "$v: and all are silent" silent_after
done
ktap_finished
