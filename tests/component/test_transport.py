"""One request and its answer: bounded in time and size, over connections that are kept, from several threads."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.api.answers import Answer, Lost
from launchdarkly_pulumi.api.clock import Deadline
from launchdarkly_pulumi.api.transport import MAX_BODY_BYTES, Transport
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.errors import SettingsError
from support import samples
from support.fault_proxy import Barrier, Delay, Dribble, FaultProxy
from support.scripted_server import ScriptedServer, answer, no_answer
from support.tls import Tls

PATH = "/api/v2/integration-capabilities/big-segment-store"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
INTERVAL = 0.02
SHORT = 0.3
"""Seconds that a request has where its answer drips; it would take many times as long."""


def transport(url: str, timeout: float = 20.0) -> Transport:
    """A transport with the canary token, whose time-out for a read is much longer than the deadlines here."""
    return Transport(url, samples.TOKEN, timeout)


def get(sender: Transport, seconds: float = 20.0) -> Answer:
    """A GET within so many seconds of real time."""
    return sender.send("GET", PATH, None, Deadline(seconds))


@pytest.fixture
def proxy(launchdarkly: Emulator) -> Iterator[FaultProxy]:
    """A proxy before the account."""
    with FaultProxy(launchdarkly.url) as proxy:
        yield proxy


class Dripping:
    """Answers one request: the head at once, then a byte at a time, for four seconds at most.

    Its client has to leave before that, or the ``with`` fails.

    :param tls: speaks TLS.
    """

    def __init__(self, head: bytes, rest: bytes, tls: ssl.SSLContext | None = None) -> None:
        self._head, self._rest, self._tls = head, rest, tls
        self._over = threading.Event()
        self._ran_out = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Dripping:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)
        self._listener.close()
        assert not self._thread.is_alive()
        assert not self._ran_out, "the client did not leave"

    def _serve(self) -> None:
        self._listener.settimeout(5)
        # The client leaves before it has everything.
        with suppress(OSError):
            connection, _ = self._listener.accept()
            connection.settimeout(5)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                connection.recv(64 * 1024)
                connection.sendall(self._head)
                for byte in self._rest[: int(4 / INTERVAL)]:
                    if self._over.wait(INTERVAL):
                        return
                    connection.sendall(bytes([byte]))
                self._ran_out = True


# The deadline.


def test_a_dripping_status_line_is_cut_at_the_deadline(proxy: FaultProxy) -> None:
    """Each byte comes long before the time-out of a read, and the answer is not waited for."""
    proxy.inject(Dribble(interval=0.1))
    with pytest.raises(Lost, match="did not respond in time") as error:
        get(transport(proxy.url), SHORT)
    assert (error.value.sent, error.value.repeatable) == (True, True)


@pytest.mark.parametrize(
    ("head", "rest"),
    [
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"x" * 1000),
        (HEAD + b"Content-Length: 1000\r\n\r\n{", b" " * 1000),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + b"x" * 1000),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 200),
    ],
    ids=["body", "body that has begun", "chunk", "chunks"],
)
def test_a_dripping_body_is_cut_at_the_deadline(head: bytes, rest: bytes) -> None:
    """It is not an answer, however much of it has come."""
    with Dripping(head, rest) as server, pytest.raises(Lost, match="did not respond in time") as error:
        get(transport(server.url), SHORT)
    assert error.value.sent


def test_silence_is_a_time_out_of_the_deadline(proxy: FaultProxy) -> None:
    """A deadline that is nearer than the time-out counts."""
    proxy.inject(Delay(30))
    with pytest.raises(Lost, match="did not respond in time"):
        get(transport(proxy.url), 0.1)


def test_silence_is_a_time_out_of_the_setting(proxy: FaultProxy) -> None:
    """A time-out that is nearer than the deadline counts: there is time left for another attempt."""
    proxy.inject(Delay(30))
    deadline = Deadline(8)
    with pytest.raises(Lost, match="did not respond in time"):
        transport(proxy.url, timeout=0.1).send("GET", PATH, None, deadline)
    assert deadline.remaining() > 0


def test_a_handshake_is_not_waited_for_beyond_the_deadline() -> None:
    """The server takes the connection, and says nothing; that the client leaves is what it sees."""
    left = threading.Event()

    def wait() -> None:
        connection, _ = listener.accept()
        with connection, suppress(TimeoutError):
            connection.settimeout(3)
            while connection.recv(64 * 1024):
                pass
            left.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        with pytest.raises(Lost, match="did not respond in time"):
            get(transport(f"https://127.0.0.1:{listener.getsockname()[1]}"), 0.2)
        thread.join(10)
    assert left.is_set()


def test_a_dripping_handshake_is_left_at_the_deadline() -> None:
    """A record of TLS whose end does not come: nothing of the request was sent."""
    record_of_16000_bytes = b"\x16\x03\x03\x3e\x80"
    with Dripping(record_of_16000_bytes, b"\x02" * 1000) as server:
        sender = transport(server.url.replace("http:", "https:"))
        with pytest.raises(Lost, match="did not respond in time") as error:
            sender.send("POST", PATH, b"{}", Deadline(SHORT))
        assert not error.value.sent


def test_what_was_not_sent_by_the_deadline_never_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for an address takes too long, and ends after all: the POST that was given up must not follow."""
    found, resolve = threading.Event(), socket.getaddrinfo

    def slow(*arguments: Any, **options: Any) -> Any:
        found.wait(10)
        return resolve(*arguments, **options)

    with ScriptedServer(answer(201, {})) as server:
        monkeypatch.setattr(socket, "getaddrinfo", slow)
        with pytest.raises(Lost, match="did not respond in time") as error:
            transport(server.url).send("POST", PATH, b"{}", Deadline(0.1))
        left = [thread for thread in threading.enumerate() if thread.name == "launchdarkly-exchange"]
        found.set()
        for thread in left:
            thread.join(10)
        assert (len(left), error.value.sent, server.requests) == (1, False, [])


