"""What a preview asks LaunchDarkly about stores that it would create, and what comes of each answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.core.settings import REQUIRED
from launchdarkly_pulumi.emulator import Emulator, EmulatorOptions
from launchdarkly_pulumi.errors import AccessDenied, NotCompared, NotFound, SettingsError
from launchdarkly_pulumi.model.documents import create_body
from launchdarkly_pulumi.model.fields import UNKNOWN
from support import samples
from support.desired import redis
from support.front import Front, lists
from support.runs import about, run_of, urn
from support.scripted_server import Request, answer, html, no_answer

FAILED = answer(500, {"code": "internal", "message": "oops"})
FORBIDDEN = answer(403, {"code": "forbidden", "message": "no"})
PROJECTS = {"default": ("production", "staging", "test"), "other": ("production",)}


class Preview:
    """One run that creates stores, before an account with a few projects."""

    def __init__(self, front: Front, folder: Path) -> None:
        self.front, self._folder = front, folder
        self.again()

    def again(self, **settings: Any) -> Preview:
        """Another run."""
        self.run, self.shown = run_of(self.front.url, self._folder, **settings)
        self.run.program.is_preview = True
        return self

    def look(self, name: str = "store", *, adopts: bool = False, **inputs: Any) -> None:
        """At one store."""
        about(name)
        self.run.require_place(redis(**inputs), adopts=adopts)

    def declares(self, *places: tuple[str, str]) -> None:
        """What the program has told of its stores."""
        self.run.program.add(places)

    @property
    def requests(self) -> list[str]:
        """The environments that were asked for, and the listings."""
        shown = ["listing" if lists(request) else place_of(request) for request in await_all(self)]
        return sorted(shown)


def await_all(preview: Preview) -> list[Request]:
    """The requests, once the background has come to its end."""
    for thread in threading.enumerate():
        if thread.name in ("launchdarkly-listing", "launchdarkly-environments"):
            thread.join(30)
            assert not thread.is_alive()
    return preview.front.requests


def place_of(request: Request) -> str:
    """The environment that is asked for."""
    _, project, _, environment = request.target.removeprefix("/api/v2").rsplit("/", 3)
    return f"{project}/{environment}"


def environments(request: Request) -> bool:
    """Whether an environment is asked for."""
    return "/environments/" in request.target


def gets(_request: Request) -> bool:
    """Any request."""
    return True


@pytest.fixture
def emulator_options() -> EmulatorOptions:
    """LaunchDarkly with an account that has no stores yet."""
    return EmulatorOptions(projects=PROJECTS)


@pytest.fixture
def preview(emulator: Emulator, tmp_path: Path) -> Iterator[Preview]:
    """A preview."""
    with Front({samples.TOKEN: emulator}) as front:
        yield Preview(front, tmp_path)


def test_the_account_is_listed_once_and_each_environment_is_read_once(preview: Preview) -> None:
    """However many stores there are in it; nothing is said."""
    for place in ("production", "staging", "production"):
        preview.look(environment_key=place)
    assert preview.requests == ["default/production", "default/staging", "listing"]
    assert preview.shown.messages == []


def test_in_an_update_nothing_is_asked(preview: Preview) -> None:
    """The POST finds out."""
    preview.run.program.is_preview = False
    preview.look(environment_key="nowhere")
    assert preview.requests == []
    assert preview.run.gates._out_of_reach == ""


def test_without_live_comparisons_nothing_is_asked(preview: Preview) -> None:
    """Not even for a token."""
    preview.again(live_diff=False, access_token=None).look(environment_key="nowhere")
    assert (preview.requests, preview.shown.messages) == ([], [])


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"environment_key": "nowhere"}, "LaunchDarkly has no environment nowhere in the project default, "),
        ({"project_key": "nothing"}, "LaunchDarkly has no project nothing, "),
        ({"project_key": "my-environment"}, "LaunchDarkly has no project my-environment, "),
    ],
)
@pytest.mark.parametrize("live_diff", [True, REQUIRED])
def test_what_does_not_exist_is_named(preview: Preview, inputs: Any, told: str, live_diff: Any) -> None:
    """The project or the environment, whichever it is, in one line."""
    preview.again(live_diff=live_diff)
    with pytest.raises(NotFound) as error:
        preview.look(**inputs)
    assert f": {told}or the token may not see it: 404 Unknown " in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("words", ["Invalid resource identifier", "Unknown project key or environment key"])
def test_what_the_words_do_not_tell_is_left_open(preview: Preview, words: str) -> None:
    """LaunchDarkly may say no more than that it found nothing."""
    preview.front.on(environments, answer(404, {"code": "not_found", "message": words}))
    with pytest.raises(NotFound, match="has no project default, or no environment production in it, or the token"):
        preview.look()


def test_a_token_that_may_not_see_environments_may_create_stores(preview: Preview) -> None:
    """403 is passed over, in silence, where a comparison is required too, and for a listing as well."""
    preview.front.on(environments, FORBIDDEN)
    preview.look()
    preview.again(live_diff=REQUIRED).look()
    preview.front.on(lists, FORBIDDEN)
    preview.again(live_diff=REQUIRED).look()
    assert preview.shown.messages == []


def test_without_a_token_there_is_an_error_as_in_an_update(preview: Preview) -> None:
    """For an adoption too, which sends nothing more here: the integration itself is read."""
    preview.look(adopts=True, environment_key="nowhere")
    assert preview.requests == []
    preview.again(access_token=None)
    for adopts in (False, True):
        with pytest.raises(SettingsError, match=r"^there is no LaunchDarkly access token: "):
            preview.look(adopts=adopts)


@pytest.mark.parametrize("place", [{}, {"environment_key": UNKNOWN}, {"project_key": UNKNOWN}])
def test_a_wrong_token_is_an_error_as_in_an_update(preview: Preview, place: Any) -> None:
    """401, also where the environment is not known yet."""
    preview.again(access_token="api-wrong")
    with pytest.raises(AccessDenied, match="401 unauthorized"):
        preview.look(**place)


@pytest.mark.parametrize("place", [{"environment_key": UNKNOWN}, {"project_key": UNKNOWN}])
def test_what_is_not_known_yet_is_not_looked_at(preview: Preview, place: Any) -> None:
    """The update knows more; the token is tried on the listing."""
    preview.look(**place)
    assert (preview.requests, preview.shown.messages) == (["listing"], [])


# Out of reach.

TROUBLES: dict[str, Any] = {"500": FAILED, "no answer": no_answer, "429": answer(429, {"message": "slow down"})}
each_trouble = pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
each_place = pytest.mark.parametrize("place", [{}, {"environment_key": UNKNOWN}], ids=["known", "unknown"])


@each_trouble
@each_place
def test_out_of_reach_is_one_warning(preview: Preview, trouble: Any, place: Any) -> None:
    """Of the whole run, and nothing more is asked for."""
    preview.front.on(gets, trouble)
    preview.look("a", **place)
    seen = len(await_all(preview))
    preview.look("b", environment_key="staging")
    [message] = preview.shown.messages
    assert (message.severity, message.urn) == ("WARNING", "")
    assert message.text.startswith("LaunchDarkly was not asked about new stores, and others are compared with the ")
    assert len(await_all(preview)) == seen


@each_trouble
@each_place
def test_out_of_reach_is_an_error_where_a_comparison_is_required(preview: Preview, trouble: Any, place: Any) -> None:
    """For each store, in one line."""
    preview.front.on(gets, trouble)
    preview.again(live_diff=REQUIRED)
    for _ in range(2):
        with pytest.raises(NotCompared, match=r"^a new store.* was not compared with LaunchDarkly, which the setting "):
            preview.look(**place)
    assert preview.shown.messages == []


def test_an_environment_that_takes_long_is_its_store_s_warning(preview: Preview) -> None:
    """The account is listed, so LaunchDarkly is there."""
    preview.front.hold(environments)
    preview.again(operation_timeout=0.5).look("a")
    [warning] = preview.shown.warnings
    assert warning.startswith("a new store in default/production: it could not be checked whether its environment ")
    assert not preview.run.gates._out_of_reach


def test_a_listing_that_takes_long_is_out_of_reach_where_there_is_nothing_else(preview: Preview) -> None:
    """No environment is known that could be asked for."""
    preview.front.hold(lists)
    preview.again(operation_timeout=0.5).look(environment_key=UNKNOWN)
    [warning] = preview.shown.warnings
    assert warning.startswith("LaunchDarkly was not asked about new stores, ")
    assert "in time" in warning


def test_a_host_that_is_not_there_is_out_of_reach(preview: Preview, tmp_path: Path) -> None:
    """Without a connection."""
    preview.run, preview.shown = run_of("http://127.0.0.1:1", tmp_path / "another")
    preview.run.program.is_preview = True
    preview.look()
    [warning] = preview.shown.warnings
    assert "127.0.0.1:1 cannot be reached" in warning


def test_one_environment_that_cannot_be_read_is_its_store_s_warning(preview: Preview) -> None:
    """LaunchDarkly is there: others are looked at, and it is an error where a comparison is required."""
    preview.front.on(lambda request: request.target.endswith("/environments/test"), FAILED)
    preview.look("a", environment_key="test")
    preview.look("b")
    [message] = preview.shown.messages
    assert (message.severity, message.urn) == ("WARNING", urn("a"))
    assert message.text == (
        "a new store in default/test: it could not be checked whether its environment exists: 500 internal: oops."
    )
    preview.again(live_diff=REQUIRED)
    with pytest.raises(NotCompared, match=r"^a new store in default/test was not compared .*: 500 internal: oops$"):
        preview.look(environment_key="test")
    preview.look()


@pytest.mark.parametrize("listing", [FAILED, FORBIDDEN, html(404), answer(200, {"items": [], "totalCount": 1})])
def test_a_listing_that_fails_says_nothing_where_the_environment_is_there(preview: Preview, listing: Any) -> None:
    """An update would create the store all the same."""
    preview.front.on(lists, listing)
    preview.again(live_diff=REQUIRED).look()
    assert preview.shown.messages == []


@pytest.mark.parametrize("listing", [html(404), answer(200, {"items": [], "totalCount": 1})])
def test_a_listing_that_is_not_whole_shows_that_the_token_is_known(preview: Preview, listing: Any) -> None:
    """Nothing else is asked of it here."""
    preview.front.on(lists, listing)
    preview.again(live_diff=REQUIRED).look(environment_key=UNKNOWN)


# Many at a time.


def test_the_environments_of_all_new_stores_are_read_at_the_same_time(preview: Preview) -> None:
    """The first one is answered last. Those that have a store already are not read in advance."""
    emulator = preview.front._accounts[samples.TOKEN]
    emulator.outside_create("other", "production", "redis", **create_body(redis()))
    preview.declares(("default", "production"), ("default", "staging"), ("default", "test"), ("other", "production"))
    preview.declares(("no such", "../key"))
    first = preview.front.hold(lambda request: request.target.endswith("/default/environments/production"))
    last = preview.front.hold(lambda request: request.target.endswith("/default/environments/test"))

    def let_go(request: Request) -> Any:
        """Answers once the others have arrived."""
        assert first.arrived.wait(30)
        assert last.arrived.wait(30)
        first.release()
        last.release()
        return preview.front.forward(request)

    preview.front.on(lambda request: request.target.endswith("/default/environments/staging"), let_go)
    preview.look()
    assert preview.requests == ["default/production", "default/staging", "default/test", "listing"]


def test_what_is_wrong_with_another_environment_is_the_other_store_s_error(preview: Preview) -> None:
    """Though it was found out first."""
    preview.declares(("default", "production"), ("default", "nowhere"))
    preview.look()
    with pytest.raises(NotFound):
        preview.look(environment_key="nowhere")
    assert preview.requests == ["default/nowhere", "default/production", "listing"]
