"""Talking to Pulumi's engine from the provider's host process: messages, unknown values, and how errors look."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional

from . import errors
from .models import UNKNOWN

DEBUG_VARIABLE = "LAUNCHDARKLY_DEBUG"
"""Any text in this environment variable shows the whole traceback of an error."""

WORKERS = 64
"""Calls at a time. The engine makes four for each core; how many requests come of them is a setting."""


cancelled = threading.Event()
"""Set once Pulumi's engine has asked this process to come to an end, as after a Ctrl-C."""


class Messages:
    """Shows messages in the output of ``pulumi``; on stderr where there is no engine, as in plain Python.

    :param address: the engine's gRPC address, ``host:port``.
    :param cancelled: is set when the run is being cancelled; also when the engine turns out to be gone.
    """

    def __init__(self, address: Optional[str], cancelled: Optional[threading.Event] = None) -> None:
        self.cancelled = cancelled or threading.Event()
        self._address = address
        self._engine: Any = None
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def info(self, text: str) -> None:
        """A line of the diagnostics."""
        self._log("INFO", text)

    def warn_once(self, text: str, about: str = "") -> None:
        """A warning that is given once a run, however many resources it concerns: once for each ``about``."""
        with self._lock:
            is_news = (about or text) not in self._said
            self._said.add(about or text)
        if is_news:
            self._log("WARNING", text)

    def progress(self, text: str, urn: str = "") -> None:
        """A status line of a resource, which the next one takes the place of; of the stack without a ``urn``."""
        if not self._log("INFO", text, urn, ephemeral=True):
            self.cancelled.set()

    def _log(self, severity: str, text: str, urn: str = "", *, ephemeral: bool = False) -> bool:
        """Shows a message; whether there was somebody to show it."""
        if self._address is None:
            print(f"{severity.lower()}: {text}", file=sys.stderr)
            return True
        import grpc
        from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

        try:
            with self._lock:
                if self._engine is None:
                    self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(self._address))
            request = engine_pb2.LogRequest(
                severity=getattr(engine_pb2, severity), message=text, urn=urn, ephemeral=ephemeral
            )
            self._engine.Log(request)
        except grpc.RpcError:
            # A message that cannot be shown must not fail an operation that has succeeded.
            print(f"{severity.lower()}: {text}", file=sys.stderr)
            return False
        return True


def messages_of_host() -> Messages:
    """The messages of ``python -m pulumi.dynamic <engine address>``, the process that providers run in."""
    in_host = len(sys.argv) == 2 and ":" in sys.argv[1]
    return Messages(sys.argv[1] if in_host else None, cancelled)


def notice_cancellation() -> None:
    """Makes :data:`cancelled` known to the host process, which answers the engine's ``Cancel`` and does nothing.

    Its method was handed to gRPC before any provider is loaded, so it is its code that is replaced. Where the host
    looks otherwise, an operation that waits goes on to its own end.
    """
    host: Any = sys.modules["__main__"]
    try:
        host.DynamicResourceProviderServicer.Cancel.__code__ = _cancel.__code__
    except (AttributeError, ValueError):
        return


def _cancel(_self: Any, _request: Any, _context: Any) -> Any:
    """Runs as a method of the host, among the names of its module."""
    from google.protobuf import empty_pb2

    from launchdarkly_pulumi.engine import cancelled

    cancelled.set()
    return empty_pb2.Empty()


def widen_host(workers: int = WORKERS) -> None:
    """Lets the host process work on more than the four calls at a time that are wired into it.

    Called on one of its workers, which knows the pool that it belongs to. Where the pool looks otherwise than the
    supported versions of Python have it, four calls at a time is what remains.
    """
    try:
        pool = threading.current_thread()._args[0]()  # type: ignore[attr-defined]
        if isinstance(pool, ThreadPoolExecutor) and pool._max_workers < workers:
            pool._max_workers = workers
            # A worker is added with each new call; those that wait already would wait for one of the first four.
            for _ in range(pool._work_queue.qsize()):
                pool._adjust_thread_count()
    except (AttributeError, IndexError, TypeError):
        return


def spare_collections() -> None:
    """Leaves what is loaded by now out of Python's garbage collections: it stays until the process ends.

    Python goes through all there is several times when it ends, and Pulumi waits for that.
    """
    gc.freeze()


def show_errors_as_one_line() -> None:
    """Makes the host report an exception as ``LaunchDarklyError: ...`` instead of a traceback.

    The host formats every exception with :func:`traceback.format_exc`; Python leaves the module's name out
    for classes of ``builtins``. ``LAUNCHDARKLY_DEBUG`` in the environment keeps the traceback.
    """
    if os.environ.get(DEBUG_VARIABLE):
        return
    sys.tracebacklimit = 0
    for error in _tree(errors.LaunchDarklyError):
        error.__module__, error.__qualname__ = "builtins", errors.LaunchDarklyError.__name__


def _tree(error: type[BaseException]) -> Iterator[type[BaseException]]:
    yield error
    for child in error.__subclasses__():
        yield from _tree(child)


def plain(value: Any) -> Any:
    """The properties with every unknown value, at any depth, as the string :data:`models.UNKNOWN`."""
    from pulumi.output import Unknown

    return _plain(value, Unknown)


def _plain(value: Any, unknown: type) -> Any:
    # NOTE: by dict, not by Mapping, which takes longer to tell: the host process makes nothing else of the properties.
    if isinstance(value, dict):
        return {key: _plain(inner, unknown) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, unknown) for inner in value]
    return UNKNOWN if isinstance(value, unknown) else value
