"""``export --from-terraform``: what is taken from a ``terraform show -json`` document, and what never is."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from support import samples
from support.commands import Done, Shell
from support.programs import stores_of
from support.samples import PASSWORD
from support.terraform import TYPE, resource, state

REDIS_ID = "default/production/redis/57c0a8e4f7b9c20b3c5d1234"
TEST_ID = "default/test/redis/57c0a8e4f7b9c20b3c5d1235"
DYNAMODB_ID = "shop/production/dynamodb/57c0a8e4f7b9c20b3c5d1236"


class Terraform:
    """Runs ``export --from-terraform`` with a document on standard input."""

    def __init__(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        self._shell = shell
        self._monkeypatch = monkeypatch

    def __call__(self, document: Any, *arguments: str) -> Done:
        """How it ends; the document may be bytes as well."""
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return self._shell("export", "--from-terraform", *arguments)


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terraform:
    """Runs the command; LaunchDarkly is out of reach."""
    monkeypatch.setenv("LAUNCHDARKLY_API_HOST", "http://127.0.0.1:9")
    monkeypatch.delenv("LAUNCHDARKLY_ACCESS_TOKEN", raising=False)
    return Terraform(Shell(capsys), monkeypatch)


def test_every_store_of_the_state_is_declared(export: Terraform) -> None:
    """Of the root module and of those inside it, ``count`` and ``for_each`` too; no other resource, no data source."""
    document = state(
        resource(f"{TYPE}.redis", REDIS_ID, samples.redis()),
        modules={
            "module.eu": [],
            "module.eu.module.stores": [
                resource(
                    f'module.eu.module.stores.{TYPE}.all["test"]', TEST_ID, samples.redis(name="Test"), index="test"
                ),
                resource(f"module.eu.module.stores.{TYPE}.tables[0]", DYNAMODB_ID, samples.dynamodb(), index=0),
            ],
        },
    )
    done = export(document)
    assert done.code == 0
    declared = stores_of(done.output, **{"default-production-production-redis-password": PASSWORD})
    test = samples.redis(environment_key="test", name="Test", config={"password": "made-up"})
    expected = {
        "default-production-production-redis": samples.redis(_import=REDIS_ID),
        "default-test-test": test | {"_import": TEST_ID},
        "shop-production-dynamodb": samples.dynamodb(project_key="shop", on=False, _import=DYNAMODB_ID),
    }
    assert {name: {key: declared[name][key] for key in inputs} for name, inputs in expected.items()} == expected
    assert declared.keys() == expected.keys()
    assert done.errors.splitlines()[0] == "3 stores to adopt."
    assert [line.split()[-1] for line in done.errors.splitlines()[2:]] == [
        "default-production-production-redis-password",
        "default-test-test-password",
    ]


def test_it_can_be_narrowed(export: Terraform) -> None:
    """As from LaunchDarkly."""
    document = state(
        resource(f"{TYPE}.a", REDIS_ID, samples.redis()), resource(f"{TYPE}.b", TEST_ID, samples.redis(name="Test"))
    )
    assert sorted(stores_of(export(document, "--environment", "test").output)) == ["default-test-test"]


def test_no_secret_of_the_document_is_written(export: Terraform, tmp_path: Path) -> None:
    """Wherever it stands: in the right field, in an unknown one, in one that is refused, or in an unreadable config."""
    echoed = _with_config(json.dumps({"host": "h", "password": "hunter22"}), 9)
    echoed["values"]["on"] = "hunter22"
    document = state(
        echoed,
        resource(f"{TYPE}.a", REDIS_ID, samples.redis()),
        resource(f"{TYPE}.b", TEST_ID, samples.redis(config={"host": f"redis://:{PASSWORD}@h"})),
        _with_config(json.dumps({"host": "h", PASSWORD: PASSWORD}), 6),
        _with_config(f'{{"host": "h", "password": "{PASSWORD}"', 7),
        _with_config(json.dumps({"host": "h", "password": "hunter22", "username": ["hunter22"]}), 8),
    )
    done = export(document, "--out", str(tmp_path / "new"))
    written = "".join(path.read_text() for path in (tmp_path / "new").iterdir())
    assert done.code == 1
    assert [line.partition(": ")[0] for line in done.errors.splitlines()].count("left out") == 4
    assert PASSWORD not in written + done.errors
    assert "hunter22" not in written + done.errors


def _with_config(config: Any, digit: int) -> dict[str, Any]:
    built = resource(f"{TYPE}.x", f"{REDIS_ID[:-1]}{digit}", samples.redis())
    built["values"]["config"] = config
    return built


def test_a_config_that_terraform_does_not_know_is_told(export: Terraform) -> None:
    """After ``terraform import``: LaunchDarkly's provider does not read the config."""
    done = export(state(_with_config(None, 5), resource(f"{TYPE}.a", TEST_ID, samples.redis())))
    assert done.code == 1
    assert sorted(stores_of(done.output)) == ["default-test-production-redis"]
    assert f"left out: {REDIS_ID[:-1]}5: its config is not in the state, as after `terraform import`: " in done.errors


