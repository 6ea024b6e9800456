#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""invariants - what must hold in every summary, whatever was measured.

usage: invariants.py [-a] FILE [DISK...]
       invariants.py --collected FILE

FILE is one ioamp.summary/1 object, of a test that nothing disturbs: complete, without losses.
The DISKs were the test's own: they must be listed and agree with the kernel's counters to the
byte. -a: totals are the sum of all rows, not only of the owners.

--collected: FILE has a line "# NAME" and then the summaries of the file NAME, one a line, for
each file that a test made. Summaries may be incomplete, and must say why. Those of one file that
follow each other in time are the intervals of one run, and hold together, too.

Prints each violation; status 0, 1 on any.
"""
import datetime
import json
import os
import re
import subprocess
import sys

from shape import misfits

HERE = os.path.dirname(os.path.abspath(__file__))
KERNEL_THREAD = re.compile(r"^(kworker|jbd2/|kblockd|loop\d|kswapd|flush-|kthreadd)")
# leaves of their own kind: in no row's device bytes
MEMORY = re.compile(r"^(zram|ram|pmem)\d")
FIGURES = ("application", "vfs", "cache", "filesystem", "block", "device")
ABSURD = 1 << 60	# more than any disk has moved since it was made
WHILE_READING = 1 << 20	# of programs that write on while one table after another is read
FUSE_SERVER = "FUSE_SERVER" in os.environ	# the test has one
ONE_DISK = "ONE_DISK" in os.environ	# the test measures with -d, where dirty bytes are those of all disks
JUST_A_LOSS = "events"	# a line of iosnoop-amp; no total is lower for it
faults = []


def expect(good, text):
    if not good:
        faults.append(text)


def numbers(value, path=""):
    """Every number below, with its path; null as None."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "estimate":
                yield from numbers(item, f"{path}.{key}")
    elif value is None or isinstance(value, (int, float)):
        yield path, value


def class_sum(classes):
    return sum(io["bytes"] for io in classes.values())


def ratio_is(name, factor, over, under):
    if factor is not None and under:
        expect(abs(factor - over / under) <= 1e-9 * max(abs(factor), 1e-9),
               f"{name}: {factor} is not {over} / {under}")


def check_chain(name, row, op, interval):
    amp = row["amplification"][op]
    app, fs, block, device = (row["application"], row["filesystem"], row["block"], row["device"])
    if app is not None and device is not None:
        under, over = app[op]["bytes"], device[op]["bytes"]
        # bytes caused before the window are no part of the factor; the summary has their sum only
        before = device["before_bytes"]
        if under == 0:
            expect(amp["bytes"] is None, f"{name}: factor {amp['bytes']} of nothing")
        else:
            expect(amp["bytes"] is not None, f"{name}: no factor of {over} / {under}")
            if before:
                expect((over - before) / under - 1e-9 <= amp["bytes"] <= over / under + 1e-9,
                       f"{name}: factor {amp['bytes']} is not within {over} less {before} / {under}")
            else:
                ratio_is(f"{name}: factor", amp["bytes"], over, under)
    if row["vfs"] is None:
        expect(amp["ops"] is None, f"{name}: an operation factor without vfs")
    factors = [step["factor"] for step in amp["chain"]]
    if amp["bytes"] is not None and factors and None not in factors:
        product = 1.0
        for factor in factors:
            product *= factor
        expect(abs(product - amp["bytes"]) <= 1e-9 * max(abs(product), amp["bytes"]),
               f"{name}: product of {factors} is not {amp['bytes']}")
    # what was queued before is no part either, and with intervals the device has it in another one
    for step in amp["chain"] if not (interval or device and device["before_bytes"]) else ():
        pair = (step["from"], step["to"])
        if pair == ("filesystem", "block"):
            ratio_is(f"{name}: {pair}", step["factor"], block[op]["bytes"], class_sum(fs[op]))
        if pair == ("block", "device"):
            ratio_is(f"{name}: {pair}", step["factor"], device[op]["bytes"], block[op]["bytes"])
    for step, after in zip(amp["chain"], amp["chain"][1:]):
        expect(step["to"] == after["from"], f"{name}: the chain is broken at {step['to']}")
        expect(step["factor"] not in (0, None) or after["factor"] is None,
               f"{name}: the chain goes on after {step['factor']} at {step['to']}")


