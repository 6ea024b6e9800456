#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# table.sh - what real systems write for what their clients write, by size; the measurement in
# man/examples/systems.txt. About ten minutes; on a machine that does nothing else.
#
# usage: sudo tests/systems/table.sh [SYSTEM...]	default: all that are installed
#
# CLIENT	bytes of values that clients handed over: SIZE times N
# APPL		bytes that the system's processes wrote to their files
# DATA JOURNAL META	bytes on the disk, by class; DEVICE: their sum, all of that disk
# FACTOR	DEVICE / CLIENT
# SYNC		sync calls for each of the N
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=$(mktemp) || exit
trap 'rm -f "$out"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

version() {
	export PATH="$PATH:/usr/sbin:$HOME/.cache/ioamp-systems"
	case $1 in
	postgres) psql --version ;;
	etcd) etcd --version ;;
	redis) redis-server --version ;;
	mariadb) mariadb --version ;;
	minio) minio --version ;;
	glusterfs) glusterfs --version ;;
	ceph) ceph --version ;;
	esac 2>/dev/null | head -n 1
}

rows() {
	awk -F '\t' '
		function human(n,  i) {
			for (i = 0; n >= 999.5 && i < 4; i++)
				n /= 1024
			return sprintf(i == 0 ? "%d" : n < 9.95 ? "%.1f%s" : "%.0f%s", n, substr("KMGT", i, 1))
		}
		$1 == "LINE" {
			if ($2 != what)
				printf "%s%s\n\n%9s %5s %7s %7s %7s %7s %7s %7s %8s %6s\n", what ? "\n" : "", $2,
					"SIZE", "N", "CLIENT", "APPL", "DATA", "JOURNAL", "META", "DEVICE",
					"FACTOR", "SYNC"
			what = $2
			factor = $11 / $5
			printf "%9d %5d %7s %7s %7s %7s %7s %7s %8s %6.2f\n", $3, $4, human($5), human($6),
				human($8), human($9), human($10), human($11),
				sprintf(factor < 100 ? "%.2fx" : "%.0fx", factor), $7 / $4
		}' "$out"
}

status=0
[ $# -gt 0 ] || set -- postgres etcd redis mariadb minio glusterfs ceph
# shellcheck disable=SC1091
echo "$(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r | cut -d - -f 1), ext4 on a loop device over memory"
for system; do
	"$here/$system.sh" table >"$out"
	case $? in
	0) ;;
	77) ;;
	*) status=1 ;;
	esac
	printf '\n%s\n' "$(version "$system")"
	rows
	grep -v '^LINE' "$out" # a reason to skip it, or what failed
done
exit "$status"
