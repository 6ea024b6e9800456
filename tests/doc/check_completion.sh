#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_completion.sh [BIN] - bash completes each tool as its --help says.
#
# BIN holds the built tools (build/bin); their completions are beside it. Needs neither root nor a
# kernel. 0: all agree, 1: something does not, 77: there is no bash.
cd "$(dirname "$0")/../.." || exit 1
. tests/doc/lib.sh

bin=${1:-build/bin}
command -v bash >/dev/null 2>&1 || {
	echo "SKIP: bash is not installed"
	exit 77
}

# complete_words TOOL WORD...: what bash offers for the last word, one a line. Bash gives "=" to a
# completion as a word of its own.
complete_words() {
	bash --norc -c '
		script=$1
		shift
		. "$script" || exit 1
		# both work inside a completion only
		compopt() { :; }
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		"_$1"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$(dirname "$bin")/completions/$1" "$@" 2>&1 |
		grep . | sort -u
}

# expect WHAT TOOL WORD...: the last word is completed to the words of stdin.
expect() {
	what=$1
	shift
	sort -u >"$tmp/expected"
	complete_words "$@" >"$tmp/offered"
	diff "$tmp/expected" "$tmp/offered" | grep '^[<>]' |
		sed 's/^</not offered:/; s/^>/offered:/' | fail_lines "$*: $what"
}

# words WORD...: one a line.
words() {
	printf '%s\n' "$@"
}

# The values in the words of an option: what follows its colon, or all of its words.
values_of_help() { # TOOL OPTION
	"$bin/$1" --help | awk -v option="$2" '
		on && /^ +-/ { exit }
		$1 == option || $2 == option { on = 1; sub(/.*  /, "") }
		on { print }' | tr -cs 'a-z0-9' '\n'
}

for folder in tools/*/; do
	tool=$(basename "$folder")
	options_of_help "$tool" >"$tmp/help"
	[ "$(wc -l <"$tmp/help")" -ge 10 ] || fail "$tool --help: its options could not be read"
	expect "its options" "$tool" - <"$tmp/help"
	grep -e '^--v' "$tmp/help" | expect "its long options" "$tool" --v
	# each value that is offered is one of the help's
	for option in --by --format --layer --settle --types; do
		grep -qxFe "$option" "$tmp/help" || continue
		complete_words "$tool" "$option" '' >"$tmp/offered"
		[ -s "$tmp/offered" ] || fail "$tool $option: no value is offered"
		values_of_help "$tool" "$option" | sort -u | comm -13 - "$tmp/offered" |
			fail_lines "$tool $option: a value that is not in --help"
	done
done

words process system role cgroup container file device | expect "values" ioamp-stat --by ''
words container cgroup | expect "the beginning of a value" iosnoop-amp -x --by c
words file | expect "a value after =" ioamp-top --by = f
formats_of_help ioamp-stat | expect "values" ioamp-stat --format ''
formats_of_help iolatency-layers | expect "values after =" iolatency-layers --format =
words text json | expect "values" ioamp-doctor --format ''
words block,device | expect "the last of a list" ioamp-stat --layer block,d
words dev-r dev-w devms | expect "columns" ioamp-top -s dev
words root | expect "a user" ioamp-stat --as roo
words $$ | expect "a process" ioamp-stat -p $$
expect "a file is left to readline" ioamp-stat -o '' </dev/null
expect "a number" ioamp-stat --map-size '' </dev/null
complete_words ioamp-stat -j -- bas | grep -qxF bash ||
	fail "ioamp-stat -- bas: the command is not completed"
complete_words ioamp-stat -p 1 bas | grep -qxF bash ||
	fail "ioamp-stat bas: the command is not completed"
expect "options of COMMAND are its own" ioamp-stat -o f -- dd --v </dev/null
expect "options of COMMAND are its own" ioamp-stat -p = 1 dd --v </dev/null
words --version --verbose | expect "an option after a value" ioamp-stat -p 1 --v

end_if_failed
echo "completion agrees with the help of every tool"
