#!/usr/bin/env bash
# Guess:    a store of a kind that the generated client does not know comes as a string, or is the only one that fails.
# Happens:  one such item fails the whole listing with pydantic's ValidationError: the stores of known kinds are lost too. The
#           error is no ApiException, so `except ApiException` does not catch it.
# Versions: launchdarkly-api 25.0.1.
# Seen:     with a local HTTP server that lists one Redis store and one of another kind. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check \
    launchdarkly-api==25.0.1
cat > "$folder/run.py" <<'PROGRAM'
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import launchdarkly_api

kinds = []


def integration(kind):
    return {
        "_links": {name: {} for name in ("self", "parent", "project", "environment")},
        "_id": f"id-of-{kind}",
        "integrationKey": kind,
        "projectKey": "default",
        "environmentKey": "production",
        "config": {},
        "on": True,
        "tags": [],
        "name": kind,
        "version": 1,
        "_status": {"available": True, "potentiallyStale": False, "lastSync": 1, "lastError": 0, "errors": []},
    }


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"_links": {"self": {}}, "items": [integration(kind) for kind in kinds]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def listed(*served):
    kinds[:] = served
    try:
        return [each.integration_key for each in api.get_big_segment_store_integrations().items]
    except Exception as error:
        print(" ".join(str(error).split()))
        return type(error).__name__, isinstance(error, launchdarkly_api.ApiException)


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
configuration = launchdarkly_api.Configuration(host=f"http://127.0.0.1:{server.server_port}", api_key={"ApiKey": "example"})
api = launchdarkly_api.PersistentStoreIntegrationsBetaApi(launchdarkly_api.ApiClient(configuration))
print("launchdarkly-api", version("launchdarkly-api"))
seen = listed("redis", "dynamodb"), listed("redis", "another-kind")
print("known kinds:", seen[0], "one unknown (error, is an ApiException):", seen[1])
sys.exit(seen != (["redis", "dynamodb"], ("ValidationError", False)))
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
