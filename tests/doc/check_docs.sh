#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_docs.sh [BIN] - help, columns, manuals and README agree.
#
# BIN holds the built tools (build/bin). Needs neither root nor a kernel. Prints every
# disagreement; 0 none, 1 some, 77 none but mandoc is missing, so the manuals were not linted.
cd "$(dirname "$0")/../.." || exit 1
. tests/doc/lib.sh

bin=${1:-build/bin}
missing_tool=

tools=$(for folder in tools/*/; do basename "$folder"; done)

# ---- options ---------------------------------------------------------------------------

options_of_page() { # PAGE
	awk '
		/^\.Sh/ { on = /^\.Sh OPTIONS/ }
		on && /^\.It/ {
			for (i = 2; i < NF; i++)
				if ($i == "Fl")
					print "-" $(i + 1)
		}' "$1" | sort -u
}

check_options() { # TOOL
	if [ ! -x "$bin/$1" ]; then
		fail "$bin/$1 is not built"
		return
	fi
	options_of_help "$1" >"$tmp/help"
	options_of_page "man/$1.8" >"$tmp/page"
	[ "$(wc -l <"$tmp/help")" -ge 10 ] || fail "$1 --help: its options could not be read"
	comm -23 "$tmp/help" "$tmp/page" | fail_lines "man/$1.8 lacks an option of --help"
	comm -13 "$tmp/help" "$tmp/page" | fail_lines "$1 --help lacks an option of the manual"
	formats_of_help "$1" >"$tmp/formats"
	grep -qx text "$tmp/formats" || fail "$1 --help: its formats could not be read"
	while read -r format; do
		awk '/^\.It/ { on = /Fl -format / } on' "man/$1.8" | grep -qE "^\.Cm $format( |$)" ||
			echo "$format"
	done <"$tmp/formats" | fail_lines "man/$1.8: --format lacks a format of --help"
}

# ---- manuals ---------------------------------------------------------------------------

block() { # NAME PAGE: a block that all pages share
	awk -v begin=".\\\\\" shared $1: begin" -v end=".\\\\\" shared $1: end" '
		$0 == end { on = 0 }
		on { print }
		$0 == begin { on = 1 }' "$2"
}

# A tool that measures no target has some of the options only, each described in the same words;
# its caveats are its own.
check_some_options() { # TOOL
	block options "man/$1.8" >"$tmp/options"
	[ -s "$tmp/options" ] || fail "man/$1.8 has no shared options"
	block options man/ioamp-stat.8 | diff - "$tmp/options" | sed -n 's/^> //p' |
		fail_lines "man/$1.8: not in the shared options of ioamp-stat(8)"
}

check_shared() { # TOOL
	shared="options requirements caveats"
	[ "$1" != ioamp-doctor ] || {
		check_some_options "$1"
		shared=requirements
	}
	for name in $shared; do
		block "$name" "man/$1.8" >"$tmp/$name"
		[ -s "$tmp/$name" ] || fail "man/$1.8 has no shared $name"
		[ -f "$tmp/$name.first" ] || cp "$tmp/$name" "$tmp/$name.first"
		cmp -s "$tmp/$name" "$tmp/$name.first" ||
			fail "man/$1.8: the shared $name differ from those of the first page"
	done
}

check_sections() { # TOOL
	cat >"$tmp/expected" <<-'SECTIONS'
		NAME
		SYNOPSIS
		DESCRIPTION
		OPTIONS
		FIELDS
		EXAMPLES
		REQUIREMENTS
		OVERHEAD
		CAVEATS
		EXIT STATUS
		SEE ALSO
	SECTIONS
	sed -n 's/^\.Sh //p' "man/$1.8" | sed 's/\\&$//' | cmp -s - "$tmp/expected" ||
		fail "man/$1.8: the sections are not NAME ... SEE ALSO in the order of check_docs.sh"
}

check_references() { # to our own manuals
	sed -n 's/^\.Xr \([a-z-]*\) \([0-9]\).*/\1.\2/p' man/*.[1-9] | sort -u |
		grep -E '^(io|ioamp|iosnoop)[a-z-]*\.[578]$' |
		while read -r page; do
			[ -f "man/$page" ] || echo "$page"
		done | fail_lines "a manual refers to one that does not exist"
}

