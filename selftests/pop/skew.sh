#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Nothing rests on clocks: between any two steps the clock jumps by a day. No
# deadline passes by that, and none waits for it.
#
# Shows: R25
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

real=$(date +%s)
back() {
	date -s "@$real" > /dev/null
	cleanup
}
trap back EXIT

jump() { # SECONDS
	date -s "@$((real + $1))" > /dev/null
}

nothing_overdue() {
	local n

	for n in 1 2 3 4 5 6; do
		counter_is "$n" PopOverdue 0
	done
}

day=86400

plan
hosts 6
contract "$POP_TOP/contracts/six-party.yaml"
open_all 4
jump -$day
check "p1, a day behind" talk_on 1 send 0 0 all order
jump $day
check "p2, a day ahead" talk_on 2 recv 1 send 1 1 2 parts send 1 1 4 parts
jump -$day
check "p4, a day behind" talk_on 4 recv 1 send 1 0 4 frame
jump $((3 * day))
check "p3, three days ahead" talk_on 3 recv 1 send 2 0 5 sub-assembly
jump 0
check "p5, today" talk_on 5 recv 2 send 2 1 5 unit
jump -$((30 * day))
check "p6, a month behind" talk_on 6 recv 2
check "all are done" wait_for all_are settling
jump $((30 * day))
check "p6 can ask p1, a month ahead" pop_on 6 state show "$hash" party p1
jump -$((30 * day))
check "and again, a month behind" pop_on 6 state show "$hash" party p1
check "nothing was dropped" no_drops 1 2 3 4 5 6
check "and nothing was overdue" nothing_overdue

jump 0
cat > "$work/second.yaml" <<- 'YAML'
	contract: second
	skew: 0s
	parties: {a: keys/a.pub, b: keys/b.pub}
	phases:
	  - deadline: 1s
	    actions:
	      - {name: only, from: a, to: [b]}
YAML
contract "$work/second.yaml"
open_all 4
jump -$day
check "a deadline passes on a clock that goes back" wait_for counter_is 2 PopOverdue 1
jump $day
check "a day later a sends" talk_on 1 send 0 0 1 only
jump -$day
check "and b takes it, two days before" talk_on 2 recv 1
ktap_finished
