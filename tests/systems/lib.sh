# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# lib.sh - what the tests of real systems share, on top of tests/live/lib.sh; sourced by
# POSIX shells. Servers are started by the test itself from the programs of their packages,
# on a file system of their own, listen on 127.0.0.1 or a socket only, and end with the test.
#
#	. "$(dirname "$0")/lib.sh"
#	program etcd etcdctl			skips unless both are installed
#	systems_fs SIZE_MB
#	server etcd SECONDS READY... -- COMMAND	starts COMMAND, waits until READY succeeds
#	server_stop postgres [SIGNAL [STATUS]]	as its manual says, TERM unless said otherwise;
#						it is waited for and must end with STATUS, or 0
#
# systems_fs SIZE_MB	ext4 on a loop device over memory; $RUN_DIR beside it, on no traced disk,
#			is for sockets, logs and what a client writes
# program NAME...	puts the folders of packages into PATH, skips with the missing one's name
# free_port		prints one of 127.0.0.1 that nothing listens on
# SERVER_PID		of the newest server
# as_user USER		prints the words before a command that is to run as USER (and to be the
#			process itself, so that its signals arrive)
# measured [OPTIONS] -- COMMAND	stat_run of the whole machine, this disk (SYSTEMS_DISK where it
#			is another), nothing dirty before
# row_sum SELECT FILTER	the sum of FILTER over rows of $SUMMARY that jq's SELECT chooses
# below DIR		SELECT: rows by file of files below DIR
# rows SIZE COUNT BEFORE AFTER >FILE	COUNT lines of BEFORE, SIZE random bytes in hex, AFTER
# io_around SCRIPT PID...	makes SCRIPT keep /proc/PID/io as it is before and after its own
# io_delta PID FIELD	the difference of the two (as write_bytes, cancelled_write_bytes)
# books PERMILLE	what must hold for every system: the disk's own counters agree to the byte,
#			classes add up to the device, and all but PERMILLE of it has an owner
# roles SYSTEM SCRIPT ROLE...	the same load by role: SYSTEM was found unnamed, its ROLEs wrote, and
#			what the disk wrote is the system's but for a hundredth; all are printed
# role_sum SYSTEM ROLE FILTER	row_sum of that role
# each_size SIZES FUNCTION	calls FUNCTION SIZE COUNT for each SIZE:COUNT in SIZES ($OBJECTS or $ROWS:
#			1 B to 100 MB, fewer of the large sizes)
# measured_line WORKLOAD SIZE COUNT SELECT COMMAND...	measures COMMAND by file and prints its line
# line WORKLOAD SIZE COUNT SELECT	a line of the table of results (table.sh): COUNT objects of
#			SIZE bytes were the client's, the rows of SELECT are the system's; tabs between
# same NAME ACTUAL EXPECTED	both are printed, and must be equal
# apart NAME ACTUAL OTHER WHY	both are printed: they are not of one definition

LIB_SYSTEMS=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
LIB_LIVE=$LIB_SYSTEMS/../live
# shellcheck source=tests/live/lib.sh
. "$LIB_LIVE/lib.sh"

SYSTEMS_SERVERS=
# shellcheck disable=SC2034 # for the test that sources this
OBJECTS="1:500 100:500 1000:500 10000:500 100000:200 1000000:50 10000000:5 100000000:1"
# shellcheck disable=SC2034
ROWS="1:1000 100:1000 1000:1000 10000:500 100000:100 1000000:20 10000000:3 100000000:1"

program() {
	for systems_dir in /usr/lib/postgresql/*/bin /usr/libexec /usr/pgsql-*/bin "$HOME/.cache/ioamp-systems"; do
		[ ! -d "$systems_dir" ] || PATH=$systems_dir:$PATH
	done
	for systems_name; do
		command -v "$systems_name" >/dev/null || skip "$systems_name is not installed"
	done
}

