#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A contract with a body of more than 1 MiB, which the kernel does not give back:
# it can be ended and forgotten, and others are shown all the same.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

PHASES=13000

yaml() { # NAME PHASES
	printf '%s\n' "contract: $1" \
		'parties: {a: keys/a.pub, b: keys/b.pub}' 'phases:'
	awk -v n="$2" 'BEGIN {
		while (n--)
			print "  - actions: [{name: x, from: a, to: b}]"
	}'
}

longer_than_it_gives() {
	[ "$(stat -c %s "$file")" -gt $((1 << 20)) ]
}

# The short one, and a word about the long one
shown() { # COMMAND...
	pop_on 1 "$@" > "$work/shown" 2> "$work/said"
	grep -q short "$work/shown"
	grep -q '"long".*1 MiB' "$work/said"
	! grep -q long "$work/shown"
}

no_body() { # COMMAND...
	refused '1 MiB' pop_on 1 "$@"
}

gone() {
	pop_on 1 contract list > "$work/shown"
	! grep -q long "$work/shown"
}

plan 9
hosts 2
for name in long short; do
	yaml $name "$([ $name = long ] && echo $PHASES || echo 3)" \
		> "$work/$name.yaml"
	contract "$work/$name.yaml"
	endpoints 4
	open_on 1 > /dev/null
	[ $name = short ] || check "its body is longer than that" longer_than_it_gives
done
check "parties are shown" shown party show
check "phases are shown" shown phase show
check "channels are shown" shown channel show
check "who asks for its channels is told why not" no_body channel show contract long
check "its weight can be set" pop_on 1 contract set long weight 2
check "it can be aborted" pop_on 1 contract abort long
check "it can be forgotten" pop_on 1 contract del long
check "and then it is gone" gone
ktap_finished
