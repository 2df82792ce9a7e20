"""Values that are only known during the update: one store's output is another's input."""

from __future__ import annotations

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.stack import Stack

TWO_STORES = """\
import pulumi
import launchdarkly_pulumi as launchdarkly

first = launchdarkly.BigSegmentStoreIntegration(
    "first", project_key="default", environment_key="production",
    config=launchdarkly.RedisConfig(host="redis.example.com", password="first-password"),
)
unknown = first.integration_id
second = launchdarkly.BigSegmentStoreIntegration("second", {arguments})
"""

PLACES = {
    "a field": 'project_key="p", environment_key="e", config={"host": unknown.apply(lambda i: f"{i}.example.com")}',
    "a secret": 'project_key="p", environment_key="e", config={"host": "h", "password": unknown}',
    "the whole config": 'project_key="p", environment_key="e", config=unknown.apply(lambda i: {"host": f"h{i}"})',
    "a tag": 'project_key="p", environment_key="e", config={"host": "h"}, tags=["known", unknown]',
    "the tags": 'project_key="p", environment_key="e", config={"host": "h"}, tags=unknown.apply(lambda i: [i])',
    "a key": 'project_key=unknown, environment_key="e", config={"host": "h"}',
    "a switch": 'project_key="p", environment_key="e", config={"host": "h"}, on=unknown.apply(lambda i: True)',
}


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_value_is_no_error(stack: Stack, emulator: Emulator, place: str) -> None:
    """The preview of two new stores passes; the update resolves the value, sends it once, and is done."""
    stack.program(TWO_STORES.format(arguments=PLACES[place]))
    stack.preview()
    assert {request.method for request in emulator.requests} == {"GET"}
    emulator.clear_requests()

    stack.up()
    assert [request.method for request in emulator.requests] == ["GET", "POST", "POST"]
    first, second = emulator.integrations.values()
    assert first["_id"] in f"{second} {emulator.stored_config(second['_id'])}" or place == "a switch"
    stack.preview("--expect-no-changes")


def test_an_unknown_value_in_an_update_is_shown_as_unknown(stack: Stack, emulator: Emulator) -> None:
    """The first store is replaced, so the second one's host is not known before the update."""
    program = TWO_STORES.format(arguments=PLACES["a field"])
    stack.program(program)
    stack.up()
    stack.program(program.replace('environment_key="production"', 'environment_key="staging"'))

    run = stack.preview()
    assert 'PATCH [{"op":"replace","path":"/config/host","value":"[unknown]"}]' in run.output
    emulator.clear_requests()
    stack.up()
    patched = next(request for request in emulator.requests if request.method == "PATCH")
    first = next(i["_id"] for i in emulator.integrations.values() if i["projectKey"] == "default")
    assert patched.body[1:] == [{"op": "replace", "path": "/config/host", "value": f"{first}.example.com"}]


def test_an_unknown_key_is_a_replacement(stack: Stack, emulator: Emulator) -> None:
    """A key that may become another one is planned as if it did."""
    program = TWO_STORES.format(arguments=PLACES["a key"])
    stack.program(program)
    stack.up()
    stack.program(program.replace('environment_key="production"', 'environment_key="staging"'))
    assert "+-2 to replace" in stack.preview().output
