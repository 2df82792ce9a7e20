"""Answers of servers and proxies that know no better, or mean no good: every status, and heads of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from launchdarkly_pulumi import errors
from launchdarkly_pulumi.api.retry import MAX_ATTEMPTS
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.canary import leaks
from support.fault_proxy import Answer, Exchange, Fault, FaultProxy
from support.proxied_account import Account

STATUSES = [100, 101, 199, *range(200, 600), 600, 999]


@pytest.fixture
def account(launchdarkly: Emulator, tmp_path: Path) -> Iterator[Account]:
    """Behind a proxy of the test's own."""
    with FaultProxy(launchdarkly.url) as proxy:
        yield Account(launchdarkly, proxy, tmp_path)


CALLS: dict[str, Callable[[Account, IntegrationId], object]] = {
    "GET": lambda account, id_: account.client.get(id_, account.deadline),
    "LIST": lambda account, _id: account.client.list_all(account.deadline),
    "PATCH": lambda account, id_: account.client.patch(id_, [], account.deadline),
    "DELETE": lambda account, id_: account.client.delete(id_, account.deadline),
}


def failure(account: Account, call: str, id_: IntegrationId) -> errors.CallError:
    """The error of a call, which is fit to show."""
    with pytest.raises(errors.CallError) as error:
        CALLS[call](account, id_)
    require_fit_to_show(error.value)
    return error.value


def require_fit_to_show(error: errors.CallError) -> None:
    """The reason and the advice are a short line each, without a secret."""
    assert [part for part in (error.reason, error.advice) if not part.isprintable() or len(part) > 500] == []
    assert leaks(str(error), samples.TOKEN, samples.PASSWORD) == []


# Every status.


@pytest.mark.parametrize("call", CALLS)
def test_a_page_of_any_status_is_an_error(account: Account, call: str) -> None:
    """Whatever a proxy's own page says, it is not taken for LaunchDarkly's word."""
    id_ = account.existing()
    for status in STATUSES:
        if (call, status) != ("DELETE", 204):
            account.proxy.inject(*[Answer.html(status)] * MAX_ATTEMPTS)
            assert not isinstance(failure(account, call, id_), errors.NotFound)
            account.proxy.clear()


def test_a_post_is_answered_with_any_status(account: Account) -> None:
    """In the end there is the one integration that is returned, or none and an error."""
    for status in STATUSES:
        account.empty()
        account.proxy.inject(Answer.html(status), method="POST")
        try:
            left = [account.create()["_id"]]
        except errors.CallError:
            left = []
        account.proxy.settle()
        assert list(account.emulator.integrations) == left, status


def test_a_post_that_was_committed_is_answered_with_any_status_that_leaves_it_open(account: Account) -> None:
    """A 2xx that cannot be read, a conflict, a server's error, or none that HTTP knows: it is found again."""
    for status in (100, 101, 199, *range(200, 300), 409, *range(500, 600), 600, 999):
        account.empty()
        account.proxy.inject(Answer.html(status, forwarded=True), method="POST")
        document = account.create()
        account.proxy.settle()
        assert list(account.emulator.integrations) == [document["_id"]], status


# Hostile heads.

BODY = json.dumps({"_id": "57c0ffee57c0ffee57c0ffee", "version": 1, "config": {}, "items": []}).encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)


