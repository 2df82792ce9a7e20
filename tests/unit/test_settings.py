"""Where settings come from, what they may be, and that a bad one is told without its value."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from launchdarkly_pulumi import Provider
from launchdarkly_pulumi.core import settings
from launchdarkly_pulumi.core.settings import Settings, resolve
from launchdarkly_pulumi.errors import SettingsError
from support import samples

TIMEOUTS = [("httpTimeout", "http_timeout"), ("operationTimeout", "operation_timeout")]


def resolved(environment: dict[str, str] | None = None, **configured: Any) -> Settings:
    """The settings from the stack's configuration, keys without their namespace, and an environment."""
    return resolve({f"launchdarkly:{key}": value for key, value in configured.items()}.get, environment or {})


def test_nothing_is_needed_for_a_preview() -> None:
    """Without configuration and environment: no token, the public instance, two minutes, and a live comparison."""
    assert resolved() == Settings(
        access_token=None,
        token_source="the environment variable LAUNCHDARKLY_ACCESS_TOKEN",
        base_url="https://app.launchdarkly.com",
        http_timeout=30.0,
        operation_timeout=120.0,
        live_diff=True,
    )


@pytest.mark.parametrize(
    ("key", "configured", "variable", "from_environment", "attribute", "values"),
    [
        ("accessToken", "api-1", "LAUNCHDARKLY_ACCESS_TOKEN", "api-2", "access_token", ("api-1", "api-2")),
        ("apiHost", "one.test", "LAUNCHDARKLY_API_HOST", "2.test", "base_url", ("https://one.test", "https://2.test")),
        ("httpTimeout", "5", "LAUNCHDARKLY_HTTP_TIMEOUT", "6.5", "http_timeout", (5.0, 6.5)),
        ("operationTimeout", "50", "LAUNCHDARKLY_OPERATION_TIMEOUT", "60", "operation_timeout", (50.0, 60.0)),
        ("maxConcurrency", "4", "LAUNCHDARKLY_MAX_CONCURRENCY", "8.0", "max_concurrency", (4, 8)),
        ("liveDiff", "true", "LAUNCHDARKLY_LIVE_DIFF", "false", "live_diff", (True, False)),
    ],
)
def test_the_configuration_comes_before_the_environment(
    *, key: str, configured: str, variable: str, from_environment: str, attribute: str, values: tuple[Any, Any]
) -> None:
    """Each setting is taken from the configuration, and from the environment where that has none."""
    environment = {variable: from_environment}
    found = [
        getattr(resolved(environment, **{key: configured}), attribute),
        getattr(resolved(environment), attribute),
    ]
    assert found == list(values)


def test_where_pulumi_keeps_its_own_things_comes_from_the_environment_alone() -> None:
    """Notes are kept there, apart for each backend."""
    environment = {"PULUMI_HOME": "/p", "PULUMI_BACKEND_URL": "file:///b"}
    found = resolved(environment)
    assert (found.pulumi_home, found.pulumi_backend) == ("/p", "file:///b")


@pytest.mark.parametrize("name", sorted(settings.ENVIRONMENT_NAMES.keys() - {"accessToken"}))
def test_an_empty_value_of_the_configuration_counts_as_none(name: str) -> None:
    """The environment's is taken then; what is wrong with that one tells where it came from."""
    with pytest.raises(SettingsError, match=f"^the environment variable {settings.ENVIRONMENT_NAMES[name]} must be"):
        resolved({settings.ENVIRONMENT_NAMES[name]: "-"}, **{name: ""})


def test_the_defaults_that_are_told_are_those_that_hold() -> None:
    """The table of settings, which the reference is made from."""
    told: dict[str, Any] = {each.name: each.default for each in settings.SETTINGS if each.default}
    assert resolved(**told) == resolved()


def test_an_empty_variable_counts_as_none() -> None:
    """``LAUNCHDARKLY_API_HOST=`` and the like set nothing; a token is another matter."""
    names = {variable for name, variable in settings.ENVIRONMENT_NAMES.items() if name != "accessToken"}
    assert resolved(dict.fromkeys(names, "")) == resolved()


