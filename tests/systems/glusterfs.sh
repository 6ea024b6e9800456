#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# GlusterFS, replica 2 on one host: glusterd, a volume of two bricks, its FUSE mount. Its
# profile states what each brick was asked to write; the kernel's accounting what the bricks'
# processes dirtied. All of it lives in namespaces of the test's own: glusterd has fixed
# ports, folders in /var and wants a host name.
#
# usage: glusterfs.sh [table]	table: lines for table.sh instead of the test
if [ -z "${GLUSTER_NAMESPACE:-}" ] && unshare -n -m -u true 2>/dev/null; then
	GLUSTER_NAMESPACE=yes exec unshare -n -m -u "$0" "$@"
fi
# shellcheck source=tests/systems/lib.sh
. "$(dirname "$0")/lib.sh"

program glusterd gluster glusterfs glusterfsd ip
[ -n "${GLUSTER_NAMESPACE:-}" ] || skip "no namespaces can be made here"
[ -e /dev/fuse ] || skip "this kernel has no FUSE"
systems_fs 1024
for dir in /var/lib/glusterd /var/log/glusterfs /run; do
	[ -d "$dir" ] || skip "no $dir"
	mount -t tmpfs gluster "$dir" || skip "tmpfs cannot be mounted on $dir"
done
echo '127.0.0.1 localhost brickhost' >"$RUN_DIR/hosts"
mount --bind "$RUN_DIR/hosts" /etc/hosts || skip "no /etc/hosts of its own"
hostname brickhost
ip link set lo up || skip "no loopback"
mkdir -p /run/gluster "$SCRATCH_DIR/b1" "$SCRATCH_DIR/b2" "$RUN_DIR/volume"


# Bricks and the mount are daemons: all that lives in our namespace, we and the tool excepted.
daemons_kill() {
	ours=$(readlink "/proc/$$/ns/net")
	for proc in /proc/[0-9]*; do
		[ "$(readlink "$proc/ns/net" 2>/dev/null)" = "$ours" ] || continue
		case $(cat "$proc/comm" 2>/dev/null) in
		glusterd | glusterfsd | glusterfs) kill -KILL "${proc#/proc/}" ;;
		esac
	done
	umount -l "$RUN_DIR/volume" 2>/dev/null
}
scratch_at_exit daemons_kill

volume() { # COMMAND...
	gluster --mode=script volume "$@"
}

server glusterd 30 gluster --mode=script pool list -- glusterd -N
{
	volume create vol replica 2 "brickhost:$SCRATCH_DIR/b1" "brickhost:$SCRATCH_DIR/b2" force &&
		volume start vol && volume profile vol start &&
		glusterfs --volfile-server=brickhost --volfile-id=vol "$RUN_DIR/volume"
} >>"$RUN_DIR/glusterd.log" 2>&1 || server_failed glusterd "makes no volume"
await 20 mountpoint -q "$RUN_DIR/volume" || server_failed glusterd "has no mount"

# Each file is written and synced by a client of the mount.
cat >"$RUN_DIR/files.py" <<'END'
import os
import sys

folder, size, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = os.urandom(size)
os.mkdir(folder)
for i in range(count):
    fd = os.open(f"{folder}/{i}", os.O_CREAT | os.O_WRONLY, 0o644)
    at = 0
    while at < size:
        at += os.write(fd, data[at:at + (1 << 20)])
    os.fsync(fd)
    os.close(fd)
END

files() { # SIZE COUNT: makes $RUN_DIR/load
	echo "python3 '$RUN_DIR/files.py' '$RUN_DIR/volume/$1-$2' $1 $2" >"$RUN_DIR/load"
}

stop() {
	umount "$RUN_DIR/volume" || fail "the mount is busy"
	volume stop vol >/dev/null || fail "the volume does not stop"
	server_stop glusterd TERM 15 # the signal's number, by itself
}

table_line() { # SIZE COUNT
	files "$1" "$2"
	measured_line "create and fsync, replica 2" "$1" "$2" "$(below "$SCRATCH_DIR")" sh "$RUN_DIR/load"
	rm -rf "$RUN_DIR/volume/$1-$2"
}

if [ "${1:-}" = table ]; then
	each_size "$OBJECTS" table_line
	stop
	finish
fi

bricks=$(pgrep -f "glusterfsd.*--brick-name $SCRATCH_DIR/b")
check "bricks" "$(echo "$bricks" | wc -l)" eq 2
files 10000 211
# shellcheck disable=SC2086 # two pids
io_around "$RUN_DIR/load" $bricks
volume profile vol info clear >/dev/null
measured --by file -- sh "$RUN_DIR/load"
books 10
volume profile vol info cumulative >"$RUN_DIR/profile"

profile() { # awk's pattern of lines: the sum of their integers, both bricks
	awk "$1"' { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) n += $i } END { print n + 0 }' "$RUN_DIR/profile"
}

wrote=0
for pid in $bricks; do
	wrote=$((wrote + $(io_delta "$pid" write_bytes)))
done
data="(.file // \"\") | test(\"^$SCRATCH_DIR/b[12]/10000-211/\")"
check "bytes of two replicas" "$(row_sum "$data" .application.write.bytes)" eq "$((2 * 10000 * 211))"
same "bytes written" "$(row_sum "$data" .application.write.bytes)" "$(profile '/Data Written:/')"
same "writes" "$(row_sum "$data" .application.write.ops)" "$(profile '/ WRITE$/')"
same "syncs" "$(row_sum "$data" .application.sync.ops)" "$(profile '/ FSYNC$/')"
same "dirtied by both bricks" "$(row_sum "$(below "$SCRATCH_DIR")" .cache.dirtied_bytes)" "$wrote"
files 10000 199
roles glusterfs "$RUN_DIR/load" brick
stop
finish
