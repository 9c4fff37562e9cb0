#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Comments of the kernel-doc form say what is there, and all of it.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

kernel_doc() {
	"$linux/scripts/kernel-doc" -none "$1"
}

mapfile -t files < <(sources -name '*.[ch]' ! -path 'selftests/*')
each kernel_doc "${files[@]}"
