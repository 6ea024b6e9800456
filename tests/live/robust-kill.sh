#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SIGKILL of the tool, of its compiler process, and of the tool while that compiles:
# COMMAND lives on or never starts, and nothing of ours stays in the kernel or on disk.

# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"
traces_before

# ---- the tool, while COMMAND runs ----
in_background "$STAT" -o "$R/report" -- sleep 60
sleeper=$(pgrep -P "$TOOL" -x sleep)
check "COMMAND runs" "$sleeper" ge 1
scratch_at_exit scratch_kill "$sleeper"
objects_of "$TOOL" >"$R/objects"
check "programs of the running tool" "$(grep -c '^prog' "$R/objects")" ge 10
check "maps of the running tool" "$(grep -c '^map' "$R/objects")" ge 10
some_left "$R/objects" || fail "bpftool does not see them"
kill -KILL "$TOOL"
wait "$TOOL"
check "status of the killed tool" $? eq 137
traces_left "the tool killed" "$R/objects"
ended "$sleeper" && fail "COMMAND did not survive the tool"
kill "$sleeper"
soon ended "$sleeper" || fail "COMMAND cannot be ended"

# ---- while it compiles ----
compiler_runs() {
	CHILD=$(pgrep -P "$TOOL" -x ioamp-compile)
}
maps_made() {
	grep -qs '^map_id' /proc/"$CHILD"/fdinfo/*
}
attaching() {
	grep -qs '^prog_id' /proc/"$TOOL"/fdinfo/*
}

start_compiling() { # STAGE
	rm -f "$R/ran"
	"$STAT" -o "$R/report" -- touch "$R/ran" >"$R/out" 2>"$R/err" &
	TOOL=$!
	soon compiler_runs || fail "$1: no compiler process was seen"
	[ "$1" = compiler_runs ] || await 20 "$1" || fail "never seen: $1" # a busy machine compiles slowly
	# Both are stopped while the test lists their objects.
	kill -STOP "$CHILD" "$TOOL"
	objects_of "$TOOL" "$CHILD" >"$R/objects"
	kill -0 "$CHILD" || fail "$1: the child had ended already"
}

# In the last of these stages the kernel has programs already.
for stage in compiler_runs maps_made attaching; do
	start_compiling "$stage"
	kill -KILL "$CHILD"
	kill -CONT "$TOOL"
	wait "$TOOL"
	STATUS=$?
	refused "child killed when $stage" 1 'E[0-9]{3}'
	traces_left "child killed when $stage" "$R/objects"

	start_compiling "$stage"
	kill -KILL "$TOOL"
	wait "$TOOL"
	check "tool killed when $stage: status" $? eq 137
	soon ended "$CHILD" || fail "tool killed when $stage: its child lives"
	traces_left "tool killed when $stage" "$R/objects"
	check "tool killed when $stage: COMMAND ran" "$(find "$R" -name ran | wc -l)" eq 0
done
check "programs of the last stage" "$(grep -c ^prog "$R/objects")" ge 1
soon nothing_new || fail "left behind in the end: $(cat "$R/objects.new" "$R/left.new")"
robust_finish
