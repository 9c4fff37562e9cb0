# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the demo prints, in 80 columns. Sourced by run.

title() {
	printf '\n== %s %s\n\n' "$1" "$(printf '=%.0s' $(seq $((75 - ${#1}))))"
}

say() {
	printf '%s\n' "$1"
}

fail() {
	printf 'demo: %s\n' "$1" >&2
	exit 1
}

# Show a command line and its output.
run() {
	printf '\n$ %s\n' "$1"
	eval "$1" 2>&1 | fold -s -w 80
}

# The same of a command that must fail.
run_to_fail() {
	! run "$1" || fail "this should have failed: $1"
}

# Lines of "party -v", in order of time:
# SECONDS PARTY {sent to|received from} PEER phase P action A NAME message M
# B bytes [digest D]
timeline() {
	awk '
	{
		if (!start)
			start = $1
		what = $3 == "sent" ? "--->" : "<---"
		printf "%9.3f ms  %s  %s %-3s  phase %d  %-12s #%d %6d bytes  %s\n",
			($1 - start) * 1000, $2, what, $5, $7, $10, $12, $13,
			$16
	}'
}

# For jq: {PARTY: [CHANNEL...]} of all that the others told, or of one's own.
channel='[.direction, .phase, .name, .peer, .state]'
told=".[] | {(.party): (.channels | map($channel))}"
own="{(.[0].party): map($channel)}"

# For jq: the same for people.
channels='
.[] | to_entries[] | .key as $party | .value[] |
"  \($party) " + (if .[0] == "input" then "<---" else "--->" end) +
" \(.[3])  phase \(.[1])  \(.[2])\(" " * (14 - (.[2] | length)))\(.[4])"'

# For jq: what is due to the parties.
hours='
map(.[0]) |
(.[] | "\(.party)  \(.minutes / 60)h of \(.minutes_total / 60)h"),
"all  \(map(.minutes) | add / 60)h of \(map(.minutes_total) | add / 60)h"'
