"""Who owns an integration, call by call, in the real host process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from launchdarkly_pulumi.dynamic.hidden_inputs import ADOPTED
from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing, methods
from support.host import Host, Message, error_of, host_for, urn_of

A, B = urn_of("a"), urn_of("b")


@pytest.fixture
def owned(host: Host, emulator: Emulator) -> tuple[str, dict[str, Any]]:
    """A store that an earlier run has created as ``a``: its ID and its outputs. The requests are forgotten."""
    with host_for(emulator.url) as earlier:
        created = earlier.create(earlier.check(samples.open_redis(), urn=A)[0], A)
    emulator.clear_requests()
    return created


def adopting(id_: str) -> dict[str, Any]:
    """The inputs of a resource that is to adopt a store."""
    return {**samples.open_redis(), ADOPTED: id_}


def told(call: Callable[[], Any]) -> str:
    """What is reported of a resource: the error of a call, or its failures."""
    try:
        result = call()
    except grpc.RpcError as error:
        return error_of(error)
    return " ".join(result[1].values())


def refusal(id_: str) -> str:
    """What is reported of the second resource."""
    return f"{id_} is managed by a already: b cannot manage it too"


def test_what_the_run_has_cannot_be_adopted(host: Host, emulator: Emulator, owned: tuple[str, dict[str, Any]]) -> None:
    """The store's owner has been compared before in the run."""
    id_, outputs = owned
    inputs, _ = host.check(samples.open_redis(), outputs, urn=A)
    host.diff(id_, outputs, inputs, urn=A)
    assert refusal(id_) in told(lambda: host.check(adopting(id_), urn=B))
    assert set(methods(emulator)) == {"GET"}


def test_what_was_adopted_cannot_have_been_had(
    host: Host, emulator: Emulator, owned: tuple[str, dict[str, Any]]
) -> None:
    """The owner is compared after the adoption: that is a move only while the program does not declare the owner."""
    id_, outputs = owned
    host.check(adopting(id_), urn=B)
    inputs, _ = host.check(samples.open_redis(), outputs, urn=A)
    with pytest.raises(grpc.RpcError) as failure:
        host.diff(id_, outputs, inputs, urn=A)
    assert refusal(id_) in error_of(failure.value)
    assert set(methods(emulator)) == {"GET"}


def test_two_resources_cannot_adopt_the_same(host: Host, emulator: Emulator) -> None:
    """The second one fails in the preview; an update without a preview does not create it either."""
    id_ = existing(emulator, samples.open_redis())
    inputs, failures = host.check(adopting(id_), urn=A)
    assert failures == []
    assert refusal(id_) in told(lambda: host.check(adopting(id_), urn=B))
    assert host.create(inputs, A)[0] == id_
    assert refusal(id_) in told(lambda: host.create(inputs, B))
    assert set(methods(emulator)) == {"GET"}


def test_the_same_resource_may_be_checked_again(host: Host, emulator: Emulator) -> None:
    """The engine does so where a resource is replaced."""
    id_ = existing(emulator, samples.open_redis())
    for _ in range(2):
        assert host.check(adopting(id_), urn=A)[1] == []


def test_a_store_is_not_deleted_before_it_was_adopted(
    host: Host, emulator: Emulator, owned: tuple[str, dict[str, Any]]
) -> None:
    """The resource that is to adopt it was only checked: the state has to keep the old resource."""
    id_, outputs = owned
    inputs, _ = host.check(adopting(id_), urn=B)
    with pytest.raises(grpc.RpcError) as failure:
        host.delete(id_, outputs, A)
    assert id_ in error_of(failure.value)
    assert "DELETE" not in methods(emulator)

    assert host.create(inputs, B)[0] == id_
    host.delete(id_, outputs, A)
    assert "DELETE" not in methods(emulator)
    assert Message("INFO", f"{id_}: kept in LaunchDarkly, b manages it now.", A) in host.messages


def test_a_store_that_nobody_else_has_is_deleted(
    host: Host, emulator: Emulator, owned: tuple[str, dict[str, Any]]
) -> None:
    """So may its own resource, which has adopted it in this run, as when a later step fails and all is undone."""
    id_, outputs = owned
    host.create(host.check(adopting(id_), urn=A)[0], A)
    host.delete(id_, outputs, A)
    assert methods(emulator)[-1] == "DELETE"
    assert emulator.integrations == {}
