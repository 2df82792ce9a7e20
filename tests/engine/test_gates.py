"""A preview that could not look, or that shows what an update could not do, does not pass, with the real CLI."""

from __future__ import annotations

import json

import pytest

from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.emulator.requestlog import RequestRecord
from support import samples
from support.door_stacks import DoorStack
from support.doors import DOORS, DYNAMIC, Door, cases
from support.front import Front
from support.scripted_server import answer
from support.stack import CHANGES_FOUND, NO_CHANGE, Run, Stack, errors, warnings

STORES = {name: samples.redis(environment_key=name) for name in ("production", "staging")}
GONE = "http://127.0.0.1:1"
PROGRAM_FAILED = "error: preview failed"
"""What Pulumi adds to the error of a resource where the program is in JavaScript."""
FAILED = answer(500, {"code": "internal_service_error", "message": "out of order"})


@pytest.fixture
def emulator_options() -> EmulatorOptions:
    """LaunchDarkly with a few environments."""
    return EmulatorOptions(projects={"default": ("production", "staging")})


def kinds(emulator: Emulator) -> list[str]:
    """What was asked for so far, sorted; it is forgotten."""
    seen = sorted(kind_of(request) for request in emulator.requests)
    emulator.clear_requests()
    return seen


def kind_of(request: RequestRecord) -> str:
    """The listing, an environment by its key, or the method of what is asked of a store."""
    if "/environments/" in request.path:
        return request.path.rpartition("/")[2]
    return "listing" if request.path.endswith("/big-segment-store") else request.method


def only_error(run: Run, door: Door = DYNAMIC) -> str:
    """The one line of a run that has failed."""
    assert run.code not in (0, CHANGES_FOUND), run.output
    assert "Traceback" not in run.output
    [error] = [each for each in errors(run) if each != PROGRAM_FAILED]
    return error.removeprefix(f"error: {door.prefix}")


def test_a_preview_looks_at_the_environments_of_new_stores(stack: Stack, emulator: Emulator) -> None:
    """A preview sends one request for each, also for a replacement; an update sends none, and the state is the same."""
    stack.declare(**STORES)
    stack.preview("--save-plan", "plan.json")
    assert kinds(emulator) == ["listing", "production", "staging"]
    stack.up("--plan", "plan.json")
    assert kinds(emulator) == ["POST", "POST", "listing"]
    stack.preview(NO_CHANGE)
    assert kinds(emulator) == ["GET", "listing"]
    assert "_preview" not in json.dumps(stack.resources())

    stack.declare(production=samples.redis(environment_key="nowhere"), staging=STORES["staging"])
    assert only_error(stack.preview(code=1)).startswith(
        "GET environment default/nowhere: LaunchDarkly has no environment nowhere in the project default, "
    )
    assert kinds(emulator).count("nowhere") == 1


def test_an_environment_that_is_not_known_yet_is_not_looked_at(stack: Stack, emulator: Emulator) -> None:
    """Its key is an output of another resource."""
    stack.program(
        "import launchdarkly_pulumi as launchdarkly\n\n"
        "config = launchdarkly.RedisConfig(host='redis.example.com')\n"
        "options = {'project_key': 'default', 'config': config}\n"
        "one = launchdarkly.BigSegmentStoreIntegration('one', environment_key='production', **options)\n"
        "launchdarkly.BigSegmentStoreIntegration('two', environment_key=one.integration_id, **options)\n"
    )
    assert "+ 3 to create" in stack.preview().output  # with the stack
    assert kinds(emulator) == ["listing", "production"]


WRONG = {
    None: "there is no LaunchDarkly access token: ",
    "api-wrong": "GET environment default/production: 401 unauthorized: ",
    "sdk-wrong": "the environment variable LAUNCHDARKLY_ACCESS_TOKEN is an SDK key (sdk-…), not an access token: ",
}


@cases("token", {"none": None, "a wrong one": "api-wrong", "that of an SDK": "sdk-wrong"}, plugin=["a wrong one"])
def test_a_preview_of_a_new_store_needs_a_token(
    door: Door, door_stack: DoorStack, front: Front, emulator: Emulator, token: str | None
) -> None:
    """It fails with the error of an update."""
    door_stack.environment["LAUNCHDARKLY_API_HOST"] = front.url
    del door_stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"]
    if token is not None:
        door_stack.environment["LAUNCHDARKLY_ACCESS_TOKEN"] = token
    door_stack.declare(store=samples.redis())
    assert only_error(door_stack.run("preview"), door).removeprefix("Preview failed: ").startswith(WRONG[token])
    assert emulator.requests == []


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_drift_check_that_could_not_look_is_not_green(
    door: Door, door_stack: DoorStack, front: Front, emulator: Emulator
) -> None:
    """There is real drift, and LaunchDarkly is down, or fails, or the token is empty: each is an error."""
    stack = door_stack
    stack.declare(**STORES)
    stack.up()
    for id_ in emulator.integrations:
        emulator.outside_edit(id_, {"on": False})
    stack.environment |= {"LAUNCHDARKLY_LIVE_DIFF": "required", "LAUNCHDARKLY_OPERATION_TIMEOUT": "2"}
    stack.preview(NO_CHANGE, code=CHANGES_FOUND)

    unable = " was not compared with LaunchDarkly, which the setting liveDiff requires: "
    stack.environment["LAUNCHDARKLY_API_HOST"] = GONE
    assert f"{unable}127.0.0.1:1 cannot be reached" in only_error(stack.run("preview", NO_CHANGE), door)
    stack.environment["LAUNCHDARKLY_API_HOST"] = front.url
    front.on(lambda _: True, FAILED)
    assert only_error(stack.run("preview", NO_CHANGE), door).endswith(
        f"{unable}500 internal_service_error: out of order"
    )
    stack.environment |= {"LAUNCHDARKLY_LIVE_DIFF": "false", "LAUNCHDARKLY_ACCESS_TOKEN": ""}
    assert "LAUNCHDARKLY_ACCESS_TOKEN is set and empty" in only_error(stack.run("preview", NO_CHANGE), door)


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_diffs_that_run_at_once_find_the_drift_of_each(door_stack: DoorStack, emulator: Emulator) -> None:
    """Pulumi does not wait for one before it begins the next where it is asked not to."""
    stack = door_stack
    stack.environment["PULUMI_PARALLEL_DIFF"] = "true"
    stack.declare(**STORES, same=samples.redis(name="Same"))
    stack.up()
    drifted = [id_ for id_, each in emulator.integrations.items() if each["name"] != "Same"]
    for id_ in drifted:
        emulator.outside_edit(id_, {"on": False})
    shown = stack.preview(NO_CHANGE, code=CHANGES_FOUND).output
    assert [id_ for id_ in emulator.integrations if id_ in shown] == drifted
    stack.up()
    stack.preview(NO_CHANGE)
    assert all(each["on"] for each in emulator.integrations.values())


def test_new_stores_that_nobody_could_look_at_are_a_warning(stack: Stack) -> None:
    """There is one for the run, however many stores it has."""
    stack.environment["LAUNCHDARKLY_API_HOST"] = GONE
    stack.declare(**STORES)
    [warning] = warnings(stack.preview())
    assert "LaunchDarkly was not asked about new stores" in warning
