#!/usr/bin/env bash
# Guess:    the engine hands `ignoreChanges` to a dynamic provider's diff and update, as to any other provider.
# Happens:  it hands the option to the host process, in DiffRequest and UpdateRequest, and the host drops it: the provider
#           gets (id, olds, news) alone. A provider that compares with something else than the old inputs, with a live
#           system for instance, cannot know which fields to leave alone, and nothing says so.
# Versions: pulumi 3.272.0 (Python SDK).
# Seen:     by starting `python -m pulumi.dynamic` and calling it over gRPC as the engine does. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index; no Pulumi CLI.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check pulumi==3.272.0
cat > "$folder/example_provider.py" <<'PROGRAM'
import json
import os

from pulumi.dynamic import DiffResult, ResourceProvider, UpdateResult


def note(name, *given):
    with open(os.environ["NOTES"], "a") as notes:
        shown = [{k: v for k, v in each.items() if k != "__provider"} if isinstance(each, dict) else each for each in given]
        notes.write(json.dumps([name, *shown]) + "\n")


class Provider(ResourceProvider):
    def diff(self, *given):
        note("diff", *given)
        return DiffResult(changes=given[1] != given[2])

    def update(self, *given):
        note("update", *given)
        return UpdateResult(given[2])
PROGRAM
cat > "$folder/run.py" <<'PROGRAM'
import asyncio
import json
import os
import subprocess
import sys
from importlib.metadata import version

import grpc
from example_provider import Provider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import proto, rpc
from pulumi.runtime.proto import provider_pb2_grpc

serialized = serialize_provider(Provider())


def properties(on):
    return asyncio.run(rpc.serialize_properties({"on": on, "__provider": serialized}, {}))


host = subprocess.Popen([sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"], stdout=subprocess.PIPE, text=True)
try:
    with grpc.insecure_channel(f"127.0.0.1:{int(host.stdout.readline())}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        request = {"id": "store", "olds": properties(True), "news": properties(False), "ignoreChanges": ["on"]}
        diff = stub.Diff(proto.DiffRequest(**request), timeout=20)
        stub.Update(proto.UpdateRequest(**request), timeout=20)
finally:
    host.kill()
    host.wait()
with open(os.environ["NOTES"]) as notes:
    seen = [json.loads(line) for line in notes]
print("pulumi", version("pulumi"), "sent with ignoreChanges:", request["ignoreChanges"])
print("the provider got:", *seen, sep="\n  ")
print("diff's response:", proto.DiffResponse.DiffChanges.Name(diff.changes))
got = ["store", {"on": True}, {"on": False}]
sys.exit(seen != [["diff", *got], ["update", *got]] or diff.changes != proto.DiffResponse.DIFF_SOME)
PROGRAM
NOTES="$folder/notes" PYTHONPATH="$folder" "$folder/environment/bin/python" "$folder/run.py"
echo "as found"
