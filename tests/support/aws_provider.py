"""A provider of AWS resources that are only told of: enough for Pulumi's engine to deploy a program's graph.

Pulumi's own is a plugin of some hundred megabytes that no package index has. Run as a script, this one serves
as the plugin ``pulumi-resource-aws``.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

ACCOUNT = "444455556666"


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Takes every input as it is; a created resource has its inputs, a name and an ARN."""

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """The version that programs ask for does not matter here."""
        return plugin_pb2.PluginInfo(version="7.999.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """Any configuration will do."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Configure(self, request: Any, context: Any) -> Any:
        """Unknown outputs in a preview are left to the engine."""
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=False)

    def Check(self, request: Any, context: Any) -> Any:
        """Any input will do."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Create(self, request: Any, context: Any) -> Any:
        """The resource's name is that of the program, with a suffix as Pulumi's provider gives one."""
        type_, name = request.urn.split("::")[-2:]
        outputs = MessageToDict(request.properties)
        outputs["name"] = f"{name}-1a2b3c4"
        service = "iam::" if "iam" in type_ else "dynamodb:eu-west-1:"
        outputs["arn"] = f"arn:aws:{service}{ACCOUNT}:{'role' if 'iam' in type_ else 'table'}/{outputs['name']}"
        answer = provider_pb2.CreateResponse(id=outputs["name"])
        answer.properties.update(outputs)
        return answer

    def Cancel(self, request: Any, context: Any) -> Any:
        """Nothing runs."""
        return Empty()


def plugin(folder: Path) -> None:
    """Puts the plugin into a folder for PATH."""
    script = folder / "pulumi-resource-aws"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "$@"\n')
    script.chmod(0o755)


def main() -> None:
    """Serves until the engine ends the process, which learns the port from standard output."""
    server = grpc.server(ThreadPoolExecutor())
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201 - the plugin's handshake
    server.wait_for_termination()


if __name__ == "__main__":
    main()
