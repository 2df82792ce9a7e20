"""What is remembered of a store, and the command's options."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import EmulatorOptions, Sync, command
from launchdarkly_pulumi.emulator.integration import Place, Settings
from launchdarkly_pulumi.emulator.status import History, StoreError
from launchdarkly_pulumi.emulator.store import Account


def test_errors_are_newest_first_and_few() -> None:
    """Only the latest ones are kept."""
    history = History()
    for number in range(11):
        history.failed(StoreError(503, f"error {number}"))
    seen = history.status(available=False)
    assert [error["message"] for error in seen["errors"]] == [f"error {number}" for number in range(10, 0, -1)]
    timestamps = [error["timestamp"] for error in seen["errors"]]
    assert timestamps == sorted(timestamps, reverse=True)
    assert seen["lastError"] == timestamps[0]


def test_an_error_that_repeats_is_kept_once() -> None:
    """With its latest time; another one in between makes it news."""
    history = History()
    for message in ("full", "full", "gone", "full", "full"):
        history.failed(StoreError(400, message))
    assert [error["message"] for error in history.status(available=False)["errors"]] == ["full", "gone", "full"]


def test_the_last_success_outlives_errors() -> None:
    """And the errors outlive a success."""
    history = History()
    history.succeeded(17)
    history.failed(StoreError(400, "full"))
    assert history.status(available=False)["lastSync"] == 17
    history.succeeded(18)
    seen = history.status(available=True)
    assert (seen["available"], seen["potentiallyStale"], seen["lastSync"], len(seen["errors"])) == (True, False, 18, 1)


def test_a_kind_that_nobody_can_write_to() -> None:
    """Its status says so: a manifest alone teaches the emulator only the kind's API."""
    account, sync = Account(), Sync()
    settings = Settings("name", on=True, tags=(), config={})
    integration = account.create(Place("shop", "production", "mongo"), settings)
    sync.start(account)
    sync.try_all()
    sync.stop()
    seen = sync({"_id": integration.id, "on": True}, {})
    assert [error["message"] for error in seen["errors"]] == ["the emulator cannot write to a mongo store"]


def parsed(*arguments: str) -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(arguments)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[EmulatorOptions]:
    """The options of the emulators that the command would have run."""
    served: list[EmulatorOptions] = []
    monkeypatch.setattr("launchdarkly_pulumi.emulator.server.serve", lambda *given: served.append(given[2]))
    return served


def test_the_command_syncs_where_it_is_told_to(monkeypatch: pytest.MonkeyPatch, served: list[EmulatorOptions]) -> None:
    """With the segments, those that are named twice with the keys of both."""
    made: list[tuple[Any, Any]] = []
    monkeypatch.setattr(command, "Sync", lambda *given, **named: made.append((given, named)))
    segments = ["shop/production/beta=user-1,user-2", "shop/production/beta=user=3", "shop/production/empty="]
    arguments = [f"--segment={each}" for each in segments]
    assert command.run(parsed("--sync", *arguments, "--dynamodb-endpoint=http://h", "--allow-public-hosts")) == 0
    assert command.run(parsed()) == 0
    assert made == [
        (
            ({"shop/production/beta": ["user-1", "user-2", "user=3"], "shop/production/empty": []},),
            {"dynamodb_endpoint": "http://h", "public_hosts": True},
        )
    ]
    assert served[1].status_source is None


def test_the_command_writes_nowhere_else(served: list[EmulatorOptions]) -> None:
    """The source of its status is what writes."""
    assert command.run(parsed("--sync")) == 0
    assert isinstance(served[0].status_source, Sync)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--dynamodb-endpoint=http://127.0.0.1:1"], "--segment, --dynamodb-endpoint and --allow-public-hosts need"),
        (["--segment=a/b/c=d"], "--segment, --dynamodb-endpoint and --allow-public-hosts need --sync"),
        (["--allow-public-hosts"], "--segment, --dynamodb-endpoint and --allow-public-hosts need --sync"),
        (["--sync", "--dynamodb-endpoint=localhost"], "the endpoint of DynamoDB must be an http or https URL"),
    ],
)
def test_the_command_refuses_what_has_no_effect(
    capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    """In one line on standard error, with status 1."""
    assert command.run(parsed(*arguments)) == 1
    assert capsys.readouterr().err.startswith(f"error: {reason}")


@pytest.mark.parametrize("wrong", ["beta=a", "shop/beta=a", "shop/production/=a", "shop/production/beta/x=a", "=a", ""])
def test_the_command_refuses_what_is_no_segment(capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    """With the form that it takes."""
    with pytest.raises(SystemExit, match="2"):
        parsed("--sync", f"--segment={wrong}")
    assert "must be PROJECT/ENVIRONMENT/SEGMENT=KEY,KEY" in capsys.readouterr().err
