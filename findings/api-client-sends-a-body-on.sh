#!/usr/bin/env bash
# Guess:    a POST that is answered by 302 ends with an error, or goes on as a GET without a body, as from a browser and from
#           requests.
# Happens:  LaunchDarkly's generated client for Python sends the POST again to the place that the redirect names, with the whole
#           body: the password of a new store is in it. PATCH and DELETE alike. Where a page is there, as that of a login, POST
#           and DELETE end without an error, though nothing was created or deleted. `retries=False` in the Configuration turns
#           it off, and the 302 is an ApiException.
# Versions: launchdarkly-api 25.0.1, urllib3 2.6.3.
# Seen:     with a local HTTP server that redirects once, as the page of a login in between does. Date: 2026-11-28.
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

received = []


class Server(BaseHTTPRequestHandler):
    """Redirects to /login, where there is a page."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        received.append((self.command, self.path.rpartition("/")[2], "example-password" in body))
        self.send_response(200 if self.path == "/login" else 302)
        self.send_header("Location", "/login")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"<html>")

    do_GET = do_POST = do_PATCH = do_DELETE = answer

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()


def sent(method, *arguments, **settings):
    """The requests of a call: method, last part of the path, whether the password was in it; and the call's error."""
    received.clear()
    url = f"http://127.0.0.1:{server.server_port}"
    configuration = launchdarkly_api.Configuration(host=url, api_key={"ApiKey": "example"}, **settings)
    api = launchdarkly_api.PersistentStoreIntegrationsBetaApi(launchdarkly_api.ApiClient(configuration))
    try:
        getattr(api, method)("default", "production", "redis", *arguments)
    except Exception as error:
        return list(received), type(error).__name__
    return list(received), None


config = {"host": "redis.example.com", "password": "example-password"}
store = launchdarkly_api.IntegrationDeliveryConfigurationPost(config=config)
change = [launchdarkly_api.PatchOperation(op="replace", path="/config/password", value="example-password")]
seen = {
    "POST": sent("create_big_segment_store_integration", store),
    "PATCH": sent("patch_big_segment_store_integration", "store", change),
    "DELETE": sent("delete_big_segment_store_integration", "store"),
    "POST, retries=False": sent("create_big_segment_store_integration", store, retries=False),
}
print({name: version(name) for name in ("launchdarkly-api", "urllib3")})
for name, (requests, error) in seen.items():
    print(f"{name}: {requests}, error: {error}")
expected = {
    "POST": ([("POST", "redis", True), ("POST", "login", True)], None),
    "PATCH": ([("PATCH", "store", True), ("PATCH", "login", True)], "ValidationError"),
    "DELETE": ([("DELETE", "store", False), ("DELETE", "login", False)], None),
    "POST, retries=False": ([("POST", "redis", True)], "ApiException"),
}
sys.exit(seen != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
