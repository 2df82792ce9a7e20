"""Through a proxy of the environment: by HTTP and by SOCKS, with what goes wrong told of whom it goes wrong at."""

from __future__ import annotations

import base64
import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from launchdarkly_pulumi import errors
from launchdarkly_pulumi.api.answers import Lost
from launchdarkly_pulumi.api.client import Client
from launchdarkly_pulumi.api.clock import Clock, Deadline
from launchdarkly_pulumi.api.redaction import Redactor
from launchdarkly_pulumi.api.transport import Transport
from launchdarkly_pulumi.core.settings import Settings
from launchdarkly_pulumi.errors import SettingsError
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.proxies import ConnectProxy, Proxy, SocksProxy
from support.scripted_server import ScriptedServer, answer, no_answer
from support.tls import NAME, Tls

INSTANCE = f"https://{NAME}"
ID = IntegrationId("default", "production", "redis", "57c0ffee57c0ffee57c0ffee")
INTEGRATION = answer(200, {"_id": ID.integration_id, "version": 1, "config": {}})
PASSWORDS = ["correct horse", "a#b/c?d@e%f", "%41", "pässwörd+&", "x"]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def server_side(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """One certificate for all tests."""
    return Tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(server_side: Tls, monkeypatch: pytest.MonkeyPatch) -> Tls:
    """The same, and the environment vouches for it."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server_side.certificate))
    return server_side


@pytest.fixture
def launchdarkly(server_side: Tls) -> Iterator[ScriptedServer]:
    """LaunchDarkly, which only a proxy leads to."""
    with ScriptedServer(INTEGRATION, tls=server_side.context()) as server:
        yield server


def port(server: ScriptedServer) -> int:
    """Where a tunnel has to end."""
    return int(server.host.rpartition(":")[2])


def lost(url: str = INSTANCE) -> Lost:
    """What becomes of a request."""
    with pytest.raises(Lost) as error:
        Transport(url, samples.TOKEN, 20).send("GET", "/x", None, Deadline(20))
    return error.value


def get() -> int:
    """The status that a request is answered with."""
    return Transport(INSTANCE, samples.TOKEN, 20).send("GET", "/x", None, Deadline(20)).status


def failure() -> tuple[errors.Unreachable, int]:
    """The error of a call, and how many attempts it made."""
    waits: list[float] = []
    clock = Clock(monotonic=lambda: sum(waits), sleep=waits.append)
    with pytest.raises(errors.Unreachable) as error:
        Client(Settings(access_token=samples.TOKEN, base_url=INSTANCE), Redactor(), clock).get(ID)
    return error.value, len(waits) + 1


def nobody() -> str:
    """An address on loopback that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


# What goes through.


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("kind", [ConnectProxy, SocksProxy])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, launchdarkly: ScriptedServer, kind: type[Proxy], variable: str
) -> None:
    """It is asked for LaunchDarkly by name, and the connection is kept; the token is for LaunchDarkly alone."""
    with kind(port(launchdarkly)) as proxy:
        monkeypatch.setenv(variable, proxy.url)
        sender = Transport(INSTANCE, samples.TOKEN, 20)
        answers = [sender.send("GET", "/x", None, Deadline(20)).status for _ in range(2)]
    assert (answers, proxy.asked, proxy.credentials) == ([200, 200], [f"{NAME}:443"], [])
    assert [request.values("Authorization") for request in launchdarkly.requests] == [[samples.TOKEN]] * 2


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_reaches_the_proxy(
    monkeypatch: pytest.MonkeyPatch, launchdarkly: ScriptedServer, password: str
) -> None:
    """Percent-encoded in the variable, and to the proxy as it is; LaunchDarkly gets none of it."""
    with ConnectProxy(port(launchdarkly)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url_with(f"us%20er:{quote(password, safe='')}"))
        assert get() == 200
    (sent,) = proxy.credentials
    assert base64.b64decode(sent.removeprefix("Basic ")).decode("latin-1") == f"us er:{password}"
    assert [request.values("Proxy-Authorization") for request in launchdarkly.requests] == [[]]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_reaches_a_socks_proxy(
    monkeypatch: pytest.MonkeyPatch, launchdarkly: ScriptedServer, password: str
) -> None:
    """The same."""
    with SocksProxy(port(launchdarkly), wants=f"us er:{password}") as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url_with(f"us%20er:{quote(password, safe='')}"))
        assert get() == 200
    assert proxy.credentials == [f"us er:{password}"]


