# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by the static checks: they run at the top of the tree, and each file
# that is looked at is one result. What a checker says follows as diagnostics.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
top=$PWD
# shellcheck disable=SC2034 # used by those that source this
linux=$top/build/linux

make -s -C selftests parts >&2
# shellcheck source=/dev/null
. "$linux/tools/testing/selftests/kselftest/ktap_helpers.sh"

# sources [FIND-EXPRESSION...]: files that are ours
# shellcheck disable=SC2120 # arguments are optional
sources() {
	find . \( -name .git -o -name build -o -name __pycache__ \) -prune -o \
		-type f ! -name '*.[aod]' "$@" -printf '%P\n' | LC_ALL=C sort
}

# each COMMAND FILE...: COMMAND FILE must succeed and say nothing, for each
each() {
	local command=$1 file output
	shift

	ktap_print_header
	ktap_set_plan $#
	for file; do
		if output=$("$command" "$file" 2>&1) && [ -z "$output" ]; then
			ktap_test_pass "$file"
		else
			ktap_test_fail "$file"
			[ -z "$output" ] || sed 's/^/# /' <<< "$output"
		fi
	done
	ktap_finished
}
