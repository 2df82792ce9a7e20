"""What the tests of ``verify`` share: LaunchDarkly, a shell, and a store in a real Redis, and a table of moto's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from support.commands import Shell
from support.dynamodb import KEY, NAMESPACE, create_table, forget_aws_settings, local_dynamodb
from support.redis_server import RedisServer
from support.samples import PASSWORD, TOKEN
from support.segments import exclude, include, mark
from support.verifying import RedisStore, Table, status_of, store_at, table_at

UNSET = ("REDISCLI_AUTH", "LAUNCHDARKLY_REDIS_PASSWORD", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_IAM")


@pytest.fixture
def emulator_options() -> EmulatorOptions:
    """LaunchDarkly knows one token, and says what a test wants of a store's status."""
    return EmulatorOptions(access_tokens=(TOKEN,), status_source=status_of)


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, emulator: Emulator) -> Emulator:
    """LaunchDarkly; the environment names it, and neither a password nor AWS."""
    forget_aws_settings(monkeypatch, tmp_path)
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    return emulator


@pytest.fixture
def store(emulator: Emulator, run: Shell) -> Iterator[RedisStore]:
    """One that LaunchDarkly has synchronized just now."""
    with RedisServer(password=PASSWORD) as server:
        made = store_at(server, emulator, run)
        with closing(made.client) as client:
            mark(client, made.prefix)
            include(client, made.prefix, "anna", ["beta.g1", "beta.g2", "other.g1"])
            exclude(client, made.prefix, "anna", ["beta.g2"])
            exclude(client, made.prefix, "bert", ["beta.g2"])
        yield made


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Moto's AWS."""
    with local_dynamodb() as url:
        yield url


@pytest.fixture
def table(endpoint: str, emulator: Emulator, run: Shell) -> Table:
    """One that LaunchDarkly has synchronized just now."""
    made = table_at(endpoint, emulator, run)
    create_table(endpoint, made.name, NAMESPACE, KEY)
    made.mark(prefix=made.prefix)
    made.member("anna", included={"SS": ["beta.g1", "beta.g2"]}, excluded={"SS": ["beta.g1"]})
    return made
