"""Stores that a random program may declare."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from launchdarkly_pulumi.model.fields import integration_key_of, set_only
from support import samples
from support.deployment import Props

NAMES = ("a", "b", "c")
SPARE_NAME = "d"
"""What a resource may be renamed to."""

TWIN = "kanarienvogel-zwei-/+1"  # LaunchDarkly's mask of it is the one of samples.PASSWORD
SHORT, SHORT_TWIN = "s3cr3t", "t0p-5e"  # masked without a trace
PASSWORDS = (samples.PASSWORD, TWIN, "xyzzy-canary-password", SHORT, SHORT_TWIN)

IGNORABLE = ("on", "tags", "name", "config.port", "config.host", "config.password", "config.region")


@st.composite
def stores(draw: st.DrawFn) -> tuple[str, Props]:
    """The name of a store and its arguments; its host or its table begins with the name.

    Most of them differ in nothing that a listing shows: then they can be taken for each other.
    """
    name = draw(st.sampled_from(NAMES))
    arguments = {
        "project_key": "default",
        "environment_key": draw(_mostly("production", "staging")),
        "config": draw(_mostly(_redis, _dynamodb).flatmap(lambda config: config(name))),
        "name": draw(_mostly(None, "Store", "Other store")),
        "on": draw(_mostly(False, True)),
        "tags": draw(_mostly(None, ["one"], ["two", "one"], ["one", "two", "three"])),
    }
    return name, set_only(arguments)


def checked(arguments: Props) -> Props:
    """The arguments as inputs, without the options."""
    inputs = {name: value for name, value in arguments.items() if name not in ("import_", "ignore_changes")}
    return {**inputs, "integration_key": integration_key_of(arguments["config"])}


def _mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([*[usual] * 3, *others])


def _redis(name: str) -> st.SearchStrategy[Props]:
    config = {
        "host": st.sampled_from([f"{name}.store", f"{name}.store.example.com"]),
        "port": st.sampled_from([None, 6379, 6380]),
        "username": st.sampled_from([None, "", "launchdarkly"]),
        "password": st.sampled_from([None, *PASSWORDS]),
        "tls_enabled": st.sampled_from([None, False, True]),
    }
    return st.fixed_dictionaries(config).map(set_only)


def _dynamodb(name: str) -> st.SearchStrategy[Props]:
    config = samples.dynamodb()["config"] | {"table_name": f"{name}.table"}
    return st.sampled_from([config, config | {"region": "us-east-1"}])