check_lint() {
	if ! command -v mandoc >/dev/null 2>&1; then
		missing_tool="mandoc is not installed: the manuals were not linted"
		return
	fi
	mandoc -Tlint -Wwarning man/*.[1-9] | fail_lines "mandoc"
}

# What only a measurement or a run can fill in.
check_tokens() {
	grep -rnE '@[A-Z_]+@' README.md man | fail_lines "a place that is still to be filled in"
	grep -rnE '/(work|home|root)/' README.md man CONTRIBUTING.md |
		fail_lines "a path of one machine"
}

# ---- columns ---------------------------------------------------------------------------

words_of() { # FILE...: the words of mdoc text, without the punctuation at their ends
	cat "$@" | tr -s '[:space:]' '\n' | sed 's/[.,;:]*$//; s/^[("]*//' | sort -u
}

# Each line of stdin must be a word of the tool's page or of iolayers(7).
check_words() { # TOOL WHAT MINIMUM
	sort -u >"$tmp/names"
	words_of "man/$1.8" man/iolayers.7 >"$tmp/words"
	[ "$(wc -l <"$tmp/names")" -ge "$3" ] ||
		fail "$1: fewer than $3 names of $2 found; has the code another shape now?"
	comm -23 "$tmp/names" "$tmp/words" | fail_lines "man/$1.8 does not explain $2"
}

json_literals() { # SOURCE...: names that the code gives to members
	grep -ohE '(json|put)_[a-z0-9_]+\(&?j, "[a-z0-9_]+"' "$@" | sed 's/.*"\(.*\)"/\1/'
}

json_keys() { # FILE...
	grep -ohE '"[A-Za-z0-9_]+":' "$@" | tr -d '":'
}

heads_of() { # SOURCE...: heads in tables of columns
	grep -ohE '\{ (E_[A-Z]+, )?"[A-Z][A-Za-z_/()]*", -?[0-9]+' "$@" | sed 's/.*"\(.*\)".*/\1/'
}

csv_columns() { # FILE: figures that come in threes stand once in the manual
	head -n 1 "$1" | tr -d '\r' | tr ',' '\n' | while read -r column; do
		if grep -qxF "$column" "$tmp/words"; then
			echo "$column"
		else
			echo "$column" | sed -E 's/_(ops|bytes|ns)$//'
		fi
	done
}