def test_nothing_is_sent_once_the_time_is_over() -> None:
    """An operation that waited for its turn until the end."""
    with ScriptedServer(answer(201, {})) as server:
        with pytest.raises(Lost, match="did not respond in time") as error:
            transport(server.url).send("POST", PATH, b"{}", Deadline(0))
        assert (error.value.sent, server.connections) == (False, 0)


def test_after_a_deadline_the_next_request_is_answered(proxy: FaultProxy) -> None:
    """The connection that was cut is not used again."""
    sender = transport(proxy.url)
    get(sender)
    proxy.inject(Delay(30))
    with pytest.raises(Lost):
        get(sender, 0.1)
    assert get(sender).status == 200


def test_the_deadline_of_an_answered_request_cuts_nothing() -> None:
    """Its connection is kept, and may be waiting for another answer when the deadline comes."""

    def late(_request: object) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.4)
        return 200, {}, b"late"

    with ScriptedServer(answer(200, {}), late) as server:
        sender = transport(server.url)
        get(sender, SHORT)
        assert get(sender).body == b"late"
        assert [request.connection for request in server.requests] == [1, 1]


def test_a_deadline_cuts_the_connection_of_its_own_request_only(proxy: FaultProxy) -> None:
    """Another thread's request, in flight at the same time, gets its answer."""
    sender = transport(proxy.url)
    proxy.inject(Barrier(2))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: get(sender), range(2)))
        proxy.inject(Delay(30), Delay(30))
        patient = pool.submit(get, sender)
        with pytest.raises(Lost):
            get(sender, SHORT)
        proxy.release()
        assert patient.result(10).status == 200


# The size.


@pytest.mark.parametrize("status", [200, 302, 404])
@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "gzip"])
def test_more_than_16_mib_is_no_answer(status: int, encoded: bool) -> None:
    """As it travels or once it is unpacked, and whatever the status; it would be no smaller the next time."""
    body = b" " * (MAX_BODY_BYTES + 1)
    step = (status, {"Content-Encoding": "gzip"}, gzip.compress(body, 1)) if encoded else (status, {}, body)
    with ScriptedServer(step) as server, pytest.raises(Lost, match="more than 16777216 bytes") as error:
        get(transport(server.url))
    assert (error.value.sent, error.value.repeatable) == (True, False)


def test_16_mib_are_an_answer() -> None:
    """The limit itself is within it."""
    with ScriptedServer((200, {}, b" " * MAX_BODY_BYTES)) as server:
        assert len(get(transport(server.url)).body) == MAX_BODY_BYTES


def test_after_an_answer_that_is_too_large_the_next_request_is_answered() -> None:
    """What was left unread is not taken for its answer."""
    with ScriptedServer((200, {}, b" " * (MAX_BODY_BYTES + 1)), answer(200, {"next": True})) as server:
        sender = transport(server.url)
        with pytest.raises(Lost):
            get(sender)
        assert get(sender).body == b'{"next": true}'


# Connections and threads.


def test_an_answer_is_what_came() -> None:
    """Status, headers by lower-case name, and the body unpacked."""
    headers = {"Content-Encoding": "gzip", "X-Ratelimit-Reset": "7"}
    with ScriptedServer((418, headers, gzip.compress(b"tea"))) as server:
        found = get(transport(server.url))
    assert (found.status, found.headers["x-ratelimit-reset"], found.body) == (418, "7", b"tea")


@pytest.mark.parametrize(
    "step", [answer(200, {}), answer(404, {}), (204, {}, b""), (302, {"Location": "/x"}, b"moved")]
)
def test_a_connection_is_kept(step: tuple[int, dict[str, str], bytes]) -> None:
    """Whatever the answer."""
    with ScriptedServer(step) as server:
        sender = transport(server.url)
        for _ in range(5):
            get(sender)
        assert [request.connection for request in server.requests] == [1] * 5


