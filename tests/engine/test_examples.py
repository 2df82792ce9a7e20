"""The examples run as their READMEs say, and print what the READMEs show."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2_grpc

from launchdarkly_pulumi.emulator import Emulator
from support import aws_provider
from support.documents import ROOT
from support.examples import EXAMPLES, Example
from support.redis_server import RedisServer
from support.samples import PASSWORD

CASES = sorted(path.parent.name for path in EXAMPLES.glob("*/README.md"))

OTHER_LANGUAGES = {
    "go": {"main.go", "go.mod", "go.sum"},
    "typescript": {"index.ts", "package.json", "tsconfig.json"},
    "yaml": {"Main.yaml"},
}
"""The files of the examples that are not in Python; `test_plugin_sdks.py` and `tests/yaml_programs` run them."""

EXAMPLES_PYTHON = ROOT / ".venv-examples" / "bin" / "python"
"""Has the packages whose names begin with ``pulumi-``: in the tests' own environment they would slow each command."""


@pytest.fixture
def second_emulator() -> Iterator[Emulator]:
    """Another LaunchDarkly account."""
    with Emulator() as running:
        yield running


def configs(emulator: Emulator) -> dict[str, dict[str, object]]:
    """The real config of each store, by its environment."""
    return {
        store["environmentKey"]: emulator.stored_config(store_id) for store_id, store in emulator.integrations.items()
    }


@pytest.mark.parametrize("case", CASES)
def test_an_example_is_a_whole_project(case: str) -> None:
    """It can be copied out of the repository: project file, program, requirements, README."""
    names = {path.name for path in (EXAMPLES / case).iterdir()}
    assert {"Pulumi.yaml", "README.md", *OTHER_LANGUAGES.get(case, {"__main__.py", "requirements.txt"})} <= names


def test_the_repository_is_itself_a_project(example: Example, emulator: Emulator) -> None:
    """``pulumi up`` at the root: the quickstart, with a password from the stack's configuration."""
    shutil.copy(ROOT / "Pulumi.yaml", example.project.folder)
    shutil.copytree(EXAMPLES / "quickstart", example.project.folder / "examples" / "quickstart")
    example.project.pulumi("stack", "init", "own")
    example.project.pulumi("config", "set", "--secret", "redisPassword", PASSWORD)
    example.project.pulumi("config", "set", "redisHost", "redis.internal.example.com")
    example.project.up()

    [(id_, integration)] = emulator.integrations.items()
    assert integration["name"] == "Production Redis"
    assert emulator.stored_config(id_)["host"] == "redis.internal.example.com"
    assert example.project.pulumi("stack", "output", "integrationId").output.strip() == id_


def test_quickstart(example: Example, emulator: Emulator) -> None:
    """One store in Redis."""
    example.copy("quickstart")
    example.run_as_told()

    assert configs(emulator)["production"]["password"] == "the password"


def test_quickstart_is_tested_as_users_test(example: Example) -> None:
    """Its own test, run by pytest with the plugin of the distribution, and without any of Pulumi's variables."""
    example.copy("quickstart")
    done = example.pytest()

    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_sdk(example: Example, emulator: Emulator) -> None:
    """From the declared store to the flag: LaunchDarkly's SDK reads what the emulator has written."""
    emulator.sync({"default/production/beta-testers": ["ada"]})
    example.copy("sdk")
    example.use_python(Path(sys.executable))  # the one that has LaunchDarkly's SDK
    with RedisServer() as redis:
        example.run_as_told(redis=redis)


def test_sdk_is_tested_as_users_test(example: Example) -> None:
    """The service's own test, without Pulumi."""
    example.copy("sdk")
    done = example.pytest()

    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout


def test_many_environments(example: Example, emulator: Emulator) -> None:
    """A store for each environment of the list, each with its own password; what is left out has its default."""
    example.copy("many-environments")
    example.run_as_told()

    found = configs(emulator)
    assert {key: config["password"] for key, config in found.items()} == {
        "production": "the password in Europe",
        "production-us": "the password in America",
        "staging": "the password of staging",
    }
    assert (found["staging"]["port"], found["production"]["port"]) == ("6380", "6379")
    assert {s["environmentKey"]: s["on"] for s in emulator.integrations.values()} == {
        "production": True,
        "production-us": True,
        "staging": False,
    }


