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
