#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All that is seen at the hosts of the six-party contract while nothing fails:
# two datagrams a channel, or with multicast fewer, and nothing else; and
# nothing in them that only the parties may know.
#
# Shows: R3 R15 R21 R28 R41 R43 R44 R45 R55
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts 7
contract "$POP_TOP/contracts/six-party.yaml" 2> /dev/null
POP_WIRE_WORK=$work POP_WIRE_CONTRACT=$work/six-party \
	/usr/bin/python3 -B "$here/wire/capture.py"
