#!/usr/bin/env bash
# Guess:    the state has of a resource its inputs, its outputs and at most the line that declares it.
# Happens:  it has the whole call stack of the declaration, Python's runpy and asyncio and Pulumi's own language host included:
#           more than ten frames for a line of the main program, a quarter of what this resource takes. With a file backend
#           all of it is written at each step.
# Versions: pulumi 3.272.0 (Python SDK), Pulumi CLI 3.259.0.
# Seen:     in the file of the state. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index, the Pulumi CLI with its language host for Python.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
export PULUMI_HOME="$folder/home" PULUMI_BACKEND_URL="file://$folder/backend" PULUMI_CONFIG_PASSPHRASE=passphrase PULUMI_SKIP_UPDATE_CHECK=1
mkdir "$folder/backend" "$folder/project"
cd "$folder/project"
python3 -m venv environment
environment/bin/pip install --quiet --disable-pip-version-check pulumi==3.272.0
export PATH="$folder/project/environment/bin:$PATH"
printf 'name: shop\nruntime: python\n' > Pulumi.yaml
cat > __main__.py <<'PROGRAM'
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("an-id", props)


class Store(Resource):
    pass


Store(Provider(), "store", {"host": "redis.example.com"})
PROGRAM
pulumi version
pulumi stack init dev
pulumi up --yes --skip-preview --non-interactive > up.txt || { cat up.txt; exit 1; }
python3 - <<'PROGRAM'
import json
import sys
from pathlib import Path

state = json.loads(Path("../backend/.pulumi/stacks/shop/dev.json").read_text())
[store] = [each for each in state["checkpoint"]["latest"]["resources"] if each["urn"].endswith("::store")]
frames = [each.get("sourcePosition", "") for each in store["stackTrace"]]
share = len(json.dumps(store["stackTrace"])) / len(json.dumps(store))
print(f"{len(frames)} frames, {share:.0%} of the resource, {sum('asyncio' in each for each in frames)} of them asyncio's")
sys.exit(len(frames) < 10 or share < 0.2 or not any("asyncio" in each for each in frames))
PROGRAM
echo "as found"