@pytest.mark.usefixtures("trusted")
def test_a_proxy_may_speak_tls_itself(
    monkeypatch: pytest.MonkeyPatch, launchdarkly: ScriptedServer, server_side: Tls
) -> None:
    """A tunnel within TLS, with TLS in it."""
    with ConnectProxy(port(launchdarkly), tls=server_side.context()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert get() == 200
    assert proxy.asked == [f"{NAME}:443"]


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
def test_a_body_that_drips_through_a_proxy_is_cut_too(
    monkeypatch: pytest.MonkeyPatch, trusted: Tls, scheme: str
) -> None:
    """At the deadline the tunnel is gone, which the server sees: it would drip for twenty seconds."""
    left = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with trusted.context().wrap_socket(connection, server_side=True) as client:
            client.recv(64 * 1024)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            client.settimeout(0.02)
            for _ in range(1000):
                with contextlib.suppress(TimeoutError):
                    # Nothing is received but the client's end.
                    client.recv(1)
                    left.set()
                    return
                client.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        target, tls = listener.getsockname()[1], trusted.context() if scheme == "https" else None
        with SocksProxy(target) if scheme == "socks5h" else ConnectProxy(target, tls=tls) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            with pytest.raises(Lost, match=r"^did not respond in time$") as error:
                Transport(INSTANCE, samples.TOKEN, 20).send("GET", "/x", None, Deadline(0.5))
            assert left.wait(10)
        thread.join(10)
    assert (error.value.sent, error.value.by) == (True, "")


# What does not go through.


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "HTTPS_PROXY"])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_never_asked_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, trusted: Tls, variable: str, scheme: str, host: str
) -> None:
    """The token would travel with the request; what is loopback for us is another machine for the proxy."""
    tls = trusted.context() if scheme == "https" else None
    with ConnectProxy() as proxy, ScriptedServer(answer(200, {}), tls=tls) as server:
        monkeypatch.setenv(variable, proxy.url)
        sender = Transport(server.url.replace("127.0.0.1", host), samples.TOKEN, 20)
        if (scheme, host) == ("https", "localhost"):
            # Its certificate is for the address; that it was seen is enough.
            with pytest.raises(Lost, match="certificate"):
                sender.send("GET", "/x", None, Deadline(20))
        else:
            assert sender.send("GET", "/x", None, Deadline(20)).status == 200
        assert (proxy.connections, server.connections) == (0, 1)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "HTTPS_PROXY"])
