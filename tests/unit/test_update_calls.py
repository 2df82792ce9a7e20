"""The single calls of an update: their deadline, the waits between them, and what each response may look like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from launchdarkly_pulumi.api.clock import Deadline
from launchdarkly_pulumi.api.json_stream import Keep
from launchdarkly_pulumi.api.retry import MAX_ATTEMPTS
from launchdarkly_pulumi.core.compare import describe_drift, difference
from launchdarkly_pulumi.core.read import Listing, Reader
from launchdarkly_pulumi.core.update import Reached, Reconciler
from launchdarkly_pulumi.errors import ChangedByOthers, Conflict, InvalidRequest, UnexpectedAnswer, UnknownSecret
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.documents import document_of
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE
from launchdarkly_pulumi.model.ids import IntegrationId
from support import samples
from support.desired import but, ignoring, redis
from support.runs import Time

Document = dict[str, Any]
Operations = Sequence[dict[str, Any]]

ID = IntegrationId("default", "production", "redis", "57c0ffee")


STORED = redis()
NEW_HOST = redis(config={"host": "new.example.com"})
SAME_MASK = f"{samples.PASSWORD[:3]} and more {samples.PASSWORD[-3:]}"


def document(inputs: Desired = STORED, **changes: Any) -> Document:
    """What LaunchDarkly has of a store with these inputs."""
    keys = {"projectKey": "default", "environmentKey": "production", "integrationKey": "redis"}
    live = document_of(inputs) | keys | {"_id": ID.integration_id, "version": 4}
    live["config"] = live["config"] | {"password": "kan********/+1"}
    return live | changes


class Api:
    """LaunchDarkly, which has one store, and keeps what it was asked.

    ``on_patch`` is called for each PATCH, and may raise or return another response than the patched document.
    """

    def __init__(self, live: Document) -> None:
        self.live = live
        self.deadlines: list[Deadline] = []
        self.patches: list[list[str]] = []
        self.on_patch: Callable[[Operations], Document | None] = lambda _: None

    def get(self, id_: IntegrationId, deadline: Deadline) -> Document:
        """The store."""
        assert id_ == ID
        self.deadlines.append(deadline)
        return self.live

    def list_all(self, deadline: Deadline, keep: Keep) -> list[Document]:
        """Is not asked for."""
        raise AssertionError(deadline, keep)

    def patch(self, id_: IntegrationId, operations: Operations, deadline: Deadline) -> Document:
        """Answers."""
        assert id_ == ID
        self.deadlines.append(deadline)
        self.patches.append([operation["path"] for operation in operations])
        return self.on_patch(operations) or document(NEW_HOST, version=5)


class Run:
    """An update, and what it warned of."""

    def __init__(self, **live: Any) -> None:
        self.api = Api(document(**live))
        self.time = Time()
        self.warnings: list[str] = []
        self.deadline = Deadline(100, self.time.clock)
        listing = Listing(self.api, lambda: self.deadline, self.time.clock)
        reader = Reader(self.api, listing, self.warnings.append, self.time.clock)
        self.reconciler = Reconciler(self.api, reader, self.warnings.append, self.time.clock)

    def update(self, inputs: Desired = NEW_HOST) -> Reached:
        """Updates the store."""
        return self.reconciler.update(ID, STORED, inputs, self.deadline)

    def refuse(self, *paths: str) -> None:
        """Makes LaunchDarkly refuse operations on these paths."""

        def on_patch(operations: Operations) -> None:
            if any(operation["path"].startswith(paths) for operation in operations):
                raise InvalidRequest("PATCH", "not taken")

        self.api.on_patch = on_patch

    def edit(self, live: Document) -> None:
        """Makes somebody edit the store right before the first PATCH; the next one succeeds."""

        def on_patch(_: Operations) -> None:
            self.api.live = live
            self.api.on_patch = lambda _: document(NEW_HOST, on=live["on"], version=6)
            raise Conflict("PATCH", "somebody else")

        self.api.on_patch = on_patch


def conflict(_: Operations) -> None:
    """Somebody else is always quicker."""
    raise Conflict("PATCH", "somebody else")


def test_every_call_has_the_deadline_of_the_update() -> None:
    """The read, each way to write the patch, and the look after each refusal."""
    run = Run()
    run.refuse("/version", "/config/")
    run.update()
    assert run.api.patches == [
        ["/version", "/config/host"],
        ["/config/host"],
        ["/version", "/config"],
        ["/config"],
    ]
    assert run.api.deadlines == [run.deadline] * 8


def test_the_waits_grow_from_attempt_to_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of any other request that is sent again."""
    monkeypatch.setattr("launchdarkly_pulumi.api.retry.backoff", lambda retries: 3.0 + retries)
    run = Run()
    run.api.on_patch = conflict
    with pytest.raises(ChangedByOthers, match=f"changed by others {MAX_ATTEMPTS} times"):
        run.update()
    assert run.time.waits == [3.0, 4.0, 5.0, 6.0]


