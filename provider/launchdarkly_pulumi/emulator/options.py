"""How an emulated account behaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""A key of a project or an environment."""

StatusSource = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
"""``status_source(document, config) -> _status``: the masked document without its status, and the real config.

It may take its time: it is called on a worker thread, and never while the account is locked.
"""


@dataclass(frozen=True)
class EmulatorOptions:
    """The account's tokens, its projects, its limits, and how a beta endpoint may differ from its documentation."""

    access_tokens: Collection[str] = field(default=(), repr=False)
    """Tokens that may do everything; empty: any token may."""

    reader_tokens: Collection[str] = field(default=(), repr=False)
    """Tokens that may only read."""

    projects: Mapping[str, Collection[str]] | None = None
    """The environments of each project; ``None``: any valid key exists."""

    latency_ms: float = 0
    """Added to every request."""

    rate_limit: int | None = None
    """Requests in a window of ten seconds; ``None``: no limit, and no headers about it."""

    omit_config_in_answers: bool = False
    """Answers to POST and PATCH have no ``config``: it is documented for "requesting a single integration by ID"."""

    refuse_version_test: bool = False
    """Any ``test`` of ``/version`` is an invalid request."""

    refuse_config_paths: bool = False
    """Any operation inside ``/config`` is an invalid request; ``/config`` as a whole is fine."""

    status_source: StatusSource | None = None
    """Where ``_status`` comes from, ``Sync(...)`` for one; ``None``: a store that is on is available."""
