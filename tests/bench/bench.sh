#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench - what tracing costs: each figure beside the same without us, in one run.
# bench.sh [ROUNDS]; needs root and a quiet machine. Prints a table; never a test.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
rounds=${1:-7}
cmake --build "$BUILD" --target oneprobe workload >/dev/null || exit 1
. tests/live/scratch.sh
stat=$BUILD/bin/ioamp-stat work=$BUILD/tests/workload one=$BUILD/tests/oneprobe
scratch_fs_new ext4 1024
file=$SCRATCH_DIR/file log=$SCRATCH_TMP/log

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }

# Milliseconds from our exec to the start of the command.
start_ms() {
	local t0 t1
	t0=$(date +%s%N)
	t1=$("$@" date +%s%N 2>/dev/null | head -1)
	echo $(((t1 - t0) / 1000)) | awk '{ print $1 / 1000 }'
}

# ns_of FIELD COMMAND...: a field of the workload's own answer.
ns_of() {
	local field=$1
	shift
	"$@" 2>/dev/null | grep -m1 '"op"' | jq -r ".$field"
}

echo "kernel $(uname -r), $(nproc) CPUs, $rounds rounds, medians"
ours= theirs=
for _ in $(seq "$rounds"); do
	ours="$ours $(start_ms "$stat" -o /dev/null --)"
	theirs="$theirs $(start_ms "$one" compile)"
done
a=$(printf '%s\n' $ours | median) b=$(printf '%s\n' $theirs | median)
echo "start to command, all probes: $a ms; one libbcc probe: $b ms; ratio $(echo "$a $b" | awk '{ print $1 / $2 }')"

"$stat" -o /dev/null -- sh -c 'read x < /proc/$PPID/statm; grep VmRSS /proc/$PPID/status; true' 2>/dev/null |
	awk '{ print "resident memory while tracing: " $2 " kB" }'

"$work" prepare "$file" >/dev/null
"$work" seq-read "$file" >/dev/null
plain= empty= full=
for _ in $(seq "$rounds"); do
	plain="$plain $(ns_of ns_best "$work" cached-read "$file" 300000)"
	empty="$empty $(ns_of ns_best "$one" insns "$work" cached-read "$file" 300000)"
	full="$full $(ns_of ns_best "$stat" -o /dev/null -- "$work" cached-read "$file" 300000)"
done
p=$(printf '%s\n' $plain | median) e=$(printf '%s\n' $empty | median) f=$(printf '%s\n' $full | median)
echo "cached 4 KiB read: plain $p ns, empty program $e ns, ioamp-stat $f ns;" \
	"(ours - plain) / (empty - plain) = $(echo "$p $e $f" | awk '{ print ($3 - $1) / ($2 - $1) }')"

layers=$BUILD/bin/iolatency-layers
plain= pair= full=
for _ in $(seq "$rounds"); do
	plain="$plain $(ns_of ns_best "$work" cached-read "$file" 300000)"
	pair="$pair $(ns_of ns_best "$one" pair "$work" cached-read "$file" 300000)"
	full="$full $(ns_of ns_best "$layers" -o /dev/null -- "$work" cached-read "$file" 300000)"
done
p=$(printf '%s\n' $plain | median) e=$(printf '%s\n' $pair | median) f=$(printf '%s\n' $full | median)
echo "cached 4 KiB read: plain $p ns, empty pair of programs $e ns, iolatency-layers $f ns;" \
	"(ours - plain) / (pair - plain) = $(echo "$p $e $f" | awk '{ print ($3 - $1) / ($2 - $1) }')"

# 4 KiB folios: written in 4 KiB steps, never read ahead
small=$SCRATCH_DIR/small
dd if=/dev/zero of="$small" bs=4k count=16384 2>/dev/null
sync
plain= page= inode=
for _ in $(seq "$rounds"); do
	plain="$plain $(ns_of ns_per_op "$work" random-rewrite "$small" 100000 1)"
	sync
	page="$page $(ns_of ns_per_op "$stat" --ownership page -o /dev/null -- "$work" random-rewrite "$small" 100000 1)"
	sync
	inode="$inode $(ns_of ns_per_op "$stat" --ownership inode -o /dev/null -- "$work" random-rewrite "$small" 100000 1)"
	sync
done
p=$(printf '%s\n' $plain | median) g=$(printf '%s\n' $page | median) i=$(printf '%s\n' $inode | median)
echo "4 KiB buffered random rewrite: plain $p ns, by inode $i ns, by page $g ns:" \
	"$(echo "$p $i $g" | awk '{ printf "%+.1f %%, %+.1f %%", ($2 / $1 - 1) * 100, ($3 / $1 - 1) * 100 }')"

plain= full=
for _ in $(seq "$rounds"); do
	plain="$plain $(ns_of ns_per_op "$work" direct-random "$file" 10000)"
	full="$full $(ns_of ns_per_op "$stat" -o /dev/null -- "$work" direct-random "$file" 10000)"
done
p=$(printf '%s\n' $plain | median) f=$(printf '%s\n' $full | median)
spread=$(paste <(printf '%s\n' $plain) <(printf '%s\n' $full) | awk '{ print ($2 / $1 - 1) * 100 }' | sort -n |
	awk '{ v[NR] = $1 } END { printf "%.1f to %.1f %%", v[1], v[NR] }')
echo "4 KiB O_DIRECT write: plain $p ns, ioamp-stat $f ns ($(echo "$p $f" | awk '{ printf "%+.1f %%", ($2 / $1 - 1) * 100 }'); pairs $spread)"

old=$(sysctl -n kernel.bpf_stats_enabled)
sysctl -qw kernel.bpf_stats_enabled=1
"$stat" -v -o /dev/null -- "$work" direct-random "$file" 20000 >/dev/null 2>"$log"
awk -v n=20000 '/ runs, / { sum += $3 * $5 } END { printf "4 KiB O_DIRECT write: %.2f us of program run time per I/O\n", sum / n / 1000 }' "$log"
grep -E 'ioamp_(call|bio|issue|done) ' "$log" | sed 's/^ioamp-stat: */  /'
"$stat" -v -o /dev/null -- "$work" random-rewrite "$small" 100000 1 >/dev/null 2>"$log"
grep -E 'ioamp_(dirty|bio_more) ' "$log" | sed 's/^ioamp-stat: */  /'
"$stat" -v -o /dev/null -- "$work" cached-read "$file" 300000 >/dev/null 2>"$log"
grep -E 'ioamp_call ' "$log" | sed 's/^ioamp-stat: */  /'
sysctl -qw kernel.bpf_stats_enabled="$old"
