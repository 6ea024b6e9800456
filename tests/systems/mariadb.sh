#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# MariaDB: mariadb-install-db, mariadb-slap, a shutdown. InnoDB's status states how many bytes
# it wrote to its data files and to its redo log; the kernel's accounting what the process
# dirtied.
#
# usage: mariadb.sh [table]	table: lines for table.sh instead of the test
# shellcheck source=tests/systems/lib.sh
. "$(dirname "$0")/lib.sh"

program mariadbd mariadb-install-db mariadb-admin mariadb-slap mariadb setpriv
id mysql >/dev/null 2>&1 || skip "no user mysql"
systems_fs 2048
cd / || exit # a folder that its user may enter
DATA=$SCRATCH_DIR/mariadb
socket=$RUN_DIR/mariadb.sock
mkdir "$DATA"
chown mysql: "$DATA"
mariadb-install-db --no-defaults --user=mysql --datadir="$DATA" --skip-test-db \
	>"$RUN_DIR/mariadb.log" 2>&1 || server_failed mariadb "has no data directory"
# shellcheck disable=SC2046 # words
server mariadb 60 mariadb-admin --no-defaults -S "$socket" ping -- $(as_user mysql) mariadbd \
	--no-defaults --datadir="$DATA" --socket="$socket" --skip-networking \
	--pid-file="$RUN_DIR/mariadb.pid" --max-allowed-packet=256M --innodb-log-file-size=256M
mariadbd=$SERVER_PID
sql="mariadb --no-defaults -S $socket -u root --max-allowed-packet=256M -BN"

# InnoDB writes dirty pages when it must, or when it is idle for long. The settings make it write now.
cat >"$RUN_DIR/flush" <<END
$sql -e "set global innodb_max_dirty_pages_pct_lwm = 0; set global innodb_max_dirty_pages_pct = 0"
until $sql -e "show global status like 'innodb_buffer_pool_pages_dirty'" | grep -qw 0; do
	sleep 0.1
done
$sql -e "set global innodb_max_dirty_pages_pct = 90"
END

# Each in a transaction of its own.
table_line() { # SIZE COUNT
	$sql -e 'create or replace table test.t (i int auto_increment primary key, v longblob)'
	rows "$1" "$2" "insert into test.t (v) values (x'" "');" >"$RUN_DIR/rows.sql"
	sh "$RUN_DIR/flush"
	measured_line "INSERT, one per transaction" "$1" "$2" "$(below "$DATA")" \
		sh -c "$sql <'$RUN_DIR/rows.sql' && sh '$RUN_DIR/flush'"
}

if [ "${1:-}" = table ]; then
	$sql -e 'create database test'
	each_size "${ROWS% *}" table_line # it refuses a row of more than a tenth of its redo log
	server_stop mariadb
	finish
fi

# one client: the commits of several may share a sync
cat >"$RUN_DIR/load" <<END
$sql -e "show global status like 'innodb%'" >"$RUN_DIR/status.before"
mariadb-slap --no-defaults -S "$socket" -u root --no-drop --create-schema=slap --engine=innodb \
	--concurrency=1 --number-of-queries=997 --auto-generate-sql \
	--auto-generate-sql-load-type=write --auto-generate-sql-add-autoincrement || exit
sh "$RUN_DIR/flush"
$sql -e "show global status like 'innodb%'" >"$RUN_DIR/status.after"
END

status() { # NAME: its difference
	awk -v "name=$1" '$1 == name { n = $2 - n } END { print n }' "$RUN_DIR/status.before" "$RUN_DIR/status.after"
}

sh "$RUN_DIR/load" >/dev/null # what is made once is made
$sql -e "drop schema slap"
sh "$RUN_DIR/flush"
io_around "$RUN_DIR/load" "$mariadbd"
measured --by file -- sh "$RUN_DIR/load"
books 10
pages="(.file // \"\") | test(\"^$DATA/(.*/)?(ibdata1|[^/]*[.]ibd)$\")"
log="(.file // \"\") == \"$DATA/ib_logfile0\""
same "bytes of pages written" "$(row_sum "$pages" .application.write.bytes)" \
	"$(status Innodb_data_written)"
same "page writes" "$(row_sum "$pages" .application.write.ops)" "$(status Innodb_data_writes)"
apart "log writes" "$(row_sum "$log" .application.write.ops)" "$(status Innodb_log_writes)" \
	"it does not count the header of the log that a checkpoint writes"
near "log writes" "$(row_sum "$log" .application.write.ops)" "$(status Innodb_log_writes)" 10
apart "log bytes written" "$(row_sum "$log" .application.write.bytes)" \
	"$(status Innodb_os_log_written)" \
	"its figure is of records; a write is of whole blocks of 512 B, the last one again and again"
check "log bytes" "$(row_sum "$log" .application.write.bytes)" ge "$(status Innodb_os_log_written)"
check "a sync for each transaction" "$(row_sum "$log" .application.sync.ops)" ge 997
check "doublewrite" "$(row_sum "(.file // \"\") | endswith(\"/ibdata1\")" .application.write.bytes)" \
	ge "$(($(status Innodb_dblwr_pages_written) * 16384))"

# The pages and the log are written around the cache (O_DIRECT), the rest through it.
direct="($pages) or ($log)"
same "dirtied or written directly" "$(($(row_sum "$(below "$DATA")" .cache.dirtied_bytes) + \
	$(row_sum "$direct" .application.write.bytes)))" "$(io_delta "$mariadbd" write_bytes)"
apart "log on the disk" "$(row_sum "$log" .device.write_classes.data)" \
	"$(row_sum "$log" .application.write.bytes)" \
	"ext4 fills its block of 4 KiB with zeros around a first direct write of less"

$sql -e "drop schema slap"
sh "$RUN_DIR/flush"
roles mariadb "$RUN_DIR/load" redo system data
# a checkpoint syncs once more
near "role redo: a sync for each write" "$(role_sum mariadb redo .application.sync.ops)" \
	"$(role_sum mariadb redo .application.write.ops)" 10
server_stop mariadb
finish
