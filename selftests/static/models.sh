#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# SPIN searches the models of the protocol in selftests/models. What should hold
# does, in all states; and each model finds the error when it is given one.
# build/models keeps how many states there were, in "results", and a directory
# for each search, with what it said.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# MODEL [-DMACRO...]: PROPERTY... holds|fails
#
# A property with a capital is an assertion, called by the comment behind it;
# others are ltl formulae, one in a search, with weak fairness.
searches=(
	'channel: Once Match Kept holds'
	'channel -DFAULTY_SENDER: Once Match Kept holds'
	'channel -DNO_EXECUTED_CHECK: Once fails'
	'channel -DNO_DIGEST_CHECK: Match fails'
	'channel -DNO_SEAL: Kept fails'
	'channel -DFREE_ON_TRANSMIT: Kept fails'
	'channel: executes holds'
	'channel: frees holds'
	'channel -DFREE_ON_TRANSMIT: executes fails'
	'channel -DNO_PROBE: executes fails'
	'channel -DNO_RETRANSMIT: executes fails'

	'group -DFRAGMENTS=1: executes holds'
	'group: executes fails'
	'group -DOWN_KEY: executes holds'

	'echo_all: Agree holds'
	'echo_all -DRECIPIENTS=4 -DHONEST=3: Agree holds'
	'echo_all -DAT_ONCE: Agree fails'
	'echo_all -DRECIPIENTS=3 -DHONEST=3 -DHONEST_SENDER: delivers holds'
	'echo_all -DRECIPIENTS=3 -DHONEST=2 -DHONEST_SENDER: delivers fails'
	'echo_all -DRECIPIENTS=2 -DHONEST_SENDER -DNO_ASKING_AGAIN: delivers fails'
	'echo_all -DRECIPIENTS=2 -DHONEST_SENDER -DWANT_NOTHING: delivers fails'
	'echo_all -DRECIPIENTS=2 -DHONEST_SENDER -DSILENT_WHEN_DONE: delivers fails'

	'echo_quorum: Agree holds'
	'echo_quorum -DNEED=2: Agree fails'
	'echo_quorum -DRECIPIENTS=3 -DNEED=2: Agree fails'
	'echo_quorum -DHONEST_SENDER: delivers holds'
	'echo_quorum -DRECIPIENTS=3 -DHONEST_SENDER: delivers fails'

	'echo_ring: Somebody Neighbour holds'
	'echo_ring -DCOMPARED=f: Neighbour fails'
	'echo_ring -DCOMPARED=f -DSOMEBODY_ONLY: Somebody holds'
	'echo_ring -DCOMPARED=1 -DSOMEBODY_ONLY: Somebody fails'
	'echo_ring -DWITHHOLD -DSOMEBODY_ONLY: Somebody fails'
	'echo_ring -DWITHHOLD -DWALK: Somebody Neighbour holds'

	'recovery: Right Blame holds'
	'recovery -DFAULTY=2: Right Blame holds'
	'recovery -DSENDER: Right Blame holds'
	'recovery -DSENDER -DKEEP_FRAGMENTS: Blame fails'
	'recovery -DNO_VOUCHER: Right fails'
	'recovery -DNO_DIGEST_CHECK: Right fails'
	'recovery: recovers holds'
	'recovery -DFAULTY=2: recovers holds'
	'recovery -DHONEST=3: recovers holds'
	'recovery -DLOSSES=3: recovers holds'
	'recovery -DNOBODY: recovers fails'
	'recovery -DSENDER_ONLY: recovers fails'
	'recovery -DANY_SOURCE: recovers fails'
	'recovery -DREPEATS: recovers fails'
	'recovery -DNO_PATIENCE_ENDS: recovers fails'
	'recovery -DLOSSES=2 -DFULL_ROUND: recovers fails'
)

models=$top/selftests/models
results=$top/build/models
megabytes=1500	# that a search may use
depth=100000	# of a search

# Spin writes an expression with more parentheses than its source has.
bare() { tr -d '() \t'; }

assertion() { # LABEL: what it asserts
	sed -n "s|^.*\<assert(\(.*\));\{0,1\}[[:space:]]*/\* $1 \*/\$|\1|p" \
		"$models"/* | bare
}

is_assertion() { [[ $1 == [A-Z]* ]]; }

# Each of these says what is wrong, and is silent if nothing is.

run() { # PROPERTY VERDICT MODEL [-DMACRO...]
	local build=(-w "-DMEMLIM=$megabytes") options=(-w20 "-m$depth")

	if is_assertion "$1"; then
		build+=(-DSAFETY -DNOCLAIM)
	else
		# Assertions have searches of their own.
		build+=(-DNFAIR=4)
		options+=(-a -f -A -N "$1")
	fi
	# An error is found soon.
	[ "$2" = fails ] || build+=(-O1)
	# -o3: each statement for itself, so that all unreached ones are told.
	spin -o3 -a "${@:4}" "$models/$3.pml" > spin.log
	grep -iE 'error|warning' spin.log
	gcc "${build[@]}" -o search pan.c
	./search "${options[@]}" > log 2>&1 || tail log
}

is_intended() { # PROPERTY: was it looked at?
	if is_assertion "$1"; then
		[ "$(assertion "$1" | wc -l)" -eq 1 ] ||
			echo "$1 is not the name of one assertion"
		bare < pan.m | grep -F "spin_assert" |
			grep -F "\"$(assertion "$1")\"" > /dev/null ||
			echo "$1 is not in the verifier"
		grep -q '^.assertion violations.+$' log ||
			echo 'it did not look at assertions'
	else
		grep -q "^.never claim *.+ ($1)$" log ||
			echo "it did not look at $1"
		grep -q '^.acceptance *cycles *.+ (fairness enabled)$' log ||
			echo 'it did not look for fair cycles'
	fi
}

holds() { # PROPERTY
	grep -q ' errors: 0$' log || echo 'there are errors'
	grep -q '^Full statespace search for:' log || echo 'not in all states'
	grep -iE 'too small|not completed|out of memory|memlim|aborted' log
	! is_assertion "$1" ||
		! bare < log | grep -F "\"assert$(assertion "$1")\"" > /dev/null ||
		echo "$1 was never reached"
}

fails() { # PROPERTY
	grep -q ' errors: [1-9]' log || echo 'there is no error'
	if is_assertion "$1"; then
		bare < log |
			grep -F "assertionviolated$(assertion "$1")at" > /dev/null
	else
		grep -q 'acceptance cycle (at depth' log
	fi || echo "it is not $1 that fails"
}

search() { # "MODEL [-DMACRO...]: PROPERTY... holds|fails"
	local model properties verdict property dir

	read -ra model <<< "${1%%:*}"
	read -ra properties <<< "${1#*: }"
	verdict=${properties[-1]}
	unset 'properties[-1]'
	dir=$results/$(tr -cs '[:alnum:]_\n' - <<< "$1")
	mkdir "$dir"
	cd "$dir" || return

	run "${properties[0]}" "$verdict" "${model[@]}"
	for property in "${properties[@]}"; do
		is_intended "$property"
		"$verdict" "$property"
	done
	awk -v what="$1" '
	/states, stored/ { states = $1 }
	/elapsed time/ { seconds = $4 }
	END { print what ": " states " states, " seconds " s" }
	' log >> "$results/results"
}

rm -rf "$results"
mkdir -p "$results"
renice -n 10 $$ > /dev/null
each search "${searches[@]}"
