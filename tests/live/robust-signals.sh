#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C, SIGTERM and SIGHUP: who ends, who lives on, and what is still printed.

# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"
traces_before
scratch_fs_new ext4 64

# A process group of its own, as a shell with job control makes it.
group() { # [nohup] OPTIONS...
	rm -f "$R/ready"
	mkfifo "$R/ready"
	nohup=
	if [ "$1" = nohup ]; then
		nohup="nohup"
		shift
	fi
	# shellcheck disable=SC2086 # nothing or a word
	env --default-signal=INT setsid $nohup "$STAT" --ready-fd 9 "$@" 9>"$R/ready" >"$R/out" 2>"$R/err" &
	TOOL=$!
	check "attached" "$(cat "$R/ready")" is r
	soon command_runs || fail "COMMAND does not run"
}
command_runs() {
	CMD=$(pgrep -P "$TOOL" -x "sleep|sh")
}

# ---- Ctrl-C: the terminal sends it to the group ----
group -- sleep 30
kill -INT "-$TOOL"
wait "$TOOL"
check "Ctrl-C: status" $? eq 130
check "Ctrl-C: report" "$(grep -c '^device ' "$R/out")" eq 1
check "Ctrl-C: its end" "$(grep -c 'exit status 130' "$R/out")" eq 1
soon ended "$CMD" || fail "Ctrl-C: COMMAND lives on"

# ---- a COMMAND that takes Ctrl-C and goes on is waited for ----
group -j -- sh -c "trap 'dd if=/dev/zero of=$SCRATCH_DIR/f bs=4096 count=5 oflag=direct status=none; exit 9' INT
	sleep 30"
kill -INT "-$TOOL"
wait "$TOOL"
check "COMMAND with a handler: status" $? eq 9
check "COMMAND with a handler: its last writes" "$(jq .totals.application.write.bytes "$R/out")" eq 20480

# ---- SIGTERM to the tool alone: the report so far, COMMAND lives on ----
group -j -- sh -c "dd if=/dev/zero of=$SCRATCH_DIR/f bs=4096 count=5 status=none; exec sleep 30"
kill -TERM "$TOOL"
wait "$TOOL"
check "SIGTERM: status" $? eq 0
check "SIGTERM: what was counted so far" "$(jq .totals.application.write.bytes "$R/out")" eq 20480
python3 "$LIB_LIVE/../unit/check_schema.py" "$R/out" >"$R/schema" 2>&1
check "SIGTERM: schema: $(head -c 300 "$R/schema")" $? ne 1
ended "$CMD" && fail "SIGTERM: COMMAND did not survive"
kill "$CMD"

# ---- SIGHUP under nohup is nothing ----
group nohup -- sleep 1
kill -HUP "$TOOL"
wait "$TOOL"
check "nohup: status" $? eq 0
check "nohup: report" "$(grep -c 'exit status 0' "$R/out")" eq 1

# ---- before COMMAND starts: it never does ----
compiler_runs() {
	CHILD=$(pgrep -P "$TOOL" -x ioamp-compile)
}
for signal in INT TERM; do
	env --default-signal=INT "$STAT" -- touch "$R/ran" >"$R/out" 2>"$R/err" &
	TOOL=$!
	soon compiler_runs || fail "no compiler process was seen"
	kill -"$signal" "$TOOL"
	wait "$TOOL"
	check "SIG$signal while compiling: status" $? ge 128
	soon ended "$CHILD" || fail "SIG$signal while compiling: the child lives"
	check "SIG$signal while compiling: COMMAND ran" "$(find "$R" -name ran | wc -l)" eq 0
done
: >"$R/objects"
traces_left "in the end" "$R/objects"
robust_finish
