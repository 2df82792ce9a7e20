"""The plugin's version, which is the distribution's, as semantic versioning writes it. Pure."""

from __future__ import annotations

import re

_PRE_RELEASES = {"a": "alpha", "b": "beta", "rc": "rc"}


def version() -> str:
    """The version of what is installed."""
    from .. import __version__

    return semantic(__version__)


def semantic(version: str) -> str:
    """A version of Python's, ``1.2.0a1``, as Pulumi reads it, ``1.2.0-alpha.1``."""
    return re.sub(r"(?<=\d)(a|b|rc)(\d+)", lambda found: f"-{_PRE_RELEASES[found[1]]}.{found[2]}", version)
