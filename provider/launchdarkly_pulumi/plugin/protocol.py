"""Pulumi's gRPC protocol: gRPC, and the stubs that Pulumi's Python SDK brings, loaded without the SDK itself.

The SDK's own package takes several times as long to import as its stubs, and the engine waits for the plugin at each
command. The stubs are plain modules that import nothing of the SDK: its folder of stubs becomes the path of this
module, which thereby is a package of them.

Of gRPC the half for asyncio is left out, which is a quarter of its import: the plugin's calls are threads. Nothing of
the other half needs it (grpcio 1.85). So the plugin's modules have gRPC from here.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

sys.modules.setdefault("grpc.aio", ModuleType("grpc.aio"))
import grpc  # noqa: E402 - after what it leaves out

if TYPE_CHECKING:
    engine_pb2: Any
    engine_pb2_grpc: Any
    plugin_pb2: Any
    provider_pb2: Any
    provider_pb2_grpc: Any
    status_pb2: Any


def _folder_of_stubs() -> str:
    found = importlib.util.find_spec("pulumi")
    if found is None or not found.submodule_search_locations:
        raise ImportError("Pulumi's Python SDK is not installed", name="pulumi")
    return str(Path(found.submodule_search_locations[0], "runtime", "proto"))


__all__ = ["grpc"]
__path__ = [_folder_of_stubs()]
