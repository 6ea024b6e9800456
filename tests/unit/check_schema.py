#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_schema - validates summaries, one JSON object a line, strictly.

usage: check_schema.py FILE [SCHEMA]

Lines with a "type" of "event" or "lost" (iosnoop-amp -j) are checked for their
fields. Status 0 valid, 1 not, 77 when python3-jsonschema is missing.
"""
import base64
import json
import os
import sys

EVENT = {"type", "ts_ns", "time", "layer", "event", "system", "role", "pid", "tid", "comm",
         "via", "size", "offset", "lat_ns", "ret", "disk", "inode", "file", "req"}
LOST = {"type", "events", "sent"}
HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "..", "data", "summary.schema.json")


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"duplicate member among {names}")
    return dict(pairs)


def repaired(raw):
    """The bytes as text, one U+FFFD for each byte that is no UTF-8."""
    text = ""
    while raw:
        try:
            return text + raw.decode("utf-8")
        except UnicodeDecodeError as e:
            text += raw[:e.start].decode("utf-8") + "\ufffd"
            raw = raw[e.start + 1:]
    return text


def check_sister(path, shown, coded):
    if coded is None:
        return
    raw = base64.b64decode(coded, validate=True)
    if repaired(raw) != shown:
        raise ValueError(f"{path}_b64 holds {raw!r}, but {path} is {shown!r}")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return
    raise ValueError(f"{path}_b64 stands for valid UTF-8")


def check_sisters(value, path="$"):
    if isinstance(value, list):
        for i, item in enumerate(value):
            check_sisters(item, f"{path}[{i}]")
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        check_sisters(item, f"{path}.{key}")
        name = key[:-4]
        if not key.endswith("_b64"):
            continue
        if name == "argv":
            for i, coded in enumerate(item):
                check_sister(f"{path}.argv[{i}]", value["command"]["argv"][i], coded)
        else:
            check_sister(f"{path}.{name}", value[name], item)


def check_fields(line, fields):
    names = {name for name in line if not name.endswith("_b64")}
    if names != fields:
        raise ValueError(f"fields differ: {sorted(names ^ fields)}")


def check_dark(summary):
    """A layer that is not available is null in every row."""
    for row in summary["rows"] + [summary["totals"]]:
        for layer, state in summary["layers"].items():
            if not state["available"] and row[layer] is not None:
                raise ValueError(f"{layer} is not available, but not null in a row")


def check_line(raw, validator):
    line = json.loads(raw.decode("utf-8", "strict"), parse_constant=no_constant,
                      object_pairs_hook=no_duplicates)
    check_sisters(line)
    if line.get("type") in ("event", "lost"):
        check_fields(line, EVENT if line["type"] == "event" else LOST)
        return
    validator.validate(line)
    if "rows" in line:
        check_dark(line)


def main():
    try:
        import jsonschema
    except ImportError:
        print("skip: python3-jsonschema is not installed")
        return 77
    with open(sys.argv[2] if len(sys.argv) > 2 else SCHEMA, encoding="utf-8") as f:
        validator = jsonschema.Draft202012Validator(json.load(f))
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    if not data.endswith(b"\n"):
        print("the last line does not end")
        return 1
    for number, raw in enumerate(data[:-1].split(b"\n"), 1):
        try:
            check_line(raw, validator)
        except (ValueError, KeyError, jsonschema.ValidationError) as e:
            print(f"{sys.argv[1]}:{number}: {e}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
