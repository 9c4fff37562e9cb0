# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by the shell tests: parties in network namespaces on a bridge.
#
#	p1	p2	p3	p4	p5	p6	a namespace each
#	eth0	eth0	eth0	eth0	eth0	eth0	10.0.0.N/24, fd00::N/64
#	 |	 |	 |	 |	 |	 |	MTU 1500
#	-+-------+-------+--br0--+-------+-------+-	namespace "hub"
#	 p1	 p2	 p3	 p4	 p5	 p6	  its ports
#
# Party N of a contract lives in pN, whatever its name there, and has the
# index N - 1. Contracts go in by the real pop tool.

set -euo pipefail

: "${POP_TOP:?run by selftests/run}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=/dev/null
. "$here/../kselftest/ktap_helpers.sh"

work=$(mktemp -d)
background=()

cleanup() {
	local pid n

	for pid in "${background[@]}"; do
		kill -KILL "$pid" 2> /dev/null || true
	done
	wait
	for n in $(ip netns list | sed -n 's/^\(p[0-9]*\|hub\)\( .*\)\?$/\1/p'); do
		ip netns del "$n"
	done
	rm -rf "$work"
}
trap cleanup EXIT

# --- results ------------------------------------------------------------------

# plan: the tests of a file are its calls of check, one a line
plan() {
	ktap_print_header
	ktap_set_plan "${1:-$(grep -cE '^[[:space:]]*check ' "$0")}"
}

# check DESCRIPTION COMMAND...: what it says is shown when it fails. It runs in
# a subshell, so that a function fails with the first of its commands.
check() {
	local what=$1 status
	shift

	set +e
	(
		set -e
		"$@"
	) > "$work/output" 2>&1
	status=$?
	set -e
	if [ $status -eq 0 ]; then
		ktap_test_pass "$what"
	else
		sed 's/^/# /' "$work/output"
		echo "# $* gave $status"
		ktap_test_fail "$what"
	fi
}

# refused TEXT COMMAND...: it must fail, and say TEXT
refused() {
	local text=$1 output
	shift

	if output=$("$@" 2>&1); then
		echo "was not refused: $output"
		return 1
	fi
	grep -qF -- "$text" <<< "$output" || {
		echo "refused, but: $output"
		return 1
	}
}

same() { # A B
	[ "$1" = "$2" ] || {
		diff <(echo "$1") <(echo "$2") || true
		return 1
	}
}

# --- waiting for a state, never for a time --------------------------------------

# wait_for COMMAND...: until it succeeds
wait_for() {
	local end=$((SECONDS + 60))

	until "$@" > /dev/null 2>&1; do
		if [ $SECONDS -ge $end ]; then
			echo "in vain: $*"
			return 1
		fi
		sleep 0.05	# between two looks at it
	done
}

# --- the hosts ------------------------------------------------------------------

# How the hosts' eth0 is set. Like this header and payload go each by themselves, for
# captures and netem.
eth0='gso_max_segs 1'

# hosts N: the topology above with so many
hosts() {
	local n

	ip netns add hub
	{
		echo "link add br0 type bridge mcast_snooping 0"
		echo "link set br0 up"
		echo "link set lo up"
	} | ip -n hub -batch -
	for n in $(seq "$1"); do
		ip netns add "p$n"
		{
			echo "link add eth0 netns p$n type veth peer p$n"
			echo "link set p$n master br0 up"
		} | ip -n hub -batch -
		{
			echo "link set lo up"
			echo "link set eth0 up $eth0"
			echo "addr add 10.0.0.$n/24 dev eth0"
			echo "addr add fd00::$n/64 dev eth0 nodad"
			echo "route add 224.0.0.0/4 dev eth0"
		} | ip -n "p$n" -batch -
	done
}

# on N COMMAND...: on that host
on() {
	local n=$1
	shift
	ip netns exec "p$n" "$@"
}

# pop_on N ARGUMENT...: the pop tool there
pop_on() {
	local n=$1
	shift
	pop -n "p$n" "$@"
}

