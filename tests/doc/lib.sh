# SPDX-License-Identifier: GPL-3.0-or-later
# lib.sh - what the checks of tests/doc share: a scratch directory and the list of failures.
# shellcheck shell=sh
set -u
LC_ALL=C
export LC_ALL

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# In a file, since the end of a pipe is another process.
: >"$tmp/failures"

fail() {
	echo "FAIL: $*" | tee -a "$tmp/failures"
}

# fail_lines WHAT: each line of stdin is a failure.
fail_lines() {
	while IFS= read -r found; do
		fail "$1: $found"
	done
}

end_if_failed() {
	[ -s "$tmp/failures" ] || return 0
	echo "$(wc -l <"$tmp/failures") found"
	exit 1
}

# The options in the help of a tool of $bin, short and long.
options_of_help() { # TOOL
	"$bin/$1" --help | awk '
		/^Options:/ { on = 1; next }
		/^[^ ]/ { on = 0 }
		on && /^ +-/ {
			sub(/^ +/, "")
			sub(/  .*/, "")
			for (i = 1; i <= NF; i++)
				if ($i ~ /^--?[a-zA-Z]/) {
					sub(/,$/, "", $i)
					print $i
				}
		}' | sort -u
}

# The values of --format in the help of a tool of $bin.
formats_of_help() { # TOOL
	"$bin/$1" --help | sed -n 's/.* --format FORMAT *report as: //p' | sed 's/(default)//' |
		tr -cs 'a-z' '\n' | grep .
}
