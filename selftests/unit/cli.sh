#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The tool's commands on files: the worked contracts from keys to signatures,
# and what a user sees when something is wrong.
#
#	POP=tool CONTRACTS=directory cli.sh

set -u
golden=$(cd "$(dirname "$0")" && pwd)/six-party.profile
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$CONTRACTS"/*.yaml "$work"
cd "$work" || exit 1

nr=0
bad=0

# result STATUS NAME: one result
result() {
	nr=$((nr + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $nr $2"
	else
		echo "not ok $nr $2"
		sed 's/^/# /' output
		bad=1
	fi
}

# works NAME ARGUMENT...: the tool succeeds
works() {
	name=$1
	shift
	"$POP" "$@" > output 2>&1
	result $? "$name"
}

# fails NAME TEXT ARGUMENT...: it fails with status 1, and says TEXT
fails() {
	name=$1
	text=$2
	shift 2
	"$POP" "$@" > output 2>&1
	[ $? -eq 1 ] && grep -qF -- "$text" output
	result $? "$name"
}

# says NAME TEXT: so did the last command
says() {
	grep -qF -- "$2" output
	result $? "$1"
}

# --- keys ---------------------------------------------------------------------

six='p1 p2 p3 p4 p5 p6'
others='buyer seller carrier escrow witness upstream distro auditor cloud mirror'

# shellcheck disable=SC2086 # lists of names
works 'identities are made' key gen $six $others dir keys
# shellcheck disable=SC2086
works 'and cards' key card $six $others dir keys
[ "$(stat -c %a keys/p1.key keys/p1.secret keys/p1.pub | tr '\n' ' ')" = \
	'600 600 644 ' ]
result $? 'secrets are for their owner, cards for all'
fails 'an identity is not replaced' 'keys/p1.key: exists already' \
	key gen p1 dir keys
fails 'nor is a card' 'keys/p1.secret: exists already' key card p1 dir keys
mv keys/p1.secret away
fails 'nor one without its secret' 'keys/p1.pub: exists already' \
	key card p1 dir keys
[ ! -e keys/p1.secret ]
result $? 'and no secret is left that belongs to no card'
mv away keys/p1.secret
works 'cards for several contracts go beside each other' \
	key card p1 for other dir keys
[ -e keys/p1.other.pub ] && [ -e keys/p1.other.secret ]
result $? 'under the names of the contracts'
for name in Six-Party '' a/b abcdefghijklmnopqrstuvwx; do
	fails "no card is for a contract \"$name\", which cannot be" \
		'no contract has the name' key card p1 for "$name" dir keys
done
fails 'who has no identity gets no card' 'keys/nobody.key: No such file' \
	key card nobody dir keys
works 'keys can be looked at' key show keys/p1.key keys/p1.secret keys/p1.pub
! grep -qF "$(sed -n 's/^secret //p' keys/p1.key)" output &&
	! grep -qF "$(sed -n 's/^secret //p' keys/p1.secret)" output
result $? 'but not at the secrets'

latin=$(printf 'caf\351')
cp keys/p1.pub "$latin"
"$POP" -j key show "$latin" > output 2>&1 &&
	jq -e '.[0].file == "caf\uFFFD"' output > /dev/null
result $? 'a name that is not UTF-8 is in the JSON, too'

control=$(printf 'a\033[31mb')
cp keys/p1.pub "$control"
works 'the name of a file' key show "$control"
says 'does not steer the terminal' 'a?[31mb:'
for option in -V -h; do
	"$POP" $option > /dev/full 2> output
	[ $? -eq 1 ] && grep -q 'cannot write: No space left' output
	result $? "$option says when there is no room for it"
done
works 'help is asked for with -j' -j help
! grep -qF '[]' output
result $? 'and is no JSON'

# --- the worked contracts -------------------------------------------------------

for contract in six-party escrow release; do
	works "R17 $contract compiles" contract compile $contract.yaml
	parties=$("$POP" contract show $contract.pop |
		sed -n 's/^\tparty [0-9]* \([^ ]*\) .*/\1/p')
	for party in $parties; do
		"$POP" contract sign $contract.pop key "keys/$party.key" ||
			break
	done > output 2>&1
	works "R6 R17 and is valid at level 1 when all have signed" \
		contract verify $contract.pop $contract.*.sig
done

cp six-party.pop once
"$POP" contract compile six-party.yaml output twice > said 2>&1
cmp -s once twice
result $? 'R3 compiled twice it is the same'

"$POP" contract profile six-party.pop > output 2>&1
diff "$golden" output > difference
status=$?
cp difference output
result $status 'R11 the profiles of six parties in three phases are the golden ones'

"$POP" contract profile six-party.pop party p2 > once
works 'R11 a party is given by its index, too' \
	contract profile six-party.pop party 1
cmp -s once output
result $? 'R11 with the same profile'
fails 'but not by more than there are' 'must be a number up to 5' \
	contract profile six-party.pop party 6
printf '\357\273\277' | cat - six-party.yaml > mark.yaml
"$POP" contract compile mark.yaml > output 2>&1 && cmp -s mark.pop six-party.pop
result $? 'R3 a byte order mark changes nothing'

works 'R7 a contract can be looked at' contract show six-party.pop
says 'R10 with who is active' 'phase 0 deadline 2h gate local active p1 p2 p4'
says 'R51 with the hours of a party' 'party 1 p2 earns 16h'
says 'R51 with the hours of all' 'hours 46h'
! grep -q disputes output
result $? 'R38 and without disputes, when nobody may raise those of others'
"$POP" -j contract show ./six-party.pop > output 2>&1 &&
	jq -e '.[0] | .minutes == ([.parties[].minutes] | add) and
		.minutes == ([.phases[].actions[].minutes] | add) and
		.phases[0].active == ["p1", "p2", "p4"]' output > /dev/null
result $? 'R7 R10 R51 also as JSON, with the same sums'
works 'R7 one with disputes can be looked at' contract show escrow.pop
grep '^	party' output | sed 's/ earns [0-9hm]*//' > parties
diff - parties > difference << EOF
	party 0 buyer
	party 1 carrier
	party 2 escrow disputes phases 3 to 4
	party 3 seller
	party 4 witness disputes all
EOF
status=$?
cp difference output
result $status 'R38 with those who may raise disputes of others'
"$POP" -j contract show escrow.pop > output 2>&1 &&
	jq -e '[.[0].parties[] | [.dispute_first, .dispute_end]] ==
		[[0, 0], [0, 0], [3, 5], [0, 0], [0, 7]]' output > /dev/null
result $? 'R38 also as JSON'
sed 's/disputes: all/disputes: goods/' escrow.yaml > one.yaml
"$POP" contract compile one.yaml > output 2>&1 &&
	"$POP" contract show one.pop > output 2>&1
says 'R38 and one phase as one' ' disputes phase 3'
cat > tiny.yaml << EOF
contract: tiny
parties: {a: {card: keys/p1.pub, disputes: all}, b: keys/p2.pub}
phases:
  - actions: [{name: n, from: a, to: b}]
EOF
"$POP" contract compile tiny.yaml > output 2>&1 &&
	"$POP" contract show tiny.pop > output 2>&1
grep -q ' disputes all$' output
result $? 'R38 or as all, when there is no other'

# --- refusals -------------------------------------------------------------------

fails 'R6 R64 n-1 signatures are refused, at level 1' \
	'refused at level 1: p6 has not signed (5 of 6 have)' \
	contract verify six-party.pop six-party.p[1-5].sig
fails 'R64 and none' 'refused at level 1: p1 has not signed (0 of 6 have)' \
	contract verify six-party.pop
fails 'R64 and one for another contract' 'has signed another contract' \
	contract verify escrow.pop six-party.p1.sig
"$POP" -j contract verify six-party.pop six-party.p[1-5].sig > output 2> said
jq -e '.[0] | .valid == false and .level == 1 and .signatures == 5' \
	output > /dev/null
result $? 'R64 level and reason are in the JSON, too'
cp six-party.pop broken.pop
printf 'X' | dd of=broken.pop bs=1 seek=20 conv=notrunc 2> /dev/null
fails 'R3 R64 a contract with a wrong byte is refused' \
	'broken.pop: byte 20: bad contract name' contract verify broken.pop
printf '7' | dd of=broken.pop bs=1 seek=20 conv=notrunc 2> /dev/null
fails 'R3 R64 and with a changed byte it has no signature' \
	'has signed another contract' contract verify broken.pop six-party.*.sig
sed 's/$/\r/' keys/p1.pub > crlf.pub
fails 'line ends of another system are named' 'crlf.pub:1:1: a carriage return' \
	key show crlf.pub
fails 'who is no party cannot sign' 'no party with this identity' \
	contract sign six-party.pop key keys/buyer.key
fails 'R64 nor can who was given a key of somebody else' \
	'keys/p1.other.secret: the contract gives p1 another contract key than yours' \
	contract sign six-party.pop \
	key keys/p1.key secret keys/p1.other.secret
works 'a card for the contract that its author did not use' \
	key card p1 for six-party dir keys
works 'is not in the way of the one that he did' \
	contract sign six-party.pop key keys/p1.key
mv keys/p1.secret away
fails 'a secret of another key is named' \
	'keys/p1.six-party.secret: the contract gives p1 another contract key' \
	contract sign six-party.pop key keys/p1.key
rm keys/p1.six-party.*
fails 'a contract key that is missing is said' 'give "secret FILE"' \
	contract sign six-party.pop key keys/p1.key
mv away keys/p1.secret
chmod 644 keys/p2.key
fails 'a secret that others can read is refused' 'chmod 600' \
	contract sign six-party.pop key keys/p2.key
fails 'a card is not taken for a secret' \
	'keys/p1.pub: this is a card and no pop-identity' \
	contract sign six-party.pop key keys/p1.pub
fails 'nor for a contract key' \
	'keys/p1.pub: this is a card and no pop-contract-key' \
	contract sign six-party.pop key keys/p1.key secret keys/p1.pub
mkfifo fifo
ln -s six-party.pop link
cksum six-party.yaml keys/p1.key keys/p1.secret keys/p1.pub \
	six-party.p1.sig six-party.pop link > before
for file in six-party.yaml ./six-party.yaml keys/p1.key keys/p1.secret \
	keys/p1.pub six-party.p1.sig; do
	fails "a contract does not replace $file" \
		"$file: exists already as a file of another kind" \
		contract compile six-party.yaml output "$file"
done
for file in six-party.pop keys/p1.key keys/p1.secret; do
	fails "nor does a signature replace $file" \
		"$file: exists already as a file of another kind" \
		contract sign six-party.pop key keys/p1.key output "$file"
done
for file in fifo link .; do
	fails "nor a contract $file" "$file: not a regular file" \
		contract compile six-party.yaml output "$file"
done
cksum six-party.yaml keys/p1.key keys/p1.secret keys/p1.pub \
	six-party.p1.sig six-party.pop link | cmp -s before - &&
	[ -p fifo ] && [ -L link ]
result $? 'and all of them are as before'
works 'but a contract replaces a contract' \
	contract compile six-party.yaml output six-party.pop
works 'and a signature a signature' \
	contract sign six-party.pop key keys/p1.key
(
	ulimit -f 0
	"$POP" contract compile six-party.yaml output large.pop 2>&1
) | cat > output
says 'a file that may not be so long is none' 'large.pop: File too large'
[ "$(echo large*)" = 'large*' ]
result $? 'and nothing of it is left'
sed 's/to: \[p2, p4\]/to: [p2, p9]/' six-party.yaml > wrong.yaml
fails 'a mistake is said with its place' \
	'wrong.yaml:18:42: "p9" is not among the parties' \
	contract compile wrong.yaml
[ ! -e wrong.pop ]
result $? 'and leaves no file'
fails 'a party that is none has no profile' 'no party "p9"' \
	contract profile six-party.pop party p9
fails 'what is no contract is refused' 'byte 0: not a PoP contract' \
	contract show ./six-party.yaml

fails 'a batch that cannot be read has failed' 'cannot read: Is a directory' \
	-b .

printf 'contract show six-party.pop\0 and more\n' > zero
fails 'a line with a zero byte is refused' 'zero:1: Error: there is a zero byte' \
	-b zero
printf '# verify\n\ncontract verify six-party.pop # by nobody\n' > lines
fails 'a contract that is not valid is said with its line' \
	'lines:3: Error: six-party.pop: not valid' -b lines

# --- graphs ---------------------------------------------------------------------

works 'R17 a contract can be drawn for a terminal' contract graph six-party.pop
says 'with its actions' 'p1 == order ==> p2 p4'
works 'for Graphviz' contract graph escrow.pop format dot
dot -Tdot < output > drawn 2>&1
result $? 'which understands it'
works 'and as a picture' contract graph release.pop format svg
says 'with an end' '</svg>'
# more than a pipe holds
{
	echo 'contract: large'
	echo 'parties: {a: keys/p1.pub, b: keys/p2.pub}'
	echo 'phases:'
	echo '  - actions:'
	seq 2000 | sed 's/.*/      - {name: an-action-&, from: a, to: b}/'
} > large.yaml
works 'also a large contract' contract compile large.yaml
env PATH=/nowhere "$POP" contract graph large.pop format svg > output 2>&1
[ $? -eq 1 ] && grep -q 'is Graphviz installed' output
result $? 'and without Graphviz that is said'
"$POP" contract graph release.pop format svg 2> output > /dev/full
[ $? -eq 1 ] && grep -q 'cannot write: No space left' output
result $? 'and when there is no room for the picture'
fails 'and in no other way' 'no format "png"' \
	contract graph release.pop format png

echo "1..$nr"
exit $bad
