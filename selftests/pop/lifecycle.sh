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

# a to e each have something for f that cannot go out yet, for another reason
# each; a has no part in what e and b say to all.
wait_yaml() {
	cat <<- 'YAML'
		contract: wait
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub,
		          d: keys/d.pub, e: keys/e.pub, f: keys/f.pub}
		phases:
		  - actions:
		      - {name: a, from: a, to: [f], count: 2, max: 4M}
		      - {name: b, from: b, to: [c, f], same: true, max: 4M}
		      - {name: c, from: c, to: [f], count: 2, max: 4M}
		      - {name: d, from: d, to: [f], count: 2, max: 4M}
		      - {name: e, from: e, to: [c, f], same: true, max: 4M}
	YAML
}

kept() { # N: bytes
	on "$1" awk '/^kept/ { print $2 }' /proc/net/pop/node
}

nothing_kept() { # N
	[ "$(kept "$1")" -eq 0 ]
}

# Party N says more than it can: TO is f or all. It stays so for long.
say_much() { # N TO
	talk_on "$1" bytes 0 $(($1 - 1)) "$2" 4000000
}

waits() { # N
	[ "$(counter "$1" PopTxWaited)" -gt 0 ]
	[ "$(kept "$1")" -gt 3000000 ]
}

# for the window: nothing that is sent arrives
wait_for_window() { # N TO
	on "$1" tc qdisc add dev eth0 root netem loss 100%
	say_much "$1" "$2"
	waits "$1"
}

# for the next clock tick: a long round trip, which is known
wait_for_tick() { # N TO
	on "$1" tc qdisc add dev eth0 root netem delay 500ms rate 1mbit limit 10000
	talk_on "$1" send 0 $(($1 - 1)) "$2" first
	wait_for nothing_kept "$1"
	say_much "$1" "$2"
	waits "$1"
}

wait_for_rate() { # N TO
	pop_on "$1" node set rate 64kbit
	say_much "$1" "$2"
	waits "$1"
}

all_wait() {
	local n

	for n in 1 2 3 4 5; do
		waits $n
	done
}

all_take_part() {
	local n

	hosts 6
	for n in 2 5; do
		pop_on $n node set multicast on dev eth0
	done
	open_all 4
}

networks_go() {
	local n

	for n in p1 p2 p3 p4 p5 p6 hub; do
		ip netns del $n
	done
}

# Nobody has a socket: what waits goes with the networks, or with the module.
networks_first() {
	networks_go
	unload
}

module_first() {
	unload
	networks_go
}

cat > "$work/two.yaml" <<- 'YAML'
	contract: two
	parties: {a: keys/a.pub, b: keys/b.pub}
	phases:
	  - actions:
	      - {name: first, from: b, to: [a]}
	      - {name: second, from: a, to: [b]}
YAML

wait_yaml > "$work/wait.yaml"

plan 37
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
contract "$work/wait.yaml"
for way in "networks first" "module first"; do
	modprobe pop
	check "six take part" all_take_part
	check "units wait for the window" wait_for_window 1 5
	check "for the group's window" wait_for_window 2 all
	check "for the rate of the node" wait_for_rate 4 5
	check "with those for a group" wait_for_rate 5 all
	check "for the next tick" wait_for_tick 3 5
	check "and all of them wait still" all_wait
	check "they go, the $way" "${way/ /_}"
done
check "a socket keeps the module" socket_keeps_module
check "another family number" modprobe pop family=12
check "sockets have that number" open_socket 12
check "and not the usual one" socket_refused 18
check "unloaded with the other number" unload
check "a number out of range is refused" refused '' modprobe pop family=46
check "a number in use is refused" refused '' modprobe pop family=2
check "with the usual number" modprobe pop family=18
ktap_finished
