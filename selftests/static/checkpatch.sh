#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# checkpatch --strict finds nothing in C code.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

ignore=(
	# There is no MAINTAINERS file out of tree.
	FILE_PATH_CHANGES
	# British spelling is spelling.
	TYPO_SPELLING
	# The uapi has no BIT().
	BIT_MACRO
	# The list of counters is a macro that is given a macro.
	COMPLEX_MACRO MACRO_ARG_REUSE MACRO_ARG_UNUSED
	# What a lock protects stands in the kernel-doc of its structure.
	UNCOMMENTED_DEFINITION
)
# User space has neither the kernel's helpers nor its rules for them.
user_ignore=("${ignore[@]}"
	PREFER_KERNEL_TYPES STRCPY STRNCPY STRLCPY NEW_TYPEDEFS ENOSYS
	CONST_STRUCT ARRAY_SIZE PREFER_DEFINED_ATTRIBUTE_MACRO PREFER_FALLTHROUGH CONSIDER_KSTRTO
	SSCANF_TO_KSTRTO PREFER_PR_LEVEL BLOCK_COMMENT_STYLE
	# The macros of kselftest_harness.h are definitions, and look like calls.
	SPACING TRAILING_STATEMENTS
)

checkpatch() {
	local list

	case $1 in
	tools/* | selftests/*) list=("${user_ignore[@]}") ;;
	*) list=("${ignore[@]}") ;;
	esac
	# It exits with the number of what it found.
	"$linux/scripts/checkpatch.pl" --no-tree --strict --terse --no-summary \
		--show-types --ignore "$(IFS=,; echo "${list[*]}")" \
		-f "$1"
}

mapfile -t files < <(sources -name '*.[ch]' ! -name '*_gen.[ch]' \
	! -name pop_netlink.h)
each checkpatch "${files[@]}"
