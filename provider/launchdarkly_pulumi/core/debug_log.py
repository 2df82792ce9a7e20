"""The debug log of requests, waits and decisions.

Each module logs at debug level with a logger below ``launchdarkly_pulumi``. No log line has a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

DEBUG_VARIABLE = "LAUNCHDARKLY_DEBUG"
"""Any string in this environment variable shows each request, wait and retry, and the whole traceback of an error."""


def show(environment: Mapping[str, str]) -> None:
    """Shows the log on stderr if :data:`DEBUG_VARIABLE` is set. Further calls change nothing.

    :param environment: the process's environment.
    """
    log = logging.getLogger("launchdarkly_pulumi")
    if not environment.get(DEBUG_VARIABLE) or log.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("launchdarkly debug: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
