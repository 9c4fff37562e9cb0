# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The module, and the network that the head of run draws. Sourced by it.

bridge=pop-demo

load_module() {
	local module

	[ ! -d /sys/module/pop ] || return 0
	[ -n "${POP_KO:-}" ] || { modprobe pop; return; }
	for module in $(modinfo -F depends "$POP_KO" | tr , ' '); do
		modprobe "$module"
	done
	insmod "$POP_KO"
}

# Half of the parties are reached by IPv4, the others by IPv6.
address_of() {
	if [ $(($1 % 2)) -eq 1 ]; then
		echo "10.18.0.$1"
	else
		echo "[fd18::$1]"
	fi
}

network_up() {
	local i party

	# snooping would want somebody to query for members
	ip link add $bridge type bridge mcast_snooping 0
	ip link set $bridge up
	for i in 1 2 3 4 5 6; do
		party=p$i
		ip netns add $party
		ip link add eth0 netns $party type veth peer name pop-demo$i
		ip link set pop-demo$i master $bridge up
		ip -n $party addr add 10.18.0.$i/24 dev eth0
		ip -n $party addr add fd18::$i/64 dev eth0 nodad
		ip -n $party link set lo up
		ip -n $party link set eth0 up
	done
}

network_down() {
	local i

	for i in 1 2 3 4 5 6; do
		ip netns del p$i 2> /dev/null || true
	done
	ip link del $bridge 2> /dev/null || true
}
