"""Another dynamic provider, pickled by value, in the same host process: what it sees and shows is as without us."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from launchdarkly_pulumi.emulator import Emulator
from support import samples, sdk
from support.host import Host, error_of, host_for, urn_of

STRANGER = """\
from pulumi.dynamic import CreateResult, ResourceProvider

class Stranger(ResourceProvider):
    def create(self, props):
        self.fail(props["reason"])

    def delete(self, _id, props):
        try:
            self.fail("what was at hand")
        except LookupError as error:
            raise ValueError(props["reason"]) from error

    def fail(self, reason):
        raise LookupError(reason)
"""
URN = urn_of("stranger")


@pytest.fixture
def stranger() -> dict[str, str]:
    """Properties of a resource of a provider that no module of the host has, as that of a Pulumi program."""
    names: dict[str, object] = {"__name__": "__main__"}
    exec(compile(STRANGER, "__main__.py", "exec"), names)  # noqa: S102 - it stands above
    provider = names["Stranger"]
    assert isinstance(provider, type)
    assert issubclass(provider, ResourceProvider)
    return {"__provider": serialize_provider(provider()), "reason": "a stranger's own"}


def errors_of(host: Host, stranger: dict[str, str]) -> list[str]:
    """How its calls fail."""
    told = []
    for call in (lambda: host.create(stranger, URN), lambda: host.delete("an-id", stranger, URN)):
        with pytest.raises(grpc.RpcError) as failure:
            call()
        told.append(error_of(failure.value))
    return told


@pytest.fixture
def alone(emulator: Emulator, stranger: dict[str, str]) -> Iterator[list[str]]:
    """The errors in a host that has not met our provider."""
    with host_for(emulator.url) as host:
        yield errors_of(host, stranger)


def test_errors_of_strangers_are_as_without_us(host: Host, stranger: dict[str, str], alone: list[str]) -> None:
    """They are equal word for word, also after an error of ours, which is one line."""
    host.check(samples.redis())
    assert errors_of(host, stranger) == alone
    with pytest.raises(grpc.RpcError) as failure:
        host.delete("not an ID", samples.redis())
    [line] = error_of(failure.value).splitlines()
    assert line.startswith(sdk.ERROR)
    assert errors_of(host, stranger) == alone
    shown = ["Traceback (most recent call last):" in error for error in alone]
    assert shown == [sdk.SHOWS_TRACEBACKS] * len(alone)
