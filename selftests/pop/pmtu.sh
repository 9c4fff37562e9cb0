#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Messages over a path that is narrower than the link: the first ones are sent
# again, those after them fit; and where nobody says so they still arrive.
#
#	p1		hub			p2
#	eth0 ---- eth1	  eth2 ---------------- eth0
#	  MTU 1500		MTU WIDTH
#	10.0.1.1  10.0.1.254	10.0.2.254	10.0.2.2
#	fd01::1	  fd01::fe	fd02::fe	fd02::2
#
# Shows: R45
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

yaml() {
	cat <<- YAML
		contract: narrow
		parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub}
		phases:
		  - actions:
		      - {name: parts, from: a, to: [b], count: 9, max: 64K}
		      - {name: news, from: a, to: [b, c], same: true, count: 2, max: 64K}
	YAML
}

link() { # N MTU: a host and its link to the router
	ip netns add "p$1"
	{
		echo "link add eth$1 type veth peer name eth0 netns p$1"
		echo "link set eth$1 up mtu $2"
		echo "addr add 10.0.$1.254/24 dev eth$1"
		[ "$2" -lt 1280 ] || echo "addr add fd0$1::fe/64 dev eth$1 nodad"
	} | ip -n hub -batch -
	{
		echo "link set lo up"
		echo "link set eth0 up mtu $2"
		echo "addr add 10.0.$1.$1/24 dev eth0"
		echo "route add default via 10.0.$1.254"
		[ "$2" -lt 1280 ] || {
			echo "addr add fd0$1::$1/64 dev eth0 nodad"
			echo "route add ::/0 via fd0$1::fe"
		}
	} | ip -n "p$1" -batch -
}

path() { # WIDTH
	ip netns add hub
	ip netns exec hub sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	link 1 1500
	link 2 "$1"
}

path_gone() {
	local n

	for n in hub p1 p2; do
		ip netns del $n
	done
	rm -rf "$work/narrow"
}

# open_both 4|6
open_both() {
	yaml > "$work/narrow.yaml"
	contract "$work/narrow.yaml"
	if [ "$1" = 4 ]; then
		printf '%s\n' 'a: 10.0.1.1' 'b: 10.0.2.2' 'c: 10.0.2.2:7'
	else
		printf '%s\n' 'a: "[fd01::1]"' 'b: "[fd02::2]"' 'c: "[fd02::2]:7"'
	fi > "$work/endpoints"
	open_on 1 > /dev/null
	open_on 2 > /dev/null
}

text() { # LENGTH
	head -c "$1" /dev/zero | tr '\0' x
}

# passes SEQ LENGTH: a message, of which talk shows so much
passes() {
	talk_on 1 send 0 1 1 "$(text "$2")"
	same "0 1 $1 0 $2 $(text 64)" "$(talk_on 2 recv 1)"
}

# to_all SEQ LENGTH: one for two, of whom one is not there
to_all() {
	talk_on 1 send 0 0 all "$(text "$2")"
	same "0 0 $1 0 $2 $(text 64)" "$(talk_on 2 recv 1)"
}

# pieces N 4|6: IP fragments that have come to a host
pieces() {
	if [ "$2" = 4 ]; then
		on "$1" awk '$1 == "Ip:" && $2 != "Forwarding" && at {
				print $at; exit }
			$1 == "Ip:" { for (i = 1; i <= NF; i++)
				if ($i == "ReasmReqds") at = i }' /proc/net/snmp
	else
		on "$1" awk '$1 == "Ip6ReasmReqds" { print $2 }' /proc/net/snmp6
	fi
}

# units COMMAND...: how many more of messages b has got by it, each counted once
units() {
	local before

	before=$(message_units 2 Rx)
	"$@" > /dev/null
	echo $(($(message_units 2 Rx) - before))
}

sent_again() {
	[ "$(counter 1 PopTxRetransmits)" -gt 0 ]
}

# whole 4|6 COMMAND...: no packet comes in pieces by it
whole() {
	local family=$1 before
	shift

	before=$(pieces 2 "$family")
	"$@"
	same "$before" "$(pieces 2 "$family")"
}

# cut_up COMMAND...: packets do
cut_up() {
	local before

	before=$(pieces 2 4)
	"$@"
	[ "$(pieces 2 4)" -gt "$before" ]
}

# nobody_tells: what routers say of a packet that is too long is lost
nobody_tells() {
	on 1 tc qdisc add dev eth0 ingress
	on 1 tc filter add dev eth0 parent ffff: protocol ip flower \
		ip_proto icmp action drop
}

plan 14

path 600
open_both 4
check "IPv4, 600: a short message needs nothing" whole 4 passes 0 200
check "IPv4, 600: the first long one arrives" passes 1 5000
check "IPv4, 600: for it was sent again" sent_again
check "IPv4, 600: the next fits" whole 4 passes 2 5000
# 16 + 5000 bytes in fragments of 600 - 20 - 8 - 52
check "IPv4, 600: that is a header and 10 fragments" \
	same 11 "$(units passes 3 5000)"
check "IPv4, 600: what is for several fits all of them" whole 4 to_all 0 5000
ip -n hub link set eth2 mtu 400
ip -n p2 link set eth0 mtu 400
check "IPv4, 400: it gets through when the path becomes narrower" passes 4 5000
check "IPv4, 400: and if it is so narrow that no route remembers, in pieces" \
	cut_up passes 5 5000
path_gone

path 600
open_both 4
nobody_tells
check "IPv4, 600, nobody tells: it arrives in pieces" cut_up passes 0 5000
check "IPv4, 600, nobody tells: for it was sent again" sent_again
check "IPv4, 600, nobody tells: and so do others" passes 1 20000
path_gone

path 1280
open_both 6
check "IPv6, 1280: a long message fits" whole 6 passes 0 5000
# fragments of 1232 - 52
check "IPv6, 1280: that is a header and 5 fragments" \
	same 6 "$(units passes 1 5000)"
check "IPv6, 1280: what is for several fits" whole 6 to_all 0 5000
path_gone
ktap_finished
