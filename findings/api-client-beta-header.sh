#!/usr/bin/env bash
# Guess:    LaunchDarkly's generated client sends `LD-API-Version: beta` from a class that is named ...BetaApi, since the
#           API's documentation demands that header for beta resources.
# Happens:  PersistentStoreIntegrationsBetaApi sends `LD-API-Version: 20240415`, as all classes do. A default header set to
#           beta on the ApiClient is sent instead, once.
# Versions: launchdarkly-api 25.0.1.
# Seen:     in what a local HTTP server got. What LaunchDarkly makes of it was not tried. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check \
    launchdarkly-api==25.0.1
cat > "$folder/run.py" <<'PROGRAM'
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import launchdarkly_api

received = []


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        received.append(self.headers.get_all("LD-API-Version"))
        body = b'{"_links": {"self": {}}, "items": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
configuration = launchdarkly_api.Configuration(host=f"http://127.0.0.1:{server.server_port}", api_key={"ApiKey": "example"})
client = launchdarkly_api.ApiClient(configuration)
api = launchdarkly_api.PersistentStoreIntegrationsBetaApi(client)
api.get_big_segment_store_integrations()
client.set_default_header("LD-API-Version", "beta")
api.get_big_segment_store_integrations()
print("launchdarkly-api", version("launchdarkly-api"))
print("LD-API-Version by itself:", received[0], "with a default header:", received[1])
sys.exit(received != [["20240415"], ["beta"]])
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
