"""The thread that keeps the store of one integration up to date."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from .contents import Contents, Store
from .integration import Integration
from .segments import Segments
from .status import UNREACHABLE, History, StoreError

logger = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds from the end of a try to the next one."""


class Keeper(threading.Thread):
    """Keeps the store of one integration up to date."""

    def __init__(
        self,
        integration: Integration,
        history: History,
        segments: Segments,
        open_store: Callable[[Integration], Store],
    ) -> None:
        super().__init__(name=f"launchdarkly-sync-{integration.id}", daemon=True)
        self._integration = integration
        self._history = history
        self._segments = segments
        self._open_store = open_store
        self._state = threading.Condition()
        self._writing = threading.Lock()
        self._stopped = False
        self._asked = 1
        self._tried = 0
        self._contents: Contents | None = None
        self._config: Mapping[str, Any] | None = None
        """The config that the contents are of."""
        self._works = False

    def works_with(self, config: Mapping[str, Any]) -> bool:
        """Whether the last try succeeded, and was with this config."""
        return self._works and self._config == config

    def follow(self, integration: Integration) -> None:
        """Take the integration as it is now."""
        before, self._integration = self._integration, integration
        if before.settings.config != integration.settings.config:
            self.wake()

    def wake(self) -> int:
        """Try at once; the number of the try that begins after now."""
        with self._state:
            self._asked += 1
            self._state.notify_all()
            return self._asked

    def wait_for(self, number: int) -> None:
        """Wait until a try is over, or all are."""
        with self._state:
            self._state.wait_for(lambda: self._stopped or self._tried >= number)

    def stop(self) -> None:
        """Write nothing from now on; a write under way is waited for."""
        with self._state:
            self._stopped = True
            self._state.notify_all()
        with self._writing:
            pass

    def run(self) -> None:
        """Try again and again."""
        number = 0
        while not self._stopped:
            with self._state:
                number = self._asked
            self._try(self._integration)
            with self._state:
                self._tried = number
                self._state.notify_all()
                self._state.wait_for(lambda: self._stopped or self._asked != self._tried, INTERVAL)
        self._close()

    def _try(self, integration: Integration) -> None:
        try:
            self._refresh(self._contents_of(integration), integration)
        except StoreError as failure:
            self._fail(failure)
        except Exception:
            logger.exception("the store of %s cannot be written to", integration.id)
            self._fail(StoreError(UNREACHABLE, "internal error of the emulator; its log says more"))

    def _fail(self, failure: StoreError) -> None:
        self._works = False
        self._history.failed(failure)

    def _contents_of(self, integration: Integration) -> Contents:
        config = integration.settings.config
        if self._contents is None or self._config != config:
            self._close()
            self._config = config
            self._contents = Contents(self._open_store(integration))
        return self._contents

    def _refresh(self, contents: Contents, integration: Integration) -> None:
        steps = contents.refresh(self._segments.of(integration.place.environment))
        more = True
        while more:
            with self._writing:
                if self._stopped:
                    return
                more = next(steps, False) is None
        self._works = True
        self._history.succeeded(contents.marked)

    def _close(self) -> None:
        self._works = False
        contents, self._contents = self._contents, None
        if contents is not None:
            contents.store.close()
