"""``export --exclude-state``: a store that a Pulumi state manages already is not adopted a second time."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support import samples
from support.account import existing, methods
from support.commands import Shell
from support.programs import STORE_TYPE, stores_of
from support.samples import PASSWORD
from support.terraform import TYPE, resource, state

MISSING = "default/production/redis/57c0a8e4f7b9c20b3c5d1234"


def exported(*resources: dict[str, Any]) -> dict[str, Any]:
    """What ``pulumi stack export`` writes."""
    return {"version": 3, "deployment": {"manifest": {"magic": "x"}, "resources": list(resources)}}


def managed(id_: str, name: str = "production-redis", type_: str = STORE_TYPE, **changes: Any) -> dict[str, Any]:
    """A resource of a state."""
    return {"urn": f"urn:pulumi:prod::shop::{type_}::{name}", "custom": True, "id": id_, "type": type_} | changes


def file_of(folder: Path, document: Any) -> str:
    """The path of a new file; the document may be bytes as well."""
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return str(path)


def give(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Puts something on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_store_of_the_state_is_left_out_and_named(emulator: Emulator, run: Shell, tmp_path: Path) -> None:
    """In the program and beside it, with its resource; it is not even read, and the others are exported."""
    mine = existing(emulator, samples.redis())
    other = existing(emulator, samples.redis(environment_key="test"))
    document = exported(managed(mine, outputs={"config": {"password": PASSWORD}}), managed(MISSING, "somewhere-else"))
    done = run("export", "--exclude-state", file_of(tmp_path, document))

    assert done.code == 0
    assert {each["_import"] for each in stores_of(done.output).values()} == {other}
    assert f"\n# Managed already, and left out:\n#   {mine}: production-redis of shop/prod\n" in done.output
    assert done.errors.splitlines()[:2] == [
        f"managed already: {mine}: production-redis of shop/prod",
        "1 store to adopt.",
    ]
    assert MISSING not in done.output + done.errors
    assert methods(emulator) == ["GET", "GET"]


@pytest.mark.parametrize(
    ("type_", "changes", "is_managed"),
    [
        (STORE_TYPE, {}, True),
        (STORE_TYPE, {"delete": True}, True),
        (STORE_TYPE, {"external": True}, False),
        ("my:stores$" + STORE_TYPE, {"type": STORE_TYPE}, True),
        ("launchdarkly-big-segments:index:BigSegmentStoreIntegration", {}, True),
        ("launchdarkly:index/bigSegmentStoreIntegration:BigSegmentStoreIntegration", {}, True),
        ("pulumi-python:dynamic/launchdarkly:BigSegmentStoreReadiness", {}, False),
        ("my:index:Reader", {}, False),
        (STORE_TYPE, {"id": ["of another form"]}, False),
        (STORE_TYPE, {"id": ""}, False),
    ],
)
def test_only_what_owns_the_store_manages_it(
    emulator: Emulator, run: Shell, tmp_path: Path, type_: str, changes: dict[str, Any], is_managed: bool
) -> None:
    """A resource of any provider for these stores, one that waits for its deletion too; none that only reads."""
    id_ = existing(emulator, samples.redis())
    document = exported({"urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", "type": "pulumi:pulumi:Stack"})
    document["deployment"]["resources"].append(managed(id_, type_=type_) | changes)
    done = run("export", "--exclude-state", file_of(tmp_path, document))
    assert (id_ in done.errors) is is_managed
    assert bool(done.output) is not is_managed


def test_nothing_is_left_to_adopt(emulator: Emulator, run: Shell, tmp_path: Path) -> None:
    """Then no program is written, as for an account without stores."""
    id_ = existing(emulator, samples.redis())
    done = run("export", "--exclude-state", file_of(tmp_path, exported(managed(id_))), "--out", str(tmp_path / "new"))
    assert (done.code, done.output) == (1, "")
    assert done.errors == f"managed already: {id_}: production-redis of shop/prod\n0 stores to adopt.\n"
    assert not (tmp_path / "new").exists()


def test_several_states_can_be_given(
    emulator: Emulator, run: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stack each; one of them on standard input, an empty one among them."""
    ids = [existing(emulator, samples.redis(environment_key=key)) for key in ("a", "b", "c")]
    give(monkeypatch, json.dumps(exported(managed(ids[1]))).encode("utf-16"))
    empty = {"version": 3, "deployment": {"manifest": {}}}
    files = [file_of(tmp_path, exported(managed(ids[0]))), "-", file_of(tmp_path, empty)]
    done = run("export", *(part for file in files for part in ("--exclude-state", file)))
    assert done.code == 0
    assert [each["_import"] for each in stores_of(done.output).values()] == [ids[2]]


def test_it_holds_for_a_terraform_state_too(
    emulator: Emulator, run: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after the first half of a migration; only one of both can be on standard input."""
    resources = [resource(f"{TYPE}.{digit}", f"{MISSING[:-1]}{digit}", samples.redis()) for digit in "12"]
    give(monkeypatch, json.dumps(state(*resources)).encode())
    file = file_of(tmp_path, exported(managed(f"{MISSING[:-1]}1")))
    done = run("export", "--from-terraform", "--exclude-state", file)
    assert done.code == 0
    assert [each["_import"] for each in stores_of(done.output).values()] == [f"{MISSING[:-1]}2"]

    done = run("export", "--from-terraform", "--exclude-state", "-")
    assert (done.code, done.output) == (2, "")
    assert done.errors == "error: standard input cannot be both Terraform's state and that of --exclude-state\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"error: no stack selected",
        b"[" * 100_000,
        b"[]",
        b'"deployment"',
        json.dumps(state()).encode(),
        json.dumps({"version": 3, "checkpoint": {"latest": {"resources": []}}}).encode(),
        json.dumps({"version": 3, "deployment": []}).encode(),
        json.dumps({"version": 3, "deployment": {"resources": {}}}).encode(),
        json.dumps(exported({"urn": 1, "type": "x"})).encode(),
        json.dumps({"version": 3, "deployment": {"resources": [PASSWORD]}}).encode(),
    ],
)
def test_what_is_no_state_is_told_in_a_line(
    emulator: Emulator, run: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """Without quoting it, and before LaunchDarkly is asked: otherwise every store would look free."""
    existing(emulator, samples.redis())
    file = file_of(tmp_path, content)
    give(monkeypatch, content)
    for argument, shown in ((file, file), ("-", "standard input")):
        done = run("export", "--exclude-state", argument)
        assert done == (2, "", f"error: {shown} is not what `pulumi stack export` writes\n")
    assert methods(emulator) == []


def test_a_file_that_cannot_be_read_is_told(emulator: Emulator, run: Shell, tmp_path: Path) -> None:
    """With the system's reason."""
    done = run("export", "--exclude-state", str(tmp_path / "none.json"))
    assert done == (2, "", f"error: {tmp_path / 'none.json'} cannot be read: No such file or directory\n")
    assert methods(emulator) == []


def test_a_name_of_a_resource_cannot_leave_its_comment(emulator: Emulator, run: Shell, tmp_path: Path) -> None:
    """Names are free text in Pulumi."""
    id_ = existing(emulator, samples.redis())
    existing(emulator, samples.redis(environment_key="test"))
    hostile = 'a::b\nimport os  # \r\u2028\x1b[1m\f"""'
    done = run("export", "--exclude-state", file_of(tmp_path, exported(managed(id_, hostile))))
    assert f'#   {id_}: a::b import os # [1m """ of shop/prod\n' in done.output
    assert len(stores_of(done.output)) == 1
