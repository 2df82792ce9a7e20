"""A plugin that serves nothing: what gRPC and the messages take, beside which the plugin is measured.

Usage: ``python tools/bench/bare.py ADDRESS``, as the engine starts a plugin.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc

from launchdarkly_pulumi.plugin.protocol import engine_pb2_grpc, provider_pb2_grpc


def main() -> None:
    """Prints the port, and serves until it is killed."""
    channel = grpc.insecure_channel(sys.argv[1])
    engine_pb2_grpc.EngineStub(channel)
    server = grpc.server(ThreadPoolExecutor())
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider_pb2_grpc.ResourceProviderServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
