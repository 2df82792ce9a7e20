"""The plugin's process, ``pulumi-resource-launchdarkly-big-segments``: it prints its port, and serves its engine.

With ``--attach`` it serves every engine that attaches itself, as ``PULUMI_DEBUG_PROVIDERS`` makes it do, until its
standard input ends.
"""

from __future__ import annotations

import gc
import importlib
import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from .messages import EngineReporter

PROGRAM = "pulumi-resource-launchdarkly-big-segments"

WORKERS = 1024
"""Calls at a time: a wait for a store takes one as long as it lasts. How many requests come of them is a setting."""

GRACE = 30.0
"""Seconds that calls have to end in once the engine is gone."""

ATTACH = "--attach"
"""What the process is started with where engines attach themselves."""

_ADDRESS = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_OF_THE_ENGINE = re.compile(r"--?(?:logtostderr|v=.*|tracing(?:=.*)?)")
"""What the engine may write before its address."""


def engine_address(arguments: Sequence[str]) -> Optional[str]:
    """The address of the engine that has started this process; ``None`` where a person has."""
    before, last = list(arguments[:-1]), arguments[-1] if arguments else ""
    for index, argument in enumerate(before):
        follows_tracing = index > 0 and before[index - 1].lstrip("-") == "tracing"
        if not follows_tracing and not _OF_THE_ENGINE.fullmatch(argument):
            return None
    return last if _ADDRESS.fullmatch(last) else None


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Serves the engine that has started this process, or those that attach themselves; returns the exit code."""
    given = [*(sys.argv[1:] if arguments is None else arguments)]
    address = engine_address(given)
    if address is None and given != [ATTACH]:
        return _failed(
            "Pulumi starts this plugin by itself, with its engine's address. For the commands run `launchdarkly-pulumi`"
        )
    # Whoever ends it while it starts wants no traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        serve(address)
    except ImportError as error:
        missing = (error.name or str(error)).partition(".")[0]
        return _failed(
            f"the plugin needs the Python package {missing}, which {sys.executable} does not have: "
            "run `pip install launchdarkly-pulumi` with it"
        )
    return 0


def _failed(reason: str) -> int:
    sys.stderr.write(f"error: {PROGRAM}: {reason}\n")
    return 1


def serve(address: Optional[str]) -> None:
    """Serves the engine at an address until it is gone; without one, those that attach themselves."""
    # gRPC tells on stderr of each connection that ends, and Pulumi shows that to people.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    # What is loaded stays: to look for garbage among it would be a tenth of the start.
    gc.disable()
    from ..core import debug_log
    from .engines import Engines
    from .messages import EngineReporter
    from .protocol import grpc, provider_pb2_grpc
    from .server import Servicer

    debug_log.show(os.environ)
    owner = EngineReporter(address or "")
    engines = Engines(owner if address else None)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, owner.end)
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(WORKERS), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(engines), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Thread(target=_load, name="launchdarkly-load", daemon=True).start()
    if address is None:
        threading.Thread(target=_end_with_input, args=(owner,), name="launchdarkly-input", daemon=True).start()
    owner.ended.wait()
    engines.end()
    # A call that does not end would keep the process.
    last_resort = threading.Timer(GRACE, os._exit, (1,))
    last_resort.daemon = True
    last_resort.start()
    server.stop(GRACE).wait()


def _end_with_input(owner: EngineReporter) -> None:
    """Ends the process once whoever has started it is gone, however that came about."""
    # Not by sys.stdin, whose lock an interpreter that ends may need.
    while os.read(0, 4096):
        pass
    owner.end()


def _load() -> None:
    """Loads what the first calls need, and what the first request needs, while the engine is busy with others."""
    importlib.import_module(f"{__package__}.account")
    importlib.import_module("..api.transport", __package__)
    from ..dynamic.garbage import spare_collections

    spare_collections()
    gc.enable()


if __name__ == "__main__":
    sys.exit(main())