@pytest.mark.parametrize(
    ("environment", "configured", "source"),
    [
        ({}, {"accessToken": "api-1"}, "launchdarkly:accessToken of the stack"),
        ({}, {"accessToken": "api-1", "provider": "eu"}, "accessToken of the provider eu"),
        ({"LAUNCHDARKLY_ACCESS_TOKEN": "api-1"}, {}, "the environment variable LAUNCHDARKLY_ACCESS_TOKEN"),
    ],
)
def test_the_source_of_the_token_is_known(environment: dict[str, str], configured: dict[str, str], source: str) -> None:
    """A refused token can be told by where it came from."""
    assert resolved(environment, **configured).token_source == source


@pytest.mark.parametrize("given", ["0", "-1", "65", "1.5", "many", "nan", "inf"])
def test_a_concurrency_that_is_none_is_refused(given: str) -> None:
    """A whole number of requests, within bounds."""
    expected = "launchdarkly:maxConcurrency of the stack must be a whole number from 1 to 64"
    with pytest.raises(SettingsError, match=expected):
        resolved(maxConcurrency=given)


def test_the_token_is_stripped() -> None:
    """A token that was read from a file ends with a line break."""
    assert resolved(accessToken=" api-1\r\n").access_token == "api-1"


@pytest.mark.parametrize("live_diff", ["true", "false", "required"])
@pytest.mark.parametrize("empty", ["", " ", "\t \r\n"])
@pytest.mark.parametrize(
    ("source", "variable", "configured"),
    [
        ("the environment variable LAUNCHDARKLY_ACCESS_TOKEN", "", {}),
        ("launchdarkly:accessToken of the stack", "api-1", {"accessToken": ""}),
        ("accessToken of the provider eu", "api-1", {"accessToken": "", "provider": "eu"}),
    ],
)
def test_an_empty_token_is_an_error(
    source: str, variable: str, configured: dict[str, str], empty: str, live_diff: str
) -> None:
    """A missing secret of a pipeline expands to it, and an empty file; whatever ``liveDiff`` says."""
    environment = {"LAUNCHDARKLY_ACCESS_TOKEN": variable or empty}
    configured = {name: value or empty for name, value in configured.items()}
    with pytest.raises(SettingsError, match=f"^{source} is set and empty: ") as error:
        resolved(environment, **configured, liveDiff=live_diff)
    assert "\n" not in str(error.value)


def test_an_empty_variable_that_nobody_looks_at_is_none() -> None:
    """The stack's token goes before it."""
    assert resolved({"LAUNCHDARKLY_ACCESS_TOKEN": ""}, accessToken="api-1").access_token == "api-1"


@pytest.mark.parametrize(
    ("key", "kind"), [("sdk-canary", "an SDK key (sdk-…)"), (" mob-canary\n", "a mobile key (mob-…)")]
)
def test_a_key_of_an_sdk_is_no_token(key: str, kind: str) -> None:
    """It is told without being shown, and sent to nobody."""
    with pytest.raises(SettingsError) as error:
        resolved(accessToken=key)
    assert str(error.value) == (
        f"launchdarkly:accessToken of the stack is {kind}, not an access token: API access tokens begin with api-"
    )


@pytest.mark.parametrize("given", ["required", "Required"])
def test_a_live_comparison_can_be_required(given: str) -> None:
    """From each place that settings come from."""
    assert resolved(liveDiff=given).live_diff == settings.REQUIRED
    assert resolved({"LAUNCHDARKLY_LIVE_DIFF": given}).live_diff == settings.REQUIRED


@pytest.mark.parametrize("token", ["Bearer api-1", "api\n-1", "api\x00-1", "äpi-1", "api\u200b-1", "a" * 4097])
def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(token: str) -> None:
    """Blanks, control characters, non-ASCII ones and too many are told before a request, by the setting's name only."""
    with pytest.raises(SettingsError, match="launchdarkly:accessToken of the stack is not an access token") as error:
        resolved(accessToken=token)
    assert token not in str(error.value)


