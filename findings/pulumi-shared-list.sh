#!/usr/bin/env bash
# Guess:    a resource transformation that appends to args.props["tags"] changes the tags of its own resource.
# Happens:  the list in args.props is the program's own. Two resources that were given the same list both get what either
#           appends, twice; so does a third one without a transformation, and even the first, which was declared before:
#           Pulumi reads the list only when it sends the resource, later.
# Versions: pulumi 3.272.0 (Python SDK).
# Seen:     in the inputs that Pulumi's mocks get. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index; no Pulumi CLI.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check pulumi==3.272.0
cat > "$folder/run.py" <<'PROGRAM'
import sys
from importlib.metadata import version

import pulumi

sent = {}


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        sent[args.name] = args.inputs["tags"]
        return f"{args.name}-id", args.inputs

    def call(self, args):
        return {}


pulumi.runtime.set_mocks(Mocks())


def mark(args):
    args.props["tags"].append("managed")
    return pulumi.ResourceTransformationResult(args.props, args.opts)


class Store(pulumi.CustomResource):
    def __init__(self, name, tags, opts=None):
        super().__init__("example:index:Store", name, {"tags": tags}, opts)


@pulumi.runtime.test
def program():
    shared = ["team"]
    marked = pulumi.ResourceOptions(transformations=[mark])
    Store("first", shared, marked)
    Store("second", shared, marked)
    Store("plain", shared)


program()
print("pulumi", version("pulumi"), sent)
sys.exit(sent != {name: ["team", "managed", "managed"] for name in ("first", "second", "plain")})
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
