# SPDX-License-Identifier: GPL-2.0
#
# Count the results in TAP, of tests within tests ("# " of kselftest, four
# spaces of KUnit): print "PASSED FAILED SKIPPED", and before that a line for
# each that failed or was skipped.
#
# Only tests without tests inside count, but for one that failed although all
# inside had passed: it died, hung or fell short of its plan.

function result(depth, line,	failed, skipped) {
	failed = line ~ /^not ok/
	skipped = line ~ /# *SKIP/
	if (inside[depth + 1] && (!failed || bad[depth + 1])) {
		# said already
	} else if (failed) {
		print "failed: " where line
		nr_failed++
	} else if (skipped) {
		print "skipped: " where line
		nr_skipped++
	} else {
		nr_passed++
	}
	inside[depth]++
	bad[depth] += failed
	inside[depth + 1] = bad[depth + 1] = 0
}

{
	line = $0
	sub(/\r$/, "", line)
	for (depth = 0; line ~ /^(# |    )/; depth++)
		line = substr(line, line ~ /^# / ? 3 : 5)
}

depth <= 1 && line ~ /^selftests: / {
	where = line ": "
	sub(/^selftests: /, "", where)
}

depth == 0 && line ~ /^1\.\.[0-9]+/ {
	planned += substr(line, 4) + 0
}

line ~ /^(not )?ok [0-9]+/ {
	if (depth == 0)
		where = ""
	result(depth, line)
}

END {
	# A plan of the outermost level that was not kept.
	if (inside[0] < planned) {
		print "failed: " planned - inside[0] " planned, but not run"
		nr_failed += planned - inside[0]
	} else if (!inside[0]) {
		print "failed: there are no results"
		nr_failed++
	}
	print nr_passed + 0, nr_failed + 0, nr_skipped + 0
}
