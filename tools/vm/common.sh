# SPDX-License-Identifier: GPL-2.0
#
# Sourced by the scripts in this directory.
# shellcheck shell=bash

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cache=${POP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pop}
kernels=(uml 6.1 6.12)
wanted_seldom=(smp)	# made when they are named only

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

known_kernel() {
	[[ " ${kernels[*]} ${wanted_seldom[*]} " == *" $1 "* ]] ||
		die "unknown kernel '$1' (${kernels[*]} ${wanted_seldom[*]})"
}

# prepare_kernel NAME: have it in the cache
prepare_kernel() {
	case $1 in
	smp) "$vm/kernel-smp" ;;
	*) "$vm/kernel" "$1" ;;
	esac
}

# "6.1" -> the meta package that follows that series.
headers_package() {
	case $1 in
	6.1) echo linux-headers-amd64 ;;
	*) echo "linux-headers-$1-amd64" ;;
	esac
}

# "6.1" -> "6.1.0-NN-amd64 VERSION-OF-THE-PACKAGE", by what is installed: the
# image that a guest boots must be the one whose headers a module is built by.
headers_version() {
	local meta depends release version

	meta=$(headers_package "$1")
	depends=$(dpkg-query -W -f '${Depends}' "$meta" 2> /dev/null) ||
		die "$meta is not installed (tools/deps build)"
	release=$(sed -n 's/.*linux-headers-\([^ ,]*\).*/\1/p' <<< "$depends")
	version=$(dpkg-query -W -f '${Version}' "linux-headers-$release" \
		2> /dev/null) ||
		die "linux-headers-$release is not installed (tools/deps build)"
	[[ $release == "$1".* ]] ||
		die "$meta is $release here, and not of the $1 series"
	echo "$release $version"
}
