#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module builds without a warning of gcc (W=1) or sparse (C=2), on both of
# Debian's kernels, with the tests of the debug kernel and without.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

build() { # KERNEL [MAKE-ARGUMENT...]
	local kernel=$1 obj log
	shift

	obj=build/static/$kernel${1+-debug}
	log=$obj.log
	rm -rf "$obj"
	mkdir -p build/static
	make -s module K="$kernel" OBJ="$obj" W=1 C=2 "$@" > "$log" 2>&1 || {
		cat "$log"
		return 1
	}
	# Debian's headers bring no vmlinux; the module has no need of BTF.
	grep -vE '^Skipping BTF generation|^  |^make' "$log" || true
}

stock() { build "${1#Linux }"; }
debug() { build uml POP_DEBUG=1; }

warnings() {
	case $1 in
	*debug*) debug ;;
	*) stock "$1" ;;
	esac
}

each warnings 'Linux 6.1' 'Linux 6.12' 'the debug kernel'
