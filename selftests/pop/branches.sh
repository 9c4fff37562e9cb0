#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One party of the six does nothing. The branch that does not need it goes on,
# and everybody can see whose turn it is.
#
# Shows: R2 R10 R18 R24 R30
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

active() { # PHASE: who sends or receives in it, by the contract
	pop -j contract show "$file" |
		jq -r ".[0].phases[$1].active | join(\" \")"
}

phase_of() { # N
	pop_on "$1" -j party show contract "$hash" | jq '.[0].phase'
}

# The phase of p3 at each look at it, while the contract runs.
never_backwards() {
	local last=0 phase

	for phase in "${phases[@]}"; do
		[ "$phase" -ge "$last" ] || {
			echo "${phases[@]}"
			return 1
		}
		last=$phase
	done
	[ "$last" -eq 2 ]
}

# What p1 is told by pN about its inputs.
inputs_of() {
	pop_on 1 -j state show "$hash" party "p$1" direction in |
		jq -r '.. | .channels? // empty | .[] |
			"\(.name) from \(.peer) \(.state)"'
}

plan
hosts 6
contract "$POP_TOP/contracts/six-party.yaml"
open_all 4
check "phase 0 is of p1, p2 and p4" same 'p1 p2 p4' "$(active 0)"
check "phase 1 is of p2 to p5" same 'p2 p3 p4 p5' "$(active 1)"
check "phase 2 is of p3, p5 and p6" same 'p3 p5 p6' "$(active 2)"

phases=("$(phase_of 3)")
check "p1 sends" talk_on 1 send 0 0 all order
phases+=("$(phase_of 3)")
check "p2 works" talk_on 2 recv 1 send 1 1 2 parts send 1 1 4 parts
phases+=("$(phase_of 3)")
check "p3 need not wait for p4" talk_on 3 recv 1 send 2 0 5 sub-assembly
phases+=("$(phase_of 3)")
check "p6 gets what p3 made" talk_on 6 recv 1
# One program all the time: what a socket has taken is gone with it.
talk_on 5 refused 2 1 5 11 ready recv 2 send 2 1 5 unit > "$work/p5" &
p5=$!
background+=("$p5")
check "p5 may not deliver yet" wait_for grep -q ready "$work/p5"
check "p5 lacks the frame of p4 and nothing else" same \
	$'frame from p4 open\nparts from p2 executed' "$(inputs_of 5)"
check "p6 lacks the unit of p5 and nothing else" same \
	$'sub-assembly from p3 executed\nunit from p5 open' "$(inputs_of 6)"
check "p4 at last" talk_on 4 recv 1 send 1 0 4 frame
wait "$p5" || true
check "p5 can go on" grep -q frame "$work/p5"
check "p6 gets it" talk_on 6 recv 1
check "a party's phase never goes back" never_backwards
check "all are done" wait_for all_are settling
ktap_finished
