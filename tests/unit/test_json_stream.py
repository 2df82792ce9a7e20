"""The listing as it arrives: the same as if it were decoded as a whole, however it is cut into pieces."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from launchdarkly_pulumi.api import json_bodies
from launchdarkly_pulumi.api.json_stream import read_listing

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
integrations = st.dictionaries(st.text(max_size=6), values, max_size=4).map(
    lambda other: other | {"_id": "57c0ffee", "tags": ["one", "two"], "_links": {"self": {"href": "/"}}}
)
listings = st.builds(
    lambda before, items, after: before | {"items": items} | after,
    *(st.dictionaries(st.text(max_size=6), values, max_size=3), st.lists(integrations, max_size=4)),
    st.dictionaries(st.sampled_from(["totalCount", "_links", "more"]), values),
)


def cut(body: bytes, size: int) -> Iterator[bytes]:
    """A body in pieces of so many bytes."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


def whole(body: bytes) -> Any:
    """What decoding the body as a whole gives, less the links of the items; ``None`` for what is not an object."""
    decoded = json_bodies.decoded(body)
    if not isinstance(decoded, dict):
        return None
    if isinstance(decoded.get("items"), list):
        decoded["items"] = [
            {name: value for name, value in item.items() if name not in ("_links", "_access")}
            for item in decoded["items"]
        ]
    return decoded


@given(listings, st.integers(1, 40), st.sampled_from([None, 1]))
@example({"items": [], "totalCount": -123.456e-7}, 1, None)
@example({"totalCount": 10**15, "items": []}, 1, None)
@example({"items": [{"_id": "a", "name": "\U0001f600é"}]}, 1, None)
@example({"items": [{"_id": "a", "name": "\ud800"}]}, 3, 1)
@example({"totalCount": float("inf"), "items": []}, 2, None)
def test_the_pieces_make_no_difference(listing: Any, size: int, indent: int | None) -> None:
    """Whatever is in it, and wherever it is cut: within a number, a name, a character."""
    for escaped in (True, False):
        body = json.dumps(listing, indent=indent, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
        assert repr(read_listing(cut(body, size))) == repr(whole(body))


@pytest.mark.parametrize("size", [1, 2, 1000])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"[]",
        b"null",
        b"7",
        b"{",
        b'{"items"',
        b'{"items":',
        b'{"items": [}',
        b'{"items": [], }',
        b'{"items": [],, "a": 1}',
        b'{"items": [] "a": 1}',
        b'{"items": []} {}',
        b'{"items": []}]',
        b'{"items": [1,]}',
        b'{"items": [{"_id": "a"},]}',
        b'{"items": [{"_id": "a"} {"_id": "b"}]}',
        b'{"items": [{"_id": "a"}',
        b'{"totalCount": 1.}',
        b'{"totalCount": 1e}',
        b'{"totalCount": -}',
        b'{"totalCount": 01}',
        b'{"a": "\xff"}',
        b'{"a": "\xc3',
        b"{'a': 1}",
        b"{1: 2}",
        b'{"a": 1, 2: 3}',
        b"<html>",
    ],
)
def test_what_is_no_json_object_is_none(body: bytes, size: int) -> None:
    """As the decoder of whole bodies says; what is refused before may be an item that is no integration."""
    assert not isinstance(json_bodies.decoded(body), dict)
    assert read_listing(cut(body, size)) in (None, {"items": None})


def test_the_last_of_two_lists_counts() -> None:
    """As in JSON that is decoded as a whole."""
    body = b'{"items": [{"_id": "a"}], "items": [{"_id": "b"}], "n": 1}'
    assert read_listing([body]) == {"items": [{"_id": "b"}], "n": 1} == json_bodies.decoded(body)


def test_a_byte_order_mark_is_passed_over() -> None:
    """A parser may ignore one (RFC 8259, section 8.1), and that of whole bodies does."""
    assert read_listing(cut(b'\xef\xbb\xbf{"items": []}', 1)) == {"items": []}


@pytest.mark.parametrize("item", [1, None, [], {}, {"_id": ""}, {"_id": "a", "tags": [1]}])
def test_nothing_is_read_after_an_item_that_is_no_integration(item: Any) -> None:
    """However much there would be."""
    read: list[int] = []

    def chunks() -> Iterator[bytes]:
        yield b'{"items": [{"_id": "a"}, ' + json.dumps(item).encode()
        while len(read) < 100:
            read.append(1)
            yield b", {}"

    assert read_listing(chunks()) == {"items": None}
    assert len(read) < 50


def test_nesting_without_end_is_no_json() -> None:
    """Python's decoder gives up, and so does this one."""
    assert read_listing([b'{"items": [' + b"[" * 100_000]) is None


def test_a_value_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of a body has a limit of its own."""
    monkeypatch.setattr("launchdarkly_pulumi.api.json_stream.LONGEST_VALUE", 1000)
    read: list[int] = []

    def chunks() -> Iterator[bytes]:
        yield b'{"a": "'
        while len(read) < 100:
            read.append(1)
            yield b"a" * 100

    assert read_listing(chunks()) is None
    assert len(read) < 50


def test_what_is_not_kept_is_never_in_memory_as_a_whole() -> None:
    """Of 20 MB of links and names nothing stays but the ID: a tenth is more than what it takes on the way."""
    link = "x" * 2000
    item = json.dumps({"_id": "a", "_links": {"self": link}}).encode()

    def chunks() -> Iterator[bytes]:
        yield b'{"items": [' + item
        for _ in range(10_000):
            yield b"," + item
        yield b"]}"

    tracemalloc.start()
    try:
        listed = read_listing(chunks())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert listed is not None
    assert len(listed["items"]) == 10_001
    assert peak < 5_000_000
