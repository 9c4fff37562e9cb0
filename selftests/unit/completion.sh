#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What bash offers behind "pop": words that the tool takes, and no others.
#
#	POP=tool completion.sh

set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
cd "$work" || exit 1

"$POP" key gen ann ben > /dev/null
"$POP" key card ann ben > /dev/null
cat > file.yaml << EOF
contract: file
parties: {ann: ann.pub, ben: ben.pub}
phases:
  - actions: [{name: note, from: ann, to: ben}]
EOF
"$POP" contract compile file.yaml > /dev/null

# In the place of the tool, with a contract "sale" loaded in the namespace "shop".
pop() {
	case $* in
	'contract show file.pop') "$POP" "$@" ;;
	'-n shop -j contract list') echo '[{"contract":"sale"}]' ;;
	'-n shop -d -j contract list sale')
		echo '[{"contract":"sale","members":[{"party":"eve"},{"party":"fay"}]}]'
		;;
	esac
}

# In the place of the package bash-completion.
_init_completion() {
	words=("${line[@]}")
	cword=$((${#line[@]} - 1))
	cur=${line[cword]}
	prev=${line[cword - 1]}
}

_filedir() {
	COMPREPLY+=("FILE${1-}")
}

# shellcheck source=../../tools/pop/bash-completion
. "$here/../../tools/pop/bash-completion"

nr=0
bad=0

# offers WORDS LINE: behind LINE, whose last word has begun or is empty
offers() {
	local line COMPREPLY=() got

	IFS=' ' read -r -a line <<< "$2"
	[[ $2 != *' ' ]] || line+=('')
	_pop
	nr=$((nr + 1))
	got=${COMPREPLY[*]-}
	if [ "$got" = "$1" ]; then
		echo "ok $nr $2"
	else
		echo "not ok $nr $2"
		echo "# '$got' and not '$1'"
		bad=1
	fi
}

offers 'monitor' 'pop m'
offers 'show set help' 'pop -n shop peer '
offers 'sale' 'pop -n shop contract close '
offers 'sale' 'pop -n shop contract set '
offers 'weight' 'pop -n shop contract set sale '
offers '' 'pop -n shop contract set sale weight '
offers '' 'pop -n shop contract set sale weight 5 '
offers '' 'pop -n shop contract close sale '
offers 'sale FILE' 'pop -n shop contract show '
offers 'party secret sig endpoints uid FILE' 'pop contract open file.pop '
offers 'ann ben' 'pop contract open file.pop party '
offers 'ann ben' 'pop contract profile file.pop party '
offers 'secret sig endpoints uid FILE' 'pop contract open file.pop party ann '
offers 'FILE' 'pop contract open file.pop secret '
offers 'eve fay' 'pop -n shop party add contract sale party '
offers 'eve fay' 'pop -n shop peer set contract sale party '
offers 'eve fay all' 'pop -n shop state show sale party '
offers 'eve fay' 'pop -n shop state show sale from '
offers 'sale' 'pop -n shop phase show contract '
offers 'FILE-d' 'pop key gen ann dir '
offers 'any' 'pop node set dev an'
offers 'off' 'pop node set rate '
offers 'late void' 'pop channel set contract sale state '

echo "1..$nr"
exit $bad
