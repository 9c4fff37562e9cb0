#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The files made from the YNL spec are what it says.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

fresh() {
	"$1" --check
}

each fresh tools/netlink/generate
