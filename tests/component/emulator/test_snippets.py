"""The snippets of ``docs/sdks.md`` read what the emulator has written. Java's: ``tools/java_snippet.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launchdarkly_pulumi.emulator import Emulator
from support.dynamodb import KEY, NAMESPACE, create_table, forget_aws_settings, local_dynamodb
from support.redis_server import RedisServer
from support.sdks import FLAGS, NODE_SDK, PLACE, SEGMENT
from support.snippets import AS_LAUNCHDARKLY_WROTE, program
from support.synced import KINDS


def printed(command: list[str], **environment: str) -> str:
    """What a program prints, which is given the prefix and the flags."""
    with Emulator() as emulator:
        prefix = emulator.environment(*PLACE).client_side_id
    known = {"LAUNCHDARKLY_CLIENT_SIDE_ID": prefix, "LAUNCHDARKLY_SDK_KEY": "sdk-test", "FLAGS_FILE": str(FLAGS)}
    done = subprocess.run(
        command, env=os.environ | known | environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", ["python", "js"])
def test_a_snippet_for_redis(language: str, tmp_path: Path) -> None:
    """A member is one, and the store is healthy."""
    file = tmp_path / f"snippet.{language}"
    file.write_text(program(language, "REDIS_URL"), encoding="utf-8")
    interpreter = {"python": sys.executable, "js": "node"}[language]
    with RedisServer() as redis, Emulator(segments={SEGMENT: ["ada"]}) as emulator:
        emulator.outside_create(*PLACE, "redis", config=KINDS["redis"] | {"port": str(redis.port)}, on=True)
        emulator.sync()
        url = f"redis://{redis.host}:{redis.port}/0"
        seen = printed([interpreter, str(file)], REDIS_URL=url, NODE_PATH=str(NODE_SDK / "node_modules"))
    assert seen == AS_LAUNCHDARKLY_WROTE


def test_python_s_snippet_for_dynamodb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same of a table."""
    forget_aws_settings(monkeypatch, tmp_path)
    file = tmp_path / "snippet.py"
    file.write_text(program("python", "DynamoDB"), encoding="utf-8")
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with local_dynamodb() as endpoint, Emulator() as emulator:
        create_table(endpoint, "big-segments", NAMESPACE, KEY)
        emulator.sync({SEGMENT: ["ada"]}, dynamodb_endpoint=endpoint)
        emulator.outside_create(*PLACE, "dynamodb", config=KINDS["dynamodb"] | {"tableName": "big-segments"}, on=True)
        emulator.sync()
        seen = printed([sys.executable, str(file)], AWS_ENDPOINT_URL=endpoint, **keys)
    assert seen == AS_LAUNCHDARKLY_WROTE
