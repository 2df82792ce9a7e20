"""What inputs may hold and hardly can mean."""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.dynamic.hidden_inputs import MARKED_SECRETS
from launchdarkly_pulumi.model import validation
from launchdarkly_pulumi.model.fields import UNKNOWN
from support.desired import redis


def warnings(**changes: Any) -> list[str]:
    """Those about a store without TLS."""
    config = {"tls_enabled": False, **changes.pop("config", {})}
    return validation.check(redis(**changes, config=config)).warnings


@pytest.mark.parametrize("host", ["redis.example.com", "93.184.216.34", "2606:2800:220:1::1"])
def test_a_password_without_tls_to_a_public_host(host: str) -> None:
    """It names the host, and not the password."""
    [warning] = warnings(config={"host": host})
    assert warning == (
        f"config.password: without config.tls_enabled the password travels to {host} in clear, over foreign networks"
    )


@pytest.mark.parametrize(
    "config",
    [
        {"tls_enabled": True},
        {"tls_enabled": UNKNOWN},
        {"password": ""},
        *({"host": host} for host in ("redis", "redis.internal", "10.0.0.1", "localhost", "127.0.0.1", UNKNOWN)),
        {"host": "not a host"},
    ],
    ids=str,
)
def test_a_password_that_nobody_else_can_read(config: dict[str, Any]) -> None:
    """Or of which that is not known yet; and what is refused anyway."""
    assert warnings(config=config) == []


def test_a_host_that_is_a_secret_is_not_named() -> None:
    """The program has marked it."""
    [warning] = warnings(**{MARKED_SECRETS: ["config.host"]}, config={"host": "secret.example.com"})
    assert "secret.example.com" not in warning


def test_tags_with_other_characters() -> None:
    """One warning for each, but for those that are refused, not known or secret."""
    tags = ["plain.tag_1-x", "two words", "grün", "", UNKNOWN, 5]
    found = warnings(tags=tags, config={"tls_enabled": True})
    assert [warning.partition(" is not only ")[0] for warning in found] == ["tags: 'two words'", "tags: 'grün'"]
    assert warnings(tags=["two words"], **{MARKED_SECRETS: ["tags"]}, config={"tls_enabled": True}) == []


def test_only_public_names_are_suggested() -> None:
    """What the resource hands over beside the fields is nobody's to write."""
    failures = validation.check(redis(secrets=["x"], ignore_changes=["x"], _import_="x")).failures
    assert len(failures) == 3
    assert not [failure.reason for failure in failures if "did you mean" in failure.reason]
