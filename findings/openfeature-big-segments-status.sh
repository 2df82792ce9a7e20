#!/usr/bin/env bash
# Guess:    LaunchDarkly's OpenFeature providers pass on what the SDK's reason says of the big segments, in each language or none.
# Happens:  Python's has it in `flag_metadata` as `bigSegmentsStatus`. Node's has no flag metadata, and its reason is
#           RULE_MATCH: a program cannot tell a stale store from a healthy one by the evaluation.
# Versions: launchdarkly-openfeature-server 0.8.3 with launchdarkly-server-sdk 9.20.0 and openfeature-sdk 0.10.0;
#           @launchdarkly/openfeature-node-server 1.3.6 with node-server-sdk 9.13.7 and @openfeature/server-sdk 1.23.0.
# Seen:     with a store in memory whose marker is an hour old. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, node with npm, their package indexes; no Redis.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check \
    launchdarkly-openfeature-server==0.8.3 launchdarkly-server-sdk==9.20.0 openfeature-sdk==0.10.0
npm install --silent --no-audit --no-fund --prefix "$folder" @launchdarkly/openfeature-node-server@1.3.6 \
    @launchdarkly/node-server-sdk@9.13.7 @openfeature/server-sdk@1.23.0
cat > "$folder/flags.json" <<'FLAGS'
{
  "flags": {"flag": {"key": "flag", "version": 1, "on": true, "variations": [true, false], "fallthrough": {"variation": 1},
    "rules": [{"id": "1", "variation": 0, "clauses": [{"attribute": "", "op": "segmentMatch", "values": ["beta"]}]}]}},
  "segments": {"beta": {"key": "beta", "version": 1, "unbounded": true, "generation": 1}}
}
FLAGS
cat > "$folder/run.js" <<'PROGRAM'
const { basicLogger } = require('@launchdarkly/node-server-sdk');
const { FileDataSourceFactory } = require('@launchdarkly/node-server-sdk/integrations');
const { LaunchDarklyProvider } = require('@launchdarkly/openfeature-node-server');
const { OpenFeature } = require('@openfeature/server-sdk');

const store = {
  getMetadata: async () => ({ lastUpToDate: Date.now() - 3600000 }),
  getUserMembership: async () => ({ 'beta.g1': true }),
  close: () => {},
};
async function main() {
  const provider = new LaunchDarklyProvider('sdk-example', {
    updateProcessor: new FileDataSourceFactory({ paths: [`${__dirname}/flags.json`] }).getFactory(),
    sendEvents: false,
    logger: basicLogger({ level: 'none' }),
    bigSegments: { store: () => store },
  });
  await OpenFeature.setProviderAndWait(provider);
  const context = { targetingKey: 'ada' };
  const details = await OpenFeature.getClient().getBooleanDetails('flag', false, context);
  const own = await provider.getClient().variationDetail('flag', { kind: 'user', key: 'ada' }, false);
  console.log(JSON.stringify([details, own.reason.bigSegmentsStatus]));
  await OpenFeature.close();
}

main();
PROGRAM
cat > "$folder/run.py" <<'PROGRAM'
import json
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from ld_openfeature import LaunchDarklyProvider
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations import Files
from ldclient.interfaces import BigSegmentStore, BigSegmentStoreMetadata
from openfeature import api
from openfeature.evaluation_context import EvaluationContext

folder = Path(__file__).parent


class Store(BigSegmentStore):
    def get_metadata(self):
        return BigSegmentStoreMetadata(int(time.time() * 1000) - 3600000)

    def get_membership(self, user_hash):
        return {"beta.g1": True}

    def stop(self):
        pass


def in_python():
    source = Files.new_data_source(paths=[str(folder / "flags.json")])
    segments = BigSegmentsConfig(Store())
    config = Config("sdk-example", update_processor_class=source, send_events=False, big_segments=segments)
    api.set_provider_and_wait(LaunchDarklyProvider(config))
    return api.get_client().get_boolean_details("flag", False, EvaluationContext("ada"))


for name in ("launchdarkly-openfeature-server", "launchdarkly-server-sdk", "openfeature-sdk"):
    print(name, version(name))
for name in ("@launchdarkly/openfeature-node-server", "@launchdarkly/node-server-sdk", "@openfeature/server-sdk"):
    print(name, json.loads((folder / "node_modules" / name / "package.json").read_text())["version"])
python = in_python()
api.shutdown()
node, own = json.loads(
    subprocess.run(["node", str(folder / "run.js")], check=True, capture_output=True, timeout=60).stdout
)
print(f"Python: {python.value}, {python.reason}, {dict(python.flag_metadata)}")
print(f"Node: {node['value']}, {node['reason']}, {node.get('flagMetadata')}; its SDK itself says {own}")
as_found = (
    python.value is node["value"] is True
    and python.flag_metadata.get("bigSegmentsStatus") == own == "STALE"
    and not node.get("flagMetadata")
    and "STALE" not in json.dumps(node)
)
sys.exit(not as_found)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
