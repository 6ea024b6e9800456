#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# PostgreSQL: initdb, pgbench, a checkpoint, a fast shutdown. Its own counters state how many
# times it wrote and synced WAL and how many pages it wrote; the kernel's say what its
# processes dirtied.
#
# usage: postgres.sh [table]	table: lines for table.sh instead of the test
# shellcheck source=tests/systems/lib.sh
. "$(dirname "$0")/lib.sh"

program postgres initdb psql pgbench pg_isready setpriv
id postgres >/dev/null 2>&1 || skip "no user postgres"
systems_fs 2048
cd / || exit # a folder that its user may enter
DATA=$SCRATCH_DIR/pg
PGHOST=$RUN_DIR PGUSER=postgres PGDATABASE=postgres
export PGHOST PGUSER PGDATABASE
mkdir "$DATA"
chown postgres: "$DATA"
# shellcheck disable=SC2046 # words
$(as_user postgres) initdb -D "$DATA" -A trust >"$RUN_DIR/postgres.log" 2>&1 ||
	server_failed postgres "has no data directory"
# shellcheck disable=SC2046
server postgres 30 pg_isready -q -- $(as_user postgres) postgres -D "$DATA" \
	-c listen_addresses= -c "unix_socket_directories=$RUN_DIR" \
	-c autovacuum=off # it would write in its own time
postmaster=$SERVER_PID

sql() { # COMMAND: one value
	psql -XAtqc "$1" || fail "psql: $1"
}

process() { # TITLE: its pid
	pgrep -P "$postmaster" -f "^postgres: $1"
}

# Rows that TOAST may not compress, each in a transaction of its own, then a checkpoint, so that the
# pages are written as well as the WAL.
table_line() { # SIZE COUNT
	sql 'drop table if exists t' >/dev/null 2>&1
	sql 'create table t (v bytea); alter table t alter v set storage external; checkpoint' >/dev/null
	rows "$1" "$2" "insert into t values ('\\x" "');" >"$RUN_DIR/rows.sql"
	measured_line "INSERT, one per transaction" "$1" "$2" "$(below "$DATA")" \
		sh -c "psql -Xq -f '$RUN_DIR/rows.sql' && psql -Xqc checkpoint"
}

if [ "${1:-}" = table ]; then
	each_size "$ROWS" table_line
	server_stop postgres INT
	finish
fi

pgbench -i -s 2 -q >/dev/null 2>&1 || server_failed postgres "did not take pgbench -i"
# Segments that are there already: a new one is written with zeros, which pg_stat_wal leaves out.
sql 'select pg_switch_wal()' >/dev/null
sql checkpoint

# The processes report their counts at their end, the checkpointer after a checkpoint, the WAL
# writer each wal_writer_delay (200 ms).
cat >"$RUN_DIR/load" <<END
psql -XAtqc "select pg_stat_reset_shared('wal'), pg_stat_reset_shared('bgwriter')" >/dev/null
pgbench -n -c 2 -t 500 >"$RUN_DIR/pgbench.log" 2>&1 || exit
psql -XAtqc checkpoint -c 'select pg_sleep(0.5)' >/dev/null
psql -XAtqc "select row_to_json(s) from (select * from pg_stat_wal, pg_stat_bgwriter) s"
END
measured --by file -- sh "$RUN_DIR/load"
books 10
wal=$(below "$DATA/pg_wal")
same "WAL writes" "$(row_sum "$wal" .application.interfaces.pwrite64.ops)" "$(truth .wal_write)"
same "WAL syncs" "$(row_sum "$wal" .application.sync.ops)" "$(truth .wal_sync)"
pages="(.file // \"\") | test(\"^$DATA/(base|global|pg_xact|pg_multixact|pg_subtrans)/\")"
same "pages written" "$(row_sum "$pages" .application.interfaces.pwrite64.ops)" \
	"$(truth '.buffers_checkpoint + .buffers_clean + .buffers_backend')"
apart "WAL bytes written" "$(row_sum "$wal" .application.write.bytes)" "$(truth .wal_bytes)" \
	"wal_bytes are records made; a write is of whole pages of 8 KiB, the last one again and again"
check "WAL bytes" "$(row_sum "$wal" .application.write.bytes)" ge "$(truth .wal_bytes)"
check "WAL on the device" "$(row_sum "$wal" .device.write_classes.data)" ge "$(truth .wal_bytes)"

# What the kernel accounts to a process is what it dirtied, whoever wrote it later.
checkpointer=$(process checkpointer)
walwriter=$(process walwriter)
io_around "$RUN_DIR/load" "$checkpointer" "$walwriter"
measured --by process -- sh "$RUN_DIR/load"
books 10
for pid in $checkpointer $walwriter; do
	same "$(ps -o args= -p "$pid"): dirtied" "$(pid_row "$pid" .cache.dirtied_bytes)" \
		"$(io_delta "$pid" write_bytes)"
done

roles postgres "$RUN_DIR/load" wal heap
same "role wal: writes" "$(role_sum postgres wal .application.interfaces.pwrite64.ops)" "$(truth .wal_write)"
same "role wal: syncs" "$(role_sum postgres wal .application.sync.ops)" "$(truth .wal_sync)"
server_stop postgres INT
finish
