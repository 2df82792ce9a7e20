"""What differs between the versions of Pulumi's SDK that the provider works with: tests ask here, and nowhere else."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from typing import Any

import grpc
import pytest

VERSION = tuple(int(part) for part in version("pulumi").split(".")[:2])

ERROR = "LaunchDarklyError: " if VERSION >= (3, 260) else "Exception calling application: "
"""What an error begins with: its class where the SDK reports exceptions itself, gRPC's own words before that."""

SHOWS_TRACEBACKS = VERSION >= (3, 260)
"""Whether the SDK's host reports an exception with its traceback, as it does where it reports them itself."""

CAN_READ_BY_ID = VERSION >= (3, 268)
"""Whether ``get`` of a resource reaches the provider: before, the SDK looks for it where the engine has put nothing."""


def reading_by_id() -> AbstractContextManager[Any]:
    """Around what reads by ID in the provider's process: it works, or is the SDK's error."""
    return nullcontext() if CAN_READ_BY_ID else pytest.raises(grpc.RpcError, match="'__provider'")
