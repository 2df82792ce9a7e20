"""What was read from a Redis, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union

from .addresses import RedisAddress
from .checks import Unread
from .marker import Clocks, Markers, Value
from .membership import Membership

NOT_ASKED = Unread("the store could not be asked")

ELSEWHERE = "Look at what the check topology says, and at the server's log."
"""The advice where a command is refused for another reason than the user's rights."""


@dataclass(frozen=True)
class Connection:
    """How far a connection came; each failure is in words of our own, ``None`` where there is none."""

    unreachable: Optional[str] = None
    no_tls: Optional[str] = None
    no_login: Optional[str] = None


@dataclass(frozen=True)
class RedisFacts:
    """What was read from a Redis as one user.

    :param info: what INFO says; of HELLO's ``mode`` and ``role`` where INFO is closed to the user.
    :param policy: the eviction policy.
    :param read: whether a context's sets, which are empty, could be read; why not.
    """

    address: RedisAddress
    connection: Connection
    clocks: Clocks
    info: Union[Mapping[str, Any], Unread] = NOT_ASKED
    policy: Union[str, Unread] = NOT_ASKED
    marker: Value = NOT_ASKED
    read: Optional[Unread] = NOT_ASKED
    markers: Union[Markers, Unread] = NOT_ASKED
    membership: Union[Membership, Unread, None] = None

    @property
    def is_connected(self) -> bool:
        """Whether the user is logged in."""
        return self.connection == Connection()
