"""What may go wrong between a provider and LaunchDarkly, at random: faults, crashes, and edits by others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import strategies as st

from support import samples
from support.deployment import EPOCH
from support.fault_proxy import (
    Answer,
    CutAnswer,
    Document,
    Exchange,
    Fault,
    Mangle,
    Refuse,
    ResetAfter,
    ResetBefore,
    Unchanged,
    older_version,
    other_id,
    without_id,
)

METHODS = ("GET", "POST", "PATCH", "DELETE")
OUTSIDE_PASSWORDS = ("outside-canary-password", samples.PASSWORD[:3] + "outside" + samples.PASSWORD[-3:])
ALL_REQUESTS = 40
"""More than a run of the model sends with one method: a fault for all of them."""


@dataclass(frozen=True)
class Edit:
    """What somebody does in LaunchDarkly's user interface to a declared store, if it exists.

    :param fields: by the API's names; ``None`` deletes the store.
    """

    name: str
    fields: Mapping[str, Any] | None


@dataclass(frozen=True)
class Meanwhile(Fault):
    """Somebody edits while a request is on its way."""

    edit: Edit
    after_commit: bool


@dataclass(frozen=True)
class OtherPipeline(Fault):
    """Another stack of the account is deployed, on the same machine, while a request is on its way."""


@dataclass(frozen=True)
class Crash(Fault):
    """The provider's process dies: before the commit, after it, or when it has the answer already."""

    moment: str


@dataclass(frozen=True)
class Outage(Fault):
    """LaunchDarkly cannot be reached at all, during the whole run."""


@dataclass(frozen=True)
class OnListings(Fault):
    """Something is wrong with every listing of the run; whatever else is asked for passes.

    :param name: what; the machine knows what to do.
    """

    name: str
    fault: Fault = field(default_factory=ResetBefore, repr=False)

    def apply(self, exchange: Exchange) -> None:
        """Meets a request of any kind."""
        if exchange._request.path.endswith("big-segment-store"):
            self.fault.apply(exchange)
        else:
            exchange.answer(exchange.forward())


@dataclass(frozen=True)
class Once(Fault):
    """Another fault for the first request that it meets; the others pass."""

    fault: Fault
    met: list[Exchange] = field(default_factory=list, repr=False)

    def apply(self, exchange: Exchange) -> None:
        """Meets a request."""
        self.met.append(exchange)
        if len(self.met) == 1:
            self.fault.apply(exchange)
        else:
            exchange.answer(exchange.forward())


@dataclass(frozen=True)
class LateCommit(Fault):
    """A POST that gets no response, and is committed later.

    :param looks: after how many listings; where there are not so many, after the run.
    :param keep: keeps the commit until then.
    """

    looks: int
    keep: Callable[[int, str, Document], None] = field(default=lambda *_: None, repr=False)

    def apply(self, exchange: Exchange) -> None:
        """Resets the connection."""
        body = json.loads(exchange._request.raw.partition(b"\r\n\r\n")[2])
        self.keep(self.looks, exchange._request.path, body)
        exchange.reset()


