#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_repeat.sh - ./setup test repeats one or two failed tests that trace, once, and names them. It
# does not repeat more than two, nor other kinds of tests.
cd "$(dirname "$0")/../.." || exit 1
. tests/doc/lib.sh

# setup with run_ctest instead of its last part, which runs a step.
{
	sed '/^step=/,$d' setup
	echo run_ctest
} >"$tmp/setup"

# Makes a build directory in which each TEST fails the first time; live.never always fails.
tests_of() { # TEST...
	rm -rf "$tmp/build" "$tmp"/ran.*
	mkdir "$tmp/build"
	echo 'add_test(unit.good true)' >"$tmp/build/CTestTestfile.cmake"
	for test; do
		cat >>"$tmp/build/CTestTestfile.cmake" <<-END
			add_test($test sh -c "test -e $tmp/ran.$test -a $test != live.never || { : >$tmp/ran.$test; exit 1; }")
		END
	done
}

outcome() { # NAME STATUS PATTERN...: of run_ctest; each PATTERN matches one line
	sh "$tmp/setup" >"$tmp/out" 2>&1
	status=$?
	[ "$status" = "$2" ] || fail "$1: status $status instead of $2"
	name=$1
	shift 2
	for pattern; do
		[ "$(grep -cE "$pattern" "$tmp/out")" = 1 ] || fail "$name: not one line /$pattern/"
	done
}

tests_of live.once vm.once
outcome "two pass when repeated" 0 "^setup: first run: 1 passed, 2 failed" \
	"^setup: repeated once: live.once: passed" "^setup: repeated once: vm.once: passed" \
	"^100% tests passed, 0 tests failed out of 2"
tests_of live.never live.once
outcome "one fails again" 8 "^setup: repeated once: live.never: failed" \
	"^setup: repeated once: live.once: passed" "^50% tests passed, 1 tests failed out of 2"
for tests in "live.a live.b live.c" "unit.bad live.a" "bpf.bad"; do
	# shellcheck disable=SC2086 # words
	tests_of $tests
	outcome "$tests" 8 " tests failed out of "
	! grep -q "repeated" "$tmp/out" || fail "$tests: repeated"
done
tests_of
outcome "nothing fails" 0 "^100% tests passed, 0 tests failed out of 1"
tail -n 1 "$tmp/out" | grep -q '^Total Test time' || fail "the last line is not ctest's"

end_if_failed
echo "failed tests are repeated as the help says"