def test_no_wait_is_longer_than_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after it fails by itself."""
    monkeypatch.setattr("launchdarkly_pulumi.api.retry.backoff", lambda _: 40.0)
    run = Run()
    run.api.on_patch = conflict
    with pytest.raises(ChangedByOthers):
        run.update()
    assert run.time.waits == [40.0, 40.0, 20.0]


def test_what_has_no_version_may_need_its_config_whole() -> None:
    """Two ways to write the patch are one then, and the next one is tried all the same."""
    run = Run(version=None)
    run.refuse("/config/")
    run.update()
    assert run.api.patches == [["/config/host"], ["/config"]]
    assert ["replaced whole" in warning for warning in run.warnings] == [False, True]


def test_why_a_config_cannot_be_sent_whole_is_told() -> None:
    """Behind the refusal that asks for it; in a run that knows that already, alone."""
    run = Run()
    run.refuse("/config/")
    inputs = redis(config={"host": "new.example.com", "password": REPLACED_OUTSIDE})
    with pytest.raises(UnknownSecret) as first:
        run.update(inputs)
    run.update()
    with pytest.raises(UnknownSecret, match=r"^config\.password was set outside of Pulumi, ") as second:
        run.update(inputs)
    refusal = InvalidRequest("PATCH", "not taken")
    assert str(first.value) == f"{refusal}\n  Nor can the whole config be sent in its place: {second.value}"


@pytest.mark.parametrize(("before", "after"), [(4, 4), (4, 5), (None, 5), (4, None), (None, None), (0, 0)])
def test_a_version_that_does_not_go_back_is_fine(before: int | None, after: int | None) -> None:
    """Nor one that is not there."""
    run = Run(version=before)
    run.api.on_patch = lambda _: document(NEW_HOST, version=after)
    assert run.update().document["version"] == after


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (document(NEW_HOST, _id="57c0beef"), "LaunchDarkly answered with another integration"),
        (document(NEW_HOST, version=3), "the version went back from 4 to 3"),
        (document(), "LaunchDarkly answered 200, but did not apply /config/host"),
    ],
)
def test_what_is_wrong_with_a_response_is_told(response: Document, message: str) -> None:
    """With the call that it came for."""
    run = Run()
    run.api.on_patch = lambda _: response
    with pytest.raises(UnexpectedAnswer) as error:
        run.update()
    assert str(error.value) == str(UnexpectedAnswer(f"PATCH {ID}", message))
    assert message in str(error.value)


@pytest.mark.parametrize("kind", [None, "another"])
def test_the_mask_in_a_response_is_one_of_the_kind_that_was_asked_for(kind: str | None) -> None:
    """Whatever kind the response names."""
    run = Run()
    run.api.on_patch = lambda _: document(NEW_HOST, integrationKey=kind)
    assert run.update().compared


def test_every_field_that_both_have_changed_is_named() -> None:
    """And no other one."""
    run = Run()
    run.edit(document(redis(config={"host": "theirs", "port": 1}), on=False, version=5))
    inputs = redis(config={"host": "ours", "port": 2})
    with pytest.raises(ChangedByOthers) as error:
        run.update(inputs)
    assert str(error.value) == (
        f"PATCH {ID}: somebody else has just changed config.host, config.port; look at a preview, and run it again"
    )


def test_a_password_that_both_have_changed_is_named_though_its_old_mask_fits_ours() -> None:
    """Ours differs from what the last update asked for, whatever the mask was before somebody changed it."""
    run = Run()
    theirs = document(version=5)
    theirs["config"] |= {"password": "the********rs!"}
    run.edit(theirs)
    with pytest.raises(ChangedByOthers, match=r"somebody else has just changed config\.password;"):
        run.update(redis(config={"password": SAME_MASK}))


def test_what_is_kept_of_others_leaves_what_the_program_ignores_as_declared() -> None:
    """In the inputs of the state; the document is the response, whatever it has of either."""
    run = Run()
    run.edit(document(on=False, version=5))
    inputs = ignoring(redis(config={"host": "new.example.com", "port": 1234}), "config.port")
    response = document(NEW_HOST, on=False, version=6)
    assert run.update(inputs) == Reached(response, but(inputs, on=False), compared=False)


def test_an_adoption_has_one_deadline_for_its_calls() -> None:
    """As an update has."""
    run = Run()
    run.reconciler.adopt(ID, NEW_HOST, run.deadline)
    assert (run.api.patches, run.api.deadlines) == (
        [["/version", "/config/host", "/config/password"]],
        [run.deadline] * 2,
    )


# What a preview tells.


@pytest.mark.parametrize(
    ("still", "drifted"),
    [([], ["on", "config.host"]), (["config.host"], ["on"])],
    ids=["nothing", "the host"],
)
def test_what_the_program_has_ignored_until_now_is_drift(still: list[str], drifted: list[str]) -> None:
    """Unless it does so still."""
    live = document(redis(config={"host": "theirs.example.com"}), on=False)
    stored = ignoring(STORED, "on", "config.host")
    found = difference(live, stored, ignoring(redis(name="Another"), *still))
    assert [".".join(change.path) for change in found.drift] == drifted


def test_a_plan_sends_a_changed_password_whose_mask_stays_the_same() -> None:
    """It differs from what the last update asked for; the password in LaunchDarkly has not drifted."""
    found = difference(document(), STORED, redis(config={"password": SAME_MASK}))
    assert [operation["path"] for operation in found.operations] == ["/config/password"]
    assert found.drift == ()


def test_every_field_that_drifted_is_named() -> None:
    """With commas between them."""
    found = difference(document(on=False, name="Theirs"), STORED, NEW_HOST)
    assert describe_drift(found.drift, ()) == (
        'changed in LaunchDarkly since the last update: name ("Production Redis" → "Theirs"), on (true → false).'
    )
