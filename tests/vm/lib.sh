# SPDX-License-Identifier: GPL-3.0-or-later
# lib - what the tests in guests share: the payload, one run of a guest, the verdict.
# Sourced by tests/vm/*.sh; needs BUILD (the build folder).

BUILD=${BUILD:-build}
PAYLOAD=$(mktemp -d)
trap 'rm -rf "$PAYLOAD"' EXIT

# The tools, the workload program and the guest's half of the test.
cp "$BUILD"/bin/io* "$BUILD"/tests/workload "$BUILD"/tests/progs \
	tests/unit/check_schema.py tests/data/summary.schema.json \
	tests/data/doctor.schema.json "$PAYLOAD"
cp tests/vm/guest.sh "$PAYLOAD"/run
chmod +x "$PAYLOAD"/run

# guest RUN-OPTIONS... -- GUEST-ARGS...: boots, prints, exits with the guest's status.
guest() {
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	tests/vm/run $options "$PAYLOAD" "$@"
}
