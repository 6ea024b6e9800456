#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The screen of ioamp-top in a real terminal (tmux): keys, tabs, rows to enter, pop-ups, size,
# stop and continue, kill, unknown terminals. A writer's row shows the bytes that it wrote.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

TOP=$BUILD/bin/ioamp-top
command -v tmux >/dev/null || skip "tmux is not installed"
infocmp screen >/dev/null 2>&1 || skip "terminfo does not know the type screen"
locale -a 2>/dev/null | grep -qiE '^C\.utf-?8$' || skip "there is no locale C.UTF-8"

scratch_fs_new ext4 256
socket=$SCRATCH_TMP/tmux
export XDG_CONFIG_HOME="$SCRATCH_TMP/config"
mux() {
	LC_ALL=C.UTF-8 tmux -f /dev/null -S "$socket" "$@"
}
mux_kill() {
	mux kill-server 2>/dev/null
}
scratch_at_exit mux_kill

# Each tenth of a second 10 durable writes of 100 bytes. The sleep sets this rate only.
cat >"$SCRATCH_TMP/writer.py" <<'PY'
import os, sys, time
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_DSYNC)
while True:
    for _ in range(10):
        os.pwrite(fd, b"x" * 100, 0)
    time.sleep(0.1)
PY
python3 "$SCRATCH_TMP/writer.py" "$SCRATCH_DIR/wal" &
writer=$!
scratch_at_exit scratch_kill "$writer"

shot() {
	mux capture-pane -p -t "${1:-top}"
}

shows() { # WHAT [PANE]
	shot "${2:-top}" >"$SCRATCH_TMP/shot" 2>/dev/null
	grep -qE -- "$1" "$SCRATCH_TMP/shot"
}

# until_shows WHAT [PANE]: waits for a line that matches; $SCRATCH_TMP/shot is the screen.
until_shows() {
	LIB_CHECKS=$((LIB_CHECKS + 1))
	await 20 shows "$@" && return
	fail "the screen does not show /$1/; it is:"
	cat "$SCRATCH_TMP/shot"
	return 1
}

press() { # KEY...
	mux send-keys -t top "$@"
}

tool_pid() {
	mux list-panes -t "${1:-top}" -F '#{pane_pid}'
}

# A shell with job control holds the pane, as a user has it.
start() { # COLUMNS ROWS ARGUMENTS
	mux kill-server 2>/dev/null
	mux new-session -d -s top -x "$1" -y "$2" "sh -i"
	mux set-option -g status off
	shift 2
	press "cd $SCRATCH_TMP && PS1='prompt>'" Enter
	until_shows '^prompt>' || finish
	press "clear; $TOP $*" Enter
	until_shows '^ioamp-top [0-9]' || finish
}

# ---- the first screen, and what it says of the writer ------------------------------------

start 80 24 "-d $SCRATCH_DISK 0.5"
until_shows '^ app  W [0-9.]+.?/s'
until_shows '^\[1 Systems\] 2 Roles  3 Files'
until_shows '^ +other .* [0-9.]+x +[0-9]+$|^  other '
press 5
until_shows '^ 1 Systems .*\[5 Processes\]'
until_shows "^ +$writer python3 "
press 3
until_shows "^…?.*/wal "
press Enter
until_shows '^\[Files › .*wal\]'
until_shows "^ +$writer python3 "
press BSpace
until_shows '\[3 Files\]'
press Tab
until_shows '\[4 Devices\]'
until_shows "^$SCRATCH_DISK "
press 7
until_shows '^application '
until_shows '^device '

# ---- order, filter, search, sums ---------------------------------------------------------

