"""The log at debug level: every request, wait and decision, no secret, and shown where the environment asks for it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.metadata import version

import pytest

from launchdarkly_pulumi import errors
from launchdarkly_pulumi.api.client import Client
from launchdarkly_pulumi.api.clock import Clock
from launchdarkly_pulumi.api.redaction import Redactor
from launchdarkly_pulumi.core import debug_log
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.scripted_server import ScriptedServer, answer, html, no_answer

ID = IntegrationId("default", "production", "redis", "57c0ffee57c0ffee57c0ffee")
PATH = f"/api/v2/integration-capabilities/big-segment-store/{ID}"
FOUND = answer(200, {"_id": ID.integration_id, "version": 1, "config": {}})
REFUSED = {"code": "forbidden", "message": f"not with {samples.TOKEN}", "id": "1f2e"}


@pytest.fixture
def package_log() -> Iterator[logging.Logger]:
    """The logger of the package, which is as before afterwards."""
    log = logging.getLogger("launchdarkly_pulumi")
    yield log
    log.handlers.clear()
    log.setLevel(logging.NOTSET)


def client_of(server: ScriptedServer) -> Client:
    """A client whose time passes only while it waits."""
    waits: list[float] = []
    clock = Clock(monotonic=lambda: sum(waits), sleep=waits.append)
    settings = Settings(access_token=samples.TOKEN, token_source="the test", base_url=server.url)
    return Client(settings, Redactor(), clock)


def test_each_request_wait_and_retry_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """With method, path, status, duration and attempt, and why it is repeated."""
    busy = (429, {"Retry-After": "3"}, b"{}")
    with ScriptedServer(no_answer, busy, FOUND) as server, caplog.at_level(logging.DEBUG, "launchdarkly_pulumi"):
        client_of(server).get(ID)
    text = "\n".join(caplog.messages)
    assert f"GET {ID}: repeated in " in text
    assert f"GET {PATH}: 429 after 0 ms, attempt 2" in text
    assert f"GET {ID}: waits 3." in text
    assert f"GET {PATH}: 200 after 0 ms, attempt 3" in text


def test_a_failure_is_logged_without_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """A server may echo the token."""
    with (
        ScriptedServer(answer(403, REFUSED)) as server,
        caplog.at_level(logging.DEBUG, "launchdarkly_pulumi"),
        pytest.raises(errors.AccessDenied),
    ):
        client_of(server).get(ID)
    assert any(f"GET {ID}: not repeated. 403 forbidden" in message for message in caplog.messages)
    assert samples.TOKEN not in caplog.text


def test_an_error_has_launchdarkly_s_words_as_attributes() -> None:
    """For programs on the Automation API and for support."""
    with ScriptedServer(answer(403, REFUSED)) as server, pytest.raises(errors.AccessDenied) as refused:
        client_of(server).get(ID)
    assert (refused.value.status, refused.value.code, refused.value.request_id) == (403, "forbidden", "1f2e")


def test_an_error_without_launchdarkly_s_words_has_the_status_alone() -> None:
    """As a proxy's page."""
    with ScriptedServer(html(404)) as server, pytest.raises(errors.UnexpectedAnswer) as unexpected:
        client_of(server).get(ID)
    assert (unexpected.value.status, unexpected.value.code, unexpected.value.request_id) == (404, "", "")


def test_the_user_agent_has_the_version() -> None:
    """So that LaunchDarkly's support can tell what has sent a request."""
    with ScriptedServer(FOUND) as server:
        client_of(server).get(ID)
        [request] = server.requests
    assert dict(request.headers)["User-Agent"] == f"launchdarkly-pulumi/{version('launchdarkly-pulumi')}"


@pytest.mark.parametrize(("value", "shows"), [("1", True), ("", False), (None, False)])
def test_the_log_is_shown_where_the_environment_asks_for_it(
    package_log: logging.Logger, capsys: pytest.CaptureFixture[str], value: str | None, shows: bool
) -> None:
    """On stderr, each line once, however many providers are configured."""
    environment = {} if value is None else {debug_log.DEBUG_VARIABLE: value}
    debug_log.show(environment)
    debug_log.show(environment)
    package_log.getChild("api.client").debug("GET %s", "x")
    assert capsys.readouterr().err == ("launchdarkly debug: GET x\n" if shows else "")