def direct_written(row):
    """Bytes written past the cache, from the first step of the chain; None where it is not known."""
    chain, asked = row["amplification"]["write"]["chain"], row["application"]["write"]["bytes"]
    if not asked:
        return 0
    if not chain or chain[0]["to"] != "cache" or chain[0]["factor"] is None:
        return None
    return round(asked * chain[0]["factor"]) - row["cache"]["dirtied_bytes"]


def data_bytes(row):
    """(what came: dirtied, direct, from before; what is gone: written, cancelled; what is pending)."""
    cache, fs = row["cache"], row["filesystem"]
    if None in (cache, fs, row["application"], row["device"]) or \
            None in (cache["dirtied_bytes"], cache["cancelled_bytes"], cache["pending_bytes"]):
        return None
    direct = direct_written(row)
    if direct is None:
        return None
    return (cache["dirtied_bytes"] + direct + row["device"]["before_bytes"],
            fs["write"]["data"]["bytes"] + cache["cancelled_bytes"], cache["pending_bytes"])


def check_dirtied(name, bytes_of, ended):
    """
    What became dirty is written, cancelled or pending, each byte once. It is counted by folio and
    written by block: what came may be more, and never less. Who writes on (ended is false) does so
    while the counters are read.
    """
    if bytes_of:
        came, gone, pending = bytes_of
        expect(gone <= came + (0 if ended else WHILE_READING) and gone + pending <= came + WHILE_READING,
               f"{name}: {gone} bytes of data written or cancelled and {pending} pending, "
               f"but only {came} dirtied, direct or from before")


def check_row(row, name, interval):
    for path, value in numbers({key: row[key] for key in FIGURES}):
        expect(value is None or 0 <= value < ABSURD, f"{name}{path} is negative or absurd: {value}")
    app, fs, block, device = (row["application"], row["filesystem"], row["block"], row["device"])
    for op in ("read", "write"):
        if fs is not None and block is not None:
            expect(class_sum(fs[op]) == block[op]["bytes"],
                   f"{name}: filesystem {op} classes give {class_sum(fs[op])}, "
                   f"block {block[op]['bytes']}")
        check_chain(f"{name} {op}", row, op, interval)
    if device is not None:
        classes = sum(device["write_classes"].values())
        expect(classes == device["write"]["bytes"],
               f"{name}: write_classes give {classes}, device {device['write']['bytes']}")
        expect(device["shared_bytes"] <= device["write"]["bytes"] + device["read"]["bytes"],
               f"{name}: shared_bytes {device['shared_bytes']} exceed the device's bytes")
    if app is not None:
        calls = sum(io["bytes"] for io in app["interfaces"].values())
        expect(calls == app["read"]["bytes"] + app["write"]["bytes"],
               f"{name}: interfaces give {calls} bytes, "
               f"reads and writes {app['read']['bytes'] + app['write']['bytes']}")
        for op in ("sync",):
            expect(app[op]["bytes"] == 0, f"{name}: {op} has bytes")
    cache = row["cache"]
    if cache is not None and app is not None and None not in (cache["hit_bytes"], cache["miss_bytes"]):
        expect(cache["hit_bytes"] + cache["miss_bytes"] <= app["read"]["bytes"],
               f"{name}: hit and miss exceed the application's reads")
    comm = row["comm"] or ""
    expect(not KERNEL_THREAD.match(comm), f"{name}: a row of the kernel thread {comm}")


def totals_faults(summary, every):
    by_device = summary["rows"] and summary["rows"][0]["by"] == "device"
    leaf = {disk["name"] for disk in summary["devices"] if disk["leaf"]}
    rows = [row for row in summary["rows"]
            if every or row["kind"] == "owner"]
    if by_device:
        rows = [row for row in rows if row["disk"] in leaf]
    for layer in FIGURES:
        if summary["totals"][layer] is None:
            continue
        if by_device and layer != "device":
            continue
        added = {}
        for row in rows:
            for path, value in numbers(row[layer]):
                if value is not None:
                    added[path] = added.get(path, 0) + value
        for path, value in numbers(summary["totals"][layer]):
            # the totals leave out the calls that a FUSE server makes for its clients
            if layer == "application" and FUSE_SERVER and value is not None and value < added.get(path, 0):
                continue
            if value is not None and added.get(path, 0) != value:
                yield f"totals.{layer}{path} is {value}, its rows give {added.get(path, 0)}"


