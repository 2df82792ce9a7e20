#!/usr/bin/env bash
# Guess:    a poll interval of 0 is the default in each SDK, or no poll at all.
# Happens:  in Node it is the default, five seconds. In Python it is a value: the store's marker is read without a pause,
#           thousands of times a second, from a thread of the SDK's own.
# Versions: launchdarkly-server-sdk 9.20.0; @launchdarkly/node-server-sdk 9.13.7.
# Seen:     with a store in memory, for two and for seven seconds. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, node with npm, their package indexes; no Redis.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check launchdarkly-server-sdk==9.20.0
npm install --silent --no-audit --no-fund --prefix "$folder" @launchdarkly/node-server-sdk@9.13.7
cat > "$folder/run.js" <<'PROGRAM'
const { basicLogger, init } = require('@launchdarkly/node-server-sdk');
const { TestData } = require('@launchdarkly/node-server-sdk/integrations');
const { setTimeout: pause } = require('node:timers/promises');

let reads = 0;
const store = {
  getMetadata: async () => {
    reads += 1;
    return { lastUpToDate: Date.now() };
  },
  getUserMembership: async () => ({}),
  close: () => {},
};
const client = init('sdk-example', {
  updateProcessor: new TestData().getFactory(),
  sendEvents: false,
  logger: basicLogger({ level: 'none' }),
  bigSegments: { store: () => store, statusPollInterval: 0 },
});
pause(7000).then(() => {
  console.log(reads);
  client.close();
});
PROGRAM
cat > "$folder/run.py" <<'PROGRAM'
import json
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from ldclient import LDClient
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations.test_data import TestData
from ldclient.interfaces import BigSegmentStore, BigSegmentStoreMetadata

folder = Path(__file__).parent


class Store(BigSegmentStore):
    reads = 0

    def get_metadata(self):
        self.reads += 1
        return BigSegmentStoreMetadata(int(time.time() * 1000))

    def get_membership(self, user_hash):
        return {}

    def stop(self):
        pass


def in_python():
    store = Store()
    segments = BigSegmentsConfig(store, status_poll_interval=0)
    config = Config(
        "sdk-example", update_processor_class=TestData.data_source(), send_events=False, big_segments=segments
    )
    with LDClient(config):
        time.sleep(2)
    return store.reads


def in_node():
    return int(subprocess.run(["node", str(folder / "run.js")], check=True, capture_output=True, timeout=60).stdout)


print("launchdarkly-server-sdk", version("launchdarkly-server-sdk"))
package = folder / "node_modules" / "@launchdarkly" / "node-server-sdk" / "package.json"
print("node-server-sdk", json.loads(package.read_text())["version"])
python, node = in_python(), in_node()
print(f"reads of the marker: Python {python} in two seconds, Node {node} in seven")
sys.exit(not (python > 1000 and node == 1))
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