@dataclass(frozen=True)
class Echo(Fault):
    """A refusal that repeats whatever the request said, and what LaunchDarkly was told about the store before."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    told_before: Callable[[str], list[str]] = field(default=lambda _path: [], repr=False)

    def apply(self, exchange: Exchange) -> None:
        """Answers."""
        request = exchange._request
        body = request.raw.partition(b"\r\n\r\n")[2].decode()
        message = " ".join([*self.told_before(request.path), request.headers["Authorization"], body])
        refusal = {"code": "invalid_request", "message": message, "id": "30ce6058"}
        Answer.json(self.status, refusal, self.headers).apply(exchange)


class Trouble(NamedTuple):
    """A fault for the next requests.

    :param after: how many requests of the method go through first.
    """

    fault: Fault
    method: str | None = None
    times: int = 1
    after: int = 0


def _with_next(listing: Document) -> Document:
    return listing | {"items": listing["items"][:1], "_links": {"next": {"href": "/api/v2/next"}}}


def _with_larger_count(listing: Document) -> Document:
    return listing | {"items": listing["items"][1:], "totalCount": len(listing["items"])}


def _without_versions(listing: Document) -> Document:
    return listing | {"items": [_without_version(item) for item in listing["items"]]}


def _without_version(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "version"}


RATE_LIMITS: tuple[dict[str, str], ...] = (
    {},
    {"Retry-After": "0"},
    {"Retry-After": "3"},
    {"Retry-After": "86400"},
    {"Retry-After": "-1"},
    {"Retry-After": "soon"},
    {"Retry-After": "Wed, 15 Nov 2023 22:13:20 GMT"},
    {"X-Ratelimit-Reset": f"{EPOCH + 5:.0f}000"},
    {"X-Ratelimit-Reset": f"{EPOCH - 86_400:.0f}000"},
    {"X-Ratelimit-Reset": f"{EPOCH + 86_400:.0f}000"},
    {"X-Ratelimit-Reset": f"{EPOCH + 5:.0f}000", "Date": "Tue, 14 Nov 2023 22:13:20 GMT"},
    {"X-Ratelimit-Reset": "9" * 40, "Date": "yesterday"},
)
CONFLICT = {"code": "conflict", "message": "the test failed"}
BY_HAND: tuple[Mapping[str, Any] | None, ...] = (
    {"on": True},
    {"on": False},
    {"tags": ["by-hand", "two"]},
    {"name": "By hand"},
    {"config": {"host": "by-hand.example.com"}},
    {"config": {"port": "7000"}},
    {"config": {"username": "by-hand"}},
    {"config": {"tlsEnabled": True}},
    *({"config": {"password": password}} for password in OUTSIDE_PASSWORDS),
    {"config": {"password": ""}},
    {"config": {"region": "us-west-2"}},
    None,
)
SLOW, STALE = "slow", "stale"


def _keeps_id(mangle: Callable[[Document], Any]) -> bool:
    return mangle is not other_id


def strategy(names: st.SearchStrategy[str]) -> st.SearchStrategy[list[Trouble]]:
    """One to three troubles of a run.

    :param names: of the stores that may be declared.
    """
    edits = st.builds(Edit, names, st.sampled_from(BY_HAND))
    once, at_once = st.just(1), st.just(0)
    soon = st.sampled_from([0, 0, 1, 2])
    any_method = st.sampled_from([None, *METHODS])
    mangled = st.sampled_from([other_id, without_id, older_version, _without_version])
    lost: st.SearchStrategy[Fault] = st.one_of(
        st.sampled_from([Refuse(), ResetBefore(), ResetAfter()]),
        st.integers(-1500, -1).map(CutAnswer),  # no answer is longer: every offset of each, and never the whole
        st.builds(Answer.html, st.sampled_from([500, 502, 503, 504]), forwarded=st.booleans()),
    )
    refused = st.builds(Echo, st.just(429), st.sampled_from(RATE_LIMITS))
    refused |= st.sampled_from([400, 401, 403, 500]).map(Echo)
    portals = st.sampled_from(
        [Answer.html(200), Answer.html(403), Answer.html(404), Answer.redirect("https://elsewhere.example.com/")]
    )
    crashes = st.sampled_from(["before", "after", "answered"]).map(Crash)
    conflicts = st.builds(Answer.json, st.just(409), st.just(CONFLICT), forwarded=st.booleans())
    listings = st.sampled_from(
        [
            OnListings("next page", Mangle(_with_next)),
            OnListings("larger count", Mangle(_with_larger_count)),
            OnListings("no versions", Mangle(_without_versions)),
            OnListings("500", Answer.html(500)),
            OnListings(SLOW),
            OnListings(STALE),
        ]
    )
    one = st.one_of(
        st.builds(Trouble, lost, any_method, st.sampled_from([1, 1, 1, 2, 5, 12]), soon),
        st.builds(Trouble, lost | crashes, st.just("POST"), once, at_once),
        st.builds(Trouble, refused, any_method, st.sampled_from([1, 1, 5]), soon),
        st.builds(Trouble, portals, any_method, once, soon),
        st.builds(Trouble, crashes, any_method, once, st.integers(0, 4)),
        st.builds(Trouble, st.builds(Meanwhile, edits, st.booleans()), st.sampled_from(METHODS), once, at_once),
        st.builds(Trouble, st.just(OtherPipeline()), st.sampled_from(["POST", "PATCH", "DELETE"]), once, at_once),
        st.builds(Trouble, st.integers(0, 8).map(LateCommit), st.just("POST"), st.sampled_from([1, 2]), at_once),
        st.builds(Trouble, listings, st.just("GET"), st.just(ALL_REQUESTS), at_once),
        st.builds(Trouble, conflicts, st.sampled_from(["POST", "PATCH"]), once, at_once),
        st.builds(Trouble, st.builds(Mangle, mangled), st.sampled_from(["GET", "PATCH"]), once, at_once),
        # Another ID in the answer to a POST is beyond anybody's means: there is nothing to compare it with.
        st.builds(Trouble, st.builds(Mangle, mangled.filter(_keeps_id)), st.just("POST"), once, at_once),
        st.builds(Trouble, st.builds(Unchanged, forwarded=st.booleans()), st.just("PATCH"), once, at_once),
        st.just(Trouble(Outage())),
    )
    return st.lists(one, min_size=1, max_size=3)
