#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Redis with its append-only file, each command synced: SETs by redis-benchmark, a rewrite of
# the file, a shutdown. Its INFO states what the file holds; the kernel's accounting what the
# process dirtied.
#
# usage: redis.sh [table]	table: lines for table.sh instead of the test
# shellcheck source=tests/systems/lib.sh
. "$(dirname "$0")/lib.sh"

program redis-server redis-cli redis-benchmark
systems_fs 1024
DATA=$SCRATCH_DIR/redis
mkdir "$DATA"
port=$(free_port)
server redis 30 redis-cli -p "$port" ping -- redis-server --port "$port" --bind 127.0.0.1 \
	--dir "$DATA" --appendonly yes --appendfsync always --save '' --daemonize no
redis=$SERVER_PID

info() { # FIELD
	redis-cli -p "$port" info | tr -d '\r' | sed -n "s/^$1://p"
}

# Each value by a client of its own, which waits for it.
table_line() { # SIZE COUNT
	redis-cli -p "$port" flushall >/dev/null
	measured_line "SET" "$1" "$2" "$(below "$DATA")" \
		redis-benchmark -q -p "$port" -t set -c 1 -d "$1" -n "$2"
}

if [ "${1:-}" = table ]; then
	each_size "$ROWS" table_line
	server_stop redis
	finish
fi

# A rewrite is done by a child, which writes what is in memory to a new base file.
cat >"$RUN_DIR/load" <<END
redis-benchmark -q -p "$port" -t set -c 1 -d 256 -n 997 -r 1000
END
cat >"$RUN_DIR/again" <<END
redis-benchmark -q -p "$port" -t set -c 1 -d 256 -n 997 -r 1000
redis-cli -p "$port" bgrewriteaof
while redis-cli -p "$port" info | grep -q '^aof_rewrite_in_progress:1'; do sleep 0.1; done
END
before=$(info aof_current_size)
measured --by file -- sh "$RUN_DIR/load"
books 10
log="(.file // \"\") | test(\"^$DATA/appendonlydir/.*[.]incr[.]aof$\")"
same "log bytes" "$(row_sum "$log" .application.write.bytes)" \
	"$(($(info aof_current_size) - before))"
same "log syncs, one for each command" "$(row_sum "$log" .application.sync.ops)" 997

io_around "$RUN_DIR/again" "$redis"
measured --by process -- sh "$RUN_DIR/again"
books 10
# the kernel adds a child's to its parent's when that has waited for it
same "dirtied, the child too" "$(row_sum '.comm == "redis-server"' .cache.dirtied_bytes)" \
	"$(io_delta "$redis" write_bytes)"
same "cancelled, the child too" "$(row_sum '.comm == "redis-server"' .cache.cancelled_bytes)" \
	"$(io_delta "$redis" cancelled_write_bytes)"
rewritten=".comm == \"redis-server\" and .pid != $redis"
check "the child's base file" "$(row_sum "$rewritten" .application.write.bytes)" ge \
	"$(info aof_base_size)"
roles redis "$RUN_DIR/again" aof aof-rewrite
server_stop redis
finish
