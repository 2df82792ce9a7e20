"""The access token, the host and the other settings: where each comes from, and how its value is read.

Each setting is looked up in the configuration that Pulumi hands to the provider (the stack's, or an explicit
provider's), then in the environment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Optional, Union
from urllib.parse import urlsplit

from ..errors import SettingsError
from ..model.hosts import is_loopback, is_private

NAMESPACE = "launchdarkly"
"""The namespace of the settings in a stack's configuration."""

EXPLICIT_PROVIDER = f"{NAMESPACE}:provider"
"""The key under which an explicit provider passes its name, for messages."""

DEFAULT_HOST = "app.launchdarkly.com"
DEFAULT_HTTP_TIMEOUT = 30.0
DEFAULT_OPERATION_TIMEOUT = 120.0
DEFAULT_MAX_CONCURRENCY = 16
LONGEST_TIMEOUT = 3600.0
MOST_CONCURRENCY = 64

LiveDiff = Union[bool, Literal["required"]]
"""The values of the setting ``liveDiff``."""

REQUIRED: Literal["required"] = "required"
"""The value of ``liveDiff`` for pipelines: a preview that cannot ask LaunchDarkly fails."""

KEYS_OF_SDKS = {"sdk-": "an SDK key", "mob-": "a mobile key"}
"""The keys that people give as a token by mistake, by their beginnings: LaunchDarkly's API accepts neither."""


class Setting(NamedTuple):
    """One setting: how people give it, and how its value is read. Reference and schema are made of these.

    :param name: in the stack's configuration, after ``launchdarkly:``.
    :param variable: the environment variable that it can come from instead.
    :param attribute: what :class:`Settings` calls it.
    :param read: makes its value of what is given, and of the name of the source; raises a ``SettingsError``.
    :param meaning: what it is, in a few words.
    :param default: what one would give to get what holds without it; empty where nothing does.
    :param secret: whether the stack has to keep it encrypted.
    """

    name: str
    variable: str
    attribute: str
    read: Callable[[object, str], object]
    meaning: str
    default: str = ""
    secret: bool = False


@dataclass(frozen=True)
class Settings:
    """The settings of one account.

    :param access_token: ``None`` if there is none; a preview works without one.
    :param token_source: where the token comes from, in words.
    :param base_url: the instance's URL, without a path.
    :param allow_http: whether it may be an http URL of a private host.
    :param http_timeout: seconds to wait for each read of a response.
    :param operation_timeout: seconds for an operation with all its attempts.
    :param max_concurrency: how many requests may be under way at once.
    :param live_diff: whether a preview compares with LaunchDarkly; :data:`REQUIRED` if it fails when it cannot.
    :param pulumi_home: Pulumi's folder, as ``PULUMI_HOME`` names it; empty for ``~/.pulumi``.
    :param pulumi_backend: the URL in ``PULUMI_BACKEND_URL``; empty for the backend that somebody has logged into.
    """

    access_token: Optional[str] = field(default=None, repr=False)
    token_source: str = ""
    base_url: str = f"https://{DEFAULT_HOST}"
    allow_http: bool = False
    http_timeout: float = DEFAULT_HTTP_TIMEOUT
    operation_timeout: float = DEFAULT_OPERATION_TIMEOUT
    max_concurrency: int = DEFAULT_MAX_CONCURRENCY
    live_diff: LiveDiff = True
    pulumi_home: str = ""
    pulumi_backend: str = ""

    def require_token(self) -> str:
        """The access token.

        :raises SettingsError: there is none; the message says how to set it.
        """
        if self.access_token is None:
            raise SettingsError(
                "there is no LaunchDarkly access token: run `pulumi config set --secret launchdarkly:accessToken`, "
                "or set the environment variable LAUNCHDARKLY_ACCESS_TOKEN"
            )
        return self.access_token


def _token(value: object, source: str) -> str:
    from ..api.redaction import LONGEST_SECRET

    token = str(value).strip()
    if not token:
        raise SettingsError(
            f"{source} is set and empty: give it an access token, or unset it (a missing secret is empty)"
        )
    for beginning, kind in KEYS_OF_SDKS.items():
        if token.startswith(beginning):
            raise SettingsError(
                f"{source} is {kind} ({beginning}…), not an access token: API access tokens begin with api-"
            )
    if not token.isascii() or not token.isprintable() or " " in token or len(token) > LONGEST_SECRET:
        raise SettingsError(
            f"{source} is not an access token: it is too long, or holds blanks or characters that a header cannot carry"
        )
    return token


def _base_url(value: object, source: str) -> str:
    """The instance's URL without a path. `resolve` decides whether it may be an http URL."""
    from ..model.value_rules import host_problem

    given = str(value).strip()
    try:
        url = urlsplit(given if "://" in given else f"https://{given}")
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    if (
        not host
        or host_problem(host)
        or url.username is not None
        or url.path not in ("", "/")
        or url.query
        or url.fragment
    ):
        raise SettingsError(f"{source} must be a host name or an https URL without a path, such as {DEFAULT_HOST}")
    return f"{url.scheme}://{url.netloc}"


def _require_https(base_url: str, source: str, *, allow_http: bool) -> None:
    """Makes sure that nobody can read the access token on its way.

    :raises SettingsError: the URL is neither https nor one of a host for which http is allowed.
    """
    url = urlsplit(base_url)
    host = url.hostname or ""
    may_be_http = is_loopback(host) or (allow_http and is_private(host))
    if url.scheme != "https" and not (url.scheme == "http" and may_be_http):
        raise SettingsError(
            f"{source} must be https: the access token travels with each request (http only for loopback, "
            "and for a private host where launchdarkly:allowHttp or LAUNCHDARKLY_ALLOW_HTTP is true)"
        )


