"""The log of what is sent and decided, for whoever has to find out why.

Each module logs at debug level below the logger ``launchdarkly_pulumi``; nothing that it logs holds a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

DEBUG_VARIABLE = "LAUNCHDARKLY_DEBUG"
"""Any string in this environment variable shows each request, wait and retry, and the whole traceback of an error."""


def show(environment: Mapping[str, str]) -> None:
    """Shows the log on stderr where the environment asks for it; once, however often it is called."""
    log = logging.getLogger("launchdarkly_pulumi")
    if not environment.get(DEBUG_VARIABLE) or log.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("launchdarkly debug: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
