#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# stacks-guest - runs inside a guest: ext4 on one device stack after the other, each on disks
# of its own, the same programs on each; one start of the tool sees them all.
#
# stacks-guest.sh [STACK...]	those alone; all of them: see the end
#
# Leaves in $RESULTS, for stacks-check.py: `edges` (UPPER LOWER, by name), `stacks` (NAME TOP
# DIR LEAF...), `work` (STACK and what its program counted), `before` and `after` (/sys/block/*/stat),
# `summary.json`, and `sysfs`, what /sys/block showed of the stacks.
P=/payload
M=/run/m	# mount points


disk() { # N: the node of the Nth disk
	readlink -f "/dev/disk$1"
}

name_of() { # NODE: its name in /sys/block, a partition's own; NAME of a disk without a node
	[ -b "$1" ] || { echo "$1"; return; }
	basename "$(readlink -f "/sys/dev/block/$(stat -Lc %Hr:%Lr "$1")")"
}

sectors() { # NODE
	blockdev --getsz "$1"
}

edge() { # UPPER-NODE LOWER-NODE...
	edge_upper=$(name_of "$1")
	shift
	for node; do
		echo "$edge_upper $(name_of "$node")" >>"$RESULTS/edges"
	done
}

# made NAME TOP-NODE LEAF-NODE...: a file system on TOP (a disk, or a partition of one)
made() {
	mke2fs -q -F -t ext4 -b 4096 -J size=8 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$2" &&
		mkdir -p "$M/$1" && mount -o noatime "$2" "$M/$1" || return
	made_dir=$1
	made_top=$(name_of "$2")
	[ ! -e "/sys/class/block/$made_top/partition" ] ||
		made_top=$(basename "$(readlink -f "/sys/class/block/$made_top/..")")
	shift 2
	made_leaves=
	for node; do
		made_leaves="$made_leaves $(name_of "$node")"
	done
	echo "$made_dir $made_top $M/$made_dir$made_leaves" >>"$RESULTS/stacks"
}

# No udev: LVM looks for itself, makes its own nodes and leaves nothing in /etc.
lvm_config() {
	export LVM_SYSTEM_DIR=/run/lvm-etc LVM_SUPPRESS_FD_WARNINGS=1
	mkdir -p $LVM_SYSTEM_DIR
	cat >$LVM_SYSTEM_DIR/lvm.conf <<-'END'
		devices { obtain_device_list_from_udev=0 use_devicesfile=0 md_component_detection=0
			multipath_component_detection=0 external_device_info_source="none" filter=[
			"r|/dev/disk|", "r|/dev/mapper|", "a|/dev/nvme|", "r|.*|" ] }
		activation { udev_sync=0 udev_rules=0 monitoring=0 }
		global { thin_check_executable="" event_activation=0 use_lvmpolld=0 locking_type=1 }
		backup { backup=0 archive=0 }
	END
}

# mapped NAME DISK TABLE-END: one dm device over a whole disk, by dmsetup
mapped() {
	dmsetup create "$1" --table "0 $(sectors "$2") $3" && edge "/dev/mapper/$1" "$2" &&
		made "$1" "/dev/mapper/$1" "$2"
}

# array NAME LEVEL DISK...
array() {
	array_name=$1 array_level=$2
	shift 2
	clean=
	[ "$array_level" = 0 ] || clean='--assume-clean -b none'
	# shellcheck disable=SC2086
	mdadm -C "/dev/md/$array_name" -q -R $clean -l "$array_level" -n $# "$@" </dev/null &&
		edge "/dev/md/$array_name" "$@" && made "$array_name" "/dev/md/$array_name" "$@"
}

