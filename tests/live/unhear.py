#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a running tool forget that it heard the end of some writes.

unhear.py TOOL-PID MAJOR MINOR: moves the device counters of writes on that disk back into records of
bios on their way, as if block_rq_complete had not run for them. Prints the bytes.
"""
import json
import re
import struct
import subprocess
import sys
from pathlib import Path

DEVICE, WRITE = 5, 1  # enum layer, enum op of probes/abi.h
ORIGIN = 1  # BIO_F_ORIGIN


def bpftool(*args):
    out = subprocess.run(["bpftool", "-j", *map(str, args)], check=True, capture_output=True, text=True).stdout
    return json.loads(out) if out.strip() else None


def raw(values):
    return bytes(int(v, 16) for v in values)


def hexes(data):
    return ["hex", *(f"{b:02x}" for b in data)]


def maps_of(pid):
    found = {}
    for info in Path(f"/proc/{pid}/fdinfo").iterdir():
        number = re.search(r"^map_id:\s+(\d+)", info.read_text(), re.M)
        if number:
            shown = bpftool("map", "show", "id", number[1])
            found[shown["name"]] = shown
    return found


def main():
    pid, dev = sys.argv[1], int(sys.argv[2]) << 20 | int(sys.argv[3])
    maps, bio, moved = maps_of(pid), 0x1000, 0
    agg, bios = maps["agg"], maps["bios"]
    for entry in bpftool("map", "dump", "id", agg["id"]):
        key = raw(entry["key"])
        actor, on, layer, op, cls, _flags, file = struct.unpack("<IIBBBBI", key)
        size = sum(struct.unpack_from("<Q", raw(cpu["value"]), 8)[0] for cpu in entry["values"])
        if (layer, op, on) != (DEVICE, WRITE, dev) or not size:
            continue
        record = struct.pack("<QIIBBBBIII", 1, dev, size, WRITE, cls, ORIGIN, 1, 0, actor, size)
        record = record.ljust(24 + 64, b"\0") + struct.pack("<I", file)
        bpftool("map", "delete", "id", agg["id"], "key", *hexes(key))
        bpftool("map", "update", "id", bios["id"], "key", *hexes(struct.pack("<Q", bio)),
                "value", *hexes(record.ljust(bios["bytes_value"], b"\0")))
        bio += 0x100
        moved += size
    print(moved)


main()