# counter N NAME: of /proc/net/pop/snmp there
counter() {
	on "$1" awk -v name="$2" '$1 == name { print $2; found = 1 }
		END { exit !found }' /proc/net/pop/snmp
}

counter_is() { # N NAME VALUE
	local value

	value=$(counter "$1" "$2")
	[ "$value" = "$3" ] || {
		echo "p$1: $2 is $value and not $3"
		return 1
	}
}

# message_units N Rx|Tx: datagrams of messages there, each counted once: a slow
# machine asks for the second half of a message before the first is on its way
message_units() {
	on "$1" awk -v way="$2" '
		$1 == "Pop" way "Units" { sum += $2 }
		$1 == "Pop" way "Control" { sum -= $2 }
		$1 == (way == "Rx" ? "PopRxDuplicate" : "PopTxRetransmits") {
			sum -= $2
		}
		END { print sum }' /proc/net/pop/snmp
}

message_units_are() { # N Rx|Tx VALUE
	same "$3" "$(message_units "$1" "$2")"
}

# drops N: the counters of what was dropped there that are not zero. A slow machine
# sends again what is on its way, and answers when the question is an old one.
drops() {
	on "$1" awk '$2 && $1 ~ /^Pop(Rx|Tx)/ &&
		$1 !~ /^Pop(Rx|Tx)(Units|Executed|Held|Group|Control)$/ &&
		$1 !~ /^Pop(Rx|Tx)(Echoes|Records|Relays|Waited)$/ &&
		$1 !~ /^Pop(RxDuplicate|RxUnasked)$/ &&
		$1 !~ /^PopTx(Retransmits|Slowed|Limited)$/ { print }' \
		/proc/net/pop/snmp
}

no_drops() { # N...
	local n bad=''

	for n; do
		bad+=$(drops "$n" | sed "s/^/p$n: /")
	done
	[ -z "$bad" ] || {
		echo "$bad"
		return 1
	}
}

# --- contracts -------------------------------------------------------------------

# contract FILE.yaml: compiled and signed by all of its parties, whose keys are
# made; sets "file", "hash" and "parties"
contract() {
	local name dir

	name=$(basename "$1" .yaml)
	dir=$work/$name
	mkdir -p "$dir/keys"
	cp "$1" "$dir"
	file=$dir/$name.pop
	mapfile -t parties < <(grep -o 'keys/[^,} ]*\.pub' "$1" |
		sed 's,keys/,,; s,\.pub$,,' | LC_ALL=C sort -u)
	(
		cd "$dir/keys"
		pop key gen "${parties[@]}"
		pop key card "${parties[@]}"
		cd ..
		pop contract compile "$name.yaml"
		for party in "${parties[@]}"; do
			pop contract sign "$name.pop" key "keys/$party.key" \
				output "$party.sig"
		done
	) > /dev/null
	hash=$(pop -j contract show "$file" | jq -r '.. | .hash? // empty')
}

# endpoints 4|6: where the parties are, in $work/endpoints
endpoints() {
	local n=0 party

	for party in "${parties[@]}"; do
		n=$((n + 1))
		if [ "$1" = 4 ]; then
			echo "$party: 10.0.0.$n"
		else
			echo "$party: \"[fd00::$n]\""
		fi
	done > "$work/endpoints"
}

