"""What is wrong with an adoption is said before anything is sent that changes something."""

from __future__ import annotations

import grpc
import pytest

from launchdarkly_pulumi.dynamic.hidden_inputs import ADOPTED, MARKED_SECRETS
from launchdarkly_pulumi.emulator import Emulator
from support import samples, sdk
from support.account import existing, methods
from support.host import Host, error_of

NOBODYS = "000000000000000000000000"


@pytest.fixture
def redis_id(emulator: Emulator) -> str:
    """The full ID of the sample store, which exists already."""
    return existing(emulator, samples.redis())


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("57c0", "'57c0' is not an integration's ID"),
        ("default/production/redis/57c0/more", "is not an integration's ID"),
        ("other/production/redis/57c0", "has the project_key other, but the program declares 'default'"),
        ("default/staging/redis/57c0", "has the environment_key staging, but the program declares 'production'"),
        ("default/production/dynamodb/57c0", "has the integration_key dynamodb, but the program declares 'redis'"),
    ],
)
def test_an_id_that_cannot_be_meant_is_refused(host: Host, emulator: Emulator, asked: str, reason: str) -> None:
    """The failure says what is wrong, and no request is sent."""
    _, failures = host.check({**samples.redis(), ADOPTED: asked})
    [told] = failures
    assert told.startswith("import_: ")
    assert reason in told
    assert methods(emulator) == []


def test_an_id_that_cannot_be_meant_shows_no_secret(host: Host) -> None:
    """A key may be one."""
    inputs = samples.redis(project_key="canary-project") | {MARKED_SECRETS: ["project_key"]}
    _, failures = host.check({**inputs, ADOPTED: "other/production/redis/57c0"})
    assert failures == [
        "import_: other/production/redis/57c0 has the project_key other, but the program declares '[secret]'"
    ]


def test_what_is_gone_cannot_be_adopted(host: Host, emulator: Emulator, redis_id: str) -> None:
    """A preview fails, and so does an update without a preview."""
    gone = {**samples.redis(), ADOPTED: redis_id.replace(redis_id.rpartition("/")[2], NOBODYS)}
    for call in (host.check, host.create):
        with pytest.raises(grpc.RpcError) as caught:
            call({**gone, "integration_key": "redis"})
        assert f"there is no integration default/production/redis/{NOBODYS} in LaunchDarkly" in error_of(caught.value)
    assert set(methods(emulator)) == {"GET"}


def test_reading_what_is_not_there_is_an_error(host: Host) -> None:
    """``BigSegmentStoreIntegration.get``: to the engine a response without an ID would be a success."""
    id_ = f"default/production/redis/{NOBODYS}"
    with pytest.raises(grpc.RpcError) as caught:
        host.get(id_)
    told = f"GET {id_}: 404 not_found" if sdk.CAN_READ_BY_ID else "'__provider'"
    assert error_of(caught.value).startswith(f"{sdk.ERROR}{told}")
