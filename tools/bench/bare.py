"""A plugin that looks at nothing, beside which ours is measured: what Python, gRPC, requests and the engine take.

It sends the requests that no provider can do without, and knows no more of them than that they have succeeded.

Usage: ``python tools/bench/bare.py ADDRESS``, as the engine starts a plugin.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from google.protobuf.empty_pb2 import Empty

from launchdarkly_pulumi.plugin.protocol import engine_pb2_grpc, grpc, plugin_pb2, provider_pb2, provider_pb2_grpc

PATH = "/api/v2/integration-capabilities/big-segment-store"
PLACE = "default/production/redis"
INTEGRATION = {
    "on": True,
    "tags": ["one", "two"],
    "config": {"host": "redis.example.com", "port": 6379, "password": "a password"},
}
PATCH = [{"op": "replace", "path": "/config/host", "value": "new.example.com"}]
CONNECTIONS = 16

_LISTING = threading.Lock()


class Bare(provider_pb2_grpc.ResourceProviderServicer):  # type: ignore[misc]
    """Takes what it is given, and remembers nothing."""

    def Handshake(self, _request: Any, _context: Any) -> Any:
        """As the plugin."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        """As the plugin."""
        from launchdarkly_pulumi.plugin.version import version

        return plugin_pb2.PluginInfo(version=version())

    def GetSchema(self, _request: Any, _context: Any) -> Any:
        """The plugin's."""
        from launchdarkly_pulumi.plugin.schema import schema
        from launchdarkly_pulumi.plugin.version import version

        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema(version())))

    def CheckConfig(self, request: Any, _context: Any) -> Any:
        """Nothing is wrong."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, _request: Any, _context: Any) -> Any:
        """Nothing is different."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, _request: Any, _context: Any) -> Any:
        """As the plugin."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, _context: Any) -> Any:
        """Nothing is wrong."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, _context: Any) -> Any:
        """Whether the inputs are other ones."""
        _list_once()
        kinds = provider_pb2.DiffResponse
        same = request.old_inputs == request.news
        return kinds(changes=kinds.DIFF_NONE if same else kinds.DIFF_SOME)

    def Create(self, request: Any, _context: Any) -> Any:
        """It is there."""
        created = _sent("POST", f"/{PLACE}", {"name": request.urn.rpartition("::")[2], **INTEGRATION})
        return provider_pb2.CreateResponse(id=f"{PLACE}/{created['_id']}", properties=request.properties)

    def Read(self, request: Any, _context: Any) -> Any:
        """It is as it was."""
        _list_once()
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: Any, _context: Any) -> Any:
        """It is as it should be."""
        _sent("PATCH", f"/{request.id}", PATCH)
        return provider_pb2.UpdateResponse(properties=request.news)

    def Delete(self, request: Any, _context: Any) -> Any:
        """It is gone."""
        _sent("DELETE", f"/{request.id}")
        return Empty()

    def Cancel(self, _request: Any, _context: Any) -> Any:
        """Nothing is under way."""
        return Empty()


@functools.cache
def _session() -> Any:
    import requests

    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=CONNECTIONS))
    session.trust_env = False
    token = os.environ.get("LAUNCHDARKLY_ACCESS_TOKEN", "")
    session.headers.update({"Authorization": token, "LD-API-Version": "beta"})
    return session


def _sent(method: str, path: str, body: Any = None) -> Any:
    """Sends a request; gives the JSON of its response, if there is any."""
    response = _session().request(method, os.environ["LAUNCHDARKLY_API_HOST"] + PATH + path, json=body)
    response.raise_for_status()
    return response.json() if response.content else None


def _list_once() -> None:
    with _LISTING:
        _listing()


@functools.cache
def _listing() -> Any:
    return _sent("GET", "")


def main() -> None:
    """Prints the port, and serves until it is killed."""
    engine_pb2_grpc.EngineStub(grpc.insecure_channel(sys.argv[1]))
    server = grpc.server(ThreadPoolExecutor(256))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Bare(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    _session()
    threading.Event().wait()


if __name__ == "__main__":
    main()
