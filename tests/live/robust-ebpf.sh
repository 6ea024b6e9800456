#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --ebpf prints the whole text without root and without libbcc.

# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"

command -v setpriv >/dev/null || skip "setpriv is not installed"
mkdir "$R/bin"
cp "$STAT" "$SNOOP" "$R/bin"
IOAMP_LIBBCC=/nonexistent
export IOAMP_LIBBCC
for tool in ioamp-stat iosnoop-amp; do
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$R/bin/$tool" --ebpf
	check "$tool --ebpf" "$STATUS $(wc -c <"$R/err")" is "0 0"
	check "$tool: pieces named by #line" "$(grep -c '^#line 1 "probes/' "$R/out")" ge 5
	for piece in "$LIB_LIVE"/../../probes/*.bpf.c; do
		check "$tool: #line of ${piece##*/}" "$(grep -c "^#line .*${piece##*/}\"" "$R/out")" ge 1
	done
	for hook in tp__sys_exit tp__block_rq_complete fexit__vfs_fsync_range kprobe__vfs_fsync_range; do
		check "$tool: $hook" "$(grep -c "$hook(" "$R/out")" ge 1
	done
	check "$tool: ends with a line" "$(tail -c 1 "$R/out" | od -An -c | tr -d ' ')" is '\n'
	"$STAT" --ebpf -o "$R/file"
	check "--ebpf -o FILE" "$(wc -l <"$R/file")" ge 1000
	{
		"$R/bin/$tool" --ebpf 2>"$R/err"
		echo $? >"$R/status"
	} | head -1 >/dev/null
	check "$tool --ebpf | head: quietly" "$(cat "$R/status" "$R/err")" is 0
	"$R/bin/$tool" --ebpf >/dev/full 2>"$R/err"
	check "$tool --ebpf on a full device" $? eq 1
done
robust_finish
