"""Which hosts are near, and which proxy is taken: what its URL may be, and that its password is never shown."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.api.proxies import SCHEMES, Proxy, proxy_for
from launchdarkly_pulumi.errors import SettingsError
from launchdarkly_pulumi.model.hosts import PRIVATE_DOMAINS, PRIVATE_NETWORKS, is_loopback, is_private
from support.documents import ROOT

INSTANCE = "https://app.launchdarkly.com"
URL = "http://proxy.example.com:3128"
TAKEN = "the proxy proxy.example.com:3128 (HTTPS_PROXY) Proxy(host='proxy.example.com:3128', source='HTTPS_PROXY')"
REFUSED = (
    "HTTPS_PROXY is not a proxy's URL such as http://proxy.example.com:3128 or socks5h://proxy.example.com:1080; "
    "in its user and password # / ? @ % are written as %23 %2F %3F %40 %25"
)


def proxy(url: str) -> Proxy:
    """The proxy of a URL in HTTPS_PROXY."""
    found = proxy_for(INSTANCE, {"https": url}, {"HTTPS_PROXY": url})
    assert found
    return found


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nothing is bound
        ("app.launchdarkly.com", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine(host: str, loopback: bool) -> None:
    """By name or by address; no name that only looks like it."""
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    "host",
    [
        "emulator",
        "launchdarkly-emulator",
        "e2e",
        "emulator.local",
        "emulator.default.svc.cluster.local",
        "emulator.corp.internal",
        "emulator.localhost",
        "emulator.test",
        "emulator.home.arpa",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "fd00::1",
        "::ffff:10.0.0.1",
    ],
)
def test_a_private_host_is_one_that_the_public_internet_cannot_have(host: str) -> None:
    """A name without a dot or in a domain that is reserved, and an address that is not routed."""
    assert is_private(host)


@pytest.mark.parametrize(
    "named", [*SCHEMES, *(f".{domain}" for domain in PRIVATE_DOMAINS), *map(str, PRIVATE_NETWORKS)]
)
def test_the_page_on_networks_names_what_is_allowed(named: str) -> None:
    """What a proxy may speak, and which hosts are private."""
    assert re.search(rf"[`\s]{re.escape(named)}[`,;.\s]", (ROOT / "docs" / "networks.md").read_text())


@pytest.mark.parametrize(
    "host",
    [
        "app.launchdarkly.com",
        "emulator.example.com",
        "local.example.com",
        "emulatorinternal.com",
        "internal.",
        "8.8.8.8",
        "172.32.0.1",
        "11.0.0.1",
        "0.0.0.0",  # noqa: S104 - nothing is bound
        "169.254.169.254",
        "100.64.0.1",
        "203.0.113.1",
        "2001:db8::1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "fe80::1",
        "134744072",
        "0x08080808",
        "010.010.8.8",
        "8.2056",
        "",
    ],
)
def test_every_other_host_is_public(host: str) -> None:
    """Also what an operating system takes for an address, as 134744072 is 8.8.8.8; and when in doubt."""
    assert not is_private(host)


@pytest.mark.parametrize(
    ("known", "environment", "source"),
    [
        ({"https": URL}, {"HTTPS_PROXY": URL}, "HTTPS_PROXY"),
        ({"https": URL}, {"https_proxy": URL}, "https_proxy"),
        ({"https": URL}, {"https_proxy": URL, "HTTPS_PROXY": "http://other"}, "https_proxy"),
        ({"https": URL, "all": "http://other"}, {"HTTPS_PROXY": URL, "ALL_PROXY": "http://other"}, "HTTPS_PROXY"),
        ({"all": URL}, {"ALL_PROXY": URL}, "ALL_PROXY"),
        ({"all": URL}, {"all_proxy": URL}, "all_proxy"),
        ({"https": URL}, {}, "the system's settings"),
    ],
)
def test_a_proxy_is_named_by_its_host_and_by_where_it_comes_from(
    known: dict[str, str], environment: dict[str, str], source: str
) -> None:
    """The variable as it is spelled there; on some systems it is none."""
    assert str(proxy_for(INSTANCE, known, environment)) == f"the proxy proxy.example.com:3128 ({source})"


@pytest.mark.parametrize(
    ("base_url", "known"),
    [
        (INSTANCE, {}),
        (INSTANCE, {"http": URL}),
        ("http://emulator:8000", {"http": URL, "https": URL, "all": URL}),
        ("http://127.0.0.1:8000", {"http": URL, "all": URL}),
        ("https://127.0.0.1:8000", {"https": URL, "all": URL}),
        ("https://localhost", {"https": URL}),
        ("https://[::1]:8000", {"all": URL}),
    ],
)
def test_where_no_proxy_is_wanted_none_is_taken(base_url: str, known: dict[str, str]) -> None:
    """None is given; over http it would read the token; and loopback is another machine for it."""
    assert proxy_for(base_url, known, {}) is None


@pytest.mark.parametrize(
    ("given", "url", "host"),
    [
        ("proxy", "http://proxy", "proxy"),
        ("proxy:3128", "http://proxy:3128", "proxy:3128"),
        (" http://proxy:3128/ \n", "http://proxy:3128", "proxy:3128"),
        ("HTTP://proxy", "http://proxy", "proxy"),
        ("https://proxy:3129/", "https://proxy:3129", "proxy:3129"),
        ("SOCKS5H://proxy:1080", "socks5h://proxy:1080", "proxy:1080"),
        ("http://[fd00::1]:3128", "http://[fd00::1]:3128", "[fd00::1]:3128"),
        ("user:pw@proxy:3128", "http://user:pw@proxy:3128", "proxy:3128"),
        ("http://user@proxy:3128", "http://user@proxy:3128", "proxy:3128"),
        ("http://us%20er:p%23w@proxy", "http://us%20er:p%23w@proxy", "proxy"),
        ("http://user:p@ss@proxy:3128", "http://user:p@ss@proxy:3128", "proxy:3128"),
    ],
)
def test_the_url_of_a_proxy_is_taken(given: str, url: str, host: str) -> None:
    """With or without a scheme, credentials and a slash at its end."""
    found = proxy(given)
    assert (found.url, found.host) == (url, host)


@pytest.mark.parametrize(
    ("credentials", "secrets"),
    [
        ("", set()),
        ("user@", set()),
        ("user:@", set()),
        ("u:pw@", {"pw", "u:pw"}),
        ("u:p%23:w@", {"p%23:w", "p#:w", "u:p#:w"}),
    ],
)
def test_the_password_of_a_proxy_is_a_secret(credentials: str, secrets: set[str]) -> None:
    """As it is written in the variable, and as the proxy may echo it."""
    assert proxy(f"http://{credentials}proxy").secrets == secrets


@pytest.mark.parametrize(
    "given",
    [
        "htp://proxy:3128",
        "://proxy",
        "http://",
        "http://:3128",
        "http://user:pw@",
        "http://proxy:canary",
        "http://proxy:99999",
        "http://proxy:0",
        "http://[::1",
        "http://a b",
        "http://a..b",
        *(f"http://user:can{character}ary@proxy:3128" for character in "#/? \t\n"),
        "http://user:can://ary@proxy:3128",
        "user:can://ary@proxy:3128",
        "http://user:can#a@ry@proxy",
    ],
)
def test_what_is_no_proxy_is_refused_without_being_shown(given: str) -> None:
    """The variable is named, and how to write what stands in the way."""
    with pytest.raises(SettingsError) as error:
        proxy(given)
    assert str(error.value) == REFUSED


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30), st.booleans())
def test_no_part_of_a_password_is_shown(password: str, written_as_it_is: bool) -> None:
    """Whatever it holds, and whether or not it is written as a URL wants it."""
    marked = f"q{password}q"
    url = f"http://user:{marked if written_as_it_is else quote(marked, safe='')}@proxy.example.com:3128"
    try:
        shown = f"{proxy(url)} {proxy(url)!r}"
    except SettingsError as error:
        shown = str(error)
    else:
        assert proxy(url).secrets
        assert written_as_it_is or marked in proxy(url).secrets
    assert shown in (TAKEN, REFUSED)
    assert written_as_it_is or shown == TAKEN
