"""The patch engine: what it sends is right, minimal, and holds no secret that did not change."""

from __future__ import annotations

import copy
import itertools
import json
import sys
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.errors import UnknownSecret
from launchdarkly_pulumi.model import diff, patch
from launchdarkly_pulumi.model.desired import Desired
from launchdarkly_pulumi.model.documents import document_of
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE, UNKNOWN, fields_by_path
from launchdarkly_pulumi.model.secrets import may_be_mask_of
from support import samples
from support.desired import but, redis

TAGS = st.sampled_from(["a", "b", "team-a", "team-b", "managed-by-pulumi", "a-rather-long-tag-of-a-team"])
PASSWORDS = st.sampled_from(["", "hunter2", "supersecret-123", "superbsecret-9123", "p*ss***word", "pässwörd 123"])
REDIS_CONFIGS = st.fixed_dictionaries(
    {"host": st.sampled_from(["a.example.com", "b.example.com"])},
    optional={
        "port": st.sampled_from([6379, 6380]),
        "username": st.sampled_from(["", "launchdarkly", "other"]),
        "password": PASSWORDS,
        "tls_enabled": st.booleans(),
    },
)
DYNAMODB_CONFIGS = st.fixed_dictionaries(
    {name: st.sampled_from([f"{name}-1", f"{name}-2"]) for name in ("table_name", "region", "external_id", "role_arn")}
)