def test_plain_http_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The proxy could read the token."""
    with ConnectProxy() as proxy:
        monkeypatch.setenv(variable, proxy.url)
        assert lost(f"http://{NAME}:8000").by == ""
        assert proxy.connections == 0


@pytest.mark.parametrize("exempt", [NAME, "example", ".example", f"other,{NAME}", "*"])
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy_is_heeded(monkeypatch: pytest.MonkeyPatch, variable: str, exempt: str) -> None:
    """A host that is named there, or its domain, is asked directly; here, where nobody knows it."""
    with ConnectProxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv(variable, exempt)
        assert lost().by == ""
        assert proxy.connections == 0


# What goes wrong.


@pytest.mark.parametrize("scheme", ["http", "https", "socks4", "socks5", "socks5h"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "all_proxy"])
def test_a_dead_proxy_is_told_as_such(monkeypatch: pytest.MonkeyPatch, scheme: str, variable: str) -> None:
    """By its host and its variable, in place of LaunchDarkly; nothing was sent, so all is tried again."""
    host = nobody()
    monkeypatch.setenv(variable, f"{scheme}://user:canary@{host}")
    error, attempts = failure()
    assert error.reason == f"the proxy {host} ({variable}) cannot be reached: Connection refused"
    assert error.advice == f"Check the proxy, or name {NAME} in NO_PROXY to go without it."
    assert (attempts, error.outcome_unknown) == (5, False)


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_a_mistyped_proxy_is_told_as_such(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """A name that nobody knows."""
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://user:canary@prxoy.invalid:3128")
    error, _ = failure()
    assert error.reason.startswith("the proxy prxoy.invalid:3128 (HTTPS_PROXY) cannot be reached: ")
    assert "canary" not in str(error)


@pytest.mark.parametrize(
    ("refusal", "words", "attempts"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407 Proxy Authentication Required", 1),
        (b"HTTP/1.1 403 Forbidden by policy\r\nContent-Length: 0\r\n\r\n", "403 Forbidden by policy", 1),
        (b"HTTP/1.1 503 No route\r\n\r\n", "503 No route", 5),
        (b"garbage\r\n\r\n", "garbage", 5),
    ],
)
def test_a_proxy_that_gives_no_connection_is_told_with_its_words(
    monkeypatch: pytest.MonkeyPatch, refusal: bytes, words: str, attempts: int
) -> None:
    """What its administrator has to settle is asked once."""
    with ConnectProxy(refusal=refusal) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url_with("user:canary"))
        error, made = failure()
    assert error.reason == f"the proxy {proxy.host} (HTTPS_PROXY) gives no connection: {words}"
    assert (made, proxy.connections, error.outcome_unknown) == (attempts, attempts, False)


@pytest.mark.parametrize(
    ("wants", "refusal", "words", "attempts"),
    [
        ("user:other", 0, "SOCKS5 authentication failed", 1),
        ("", 5, "0x05: Connection refused", 5),
    ],
)
def test_a_socks_proxy_that_gives_no_connection_is_told_with_its_words(
    monkeypatch: pytest.MonkeyPatch, wants: str, refusal: int, words: str, attempts: int
) -> None:
    """The same for SOCKS."""
    with SocksProxy(wants=wants, refusal=refusal) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url_with("user:canary"))
        error, made = failure()
    assert error.reason == f"the proxy {proxy.host} (ALL_PROXY) gives no connection: {words}"
    assert made == attempts


def test_a_proxy_that_says_nothing_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is slow itself, or waits for LaunchDarkly, it gave no tunnel."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(Lost, match="did not respond in time") as error:
            Transport(INSTANCE, samples.TOKEN, 20).send("GET", "/x", None, Deadline(0.3))
    assert (error.value.by.startswith("the proxy 127.0.0.1:"), error.value.sent) == (True, False)


@pytest.mark.parametrize("kind", [ConnectProxy, SocksProxy])
def test_a_certificate_that_nobody_vouches_for_is_final_behind_a_proxy_too(
    monkeypatch: pytest.MonkeyPatch, launchdarkly: ScriptedServer, kind: type[Proxy]
) -> None:
    """As without one: it is LaunchDarkly's, or that of whoever listens in, and nothing is sent."""
    with kind(port(launchdarkly)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error, attempts = failure()
    assert error.reason.startswith(f"{NAME} has a certificate that is not accepted: ")
    assert (attempts, proxy.connections, launchdarkly.requests, error.advice) == (1, 1, [], "")


def test_the_certificate_of_a_proxy_is_told_as_such(monkeypatch: pytest.MonkeyPatch, server_side: Tls) -> None:
    """A proxy that speaks TLS has one of its own."""
    with ConnectProxy(tls=server_side.context()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error, attempts = failure()
    assert error.reason.startswith(f"the proxy {proxy.host} (HTTPS_PROXY) has a certificate that is not accepted: ")
    assert attempts == 1


@pytest.mark.usefixtures("trusted")
def test_after_the_tunnel_a_broken_connection_is_launchdarkly_s(
    monkeypatch: pytest.MonkeyPatch, server_side: Tls
) -> None:
    """The proxy did its part; also on a connection that is kept."""
    tls = server_side.context()
    with ScriptedServer(INTEGRATION, no_answer, tls=tls) as server, ConnectProxy(port(server)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        sender = Transport(INSTANCE, samples.TOKEN, 20)
        sender.send("GET", "/x", None, Deadline(20))
        with pytest.raises(Lost, match="broke the connection") as error:
            sender.send("POST", "/x", b"{}", Deadline(20))
    assert (error.value.by, error.value.sent) == ("", True)


@pytest.mark.parametrize("password", PASSWORDS[:-1])
@pytest.mark.parametrize("echoed", ["{raw}", "{encoded}", "Basic {base64}"])
def test_a_password_that_a_proxy_echoes_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, password: str, echoed: str
) -> None:
    """In the reason that it gives, in any form."""
    credentials = base64.b64encode(f"user:{password}".encode()).decode()
    forms = {"raw": password, "encoded": quote(password, safe=""), "base64": credentials}
    line = f"HTTP/1.1 407 {echoed.format(**forms)} is wrong\r\n\r\n".encode("latin-1")
    with ConnectProxy(refusal=line) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url_with(f"user:{quote(password, safe='')}"))
        error, _ = failure()
    assert [form for form in forms.values() if form in str(error)] == []


@pytest.mark.parametrize("character", "#/?")
def test_a_password_that_is_not_encoded_is_refused_before_a_request(
    monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    """No library looks half of it up as a host, or prints it."""
    with ConnectProxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url_with(f"user:can{character}ary"))
        with pytest.raises(SettingsError, match=r"^HTTPS_PROXY is not a proxy's URL") as error:
            Client(Settings(access_token=samples.TOKEN, base_url=INSTANCE), Redactor()).list_all()
        assert proxy.connections == 0
    assert "can" not in str(error.value)


def test_socks_without_its_library_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install, before anything is sent."""
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.setenv("ALL_PROXY", "socks5h://user:canary@127.0.0.1:1080")
    with pytest.raises(SettingsError) as error:
        Client(Settings(access_token=samples.TOKEN, base_url=INSTANCE), Redactor()).list_all()
    assert str(error.value) == (
        "the proxy 127.0.0.1:1080 (ALL_PROXY) speaks SOCKS, which needs PySocks: "
        "pip install 'launchdarkly-pulumi[socks]'"
    )


def test_loopback_needs_no_library_for_socks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As nothing goes through the proxy."""
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1080")
    with ScriptedServer(answer(200, {})) as server:
        assert Transport(server.url, samples.TOKEN, 20).send("GET", "/x", None, Deadline(20)).status == 200
