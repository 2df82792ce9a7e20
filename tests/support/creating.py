"""An account whose integrations are created through a proxy that loses responses, by one process after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.api.clock import Deadline
from launchdarkly_pulumi.core.create import Resource
from launchdarkly_pulumi.core.notes import Note
from launchdarkly_pulumi.core.update import Reached
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.errors import AmbiguousCreate
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.documents import create_body, keys_of
from support.desired import redis
from support.fault_proxy import Fault, FaultProxy, Forward, Hook, Mangle
from support.runs import Time, end, run_of, urn

Document = dict[str, Any]


DESIRED = redis()
TAKEN_OVER = ["GET", "POST", "GET", "GET", "GET", "PATCH"]
"""The listing, the POST, the listing again, a look at what is new there, and the password for it."""
NOTHING_LISTED = Mangle(lambda listing: listing | {"items": []})


class Killed(BaseException):
    """Ends a process as a signal would."""


class Process:
    """One run of Pulumi."""

    def __init__(self, url: str, notes: Path, **settings: Any) -> None:
        self.time = Time()
        self.run, self.shown = run_of(url, notes, time=self.time, **settings)

    def reach(self, desired: Desired = DESIRED, name: str = "store") -> Reached:
        """Creates the integration of a resource."""
        return self.run.writers.creator.create(Resource(urn(name)), desired, self.run.session.deadline)

    def create(self, desired: Desired = DESIRED, name: str = "store") -> Document:
        """The same; LaunchDarkly's document."""
        return dict(self.reach(desired, name).document)

    def create_and_end(self, desired: Desired = DESIRED, name: str = "store") -> Document:
        """The same, and the process ends."""
        try:
            return self.create(desired, name)
        finally:
            end(self.run)

    def reach_within(self, deadline: Deadline) -> list[Any]:
        """Creates the integration; the deadline of each call of the client."""
        client = self.run.session.client
        given: list[Deadline] = []

        def noting(call: Callable[..., Any]) -> Callable[..., Any]:
            def noted(*arguments: Any) -> Any:
                given.extend(each for each in arguments if isinstance(each, Deadline))
                return call(*arguments)

            return noted

        for name in ("create", "get", "list_all", "patch"):
            setattr(client, name, noting(getattr(client, name)))
        self.run.writers.creator.create(Resource(urn()), DESIRED, lambda: deadline)
        return given

    @property
    def warnings(self) -> list[str]:
        """What was warned of."""
        return self.shown.warnings


def ambiguous(process: Process) -> AmbiguousCreate:
    """The error of a create that a person has to look after; its note stays."""
    with pytest.raises(AmbiguousCreate, match="It is not known whether the integration was created") as error:
        process.create()
    assert error.value.outcome_unknown
    assert "delete what the lost request left behind" in error.value.advice
    return error.value


def interrupted(process: Process) -> None:
    """A create is interrupted after its POST: one line, and its note stays, by which the next update looks for it."""
    with pytest.raises(AmbiguousCreate, match=r"^POST [^\n]*, and the run was interrupted\. [^\n]*\Z") as error:
        process.create()
    assert error.value.outcome_unknown
    assert str(error.value).endswith(
        "It is not known whether the integration was created: the next update looks for it"
    )


class Account:
    """An account behind a proxy, and the folder where processes leave notes."""

    def __init__(self, emulator: Emulator, proxy: FaultProxy, notes: Path) -> None:
        self.emulator, self.proxy, self.folder = emulator, proxy, notes

    def process(self, **settings: Any) -> Process:
        """Another process on the same machine."""
        return Process(self.proxy.url, self.folder, **settings)

    def lose(self, *faults: Fault) -> None:
        """What happens to the next POSTs."""
        self.proxy.inject(*faults, method="POST")

    def reads(self, *faults: Fault) -> None:
        """What happens to the next GETs."""
        self.proxy.inject(*faults, method="GET")

    def existing(self, **changes: Any) -> str:
        """Somebody else creates an integration; its ID."""
        desired = redis(**changes)
        return str(self.emulator.outside_create(*keys_of(desired), **create_body(desired))["_id"])

    def kill(self, lost: Fault, desired: Desired = DESIRED, name: str = "store", **settings: Any) -> None:
        """A process that is killed while it looks for what a lost response has left behind."""
        self.lose(lost)
        self.reads(Forward(), NOTHING_LISTED)
        process = self.process(**settings)

        def killed() -> None:
            raise Killed

        process.time.on_wait = killed
        try:
            process.create_and_end(desired, name)
        except Killed:
            self.proxy.clear_requests()
        else:
            raise AssertionError("the process was not killed")

    def cancel(self, process: Process, then: Fault) -> Fault:
        """Somebody presses Ctrl-C while the request is under way, and then this happens to it."""
        return Hook(process.time.cancelled.set, then=then)

    @property
    def ids(self) -> list[str]:
        """The integrations that there are."""
        return list(self.emulator.integrations)

    @property
    def note_files(self) -> list[Path]:
        """Where what is noted is."""
        return sorted(self.folder.glob("notes/*"))

    @property
    def notes(self) -> list[Note]:
        """What is noted of creates."""
        return [Note.parse(path.read_text(encoding="utf-8")) for path in self.note_files]

    @property
    def methods(self) -> list[str]:
        """The requests that the proxy has read so far."""
        return [request.method for request in self.proxy.requests]

    def has(self, integration_id: str, desired: Desired) -> bool:
        """Whether an integration has the declared config, its real password included."""
        return bool(self.emulator.stored_config(integration_id) == create_body(desired)["config"])


@contextmanager
def empty_account(emulator: Emulator, notes: Path) -> Iterator[Account]:
    """An account without integrations; every fault that is injected has to happen."""
    for integration_id in emulator.integrations:
        emulator.remove(integration_id)
    with FaultProxy(emulator.url) as proxy:
        yield Account(emulator, proxy, notes)
        assert proxy.clear() == []
