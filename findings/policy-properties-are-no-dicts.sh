#!/usr/bin/env bash
# Guess:    args.props of a policy holds dicts and lists, `"name" in args.props` says whether it is there, and whatever looks at
#           a value that is not known yet stops the policy.
# Happens:  they are mappings and sequences of pulumi-policy's own: isinstance(..., dict) and (..., list) are False, so a guarded
#           rule passes everything. A mapping equals a dict, but a sequence no list. `in` raises for a name that is not known,
#           and a slice of a list hands out what stands for the unknown value, a string that looks like a UUID.
# Versions: pulumi-policy 1.21.0, pulumi 3.272.0.
# Seen:     by starting a policy pack and calling it over gRPC as the engine does. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index; no Pulumi CLI.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check pulumi-policy==1.21.0 pulumi==3.272.0
cat > "$folder/pack.py" <<'PROGRAM'
from pulumi_policy import PolicyPack, ResourceValidationPolicy

QUESTIONS = {
    "config is a dict": lambda props: isinstance(props["config"], dict),
    "config == dict": lambda props: props["config"] == {"port": 6379.0, "password": "example"},
    "tags is a list": lambda props: isinstance(props["tags"], list),
    "tags == list": lambda props: props["tags"] == ["team-a", "team-b"],
    "list(tags) == list": lambda props: list(props["tags"]) == ["team-a", "team-b"],
    "missing in props": lambda props: "missing" in props,
    "name in props": lambda props: "name" in props,
    "hosts[:2]": lambda props: props["hosts"][:2],
    "list(hosts)": lambda props: list(props["hosts"]),
}


def answer(question, props):
    try:
        return question(props)
    except Exception as error:
        return type(error).__name__


def ask(args, report):
    report(str({name: answer(question, args.props) for name, question in QUESTIONS.items()}))


PolicyPack("example", policies=[ResourceValidationPolicy("ask", "asks", ask)])
PROGRAM
cat > "$folder/run.py" <<'PROGRAM'
import subprocess
import sys
from ast import literal_eval
from importlib.metadata import version
from pathlib import Path

import grpc
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "example"}
"""How a secret travels."""

properties = Struct()
properties.update(
    {
        "config": {"port": 6379, "password": SECRET},
        "tags": ["team-a", "team-b"],
        "name": UNKNOWN,
        "hosts": ["redis.example.com", UNKNOWN],
    }
)
command = [sys.executable, "-u", str(Path(__file__).with_name("pack.py")), "127.0.0.1:1"]
pack = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
try:
    with grpc.insecure_channel(f"127.0.0.1:{int(pack.stdout.readline())}") as channel:
        request = proto.AnalyzeRequest(type="example:index:Store", urn="urn:example", name="store", properties=properties)
        (diagnostic,) = analyzer_pb2_grpc.AnalyzerStub(channel).Analyze(request, timeout=30).diagnostics
finally:
    pack.kill()
    pack.wait()
seen = literal_eval(diagnostic.message.splitlines()[-1])
print({name: version(name) for name in ("pulumi-policy", "pulumi")})
for name, what in seen.items():
    print(f"{name}: {what}")
expected = {
    "config is a dict": False,
    "config == dict": True,
    "tags is a list": False,
    "tags == list": False,
    "list(tags) == list": True,
    "missing in props": False,
    "name in props": "UnknownValueError",
    "hosts[:2]": ["redis.example.com", UNKNOWN],
    "list(hosts)": "UnknownValueError",
}
sys.exit(seen != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