# open_on N: host pN takes part as the Nth party
open_on() {
	local dir=${file%/*} party=${parties[$1 - 1]}

	pop_on "$1" contract open "$file" party "$party" \
		secret "$dir/keys/$party.secret" sig "$dir"/*.sig \
		endpoints "$work/endpoints"
}

# open_all 4|6: all of them take part
open_all() {
	local n

	endpoints "$1"
	for n in $(seq ${#parties[@]}); do
		open_on "$n"
	done > /dev/null
}

contract_state() { # N
	pop_on "$1" -j contract show "$hash" | jq -r '.. | .state? // empty'
}

state_is() { # N STATE
	[ "$(contract_state "$1")" = "$2" ]
}

# talk_on N OPERATION...: see talk.c
talk_on() {
	local n=$1
	shift
	on "$n" "$here/talk" "$hash" $((n - 1)) "$@"
}

# --- what goes over the wire ------------------------------------------------------

# capture_start: of all that crosses the bridge, to $work/capture
capture_start() {
	ip netns exec hub tcpdump -Z root -i br0 --immediate-mode -U \
		-w "$work/capture" udp port 7670 2> "$work/tcpdump" &
	tcpdump=$!
	background+=("$tcpdump")
	wait_for grep -q 'listening on' "$work/tcpdump"
}

# capture_stop COUNT [datagrams]: when so many of messages, or of all, were seen
capture_stop() {
	wait_for captured "$@" || true
	kill -INT "$tcpdump"
	wait "$tcpdump" || true
}

# shellcheck disable=SC2120 # arguments are optional
datagrams() { # [FILTER]
	tcpdump -nn -r "$work/capture" "$@" 2> /dev/null
}

# messages [FILTER]: the headers and payloads among them, each once, as in
# message_units; a line is who sends it to whom, and what
# shellcheck disable=SC2120 # arguments are optional
messages() {
	datagrams -t -x "${1:+($1) and }(udp[8] < 0x13 or ip6[48] < 0x13)" |
		awk '
		function unit() {
			# what is sent again is the same behind the IP header
			if (hex != "" && !seen[way hex]++)
				print way, hex
		}
		/^IP/ { unit(); way = $0; hex = ""; skip = /^IP6/ ? 80 : 40; next }
		{
			sub(/^[^:]*:/, ""); gsub(/ /, "")
			hex = hex substr($0, skip + 1)
			skip = skip > length ? skip - length : 0
		}
		END { unit() }'
}

captured() { # COUNT [datagrams]
	[ "$("${2:-messages}" | wc -l)" -ge "$1" ]
}

# operations N: what the Nth party does by the contract, phase by phase, as
# words for talk: what it owes, and then as much as it is owed
operations() {
	pop -j contract show "$file" | jq -r --arg me "${parties[$1 - 1]}" '
		.[0] | (.parties | map({ (.name): .index }) | add) as $index |
		.phases[] | .index as $phase |
		(.actions[] | select(.from == $me) | . as $a |
			range(.count) as $i |
			(if .same then "all" else .to[] | $index[.] end) |
			"send \($phase) \($a.index) \(.) \($a.name)-\($i)"),
		([.actions[] | select(.to | index($me)) | .count] | add // 0 |
			select(. > 0) | "recv \(.)")'
}

# run_all: all parties do all that they owe, at the same time. None begins before
# all have a socket: units of far phases are not kept for who lags behind.
run_all() {
	local n ops pids=() failed='' said=$work/said.$hash

	for n in $(seq ${#parties[@]}); do
		read -r -a ops <<< "$(operations "$n" | tr '\n' ' ')"
		talk_on "$n" ready await "$said.go" "${ops[@]}" > "$said.$n" &
		pids+=($!)
	done
	background+=("${pids[@]}")
	for n in $(seq ${#parties[@]}); do
		wait_for grep -q ready "$said.$n"
	done
	touch "$said.go"
	for n in "${pids[@]}"; do
		wait "$n" || failed=1
	done
	[ -z "$failed" ] || {
		stuck
		return 1
	}
}

# stuck: what is not done, and what was dropped, at all parties
stuck() {
	local n

	for n in $(seq ${#parties[@]}); do
		channels_of "$n" | grep -v ' executed ' |
			sed "s/^/${parties[n - 1]}: /" || true
		drops "$n" | sed "s/^/${parties[n - 1]}: /"
	done
}

all_are() { # STATE
	local n

	for n in $(seq ${#parties[@]}); do
		state_is "$n" "$1" || return 1
	done
}

# channels_of N: "DIRECTION PEER PHASE ACTION STATE EXECUTED/SLOTS", as pN sees
channels_of() {
	pop_on "$1" -j channel show contract "$hash" | jq -r '.[] |
		"\(.direction) \(.peer) \(.phase) \(.action) \(.state) \(.executed)/\(.slots)"'
}

channel_is() { # N LINE
	local channels

	channels=$(channels_of "$1")
	grep -qxF -- "$2" <<< "$channels" || {
		echo "$channels"
		return 1
	}
}
