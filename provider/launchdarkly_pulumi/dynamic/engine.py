"""Whether Pulumi's engine is there: both doors ask it by the same protocol. Needs none of Pulumi's SDK."""

from __future__ import annotations

from typing import Any

LONGEST_SILENCE = 5.0
"""Seconds after which an engine that is there, and does not respond, is waited for no longer."""


def is_there(engine: Any, request: Any) -> bool:
    """Asks the engine. It was killed where there is none any more: whatever else it responds, it is there.

    :param engine: the stub of the engine's service.
    :param request: a ``GetRootResourceRequest`` of the protocol.
    """
    import grpc

    try:
        engine.GetRootResource(request, timeout=LONGEST_SILENCE)
    except grpc.RpcError as error:
        return bool(error.code() is not grpc.StatusCode.UNAVAILABLE)
    return True
