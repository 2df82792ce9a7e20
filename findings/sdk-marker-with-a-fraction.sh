#!/usr/bin/env bash
# Guess:    LaunchDarkly's SDKs read a store's marker alike, whether its milliseconds are written 1795862400000,
#           1795862400000.5 or 1.7958624e12: all three are numbers, and the second is what some languages make of a clock.
# Happens:  Python's SDK raises ValueError for the second and the third: the store is unavailable to it, whatever is in it.
#           Node's takes the second for the first, and the third for 1, the first millisecond of 1970: no error, but stale.
# Versions: launchdarkly-server-sdk 9.20.0 with redis-py 8.1.0; @launchdarkly/node-server-sdk 9.13.7 with
#           @launchdarkly/node-server-sdk-redis 4.2.35.
# Seen:     with a local server of Redis's protocol that knows one string. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, node with npm, their package indexes; no Redis.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check \
    launchdarkly-server-sdk==9.20.0 redis==8.1.0
npm install --silent --no-audit --no-fund --prefix "$folder" \
    @launchdarkly/node-server-sdk@9.13.7 @launchdarkly/node-server-sdk-redis@4.2.35
cat > "$folder/read.js" <<'PROGRAM'
const { RedisBigSegmentStore } = require('@launchdarkly/node-server-sdk-redis');

const redisOpts = { host: '127.0.0.1', port: Number(process.argv[2]), enableReadyCheck: false };
const store = RedisBigSegmentStore({ redisOpts, prefix: 'prefix' })({ basicConfiguration: {} });
store.getMetadata().then((metadata) => {
  console.log(metadata.lastUpToDate);
  store.close();
});
PROGRAM
cat > "$folder/run.py" <<'PROGRAM'
import json
import socketserver
import subprocess
import sys
import threading
from importlib.metadata import version
from pathlib import Path

from ldclient.integrations import Redis

folder = Path(__file__).parent
marker = ""


class Server(socketserver.StreamRequestHandler):
    """GET of the marker; OK for every other command."""

    def handle(self):
        while header := self.rfile.readline():
            words = [self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2] for _ in range(int(header[1:]))]
            known = words[0].upper() == b"GET" and words[1] == b"prefix:big_segments_synchronized_on"
            self.wfile.write(f"${len(marker)}\r\n{marker}\r\n".encode() if known else b"+OK\r\n")
            if words[0].upper() == b"QUIT":
                return


def in_python():
    store = Redis.new_big_segment_store(f"redis://127.0.0.1:{port}?protocol=2", prefix="prefix")
    try:
        return store.get_metadata().last_up_to_date
    except ValueError as error:
        print("  Python:", error)
        return "ValueError"
    finally:
        store.stop()


def in_node():
    command = ["node", str(folder / "read.js"), str(port)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout)


socketserver.ThreadingTCPServer.daemon_threads = True
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server)
port = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()
print({name: version(name) for name in ("launchdarkly-server-sdk", "redis")})
for name in ("node-server-sdk", "node-server-sdk-redis"):
    print(name, json.loads((folder / "node_modules" / "@launchdarkly" / name / "package.json").read_text())["version"])
expected = {
    "1795862400000": (1795862400000, 1795862400000),
    "1795862400000.5": ("ValueError", 1795862400000),
    "1.7958624e12": ("ValueError", 1),
}
seen = {}
for marker in expected:
    seen[marker] = in_python(), in_node()
    print(f"{marker}: Python {seen[marker][0]}, Node {seen[marker][1]}")
sys.exit(seen != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
