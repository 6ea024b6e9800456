#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What COMMAND inherits: descriptors 0, 1, 2, signals as they were, the tool's directory
# and environment; and what --ready-fd says when.

# shellcheck disable=SC2016 # texts for inner shells
# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"
IOAMP_CACHE=$R/cache # no compiler is interrupted here
scratch_fs_new ext4 64

# ---- descriptors; ls itself opens one ----
ls /proc/self/fd >"$R/plain"
run "$STAT" -o "$R/report" -- ls /proc/self/fd
check "status" "$STATUS" eq 0
check "descriptors of COMMAND" "$(tr '\n' ' ' <"$R/out")" is "$(tr '\n' ' ' <"$R/plain")"
run "$SNOOP" -o "$R/report" -- ls /proc/self/fd
check "descriptors of COMMAND (iosnoop-amp)" "$(tr '\n' ' ' <"$R/out")" is "$(tr '\n' ' ' <"$R/plain")"

# ---- signals, directory, environment, input ----
inherited='grep -E "^Sig(Blk|Ign)" /proc/self/status; pwd; echo "$ROBUST"; cat'
cd "$SCRATCH_DIR" || exit 1
echo input | ROBUST=x sh -c "$inherited" >"$R/plain"
echo input | ROBUST=x "$STAT" -o "$R/report" -- sh -c "$inherited" >"$R/out"
check "what COMMAND inherits" "$(cat "$R/out")" is "$(cat "$R/plain")"
# two lines only if nobody ignores SIGPIPE: "yes" would complain of a broken pipe
run "$STAT" -o "$R/report" -- sh -c 'yes | head -1'
check "SIGPIPE within COMMAND" "$(cat "$R/out" "$R/err")" is y
cd / || exit 1

# ---- --ready-fd: one byte, then the end, while COMMAND still runs and has it not ----
sh -c 'ls /proc/self/fd >"$0"' "$R/plain"
in_background "$STAT" -o "$R/report" -- sh -c 'ls /proc/self/fd >"$0"; exec sleep 60' "$R/fds"
# The end of file follows the byte: no process has the writing end any more.
sleeper=
command_is_sleep() {
	sleeper=$(pgrep -P "$TOOL" -x sleep)
}
soon command_is_sleep || fail "COMMAND does not run"
check "descriptors with --ready-fd" "$(tr '\n' ' ' <"$R/fds")" is "$(tr '\n' ' ' <"$R/plain")"
kill "${sleeper:-$TOOL}"
wait "$TOOL"

# ---- what happens right after the byte is counted ----
in_background "$STAT" -j -o "$R/sum" -a --by process --duration 1500ms
dd if=/dev/zero of="$SCRATCH_DIR/f" bs=1M count=1 oflag=direct status=none &
writer=$!
wait "$writer" "$TOOL"
check "bytes written right after --ready-fd" "$(jq "[.rows[] | select(.pid == $writer) |
	.application.write.bytes] | add" "$R/sum")" eq 1048576
check "the same on the device" "$(jq "[.devices[] | select(.name == \"$SCRATCH_DISK\") |
	.write_bytes >= 1048576 and .unexplained_write_bytes == 0] | any" "$R/sum")" is true
robust_finish
