"""Talks to Pulumi's engine from the provider's host process: messages, cancellation, and unknown values."""

from __future__ import annotations

import sys
import threading
from typing import Any, Optional

from ..core.reporter import CallReporter
from ..model.fields import UNKNOWN
from .engine import is_there

ON_THE_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How Pulumi's protocol writes a value that is not known before the update (``pulumi.runtime.rpc.UNKNOWN``)."""

cancelled = threading.Event()
"""Set once Pulumi's engine has asked this process to end, for example after a Ctrl-C."""


class Messages(CallReporter):
    """Shows messages in the output of ``pulumi``; on stderr if there is no engine, as in plain Python.

    :param address: the engine's gRPC address, ``host:port``; ``None`` if there is no engine.
    :param cancelled: is set when the run is being cancelled, and when the engine no longer runs.
    """

    def __init__(self, address: Optional[str], cancelled: Optional[threading.Event] = None) -> None:
        super().__init__(cancelled)
        self._address = address
        self._engine: Any = None

    def progress(self, text: str, urn: str = "") -> None:
        """Shows a status line that replaces the last one: of a resource or, without a ``urn``, of the stack."""
        if not self._log("INFO", text, urn, ephemeral=True):
            self.cancelled.set()

    def is_heard(self) -> bool:
        """Whether the engine is there."""
        if self._address is None:
            return True
        from pulumi.runtime.proto import engine_pb2

        return is_there(self._stub(self._address), engine_pb2.GetRootResourceRequest())

    def _stub(self, address: str) -> Any:
        import grpc
        from pulumi.runtime.proto import engine_pb2_grpc

        with self._lock:
            if self._engine is None:
                self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
            return self._engine

    def _log(self, severity: str, text: str, urn: str = "", *, ephemeral: bool = False) -> bool:
        if self._address is None:
            print(f"{severity.lower()}: {text}", file=sys.stderr)
            return True
        import grpc
        from pulumi.runtime.proto import engine_pb2

        try:
            request = engine_pb2.LogRequest(
                severity=getattr(engine_pb2, severity), message=text, urn=urn, ephemeral=ephemeral
            )
            self._stub(self._address).Log(request)
        except grpc.RpcError:
            # An operation that has succeeded must not fail because its message cannot be shown.
            print(f"{severity.lower()}: {text}", file=sys.stderr)
            return False
        return True


def messages_of_host() -> Messages:
    """The messages of this process, which Pulumi starts as ``python -m pulumi.dynamic <engine address>``."""
    in_host = len(sys.argv) == 2 and ":" in sys.argv[1]
    return Messages(sys.argv[1] if in_host else None, cancelled)


def plain(value: Any) -> Any:
    """Properties from the engine, with :data:`fields.UNKNOWN` for every value that is not known yet, at any depth."""
    from pulumi.output import Unknown

    return _plain(value, Unknown)


def _plain(value: Any, unknown: type) -> Any:
    # NOTE: the host process makes only dicts of mappings, and a check for dict is faster than one for Mapping.
    if isinstance(value, dict):
        return {key: _plain(inner, unknown) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, unknown) for inner in value]
    return UNKNOWN if isinstance(value, unknown) or value == ON_THE_WIRE else value


def wire(value: Any) -> Any:
    """Properties for Pulumi's engine, with its own form of unknown values."""
    if isinstance(value, dict):
        return {key: wire(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [wire(inner) for inner in value]
    return ON_THE_WIRE if value is UNKNOWN else value