def test_four_threads_are_answered_at_once(proxy: FaultProxy) -> None:
    """None waits for another: the proxy answers none of them before it has all four."""
    sender = transport(proxy.url)
    proxy.inject(Barrier(4, timeout=10))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: get(sender), range(4)))
    assert [(found.status, found.body) for found in answers] == [(200, answers[0].body)] * 4
    assert [request.outcome for request in proxy.requests] == ["Barrier, forwarded 200"] * 4


def test_the_connections_of_several_threads_are_kept() -> None:
    """What four of them have opened at once serves the requests that follow."""
    together = threading.Barrier(4, timeout=10)

    def meet(_request: object) -> tuple[int, dict[str, str], bytes]:
        together.wait()
        return 200, {}, b""

    with ScriptedServer(meet) as server:
        sender = transport(server.url)
        with ThreadPoolExecutor(4) as pool:
            for _ in range(3):
                list(pool.map(lambda _: get(sender), range(4)))
        assert (len(server.requests), server.connections) == (12, 4)


def test_a_connection_that_the_server_has_closed_is_replaced() -> None:
    """Without losing a request on it."""
    with ScriptedServer((200, {"Connection": "close"}, b"")) as server:
        sender = transport(server.url)
        for _ in range(3):
            assert get(sender).status == 200


def test_where_nobody_listens_nothing_was_sent() -> None:
    """So that any request may be sent again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(Lost, match=r"cannot be reached: .*refused") as error:
        transport(url).send("POST", PATH, b"{}", Deadline(5))
    assert (error.value.sent, error.value.repeatable) == (False, True)


# TLS.


@pytest.fixture(scope="module")
def server_side(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """One certificate for all tests."""
    return Tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(server_side: Tls, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that the environment vouches for."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server_side.certificate))
    return server_side.context()


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_certificate_that_the_environment_vouches_for_is_accepted(
    server_side: Tls, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """For networks with a certificate authority of their own; the connection is kept."""
    monkeypatch.setenv(variable, str(server_side.certificate))
    with ScriptedServer(answer(200, {}), tls=server_side.context()) as server:
        sender = transport(server.url)
        assert [get(sender).status, get(sender).status] == [200, 200]
        assert server.connections == 1


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_folder_of_certificates_is_accepted(
    server_side: Tls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    """Where each is named by the hash of its subject, as ``openssl rehash`` leaves it."""
    (tmp_path / f"{server_side.subject_hash()}.0").write_bytes(server_side.certificate.read_bytes())
    monkeypatch.setenv(variable, str(tmp_path))
    with ScriptedServer(answer(200, {}), tls=server_side.context()) as server:
        assert get(transport(server.url)).status == 200


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", "PIP_CERT"])
def test_no_other_variable_vouches_for_a_certificate(
    server_side: Tls, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """As ``docs/networks.md`` says: the library's own bundle is taken, not OpenSSL's."""
    (server_side.certificate.parent / f"{server_side.subject_hash()}.0").write_bytes(
        server_side.certificate.read_bytes()
    )
    is_folder = variable.endswith("_DIR")
    monkeypatch.setenv(variable, str(server_side.certificate.parent if is_folder else server_side.certificate))
    with ScriptedServer(answer(200, {}), tls=server_side.context()) as server:
        with pytest.raises(Lost, match="has a certificate that is not accepted") as error:
            get(transport(server.url))
        assert server.requests == []
    assert not error.value.repeatable


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_is_not_there_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    """Before anything is sent, and once."""
    monkeypatch.setenv(variable, str(tmp_path / "nowhere.pem"))
    with pytest.raises(SettingsError, match=f"^{variable} must name a file or a folder of certificates.*nowhere.pem$"):
        transport("https://127.0.0.1:1")


def test_a_body_that_drips_over_tls_is_cut_at_the_deadline(tls: ssl.SSLContext) -> None:
    """As without TLS."""
    with (
        Dripping(HEAD + b"Content-Length: 1000\r\n\r\n", b"x" * 1000, tls) as server,
        pytest.raises(Lost, match="did not respond in time"),
    ):
        get(transport(server.url), SHORT)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_handshake_that_breaks_sends_nothing(tls: ssl.SSLContext, method: str) -> None:
    """The server ends it with an alert: whatever the request, it may be sent again."""
    tls.sni_callback = lambda *_: ssl.AlertDescription.ALERT_DESCRIPTION_INTERNAL_ERROR
    with ScriptedServer(answer(200, {}), tls=tls) as server:
        with pytest.raises(Lost, match=r"cannot be reached: .*alert internal error") as error:
            transport(server.url).send(method, PATH, None, Deadline(20))
        assert (server.connections, server.requests) == (1, [])
    assert (error.value.sent, error.value.repeatable) == (False, True)


def test_a_connection_that_breaks_after_its_handshake_may_have_sent(tls: ssl.SSLContext) -> None:
    """The server has read the request, and says nothing."""
    with ScriptedServer(no_answer, tls=tls) as server:
        with pytest.raises(Lost, match="broke the connection") as error:
            transport(server.url).send("POST", PATH, b"{}", Deadline(20))
        assert server.methods == ["POST"]
    assert error.value.sent
