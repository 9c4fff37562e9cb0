#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Deadlines pass, which everybody is told, and which changes nothing; then there
# are verdicts, and the contract goes on to its end without what is late or void.
#
# Shows: R25 R30 R31
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- YAML
		contract: deadline
		skew: 0s
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub, d: keys/d.pub}
		phases:
		  - actions:
		      - {name: start, from: a, to: [b, d]}
		  - deadline: 1s
		    actions:
		      - {name: parts, from: a, to: [b], count: 2, hours: 1h, late: vote}
		      - {name: plan, from: c, to: [b, d], same: true, hours: 2h, late: vote}
		      - {name: tools, from: d, to: [b], hours: 3h}
		  - deadline: 1s
		    actions:
		      - {name: unit, from: b, to: [d], late: vote}
		  - actions:
		      - {name: bill, from: d, to: [a]}
	YAML
}

# monitor N: events of pN to $work/events.N
monitor() {
	ip netns exec "p$1" pop -j monitor > "$work/events.$1" &
	background+=($!)
	wait_for listens "$1"
}

listens() { # to a group of generic netlink
	on "$1" awk '$2 == 16 && $4 !~ /^0*$/ { found = 1 }
		END { exit !found }' /proc/net/netlink
}

# events N: "NAME DIRECTION STATE OVERDUE", of channels, sorted
events() {
	jq -r 'select(.event == "channel") |
		"\(.name) \(.direction) \(.state) \(.overdue)"' \
		"$work/events.$1" | LC_ALL=C sort
}

events_are() { # N LINE...
	local n=$1
	shift
	same "$(printf '%s\n' "$@")" "$(events "$n")"
}

overdue() { # N: names of its channels that are
	pop_on "$1" -j channel show contract "$hash" |
		jq -r '[.[] | select(.overdue).name] | join(" ")'
}

overdue_are() { # N NAMES
	same "$2" "$(overdue "$1")"
}

# "NAME STATE FLAGS" of the channels in /proc that have flags
proc_flags() { # N
	on "$1" awk 'NR > 1 && $NF != "-" { print $5, $7, $NF }' \
		/proc/net/pop/channels
}

says() { # N LINE: of the talk there
	grep -qxF -- "$2" "$work/said.$1"
}

verdict() { # N DIRECTION PHASE ACTION PEER STATE
	pop_on "$1" channel set contract "$hash" direction "$2" phase "$3" \
		action "$4" peer "$5" state "$6"
}

phase_is() { # N PHASE
	same "$2" "$(pop_on "$1" -j party show contract "$hash" | jq '.[0].phase')"
}

minutes_are() { # N MINUTES
	same "$2" "$(pop_on "$1" -j party show contract "$hash" | jq '.[0].minutes')"
}

nothing_kept() { # N
	[ "$(on "$1" awk '/^kept/ { print $2 }' /proc/net/pop/node)" -eq 0 ]
}

plan
hosts 4
yaml > "$work/deadline.yaml"
contract "$work/deadline.yaml"
endpoints 4
monitor 2
open_all 4

# b takes what comes in time, and waits for what it is told then. It enters the
# phase last, with what others have sent by then, however slow they are.
talk_on 2 ready recv 3 dispute dispute dispute send 2 0 3 unit \
	> "$work/said.2" &
b=$!
background+=("$b")
wait_for says 2 ready
check "a lets d start, and sends a part of what it owes" \
	talk_on 1 send 0 0 3 start send 1 0 1 part-0
check "d sends all of it" talk_on 4 recv 1 send 1 2 1 tools
check "b has both" wait_for channel_is 2 'input d 1 2 executed 1/1'
check "nothing is overdue before the phase" counter_is 2 PopOverdue 0
check "b starts, too" talk_on 1 send 0 0 1 start
check "b learns that two channels are overdue" \
	wait_for says 2 'overdue 2 violated 0 late 0 void 0'
check "which ones, the tool shows" overdue_are 2 'parts plan'
check "and in text" grep -q '^	state open overdue executed 1 of 2' \
	<(pop_on 2 channel show contract "$hash")
check "and /proc" same $'parts open overdue\nplan open overdue' "$(proc_flags 2)"
check "and the counter" counter_is 2 PopOverdue 2
check "and the events" wait_for events_are 2 'parts input open true' \
	'plan input open true'
check "d lacks the plan, too" wait_for overdue_are 4 plan
check "nobody is early: a has no deadline" counter_is 1 PopOverdue 0
check "it is a question, and b stays where it is" phase_is 2 1

check "there is no vote on the tools" refused \
	'the contract lets nobody vote on this action' verdict 4 out 1 tools b late
check "nor on what is done" refused 'the channel is done already' \
	verdict 2 in 1 tools d void
check "nor other states" refused 'must be "late" or "void"' \
	verdict 2 in 1 parts a executed
check "of other actions" refused 'has no action "bill"' \
	verdict 2 in 1 bill a late
check "of other channels" refused 'the contract has no such channel' \
	verdict 2 in 1 parts c late
check "of fewer words" refused 'are needed' pop_on 2 channel set contract "$hash"

check "the verdict on a is: late" verdict 2 in 1 parts a late
check "b's program is told" \
	wait_for says 2 'overdue 1 violated 0 late 1 void 0'
check "b waits for the plan still" phase_is 2 1
check "it is void, to b" verdict 2 in 1 1 c void
check "b's program is told again" \
	wait_for says 2 'overdue 0 violated 0 late 1 void 1'
check "the phase goes on without them" phase_is 2 3
check "one part stays as it was delivered" channel_is 2 'input a 1 0 late 1/2'
check "and the plan is void" channel_is 2 'input c 1 1 void 0/1'
check "the events tell of it" wait_for events_are 2 'parts input late false' \
	'parts input open true' 'plan input open true' 'plan input void false'
wait "$b" || true
check "b does what it owes" channel_is 2 'output d 2 0 executed 1/1'

check "a sends the rest" talk_on 1 send 1 0 1 part-1
check "too late: header and payload" wait_for counter_is 2 PopRxLate 2
check "the header is evidence" same late \
	"$(pop_on 2 -j evidence show contract "$hash" | jq -r '.[].kind')"
check "they are not delivered" channel_is 2 'input a 1 0 late 1/2'
check "a finds out, and keeps nothing" wait_for nothing_kept 1
check "it was not told of a verdict" channel_is 1 'output b 1 0 executed 2/2'
check "and they are not sent again" counter_is 2 PopRxLate 2

check "to c it is late at b" verdict 3 out 1 plan b late
check "and at d" verdict 3 out 1 plan d late
check "c cannot send it any more" talk_on 3 refused 1 1 all 110
check "it earns nothing by that" minutes_are 3 0
check "d sees that, as everybody can" grep -q 'plan to b late' \
	<(pop_on 4 state show "$hash" party c direction out)
check "it is late to d" verdict 4 in 1 plan c late
check "d is in the next phase" phase_is 4 2
check "where it had the unit already" talk_on 4 recv 1 send 3 0 0 bill
check "a gets what is left" talk_on 1 recv 1
check "all are done" wait_for all_are settling
check "and can close" pop_on 2 contract close "$hash"
check "nothing else was dropped" no_drops 1 3 4
check "nor at b" same 'PopRxLate 2' "$(drops 2 | tr -s '[:space:]' ' ' | sed 's/ $//')"
ktap_finished