def check_totals(summary, every):
    faults.extend(totals_faults(summary, every))


def check_disks(summary, own):
    disks = {disk["name"]: disk for disk in summary["devices"]}
    for name in own:
        expect(name in disks, f"{name} is not among the devices")
    for name, disk in disks.items():
        kinds = sum(disk["write_by_kind"].values())
        expect(kinds == disk["write_bytes"],
               f"{name}: write_by_kind gives {kinds}, write_bytes {disk['write_bytes']}")
        for op in ("read", "write"):
            kernel, rest = disk[f"kernel_{op}_bytes"], disk[f"unexplained_{op}_bytes"]
            if kernel is not None:
                zeroes = disk["zeroes_bytes"] if op == "write" else 0  # the kernel counts them in
                gap = kernel - disk[f"{op}_bytes"] - zeroes
                # the rest of what moved while the kernel's counters were read
                expect(min(gap, 0) <= rest <= max(gap, 0),
                       f"{name}: unexplained {op} {rest} is beyond kernel minus ours, {gap}")
                if summary["complete"] and disk["write_by_kind"]["owner"]:
                    expect(abs(rest) <= max(4096, kernel // 10000),
                           f"{name}: {op} {rest} bytes unexplained, and complete")
                if name in own:  # idle at both ends
                    expect(gap == 0, f"{name}: {gap} {op} bytes are the kernel's alone")
            elif name in own:
                expect(False, f"{name}: the kernel's {op} counter is missing")
    leaf = [disk for disk in disks.values() if disk["leaf"] and not MEMORY.match(disk["name"])]
    for op in ("read", "write"):
        rows = [row["device"][op]["bytes"] for row in summary["rows"] if row["device"]]
        leaves = [disk[f"{op}_bytes"] for disk in leaf]
        expect(sum(rows) == sum(leaves),
               f"rows have {sum(rows)} {op} bytes on devices, the leaves {sum(leaves)}")
    if any(row["by"] == "device" for row in summary["rows"]):
        return
    for kind in ("owner", "self", "background", "outside", "unattributed"):
        rows = sum(row["device"]["write"]["bytes"] for row in summary["rows"]
                   if row["kind"] == kind and row["device"])
        leaves = sum(disk["write_by_kind"][kind] for disk in leaf)
        expect(rows == leaves, f"{kind} rows wrote {rows}, by the leaves {leaves}")


def check_said(summary):
    """A lower bound is never called a total, and its reason is said."""
    lowered = {name: n for name, n in summary["losses"].items() if n and name != JUST_A_LOSS}
    why = summary.get("incomplete_reason")
    if summary["complete"]:
        expect(not why and not lowered, f"complete, but {why or lowered}")
    else:
        expect(why, "incomplete, and no reason is said")


def check_waits(waits):
    name = f"wait {waits['pid']} {waits['disk']} {waits['op']} {waits['interface']}"
    parts = sum(waits["parts"].values())
    expect(parts == waits["wait_ns"], f"{name}: the parts give {parts}, the wait is {waits['wait_ns']}")
    counted = sum(count for _, count in waits["histogram"])
    expect(counted == waits["count"], f"{name}: {counted} in the histogram, {waits['count']} counted")
    order = [waits[key] for key in ("p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns")]
    known = [ns for ns in order if ns is not None]
    expect(known == sorted(known), f"{name}: the percentiles {order} do not rise")


def check_rows(summary):
    interval = summary["interval_s"]
    for row in summary["rows"]:
        check_row(row, f"{row['kind']} row {row['pid'] or row['disk'] or row['cgroup'] or ''}", interval)
    check_row(summary["totals"], "totals", interval)
    for kind in ("self", "background", "outside", "unattributed"):
        expect(sum(row["kind"] == kind and row["by"] != "device" for row in summary["rows"]) <= 1,
               f"more than one {kind} row")
    order = [row["device"]["write"]["bytes"] for row in summary["rows"] if row["device"]]
    expect(order == sorted(order, reverse=True), "rows are not ordered by device.write.bytes")


def check_any(summary, schema):
    """What holds whatever happened meanwhile."""
    for text in list(misfits(summary, schema, schema))[:5]:
        faults.append(f"schema: {text}")
    for disk in summary["devices"]:
        for path, value in numbers(disk, disk["name"]):
            expect(value is None or abs(value) < ABSURD, f"{path} is absurd: {value}")
    check_said(summary)
    check_rows(summary)
    faults.extend(min((list(totals_faults(summary, every)) for every in (False, True)), key=len))
    check_disks(summary, ())
    for waits in summary.get("latency") or ():
        check_waits(waits)
    if summary["interval_s"] is None and summary["complete"]:
        for row in [summary["totals"]] + [row for row in summary["rows"] if row["kind"] == "owner"]:
            check_dirtied(f"{row['kind']} {row['pid'] or ''} by {row['by']}", data_bytes(row),
                          summary["command"])


def instant(summary):
    whole, fraction = summary["start"].rstrip("Z").split(".")
    parsed = datetime.datetime.fromisoformat(whole + "+00:00")
    return parsed.timestamp() + float(f"0.{fraction}")


def check_intervals(run):
    """The intervals of one run: they touch, and no byte is in two of them or in none."""
    for before, after in zip(run, run[1:]):
        gap = instant(after) - instant(before) - before["duration_s"]
        expect(abs(gap) < 0.05, f"{gap:.3f} s between the intervals of {before['start']}")
    disks = {}
    for disk in (disk for summary in run for disk in summary["devices"]):
        for op in ("read", "write"):
            sums = disks.setdefault((disk["name"], op), [0, 0])
            zeroes = disk.get("zeroes_bytes", 0) if op == "write" else 0
            sums[0] += disk[f"{op}_bytes"] + zeroes
            sums[1] += disk[f"kernel_{op}_bytes"] or 0
    for (name, op), (ours, kernel) in disks.items():
        # a request may be in an interval of ours and in a neighbour of the kernel's: at the edges
        expect(not all(summary["complete"] for summary in run) or
               abs(kernel - ours) <= max(2 << 20, kernel // 100),
               f"{name}: {op} {ours} in all intervals, the kernel's {kernel}")
    figures = [data_bytes(summary["totals"]) for summary in run]
    if None not in figures and not ONE_DISK and all(summary["complete"] for summary in run):
        check_dirtied("all intervals", (sum(came for came, _, _ in figures),
                                        sum(gone for _, gone, _ in figures), figures[-1][2]), False)


def check_collected(path):
    with open(os.path.join(HERE, "../data/summary.schema.json"), encoding="utf-8") as f:
        schema = json.load(f)
    seen, runs, name = set(), [], ""
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("# "):
                name = line[2:].strip()
                runs.append((name, []))
            elif line not in seen:
                seen.add(line)
                runs[-1][1].append(json.loads(line))
    for name, run in runs:
        for number, summary in enumerate(run, 1):
            before = len(faults)
            check_any(summary, schema)
            faults[before:] = [f"{name}, {summary['tool']} {number} of {len(run)}: {text}"
                               for text in faults[before:]]
        if len(run) > 1 and run[0]["interval_s"] is not None:
            before = len(faults)
            check_intervals(run)
            faults[before:] = [f"{name}: {text}" for text in faults[before:]]


def check_one(args):
    every = args[0] == "-a"
    path, own = args[int(every)], args[int(every) + 1:]
    schema = subprocess.run([sys.executable, os.path.join(HERE, "../unit/check_schema.py"), path],
                            check=False)
    if schema.returncode == 77:
        print("the schema was not checked")
    elif schema.returncode:
        faults.append("not valid by the schema")
    with open(path, encoding="utf-8") as f:
        summary = json.load(f)
    # what the kernel alone counted on another disk is said, and is no fault of this test's disks
    others = [disk for disk in summary["devices"] if disk["name"] not in own and
              any(abs(disk[f"unexplained_{op}_bytes"] or 0) > 4096 for op in ("read", "write"))]
    expect(summary["complete"] or others, "not complete")
    expect(not any(summary["losses"].values()), f"losses: {summary['losses']}")
    check_rows(summary)
    check_totals(summary, every)
    check_disks(summary, own)


def main():
    if sys.argv[1] == "--collected":
        check_collected(sys.argv[2])
    else:
        check_one(sys.argv[1:])
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
