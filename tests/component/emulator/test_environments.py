"""The environments of the account: what a client learns of one, and which there are."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions, command, server

Start = Callable[..., tuple[Emulator, requests.Session]]
TOKEN = {"Authorization": "api-token"}


def ask(emulator: Emulator, path: str, method: str = "GET", **headers: str) -> requests.Response:
    """Asks for something of a project."""
    url = f"{emulator.url}/api/v2/projects/{path}"
    return requests.request(method, url, headers=TOKEN | headers, timeout=10)


def test_an_environment_has_an_id_of_its_own(emulator: Emulator) -> None:
    """The client-side ID: 24 hexadecimal digits, the same in every emulator; another for each environment."""
    response = ask(emulator, "shop/environments/production")
    found = response.json()
    assert (response.status_code, found["key"], found["name"]) == (200, "production", "production")
    assert re.fullmatch(r"[0-9a-f]{24}", found["_id"])
    assert found["_links"]["self"]["href"] == "/api/v2/projects/shop/environments/production"
    with Emulator() as another:
        assert ask(another, "shop/environments/production").json() == found
        others = [ask(another, path).json()["_id"] for path in ("shop/environments/test", "a/environments/production")]
    assert len({found["_id"], *others}) == 3


def test_a_store_links_to_its_environment(emulator: Emulator, api: requests.Session, store: str) -> None:
    """By a path that is answered."""
    href = api.get(store).json()["_links"]["environment"]["href"]
    assert requests.get(emulator.url + href, headers=TOKEN, timeout=10).status_code == 200


@pytest.mark.parametrize("version", ["beta", "20240415"])
def test_it_is_no_beta_resource(emulator: Emulator, version: str) -> None:
    """Any version will do, and none."""
    headers = {"LD-API-Version": version}
    assert ask(emulator, "shop/environments/production", **headers).status_code == 200


def test_it_needs_a_token_and_counts_as_a_request(start: Start) -> None:
    """A reader's is enough; the request is recorded, and the limit holds."""
    emulator, _ = start(access_tokens=["good"], reader_tokens=["reader"], rate_limit=3)
    headers = [{"Authorization": token} for token in ("bad", "reader", "good", "good")]
    statuses = [ask(emulator, "shop/environments/production", **each).status_code for each in headers]
    assert statuses == [401, 200, 200, 429]
    assert [record.status for record in emulator.requests] == statuses


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("shop/environments/nowhere", "Unknown environment key: nowhere"),
        ("nothing/environments/production", "Unknown project key: nothing"),
        ("shop/environments/a%2Fb", "Unknown environment key: a/b"),
    ],
)
def test_an_unknown_one_is_not_found(start: Start, path: str, message: str) -> None:
    """In LaunchDarkly's own words, which have no code there."""
    emulator, _ = start(projects={"shop": ["production"]})
    response = ask(emulator, path)
    assert (response.status_code, response.json()) == (404, {"message": message})
    assert emulator.requests[-1].error == message


@pytest.mark.parametrize(
    "path", ["shop", "shop/environments", "shop/environments/production/x", "shop/flags/production"]
)
def test_nothing_else_of_a_project_is_there(emulator: Emulator, path: str) -> None:
    """Only what this provider asks for."""
    response = ask(emulator, path, **{"LD-API-Version": "beta"})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_it_can_only_be_read(emulator: Emulator) -> None:
    """Nobody changes environments here."""
    response = ask(emulator, "shop/environments/production", method="DELETE")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")


@pytest.fixture
def options_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., EmulatorOptions]:
    """The options that the command's arguments make."""
    made: list[EmulatorOptions] = []
    monkeypatch.setattr(server, "serve", lambda _host, _port, options, _log: made.append(options))

    def options_of(*arguments: str) -> EmulatorOptions:
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        assert command.run(parser.parse_args(arguments)) == 0
        return made.pop()

    return options_of


def test_the_command_can_know_only_some(options_of: Callable[..., EmulatorOptions]) -> None:
    """By their keys; without the option every environment exists."""
    asked = ["shop/production", "shop/test", "other/test"]
    options = options_of(*(f"--environment={each}" for each in asked))
    assert options.projects == {"shop": {"production", "test"}, "other": {"test"}}
    assert options_of().projects is None


@pytest.mark.parametrize("wrong", ["shop", "shop/", "/production", "shop/production/redis", "a b/c", "-a/b"])
def test_the_command_refuses_what_is_no_environment(capsys: pytest.CaptureFixture[Any], wrong: str) -> None:
    """With the form that it takes."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args([f"--environment={wrong}"])
    assert "must be PROJECT/ENVIRONMENT, by their keys" in capsys.readouterr().err
