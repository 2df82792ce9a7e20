#!/usr/bin/env bash
# Guess:    a membership that an SDK keeps for a second is at most a second old, in each language.
# Happens:  Python's SDK asks the store again when the second is over. Node's begins the second anew with every evaluation:
#           a context that is evaluated more often than that never sees a change, until it is left alone for a second.
# Versions: launchdarkly-server-sdk 9.20.0; @launchdarkly/node-server-sdk 9.13.7.
# Seen:     with a store in memory and a cache of one second, 20 evaluations in 4 seconds after a removal. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, node with npm, their package indexes; no Redis.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check launchdarkly-server-sdk==9.20.0
npm install --silent --no-audit --no-fund --prefix "$folder" @launchdarkly/node-server-sdk@9.13.7
cat > "$folder/flags.json" <<'FLAGS'
{
  "flags": {"flag": {"key": "flag", "version": 1, "on": true, "variations": [true, false], "fallthrough": {"variation": 1},
    "rules": [{"id": "1", "variation": 0, "clauses": [{"attribute": "", "op": "segmentMatch", "values": ["beta"]}]}]}},
  "segments": {"beta": {"key": "beta", "version": 1, "unbounded": true, "generation": 1}}
}
FLAGS
cat > "$folder/run.js" <<'PROGRAM'
const { basicLogger, init } = require('@launchdarkly/node-server-sdk');
const { FileDataSourceFactory } = require('@launchdarkly/node-server-sdk/integrations');
const { setTimeout: pause } = require('node:timers/promises');

let membership = { 'beta.g1': true };
const store = {
  getMetadata: async () => ({ lastUpToDate: Date.now() }),
  getUserMembership: async () => membership,
  close: () => {},
};
const client = init('sdk-example', {
  updateProcessor: new FileDataSourceFactory({ paths: [`${__dirname}/flags.json`] }).getFactory(),
  sendEvents: false,
  logger: basicLogger({ level: 'none' }),
  bigSegments: { store: () => store, userCacheTime: 1 },
});
const evaluate = () => client.variation('flag', { kind: 'user', key: 'ada' }, false);

async function main() {
  await client.waitForInitialization({ timeout: 10 });
  const seen = [await evaluate()];
  membership = {};
  for (let index = 0; index < 20; index += 1) {
    await pause(200);
    seen.push(await evaluate());
  }
  await pause(1500);
  seen.push(await evaluate());
  console.log(JSON.stringify([seen[0], seen[20], seen[21]]));
  client.close();
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

from ldclient import Context, LDClient
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations import Files
from ldclient.interfaces import BigSegmentStore, BigSegmentStoreMetadata

folder = Path(__file__).parent


class Store(BigSegmentStore):
    membership = {"beta.g1": True}

    def get_metadata(self):
        return BigSegmentStoreMetadata(int(time.time() * 1000))

    def get_membership(self, user_hash):
        return self.membership

    def stop(self):
        pass


def in_python():
    store = Store()
    source = Files.new_data_source(paths=[str(folder / "flags.json")])
    segments = BigSegmentsConfig(store, context_cache_time=1)
    config = Config("sdk-example", update_processor_class=source, send_events=False, big_segments=segments)
    with LDClient(config) as client:
        def evaluate():
            return client.variation("flag", Context.create("ada"), False)

        seen = [evaluate()]
        store.membership = {}
        for _ in range(20):
            time.sleep(0.2)
            seen.append(evaluate())
        time.sleep(1.5)
        seen.append(evaluate())
    return [seen[0], seen[20], seen[21]]


def in_node():
    return json.loads(subprocess.run(["node", str(folder / "run.js")], check=True, capture_output=True, timeout=60).stdout)


print("launchdarkly-server-sdk", version("launchdarkly-server-sdk"))
package = folder / "node_modules" / "@launchdarkly" / "node-server-sdk" / "package.json"
print("node-server-sdk", json.loads(package.read_text())["version"])
seen = {"Python": in_python(), "Node": in_node()}
for language, values in seen.items():
    print(f"{language}: a member {values[0]}; 4 seconds after the removal {values[1]}; left alone for 1.5 seconds {values[2]}")
sys.exit(seen != {"Python": [True, False, False], "Node": [True, True, False]})
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