key=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
build() {
	case $1 in
	part)
		echo 2048,,L | sfdisk -q "$(disk 1)" && made part "$(disk 1)p1" "$(disk 1)"
		;;
	linear)
		vgcreate -q v2 "$(disk 2)" >&2 && lvcreate -q -y -Zn -Wn -l 100%FREE -n l v2 >&2 &&
			edge /dev/mapper/v2-l "$(disk 2)" && made linear /dev/mapper/v2-l "$(disk 2)"
		;;
	thin)
		vgcreate -q v3 "$(disk 3)" >&2 &&
			lvcreate -q -y --type thin-pool -L 300M --poolmetadataspare n -n pool v3 >&2 &&
			lvcreate -q -y -V 256M -T v3/pool -n t >&2 &&
			edge /dev/mapper/v3-t /dev/mapper/v3-pool-tpool &&
			edge /dev/mapper/v3-pool /dev/mapper/v3-pool-tpool &&
			edge /dev/mapper/v3-pool-tpool /dev/mapper/v3-pool_tmeta /dev/mapper/v3-pool_tdata &&
			edge /dev/mapper/v3-pool_tmeta "$(disk 3)" && edge /dev/mapper/v3-pool_tdata "$(disk 3)" &&
			made thin /dev/mapper/v3-t "$(disk 3)"
		;;
	striped)
		vgcreate -q v4 "$(disk 4)" "$(disk 5)" >&2 &&
			lvcreate -q -y -Zn -Wn -i 2 -I 64k -l 100%FREE -n s v4 >&2 &&
			edge /dev/mapper/v4-s "$(disk 4)" "$(disk 5)" &&
			made striped /dev/mapper/v4-s "$(disk 4)" "$(disk 5)"
		;;
	crypt) mapped crypt "$(disk 6)" "crypt aes-xts-plain64 $key$key 0 $(disk 6) 0" ;;
	delay) mapped delay "$(disk 7)" "delay $(disk 7) 0 0 $(disk 7) 0 5" ;;
	flakey) # and a second one on the same disk, whose writes all fail
		mapped flakey "$(disk 8)" "flakey $(disk 8) 0 1000 0" &&
			dmsetup create errs --table "0 8192 flakey $(disk 8) 0 0 1000 1 error_writes" &&
			edge /dev/mapper/errs "$(disk 8)"
		;;
	dmmp) mapped dmmp "$(disk 9)" "multipath 0 0 1 1 round-robin 0 1 1 $(disk 9) 1000" ;;
	raid1) array raid1 1 "$(disk 10)" "$(disk 11)" ;;
	raid0) array raid0 0 "$(disk 12)" "$(disk 13)" ;;
	raid10) array raid10 10 "$(disk 14)" "$(disk 15)" "$(disk 16)" ;;
	raid5) array raid5 5 "$(disk 17)" "$(disk 18)" "$(disk 19)" ;;
	loop)
		made under "$(disk 20)" "$(disk 20)" && truncate -s 300M "$M/under/image" &&
			loop=$(losetup -f --show "$M/under/image") && edge "$loop" "$(disk 20)" &&
			made loop "$loop" "$(disk 20)" && sed -i '/^under /d' "$RESULTS/stacks"
		;;
	bcache)
		modprobe bcache && printf ',300M\n,\n' | sfdisk -q "$(disk 21)" &&
			make-bcache -b 64k -B "$(disk 21)p1" -C "$(disk 21)p2" >&2 &&
			echo "$(disk 21)p1" >/sys/fs/bcache/register && echo "$(disk 21)p2" >/sys/fs/bcache/register &&
			until [ -b /dev/bcache0 ]; do sleep 0.1; done &&
			edge /dev/bcache0 "$(disk 21)" && made bcache /dev/bcache0 "$(disk 21)"
		;;
	paths)
		echo round-robin >"/sys/block/$(name_of /dev/multipath)/device/iopolicy"
		paths=$(cd /sys/block && ls -d "$(name_of /dev/multipath | sed 's/n1$//')"c*n1)
		# shellcheck disable=SC2086 # hidden paths: names without nodes
		edge /dev/multipath $paths && made paths /dev/multipath $paths
		;;
	zram)
		modprobe zram && echo 256M >/sys/block/zram0/disksize && made zram /dev/zram0 /dev/zram0
		;;
	throttle)
		mkdir -p /sys/fs/cgroup/slow && made throttle "$(disk 22)" "$(disk 22)" &&
			echo "$(cat "/sys/block/$(name_of "$(disk 22)")/dev") wiops=10" >/sys/fs/cgroup/slow/io.max
		;;
	late) echo "late - - $(name_of "$(disk 23)") $(name_of "$(disk 24)")" >>"$RESULTS/stacks" ;;
	esac
}

