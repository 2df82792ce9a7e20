#!/usr/bin/env bash
# Guess:    a uuid.UUID, the natural value of an external ID, is sent as a string; or the error says that it is a UUID.
# Happens:  the constructor takes it, and the program fails later. The message says "type <class 'str'>" of the value: that
#           is the type of the property's name. A set of tags and a plain Enum fail alike, a tuple is sent as a list.
# Versions: pulumi 3.272.0 (Python SDK).
# Seen:     with Pulumi's mocks. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index; no Pulumi CLI.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check pulumi==3.272.0
cat > "$folder/run.py" <<'PROGRAM'
import logging
import sys
from enum import Enum
from importlib.metadata import version
from uuid import UUID

import pulumi

logging.disable()  # each error is shown once, below
sent = {}


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        sent[args.name] = args.inputs["value"]
        return f"{args.name}-id", args.inputs

    def call(self, args):
        return {}


class Region(Enum):
    NEAR = "eu-west-1"


class Store(pulumi.CustomResource):
    def __init__(self, name, value):
        super().__init__("example:index:Store", name, {"value": value})


def outcome(name, value):
    """Whether the constructor has taken the value, and what came of it."""
    taken = []

    @pulumi.runtime.test
    def program():
        Store(name, value)
        taken.append(True)

    pulumi.runtime.set_mocks(Mocks())
    try:
        program()
    except ValueError as error:
        return bool(taken), str(error)
    return bool(taken), sent[name]


print("pulumi", version("pulumi"))
values = {
    "uuid": UUID("00000000-0000-4000-8000-000000000001"),
    "output": pulumi.Output.from_input(UUID("00000000-0000-4000-8000-000000000001")),
    "set": {"team"},
    "enum": Region.NEAR,
    "tuple": ("team",),
}
seen = {name: outcome(name, value) for name, value in values.items()}
for name, (taken, what) in seen.items():
    print(f"{name}: the constructor {'returned' if taken else 'raised'}; then", what)
refused = {"uuid": "UUID", "output": "UUID", "set": "set", "enum": "Region"}
same = all(
    seen[name][0] and "type <class 'str'>" in seen[name][1] and f"unexpected input of type {kind} " in seen[name][1]
    for name, kind in refused.items()
)
sys.exit(not (same and seen["tuple"] == (True, ["team"])))
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
