#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""shape - the part of JSON Schema that summary.schema.json uses, without any package.

check_schema.py of the unit tests has the reference implementation, which takes longer to load
than a live test has for all its summaries. A word of a schema that is not known here is an error.
"""
import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
WORDS = {"$schema", "$defs", "title", "$ref", "type", "const", "enum", "minimum", "pattern",
         "properties", "required", "additionalProperties", "items", "minItems", "maxItems"}


def is_type(value, name):
    if name in ("integer", "number"):
        return isinstance(value, (int, float)) and not isinstance(value, bool) and \
            (name == "number" or value == int(value))
    return isinstance(value, TYPES[name])


def check_object(value, schema, root, path):
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}.{name} is missing"
    for name, item in value.items():
        more = known.get(name, schema.get("additionalProperties", True))
        if more is False:
            yield f"{path}.{name} is not of the schema"
        elif more is not True:
            yield from misfits(item, more, root, f"{path}.{name}")


def check_array(value, schema, root, path):
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{path} has {len(value)} items"
    for i, item in enumerate(value if "items" in schema else ()):
        yield from misfits(item, schema["items"], root, f"{path}[{i}]")


def misfits(value, schema, root, path="$"):
    """What of the value is not as the schema says, one sentence each."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if not WORDS.issuperset(schema):
        raise ValueError(f"not known: {sorted(set(schema) - WORDS)}")
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_type(value, name) for name in types):
        yield f"{path} is no {' or '.join(types)}: {value!r}"
    if "const" in schema and value != schema["const"]:
        yield f"{path} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path} is {value!r}, none of {schema['enum']}"
    if isinstance(value, (int, float)) and value < schema.get("minimum", value):
        yield f"{path} is below {schema['minimum']}: {value}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{path} is not as {schema['pattern']}: {value!r}"
    if isinstance(value, dict):
        yield from check_object(value, schema, root, path)
    if isinstance(value, list):
        yield from check_array(value, schema, root, path)