check_columns() {
	json_keys tests/data/contract.json tests/data/odd.json | sed 's/_b64$//' |
		check_words ioamp-stat "a JSON member" 60
	csv_columns tests/data/odd.csv | check_words ioamp-stat "a CSV column" 40
	{
		heads_of common/report/out_layers.c common/report/out_text.c
		grep -hE '^(LAYER|    PID) ' tests/data/contract.txt tests/data/odd.txt | tr -s ' ' '\n' |
			grep .
	} | check_words ioamp-stat "a column" 12

	json_literals tools/iosnoop-amp/out_event.c | check_words iosnoop-amp "a JSON member" 3
	json_keys tests/data/events.json | check_words iosnoop-amp "a JSON member" 20
	csv_columns tests/data/events.csv | check_words iosnoop-amp "a CSV column" 20
	{
		heads_of tools/iosnoop-amp/out_event.c tools/iosnoop-amp/out_snoop.c
		grep -hE '^(TIME|SYSTEM) ' tests/data/events.txt tests/data/snoop.txt | tr -s ' ' '\n' |
			grep .
	} | check_words iosnoop-amp "a column" 25
	{
		json_literals tools/iolatency-layers/out_latency_data.c
		grep -oE '"latency":.*' tests/data/latency.json | sed 's/,"command".*//' | tr '{,' '\n\n' |
			sed -n 's/^"\([a-z0-9_]*\)":.*/\1/p'
	} | check_words iolatency-layers "a JSON member" 25
	csv_columns tests/data/latency.csv | check_words iolatency-layers "a CSV column" 25
	grep -hE '^    PID OP' tests/data/latency.txt tests/data/latency-wide.txt | tr -s ' ' '\n' | grep . |
		check_words iolatency-layers "a column" 17
	json_literals tools/ioamp-doctor/out_*.c | check_words ioamp-doctor "a JSON member" 30
	heads_of tools/ioamp-doctor/out_systems.c | check_words ioamp-doctor "a column" 5
	grep -hE '^LAYER ' tests/data/selftest.txt | tr -s ' ' '\n' | grep . |
		check_words ioamp-doctor "a column" 5
	grep -hoE 'finding_add\([a-z&>-]*, "[^"]*"' tools/ioamp-doctor/*.c | sed 's/.*"\(.*\)"/\1/' | tr -s ' ,' '\n' |
		check_words ioamp-doctor "a check" 15
	grep -oE '"[A-Z]+_[A-Z]+"' tools/iosnoop-amp/out_event.c | tr -d '"' | grep -v '^EVENT_TYPE$' |
		check_words iosnoop-amp "an event type" 17
}

# The members of `losses`, as the code prints them, and the paragraphs of the manual.
check_losses() {
	grep -o '"losses":{[^}]*}' tests/data/contract.json | grep -oE '"[a-z_]+":[0-9]' | tr -d '":0-9' |
		sort >"$tmp/names"
	awk '/^\.Sh/ { on = /^\.Sh LOSSES/ } on && /^\.It Va / { print $3 }' man/iolayers.7 | sort >"$tmp/page"
	[ "$(wc -l <"$tmp/names")" -ge 5 ] || fail "the losses of tests/data/contract.json could not be read"
	comm -23 "$tmp/names" "$tmp/page" | fail_lines "iolayers(7), LOSSES, lacks a kind of loss"
	comm -13 "$tmp/names" "$tmp/page" | fail_lines "iolayers(7), LOSSES, has a kind that no summary has"
}

# Each name in top_keys.c is in a heading of the list of keys.
check_keys() {
	sed -n '/^const struct top_key top_keys/,/^};/s/.*\.names = "\([^"]*\)".*/\1/p' tools/ioamp-top/top_keys.c |
		tr ' ' '\n' | sed 's/^\\\\$/\\e/' | sort -u >"$tmp/names"
	[ "$(wc -l <"$tmp/names")" -ge 50 ] || fail "the keys of tools/ioamp-top/top_keys.c could not be read"
	awk '/^\.Ss/ { on = /^\.Ss Keys/ } on && /^\.It/' man/ioamp-top.8 | tr ' ' '\n' | sort -u >"$tmp/words"
	comm -23 "$tmp/names" "$tmp/words" | fail_lines "man/ioamp-top.8 lacks a key"
}

check_probes() {
	{
		grep -oE 'HOOK_[A-Z]+, "[a-z0-9_]+" }' probes/catalog.c | sed 's/.*"\(.*\)".*/\1/'
		sed -n 's/^[[:space:]]*VFS_PROBE(\([a-z_]*\)),$/vfs_\1/p' probes/catalog.c
	} | sort -u >"$tmp/names"
	words_of man/iolayers.7 >"$tmp/words"
	[ "$(wc -l <"$tmp/names")" -ge 20 ] || fail "the hooks of probes/catalog.c could not be read"
	comm -23 "$tmp/names" "$tmp/words" | fail_lines "iolayers(7) lacks a hook of the catalog"
}

# ---- README ----------------------------------------------------------------------------

check_readme() {
	[ -x setup ] || fail "setup is not executable"
	for step in demo test; do
		head -n 40 README.md | grep -qxE " *sudo \./setup $step( .*)?" ||
			fail "README.md does not begin with: sudo ./setup $step"
		./setup -h | grep -qE "^ +$step( |$)" || fail "./setup has no step '$step'"
	done
	for tool in $tools; do
		grep -qE "^\| \`$tool\`" README.md || fail "README.md: $tool is not in the table of tools"
		[ -s "man/examples/$tool.txt" ] || fail "man/examples/$tool.txt is missing"
	done
	for folder in */; do
		case $folder in
		build*) continue ;;
		esac
		grep -qF "| \`$folder\`" README.md ||
			fail "README.md: $folder is not in the table of folders"
	done
}

# ----------------------------------------------------------------------------------------

for tool in $tools; do
	if [ ! -f "man/$tool.8" ]; then
		fail "man/$tool.8 is missing"
		continue
	fi
	check_options "$tool"
	check_shared "$tool"
	check_sections "$tool"
done
check_references
check_columns
check_losses
check_probes
check_readme
check_tokens
check_lint

end_if_failed
if [ -n "$missing_tool" ]; then
	echo "SKIP: $missing_tool"
	exit 77
fi
echo "manuals, columns and README agree"
