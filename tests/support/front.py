"""A server before LaunchDarkly's accounts that takes some requests in hand and passes the others on.

The fault proxy breaks the next request, whichever it is; this one goes by what is asked, for as long as the test says,
and by the token, as LaunchDarkly tells accounts apart behind one host::

    with Front({TOKEN: emulator}) as front:
        front.on(lists, answer(500, {}))
        held = front.hold(posts, after_commit=True)
        ...
        held.arrived.wait(TIMEOUT)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from http.client import HTTPConnection

from launchdarkly_pulumi.emulator import Emulator
from support.scripted_server import Answer, Request, ScriptedServer, Step, answer

TIMEOUT = 60
"""Seconds that a request is held at most, and that a test waits for one."""

OF_A_CONNECTION = {"connection", "content-length", "host", "transfer-encoding"}

Kind = Callable[[Request], bool]


def lists(request: Request) -> bool:
    """Whether the account's stores are asked for."""
    return request.target.endswith("/big-segment-store")


def posts(request: Request) -> bool:
    """Whether a store is to be created."""
    return request.method == "POST"


def reads(id_: str) -> Kind:
    """Tells whether one store is asked for.

    :param id_: the last part of its ID suffices.
    """
    return lambda request: request.method == "GET" and request.target.endswith(f"/{id_}")


class Held:
    """A step that keeps requests waiting; ``arrived`` is set once there is one.

    :param step: what becomes of them.
    :param after_commit: whether that is done before the wait, and only its answer is late.
    """

    def __init__(self, step: Callable[[Request], Answer], *, after_commit: bool) -> None:
        self._step, self._after_commit = step, after_commit
        self.arrived = threading.Event()
        self._released = threading.Event()

    def __call__(self, request: Request) -> Answer | None:
        """Waits; a request that nobody lets go on is not answered."""
        early = self._step(request) if self._after_commit else None
        self.arrived.set()
        if not self._released.wait(TIMEOUT):
            return None
        return early or self._step(request)

    def release(self) -> None:
        """Lets these requests go on, those to come included."""
        self._released.set()


def tokens(front: Front) -> list[str]:
    """The token of each request so far."""
    return ["".join(request.values("Authorization")) for request in front.requests]


class Front(ScriptedServer):
    """Listens on loopback from ``with`` to its end, which releases what is held.

    :param accounts: LaunchDarkly's account of each token; other tokens are refused.
    """

    def __init__(self, accounts: Mapping[str, Emulator]) -> None:
        super().__init__(self._answer)
        self._accounts = dict(accounts)
        self._rules: list[tuple[Kind, Step]] = []
        self._held: list[Held] = []

    def __enter__(self) -> Front:
        super().__enter__()
        return self

    def __exit__(self, *of_the_exception: object) -> None:
        for held in self._held:
            held.release()
        super().__exit__(*of_the_exception)

    def on(self, kind: Kind, step: Step) -> None:
        """Takes requests in hand, before what was told earlier."""
        self._rules.insert(0, (kind, step))

    def hold(self, kind: Kind, *, after_commit: bool = False) -> Held:
        """Keeps requests waiting until they are released."""
        held = Held(self.forward, after_commit=after_commit)
        self._held.append(held)
        self.on(kind, held)
        return held

    def clear(self) -> None:
        """Passes everything on again; what is held stays so."""
        self._rules.clear()

    def count(self, kind: Kind) -> int:
        """How many requests of a kind came so far."""
        return sum(map(kind, self.requests))

    def forward(self, request: Request) -> Answer:
        """What the account answers."""
        account = self._accounts.get("".join(request.values("Authorization")))
        if account is None:
            return answer(401, {"code": "unauthorized", "message": "invalid access token"})
        connection = HTTPConnection(account.host, timeout=TIMEOUT)
        try:
            headers = {name: value for name, value in request.headers if name.lower() not in OF_A_CONNECTION}
            connection.request(request.method, request.target, request.body or None, headers)
            response = connection.getresponse()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in OF_A_CONNECTION}
            return response.status, kept, response.read()
        finally:
            connection.close()

    def lose_answer(self, request: Request) -> None:
        """A step: the account does what is asked, and nobody learns of it."""
        self.forward(request)

    def _answer(self, request: Request) -> Answer | None:
        step = next((step for kind, step in self._rules if kind(request)), self.forward)
        return step(request) if callable(step) else step
