#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""stacks-check - one summary of many device stacks against the kernel's own counters.

usage: stacks-check.py DIR     what stacks-guest.sh left

Prints `ok:` or `FAIL:` a line; status 1 after any failure.
"""
import json
import os
import re
import sys

SLACK = 65536               # written between our reading of /sys and the window's ends
KERNEL_THREAD = re.compile(r"^(kworker|jbd2|md\d|loop\d|dm|kcryptd|bcache|raid|kthreadd|kswapd)")
MEMORY = re.compile(r"^(zram|ram|pmem)\d")
# Stacks whose leaves write what the top is given; and mirrors, twice.
FACTORS = {"part": 1, "linear": 1, "thin": 1, "striped": 1, "crypt": 1, "delay": 1, "flakey": 1, "dmmp": 1,
           "raid0": 1, "paths": 1, "throttle": 1, "raid1": 2, "raid10": 2}
failed = 0


def check(good, text):
    global failed
    print(f"{'ok' if good else 'FAIL'}: {text}")
    failed |= not good


def near(a, b, permille, slack=0):
    return abs(a - b) <= b * permille / 1000 + slack


class Run:
    def __init__(self, folder):
        def lines(name):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                return [line.split() for line in f]

        with open(os.path.join(folder, "summary.json"), encoding="utf-8") as f:
            self.summary = json.load(f)
        self.disks = {disk["name"]: disk for disk in self.summary["devices"]}
        self.edges = [(up, low) for up, low in lines("edges")]
        self.stacks = {name: (top, leaves) for name, top, _, *leaves in lines("stacks")}
        before = {name: (int(r), int(w)) for name, r, w in lines("before")}
        self.truth = {name: tuple(int(n) - m for n, m in zip(rw, before.get(name, (0, 0))))
                      for name, *rw in lines("after")}
        self.work = {}
        with open(os.path.join(folder, "work"), encoding="utf-8") as f:
            for line in f:
                stack, _, text = line.partition(" ")
                self.work.setdefault(stack, []).append(json.loads(text))

    def levels(self, leaves):
        """The leaves and everything above them."""
        found = list(leaves)
        for low in found:
            found += [up for up, below in self.edges if below == low and up not in found]
        return found

    def rows(self, stack):
        pids = {work["pid"] for work in self.work.get(stack, [])}
        return [row for row in self.summary["rows"] if row["pid"] in pids]


def check_level(run, stack, name, leaf):
    disk = run.disks.get(name)
    if not disk:
        check(False, f"{stack}: {name} is not listed (the kernel: {run.truth.get(name)})")
        return
    check(disk["leaf"] == leaf, f"{stack}: {name}: leaf is {disk['leaf']}")
    parents = sorted({up for up, low in run.edges if low == name})
    check(sorted(disk["parents"]) == parents,
          f"{stack}: {name}: below {disk['parents']}, truly {parents}")
    for op, true in zip(("read", "write"), run.truth[name]):
        ours, kernel = disk[f"{op}_bytes"], disk[f"kernel_{op}_bytes"]
        if kernel is None:
            # the kernel does not count for the heads of NVMe multipath before 6.2
            below = sum(run.truth[low][op == "write"] for up, low in run.edges if up == name)
            check(true == 0 and near(ours, below, 5, SLACK),
                  f"{stack}: {name}: {op} {ours}, below it {below}, the kernel counts {true}")
            continue
        check(near(kernel, true, 5, SLACK),
              f"{stack}: {name}: kernel_{op}_bytes {kernel}, truly {true}")
        rest = disk[f"unexplained_{op}_bytes"]
        check(abs(rest) <= kernel * 5 / 1000, f"{stack}: {name}: {op} {ours}, "
              f"the kernel's {kernel}, unexplained {rest}{' exactly' if not rest else ''}")


def check_owner(run, stack, leaves):
    rows = run.rows(stack)
    for work in run.work[stack]:
        row = [row for row in rows if row["pid"] == work["pid"]]
        got = [(row["application"]["write"]["bytes"], row["application"]["sync"]["ops"])
               for row in row]
        if work["op"] in ("direct-write", "buffered-write"):
            data = sum(row["filesystem"]["write"]["data"]["bytes"] for row in row)
            check(data == work["write_bytes"],
                  f"{stack}: {work['op']}: data {data}, truly {work['write_bytes']}")
        check(got == [(work["write_bytes"], work["syncs"])],
              f"{stack}: {work['op']}: application {got}, truly {work['write_bytes']} bytes, "
              f"{work['syncs']} syncs")
    for op in ("read", "write"):
        mine = sum(row["device"][op]["bytes"] for row in rows)
        if MEMORY.match(leaves[0]):
            check(mine == 0, f"{stack}: {op}: {mine} device bytes of a memory device in rows")
            continue
        total = sum(run.truth[name][op == "write"] for name in leaves)
        check(mine >= total * 97 / 100 and mine <= total,
              f"{stack}: the programs own {mine} of {total} {op} bytes of the leaves "
              f"({100 * mine / max(total, 1):.2f} %)")
    if not MEMORY.match(leaves[0]):
        kinds = {}
        for name in leaves:
            for kind, n in run.disks.get(name, {"write_by_kind": {}})["write_by_kind"].items():
                kinds[kind] = kinds.get(kind, 0) + n
        check(kinds.get("owner", 0) >= sum(kinds.values()) * 97 / 100,
              f"{stack}: leaves by kind {kinds}")


def check_factor(run, stack, top, leaves):
    upper, lower = run.truth[top][1], sum(run.truth[name][1] for name in leaves)
    rows = run.rows(stack)
    asked = sum(io["bytes"] for row in rows for io in row["filesystem"]["write"].values())
    classes = {}
    for row in rows:
        for name, n in row["device"]["write_classes"].items():
            classes[name] = classes.get(name, 0) + n
    if stack != "paths":    # no counter there
        check(near(asked, upper, 30, SLACK),
              f"{stack}: the programs' bios {asked}, {top}'s counter {upper}")
    if stack in FACTORS:
        check(near(sum(classes.values()), FACTORS[stack] * asked, 30, SLACK),
              f"{stack}: {asked} bytes became {sum(classes.values())}, truly {lower}: "
              f"{FACTORS[stack]} x")
        for row in rows:
            data, became = (row["filesystem"]["write"]["data"]["bytes"],
                            row["device"]["write_classes"]["data"])
            # what dm-thin writes for itself is shared
            check(near(became, FACTORS[stack] * data, 20 if stack == "thin" else 5),
                  f"{stack}: {row['pid']}: data {data} became {became}")
    if stack == "raid5":
        check(near(classes.get("raid", 0), lower - upper, 50, SLACK),
              f"{stack}: parity {classes.get('raid')}, truly {lower} - {upper} = {lower - upper}")


def check_late(run, leaves):
    row = [row for row in run.summary["rows"] if row["kind"] == "background"]
    raid = sum(row["device"]["write_classes"]["raid"] for row in row)
    wrote = sum(run.truth[name][1] for name in leaves)
    check(raid >= (48 << 20) * 97 / 100,
          f"late: raid bytes in the background {raid}, the leaves wrote {wrote}")
    for name in leaves:
        disk = run.disks.get(name)
        if disk and disk["write_bytes"] > 1 << 20:
            check(disk["write_by_kind"]["background"] >= disk["write_bytes"] * 97 / 100,
                  f"late: {name} by kind {disk['write_by_kind']}")
    reads = sum(row["device"]["read"]["bytes"] for row in row)
    check(reads >= 3 * (48 << 20) * 97 / 100, f"late: read in the background {reads}")


def check_errors(run):
    """23 writes of 4096 bytes that failed above the disk."""
    name = next(up for up, low in run.edges if low == run.stacks["flakey"][1][0]
                and up != run.stacks["flakey"][0])
    disk = run.disks.get(name, {"error_bytes": None, "write_bytes": None})
    check(disk["error_bytes"] == disk["write_bytes"] == run.truth[name][1] == 23 * 4096,
          f"flakey: {name}: {disk['error_bytes']} of {disk['write_bytes']} bytes failed, "
          f"the kernel counts {run.truth[name][1]}, truly {23 * 4096}")


def check_machine(run):
    summary = run.summary
    check(summary["complete"], f"complete; losses {summary['losses']}")
    dark = {name: layer["reason"] for name, layer in summary["layers"].items()
            if not layer["available"]}
    check(not dark, f"layers that were not seen: {dark}")
    if dark:
        sys.exit(failed)
    for op in ("read", "write"):
        rows = sum(row["device"][op]["bytes"] for row in summary["rows"])
        leaves = sum(disk[f"{op}_bytes"] for name, disk in run.disks.items()
                     if disk["leaf"] and not MEMORY.match(name))
        totals = summary["totals"]["device"][op]["bytes"]
        check(rows == leaves == totals, f"{op}: rows {rows}, leaves {leaves}, totals {totals}")
    names = [row["comm"] for row in summary["rows"] if KERNEL_THREAD.match(row["comm"] or "")]
    check(not names, f"rows of kernel threads: {names}")


def main():
    run = Run(sys.argv[1])
    check_machine(run)
    for stack, (top, leaves) in run.stacks.items():
        for name in run.levels(leaves):
            check_level(run, stack, name, name in leaves)
        if stack == "late":
            check_late(run, leaves)
        else:
            check_owner(run, stack, leaves)
            check_factor(run, stack, top, leaves)
    if "flakey" in run.stacks:
        check_errors(run)
    return failed


if __name__ == "__main__":
    sys.exit(main())
