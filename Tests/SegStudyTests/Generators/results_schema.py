"""Writes the tables of Documentation/ResultsMembers.md from Documentation/results.schema.json, and validates results.

Run by hand after a change of the schema: python3 results_schema.py
With files, those are validated instead, with `pip install jsonschema`: python3 results_schema.py runs/*/results.json
"""

import json
import pathlib
import sys

DOCUMENTATION = pathlib.Path(__file__).resolve().parents[3] / "Documentation"
SCHEMA = DOCUMENTATION / "results.schema.json"
PAGE = DOCUMENTATION / "ResultsMembers.md"
INTRODUCTION = """\
# Every member of results.json

The content of [`results.json`](Results.md), member by member, as in [`results.schema.json`](results.schema.json) for
programs. A member that may be missing is marked *Not always there*; a number may be one of the strings `"nan"`, `"inf"` and `"-inf"`.
"""


def kind(schema):
    """The type of a member as readers see it."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return name if name == "number" else f"[{name}](#{anchor(DEFINITIONS[name]['title'])})"
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if schema["type"] == "array":
        return f"list of {kind(schema['items'])}"
    if schema["type"] == "object":
        member = schema.get("additionalProperties") or {}
        plain = member.get("$ref", "").endswith("/number") or "$ref" not in member
        return "object of numbers by name" if plain else f"object of {kind(member)} by name"
    return {"string": "text", "integer": "integer", "boolean": "true or false"}[schema["type"]]


def anchor(title):
    """The anchor of a heading, as GitHub makes it."""
    return "".join(c for c in title.lower() if c.isalnum() or c in " -").replace(" ", "-")


def table(schema):
    lines = [f"## {schema['title']}", "", schema["description"], "", "| member | type | unit | meaning |"]
    lines.append("|---|---|---|---|")
    for name, member in schema["properties"].items():
        absent = "" if name in schema["required"] else " *Not always there.*"
        lines.append(f"| `{name}` | {kind(member)} | {member.get('x-unit', '')} | {member['description']}{absent} |")
    return "\n".join(lines) + "\n"


schema = json.loads(SCHEMA.read_text())
DEFINITIONS = schema["$defs"]
if len(sys.argv) == 1:
    tables = [table(schema)] + [table(part) for name, part in DEFINITIONS.items() if name != "number"]
    PAGE.write_text(INTRODUCTION + "\n" + "\n".join(tables))
else:
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema)
    for path in sys.argv[1:]:
        jsonschema.validate(json.loads(pathlib.Path(path).read_text()), schema, jsonschema.Draft202012Validator)
        print(f"{path}: valid")
