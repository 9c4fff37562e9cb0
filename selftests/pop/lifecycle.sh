#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module comes and goes: load, unload, reload, by its aliases, under
# another family number; and with it what it holds in a network namespace.
#
# Shows: the module can be unloaded whatever was done with it
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The tests that follow want it loaded, whatever happens here.
restore() {
	cleanup
	modprobe pop
}
trap restore EXIT

loaded() {
	[ -d /sys/module/pop ]
}

unload() {
	rmmod pop
	! loaded
}

# A socket of the family, and no more.
open_socket() { # FAMILY
	python3 -c "import socket, sys; socket.socket($1, socket.SOCK_RDM)"
}

socket_refused() { # FAMILY
	refused 'not supported' open_socket "$1"
}

reload_often() {
	local _

	for _ in 1 2 3 4 5; do
		modprobe pop
		unload
	done
}

in_protocols() {
	grep -q '^POP ' /proc/net/protocols
}

proc_files() {
	local name

	for name in contracts channels sockets snmp; do
		[ -r "/proc/net/pop/$name" ] || {
			echo "/proc/net/pop/$name is missing"
			return 1
		}
	done
}

proc_gone() {
	[ ! -e /proc/net/pop ]
}

# A namespace that dies with everything in use, all at once.
netns_with_all() {
	hosts 2
	contract "$work/two.yaml"
	open_all 4
	talk_on 1 ready recv 1 > "$work/reader" &
	background+=($!)
	wait_for grep -q ready "$work/reader"
	talk_on 2 send 0 0 0 hello
	wait "${background[0]}"
	# a message that nobody takes
	talk_on 1 send 0 1 1 held
	wait_for counter_is 2 PopRxHeld 1
	ip netns del p1
	ip netns del p2
	ip netns del hub
}

# Whoever has a socket keeps the module.
socket_keeps_module() {
	local pid

	modprobe pop
	coproc HOLDER { python3 -c "
import socket, sys
s = socket.socket(18, socket.SOCK_RDM)
print('ready', flush=True)
sys.stdin.read()"; }
	pid=$HOLDER_PID
	read -r <&"${HOLDER[0]}"
	refused 'in use' rmmod pop || return 1
	kill "$pid"
	wait "$pid" || true
	# readers of the socket can outlive it for a while
	wait_for rmmod pop
	! loaded
}

cat > "$work/two.yaml" <<- 'YAML'
	contract: two
	parties: {a: keys/a.pub, b: keys/b.pub}
	phases:
	  - actions:
	      - {name: first, from: b, to: [a]}
	      - {name: second, from: a, to: [b]}
YAML

plan
check "it is loaded" loaded
check "/proc/net/pop is there" proc_files
check "/proc/net/protocols has it" in_protocols
check "it can be unloaded" unload
check "/proc/net/pop is gone" proc_gone
check "reloaded five times" reload_often
check "socket() loads it" open_socket 18
check "it is loaded by that" loaded
check "unloaded again" unload
check "netlink loads it" pop node show
check "it is loaded by that, too" loaded
check "a namespace dies with all in use" netns_with_all
check "and the module can go" unload
check "a socket keeps the module" socket_keeps_module
check "another family number" modprobe pop family=12
check "sockets have that number" open_socket 12
check "and not the usual one" socket_refused 18
check "unloaded with the other number" unload
check "a number out of range is refused" refused '' modprobe pop family=46
check "a number in use is refused" refused '' modprobe pop family=2
check "with the usual number" modprobe pop family=18
ktap_finished
