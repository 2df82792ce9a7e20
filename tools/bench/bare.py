"""A plugin that does nothing, beside which ours is measured: what Python, gRPC and the engine take for each store.

Usage: ``python tools/bench/bare.py ADDRESS``, as the engine starts a plugin.
"""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from google.protobuf.empty_pb2 import Empty

from launchdarkly_pulumi.plugin.protocol import engine_pb2_grpc, grpc, plugin_pb2, provider_pb2, provider_pb2_grpc


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
        kinds = provider_pb2.DiffResponse
        same = request.old_inputs == request.news
        return kinds(changes=kinds.DIFF_NONE if same else kinds.DIFF_SOME)

    def Create(self, request: Any, _context: Any) -> Any:
        """It is there."""
        return provider_pb2.CreateResponse(id=request.urn.rpartition("::")[2], properties=request.properties)

    def Read(self, request: Any, _context: Any) -> Any:
        """It is as it was."""
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: Any, _context: Any) -> Any:
        """It is as it should be."""
        return provider_pb2.UpdateResponse(properties=request.news)

    def Delete(self, _request: Any, _context: Any) -> Any:
        """It is gone."""
        return Empty()

    def Cancel(self, _request: Any, _context: Any) -> Any:
        """Nothing is under way."""
        return Empty()


def main() -> None:
    """Prints the port, and serves until it is killed."""
    engine_pb2_grpc.EngineStub(grpc.insecure_channel(sys.argv[1]))
    server = grpc.server(ThreadPoolExecutor(256))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Bare(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
