"""A further kind of store is one row, one class and LaunchDarkly's manifest: CONTRIBUTING.md, taken at its word."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.samples import PASSWORD
from support.stack import Stack

SOURCES = Path(__file__).parents[2] / "provider"

TABLE = "STORE_KINDS = {\n"
ROW = """\
    "memcached": StoreKind(
        "MemcachedConfig",
        (
            Field("host", "host", Format.HOST, required=True),
            Field("port", "port", Format.PORT, default=11211),
            Field("auth_token", "authToken", Format.TEXT, default="", secret=True),
            Field("binary", "binaryProtocol", Format.BOOLEAN, default=False),
        ),
    ),
"""
BASE = """\
    integration_key: ClassVar[str]
"""
CLASS = '''

@dataclass(frozen=True)
class MemcachedConfig(StoreConfig):
    """Where a Memcached big segment store is."""

    integration_key = "memcached"

    host: pulumi.Input[str]
    port: Optional[pulumi.Input[int]] = None
    auth_token: Optional[pulumi.Input[str]] = field(default=None, repr=False)
    binary: Optional[pulumi.Input[bool]] = None
'''
MANIFEST = {
    "name": "Memcached big segment store",
    "formVariables": [
        {"key": "host", "type": "string"},
        {"key": "port", "type": "string", "isOptional": True, "defaultValue": "11211"},
        {"key": "authToken", "type": "string", "isOptional": True, "isSecret": True, "defaultValue": ""},
        {"key": "binaryProtocol", "type": "boolean", "isOptional": True, "defaultValue": False},
    ],
}
PROGRAM = """\
import launchdarkly_pulumi as launchdarkly
from launchdarkly_pulumi.program.configs import MemcachedConfig

for name, config in {{
    "memcached": MemcachedConfig(host="cache.example.com", auth_token={password!r}, {changed}),
    "redis": launchdarkly.RedisConfig(host="redis.example.com"),
}}.items():
    launchdarkly.BigSegmentStoreIntegration(name, project_key="default", environment_key="production", config=config)
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the package, with the kind added to it."""
    copy = shutil.copytree(SOURCES, tmp_path / "provider", ignore=shutil.ignore_patterns("__pycache__"))
    for module, place, addition in (("model/fields.py", TABLE, ROW), ("program/configs.py", BASE, CLASS)):
        source = copy / "launchdarkly_pulumi" / module
        text = source.read_text()
        assert text.count(place) == 1
        source.write_text(text.replace(place, place + addition))
    manifests = copy / "launchdarkly_pulumi" / "emulator" / "manifests"
    (manifests / "memcached.json").write_text(json.dumps(MANIFEST))
    return copy


@pytest.fixture
def stack_of_copy(sources: Path, tmp_path: Path, pulumi_home: Path) -> Iterator[Stack]:
    """A stack with the provider and the emulator of that copy; the emulator logs its requests beside it."""
    environment = {"PYTHONPATH": str(sources), "PATH": ""}
    command = [sys.executable, "-m", "launchdarkly_pulumi", "emulator", "--port", "0"]
    log = ["--request-log", str(tmp_path / "requests.jsonl")]
    with subprocess.Popen([*command, *log], env=environment, stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout
        stack = Stack(tmp_path, emulator.stdout.readline().split()[-1], home=pulumi_home)
        stack.environment["PYTHONPATH"] = str(sources)
        yield stack
        emulator.terminate()


def test_the_plugin_has_the_kind_too(sources: Path) -> None:
    """Its schema is made from the row, and so are its names."""
    script = (
        "import json\n"
        "from launchdarkly_pulumi.plugin.names import declared, properties_of\n"
        "from launchdarkly_pulumi.plugin.schema import schema\n"
        "from launchdarkly_pulumi.plugin.wire import Properties\n"
        "given = {'config': {'memcached': {'host': 'h', 'authToken': 't', 'binaryProtocol': True}}}\n"
        "found = declared(Properties(given))\n"
        "assert not found.failures and properties_of(found.desired).values == given\n"
        "print(json.dumps(schema('1.0.0')['types']['launchdarkly-big-segments:index:MemcachedConfig']))"
    )
    environment = {"PYTHONPATH": str(sources)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, check=True)
    config = json.loads(done.stdout)
    assert {name: each["type"] for name, each in config["properties"].items()} == {
        "host": "string",
        "port": "integer",
        "authToken": "string",
        "binaryProtocol": "boolean",
    }
    assert config["properties"]["authToken"]["secret"] is True


def test_a_kind_of_store_is_one_row_one_class_and_a_manifest(stack_of_copy: Stack, tmp_path: Path) -> None:
    """Created by its class, though it shares fields with Redis; updated by one operation; its secret is one."""
    stack = stack_of_copy
    stack.program(PROGRAM.format(password=PASSWORD, changed="binary=False"))
    stack.up()
    stack.program(PROGRAM.format(password=PASSWORD, changed="binary=True"))
    stack.up()

    records = [json.loads(line) for line in (tmp_path / "requests.jsonl").read_text().splitlines()]
    patches = [record["body"][1:] for record in records if record["method"] == "PATCH"]
    state = stack.resources()["memcached"]
    assert patches == [[{"op": "replace", "path": "/config/binaryProtocol", "value": True}]]
    assert state["id"].startswith("default/production/memcached/")
    assert PASSWORD not in json.dumps(state)