def test_an_object_that_waits_for_its_deletion_is_none(export: Terraform) -> None:
    """Terraform keeps it beside the resource that replaces it."""
    deposed = resource(f"{TYPE}.a", TEST_ID, samples.redis(), deposed_key="5f2c5a1b")
    done = export(state(resource(f"{TYPE}.a", REDIS_ID, samples.redis()), deposed))
    assert done.code == 0
    assert len(stores_of(done.output)) == 1


def test_what_is_there_twice_is_adopted_once(export: Terraform) -> None:
    """Two resources cannot manage one integration."""
    done = export(state(*(resource(f"{TYPE}.{name}", REDIS_ID, samples.redis()) for name in "ab")))
    assert done.code == 1
    assert len(stores_of(done.output)) == 1
    assert f"left out: {REDIS_ID}: it occurs more than once" in done.errors


def test_a_port_that_is_a_number_is_fine(export: Terraform) -> None:
    """The provider's older examples have one."""
    done = export(state(_with_config('{"host": "h", "port": 6380}', 5)))
    [declared] = stores_of(done.output).values()
    assert declared["config"] == {"host": "h", "port": 6380}


@pytest.mark.parametrize("version", ["0.2", "1.0", "1.99"])
def test_an_empty_state_has_no_stores(export: Terraform, version: str) -> None:
    """As Terraform writes it before anything is applied."""
    assert export({"format_version": version}) == (1, "", "0 stores to adopt.\n")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff\xfe\xff",
        b"[" * 100_000,
        b"[]",
        b"null",
        {"version": 4, "terraform_version": "1.9.8", "resources": []},
        {"format_version": "2.0", "values": {}},
        {"format_version": 1},
    ],
    ids=["nothing", "no text", "too deep", "a list", "null", "a state file", "a later format", "no version"],
)
def test_what_is_no_such_document_is_refused(export: Terraform, document: Any) -> None:
    """In one line, without quoting it."""
    told = "error: standard input is not what `terraform show -json` writes of a state\n"
    assert export(document) == (2, "", told)


def test_a_plan_is_refused(export: Terraform) -> None:
    """It has the values of what is planned, not of what is there."""
    done = export({"format_version": "1.2", "planned_values": {}, "prior_state": {}})
    assert (done.code, done.output) == (2, "")
    assert done.errors.startswith("error: standard input is a plan: give the state")


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        {"root_module": None},
        {"root_module": {"resources": None, "child_modules": [None, {"resources": [None, 1]}]}},
        {"root_module": {"resources": {"type": TYPE}}},
    ],
)
def test_a_document_of_another_shape_is_no_traceback(export: Terraform, values: Any) -> None:
    """Whatever is missing or of another type."""
    assert export({"format_version": "1.0", "values": values}).code == 1


@pytest.mark.parametrize("values", [None, {}, {"id": None}, {"id": 1}, {"id": f"a/b/redis/{PASSWORD}"}, {"id": "a\nb"}])
def test_a_resource_without_an_id_is_left_out(export: Terraform, values: Any) -> None:
    """By its address, which a key of ``for_each`` cannot break."""
    done = export(state(resource(f'{TYPE}.a["b\nc"]', REDIS_ID, samples.redis(), values=values)))
    assert done.code == 1
    assert f'left out: {TYPE}.a["b c"]: ' in done.errors
    assert len(done.errors.splitlines()) == 2
