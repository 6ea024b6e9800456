#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Machines that cannot trace: status 3, the three-line error, and COMMAND never runs.

# shellcheck disable=SC2016 # texts for inner shells
# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"

# ---- no root ----
mkdir "$R/bin" "$R/empty"
cp "$STAT" "$SNOOP" "$R/bin" # the build directory may be closed to others
nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}
if command -v setpriv >/dev/null; then
	run nobody "$R/bin/ioamp-stat" -j -- touch "$R/ran" 'a b'
	refused "no root" 3 E101
	check "its fix" "$(sed -n 's/^  fix: //p' "$R/err")" is \
		"sudo $R/bin/ioamp-stat -j -- touch $R/ran 'a b'"
	run nobody "$R/bin/iosnoop-amp" --duration 1
	refused "no root (iosnoop-amp)" 3 E101
	run nobody "$R/bin/ioamp-stat" -o "$R/report" -- touch "$R/ran"
	check "no root and no place for -o: status" "$STATUS" ge 1
else
	echo "left out: setpriv is not installed"
fi

# ---- no libbcc ----
IOAMP_LIBBCC=/nonexistent
export IOAMP_LIBBCC
run "$STAT" -- touch "$R/ran"
refused "no libbcc" 3 E141
one_line "no libbcc" "$R/err" 'fix:.*libbpfcc'
unset IOAMP_LIBBCC

# ---- in a mount name space of its own: what the machine has is hidden ----
if ! unshare -m true 2>/dev/null; then
	echo "left out: no mount name spaces here"
	robust_finish
fi
hide='
	empty=$1
	shift
	hide() {
		[ ! -e "$1" ] || [ -f "$1" ] || mount --bind "$empty" "$1" || exit 99
		[ ! -f "$1" ] || mount --bind /dev/null "$1" || exit 99
	}
	unset BCC_KERNEL_SOURCE
'
hidden() { # COMMANDS ARG...: the tool after COMMANDS, where they hold
	commands=$1
	shift
	run unshare -m sh -c "$hide $commands
		exec \"\$@\"" sh "$R/empty" "$@"
}
no_tracefs='umount -a -t tracefs; umount -a -t debugfs'
no_headers="for d in /lib/modules /usr/src /sys/kernel/kheaders.tar.xz; do hide \$d; done"
no_types="$no_headers; hide /sys/kernel/btf"

hidden "$no_tracefs" "$STAT" -- touch "$R/ran"
refused "no tracefs" 3 E150
one_line "no tracefs" "$R/err" 'fix: sudo mount -t tracefs'
hidden "$no_types" "$STAT" -- touch "$R/ran"
refused "no types at all" 3 'E11[0-9]'
hidden "$no_types" "$SNOOP" --duration 1
refused "no types at all (iosnoop-amp)" 3 'E11[0-9]'
hidden "$no_types" "$STAT" --types btf -- touch "$R/ran"
refused "--types btf without" 3 'E11[0-9]'
hidden "$no_headers" "$STAT" --types headers -- touch "$R/ran"
refused "--types headers without" 3 E110
hidden "$no_headers" "$STAT" --types kheaders -- touch "$R/ran"
refused "--types kheaders without" 3 'E11[0-9]'

# ---- kinds of probes the kernel may not have: never a 0 that is not one ----
for kind in tracepoint fentry kprobe; do
	run "$STAT" -j --attach "$kind" -- dd if=/dev/zero of="$R/f" bs=4096 count=1 status=none
	if [ "$STATUS" = 3 ]; then
		rm -f "$R/ran"
		refused "--attach $kind" 3 'E[0-9]{3}'
		continue
	fi
	check "--attach $kind: status" "$STATUS" eq 0
	check "--attach $kind: a reason for each layer that is not seen, null in each row" \
		"$(jq '. as $s | [.layers | to_entries[] | select(.value.available | not) | .key as $l |
			(.value.reason | length > 3) and ([$s.rows[], $s.totals | .[$l]] | all(. == null))] |
			all' "$R/out")" is true
	check "--attach $kind: how what is seen is attached" "$(jq -c --arg kind "$kind" \
		'[.layers[] | select(.available) | .via] - (if $kind == "tracepoint" then
			["tp_btf", "raw_tracepoint", "tracepoint"] else [$kind] end)' "$R/out")" is "[]"
done
robust_finish
