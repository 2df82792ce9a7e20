#!/usr/bin/env bash
# Guess:    the generated client sends each request once, and leaves repeats to its caller, as it does not document any.
# Happens:  where the connection closes before a response, GET and DELETE are sent up to three times more, at once, and POST
#           and PATCH are not. So a delete that worked, and whose response was lost, is reported as NotFoundException: the
#           client's own second DELETE finds nothing. `retries=False` in the Configuration turns the repeats off.
# Versions: launchdarkly-api 25.0.1, urllib3 2.6.3.
# Seen:     with a local HTTP server that deletes and then closes the connection, once. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check \
    launchdarkly-api==25.0.1 urllib3==2.6.3
cat > "$folder/run.py" <<'PROGRAM'
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import launchdarkly_api

stored, received = set(), []


class Server(BaseHTTPRequestHandler):
    def do_DELETE(self):
        received.append("DELETE")
        if "store" in stored:
            stored.clear()
            self.close_connection = True  # the response is lost
            return
        body = b'{"code": "not_found", "message": "Not found"}'
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PATCH(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        received.append("PATCH")
        self.close_connection = True

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()


def outcome(method, *arguments, **settings):
    """The error of a call, and the requests that it sent."""
    stored.add("store")
    received.clear()
    url = f"http://127.0.0.1:{server.server_port}"
    configuration = launchdarkly_api.Configuration(host=url, api_key={"ApiKey": "example"}, **settings)
    api = launchdarkly_api.PersistentStoreIntegrationsBetaApi(launchdarkly_api.ApiClient(configuration))
    try:
        getattr(api, method)("default", "production", "redis", "store", *arguments)
    except Exception as error:
        return type(error).__name__, list(received)
    return None, list(received)


turn_on = [launchdarkly_api.PatchOperation(op="replace", path="/on", value=True)]
seen = {
    "DELETE": outcome("delete_big_segment_store_integration"),
    "DELETE, retries=False": outcome("delete_big_segment_store_integration", retries=False),
    "PATCH": outcome("patch_big_segment_store_integration", turn_on),
}
print({name: version(name) for name in ("launchdarkly-api", "urllib3")})
for name, (error, requests) in seen.items():
    print(f"{name}: {error} after {requests}")
expected = {
    "DELETE": ("NotFoundException", ["DELETE", "DELETE"]),
    "DELETE, retries=False": ("ProtocolError", ["DELETE"]),
    "PATCH": ("ProtocolError", ["PATCH"]),
}
sys.exit(seen != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
