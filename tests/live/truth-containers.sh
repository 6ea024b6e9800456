#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Three containers, each with its own overlayfs on one ext4, write 3:1, the third throttled:
# each row owns its bytes, also when processes and cgroups are gone before the report. Then
# --cgroup, --container, moves between cgroups, and what these options refuse.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

hierarchies=$(awk '$3 == "cgroup2" { print $2 }
	$3 == "cgroup" && "," $4 "," ~ /,(blkio|memory),/ { print $2 }' /proc/mounts | tr '\n' ' ')
[ -n "$hierarchies" ] || skip "no hierarchy of cgroups is mounted"
grep -qw overlay /proc/filesystems || modprobe -q overlay 2>/dev/null
grep -qw overlay /proc/filesystems || skip "this kernel has no overlayfs"

scratch_fs_new ext4 384
id_a=$(echo "a$$" | sha256sum | cut -c1-64)
id_b=$(echo "b$$" | sha256sum | cut -c1-64)
id_c=$(echo "c$$" | sha256sum | cut -c1-64)
id_d=$(echo "$id_a" | cut -c1-20)$(echo "$id_b" | cut -c1-44) # begins like a

groups_new() { # ID...
	for h in $hierarchies; do
		mkdir -p "$h/docker" 2>/dev/null || skip "no cgroup can be made in $h"
		[ ! -f "$h/cgroup.controllers" ] || ! grep -qw io "$h/cgroup.controllers" ||
			echo +io | tee "$h/cgroup.subtree_control" >"$h/docker/cgroup.subtree_control"
		for id in "$@"; do
			mkdir "$h/docker/$id" || skip "no cgroup can be made in $h/docker"
		done
	done
}

group_free() { # DIR
	[ ! -d "$1" ] || rmdir "$1"
}

# A group is busy until its last process is reaped. Docker's own groups are not removed.
groups_free() {
	for h in $hierarchies; do
		for id in $id_a $id_b $id_c $id_d; do
			soon group_free "$h/docker/$id" || fail "cgroup $h/docker/$id stays"
		done
		rmdir "$h/docker" 2>/dev/null
	done
}

throttled=
throttle() { # ID: ten writes a second
	for h in $hierarchies; do
		file=$h/docker/$1/blkio.throttle.write_iops_device
		[ ! -f "$file" ] || { echo "$(cat "/sys/block/$SCRATCH_DISK/dev") 10" >"$file" && throttled=1; }
		file=$h/docker/$1/io.max
		[ ! -f "$file" ] || { echo "$(cat "/sys/block/$SCRATCH_DISK/dev") wiops=10" >"$file" && throttled=1; }
	done
}

roots_free() {
	for n in a b c; do
		scratch_umount "$SCRATCH_DIR/$n/merged"
	done
}
cleanup() {
	roots_free
	groups_free
}
scratch_at_exit cleanup
for n in a b c; do
	mkdir "$SCRATCH_DIR/$n"
	(cd "$SCRATCH_DIR/$n" && mkdir lower upper work merged &&
		mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged) ||
		skip "overlayfs cannot be mounted here"
done
sync -f "$SCRATCH_DIR"

# enter ID COMMAND...: joins the group in all hierarchies, then becomes COMMAND
enter_new() {
	cat >"$SCRATCH_TMP/enter" <<-END
		id=\$1
		shift
		for h in $hierarchies; do
			echo \$\$ >"\$h/docker/\$id/cgroup.procs" || exit 1
		done
		exec "\$@"
	END
}
enter_new
workloads() { # NAME
	sh "$SCRATCH_TMP/enter" "$id_a" "$WORKLOAD" buffered-write "$SCRATCH_DIR/a/merged/$1" 48 >"$TRUTH.a" &
	pid_a=$!
	sh "$SCRATCH_TMP/enter" "$id_b" "$WORKLOAD" buffered-write "$SCRATCH_DIR/b/merged/$1" 16 >"$TRUTH.b" &
	pid_b=$!
	started=$(date +%s%3N)
	sh "$SCRATCH_TMP/enter" "$id_c" "$WORKLOAD" append-fsync "$SCRATCH_DIR/c/merged/$1" 11 4096 >"$TRUTH.c"
	took=$(($(date +%s%3N) - started))
	wait "$pid_a" "$pid_b"
	sync -f "$SCRATCH_DIR"
}
bytes() { # a|b|c
	json .write_bytes "$TRUTH.$1"
}

mkfifo "$SCRATCH_TMP/ready"
watch() { # OPTION...: the report goes to $OUT
	"$STAT" -o "$OUT" -d "$SCRATCH_DISK" --ready-fd 9 "$@" 9<>"$SCRATCH_TMP/ready" 2>"$SCRATCH_TMP/stderr" &
	tool=$!
	dd bs=1 count=1 status=none <"$SCRATCH_TMP/ready" >/dev/null
}
unwatch() {
	kill -INT "$tool"
	wait "$tool"
	check "status" "$?" eq 0
}
SUMMARY=$SCRATCH_TMP/summary.json
TRUTH=$SCRATCH_TMP/truth
OUT=$SUMMARY

id_of() { # a|b|c|d
	case $1 in a) echo "$id_a" ;; b) echo "$id_b" ;; c) echo "$id_c" ;; d) echo "$id_d" ;; esac
}
mine() { # a|b|c|d: as rows name it
	echo "docker:$(id_of "$1")" | cut -c1-19
}
of() { # MEMBER VALUE FILTER
	json "[.rows[] | select(.kind == \"owner\" and .$1 == \"$2\") | $3] | add // 0" "$SUMMARY"
}