def _seconds(value: object, source: str) -> float:
    seconds = _number(value)
    if not 0 < seconds <= LONGEST_TIMEOUT:
        raise SettingsError(f"{source} must be a number of seconds above 0, up to {LONGEST_TIMEOUT:.0f}")
    return seconds


def _count(value: object, source: str) -> int:
    count = _number(value)
    if not 1 <= count <= MOST_CONCURRENCY or count != int(count):
        raise SettingsError(f"{source} must be a whole number from 1 to {MOST_CONCURRENCY}")
    return int(count)


def _number(value: object) -> float:
    """A setting as a number; NaN, which is in no range, if it is not a number."""
    try:
        return float(value) if isinstance(value, (str, int, float)) else math.nan
    except ValueError:
        return math.nan


def _live_diff(value: object, source: str) -> LiveDiff:
    if isinstance(value, str) and value.lower() == REQUIRED:
        return REQUIRED
    try:
        return _switch(value, source)
    except SettingsError:
        raise SettingsError(f"{source} must be true, false or {REQUIRED}") from None


def _switch(value: object, source: str) -> bool:
    if isinstance(value, bool):
        return value
    known = {"true": True, "false": False}
    if str(value).lower() not in known:
        raise SettingsError(f"{source} must be true or false")
    return known[str(value).lower()]


SETTINGS = (
    Setting(
        "accessToken",
        "LAUNCHDARKLY_ACCESS_TOKEN",
        "access_token",
        _token,
        "an access token that may manage integrations; a preview needs only reading rights; one that is set and empty "
        "is an error",
        secret=True,
    ),
    Setting(
        "apiHost",
        "LAUNCHDARKLY_API_HOST",
        "base_url",
        _base_url,
        "a host name or https URL, such as ``app.eu.launchdarkly.com``; http only for loopback, or with ``allowHttp``",
        DEFAULT_HOST,
    ),
    Setting(
        "allowHttp",
        "LAUNCHDARKLY_ALLOW_HTTP",
        "allow_http",
        _switch,
        "whether ``apiHost`` may be an http URL of a private host, as an emulator's; the token can be read on the way",
        "false",
    ),
    Setting(
        "httpTimeout",
        "LAUNCHDARKLY_HTTP_TIMEOUT",
        "http_timeout",
        _seconds,
        f"seconds to wait for each read of a response, up to {LONGEST_TIMEOUT:.0f}",
        f"{DEFAULT_HTTP_TIMEOUT:.0f}",
    ),
    Setting(
        "operationTimeout",
        "LAUNCHDARKLY_OPERATION_TIMEOUT",
        "operation_timeout",
        _seconds,
        f"seconds for one operation with all its attempts, up to {LONGEST_TIMEOUT:.0f}",
        f"{DEFAULT_OPERATION_TIMEOUT:.0f}",
    ),
    Setting(
        "maxConcurrency",
        "LAUNCHDARKLY_MAX_CONCURRENCY",
        "max_concurrency",
        _count,
        f"how many requests may be under way at once, 1 to {MOST_CONCURRENCY}",
        f"{DEFAULT_MAX_CONCURRENCY}",
    ),
    Setting(
        "liveDiff",
        "LAUNCHDARKLY_LIVE_DIFF",
        "live_diff",
        _live_diff,
        "whether a preview compares with LaunchDarkly; ``false`` compares with the stack's state alone, ``required`` "
        "makes what cannot be compared an error",
        "true",
    ),
)
"""Every setting of the provider."""

ENVIRONMENT_NAMES = {setting.name: setting.variable for setting in SETTINGS}
"""The environment variable that each setting can come from."""


def resolve(configured: Callable[[str], object], environment: Mapping[str, str]) -> Settings:
    """The settings of a run.

    :param configured: looks up a key such as ``launchdarkly:accessToken``; ``None`` if it is not set.
    :param environment: the process's environment.
    :raises SettingsError: a value cannot be used, or the token is set and empty.
    """
    explicit = configured(EXPLICIT_PROVIDER)
    found: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        # A pipeline passes a missing secret as an empty string. That must not count as a setting that is not set.
        unset = (None,) if setting.secret else (None, "")
        value, source = configured(f"{NAMESPACE}:{setting.name}"), f"{NAMESPACE}:{setting.name} of the stack"
        if explicit:
            source = f"{setting.name} of the provider {explicit}"
        if value in unset:
            value, source = environment.get(setting.variable), f"the environment variable {setting.variable}"
        sources[setting.attribute] = source
        if value not in unset:
            found[setting.attribute] = setting.read(value, source)
    resolved = Settings(
        token_source=sources["access_token"],
        pulumi_home=environment.get("PULUMI_HOME", ""),
        pulumi_backend=environment.get("PULUMI_BACKEND_URL", ""),
        **found,
    )
    _require_https(resolved.base_url, sources["base_url"], allow_http=resolved.allow_http)
    return resolved


def misspelt(configured: Iterable[str]) -> Iterator[str]:
    """A warning for each key that is not a setting and is spelt like one.

    Other keys of the namespace may belong to other providers, such as LaunchDarkly's bridged Terraform provider.

    :param configured: the keys of the configuration.
    """
    from ..model.value_rules import closest, shown_name

    names = [setting.name for setting in SETTINGS]
    for key in sorted(configured):
        namespace, _, name = key.partition(":")
        meant = closest(name, names) if namespace == NAMESPACE and name not in names else None
        if meant and key != EXPLICIT_PROVIDER:
            shown = f"{NAMESPACE}:{shown_name(name)}"
            yield f"{shown} of the stack is not a setting of this provider: did you mean {meant}?"
