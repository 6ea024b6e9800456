#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# ioamp-doctor: exit statuses, who may run it, JSON, misuse, and what a killed self-test leaves.

# shellcheck disable=SC2016,SC2317 # texts for inner shells; functions that soon calls
# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"
IOAMP_CACHE=$R/cache # no compiler is interrupted here

DOCTOR=$BUILD/bin/ioamp-doctor
SCHEMA=$LIB_LIVE/../data/doctor.schema.json

valid() { # NAME FILE
	python3 "$LIB_LIVE/../unit/check_schema.py" "$2" "$SCHEMA" >"$R/schema" 2>&1
	case $? in
	0 | 77) ;;
	*) fail "$1: $(cat "$R/schema")" ;;
	esac
}

# every limit and missing says what to type, in the report and in JSON
remedied() { # NAME FILE
	check "$1: problems without a fix" "$(awk '
		/^  (limit|missing) / && bad { n++ }
		/^  (limit|missing) / { bad = 1 }
		/^  (ok|info|unknown) / && bad { n++ }
		/^  (ok|info|unknown) /  { bad = 0 }
		/^ +fix: [^ ]/ { bad = 0 }
		END { print n + bad }' "$2")" eq 0
}

narrow() { # NAME FILE
	check "$1: lines of 80 columns and more" "$(grep -c '.\{80\}' "$2")" eq 0
}

# ---- this machine ----
run "$DOCTOR"
check "status here" "$STATUS" eq 0
check "nothing on stderr: $(cat "$R/err")" "$(wc -c <"$R/err")" eq 0
for name in kernel privileges lockdown libbcc BTF tracefs kprobes fentry application vfs cache \
	filesystem block device; do
	check "a line for $name" "$(grep -cE "^  (ok|info|unknown|limit|missing) +$name  +[^ ]" "$R/out")" eq 1
done
remedied "here" "$R/out"
narrow "here" "$R/out"
run "$DOCTOR" -v
check "-v: a line per probe" "$(sed -n '/^Probes/,/^[TU]/p' "$R/out" |
	grep -cE '^  (ok|info|limit) ')" ge 20
narrow "-v" "$R/out"
run "$DOCTOR" -q
check "-q: status" "$STATUS" eq 0
check "-q: lines of what is well" "$(grep -cE '^  (ok|info|unknown) ' "$R/out")" eq 0
run "$DOCTOR" -j
check "-j: status" "$STATUS" eq 0
check "-j: one line" "$(wc -l <"$R/out")" eq 1
valid "-j" "$R/out"
check "-j: usable" "$(json .usable "$R/out")" is true
check "-j: limits are counted" "$(json '[.checks[], .layers[]] | map(select(.verdict == "limit" or
	(.available == false) or (.available == true and .reason != null))) | length' "$R/out")" eq \
	"$(json .limits "$R/out")"
run "$STAT" -j -- true
run_layers=$(json '[.layers[].via]' "$R/out" | tr -d ' \n')
run "$DOCTOR" -j
check "the plan is what ioamp-stat does" "$(json '[.layers[].via]' "$R/out" | tr -d ' \n')" is \
	"$run_layers"
