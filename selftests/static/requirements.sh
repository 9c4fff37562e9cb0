#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Documentation/requirements.rst has every row once. A row that is shown, or
# partly, has tests; each exists and names the row. No other row has any.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

table=Documentation/requirements.rst

# "ROW STATUS TEST..." for each row
rows() {
	awk '
	function flush() { if (row) print row, status, tests }
	/^   \* - R[0-9]+$/ { flush(); row = $3; status = tests = "" }
	!row { next }
	/^     - (shown|partly|not yet)$/ { status = $2 }
	$NF ~ /^(pop|unit|static)\/[a-z_-]+\.(c|sh|py)$/ {
		tests = tests " " $NF
	}
	END { flush() }' "$table"
}

row_holds() { # ROW
	local row status tests test

	# shellcheck disable=SC2034 # row is what was looked for
	read -r row status tests <<< "$(rows | grep "^$1 ")"
	case $status in
	shown | partly) [ -n "$tests" ] || echo 'no test is named' ;;
	not) [ -z "$tests" ] || echo 'not yet, but a test is named' ;;
	*) echo 'missing, or without a status' ;;
	esac
	[ "$(rows | grep -c "^$1 ")" -le 1 ] || echo 'there twice'
	for test in $tests; do
		[ -e "selftests/$test" ] || echo "there is no $test"
		grep -qw "$1" "selftests/$test" || echo "$test does not name it"
	done
}

# shellcheck disable=SC2046 # numbers
each row_holds $(seq -f R%.0f 68)