# ---- everybody, in groups that come after the tool is ready and go before it ends

for by in container cgroup; do
	rm -f "$SCRATCH_DIR"/?/merged/*
	sync -f "$SCRATCH_DIR"
	watch -j -a --by "$by"
	groups_new "$id_a" "$id_b" "$id_c"
	throttle "$id_c"
	before=$(dev_stat "$SCRATCH_DISK")
	workloads "by-$by"
	after=$(dev_stat "$SCRATCH_DISK")
	groups_free
	unwatch
	for n in a b c; do
		[ "$by" = container ] && name=$(mine $n) || name=/docker/$(id_of $n)
		check "$by $n: rows" "$(of "$by" "$name" 1)" eq 1
		check "$by $n: application" "$(of "$by" "$name" .application.write.bytes)" eq "$(bytes $n)"
		check "$by $n: data" "$(of "$by" "$name" .device.write_classes.data)" eq "$(bytes $n)"
		[ $n = c ] || near "$by $n: device" "$(of "$by" "$name" .device.write.bytes)" "$(bytes $n)" 10
	done
	[ -z "$throttled" ] || check "$by c: throttled to 10 writes a second, ms" "$took" ge 500
	check "$by c: syncs" "$(of "$by" "$name" .application.sync.ops)" eq 11
	all=$((${after#* } - ${before#* }))
	near "$by: all rows" "$(sum '[.rows[].device.write.bytes] | add')" "$all" 1
	# background, root cgroup, the shell, sync: nobody else
	check "$by: other rows" "$(sum "[.rows[] | select((.$by // \"\") | test(\"docker\") | not) |
		.device.write.bytes] | add // 0")" lt "$((all / 100))"
	check "$by: pid and comm" "$(sum '[.rows[] | select(.pid != null or .comm != null)] | length')" eq 0
done
check "by cgroup: container" "$(of cgroup "/docker/$id_a" .container | cut -c1-19)" is "$(mine a)"

# ---- each hierarchy alone: hosts of one version, of both, runtimes that use few

all_hierarchies=$hierarchies
for hierarchies in $all_hierarchies; do
	enter_new
	watch -j -a --by container
	groups_new "$id_a"
	sh "$SCRATCH_TMP/enter" "$id_a" "$WORKLOAD" buffered-write "$SCRATCH_DIR/a/merged/alone" 3 >"$TRUTH.a"
	sync -f "$SCRATCH_DIR"
	groups_free
	unwatch
	check "$hierarchies alone: application" \
		"$(of container "$(mine a)" .application.write.bytes)" eq "$(bytes a)"
	check "$hierarchies alone: data" \
		"$(of container "$(mine a)" .device.write_classes.data)" eq "$(bytes a)"
done
hierarchies=$all_hierarchies
enter_new

# ---- those that exist before: one of them, by id, as JSON by process

groups_new "$id_a" "$id_b" "$id_c"
watch -j --by process --container "$(echo "$id_a" | cut -c1-12)"
workloads by-id
groups_free
unwatch
check "--container: application" "$(sum .totals.application.write.bytes)" eq "$(bytes a)"
check "--container: data" "$(sum .totals.device.write_classes.data)" eq "$(bytes a)"
check "--container: owners" "$(sum '[.rows[] | select(.kind == "owner") | .container] | unique | join(" ")')" is "$(mine a)"
check "--container: comm" "$(sum '[.rows[] | select(.kind == "owner") | .comm] | unique | join(" ")')" is workload
check "--container: outside" "$(row outside .application.write.bytes)" ge "$(($(bytes b) + $(bytes c)))"
check "--container: target" "$(sum .command)" is null
invariants "$SUMMARY" "$SCRATCH_DISK"

# ---- by path, as CSV, the group below it made later

groups_new "$id_a" "$id_b" "$id_c"
OUT=$SCRATCH_TMP/report.csv
watch --csv --cgroup "docker/$id_b/" --by container
for h in $hierarchies; do
	mkdir "$h/docker/$id_b/below"
done
sed "s,/cgroup.procs,/below&," "$SCRATCH_TMP/enter" >"$SCRATCH_TMP/enter-below"
sh "$SCRATCH_TMP/enter" "$id_a" "$WORKLOAD" buffered-write "$SCRATCH_DIR/a/merged/csv" 5 >"$TRUTH.a"
sh "$SCRATCH_TMP/enter-below" "$id_b" "$WORKLOAD" buffered-write "$SCRATCH_DIR/b/merged/csv" 7 >"$TRUTH.b"
sync -f "$SCRATCH_DIR"
for h in $hierarchies; do
	rmdir "$h/docker/$id_b/below"
done
unwatch
csv() { # KIND COLUMN: of rows whose container is b's
	python3 -c 'import csv, sys
rows = [r for r in csv.DictReader(open(sys.argv[1])) if r["kind"] == sys.argv[2] and r["by"] == "container"]
print(" ".join(r[sys.argv[3]] for r in rows))' "$OUT" "$1" "$2"
}
check "--cgroup: container" "$(csv owner container)" is "$(mine b)"
check "--cgroup: application" "$(csv owner application_write_bytes)" is "$(bytes b)"
check "--cgroup: data" "$(csv owner device_write_data_bytes)" is "$(bytes b)"
check "--cgroup: cgroup" "$(csv owner cgroup)" is ""
check "--cgroup: outside" "$(csv outside application_write_bytes)" ge "$(bytes a)"

# ---- who moves: before and after are two targets

cat >"$SCRATCH_TMP/mover" <<END
import os, sys
f = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
os.write(f, b"x" * (2 << 20))
os.fsync(f)
for h in sys.argv[3:]:
    open(h + "/docker/" + sys.argv[2] + "/cgroup.procs", "w").write(str(os.getpid()))
os.write(f, b"y" * (3 << 20))
os.fsync(f)
for h in sys.argv[3:]:
    open(h + "/cgroup.procs", "w").write(str(os.getpid()))
os.write(f, b"z" * (4 << 20))
os.fsync(f)
END
OUT=$SUMMARY
watch -j --container "$id_a"
# shellcheck disable=SC2086 # a list
python3 "$SCRATCH_TMP/mover" "$SCRATCH_DIR/moved" "$id_a" $hierarchies
unwatch
check "moved: owner" "$(sum .totals.application.write.bytes)" eq "$((3 << 20))"
check "moved: data" "$(sum .totals.device.write_classes.data)" eq "$((3 << 20))"
check "moved: outside" "$(row outside .application.write.bytes)" ge "$((6 << 20))"

# ---- text: fits, shows ids as docker does

OUT=$SCRATCH_TMP/report.txt
rm -f "$SCRATCH_DIR"/?/merged/*
for by in container cgroup; do
	watch -a --by "$by"
	for n in a b; do
		sh "$SCRATCH_TMP/enter" "$(id_of $n)" "$WORKLOAD" buffered-write \
			"$SCRATCH_DIR/$n/merged/text-$by" 3 >"$TRUTH.$n"
	done
	sync -f "$SCRATCH_DIR"
	unwatch
	check "text $by: longest line" "$(awk '{ if (length > n) n = length } END { print n }' "$OUT")" lt 80
	for n in a b; do
		short=$(id_of $n | cut -c1-12)
		check "text $by $n: id" "$(grep -c "3.0M .*$short" "$OUT")" eq 1
	done
	check "text $by: head" "$(grep -c " $(echo "$by" | tr a-z A-Z)\$" "$OUT")" eq 1
done

# ---- what is refused

refused() { # NAME WORDS OPTION...
	refused_name=$1
	refused_words=$2
	shift 2
	"$STAT" --duration 1 "$@" >"$SCRATCH_TMP/out" 2>"$SCRATCH_TMP/stderr"
	check "$refused_name: status" "$?" eq 2
	check "$refused_name: message" "$(grep -c "$refused_words" "$SCRATCH_TMP/stderr")" eq 1
	check "$refused_name: output" "$(wc -c <"$SCRATCH_TMP/out")" eq 0
}
groups_free
groups_new "$id_a" "$id_d"
refused "unknown id" "E178.*no such container" --container 0123456789ab
refused "unknown name" "E178.*no such container" --container no-such-container
refused "not a name" "'a b' is neither an id nor a name" --container "a b"
refused "two ids" "E179.*ambiguous" --container "$(echo "$id_a" | cut -c1-8)"
refused "unknown path" "E177.*no such cgroup" --cgroup "/docker/$id_c"
finish
