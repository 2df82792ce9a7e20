"""The changes that this package makes to the host process of Pulumi's dynamic providers.

All dynamic providers of a program share the host process, so none of these changes may affect the others. Each function
says what happens if the host is not as expected.
"""

from __future__ import annotations

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
"""How many calls run at a time. The engine makes four for each core; a setting limits their requests."""


def keys_of(config: object) -> list[str]:
    """The keys of the configuration that Pulumi's host passes; none if it stores them in another way."""
    props = getattr(config, "_props", None)
    return [key for key in props if isinstance(key, str)] if isinstance(props, dict) else []


def notice_cancellation() -> None:
    """Makes the host set :data:`messages.cancelled` when the engine calls ``Cancel``; on its own it does nothing then.

    The host's method was passed to gRPC before any provider was loaded, so the method's code is replaced. If the host
    has no such method, an operation that waits is not cancelled.
    """
    host: Any = sys.modules["__main__"]
    try:
        host.DynamicResourceProviderServicer.Cancel.__code__ = _cancel.__code__
    except (AttributeError, ValueError) as error:
        _log.debug("the host's Cancel cannot be replaced, so operations go on to their own end: %s", error)


def _cancel(_self: object, _request: object, _context: object) -> object:
    """Replaces the host's method: it runs with the globals of the host's module."""
    from google.protobuf import empty_pb2

    from launchdarkly_pulumi.dynamic.messages import cancelled

    cancelled.set()
    return empty_pb2.Empty()


def widen_host(workers: int = WORKERS) -> None:
    """Lets the host process run more calls at a time than its four.

    It must be called on one of the host's workers, from which it gets their pool. If the pool is not built as in the
    supported versions of Python, the host stays at four calls at a time.
    """
    try:
        pool = threading.current_thread()._args[0]()  # type: ignore[attr-defined]
        if isinstance(pool, ThreadPoolExecutor) and pool._max_workers < workers:
            pool._max_workers = workers
            # The pool adds a worker only with a new call: without this, calls that wait already would get none.
            for _ in range(pool._work_queue.qsize()):
                pool._adjust_thread_count()
    except (AttributeError, IndexError, TypeError) as error:
        _log.debug("the host's pool cannot be widened, so it works on four calls at a time: %s", error)


def show_errors_as_one_line() -> None:
    """Makes the host report an error of this package as ``LaunchDarklyError: ...`` instead of a traceback.

    The host formats exceptions with :func:`traceback.format_exc`. Its reference to the module ``traceback`` is replaced
    by one with another ``format_exc``, which formats all other exceptions as before. Hosts before pulumi 3.217 leave
    exceptions to gRPC, which logs them. With ``LAUNCHDARKLY_DEBUG`` in the environment, tracebacks are kept.
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
