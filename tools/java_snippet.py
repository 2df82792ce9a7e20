"""Runs the Java snippet for Redis of ``docs/sdks.md`` with LaunchDarkly's real SDK, the emulator and a real Redis.

The store for the SDK of today, version 3, is not to be had from every index; the one for the SDK 5 is, and calls its
builder otherwise. Not a part of ``make test``, since it needs a JDK and Maven::

    PYTHONPATH=tests .venv/bin/python tools/java_snippet.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from launchdarkly_pulumi.emulator import Emulator
from support.redis_server import RedisServer
from support.sdks import FLAGS, PLACE, SEGMENT
from support.snippets import AS_LAUNCHDARKLY_WROTE, program
from support.synced import KINDS

VERSIONS = {"launchdarkly-java-server-sdk": "5.10.9", "launchdarkly-java-server-sdk-redis-store": "2.0.0"}


def main() -> None:
    """Says what the program printed, and fails if that is not what LaunchDarkly wrote."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install(folder)
        (folder / "Flags.java").write_text(as_of_version_2(program("java", "REDIS_URL")), encoding="utf-8")
        seen = run(folder)
    print(f"{VERSIONS}\nada, a member, and grace, who is none:\n{seen}", end="")
    if seen != AS_LAUNCHDARKLY_WROTE:
        sys.exit("error: the snippet does not read what LaunchDarkly wrote")


def as_of_version_2(snippet: str) -> str:
    """The snippet for the SDK 5, as the page says."""
    return snippet.replace("Redis.bigSegmentStore()", "Redis.dataStore()")


def install(folder: Path) -> None:
    """Gets the SDK and its store into ``lib``."""
    wanted = "".join(
        f"<dependency><groupId>com.launchdarkly</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version></dependency>"
        for artifact, version in VERSIONS.items()
    )
    coordinates = "<groupId>example</groupId><artifactId>flags</artifactId><version>1</version>"
    (folder / "pom.xml").write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"{coordinates}<dependencies>{wanted}</dependencies></project>",
        encoding="utf-8",
    )
    goal = ["dependency:copy-dependencies", "-DoutputDirectory=lib"]
    subprocess.run(["mvn", "--quiet", "--batch-mode", *goal], cwd=folder, check=True)


def run(folder: Path) -> str:
    """What the program prints, with a store that LaunchDarkly keeps up to date."""
    with RedisServer() as redis, Emulator(segments={SEGMENT: ["ada"]}) as emulator:
        emulator.outside_create(*PLACE, "redis", config=KINDS["redis"] | {"port": str(redis.port)}, on=True)
        emulator.sync()
        known = {
            "LAUNCHDARKLY_CLIENT_SIDE_ID": emulator.environment(*PLACE).client_side_id,
            "LAUNCHDARKLY_SDK_KEY": "sdk-test",
            "FLAGS_FILE": str(FLAGS),
            "REDIS_URL": f"redis://{redis.host}:{redis.port}/0",
        }
        command = ["java", "-cp", "lib/*", "Flags.java"]
        done = subprocess.run(
            command, cwd=folder, env=os.environ | known, stdout=subprocess.PIPE, text=True, timeout=120, check=True
        )
        return done.stdout


if __name__ == "__main__":
    main()