press 5 s
until_shows 'sort by'
press Escape
press W
until_shows 'W-AMP▼'
press r
until_shows 'W-AMP▲'
press r '\' "comm=python3 and sync>30" Enter
until_shows '^ioamp-top .* FILTERED '
until_shows "^ +$writer python3 "
check "rows that pass the filter" "$(grep -cE '^ +[0-9]+ [^S]' "$SCRATCH_TMP/shot")" eq 1
press '\' C-u Enter
press / pyth Enter
until_shows ' python3 pid '
press e
until_shows 'explain: python3'
until_shows 'Write amplification'
press e a
until_shows 'sums'
press a b
until_shows 'operations; factors are'
press b u
until_shows 'exact numbers'
press u d
until_shows 'not seen'
until_shows '^. application  seen'
press d h
until_shows 'into the row'
press h Space
until_shows 'PAUSED'
press Space

# ---- saving, exporting -------------------------------------------------------------------

press F2
until_shows 'saved as .*/config/ioamp/toprc'
check "the saved tab" "$(sed -n 's/^tab = //p' "$SCRATCH_TMP/config/ioamp/toprc")" is Processes
press x
until_shows 'ioamp-top-.*\.csv written'
csv=$(find "$SCRATCH_TMP" -maxdepth 1 -name 'ioamp-top-*.csv')
exported() {
	[ -n "$(find "$SCRATCH_TMP" -maxdepth 1 -name 'ioamp-top-*.csv')" ]
}
check "a record of the writer" "$(grep -c ",python3,$writer," "$csv")" eq 1
rm "$csv"	# a second export in the same second has the same name

# ---- other sizes -------------------------------------------------------------------------

mux resize-window -t top -x 200 -y 50
until_shows 'FLUSH/s .* TREND'
mux resize-window -t top -x 40 -y 10
until_shows '^ app  W'
check "lines of 40 columns" "$(LC_ALL=C.UTF-8 grep -cE '.{41}' "$SCRATCH_TMP/shot")" eq 0
mux resize-window -t top -x 5 -y 2
press x # its file shows that the screen of 5 columns was drawn
await 20 exported || fail "no export from a screen of 5 columns"
mux resize-window -t top -x 100 -y 30
until_shows 'TREND'

# ---- stop and go on ----------------------------------------------------------------------

press C-z
until_shows 'prompt>'
check "the screen is gone while it is stopped" "$(grep -c '^ app  W' "$SCRATCH_TMP/shot")" eq 0
press "fg" Enter
until_shows '\[5 Processes\]'

# ---- the end, by each way ----------------------------------------------------------------

ended() { # WHAT
	until_shows 'prompt>'
	check "$1: the screen is gone" "$(grep -c '^ app  W' "$SCRATCH_TMP/shot")" eq 0
	press "stty -a | grep -oE ' -?(icanon|echo) ' | tr -d '\\n'; echo" Enter
	until_shows 'icanon +echo|echo +icanon'
	check "$1: nothing is left attached" "$(pgrep -cx ioamp-top)" eq 0
}
press q
ended "q"
press "clear; $TOP -d $SCRATCH_DISK 0.5" Enter
until_shows '\[5 Processes\]'	# as it was saved
press C-c
ended "^C"
for signal in TERM HUP SEGV; do
	press "clear; $TOP -d $SCRATCH_DISK 0.5" Enter
	until_shows '^ app  W'
	pkill -"$signal" -x -P "$(tool_pid)" ioamp-top
	ended "SIG$signal"
done

# ---- a command, ASCII, and terminals that cannot -----------------------------------------

rm -rf "$SCRATCH_TMP/config"
press "clear; $TOP -U 0.5 -- sh -c 'echo noise; exit 3'; echo status \$?" Enter
until_shows 'COMMAND has ended with status 3'
check "what COMMAND says is not on the screen" "$(grep -c '^noise' "$SCRATCH_TMP/shot")" eq 0
check "only ASCII" "$(LC_ALL=C grep -c '[^ -~]' "$SCRATCH_TMP/shot")" eq 0
press q
until_shows '^status 3'
press "clear; TERM=no-such-type $TOP 0.5; echo status \$?" Enter
until_shows 'IOAMP-E187'
until_shows '^status 1'
press "clear; TERM=dumb $TOP -r 1 0.5 1; echo status \$?" Enter
until_shows 'loadavg: '
until_shows '^status 0'
finish