run "$DOCTOR" -o "$R/report"
check "-o: stdout" "$(wc -c <"$R/out")" eq 0
check "-o: the report" "$(grep -cE '^  (ok|limit) +kernel  ' "$R/report")" eq 1
run sh -c "'$DOCTOR' | head -1"
check "head: $(cat "$R/err")" "$(wc -l <"$R/out") $(wc -c <"$R/err")" is "1 0"
run sh -c "exec '$DOCTOR' >/dev/full"
check "a full device" "$STATUS" eq 1
run "$DOCTOR" --color always
check "colour" "$(grep -c "$(printf '\033')\[" "$R/out")" ge 10

# ---- misuse ----
for words in --nonsense -Z -p1 --csv '--systems x' '--systems 1 2' --lint '--scratch /tmp' x '-- true' '--color pink' '--layer x'; do
	# shellcheck disable=SC2086 # several words
	run "$DOCTOR" $words
	check "$words: status" "$STATUS" eq 2
	check "$words: stdout" "$(wc -c <"$R/out")" eq 0
	check "$words: lines on stderr" "$(wc -l <"$R/err")" eq 2
done
for option in -h --help -V --version; do
	run "$DOCTOR" "$option"
	check "$option" "$STATUS $(wc -c <"$R/err")" is "0 0"
	check "$option: its name" "$(grep -c ioamp-doctor "$R/out")" ge 1
done

# ---- systems: who is what, by points; a rule file with its errors ----
mkdir "$R/rules"
cat >"$R/rules/nap.conf" <<'EOF'
[system "nap"]
exe     = nap
cmdline = nap
comm    = nap
docs    = https://nap.example/
frontdoor = nap_bytes_total
EOF
cp "$(command -v sleep)" "$R/nap"
"$R/nap" 600 &
real=$!
bash -c 'exec -a nap sleep 600' &
fake=$!
scratch_at_exit scratch_kill "$real" "$fake"
until [ "$(tr '\0' ' ' <"/proc/$real/cmdline")" = "$R/nap 600 " ] &&
	[ "$(tr '\0' ' ' <"/proc/$fake/cmdline")" = 'nap 600 ' ]; do :; done
IOAMP_SYSTEMS=$R/rules
export IOAMP_SYSTEMS
run "$DOCTOR" -j --systems
check "--systems: status" "$STATUS" eq 0
check "--systems: the real one" "$(json ".processes[] | select(.pid == $real) | [.system, .candidates[0].points] |
	tojson" "$R/out")" is '["nap",95]'
check "--systems: the other" "$(json ".processes[] | select(.pid == $fake) | [.system, .candidates[0].points] |
	tojson" "$R/out")" is '["other",40]'
run "$DOCTOR" --systems -v "$real"
check "--systems -v: docs and frontdoor" "$(grep -cE \
	'^  (docs: https://nap.example/|frontdoor: nap_bytes_total)$' "$R/out")" eq 2
run "$DOCTOR" --systems "$fake"
check "--systems PID: status" "$STATUS" eq 0
check "--systems PID: the evidence" "$(grep -c "nap 40: cmdline +40 nap\$" "$R/out")" eq 1
check "--systems PID: no other" "$(grep -c "^ *$real " "$R/out")" eq 0
run "$DOCTOR" --systems 4194304
check "--systems of no process" "$STATUS $(grep -c 'error IOAMP-E185' "$R/err")" is "1 1"
# A zombie: its parent sleeps and does not wait for it.
# shellcheck disable=SC2016 # expanded there
bash -c 'sleep 0.3 & echo $! >"$1"; exec sleep 600' - "$R/zombie" &
parent=$!
scratch_at_exit scratch_kill "$parent"
until zombie=$(cat "$R/zombie" 2>/dev/null) && grep -q '^State:.Z' "/proc/$zombie/status" 2>/dev/null; do :; done
run "$DOCTOR" --systems "$zombie"
check "--systems of a zombie" "$STATUS $(grep -c 'why: .* is a zombie' "$R/err")" is "1 1"
kill "$parent"
unset IOAMP_SYSTEMS
kill "$real" "$fake"
run "$DOCTOR" --lint "$R/rules/nap.conf"
check "--lint: good" "$STATUS $(cat "$R/out")" is "0 $R/rules/nap.conf: nap: 0 roles"
echo '  unti = x' >>"$R/rules/nap.conf"
run "$DOCTOR" --lint "$R/rules/nap.conf"
check "--lint: an error" "$STATUS $(cat "$R/out")" is \
	"1 $R/rules/nap.conf:7:3: unknown key 'unti' of a system; did you mean unit?"
run "$DOCTOR" --lint "$R/nowhere"
check "--lint: no file" "$STATUS $(grep -c 'error IOAMP-E186' "$R/err")" is "1 1"

# ---- without what it takes: still a report, and status 3 ----
run env IOAMP_LIBBCC=/nonexistent "$DOCTOR"
check "no libbcc: status" "$STATUS" eq 3
check "no libbcc: said" "$(grep -cE '^  missing +libbcc ' "$R/out")" eq 1
check "no libbcc: what to type" "$(grep -c 'fix: .*install.*libbpfcc' "$R/out")" eq 1
check "no libbcc: no plan" "$(grep -cE '^  unknown +attach plan ' "$R/out")" eq 1
run env IOAMP_LIBBCC=/nonexistent "$DOCTOR" -j
check "no libbcc, -j: status" "$STATUS" eq 3
valid "no libbcc" "$R/out"
check "no libbcc: no layers" "$(json '[.usable, .layers, .probes]|tojson' "$R/out")" is "[false,null,null]"
mkdir "$R/bin"
cp "$DOCTOR" "$R/bin" # the build directory may be closed to others
if command -v setpriv >/dev/null; then
	nobody="setpriv --reuid 65534 --regid 65534 --clear-groups $R/bin/ioamp-doctor"
	# shellcheck disable=SC2086
	run $nobody
	check "no root: status" "$STATUS" eq 3
	check "no root: missing" "$(grep -cE '^  missing ' "$R/out")" eq 1
	check "no root: what to type" "$(grep -c "fix: sudo $R/bin/ioamp-doctor\$" "$R/out")" eq 1
	remedied "no root" "$R/out"
	# shellcheck disable=SC2086
	run $nobody -j
	check "no root, -j: status" "$STATUS" eq 3
	valid "no root" "$R/out"
	# shellcheck disable=SC2086
	run $nobody --selftest
	check "no root, --selftest: status" "$STATUS" eq 3
	check "no root, --selftest: the error" "$(grep -c '^ioamp-doctor: error IOAMP-E101: ' "$R/err")" eq 1
else
	echo "left out: setpriv is not installed"
fi
run env IOAMP_LIBBCC=/nonexistent "$DOCTOR" --selftest
check "no libbcc, --selftest: status" "$STATUS" eq 3
check "no libbcc, --selftest: the error" "$(grep -c '^ioamp-doctor: error IOAMP-E141: ' "$R/err")" eq 1
if unshare -m true 2>/dev/null; then
	run unshare -m sh -c "umount -a -t tracefs; umount -a -t debugfs; exec '$DOCTOR' -q"
	check "no tracefs: status" "$STATUS" eq 3
	check "no tracefs: what to type" "$(grep -c 'fix: sudo mount -t tracefs' "$R/out")" eq 1
fi

# ---- a self-test that is ended: nothing is left ----
mkdir "$R/disk"
ours() { # what a self-test has while it runs
	losetup -n -O BACK-FILE -l 2>/dev/null | grep -c ioamp-selftest
	find "$R/disk" -mindepth 1
	pgrep -x ioamp-known
	pgrep -x ioamp-guard
}
nothing_left() {
	[ "$(ours | sort -u | tr -d '\n')" = 0 ]
}
has_mount() { # PID: a mount that we do not see
	[ -e "/proc/$1/mountinfo" ] || return 0
	[ "$(grep -c . "/proc/$1/mountinfo")" -gt "$(grep -c . /proc/self/mountinfo)" ]
}
traces_before
for signal in INT TERM HUP KILL; do
	case $signal in
	HUP) number=1 ;;
	INT) number=2 ;;
	KILL) number=9 ;;
	TERM) number=15 ;;
	esac
	for scratch in '' "--scratch $R/disk"; do
		# shellcheck disable=SC2086
		env --default-signal=INT,HUP "$DOCTOR" --selftest $scratch >"$R/out" 2>"$R/err" &
		TOOL=$!
		soon has_mount "$TOOL" || fail "$signal: no file system was made"
		kill -s "$signal" "$TOOL"
		wait "$TOOL" 2>/dev/null
		STATUS=$?
		check "$signal $scratch: status" "$STATUS" eq "$((128 + number))"
		check "$signal $scratch: stdout" "$(wc -c <"$R/out")" eq 0
		soon nothing_left || fail "$signal $scratch: left: $(ours | tr '\n' ' ')"
		soon nothing_new || fail "$signal $scratch: left: $(cat "$R/objects.new" "$R/left.new")"
	done
done
robust_finish
