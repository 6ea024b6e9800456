#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""environment - programs that count their own I/O while another process changes what is around them.

usage: environment.py run SEED SECONDS PLACES TRUTH
       environment.py check SUMMARY INTERVALS TRUTH

run: PLACES is a JSON object, see truth-environment.sh. Writes a line to TRUTH for each program:
its name (of nobody else), when it ran, and what its calls returned. The programs, their order
and the changes follow from SEED; when each happens does not.
check: compares both with the summary of the whole run and with the intervals of a tool that
joined late. Prints what differs; status 0, 1 if anything does.
"""
import datetime
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

NOT_THE_LOADERS = ("read", "pread64", "mmap")   # a program's start reads its libraries


class Place:
    def __init__(self, seed, seconds, places, truth):
        self.seed, self.end = seed, time.time() + seconds
        self.at, self.count = places, 0
        self.truth = truth

    def going(self):
        return time.time() < self.end

    def program(self, name):
        """A name of its own for the program, which becomes the name of the process."""
        path = os.path.join(self.at["tmp"], name)
        if not os.path.islink(path):
            os.symlink(self.at["workload"], path)
        return path

    def note(self, name, began, text, apart):
        line = json.loads(text.splitlines()[-1])
        line.update(name=name, began=began, ended=time.time(), apart=apart)
        with open(self.truth, "a", encoding="utf-8") as f:
            f.write(json.dumps(line) + "\n")

    def run(self, name, *args, before=(), apart=False):
        began = time.time()
        done = subprocess.run([*before, self.program(name), *map(str, args)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode and "Input/output error" in done.stderr:
            self.note(name, began, "{}", apart)    # direct I/O beside pages that cannot be dropped now
            return
        if done.returncode:
            raise SystemExit(f"{name} {args}: status {done.returncode}: {done.stderr}")
        self.note(name, began, done.stdout, apart)


def quiet(*words):
    return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def write_to(path, text):
    try:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    except OSError:
        pass    # a process or a group that is gone


def worker(p, number):
    """Random programs one after another, each in a folder of its own on a file system drawn."""
    draw = random.Random(p.seed * 1000 + number)
    for i in range(1000000):
        where = p.at["dirs"][(number + i) % len(p.at["dirs"])]
        seed, ops, apart = draw.randrange(1, 1 << 31), draw.randrange(30, 200), draw.random() < 0.2
        if not p.going():
            return
        folder = os.path.join(where, f"w{number}-{i}")
        os.mkdir(folder)
        before = ["unshare", "-pf", "--mount-proc"] if apart else []
        p.run(f"w{number}-{i}", "random", seed, folder, ops, before=before, apart=apart)
        if draw.random() < 0.5:
            shutil.rmtree(folder)


def compact(p, draw):
    write_to("/proc/sys/vm/compact_memory", "1")


def drop_caches(p, draw):
    write_to("/proc/sys/vm/drop_caches", draw.choice("13"))


def sync_as_stranger(p, draw):
    quiet("sync", "-f", draw.choice(p.at["dirs"]))


def freeze(p, draw):
    where = draw.choice(p.at["dirs"])
    if quiet("fsfreeze", "-f", where):
        time.sleep(draw.random() * 0.2)
        quiet("fsfreeze", "-u", where)


def move_between_groups(p, draw):
    group = os.path.join(p.at["cgroup"], draw.choice("ab"))
    for pid in [name for name in os.listdir("/proc") if name.isdigit()]:
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
                ours = re.match(r"w\d+-\d+$", f.read())
        except OSError:
            continue
        if ours and draw.random() < 0.5:
            write_to(f"{group}/cgroup.procs", pid)


def remake_group(p, draw):
    group = os.path.join(p.at["cgroup"], "c")
    if os.path.isdir(group):
        os.rmdir(group)
    os.mkdir(group)
    p.count += 1
    p.run(f"g{p.count}", "append-fsync", os.path.join(draw.choice(p.at["dirs"]), f"g{p.count}"), 5, 100,
          before=["sh", "-c", f'echo $$ >{group}/cgroup.procs; exec "$@"', "sh"])


def fill(p, draw):
    """Writes until there is no room: the last call moves a part, which dd does not count as one."""
    p.count += 1
    name, path = f"f{p.count}", os.path.join(p.at["small"], "full")
    link, began = os.path.join(p.at["tmp"], name), time.time()
    os.symlink(shutil.which("dd"), link)
    done = subprocess.run([link, "if=/dev/zero", f"of={path}", "bs=100k"], stderr=subprocess.PIPE,
                          env={**os.environ, "LC_ALL": "C"}, text=True, check=False)
    size = int(re.search(r"^(\d+) bytes", done.stderr, re.M).group(1))
    p.note(name, began, json.dumps({"op": "fill", "write_bytes": size}), True)
    os.unlink(path)


def mount_elsewhere(p, draw):
    p.count += 1
    path = os.path.join(p.at["mount"], f"m{p.count}")
    script = 'mount "$0" "$1" || exit; shift; "$@" || exit; umount "$PLACE"'
    p.run(f"m{p.count}", "append-fsync", path, draw.randrange(1, 40), draw.randrange(1, 9000),
          before=["env", f"PLACE={p.at['mount']}", *draw.choice((["unshare", "-m"], [])), "sh", "-c",
                  script, p.at["other"], p.at["mount"]])


def through_a_stack(p, draw):
    p.count += 1
    path = os.path.join(p.at["stack"], "file")
    p.run(f"s{p.count}", "buffered-write", path, draw.randrange(1, 9))
    sync_as_stranger(p, draw)
    p.count += 1
    p.run(f"s{p.count}", "seq-read", path, *draw.choice(((), ("--drop",))))


def loop_again(p, draw):
    p.count += 1
    p.run(f"l{p.count}", "loop-again", p.at["loop"], p.at["image"], draw.randrange(1, 4))


CHANGES = ((compact, 4), (drop_caches, 3), (sync_as_stranger, 4), (freeze, 3), (move_between_groups, 5),
           (remake_group, 3), (fill, 1), (mount_elsewhere, 3), (through_a_stack, 3), (loop_again, 1))


def changer(p):
    draw, done = random.Random(p.seed), {}
    # a disk that is removed makes a summary incomplete: the others must have runs without it
    changes = [(do, weight) for do, weight in CHANGES if do is not loop_again or p.seed % 3 == 0]
    while p.going():
        do = draw.choices([do for do, _ in changes], [weight for _, weight in changes])[0]
        do(p, draw)
        done[do.__name__] = done.get(do.__name__, 0) + 1
        time.sleep(draw.random() * 0.1)
    with open(p.truth + ".changes", "w", encoding="utf-8") as f:
        f.write(", ".join(f"{name} {n}" for name, n in sorted(done.items())))


def run(seed, seconds, places, truth):
    p, children = Place(int(seed), float(seconds), json.loads(places), truth), []
    for what in [lambda: changer(p)] + [lambda n=n: worker(p, n) for n in range(3)]:
        child = os.fork()
        if not child:
            status = 1
            try:
                what()
                status = 0
            except (OSError, SystemExit, ValueError, AttributeError) as e:
                print(f"environment: {e}", file=sys.stderr)
            finally:
                os._exit(status)    # the end of a child is no end of the test
        children.append(child)
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


faults = []


def expect(good, text):
    if not good:
        faults.append(text)


def rows_of(summaries, program):
    return [row for summary in summaries for row in summary["rows"] if row["comm"] == program["name"] and
            (program["apart"] or "pids" not in program or row["pid"] in program["pids"])]


def compare(what, summaries, program):
    """What the calls returned, by interface where the program counts so; else what was written."""
    rows = [row["application"] for row in rows_of(summaries, program)]
    if "op" not in program:    # it ended in between: there is no truth
        return
    if "interfaces" not in program:
        for figure in ("ops", "bytes"):
            got = sum(row["write"][figure] for row in rows)
            want = program.get(f"write_{figure}", got)
            expect(got == want, f"{what}: {program['name']} wrote {want} {figure}, counted {got}")
        return
    # who says that calls were lost counts less, never more
    lost = any(summary["losses"][kind] for summary in summaries for kind in ("async_calls", "recursion"))
    got = {}
    for key, io in (item for row in rows for item in row["interfaces"].items()):
        sums = got.setdefault(key, {"ops": 0, "bytes": 0})
        sums["ops"] += io["ops"]
        sums["bytes"] += io["bytes"]
    for key in set(got) | set(program["interfaces"]):
        if key == "mmap" or program["apart"] and key in NOT_THE_LOADERS:
            continue
        want, have = program["interfaces"].get(key), got.get(key)
        less = lost and want and all((have or {}).get(figure, 0) <= want[figure] for figure in want)
        expect(want == have or less, f"{what}: {program['name']} {key}: {have}, the calls returned {want}")


def instant(summary):
    whole, fraction = summary["start"].rstrip("Z").split(".")
    return datetime.datetime.fromisoformat(whole + "+00:00").timestamp() + float("0." + fraction)


def check_reason(summary, name):
    """Whoever says that it is incomplete says of what, and the figure is there."""
    why = summary.get("incomplete_reason") or ""
    doubt = {disk["name"] for disk in summary["devices"] for op in ("read", "write")
             if disk[f"kernel_{op}_bytes"] is None or abs(disk[f"unexplained_{op}_bytes"]) > 4096}
    losses = any(n for key, n in summary["losses"].items() if key != "events")
    expect(summary["complete"] or losses or any(disk in why for disk in doubt),
           f"{name}: incomplete for '{why}', which no figure shows")


def check(summary, intervals, truth):
    with open(summary, encoding="utf-8") as f:
        whole = json.load(f)
    with open(intervals, encoding="utf-8") as f:
        parts = [json.loads(line) for line in f]
    with open(truth, encoding="utf-8") as f:
        programs = [json.loads(line) for line in f]
    check_reason(whole, "whole")
    cut = sum("op" not in program for program in programs)
    expect(cut * 5 <= len(programs), f"{cut} of {len(programs)} programs ended early")
    first, late = instant(parts[0]), 0
    last = instant(parts[-1]) + parts[-1]["duration_s"]
    for program in programs:
        compare("whole", [whole], program)
        if first < program["began"] and program["ended"] < last:
            compare("intervals", parts, program)
            late += 1
    for number, part in enumerate(parts):
        check_reason(part, f"interval {number}")
    print(f"{len(programs)} programs ({cut} ended early), {late} of them in {len(parts)} intervals; whole: "
          f"{whole['totals']['application']['write']['bytes']} bytes asked, "
          f"{whole['totals']['device']['write']['bytes']} written, complete: {whole['complete']} "
          f"{whole.get('incomplete_reason') or ''}; incomplete intervals: "
          f"{sorted({part['incomplete_reason'] for part in parts if not part['complete']})}")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit({"run": run, "check": check}[sys.argv[1]](*sys.argv[2:]))