def test_the_settings_do_not_show_the_token() -> None:
    """Their ``repr`` may end in a traceback."""
    assert samples.TOKEN not in repr(resolved(accessToken=samples.TOKEN))


def test_a_missing_token_is_told_with_what_to_do() -> None:
    """Both ways to give one are named."""
    with pytest.raises(SettingsError) as error:
        resolved().require_token()
    assert "pulumi config set --secret launchdarkly:accessToken" in str(error.value)
    assert "LAUNCHDARKLY_ACCESS_TOKEN" in str(error.value)


def test_a_token_that_is_there_is_given() -> None:
    """``require_token`` is the token."""
    assert resolved(accessToken="api-1").require_token() == "api-1"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("app.eu.launchdarkly.com", "https://app.eu.launchdarkly.com"),
        (" app.launchdarkly.us\n", "https://app.launchdarkly.us"),
        ("https://app.launchdarkly.com/", "https://app.launchdarkly.com"),
        ("HTTPS://app.launchdarkly.com", "https://app.launchdarkly.com"),
        ("relay.example.com:8443", "https://relay.example.com:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.8.8.8", "http://127.8.8.8"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_a_host_name_or_a_url_gives_the_base_url(given: str, url: str) -> None:
    """Without a scheme it is https, without a path it stays, and http is for loopback."""
    assert resolved(apiHost=given).base_url == url


@pytest.mark.parametrize(
    "given",
    [
        "http://app.launchdarkly.com",
        "http://10.0.0.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:8000",
        "ftp://127.0.0.1",
        "file://localhost",
    ],
)
def test_the_token_travels_over_https_only(given: str) -> None:
    """Plain http to anything but loopback, and every other scheme, is refused."""
    with pytest.raises(SettingsError, match="launchdarkly:apiHost of the stack must be https"):
        resolved(apiHost=given)


ALLOWED = [{"allowHttp": "true"}, {"allowHttp": True}]


@pytest.mark.parametrize("allowed", ALLOWED)
@pytest.mark.parametrize("given", ["http://emulator:8000", "http://10.0.0.1", "http://[fd00::1]:80", "http://a.local"])
def test_http_to_a_private_host_is_opted_into(given: str, allowed: dict[str, Any]) -> None:
    """By a setting of its own, from the stack or an explicit provider."""
    assert resolved(apiHost=given, **allowed).base_url == given


def test_http_to_a_private_host_is_opted_into_by_the_environment() -> None:
    """As where the host comes from there."""
    given = {"LAUNCHDARKLY_API_HOST": "http://emulator:8000", "LAUNCHDARKLY_ALLOW_HTTP": "true"}
    assert resolved(given).base_url == "http://emulator:8000"


@pytest.mark.parametrize("allowed", [{}, {"allowHttp": "false"}, {"allowHttp": False}, {"allowHttp": ""}])
def test_without_the_opt_in_a_refusal_names_it(allowed: dict[str, Any]) -> None:
    """Whoever means it learns of the setting from the message."""
    with pytest.raises(SettingsError) as error:
        resolved(apiHost="http://emulator:8000", **allowed)
    assert str(error.value) == (
        "launchdarkly:apiHost of the stack must be https: the access token travels with each request (http only "
        "for loopback, and for a private host where launchdarkly:allowHttp or LAUNCHDARKLY_ALLOW_HTTP is true)"
    )


@pytest.mark.parametrize("allowed", ALLOWED)
@pytest.mark.parametrize(
    "given", ["http://app.launchdarkly.com", "http://8.8.8.8", "ftp://emulator", "http://134744072"]
)
def test_a_public_host_is_https_whatever_is_opted_into(given: str, allowed: dict[str, Any]) -> None:
    """The opt-in is for hosts that the public internet cannot have, and for http."""
    with pytest.raises(SettingsError, match="launchdarkly:apiHost of the stack must be https"):
        resolved(apiHost=given, **allowed)


def test_an_opt_in_that_is_no_switch_is_refused() -> None:
    """``yes`` must not count as either."""
    with pytest.raises(SettingsError, match="launchdarkly:allowHttp of the stack must be true or false"):
        resolved(allowHttp="yes")


@pytest.mark.parametrize(
    "given",
    [
        "https://app.launchdarkly.com/api/v2",
        "app.launchdarkly.com/api",
        "https://app.launchdarkly.com?x=1",
        "https://app.launchdarkly.com#x",
        "https://user:canary@app.launchdarkly.com",
        "http://127.0.0.1@evil.example.com",
        "https://app.launchdarkly.com\\@evil.example.com",
        "https://",
        "https://:443",
        "https://[::1",
        "https://app.launchdarkly.com:99999",
        "https://app.launchdarkly.com:canary",
        "   ",
        "a..b.example",
        "x" * 64 + ".example",
        "a b.example",
        "exa<m>ple",
        ".a",
        "*",
    ],
)
def test_what_is_no_host_is_refused_without_being_shown(given: str) -> None:
    """A path, a query, credentials, a bad port or no host at all; what stands there may hold credentials."""
    with pytest.raises(SettingsError, match="must be a host name or an https URL without a path") as error:
        resolved(apiHost=given)
    assert "canary" not in str(error.value)


def test_a_bad_variable_is_named() -> None:
    """The message names the environment variable where the value came from there."""
    with pytest.raises(SettingsError, match=r"^the environment variable LAUNCHDARKLY_API_HOST must be"):
        resolved({"LAUNCHDARKLY_API_HOST": "https://"})


@pytest.mark.parametrize(("given", "seconds"), [("0.5", 0.5), ("600", 600.0), (12, 12.0), (" 7 ", 7.0)])
@pytest.mark.parametrize(("key", "attribute"), TIMEOUTS)
def test_a_timeout_is_a_number_of_seconds(key: str, attribute: str, given: Any, seconds: float) -> None:
    """As a text, from the stack, or as a number, from an explicit provider."""
    assert getattr(resolved(**{key: given}), attribute) == seconds


@pytest.mark.parametrize("given", ["0", 0, "-1", "3600.1", "inf", "nan", "30s", "1e400", "-0.0", {}, [1]])
@pytest.mark.parametrize(("key", "attribute"), TIMEOUTS)
def test_a_timeout_out_of_bounds_is_refused(key: str, attribute: str, given: Any) -> None:
    """Above 0 and up to 3600; what is no number is none either."""
    with pytest.raises(SettingsError, match=f"launchdarkly:{key} of the stack must be a number of seconds"):
        resolved(**{key: given})


@pytest.mark.parametrize(
    ("given", "switch"), [("true", True), ("false", False), ("False", False), (True, True), (False, False)]
)
def test_a_switch_is_true_or_false(given: object, switch: bool) -> None:
    """As a text, from the stack, or as a boolean, from an explicit provider."""
    assert resolved(liveDiff=given).live_diff is switch


@pytest.mark.parametrize("given", ["no", "0", "1", "tru", 0])
def test_any_other_switch_is_refused(given: object) -> None:
    """``no`` must not count as true."""
    with pytest.raises(SettingsError, match="launchdarkly:liveDiff of the stack must be true, false or required"):
        resolved(liveDiff=given)


@pytest.mark.parametrize("name", settings.ENVIRONMENT_NAMES)
def test_an_explicit_provider_takes_each_setting(name: str) -> None:
    """By its name in Python."""
    python_name = re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)
    assert python_name in inspect.signature(Provider).parameters


def test_a_key_that_is_nearly_a_setting_is_named() -> None:
    """The namespace is also that of LaunchDarkly's bridged Terraform provider, whose keys are its own."""
    keys = ["launchdarkly:acessToken", "launchdarkly:live_diff", "launchdarkly:oauthToken", "launchdarkly:provider"]
    keys += ["launchdarkly:accessToken", "shop:acessToken", "launchdarkly:zzz"]
    assert list(settings.misspelt(keys)) == [
        "launchdarkly:acessToken of the stack is not a setting of this provider: did you mean accessToken?",
        "launchdarkly:live_diff of the stack is not a setting of this provider: did you mean liveDiff?",
    ]
