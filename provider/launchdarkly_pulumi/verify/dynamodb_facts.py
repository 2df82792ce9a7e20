"""What was read of a DynamoDB table and its role, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from .checks import Unread
from .marker import Clocks, Markers
from .membership import Membership

NOT_ASKED = Unread("the table could not be asked")

NO_CLOCKS = Clocks(0.0, NOT_ASKED)

Item = Mapping[str, Mapping[str, Any]]
"""As DynamoDB sends it: each attribute's value under its type."""


@dataclass(frozen=True)
class Table:
    """What DescribeTable says.

    :param keys: name and type of each key, by its role, ``HASH`` or ``RANGE``.
    """

    status: str
    arn: str
    keys: Mapping[str, tuple[str, Optional[str]]]


@dataclass(frozen=True)
class Role:
    """The role that LaunchDarkly assumes.

    :param trust: who may assume it, as an IAM document.
    :param policies: what it may do, likewise.
    """

    trust: Mapping[str, Any]
    policies: Union[Sequence[Mapping[str, Any]], Unread]


@dataclass(frozen=True)
class DynamoDBFacts:
    """What was read as one principal.

    :param place: what was asked, in words.
    :param unreachable: why there is no connection.
    :param no_login: why AWS does not know who asks.
    :param region_here: that of SDKs which are given none.
    :param table: ``None``: there is no such table.
    :param time_to_live: the attribute that makes items expire; ``None``: none does.
    :param marker: the marker's item; ``None``: there is none.
    :param memberships: some items of members, whoever they are.
    :param member: the item of the context that was asked for.
    """

    place: str
    unreachable: Optional[str] = None
    no_login: Optional[str] = None
    region_here: Optional[str] = None
    clocks: Clocks = NO_CLOCKS
    table: Union[Table, Unread, None] = NOT_ASKED
    time_to_live: Union[str, Unread, None] = NOT_ASKED
    marker: Union[Item, Unread, None] = NOT_ASKED
    markers: Union[Markers, Unread] = NOT_ASKED
    read: Optional[Unread] = NOT_ASKED
    memberships: Union[Sequence[Item], Unread] = NOT_ASKED
    member: Union[Membership, Unread, None] = None
    role: Union[Role, Unread, None] = NOT_ASKED
