#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# MinIO, one drive: PUTs of objects by curl. What lies on the drive at the end is the truth of
# what it wrote there; the kernel's accounting says what the process dirtied.
#
# usage: minio.sh [table]	table: lines for table.sh instead of the test
# shellcheck source=tests/systems/lib.sh
. "$(dirname "$0")/lib.sh"

program minio curl
systems_fs 1024
address=127.0.0.1:$(free_port)
console=127.0.0.1:$(free_port)
MINIO_ROOT_USER=ioamp MINIO_ROOT_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export MINIO_ROOT_USER MINIO_ROOT_PASSWORD
HOME=$RUN_DIR # it keeps certificates there
export HOME
s3="curl -sf --aws-sigv4 aws:amz:us-east-1:s3 -H x-amz-content-sha256:UNSIGNED-PAYLOAD"
s3="$s3 --user $MINIO_ROOT_USER:$MINIO_ROOT_PASSWORD"

minio_start() { # DIR...
	server minio 60 curl -sf "http://$address/minio/health/live" -- minio server --quiet \
		--address "$address" --console-address "$console" "$@"
	# shellcheck disable=SC2086 # words
	await 20 $s3 -X PUT "http://$address/bucket" || server_failed minio "makes no bucket"
}

puts() { # SIZE COUNT: makes $RUN_DIR/load
	head -c "$1" /dev/urandom >"$RUN_DIR/object"
	echo "$s3 -T '$RUN_DIR/object' 'http://$address/bucket/o$1-[1-$2]'" >"$RUN_DIR/load"
}

# On one drive and on four (two shards of data, two of parity).
table_line() { # SIZE COUNT
	puts "$1" "$2"
	measured_line "PUT, $drives" "$1" "$2" "$(below "$SCRATCH_DIR")" sh "$RUN_DIR/load"
}

if [ "${1:-}" = table ]; then
	minio_start "$SCRATCH_DIR/drive"
	drives="one drive"
	each_size "$OBJECTS" table_line
	server_stop minio
	rm -rf "$SCRATCH_DIR/drive"
	mkdir "$SCRATCH_DIR/d1" "$SCRATCH_DIR/d2" "$SCRATCH_DIR/d3" "$SCRATCH_DIR/d4"
	# It wants four disks, unless told that this is a test. They are folders, so that the
	# sum is one disk's.
	export MINIO_CI_CD=1
	minio_start "$SCRATCH_DIR/d{1...4}"
	drives="four drives"
	each_size "$OBJECTS" table_line
	server_stop minio
	finish
fi

on_drive() { # SIZE: bytes of the files that hold the objects of this size
	find "$SCRATCH_DIR/drive/bucket" -path "*/o$1-*" -type f -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }'
}

minio_start "$SCRATCH_DIR/drive"
minio=$SERVER_PID
files="(.file // \"\") | test(\"^$SCRATCH_DIR/drive/([.]minio[.]sys/tmp|bucket)/.*/(xl[.]meta|part[.][0-9]+)$\")"
for object in '10000 211' '1000000 23'; do
	size=${object% *} count=${object#* }
	puts "$size" "$count"
	io_around "$RUN_DIR/load" "$minio"
	measured --by file -- sh "$RUN_DIR/load"
	books 10
	check "$size B: objects" "$(find "$SCRATCH_DIR/drive/bucket" -path "*/o$size-*/xl.meta" | wc -l)" eq "$count"
	same "$size B: bytes on the drive" "$(row_sum "$files" .application.write.bytes)" "$(on_drive "$size")"
	check "$size B: a sync for each object" "$(row_sum "$files" .application.sync.ops)" ge "$count"
	same "$size B: dirtied" "$(row_sum "$(below "$SCRATCH_DIR")" .cache.dirtied_bytes)" "$(io_delta "$minio" write_bytes)"
done
puts 100000 101
roles minio "$RUN_DIR/load" staging
server_stop minio
finish
