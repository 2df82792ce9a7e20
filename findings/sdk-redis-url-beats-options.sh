#!/usr/bin/env bash
# Guess:    `redis_opts={"db": 3}` chooses the database that the Python SDK reads, or is refused beside a URL that names one.
# Happens:  it does where the URL has no database; beside `/0` it is ignored without a word, and the store is only stale.
#           So is every other option that the URL names: the SDK hands both to redis-py, where the URL wins.
# Versions: launchdarkly-server-sdk 9.20.0 with redis-py 8.1.0.
# Seen:     with a local server of Redis's protocol that has a marker in database 3 alone. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index; no Redis.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check \
    launchdarkly-server-sdk==9.20.0 redis==8.1.0
cat > "$folder/run.py" <<'PROGRAM'
import socketserver
import sys
import threading
import time
from importlib.metadata import version

from ldclient import LDClient
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations import Redis
from ldclient.integrations.test_data import TestData


class Server(socketserver.StreamRequestHandler):
    """GET of the marker, which is in database 3; SELECT; OK for every other command."""

    def handle(self):
        database = b"0"
        while header := self.rfile.readline():
            words = [self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2] for _ in range(int(header[1:]))]
            if words[0].upper() == b"SELECT":
                database = words[1]
            if words[0].upper() == b"GET":
                marker = str(int(time.time() * 1000))
                self.wfile.write(f"${len(marker)}\r\n{marker}\r\n".encode() if database == b"3" else b"$-1\r\n")
            else:
                self.wfile.write(b"+OK\r\n")


def is_stale(database, options):
    url = f"redis://127.0.0.1:{port}{database}?protocol=2"
    store = Redis.new_big_segment_store(url, prefix="prefix", redis_opts=options)
    source = TestData.data_source()
    with LDClient(
        Config("sdk-example", update_processor_class=source, send_events=False, big_segments=BigSegmentsConfig(store))
    ) as client:
        status = client.big_segment_store_status_provider.status
    assert status.available
    return status.stale


socketserver.ThreadingTCPServer.daemon_threads = True
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server)
port = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()
print({name: version(name) for name in ("launchdarkly-server-sdk", "redis")})
expected = {("", 3): False, ("/0", 3): True, ("/3", 0): False, ("/0", None): True}
seen = {}
for database, option in expected:
    seen[database, option] = is_stale(database, {} if option is None else {"db": option})
    print(f"database in the URL {database or 'none'}, db in redis_opts {option}: stale {seen[database, option]}")
sys.exit(seen != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