systems_fs() { # SIZE_MB
	scratch_fs_new ext4 "$1"
	chmod 755 "$SCRATCH_TMP" # servers run as users of their own
	RUN_DIR=$SCRATCH_TMP/run
	mkdir -m 1777 "$RUN_DIR"
	scratch_at_exit servers_kill
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

as_user() { # USER
	echo "setpriv --reuid $1 --regid $(id -gn "$1") --init-groups"
}

# Prints its log and ends the test: a server that does not start measures nothing.
server_failed() { # NAME WHY
	echo "FAIL: $1 $2; the end of its log:"
	tail -n 20 "$RUN_DIR/$1.log"
	exit 1
}

server() { # NAME SECONDS READY... -- COMMAND...
	systems_name=$1 systems_wait=$2 systems_ready=
	shift 2
	while [ "$1" != -- ]; do
		systems_ready="$systems_ready $1"
		shift
	done
	shift
	"$@" >"$RUN_DIR/$systems_name.log" 2>&1 </dev/null &
	SERVER_PID=$!
	SYSTEMS_SERVERS="$systems_name:$SERVER_PID $SYSTEMS_SERVERS"
	# shellcheck disable=SC2086 # READY is words
	await "$systems_wait" server_up $systems_ready ||
		server_failed "$systems_name" "is not ready in $systems_wait s"
	! server_gone "$SERVER_PID" || server_failed "$systems_name" "ended at once"
}

server_up() { # READY...: also when waiting is in vain
	"$@" || server_gone "$SERVER_PID"
}

server_gone() { # PID: a zombie is gone
	! grep -qs '^State:[[:space:]]*[^Z[:space:]]' "/proc/$1/status"
}

server_stop() { # NAME [SIGNAL [STATUS]]
	systems_rest=
	for systems_entry in $SYSTEMS_SERVERS; do
		if [ "${systems_entry%:*}" != "$1" ]; then
			systems_rest="$systems_rest $systems_entry"
			continue
		fi
		systems_pid=${systems_entry#*:}
		kill -s "${2:-TERM}" "$systems_pid" 2>/dev/null
		await 30 server_gone "$systems_pid" || fail "$1 did not stop in 30 s"
		wait "$systems_pid" 2>/dev/null # the shell would name the signal
		check "$1's exit status" "$?" eq "${3:-0}"
	done
	SYSTEMS_SERVERS=$systems_rest
}

servers_kill() { # whatever a failed test left, their children too
	for systems_entry in $SYSTEMS_SERVERS; do
		systems_pid=${systems_entry#*:}
		server_gone "$systems_pid" && continue
		kill -TERM "$systems_pid" 2>/dev/null
		await 10 server_gone "$systems_pid" || kill -KILL "$systems_pid" 2>/dev/null
	done
	SYSTEMS_SERVERS=
}

measured() { # [OPTIONS] -- COMMAND
	sync -f "$SCRATCH_DIR"
	stat_run -a -d "${SYSTEMS_DISK:=$SCRATCH_DISK}" "$@"
}

row_sum() { # SELECT FILTER
	json "[.rows[] | select($1) | $2 // 0] | add // 0" "$SUMMARY"
}

below() { # DIR
	echo "((.file // \"\") | startswith(\"$1/\"))"
}

rows() { # SIZE COUNT BEFORE AFTER
	python3 -c 'import os, sys
row = sys.argv[3] + os.urandom(int(sys.argv[1])).hex() + sys.argv[4] + "\n"
for i in range(int(sys.argv[2])):
    sys.stdout.write(row)' "$@"
}

# Within the command: before it and after it a server may write for reasons of its own.
io_around() { # SCRIPT PID...
	systems_script=$1
	shift
	mv "$systems_script" "$systems_script.load"
	{
		echo "for pid in $*; do cat /proc/\$pid/io >'$RUN_DIR'/\$pid.before; done"
		cat "$systems_script.load"
		echo "for pid in $*; do cat /proc/\$pid/io >'$RUN_DIR'/\$pid.after; done"
	} >"$systems_script"
}

io_delta() { # PID FIELD
	awk -v "field=$2:" '$1 == field { n = $2 - n } END { print n }' "$RUN_DIR/$1.before" "$RUN_DIR/$1.after"
}

books() { # PERMILLE
	invariants -a "$SUMMARY" "$SYSTEMS_DISK"
	systems_all=$(disk_sum .write_bytes "$SYSTEMS_DISK")
	check "classes add up to the device" \
		"$(sum '[.totals.device.write_classes[]] | add')" eq "$(sum .totals.device.write.bytes)"
	check "the disk's own counter" "$(disk_sum .kernel_write_bytes "$SYSTEMS_DISK")" eq \
		"$(disk_sum '.write_bytes + .zeroes_bytes' "$SYSTEMS_DISK")"
	check "background and unattributed" \
		"$(($(disk_sum '.write_by_kind | .background + .unattributed' "$SYSTEMS_DISK") * 1000))" le \
		"$((systems_all * $1))"
}

roles() { # SYSTEM SCRIPT ROLE...
	systems_name=$1 systems_script=$2
	shift 2
	measured --by role -- sh "$systems_script"
	books 10
	json '"SYSTEM\tROLE\tAPPLICATION\tOPS\tSYNC\tDATA\tJOURNAL\tMETADATA\tDEVICE", (.rows[] |
		select(.device.write.bytes > 0) | [.system, .role // .kind, .application.write.bytes,
		.application.write.ops, .application.sync.ops, (.device.write_classes | .data, .journal,
		.metadata), .device.write.bytes] | map(. // "-" | tostring) | join("\t"))' "$SUMMARY"
	for systems_role; do
		check "$systems_name, $systems_role: bytes on the device" \
			"$(role_sum "$systems_name" "$systems_role" .device.write.bytes)" gt 0
	done
	check "all but a hundredth is of $systems_name" \
		"$(($(row_sum ".system == \"$systems_name\"" .device.write.bytes) * 100))" ge \
		"$((systems_all * 99))"
}

role_sum() { # SYSTEM ROLE FILTER
	row_sum ".system == \"$1\" and .role == \"$2\"" "$3"
}

each_size() { # SIZES FUNCTION
	for systems_size in $1; do
		"$2" "${systems_size%:*}" "${systems_size#*:}"
	done
}

measured_line() { # WORKLOAD SIZE COUNT SELECT COMMAND...
	systems_line=$1 systems_bytes=$2 systems_count=$3 systems_select=$4
	shift 4
	measured --by file -- "$@"
	invariants -a "$SUMMARY" "$SYSTEMS_DISK"
	line "$systems_line" "$systems_bytes" "$systems_count" "$systems_select"
}

line() { # WORKLOAD SIZE COUNT SELECT
	printf 'LINE\t%s\t%s\t%s' "$1" "$2" "$3"
	for systems_of in "$(($2 * $3))" "$(row_sum "$4" .application.write.bytes)" \
		"$(row_sum "$4" .application.sync.ops)" "$(sum .totals.device.write_classes.data)" \
		"$(sum .totals.device.write_classes.journal)" \
		"$(sum .totals.device.write_classes.metadata)" "$(sum .totals.device.write.bytes)"; do
		printf '\t%s' "$systems_of"
	done
	printf '\n'
}

same() { # NAME ACTUAL EXPECTED
	printf '%s: %s, by the system itself %s\n' "$1" "$2" "$3"
	check "$1" "$2" eq "$3"
}

apart() { # NAME ACTUAL OTHER WHY
	printf '%s: %s, by the system itself %s: %s\n' "$1" "$2" "$3" "$4"
}
