"""A local LaunchDarkly API for big segment store integrations: for demos, tests and your own CI.

It answers like ``https://app.launchdarkly.com/api/v2/integration-capabilities/big-segment-store``, reports the
client-side IDs of environments, and keeps everything in memory. It needs the ``emulator`` extra of this distribution::

    with Emulator() as emulator:
        requests.get(f"{emulator.url}/api/v2/integration-capabilities/big-segment-store", headers=...)

It can also do what LaunchDarkly does with the stores: write big segments into them, for SDKs to read.

It imports nothing from the rest of this distribution: it is the other side of the wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .integration import Environment
from .options import EmulatorOptions
from .sync import Sync

if TYPE_CHECKING:
    from .requestlog import RequestRecord
    from .server import Emulator, serve

__all__ = ["Emulator", "EmulatorOptions", "Environment", "RequestRecord", "Sync", "serve"]


def __getattr__(name: str) -> Any:
    """Import the server only when it is used: the command line can describe itself without the extra."""
    if name in ("Emulator", "serve"):
        from . import server

        return getattr(server, name)
    if name == "RequestRecord":
        from .requestlog import RequestRecord

        return RequestRecord
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
