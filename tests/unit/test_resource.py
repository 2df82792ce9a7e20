"""The resource, as far as it decides something itself."""

from __future__ import annotations

import pulumi
import pytest

from launchdarkly_pulumi import BigSegmentStoreIntegration
from launchdarkly_pulumi.program import dry_run, integration


@pytest.mark.parametrize("older", ["3.267.0", "3.99.1", "2.300.0"])
def test_reading_by_id_says_which_sdk_it_needs(monkeypatch: pytest.MonkeyPatch, older: str) -> None:
    """Instead of the ``KeyError`` that an older SDK would end with, in the provider's process."""
    monkeypatch.setattr("importlib.metadata.version", lambda _distribution: older)
    with pytest.raises(pulumi.RunError, match=r"get needs pulumi 3\.268 or later"):
        BigSegmentStoreIntegration.get("store", "default/production/redis/57c0")


def test_the_first_stores_tell_how_many_a_program_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each account, once the program has run; another run of a program in the same process begins anew."""
    stack, provider = (object.__new__(pulumi.Resource) for _ in range(2))
    monkeypatch.setattr(pulumi.runtime, "get_root_resource", lambda: stack)
    monkeypatch.setattr(integration, "get_monitor", lambda: None)
    monkeypatch.setattr(pulumi, "get_organization", lambda: "acme")
    default = [integration._count_store(f"store-{n}", None) for n in range(integration.COUNTED_BY + 4)]
    options = pulumi.ResourceOptions(provider=provider)  # type: ignore[arg-type]
    other = integration._count_store("another", options)
    count = integration.COUNTED_BY + 4
    assert default == [[count, "acme"]] * integration.COUNTED_BY + [None] * 4
    assert other == [1, "acme"]
    stack = object.__new__(pulumi.Resource)
    assert integration._count_store("store-0", None) == [1, "acme"]


def test_in_a_preview_the_first_stores_tell_the_places_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each account, each once and only what is known; later stores tell that it is a preview, updates nothing."""
    stack, provider = (object.__new__(pulumi.Resource) for _ in range(2))
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    keys = [f"e{number // 2}" for number in range(2 * dry_run.TOLD_BY)]
    told = [dry_run.places(stack, None, "p", key) for key in keys]
    expected = [["p", key] for key in sorted(set(keys), key=keys.index)]
    assert told == [expected] * dry_run.TOLD_BY + [[]] * dry_run.TOLD_BY
    assert dry_run.places(stack, provider, pulumi.Output.from_input("p"), "e") == []  # type: ignore[arg-type]
    assert dry_run.places(stack, provider, "p", "e") == [["p", "e"]]  # type: ignore[arg-type]
    assert dry_run.places(None, None, "p", "e") is None
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)
    assert dry_run.places(stack, None, "p", "e") is None
