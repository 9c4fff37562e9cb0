#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shell scripts parse, and shellcheck has no objection.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

check_script() {
	local shell=bash options=(-S warning -x -P SCRIPTDIR)

	[[ $(head -n 1 "$1") != '#!'*sh ]] || shell=$(head -n 1 "$1")
	shell=${shell##*[/ ]}
	# What is sourced sets variables for others.
	[ -x "$1" ] || options+=(-e SC2034)
	"$shell" -n "$1" && shellcheck -s "$shell" "${options[@]}" "$1"
}

mapfile -t files < <(sources | xargs -d '\n' \
	grep -lEm1 '^#!/bin/(busybox )?(ba)?sh|^# shellcheck shell=')
each check_script "${files[@]}"
