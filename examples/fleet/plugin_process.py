"""One process of the plugin for the engines of all stacks: they share LaunchDarkly's rate limit, and one listing."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PLUGIN = "launchdarkly-big-segments"
COMMAND = [sys.executable, "-m", "launchdarkly_pulumi.plugin.main", "--attach"]
MEMORY = {"MALLOC_ARENA_MAX": "2"}
"""C's library keeps memory for each of some threads otherwise: a fifth more, with thousands of stores."""

STOP_TIMEOUT = 60


@contextmanager
def shared_plugin(folder: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Runs the plugin; gives the variables with which an engine attaches itself to it.

    :param folder: the Pulumi project: the plugin reads states there where it has to.
    :param environment: of the plugin.
    """
    # In a session of its own: Ctrl-C is for the engines, which end what they have begun.
    with subprocess.Popen(  # noqa: S603 - our own command
        COMMAND,
        cwd=folder,
        env={**MEMORY, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdin  # noqa: S101 - it is a pipe
        assert process.stdout  # noqa: S101 - it is a pipe
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise OSError("the plugin did not start")
            yield {"PULUMI_DEBUG_PROVIDERS": f"{PLUGIN}:{port}"}
        finally:
            # It ends with its input, and so it does where this program is killed.
            process.stdin.close()
            process.wait(STOP_TIMEOUT)
