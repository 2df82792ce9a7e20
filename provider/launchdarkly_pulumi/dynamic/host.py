"""What this package changes in the process of Pulumi's dynamic providers.

The process is shared by all dynamic providers of a program: the others must notice nothing of it.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from ..core.debug_log import DEBUG_VARIABLE
from ..errors import LaunchDarklyError

_log = logging.getLogger(__name__)

WORKERS = 64
"""Calls at a time. The engine makes four for each core; how many requests come of them is a setting."""


def keys_of(config: Any) -> list[str]:
    """The keys of the configuration that Pulumi's host hands over; none where it has them otherwise."""
    props = getattr(config, "_props", None)
    return [key for key in props if isinstance(key, str)] if isinstance(props, dict) else []


def notice_cancellation() -> None:
    """Makes :data:`cancelled` known to the host process, which answers the engine's ``Cancel`` and does nothing.

    Its method was handed to gRPC before any provider is loaded, so it is its code that is replaced. Where the host
    looks otherwise, an operation that waits goes on to its own end.
    """
    host: Any = sys.modules["__main__"]
    try:
        host.DynamicResourceProviderServicer.Cancel.__code__ = _cancel.__code__
    except (AttributeError, ValueError) as error:
        _log.debug("the host's Cancel cannot be replaced, so operations go on to their own end: %s", error)


def _cancel(_self: Any, _request: Any, _context: Any) -> Any:
    """Runs as a method of the host, among the names of its module."""
    from google.protobuf import empty_pb2

    from launchdarkly_pulumi.dynamic.messages import cancelled

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
    except (AttributeError, IndexError, TypeError) as error:
        _log.debug("the host's pool cannot be widened, so it works on four calls at a time: %s", error)


def spare_collections() -> None:
    """Leaves what is loaded by now out of Python's garbage collections: it stays until the process ends.

    Python goes through all there is several times when it ends, and Pulumi waits for that.
    """
    gc.freeze()


def show_errors_as_one_line() -> None:
    """Makes the host report an error of this package as ``LaunchDarklyError: ...`` instead of a traceback.

    The host formats exceptions with :func:`traceback.format_exc`, found among the names of its own module: there a
    stand-in takes the place of the module ``traceback``, which treats all other exceptions as before. Hosts before
    pulumi 3.217 leave exceptions to gRPC, which logs them. ``LAUNCHDARKLY_DEBUG`` in the environment keeps tracebacks.
    """
    if os.environ.get(DEBUG_VARIABLE):
        return
    host: Any = sys.modules["__main__"]
    if getattr(host, "traceback", None) is traceback:
        host.traceback = SimpleNamespace(**(vars(traceback) | {"format_exc": _format_exc}))
    logging.getLogger("grpc._server").addFilter(_without_traceback)


def _format_exc(*arguments: Any, **options: Any) -> str:
    error = sys.exc_info()[1]
    if isinstance(error, LaunchDarklyError):
        return f"{LaunchDarklyError.__name__}: {error}"
    return traceback.format_exc(*arguments, **options)


def _without_traceback(record: logging.LogRecord) -> bool:
    if record.exc_info and isinstance(record.exc_info[1], LaunchDarklyError):
        record.exc_info = None
    return True
