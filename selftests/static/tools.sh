#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tools build without a warning.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

build() {
	rm -rf build/static/tools
	make -s -C tools O="$top/build/static/tools" CFLAGS='-O2 -g -Werror'
}

each build tools
