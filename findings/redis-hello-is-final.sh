#!/usr/bin/env bash
# Guess:    redis-py begins with the old protocol, or goes back to it where a server does not know HELLO, as before Redis 6.
# Happens:  it begins with HELLO 3, and what a server says against that is final: nothing can be read. `protocol=2` sends no
#           HELLO and works, as an argument and in the URL. A user name without a password is sent too, with an empty one.
# Versions: redis (redis-py) 8.1.0.
# Seen:     with a local server of Redis's protocol that does not know HELLO. Date: 2026-11-28.
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
    """A value for GET, OK for the rest; HELLO is an unknown command."""

    def handle(self):
        while header := self.rfile.readline():
            words = [self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2].decode() for _ in range(int(header[1:]))]
            received.append(" ".join(words))
            special = {"HELLO": b"-ERR unknown command 'HELLO'\r\n", "GET": b"$5\r\nvalue\r\n"}
            self.wfile.write(special.get(words[0], b"+OK\r\n"))


def outcome(query="", **options):
    """What a GET gives, and the first command that was sent for it."""
    received.clear()
    try:
        value = redis.Redis.from_url(f"redis://127.0.0.1:{port}{query}", **options).get("key")
    except redis.ResponseError as error:
        value = str(error)
    return value, received[0]


socketserver.ThreadingTCPServer.daemon_threads = True
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server)
port = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()
print("redis", version("redis"))
seen = {
    "defaults": outcome(),
    "protocol=2": outcome(protocol=2),
    "?protocol=2": outcome("?protocol=2"),
    "user name alone": outcome(protocol=2, username="sdk"),
}
for name, what in seen.items():
    print(f"{name}: {what}")
expected = {
    "defaults": ("unknown command 'HELLO'", "HELLO 3"),
    "protocol=2": (b"value", "CLIENT SETINFO LIB-NAME redis-py"),
    "?protocol=2": (b"value", "CLIENT SETINFO LIB-NAME redis-py"),
    "user name alone": (b"value", "AUTH sdk "),
}
sys.exit(seen != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
