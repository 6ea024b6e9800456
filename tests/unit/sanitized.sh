#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sanitized.sh DIR: builds the project in DIR with AddressSanitizer and
# UndefinedBehaviorSanitizer and runs its unit tests. 77: no sanitizers here.
dir=$1

echo 'int main(void) { return 0; }' | ${CC:-cc} -fsanitize=address,undefined -xc -o /dev/null - 2>/dev/null || {
	echo "SKIP: ${CC:-cc} has no -fsanitize=address,undefined (libasan, libubsan)"
	exit 77
}
cmake -S . -B "$dir" -DIOAMP_SANITIZE=ON -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS="-O0 -g1" >/dev/null &&
	cmake --build "$dir" -j2 --target unit_tests >"$dir/build.log" 2>&1 || {
	cat "$dir/build.log"
	exit 1
}
# a report ends the program, and so fails the test
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export ASAN_OPTIONS=abort_on_error=0:exitcode=99
ctest --test-dir "$dir" -L '^unit$' -j2 --output-on-failure
