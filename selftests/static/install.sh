#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "make install" puts the module where that kernel's modprobe finds it, and the
# tools, the manual and the headers beside each other.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

install_for() { # KERNEL
	local release dest=$top/build/static/install-$1 want

	rm -rf "$dest"
	mkdir -p "$dest"
	make -s install K="$1" DESTDIR="$dest" > "$dest.log" 2>&1 || {
		cat "$dest.log"
		return 1
	}
	# its package is named after what uname -r says
	release=$(basename "$(tools/vm/kdir -k "$1")")
	release=${release#linux-headers-}
	modinfo -b "$dest" -k "$release" -F filename pop > /dev/null
	for want in sbin/pop share/man/man8/pop.8 include/linux/pop.h; do
		test -e "$dest/usr/local/$want" || echo "$want is missing"
	done
}

each install_for 6.1 6.12
