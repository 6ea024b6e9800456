#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# etcd, one member: puts of 256 B by its own client. Its metrics state how many bytes it wrote
# to its log and how often it synced it; the kernel's accounting what the process dirtied.
#
# usage: etcd.sh [table]	table: lines for table.sh instead of the test
# shellcheck source=tests/systems/lib.sh
. "$(dirname "$0")/lib.sh"

program etcd etcdctl curl
systems_fs 1024
DATA=$SCRATCH_DIR/etcd
client=127.0.0.1:$(free_port)
peer=http://127.0.0.1:$(free_port)
ETCDCTL_API=3 ETCDCTL_ENDPOINTS=$client
export ETCDCTL_API ETCDCTL_ENDPOINTS
server etcd 30 etcdctl endpoint health -- etcd --data-dir "$DATA" --name one \
	--listen-client-urls "http://$client" --advertise-client-urls "http://$client" \
	--listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" \
	--initial-cluster "one=$peer"
etcd=$SERVER_PID
wal=$(below "$DATA/member/wal")

metric() { # NAME before|after: an integer, also from 1.2e+06
	awk -v "name=$1" '$1 == name { printf "%.0f\n", $2 }' "$RUN_DIR/metrics.$2"
}

metric_delta() { # NAME
	echo "$(($(metric "$1" after) - $(metric "$1" before)))"
}

log_end() { # where the records of the newest log end: it is laid out ahead, with zeros
	# shellcheck disable=SC2012 # their names are digits
	python3 -c 'import sys; print((len(open(sys.argv[1], "rb").read().rstrip(b"\0")) + 7) // 8 * 8)' \
		"$(ls "$DATA"/member/wal/*.wal | tail -n 1)"
}

# Puts through the HTTP gateway over one connection: a client that costs little by itself.
cat >"$RUN_DIR/put.py" <<'END'
import base64
import http.client
import json
import os
import sys

host, size, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
connection = http.client.HTTPConnection(host)
for i in range(count):
    body = {"key": base64.b64encode(b"key%06d" % i).decode(),
            "value": base64.b64encode(os.urandom(size)).decode()}
    connection.request("POST", "/v3/kv/put", json.dumps(body))
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text
END

table_line() { # SIZE COUNT
	measured_line "put" "$1" "$2" "$(below "$DATA")" python3 "$RUN_DIR/put.py" "$client" "$1" "$2"
}

if [ "${1:-}" = table ]; then
	# it refuses requests of more than 1.5 MiB
	each_size "1:1000 100:1000 256:1000 1000:1000 10000:500 100000:200 1000000:50" table_line
	server_stop etcd TERM 143 # it closes its files, then lets the signal end it
	finish
fi

value=$(head -c 128 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
cat >"$RUN_DIR/load" <<END
curl -s "http://$client/metrics" >"$RUN_DIR/metrics.before"
i=0
while [ "\$((i += 1))" -le 211 ]; do
	etcdctl put "key\$i" $value || exit
done
sleep 0.5 # its backend commits each 100 ms
curl -s "http://$client/metrics" >"$RUN_DIR/metrics.after"
END
cp "$RUN_DIR/load" "$RUN_DIR/again"
end=$(log_end)
measured --by file -- sh "$RUN_DIR/load"
books 10
check "puts by the client" "$(grep -c '^OK' "$TRUTH")" eq 211
same "log syncs" "$(row_sum "$wal" .application.sync.ops)" \
	"$(metric_delta etcd_disk_wal_fsync_duration_seconds_count)"
same "log bytes" "$(row_sum "$wal" .application.write.bytes)" "$(($(log_end) - end))"
apart "log bytes" "$(row_sum "$wal" .application.write.bytes)" \
	"$(metric_delta etcd_disk_wal_write_bytes_total)" \
	"etcd 3.4 adds a record when it enters its buffer and once more when that is flushed"
io_around "$RUN_DIR/again" "$etcd"
measured --by process -- sh "$RUN_DIR/again"
books 10
same "dirtied" "$(pid_row "$etcd" .cache.dirtied_bytes)" "$(io_delta "$etcd" write_bytes)"
same "cancelled" "$(pid_row "$etcd" .cache.cancelled_bytes)" "$(io_delta "$etcd" cancelled_write_bytes)"

roles etcd "$RUN_DIR/load" wal data
same "role wal: syncs" "$(role_sum etcd wal .application.sync.ops)" \
	"$(metric_delta etcd_disk_wal_fsync_duration_seconds_count)"
server_stop etcd TERM 143
finish
