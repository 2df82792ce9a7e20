"""A machine with notes of what is under way in LaunchDarkly, and the processes that write them."""

from __future__ import annotations

from pathlib import Path

from launchdarkly_pulumi.core.notes import Account, Notes, Pulumi
from support.runs import Time

ACCOUNT = Account.of("https://app.launchdarkly.com", "api-canary-token")
INTENT = {"project_key": "default"}
ID = "57c0ffee57c0ffee57c0ffee"


class Machine:
    """A folder of notes, and the processes that use it.

    ``warnings`` are those so far, ``topics`` what each is about; ``pulumi`` is where Pulumi keeps its own things.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = Time()
        self.warnings: list[str] = []
        self.topics: list[str] = []
        self.pulumi = Pulumi()

    def process(self, account: Account = ACCOUNT) -> Notes:
        """A process of its own."""
        return Notes(account, self._warn, self.time.clock, self.folder, self.pulumi)

    def _warn(self, text: str, about: str = "") -> None:
        self.warnings.append(text)
        self.topics.append(about)

    def files(self, kind: str) -> list[Path]:
        """The files of a kind."""
        return sorted(self.folder.glob(f"{kind}/*"))