def test_two_accounts(example: Example, emulator: Emulator, second_emulator: Emulator) -> None:
    """Each account has its own store, and no other."""
    example.copy("two-accounts")
    example.run_as_told(second_emulator)

    assert configs(emulator)["production"]["host"] == "redis.us.example.com"
    assert configs(second_emulator)["production"]["host"] == "redis.eu.example.com"


def test_component(example: Example, emulator: Emulator) -> None:
    """Two environments, named and tagged alike."""
    example.copy("component")
    example.run_as_told()

    stores = emulator.integrations.values()
    assert {store["name"] for store in stores} == {"staging segments of payments", "production segments of payments"}
    assert all(store["tags"] == ["managed-by-pulumi", "team-payments"] for store in stores)


def test_automation(example: Example, emulator: Emulator) -> None:
    """It runs as its README says: drift is reported, a delete has to be allowed, a check that cannot look fails."""
    example.copy("automation")
    example.run_as_told()
    example.project.environment["REDIS_PASSWORD"] = "the password"
    [staging] = [id_ for id_, store in emulator.integrations.items() if store["environmentKey"] == "staging"]
    emulator.outside_edit(staging, {"on": False})
    drift = example.project.shell("python deploy.py drift", code=7)
    settings = example.project.folder / "Pulumi.prod.yaml"
    settings.write_text(settings.read_text().replace("    staging: redis.staging.example.com\n", ""))
    refused = example.project.shell("python deploy.py apply", code=3)

    assert 'PATCH [{"op":"replace","path":"/on","value":true}]' in drift.output
    assert "refused: staging would be deleted or replaced; --allow-loss allows it" in refused.output
    assert configs(emulator).keys() == {"production", "staging"}
    example.project.shell("python deploy.py preview --allow-loss")
    emulator.stop()
    unable = example.project.shell("python deploy.py drift", code=1)
    assert "was not compared with LaunchDarkly, which the setting liveDiff requires" in unable.output


def test_policy(example: Example, emulator: Emulator) -> None:
    """A store that breaks the rules is refused by a preview, and one that keeps them is created."""
    example.copy("policy")
    aws_provider.plugin(example.tools)  # for another example: its package is in the same environment
    example.use_python(EXAMPLES_PYTHON)
    example.run_as_told()

    [store] = emulator.integrations.values()
    assert (store["on"], store["config"]["tlsEnabled"]) == (True, True)


def test_policy_starts_as_later_language_hosts_start_it() -> None:
    """From the pack's folder, by a module of Pulumi's SDK; the CLI of ``make setup`` may have a host that does not."""
    folder = EXAMPLES / "policy" / "policy-pack"
    command = [str(EXAMPLES_PYTHON), "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as pack:
        try:
            assert pack.stdout
            with grpc.insecure_channel(f"127.0.0.1:{int(pack.stdout.readline())}") as channel:
                info = analyzer_pb2_grpc.AnalyzerStub(channel).GetAnalyzerInfo(Empty(), timeout=30)
        finally:
            pack.kill()

    assert {policy.name for policy in info.policies} == {"redis-needs-tls", "production-stays-on"}


def test_dynamodb_aws(example: Example, emulator: Emulator) -> None:
    """The graph is previewed and deployed by the real engine; only AWS itself is made up.

    What the role may do, and who may assume it, is checked by the example's own test.
    """
    example.copy("dynamodb-aws")
    aws_provider.plugin(example.tools)
    example.use_python(EXAMPLES_PYTHON)
    example.run_as_told()

    config = configs(emulator)["production"]
    assert str(config["tableName"]).startswith("big-segments-")
    assert str(config["roleArn"]).startswith("arn:aws:iam::444455556666:role/launchdarkly-big-segments-")


def test_dynamodb_aws_with_mocks(tmp_path: Path) -> None:
    """The example's own test: key schema, trust policy, rights, and the integration's inputs."""
    shutil.copytree(EXAMPLES / "dynamodb-aws", tmp_path / "project")
    done = subprocess.run(
        [str(EXAMPLES_PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path / "project",
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, "10 passed" in done.stdout) == (0, True), done.stdout
