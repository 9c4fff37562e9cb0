#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Nothing rests on clocks: between any two steps the clock jumps by a day.
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
ktap_finished
