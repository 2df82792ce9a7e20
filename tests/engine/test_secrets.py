"""A canary password and token are in no output, and in the state only encrypted, whatever form they may take."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.canary import files_with_leaks, leaks
from support.samples import PASSWORD, TOKEN
from support.stack import Stack

NEW_PASSWORD = 'zweiter-"vogel"/ÄÖÜ+2'
EVERYTHING = ("--diff", "--debug")


def test_the_search_finds_a_canary_in_each_form() -> None:
    """The other tests could not fail otherwise."""
    for text in (PASSWORD, f'{{"a": "{PASSWORD}"}}', base64.b64encode(f"x{PASSWORD}y".encode()).decode()):
        assert leaks(text, PASSWORD)


def test_no_canary_in_any_output_or_state_file(stack: Stack, emulator: Emulator) -> None:
    """Preview, up, refresh and destroy, with every diagnostic on, through a change of the password and drift of it."""
    outputs = []
    stack.declare(store=samples.redis())
    outputs += [stack.preview(*EVERYTHING), stack.up(*EVERYTHING)]
    stack.declare(store=samples.redis(config={"password": NEW_PASSWORD}))
    outputs += [stack.preview(*EVERYTHING), stack.up(*EVERYTHING)]
    [id_] = emulator.integrations
    emulator.outside_edit(id_, {"config": {"password": "changed outside"}})
    outputs += [stack.refresh(*EVERYTHING), stack.up(*EVERYTHING)]
    outputs += [stack.pulumi("stack", "export"), stack.pulumi("stack", "output"), stack.destroy(*EVERYTHING)]

    assert [leaks(run.output, PASSWORD, NEW_PASSWORD, TOKEN) for run in outputs] == [[]] * len(outputs)
    assert list(files_with_leaks(stack.backend, PASSWORD, NEW_PASSWORD, TOKEN)) == []


def test_a_mask_is_never_stored(stack: Stack, emulator: Emulator) -> None:
    """What LaunchDarkly shows of a password is in no state file, in no form."""
    stack.declare(store=samples.redis())
    stack.up()
    stack.refresh()
    [integration] = emulator.integrations.values()
    shown = integration["config"]["password"]
    assert "********" in shown
    assert list(files_with_leaks(stack.backend, shown)) == []


def test_a_token_in_the_stacks_configuration_works_and_stays_there(stack: Stack, emulator: Emulator) -> None:
    """``pulumi config set --secret launchdarkly:accessToken`` is all that a stack needs."""
    del stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"]
    stack.pulumi("config", "set", "--secret", "launchdarkly:accessToken", TOKEN)
    stack.declare(store=samples.redis())
    outputs = [stack.preview(*EVERYTHING), stack.up(*EVERYTHING), stack.refresh(*EVERYTHING)]

    assert len(emulator.integrations) == 1
    assert [leaks(run.output, TOKEN) for run in outputs] == [[], [], []]
    assert list(files_with_leaks(stack.backend, TOKEN)) == []


def test_a_password_is_encrypted_in_the_state(stack: Stack) -> None:
    """``pulumi stack export`` shows a ciphertext in its place; with the passphrase, and told to, the value."""
    stack.declare(store=samples.redis())
    stack.up()
    for show, key in (((), "ciphertext"), (("--show-secrets",), "plaintext")):
        resources = json.loads(stack.pulumi("stack", "export", *show).output)["deployment"]["resources"]
        passwords = [resources[-1][each]["config"]["password"][key] for each in ("inputs", "outputs")]
        assert [json.loads(each) == PASSWORD if show else bool(each) for each in passwords] == [True, True]


CONFIGURED = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

launchdarkly.BigSegmentStoreIntegration(
    "store", project_key="default", environment_key="production",
    config=launchdarkly.RedisConfig(host="redis.example.com", password=pulumi.Config().require("redisPassword")),
)
"""
"""``require``, where a program should have ``require_secret``."""


