#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "make install" puts the module where that kernel's modprobe finds it, and the
# tools, the manual and the headers beside each other, all of it in the stage;
# and "make uninstall" leaves none of it.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

install_for() { # KERNEL
	local release variable want stage=build/static/install-$1
	local dest=$top/$stage options=(-s K="$1" DESTDIR="$stage")

	rm -rf "$stage"
	mkdir -p "$stage"
	for variable in prefix PREFIX; do
		make "${options[@]}" install $variable="/$variable" \
			> "$dest.log" 2>&1 || {
			cat "$dest.log"
			return 1
		}
		for want in sbin/pop share/man/man8/pop.8 \
			share/bash-completion/completions/pop include/linux/pop.h; do
			test -e "$dest/$variable/$want" ||
				echo "$variable: $want is missing"
		done
	done
	# its package is named after what uname -r says
	release=$(basename "$(tools/vm/kdir -k "$1")")
	release=${release#linux-headers-}
	test ! -e "$dest/lib/modules/$release/modules.dep" ||
		echo "depmod ran, and knows this module only"
	# it warns of lists that only a whole kernel has
	depmod -b "$dest" "$release" 2> /dev/null
	modinfo -b "$dest" -k "$release" -F filename pop > /dev/null
	for variable in prefix PREFIX; do
		make "${options[@]}" uninstall $variable="/$variable"
	done
	find "$dest" -type f ! -name 'modules.*'
}

each install_for 6.1 6.12
