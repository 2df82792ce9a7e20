"""Running the emulator: in a thread for tests, or in the foreground for the command line."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn

from .app import Api
from .integration import Environment, Integration, Place, Settings, settings_from
from .options import EmulatorOptions
from .patching import parse_patch, patched_settings
from .requestlog import RequestLog, RequestRecord
from .store import Account
from .sync import Sync

START_TIMEOUT = 10
STOP_TIMEOUT = 2


class Emulator:
    """A local LaunchDarkly API with an empty account, listening from ``start`` (or ``with``) to ``stop``."""

    def __init__(
        self,
        options: EmulatorOptions | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        request_log_path: Path | str | None = None,
        segments: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        """Prepare an account. Port 0 is any free one; with segments it is synced, as ``sync`` does."""
        self.options = options or EmulatorOptions()
        self._address = (host, port)
        self._account = Account()
        self._log = RequestLog(request_log_path)
        self._api = Api(self._account, self.options, self._log)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._port = port
        source = self.options.status_source
        self._sync = source if isinstance(source, Sync) else None
        if segments is not None:
            self.sync(segments)

    def start(self) -> None:
        """Listen. Returns when requests are answered; ``OSError`` if the address cannot be had."""
        try:
            listener = _listen(*self._address)
        except OSError:
            self._log.close()
            raise
        self._port = listener.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._api,
                lifespan="off",
                ws="none",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                # Clients keep connections for longer than uvicorn's five seconds.
                timeout_keep_alive=75,
                timeout_graceful_shutdown=STOP_TIMEOUT,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="launchdarkly-emulator", daemon=True
        )
        self._thread.start()
        self._wait_until_started(self._server)
        if self._sync is not None:
            self._sync.start(self._account)

    def _wait_until_started(self, server: uvicorn.Server) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not server.started:
            if time.monotonic() > deadline or self._thread is None or not self._thread.is_alive():
                raise RuntimeError("the emulator did not start")
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop listening, and syncing; the account stays readable through this object."""
        if self._sync is not None:
            self._sync.stop()
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
            self._server = self._thread = None
        self._log.close()

    def __enter__(self) -> Emulator:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    @property
    def host(self) -> str:
        """Host and port, as in a ``Host`` header."""
        host = self._address[0]
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Where the API is, without a path."""
        return f"http://{self.host}"

    @property
    def requests(self) -> list[RequestRecord]:
        """The requests so far, oldest first, refused ones included."""
        return self._log.records()

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self._log.clear()

    @property
    def integrations(self) -> dict[str, dict[str, Any]]:
        """All integrations by ID, each as a request for it would show it."""
        return {integration.id: self._api.shown(integration) for integration in self._account.integrations()}

    def stored_config(self, integration_id: str) -> dict[str, Any]:
        """The real config, secrets included."""
        return dict(self._account.get(integration_id).settings.config)

    def outside_create(
        self, project_key: str, environment_key: str, integration_key: str, **fields: Any
    ) -> dict[str, Any]:
        """Create an integration without a request: ``config=...``, and ``on``, ``name``, ``tags``."""
        place = Place(project_key, environment_key, integration_key)
        return self._api.shown(self._account.create(place, settings_from(place, fields)))

    def outside_edit(
        self, integration_id: str, patch_or_fields: Sequence[Mapping[str, Any]] | Mapping[str, Any]
    ) -> dict[str, Any]:
        """Edit an integration without a request, as someone in LaunchDarkly's user interface would.

        Takes the operations of a JSON Patch, or fields by their API names; the fields of ``config`` are
        merged into the stored ones. The version grows by one, unless nothing changes.
        """

        def edit(current: Integration) -> Settings:
            if isinstance(patch_or_fields, Mapping):
                return _with_fields(current, patch_or_fields)
            operations = parse_patch([dict(operation) for operation in patch_or_fields], EmulatorOptions())
            return patched_settings(current, operations, {})

        return self._api.shown(self._account.update(integration_id, edit))

    def environment(self, project_key: str, environment_key: str) -> Environment:
        """An environment; its ``client_side_id`` is the key prefix that SDKs need."""
        return Environment(project_key, environment_key)

    def sync(
        self,
        segments: Mapping[str, Iterable[str]] | None = None,
        *,
        dynamodb_endpoint: str | None = None,
        public_hosts: bool = False,
    ) -> None:
        """Write big segments into the stores from now on, as LaunchDarkly does; ``Sync`` says what the arguments are.

        Once it does: set the members of further segments. Returns when each store that is on has been tried.
        """
        if self._sync is None:
            self._sync = Sync(segments, dynamodb_endpoint=dynamodb_endpoint, public_hosts=public_hosts)
            self._api.status_source = self._sync
            if self._server is not None:
                self._sync.start(self._account)
        elif dynamodb_endpoint is not None or public_hosts:
            raise ValueError("the emulator syncs already: only segments can change")
        else:
            self._sync.segments.update(segments or {})
        self._sync.try_all()

    def members(self, segment: str, included: Iterable[str], excluded: Iterable[str] = ()) -> None:
        """Say who is in ``PROJECT/ENVIRONMENT/SEGMENT``, by the keys of contexts, and who is expressly not.

        Whoever else was is so no longer. Returns when each store that is on has been tried.
        """
        if self._sync is None:
            raise RuntimeError("the emulator does not sync: call sync() first, or give it segments")
        self._sync.segments.change(segment, included, excluded)
        self._sync.try_all()

    def remove(self, integration_id: str) -> None:
        """Delete an integration without a request."""
        self._account.delete(integration_id)


def _listen(host: str, port: int) -> socket.socket:
    # NOTE: asyncio turns Nagle's algorithm off only for sockets that say they are TCP, which those of
    # socket.create_server do not. With it, every answer takes 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere this would share the port with others
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _with_fields(current: Integration, fields: Mapping[str, Any]) -> Settings:
    before = asdict(current.settings)
    body = before | {"tags": list(before["tags"])} | dict(fields)
    body["config"] = before["config"] | dict(fields.get("config", {}))
    return settings_from(current.place, body)


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    options: EmulatorOptions | None = None,
    request_log_path: Path | str | None = None,
) -> None:
    """Run in the foreground, from the main thread, until SIGINT or SIGTERM."""
    stop = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.signal(number, lambda *_: stop.set()) for number in signals}
    try:
        with Emulator(options, host=host, port=port, request_log_path=request_log_path) as emulator:
            print(f"LaunchDarkly emulator listening on {emulator.url}", flush=True)  # noqa: T201 - for people and scripts
            # Waking up now and then lets Python handle signals on every platform.
            while not stop.wait(0.5):
                pass
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