def inputs_with(integration_key: str, configs: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Checked inputs of one kind."""
    required = {
        "project_key": st.just("default"),
        "environment_key": st.just("production"),
        "integration_key": st.just(integration_key),
        "config": configs,
    }
    optional = {
        "name": st.sampled_from(["One", "Another", "Ünïcode ✓"]),
        "on": st.booleans(),
        "tags": st.lists(TAGS, unique=True),
    }
    return st.fixed_dictionaries(required, optional=optional)


@st.composite
def actual_documents(draw: st.DrawFn, inputs: dict[str, Any]) -> dict[str, Any]:
    """LaunchDarkly's document of an integration: masked secrets, fields of its own, tags in any order."""
    document = document_of(Desired(inputs)) | {"integrationKey": inputs["integration_key"], "version": 7, "_id": "57c0"}
    document["tags"] = draw(st.permutations(document["tags"]))
    document.setdefault("name", "chosen by LaunchDarkly")
    config = document["config"]
    if "password" in config:
        config["password"] = mask(config["password"])
    for name, value in list(config.items()):
        if value in ("", False, "6379") and draw(st.booleans()):
            del config[name]
    if draw(st.booleans()):
        config["futureOption"] = "kept"
    return document


@st.composite
def updates(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """(actual document, inputs of the last update, inputs now)."""
    kind = draw(st.sampled_from([inputs_with("redis", REDIS_CONFIGS), inputs_with("dynamodb", DYNAMODB_CONFIGS)]))
    stored, inputs = draw(kind), draw(kind)
    last_applied = stored if draw(st.booleans()) else draw(kind)
    return draw(actual_documents(last_applied)), stored, inputs


def mask(secret: str) -> str:
    """What LaunchDarkly shows of a secret."""
    return f"{secret[:3]}********{secret[-3:]}" if len(secret) > 6 else "*" * len(secret) and "********"


def managed(document: dict[str, Any], desired: dict[str, Any]) -> dict[str, Any]:
    """The part of the document that the desired one names, an absent field as its default, tags as a set."""
    fields = fields_by_path(document["integrationKey"])

    def default(*path: str) -> Any:
        field = fields[path]
        return field.to_api(field.default)

    part = {name: document.get(name, default(name)) for name in desired if name != "config"}
    part["config"] = {name: document["config"].get(name, default("config", name)) for name in desired["config"]}
    return part | {"tags": set(part["tags"])}


def apply(operations: list[dict[str, Any]], document: dict[str, Any]) -> dict[str, Any]:
    """The document after the patch."""
    applied: dict[str, Any] = jsonpatch.apply_patch(document, operations)
    return applied


def size(operations: Any) -> int:
    """Bytes as sent, by a count of its own: a search is to find shorter JSON, whatever ``patch`` takes for short."""
    return len(json.dumps(operations, ensure_ascii=False, separators=(",", ":")).encode())


@given(updates())
def test_a_patch_gives_the_desired_document_and_leaves_the_rest_alone(update: Any) -> None:
    """Applied to the actual document it gives every managed field its desired value, and touches nothing else."""
    actual, stored, inputs = update
    desired = document_of(Desired(inputs))

    applied = apply(patch.minimal_patch(actual, desired, document_of(Desired(stored))), actual)

    expected = managed({**desired, "integrationKey": actual["integrationKey"]}, desired)
    found = managed(applied, desired)
    if "password" in expected["config"]:
        wanted, shown = expected["config"].pop("password"), found["config"].pop("password")
        assert shown == wanted or may_be_mask_of(shown, wanted)
    assert found == expected
    untouched = {k: v for k, v in actual.items() if k not in desired}
    assert {k: v for k, v in applied.items() if k not in desired} == untouched
    unmanaged = {k: v for k, v in actual["config"].items() if k not in desired["config"]}
    assert {k: v for k, v in applied["config"].items() if k not in desired["config"]} == unmanaged


@given(updates())
def test_a_patch_is_empty_exactly_when_nothing_differs(update: Any) -> None:
    """No operation without a difference, and no difference without an operation."""
    actual, stored, inputs = update
    desired, previous = document_of(Desired(inputs)), document_of(Desired(stored))

    operations = patch.minimal_patch(actual, desired, previous)

    now, then = managed(actual, desired), managed({**desired, "integrationKey": actual["integrationKey"]}, desired)
    password, shown = then["config"].pop("password", ""), now["config"].pop("password", "")
    same_secret = may_be_mask_of(shown, password) and (
        password == previous["config"].get("password", "") or not password
    )
    assert (operations == []) == (now == then and same_secret)
    assert patch.minimal_patch(apply(operations, actual), desired, desired) == []


@given(updates())
def test_a_patch_is_never_larger_than_that_of_jsonpatch(update: Any) -> None:
    """Neither more operations nor more bytes than ``jsonpatch.make_patch`` on the managed fields."""
    actual, stored, inputs = update
    desired, previous = document_of(Desired(inputs)), document_of(Desired(stored))
    before = managed(actual, desired)
    before["tags"] = list(actual.get("tags", []))
    if "password" in before["config"] and previous["config"]["password"] == desired["config"]["password"]:
        shown, wanted = before["config"]["password"], desired["config"]["password"]
        before["config"]["password"] = wanted if may_be_mask_of(shown, wanted) else shown

    theirs = jsonpatch.make_patch(before, desired).patch
    ours = patch.minimal_patch(actual, desired, previous)

    assert len(ours) <= len(theirs)
    assert size(ours) <= size(theirs)


@given(updates())
def test_an_unchanged_secret_and_a_mask_are_never_sent(update: Any) -> None:
    """The password is in the patch only when it changed or the mask cannot be of it; a mask never is."""
    actual, _, inputs = update
    desired = document_of(Desired(inputs))
    password, shown = desired["config"].get("password", ""), actual["config"].get("password", "")

    for operations in (
        patch.minimal_patch(actual, desired, desired),
        patch.guarded(patch.minimal_patch(actual, desired, desired), 7),
    ):
        text = patch.encoded(operations).decode()
        if may_be_mask_of(shown, password):
            assert "/config/password" not in text
        assert "********" not in text


@given(updates())
def test_the_fallback_that_replaces_the_config_whole_gives_the_same_document(update: Any) -> None:
    """One replacement of ``/config`` for the edits inside it, the secret in full, unmanaged members kept."""
    actual, stored, inputs = update
    desired = document_of(Desired(inputs))
    operations = patch.minimal_patch(actual, desired, document_of(Desired(stored)))

    applied = apply(patch.with_config_whole(operations, actual, desired), copy.deepcopy(actual))

    if patch.edits_inside_config(operations):
        assert (
            applied["config"] == {k: v for k, v in actual["config"].items() if k == "futureOption"} | desired["config"]
        )
    else:
        assert applied["config"] == actual["config"]
    assert set(applied["tags"]) == set(desired["tags"])


SMALL_TAGS = ("a", "b", "long-tag-name")


def edits(document: dict[str, Any], desired: dict[str, Any]) -> list[dict[str, Any]]:
    """Every single operation that a search may try on the small document."""
    found: list[dict[str, Any]] = [
        {"op": "replace", "path": path, "value": value}
        for path, value in (("/on", desired["on"]), ("/config/host", desired["config"]["host"]))
    ]
    count = len(document["tags"])
    found += [{"op": "remove", "path": f"/tags/{index}"} for index in range(count)]
    found += [{"op": "replace", "path": f"/tags/{i}", "value": tag} for i in range(count) for tag in SMALL_TAGS]
    found += [{"op": "add", "path": f"/tags/{i}", "value": tag} for i in ["-", *range(count)] for tag in SMALL_TAGS]
    return [*found, {"op": "replace", "path": "/tags", "value": desired["tags"]}]


def search(actual: dict[str, Any], desired: dict[str, Any], depth: int, longest: int) -> list[tuple[int, int]]:
    """(bytes, operations) of every sequence up to the depth, and of no more bytes, that gives the desired document."""
    solutions = []
    goal = managed({**desired, "integrationKey": "redis"}, desired)
    frontier: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [(actual, [])]
    for _ in range(depth + 1):
        following = []
        for document, operations in frontier:
            if managed(document, desired) == goal:
                solutions.append((size(operations), len(operations)))
                continue
            longer = [(edit, [*operations, edit]) for edit in edits(document, desired)]
            following += [(apply([edit], document), sequence) for edit, sequence in longer if size(sequence) <= longest]
        frontier = following
    return solutions


@pytest.mark.parametrize("current", [t for n in range(3) for t in itertools.permutations(SMALL_TAGS, n)])
@pytest.mark.parametrize("wanted", [t for n in range(3) for t in itertools.combinations(SMALL_TAGS, n)])
@pytest.mark.parametrize("host", ["same", "other"])
def test_no_search_finds_a_smaller_patch(current: tuple[str, ...], wanted: tuple[str, ...], host: str) -> None:
    """On small documents an exhaustive search over RFC 6902 edits finds nothing with fewer bytes or operations."""
    actual = {"integrationKey": "redis", "on": True, "tags": list(current), "config": {"host": "same"}}
    desired = {"on": True, "tags": list(wanted), "config": {"host": host}}

    ours = patch.minimal_patch(actual, desired)

    assert (size(ours), len(ours)) <= min(search(actual, desired, depth=2, longest=size(ours)))


def document(**changes: Any) -> dict[str, Any]:
    """The API's document of the Redis sample, with inputs changed."""
    return document_of(redis(**changes))


def live(**changes: Any) -> dict[str, Any]:
    """LaunchDarkly's own document of it."""
    found = document(**changes) | {"integrationKey": "redis", "version": 3}
    found["config"]["password"] = mask(found["config"]["password"])
    return found


def test_one_changed_field_is_one_operation() -> None:
    """A changed host is one replacement of the host."""
    operations = patch.minimal_patch(live(), document(config={"host": "new.example.com"}))
    assert operations == [{"op": "replace", "path": "/config/host", "value": "new.example.com"}]


def test_one_new_tag_among_thirty_is_one_addition() -> None:
    """Thirty tags and a new one in their middle: one ``add`` at the end of the set."""
    tags = [f"team-{number}" for number in range(30)]
    operations = patch.minimal_patch(live(tags=tags), document(tags=[*tags[:9], "new", *tags[9:]]))
    assert operations == [{"op": "add", "path": "/tags/-", "value": "new"}]


def test_reordered_tags_are_nothing() -> None:
    """Tags are a set."""
    assert patch.minimal_patch(live(tags=["a", "b", "c"]), document(tags=["c", "a", "b"])) == []


def test_reordered_tags_are_no_drift() -> None:
    """Nor tags that LaunchDarkly tells twice."""
    assert diff.changes(live(tags=["b", "a", "b"]), document(tags=["a", "b"])) == []


def test_a_tag_in_the_place_of_another_is_one_replacement() -> None:
    """Where the superfluous one is; with more of them, the first ones are removed, which moves it."""
    tags = [f"a-rather-long-name-of-a-tag-{number}" for number in range(9)]
    renamed = patch.minimal_patch(live(tags=tags), document(tags=[*tags[:8], "new"]))
    assert renamed == [{"op": "replace", "path": "/tags/8", "value": "new"}]
    fewer = patch.minimal_patch(live(tags=tags), document(tags=[*tags[1:8], "new"]))
    assert fewer == [{"op": "remove", "path": "/tags/0"}, {"op": "replace", "path": "/tags/7", "value": "new"}]


@pytest.mark.parametrize(("shown", "kind"), [({}, "add"), ({"tags": None}, "replace"), ({"tags": "a"}, "replace")])
def test_tags_that_launchdarkly_does_not_show_as_a_list_are_sent_whole(shown: dict[str, Any], kind: str) -> None:
    """There is nothing to edit one by one."""
    actual = {key: value for key, value in live().items() if key != "tags"} | shown
    assert patch.minimal_patch(actual, document(tags=["b", "a"])) == [
        {"op": kind, "path": "/tags", "value": ["b", "a"]}
    ]


def test_unknown_tags_are_one_unknown_value() -> None:
    """A list that is an output of another resource."""
    operations = patch.minimal_patch(live(), document(tags=UNKNOWN))
    assert patch.shown(operations, ()) == '[{"op":"replace","path":"/tags","value":"[unknown]"}]'


def test_nothing_that_differs_needs_no_deepdiff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its import takes longer than the rest of a read, and most reads find what they expect."""
    monkeypatch.setitem(sys.modules, "deepdiff", None)
    assert diff.changes(live(), document()) == []
    with pytest.raises(ImportError):
        diff.changes(live(on=False), document())


def test_many_removed_tags_are_one_shorter_list() -> None:
    """Where the edits are longer than the list, the list is replaced."""
    operations = patch.minimal_patch(live(tags=["a", "b", "c", "d"]), document(tags=["d"]))
    assert operations == [{"op": "replace", "path": "/tags", "value": ["d"]}]


def test_the_lowest_tags_go_first() -> None:
    """Removing from the front keeps the pointers to the others short."""
    tags = [f"a-rather-long-name-of-a-tag-{number}" for number in range(12)]
    operations = patch.minimal_patch(live(tags=tags), document(tags=[*tags[:9], tags[11]]))
    assert operations == [{"op": "remove", "path": "/tags/9"}, {"op": "remove", "path": "/tags/9"}]


def test_an_absent_optional_field_equals_its_default() -> None:
    """LaunchDarkly may leave out a username; the program too."""
    actual = live(config={"username": ""})
    del actual["config"]["username"]
    assert patch.minimal_patch(actual, document(config={"username": ""})) == []


def test_a_field_that_launchdarkly_does_not_show_is_added() -> None:
    """``replace`` needs a target that exists (RFC 6902, section 4.3)."""
    actual = live()
    del actual["config"]["username"]
    operations = patch.minimal_patch(actual, document())
    assert operations == [{"op": "add", "path": "/config/username", "value": "launchdarkly"}]


def test_a_name_that_the_program_does_not_give_is_left_alone() -> None:
    """LaunchDarkly's own choice of a name is not drift."""
    assert patch.minimal_patch(live(), document_of(but(redis(), name=None))) == []


def test_a_password_changed_in_the_program_is_sent_though_the_mask_fits() -> None:
    """``supersecret-123`` and ``superbsecret-9123`` look the same behind their masks."""
    old, new = document(config={"password": "supersecret-123"}), document(config={"password": "superbsecret-9123"})
    actual = live(config={"password": "supersecret-123"})
    operations = patch.minimal_patch(actual, new, old)
    assert operations == [{"op": "replace", "path": "/config/password", "value": "superbsecret-9123"}]


def test_a_mask_of_another_password_is_drift() -> None:
    """A password that was changed outside is put back."""
    actual = live(config={"password": "changed-outside"})
    operations = patch.minimal_patch(actual, document(), document())
    assert operations == [{"op": "replace", "path": "/config/password", "value": samples.PASSWORD}]


def test_a_password_that_launchdarkly_lost_is_sent_again() -> None:
    """It shows no mask then, though the program did not change."""
    actual = live(config={"password": ""})
    assert patch.minimal_patch(actual, document(), document()) == [
        {"op": "replace", "path": "/config/password", "value": samples.PASSWORD}
    ]


def test_a_password_that_neither_side_has_any_more_is_nothing() -> None:
    """The program dropped it, and LaunchDarkly has none already."""
    without = document(config={"password": ""})
    assert patch.minimal_patch(live(config={"password": ""}), without, document()) == []


def test_a_desired_document_without_a_config_leaves_the_config_alone() -> None:
    """Only what it names is looked at."""
    assert patch.minimal_patch(live(), {"on": True}) == []
    assert patch.minimal_patch(live(on=False), {"on": True}) == [{"op": "replace", "path": "/on", "value": True}]


def test_a_password_that_only_launchdarkly_knows_is_left_alone() -> None:
    """With ``ignore_changes`` the input is what a refresh wrote: it stands for the real one and is never sent."""
    desired = document(config={"password": REPLACED_OUTSIDE})
    assert patch.minimal_patch(live(), desired, document()) == []


def test_a_patch_shows_no_secret_and_no_placeholder() -> None:
    """What people see is what is sent, but for the password and for values that are not known yet."""
    desired = document(on=UNKNOWN, config={"password": "new-password", "host": "new.example.com"})
    operations = patch.minimal_patch(live(), desired, document())
    assert patch.shown(operations, {"/config/password"}) == (
        '[{"op":"replace","path":"/on","value":"[unknown]"},'
        '{"op":"replace","path":"/config/host","value":"new.example.com"},'
        '{"op":"replace","path":"/config/password","value":"[secret]"}]'
    )
    whole = patch.shown(patch.with_config_whole(operations, live(), desired), {"/config/password"})
    assert whole == (
        '[{"op":"replace","path":"/on","value":"[unknown]"},'
        '{"op":"replace","path":"/config","value":{"host":"new.example.com","port":"6380",'
        '"username":"launchdarkly","password":"[secret]","tlsEnabled":true}}]'
    )


def test_what_is_in_a_hidden_value_is_hidden_and_what_is_beside_it_is_shown() -> None:
    """A config may be marked secret as a whole; an operation without a value has nothing to hide."""
    operations: list[dict[str, Any]] = [
        {"op": "replace", "path": "/config/host", "value": "new.example.com"},
        {"op": "replace", "path": "/config", "value": {"host": "new.example.com"}},
        {"op": "replace", "path": "/configuration", "value": "shown"},
        {"op": "remove", "path": "/tags/0"},
    ]
    assert patch.shown(operations, {"/config"}) == (
        '[{"op":"replace","path":"/config/host","value":"[secret]"},'
        '{"op":"replace","path":"/config","value":"[secret]"},'
        '{"op":"replace","path":"/configuration","value":"shown"},'
        '{"op":"remove","path":"/tags/0"}]'
    )


def test_a_mask_that_nobody_manages_is_never_sent_with_the_whole_config() -> None:
    """LaunchDarkly would take it for the secret: nobody knows that one, and the patch is refused."""
    actual = live()
    actual["config"] |= {"apiKey": "sup********123", "futureOption": "kept"}
    operations = [{"op": "replace", "path": "/config/host", "value": "new.example.com"}]
    with pytest.raises(UnknownSecret, match=r"config\.apiKey was set outside of Pulumi"):
        patch.with_config_whole(operations, actual, document())
    outside = [{"op": "replace", "path": "/on", "value": False}]
    assert patch.with_config_whole(outside, actual, document()) == outside


# Beside others.


def test_a_snapshot_is_the_managed_part_with_its_defaults_filled_in() -> None:
    """What LaunchDarkly leaves out, or has as null, is its default; its own members are not in it."""
    actual = live(config={"port": 6379, "username": ""}) | {"tags": None}
    actual["config"] |= {"username": None, "futureOption": "kept"}
    del actual["config"]["port"]
    assert diff.snapshot(actual, document()) == {
        "name": "Production Redis",
        "on": True,
        "tags": [],
        "config": {
            "host": "redis.example.com",
            "port": "6379",
            "username": "",
            "password": actual["config"]["password"],
            "tlsEnabled": True,
        },
    }


def test_a_rebased_document_leaves_others_edits_alone() -> None:
    """A patch towards it sends the rest; a secret of theirs, which nobody can know, stays theirs too."""
    before = document(on=False, config={"host": "ours.example.com"})
    desired = copy.deepcopy(before)
    theirs = live(name="Theirs", config={"port": 7000, "password": "changed-by-others"})
    kept = [change for change in diff.changes(theirs, document()) if change.path != ("on",)]

    rebased = diff.rebased(desired, kept)

    assert rebased == document(
        name="Theirs",
        on=False,
        config={"host": "ours.example.com", "port": 7000, "password": REPLACED_OUTSIDE},
    )
    assert desired == before
    assert patch.minimal_patch(theirs, rebased) == [
        {"op": "replace", "path": "/on", "value": False},
        {"op": "replace", "path": "/config/host", "value": "ours.example.com"},
    ]


def test_an_unknown_config_shows_as_one_unknown_value() -> None:
    """A config that is an output of another resource."""
    desired = document_of(Desired({"integration_key": UNKNOWN, "config": UNKNOWN}))
    shown = patch.shown(patch.minimal_patch(live(on=False, tags=[]), desired), ())
    assert shown == '[{"op":"replace","path":"/config","value":"[unknown]"}]'


def test_what_others_have_written_is_shown_in_visible_characters() -> None:
    """A line break, an escape sequence, a bidirectional mark or a lone surrogate stays JSON, and acts on nothing."""
    name = "a\n\x1b[31m\x9b\u202e\ud800\U000e0001ä✓"
    escaped = '"a\\n\\u001b[31m\\u009b\\u202e\\ud800\\udb40\\udc01ä✓"'
    (change,) = diff.changes(live(name=name), document(name="Store"))
    assert change.as_drift(()) == f'name ("Store" → {escaped})'
    assert patch.shown([{"op": "replace", "path": "/name", "value": name}], ()) == (
        f'[{{"op":"replace","path":"/name","value":{escaped}}}]'
    )


def test_a_config_of_other_fields_is_compared_field_by_field() -> None:
    """By itself, deepdiff reports it as one change of the config, with everything in it, a password too."""
    actual = {**live(), "config": {"tableName": "segments", "region": "eu-west-1"}}
    paths = [change.path for change in diff.changes(actual, document())]
    assert paths == [("config", name) for name in document()["config"]]


def test_nested_values_differ_as_a_whole() -> None:
    """As where somebody else has made one of another during an update."""
    one, other = ({"name": value, "tags": [value], "config": {"port": value}} for value in ({"a": 1}, {"a": 2}))
    assert [change.path for change in diff.changes(one, other)] == [("name",), ("tags",), ("config", "port")]


@pytest.mark.parametrize("port", [{"a": [1]}, {"a": [{"b": [1]}]}, {"a": [[1], 2]}], ids=str)
def test_nested_values_of_launchdarkly_are_compared(port: Any) -> None:
    """Whatever is in them: the state may have the same, as a refresh has found it."""
    desired = document()
    actual = {**live(), "config": {**live()["config"], "port": port}}
    same = {**desired, "config": {**desired["config"], "port": port}}
    other = {**desired, "config": {**desired["config"], "port": {"a": [2]}}}
    assert [change.path for change in diff.changes(actual, desired)] == [("config", "port")]
    assert [change.path for change in diff.changes(actual, other)] == [("config", "port")]
    assert diff.changes(actual, same) == []


@pytest.mark.parametrize("tags", [[1], [True], [None], [["a"]], [{"a": 1}]], ids=str)
def test_tags_of_other_types_are_not_what_they_look_like(tags: list[Any]) -> None:
    """LaunchDarkly's number is not the string that it is written like."""
    looks_alike = [str(tag) for tag in tags]
    assert [change.path for change in diff.changes(live(tags=tags), document(tags=looks_alike))] == [("tags",)]


@pytest.mark.parametrize(("length", "shown"), [(298, f'"{"x" * 298}"'), (299, f'"{"x" * 299}…')], ids=["all", "cut"])
def test_of_a_long_value_the_beginning_is_shown(length: int, shown: str) -> None:
    """Three hundred characters, the quotes among them."""
    (change,) = diff.changes(live(name="x" * length), document(name="Store"))
    assert change.as_drift(()) == f'name ("Store" → {shown})'


def test_drift_reads_from_the_stored_value_to_the_live_one() -> None:
    """The password is named, and neither side of it shown."""
    actual = live(on=False, tags=["x"], config={"port": 7000, "password": "changed-outside"})
    del actual["config"]["username"]
    assert [change.as_drift({"/config/password"}) for change in diff.changes(actual, document())] == [
        "on (true → false)",
        'tags (["managed-by-pulumi"] → ["x"])',
        'config.port ("6380" → "7000")',
        'config.username ("launchdarkly" → null)',
        "config.password ([secret] → another [secret])",
    ]


def test_the_patch_is_sent_without_white_space() -> None:
    """Bytes are counted as they travel."""
    assert patch.encoded([{"op": "remove", "path": "/tags/0"}]) == b'[{"op":"remove","path":"/tags/0"}]'
    assert json.loads(patch.encoded(patch.guarded([], 3))) == [{"op": "test", "path": "/version", "value": 3}]


# What jsonpatch makes of a patch before it is sent.


@given(updates(), st.booleans())
def test_what_is_sent_leads_to_what_is_declared(update: Any, config_whole: bool) -> None:
    """In either form of the config, and behind the guard."""
    actual, stored, inputs = update
    desired = document_of(Desired(inputs))
    operations = patch.minimal_patch(actual, desired, document_of(Desired(stored)))
    if config_whole:
        operations = patch.with_config_whole(operations, actual, desired)
    assert patch.misses(patch.guarded(operations, 3), {**actual, "version": 3}, desired) == []


ASTRAY = {
    "nothing": ([], ["/on", "/config/port"]),
    "half": ([{"op": "replace", "path": "/on", "value": True}], ["/config/port"]),
    "another value": (
        [
            {"op": "replace", "path": "/on", "value": 1},
            {"op": "replace", "path": "/config/port", "value": "6380"},
        ],
        ["/on"],
    ),
    "too much": (
        [
            {"op": "replace", "path": "/on", "value": True},
            {"op": "replace", "path": "/config/port", "value": "6380"},
            {"op": "replace", "path": "/_access", "value": None},
            {"op": "remove", "path": "/config/futureOption"},
        ],
        ["/_access", "/config/futureOption"],
    ),
    "a tag too many": (
        [
            {"op": "replace", "path": "/on", "value": True},
            {"op": "replace", "path": "/config/port", "value": "6380"},
            {"op": "add", "path": "/tags/-", "value": "b"},
        ],
        ["/tags"],
    ),
    "nulls": (
        [
            {"op": "replace", "path": "/on", "value": True},
            {"op": "replace", "path": "/config/port", "value": "6380"},
            {"op": "remove", "path": "/_links"},
            {"op": "add", "path": "/_new", "value": None},
        ],
        ["/_links", "/_new"],
    ),
}


@pytest.mark.parametrize(("operations", "missed"), ASTRAY.values(), ids=ASTRAY)
def test_a_patch_that_leads_elsewhere_is_noticed(operations: list[dict[str, Any]], missed: list[str]) -> None:
    """By what it misses, and by what it changes that is none of its business; the document stays as it was read."""
    config = {"host": "redis.example.com", "port": "6379", "futureOption": "kept"}
    actual = {"integrationKey": "redis", "version": 3, "on": False, "tags": ["a"], "config": config}
    actual |= {"_access": {}, "_links": None}
    read = json.loads(json.dumps(actual))
    desired = {"on": True, "tags": ["a"], "config": {"host": "redis.example.com", "port": "6380"}}
    assert patch.misses(operations, actual, desired) == missed
    assert actual == read


@pytest.mark.parametrize(
    "operation", [{"op": "remove", "path": "/tags/7"}, {"op": "test", "path": "/version", "value": 4}, {"op": "remove"}]
)
def test_a_patch_that_cannot_be_applied_is_noticed(operation: dict[str, Any]) -> None:
    """Jsonpatch's errors differ from version to version."""
    actual = {"integrationKey": "redis", "version": 3, "tags": ["a"], "config": {}}
    [missed] = patch.misses([operation], actual, {"tags": ["a"], "config": {}})
    assert missed.startswith("any field: it cannot be applied (")
    assert "NoneType" not in missed


def test_a_config_that_is_not_shown_is_added_whole() -> None:
    """There is no member of it to be kept."""
    desired = {"tags": ["a"], "config": {"host": "redis.example.com"}}
    operations = [{"op": "add", "path": "/config", "value": desired["config"]}]
    assert patch.misses(operations, {"integrationKey": "redis", "tags": ["a"]}, desired) == []