@pytest.mark.parametrize("how", ["--secret", "--plaintext"])
def test_the_configuration_is_in_the_state_as_it_was_set(stack: Stack, how: str) -> None:
    """With ``--secret`` encrypted, without it in clear: Pulumi keeps it in the entry of the default provider."""
    del stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"]
    stack.program(CONFIGURED)
    for key, value in (("redisPassword", PASSWORD), ("launchdarkly:accessToken", TOKEN)):
        stack.pulumi("config", "set", how, key, value)
    stack.up()

    resources = json.loads(stack.pulumi("stack", "export").output)["deployment"]["resources"]
    [provider] = [each["inputs"] for each in resources if each["type"] == "pulumi:providers:pulumi-python"]
    kept = [provider["shop:redisPassword"], provider["launchdarkly:accessToken"]]
    if how == "--plaintext":
        assert kept == [PASSWORD, TOKEN]
    else:
        assert all(each["ciphertext"] for each in kept)
        assert list(files_with_leaks(stack.backend, PASSWORD, TOKEN)) == []
    [store] = stack.resources().values()
    assert leaks(json.dumps(store), PASSWORD, TOKEN) == []


def test_the_provider_in_the_state_is_a_reference(stack: Stack) -> None:
    """``__provider`` holds the name of a class: no code, no attribute, nothing secret."""
    stack.declare(store=samples.redis())
    stack.up()
    pickled = base64.b64decode(stack.resources()["store"]["inputs"]["__provider"])
    assert b"launchdarkly_pulumi.provider" in pickled
    assert len(pickled) < 100


WHOLE_CONFIG = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

settings = pulumi.Output.from_input({"host": "redis.example.com", "password": %r})
launchdarkly.BigSegmentStoreIntegration(
    "store", project_key="default", environment_key="production", config=%s
)
"""


@pytest.mark.parametrize(
    "config",
    [
        "settings",
        "settings.apply(lambda s: launchdarkly.RedisConfig(**s))",
        "{'host': 'h', 'password': settings['password']}",
    ],
    ids=["a mapping", "a RedisConfig", "a field"],
)
def test_a_password_inside_an_output_is_secret(stack: Stack, emulator: Emulator, config: str) -> None:
    """A config that is an output, or has one inside, keeps its password secret without being told to."""
    stack.program(WHOLE_CONFIG % (PASSWORD, config))
    outputs = [stack.preview(*EVERYTHING), stack.up(*EVERYTHING), stack.refresh(*EVERYTHING)]

    [id_] = emulator.integrations
    assert emulator.stored_config(id_)["password"] == PASSWORD
    assert [leaks(run.output, PASSWORD) for run in outputs] == [[], [], []]
    assert list(files_with_leaks(stack.backend, PASSWORD)) == []


MARKED = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

launchdarkly.BigSegmentStoreIntegration(
    "store", project_key="default", environment_key="production",
    config={"host": pulumi.Output.secret("%s.example.com")},
    name=pulumi.Output.secret("%s name"), tags=["plain", pulumi.Output.secret("%s-tag")],
)
"""


def test_what_the_program_marks_as_secret_is_in_no_message(stack: Stack, emulator: Emulator) -> None:
    """Any field may hold a secret: neither the patch of a preview nor the drift of a refresh shows it."""
    outputs = []
    for canary in ("first-canary", "second-canary"):
        stack.program(MARKED % ((canary,) * 3))
        outputs += [stack.preview(*EVERYTHING), stack.up(*EVERYTHING)]
    assert 'PATCH [{"op":"replace","path":"/name","value":"[secret]"}' in outputs[2].output
    [id_] = emulator.integrations
    emulator.outside_edit(id_, {"name": "third-canary", "tags": ["third-canary"], "config": {"host": "third-canary"}})
    outputs += [stack.preview(*EVERYTHING), stack.refresh(*EVERYTHING), stack.up(*EVERYTHING)]

    canaries = ("first-canary", "second-canary", "third-canary")
    assert [leaks(run.output, *canaries) for run in outputs] == [[]] * len(outputs)
    assert list(files_with_leaks(stack.backend, *canaries)) == []


def test_a_refused_value_that_is_marked_as_secret_is_not_shown(stack: Stack) -> None:
    """The reason stays, the value goes: the engine prints the value of a property that it is told of."""
    stack.program(MARKED.replace('"production"', 'pulumi.Output.secret("canary key")') % ("h", "n", "t"))
    run = stack.preview(code=1)
    assert "has a problem: environment_key must be letters, digits" in run.output
    assert leaks(run.output, "canary") == []


@pytest.mark.parametrize("config", [{"table_name": "t", "password": PASSWORD}, f"{{password: {PASSWORD}}}"])
def test_a_refused_config_is_not_shown(stack: Stack, config: Any) -> None:
    """It mixes kinds, or is not a mapping at all."""
    arguments = samples.redis()
    stack.declare(store=arguments | {"config": config})
    run = stack.preview(code=1)
    assert "has a problem: config m" in run.output
    assert leaks(run.output, PASSWORD) == []