def head(lines: bytes, status_line: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """An answer whose head has these lines, each with its end."""
    return status_line + b"\r\n" + lines + b"\r\n" + BODY


HEADS: dict[str, bytes] = {
    "nothing": b"",
    "blank lines": b"\r\n" * 5,
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a protocol to come": head(LENGTH, b"HTTP/3.0 200 OK"),
    "no status": head(LENGTH, b"HTTP/1.1"),
    "a status in words": head(LENGTH, b"HTTP/1.1 fine"),
    "a negative status": head(LENGTH, b"HTTP/1.1 -200 OK"),
    "a status of four digits": head(LENGTH, b"HTTP/1.1 2000 OK"),
    "an endless status line": head(LENGTH, b"HTTP/1.1 200 " + b"x" * 100_000),
    "a status line with control characters": head(LENGTH, b"HTTP/1.1 500 \x00\x1b[31m\xe2\x80\xae"),
    "continue without end": b"HTTP/1.1 100 Continue\r\n\r\n" * 3,
    "two lengths": head(LENGTH + b"Content-Length: 2\r\n"),
    "a length below zero": head(b"Content-Length: -1\r\n"),
    "a length in words": head(b"Content-Length: some\r\n"),
    "a length that is too short": head(b"Content-Length: 5\r\n"),
    "a length that is too long": head(b"Content-Length: 5000\r\n"),
    "a length beyond all numbers": head(b"Content-Length: " + b"9" * 5000 + b"\r\n"),
    "a length of other digits": head("Content-Length: ٣\r\n".encode()),
    "chunks that are none": head(b"Transfer-Encoding: chunked\r\n"),
    "a chunk of a negative length": head(b"Transfer-Encoding: chunked\r\n\r\n-5"),
    "a chunk of a length beyond all numbers": head(b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 5000),
    "an endless line of a chunk": head(b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x" * 100_000),
    "another transfer encoding": head(b"Transfer-Encoding: gzip\r\n"),
    "another content encoding": head(LENGTH + b"Content-Encoding: rot13\r\n"),
    "a content encoding that it is not": head(LENGTH + b"Content-Encoding: gzip\r\n"),
    "many content encodings": head(LENGTH + b"Content-Encoding: " + b"gzip," * 500 + b"gzip\r\n"),
    "a header of 100,000 characters": head(LENGTH + b"X: " + b"x" * 100_000 + b"\r\n"),
    "a thousand headers": head(LENGTH + b"X: y\r\n" * 1000),
    "a header without a name": head(b": y\r\n" + LENGTH),
    "a header without a colon": head(b"X\r\n" + LENGTH),
    "a header of control characters": head(b"X\x00\x1b: \x00\x1b[31m\xff\r\n" + LENGTH),
    "a line break inside a header": head(b"X: y\n z\r v\r\n" + LENGTH),
    "cookies": head(LENGTH + b"Set-Cookie: \x00=;;;; Path=\xff\r\nSet-Cookie2: x\r\n"),
    "a content type with control characters": head(LENGTH + b"Content-Type: \x1b[31m\xe2\x80\xae\r\n"),
    "a charset that is none": head(LENGTH + b"Content-Type: application/json; charset=\x00none\r\n"),
    "a connection header of nonsense": head(LENGTH + b"Connection: \x00, close, keep-alive, upgrade\r\n"),
    "an upgrade": head(LENGTH + b"Upgrade: h2c\r\nConnection: upgrade\r\n", b"HTTP/1.1 101 Switching Protocols"),
    "a refresh": head(LENGTH + b"Refresh: 0; url=https://elsewhere.example\r\n", b"HTTP/1.1 503 No"),
    "only line feeds": head(LENGTH).replace(b"\r\n", b"\n"),
    "another answer behind the first": head(LENGTH) + head(LENGTH),
}

REFUSALS: dict[str, bytes] = {
    "a redirect of control characters": head(LENGTH + b"Location: //\x1b[31m\xff@\x00/\r\n", b"HTTP/1.1 302 Found"),
    "a rate limit of nonsense": head(
        LENGTH + b"Retry-After: \x00-1e999\r\nX-Ratelimit-Reset: \xb2\r\nDate: \xff\r\n", b"HTTP/1.1 429 No"
    ),
}
"""These say that LaunchDarkly did nothing, and are taken at their word."""


@dataclass(frozen=True)
class Raw(Fault):
    """The request is committed, and answered with bytes that need not be HTTP."""

    data: bytes

    def apply(self, exchange: Exchange) -> None:
        """Forwards, and sends the bytes."""
        exchange.forward()
        exchange.send([self.data])


@pytest.mark.parametrize("name", [*HEADS, *REFUSALS])
@pytest.mark.parametrize("call", ["GET", "LIST", "PATCH"])
def test_a_hostile_head_is_read_or_told(account: Account, call: str, name: str) -> None:
    """The body may be taken where its end is clear; else the error is one of this provider's, and fit to show."""
    id_ = account.existing()
    account.proxy.inject(*[Raw((HEADS | REFUSALS)[name])] * MAX_ATTEMPTS)
    try:
        found = CALLS[call](account, id_)
    except errors.CallError as error:
        require_fit_to_show(error)
    else:
        assert found in (json.loads(BODY), [])


@pytest.mark.parametrize("name", HEADS)
def test_a_create_behind_a_hostile_head_leaves_one_integration(account: Account, name: str) -> None:
    """No head makes it two, or makes one that is not known of."""
    account.empty()
    account.proxy.inject(Raw(HEADS[name].replace(BODY, b"<" + BODY[1:])), method="POST")
    document = account.create()
    account.proxy.settle()
    assert list(account.emulator.integrations) == [document["_id"]]


@pytest.mark.parametrize("name", HEADS)
def test_a_deletion_behind_a_hostile_head_is_complete(account: Account, name: str) -> None:
    """Sent again, or told: never taken for done while the integration is there."""
    id_ = account.existing()
    account.proxy.inject(Raw(HEADS[name]), method="DELETE")
    with suppress(errors.CallError):
        account.client.delete(id_, account.deadline)
    account.proxy.settle()
    assert account.emulator.integrations == {}
