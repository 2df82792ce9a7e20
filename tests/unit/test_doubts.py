"""What inputs may hold and hardly can mean."""

from __future__ import annotations

from typing import Any

import pytest

from launchdarkly_pulumi.dynamic.hidden_inputs import MARKED_SECRETS
from launchdarkly_pulumi.model import doubts, validation
from launchdarkly_pulumi.model.fields import UNKNOWN
from support import samples
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


LAUNCHDARKLY = "https://app.launchdarkly.com"
AWS = "abc123.use1.cache.amazonaws.com"


def of_reach(instance: str = LAUNCHDARKLY, **config: Any) -> list[str]:
    """The warnings about the way from LaunchDarkly to a store with TLS."""
    return list(doubts.of_reach(samples.redis(config=config), instance))


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("localhost", "is this machine itself"),
        ("127.0.0.1", "is this machine itself"),
        ("::1", "is this machine itself"),
        ("::ffff:127.0.0.1", "is this machine itself"),
        ("10.1.2.3", "is an address that the public internet does not have"),
        ("172.31.0.1", "is an address that the public internet does not have"),
        ("192.168.1.1", "is an address that the public internet does not have"),
        ("169.254.1.1", "is an address that the public internet does not have"),
        ("100.64.0.1", "is an address that the public internet does not have"),
        ("fd00::1", "is an address that the public internet does not have"),
        ("fe80::1", "is an address that the public internet does not have"),
        ("redis", "is a name that the public internet does not have"),
        ("redis.internal", "is a name that the public internet does not have"),
        ("redis.shop.svc.cluster.local", "is a name that the public internet does not have"),
        ("Redis.LOCAL", "is a name that the public internet does not have"),
    ],
)
def test_a_host_that_launchdarkly_cannot_reach(host: str, told: str) -> None:
    """Without a network, and no more than a warning: private links exist."""
    [warning] = of_reach(host=host)
    assert warning.startswith(f"config.host {told}")
    assert host not in warning  # the program may have marked it as a secret


@pytest.mark.parametrize(
    "host", ["redis.example.com", "8.8.8.8", "2606:4700::1111", "local.example", UNKNOWN, "not a host", 5]
)
def test_a_host_that_launchdarkly_may_reach(host: Any) -> None:
    """Or of which nothing is known; and what is refused anyway."""
    assert of_reach(host=host) == []


@pytest.mark.parametrize(
    "instance", ["http://127.0.0.1:8000", "http://localhost", "https://emulator:8443", "http://10.0.0.2"]
)
def test_an_emulator_reaches_what_this_machine_reaches(instance: str) -> None:
    """No demo, no first step and no test is told that LaunchDarkly cannot reach its Redis."""
    assert of_reach(instance, host="localhost") == []
    assert of_reach(instance, host="redis.example.com", tls_enabled=False) == []


def test_segments_without_tls_to_a_public_host() -> None:
    """With a password there is a warning about that one already."""
    unencrypted: dict[str, Any] = {"host": "redis.example.com", "tls_enabled": False}
    [warning] = of_reach(**unencrypted, password="")
    assert warning.startswith("config.tls_enabled: without it, what LaunchDarkly writes travels in clear")
    assert of_reach(**unencrypted) == []
    assert of_reach(**unencrypted | {"tls_enabled": UNKNOWN}, password="") == []
    assert of_reach(**unencrypted | {"host": UNKNOWN}, password="") == []


def test_a_table_has_no_host() -> None:
    """AWS is public."""
    assert list(doubts.of_reach(samples.dynamodb(), LAUNCHDARKLY)) == []
    assert list(doubts.of_reach({"config": UNKNOWN}, LAUNCHDARKLY)) == []


@pytest.mark.parametrize(
    ("host", "told"),
    [
        (f"clustercfg.shop.{AWS}", "a cluster"),
        ("shop.abc123.clustercfg.use1.cache.amazonaws.com", "a cluster"),
        ("clustercfg.shop.abc123.memorydb.us-east-1.amazonaws.com", "a cluster"),
        ("shop.ABC123.ClusterCfg.cnn1.cache.amazonaws.com.cn", "a cluster"),
        ("shop-abc123.serverless.use1.cache.amazonaws.com", "a serverless cache"),
    ],
)
def test_an_endpoint_in_cluster_mode(host: str, told: str) -> None:
    """Most of LaunchDarkly's SDKs cannot read there."""
    [warning] = warnings(config={"host": host, "tls_enabled": True})
    assert warning.startswith(f"config.host is the endpoint of {told}")


@pytest.mark.parametrize(
    "host", [f"master.shop.{AWS}", "clustercfg.example.com", "serverless.amazonaws.com.example.com", UNKNOWN]
)
def test_an_endpoint_of_one_server(host: str) -> None:
    """Or of somebody who is not AWS."""
    assert warnings(config={"host": host, "tls_enabled": True}) == []


def test_only_public_names_are_suggested() -> None:
    """What the resource hands over beside the fields is nobody's to write."""
    failures = validation.check(redis(secrets=["x"], ignore_changes=["x"], _import_="x")).failures
    assert len(failures) == 3
    assert not [failure.reason for failure in failures if "did you mean" in failure.reason]
