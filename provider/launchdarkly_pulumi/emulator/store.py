"""The account: its integrations, in memory, for many threads at a time."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace

from .errors import not_found
from .integration import Integration, Place, Settings


class Account:
    """All integrations of one account. Integrations are immutable: what a method returns does not change later."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._integrations: dict[str, Integration] = {}
        self.changed: Callable[[], None] = lambda: None
        """Called after each change, before whoever made it goes on."""

    def create(self, place: Place, settings: Settings) -> Integration:
        """Add an integration, with a fresh ID of 24 hexadecimal digits."""
        integration = Integration(secrets.token_hex(12), place, settings)
        with self._lock:
            self._integrations[integration.id] = integration
        self.changed()
        return integration

    def integrations(self) -> list[Integration]:
        """All integrations, oldest first."""
        with self._lock:
            return list(self._integrations.values())

    def get(self, integration_id: str, place: Place | None = None) -> Integration:
        """One integration; at the wrong place it is as unknown as with the wrong ID."""
        with self._lock:
            return self._find(integration_id, place)

    def update(
        self, integration_id: str, edit: Callable[[Integration], Settings], place: Place | None = None
    ) -> Integration:
        """Change an integration, all or nothing. No effective change: the version stays."""
        with self._lock:
            current = self._find(integration_id, place)
            settings = edit(current)
            if settings == current.settings:
                return current
            updated = replace(current, settings=settings, version=current.version + 1)
            self._integrations[integration_id] = updated
        self.changed()
        return updated

    def delete(self, integration_id: str, place: Place | None = None) -> None:
        """Forget an integration."""
        with self._lock:
            del self._integrations[self._find(integration_id, place).id]
        self.changed()

    def _find(self, integration_id: str, place: Place | None) -> Integration:
        integration = self._integrations.get(integration_id)
        if integration is None or place not in (None, integration.place):
            raise not_found("no such integration")
        return integration
