"""The pytest plugin of launchdarkly-pulumi: a LaunchDarkly, and a place for stacks, for each test that asks for them.

pytest imports this module at its start, in every project that has the distribution: it imports nothing that costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from launchdarkly_pulumi.emulator import Emulator

ACCESS_TOKEN = "api-emulator"  # noqa: S105 - the emulator takes any
PASSPHRASE = "test"  # noqa: S105 - of stacks that a test makes and nobody keeps


@pytest.fixture
def launchdarkly_emulator(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    """A running LaunchDarkly emulator with an empty account, for one test.

    ``LAUNCHDARKLY_API_HOST`` and ``LAUNCHDARKLY_ACCESS_TOKEN`` point to it during the test, so the Pulumi programs that
    the test runs talk to it. A stack that configures ``launchdarkly:apiHost`` or ``launchdarkly:accessToken`` itself
    prefers its own.

    ``PULUMI_BACKEND_URL`` and ``PULUMI_CONFIG_PASSPHRASE`` are set too: the stacks of the test are kept in an empty
    folder of its own, whatever backend the environment names, and nobody has to log in.

    ``sync(segments)`` lets it write big segments into the stores, for the SDKs of a service under test to read;
    ``members(segment, keys)`` changes them, and ``environment(project, environment).client_side_id`` is the key prefix.
    """
    try:
        from launchdarkly_pulumi.emulator import Emulator
    except ModuleNotFoundError as error:
        pytest.fail(
            f"the fixture launchdarkly_emulator needs {error.name}: pip install 'launchdarkly-pulumi[emulator]'",
            pytrace=False,
        )
    with Emulator() as emulator:
        monkeypatch.setenv("LAUNCHDARKLY_API_HOST", emulator.url)
        monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", ACCESS_TOKEN)
        monkeypatch.setenv("PULUMI_BACKEND_URL", tmp_path_factory.mktemp("pulumi").as_uri())
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
        yield emulator
