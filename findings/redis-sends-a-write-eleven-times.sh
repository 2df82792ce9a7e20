#!/usr/bin/env bash
# Guess:    redis-py sends a command again only where that is harmless, three times at most, and alike from a URL and from
#           host and port; and it waits without limit, as it used to.
# Happens:  redis.Redis(host=...) sends a command eleven times where the connection closes before a response, INCR and a
#           pipeline's writes too. redis.Redis.from_url sends it once. Both give up after 5 seconds.
# Versions: redis (redis-py) 8.1.0.
# Seen:     with a local server of Redis's protocol that closes the connection after each INCRBY. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index; no Redis.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0
cat > "$folder/run.py" <<'PROGRAM'
import socketserver
import sys
import threading
from importlib.metadata import version

import redis

received = []


class Server(socketserver.StreamRequestHandler):
    """OK for every command but INCRBY, after which the connection closes."""

    def handle(self):
        while header := self.rfile.readline():
            words = [self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2] for _ in range(int(header[1:]))]
            received.append(words[0])
            if words[0] == b"INCRBY":
                return
            self.wfile.write(b"+OK\r\n")


def sent(client, write):
    """How often a write arrives, until the client gives up."""
    received.clear()
    try:
        write(client)
    except redis.ConnectionError:
        return received.count(b"INCRBY")


def in_a_pipeline(client):
    with client.pipeline(transaction=False) as pipeline:
        pipeline.incr("counter")
        pipeline.execute()


socketserver.ThreadingTCPServer.daemon_threads = True
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_address[1]
by_place = redis.Redis(host="127.0.0.1", port=port, protocol=2)
by_url = redis.Redis.from_url(f"redis://127.0.0.1:{port}?protocol=2")
seen = {
    "host and port": sent(by_place, lambda client: client.incr("counter")),
    "host and port, pipeline": sent(by_place, in_a_pipeline),
    "URL": sent(by_url, lambda client: client.incr("counter")),
}
connections = [client.connection_pool.make_connection() for client in (by_place, by_url)]
timeouts = [(each.socket_connect_timeout, each.socket_timeout) for each in connections]
print("redis", version("redis"), "sent:", seen, "timeouts:", timeouts)
sys.exit(seen != {"host and port": 11, "host and port, pipeline": 11, "URL": 1} or timeouts != [(5, 5), (5, 5)])
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
