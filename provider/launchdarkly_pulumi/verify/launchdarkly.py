"""Judging what LaunchDarkly says of a store, and the prefix that SDKs are given. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional, Union

from ..model.status import BigSegmentStoreStatus
from .checks import Check, Unread, failed, passed, unchecked

SHOWN_ERRORS = 3


def judge(
    on: bool, status: BigSegmentStoreStatus, client_side_id: Union[str, Unread], prefix: Optional[str]
) -> Iterator[Check]:
    """The checks that need no store.

    :param prefix: what SDKs are configured with; ``None``: nobody has said.
    """
    yield _of_status(on, status)
    if isinstance(client_side_id, Unread):
        yield unchecked("client-side-id", client_side_id.why)
    else:
        yield passed("client-side-id", f"{client_side_id}, the key prefix that SDKs need")
    yield _of_prefix(client_side_id, prefix)


def _of_status(on: bool, status: BigSegmentStoreStatus) -> Check:
    name = "launchdarkly"
    if not on:
        return failed(
            name, "the integration is off", "LaunchDarkly does not write to the store", "Declare it with on=True."
        )
    if status.available and not status.potentially_stale:
        return passed(name, "reports the store available")
    what = "available, but potentially stale" if status.available else "not available"
    told = "; ".join(error.message for error in status.errors[:SHOWN_ERRORS] if error.message)
    return failed(
        name,
        f"reports the store {what}" + (f": {told}" if told else ""),
        "SDKs find old segments there, or none",
        "The checks below may tell why; LaunchDarkly connects from elsewhere, with an address and a user of its own.",
    )


def _of_prefix(client_side_id: Union[str, Unread], prefix: Optional[str]) -> Check:
    name = "sdk-prefix"
    if prefix is None:
        return unchecked(name, "no prefix was given", "Give --prefix with what your SDKs are configured with.")
    if isinstance(client_side_id, Unread):
        return unchecked(name, f"{prefix or 'no prefix'} was given; the client-side ID is not known")
    if prefix == client_side_id:
        return passed(name, f"{prefix}, as it has to be")
    return failed(
        name,
        f"{prefix or 'no prefix'}, not {client_side_id}",
        "SDKs say STALE without any error, or, with another environment's prefix, HEALTHY with its segments",
        "Set the key prefix of every SDK to the client-side ID of its environment.",
    )