stats() {
	for stat in /sys/block/*/stat; do
		disk=${stat#/sys/block/}
		awk -v disk="${disk%/stat}" '{ print disk, $3 * 512, $7 * 512 }' "$stat"
	done
}

# layout: the disks as /sys shows them
layout() {
	for dir in /sys/block/*; do
		case ${dir##*/} in loop[1-9]*) continue ;; esac
		echo "${dir##*/} dev=$(cat "$dir/dev" 2>/dev/null) hidden=$(cat "$dir/hidden") iostats=$(
			cat "$dir/queue/iostats") $([ ! -d "$dir/mq" ] || echo mq) slaves=$(
			find "$dir/slaves/" -type l -printf '%f,')"
	done
	cat /proc/diskstats
	lsblk -s
}

work() { # STACK WORKLOAD...
	work_stack=$1
	shift
	printf '%s %s\n' "$work_stack" "$($P/workload "$@")" >>"$RESULTS/work"
}

# What is measured.
works() {
	while read -r stack _ dir _; do
		case $stack in
		late) # an array that is made, resynced and checked while we look
			mdadm -C /dev/md/late -q -R -b none -l 1 -n 2 -z 48M "$(disk 23)" "$(disk 24)" </dev/null
			mdadm -W /dev/md/late
			echo check >"/sys/block/$(name_of /dev/md/late)/md/sync_action"
			mdadm -W /dev/md/late
			edge /dev/md/late "$(disk 23)" "$(disk 24)"
			sed -i "s/^late -/late $(name_of /dev/md/late)/" "$RESULTS/stacks"
			;;
		throttle)
			# shellcheck disable=SC2016
			sh -c 'echo $$ >/sys/fs/cgroup/slow/cgroup.procs
				/payload/workload direct-write "$1/direct" 4
				/payload/workload buffered-write "$1/buffered" 16
				/payload/workload append-fsync "$1/append" 23 100' sh "$dir" |
				sed "s/^/throttle /" >>"$RESULTS/work"
			;;
		*)
			for i in $([ "$stack" != flakey ] || seq 23); do
				dd if=/dev/zero of=/dev/mapper/errs bs=4096 seek="$i" count=1 oflag=direct 2>/dev/null &&
					echo "FAIL: write $i was to fail"
			done
			work "$stack" append-fsync "$dir/append" 200 100
			work "$stack" direct-write "$dir/direct" 4
			work "$stack" buffered-write "$dir/buffered" 16
			work "$stack" seq-read "$dir/read" --drop
			;;
		esac
		echo "$(cut -d ' ' -f 1 /proc/uptime) $stack done" >>"$RESULTS/times"
	done </run/stacks
}

cd /run || exit 125
if [ "$1" = works ]; then
	works
	exit 0
fi
[ $# -gt 0 ] || set -- part linear thin striped crypt delay flakey dmmp raid1 raid0 raid10 raid5 \
	loop bcache paths zram throttle late
: >"$RESULTS/edges"
: >"$RESULTS/stacks"
mkdir -p /dev/md
lvm_config
for stack; do
	build "$stack" || { echo "FAIL: $stack cannot be built"; failed=1; }
	echo "$(cut -d ' ' -f 1 /proc/uptime) $stack built" >>"$RESULTS/times"
done
while read -r stack _ dir _; do
	[ "$stack" != late ] || continue
	$P/workload prepare "$dir/direct" 4 >/dev/null
	$P/workload prepare "$dir/read" 4 >/dev/null
done <"$RESULTS/stacks"
sync
layout >"$RESULTS/sysfs"
cp "$RESULTS/stacks" /run/stacks
sleep 6	# md marks an idle array clean, ext4 commits what mounting changed
stats >"$RESULTS/before"
echo "$(cut -d ' ' -f 1 /proc/uptime) tool starts" >>"$RESULTS/times"
$P/ioamp-stat -v -a -j -o "$RESULTS/summary.json" -- "$0" works 2>"$RESULTS/verbose" || { echo "FAIL: ioamp-stat ended with $?"; failed=1; }
stats >"$RESULTS/after"
echo "$(cut -d ' ' -f 1 /proc/uptime) tool ended" >>"$RESULTS/times"
python3 $P/stacks-check.py "$RESULTS" || { failed=1; grep skipped "$RESULTS/verbose"; }
dmesg | grep -E 'WARNING|BUG:|Oops' && echo "FAIL: the kernel complained" && failed=1
exit ${failed:-0}
