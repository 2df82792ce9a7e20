"""Talking to Pulumi's engine from the plugin's process: messages under their resource, and whether it is there."""

from __future__ import annotations

import sys
import threading
from contextvars import ContextVar
from typing import Any

import grpc

from .protocol import engine_pb2, engine_pb2_grpc

current_urn: ContextVar[str] = ContextVar("current_urn", default="")
"""The resource that the engine's call in this thread is about: messages appear under it."""


class EngineReporter:
    """Shows messages in the output of ``pulumi``; on stderr while there is no engine.

    :param address: the engine's gRPC address, ``host:port``; empty until it attaches itself.

    ``cancelled`` is set when the engine cancels the run, and ``ended`` when it is gone: one that was killed does not
    end its plugins.
    """

    def __init__(self, address: str = "") -> None:
        self.cancelled = threading.Event()
        self.ended = threading.Event()
        self._channel: Any = None
        self._engine: Any = None
        self._said: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        if address:
            self.attach(address)

    def attach(self, address: str) -> None:
        """Takes the engine at another address from now on."""
        channel = grpc.insecure_channel(address)
        with self._lock:
            self._channel, self._engine = channel, engine_pb2_grpc.EngineStub(channel)
        channel.subscribe(self._notice, try_to_connect=True)

    def end(self, *_: object) -> None:
        """The run is over, whatever is under way."""
        self.cancelled.set()
        self.ended.set()

    def _notice(self, state: grpc.ChannelConnectivity) -> None:
        """What becomes of the connection. One that is lost is idle; an engine that is gone refuses the next."""
        if state is grpc.ChannelConnectivity.IDLE and not self.ended.is_set():
            self._channel.unsubscribe(_nothing)
            self._channel.subscribe(_nothing, try_to_connect=True)
        elif state in (grpc.ChannelConnectivity.TRANSIENT_FAILURE, grpc.ChannelConnectivity.SHUTDOWN):
            self.end()

    def info(self, text: str) -> None:
        """A line of the diagnostics, under the resource that the call is about."""
        self._log("INFO", text, current_urn.get())

    def warn_of_resource(self, text: str) -> None:
        """A warning that is given once a run for each resource, under it."""
        place = current_urn.get()
        if self._is_news(place, text):
            self._log("WARNING", text, place)

    def warn_once(self, text: str, about: str = "") -> None:
        """A warning that is given once a run, under the resource that the call is about.

        :param about: what it is about where it concerns the whole run: it is given once for that, under the stack.
        """
        if self._is_news("", about or text):
            self._log("WARNING", text, "" if about else current_urn.get())

    def _is_news(self, place: str, text: str) -> bool:
        with self._lock:
            is_news = (place, text) not in self._said
            self._said.add((place, text))
            return is_news

    def progress(self, text: str, urn: str = "") -> None:
        """A status line of a resource, which the next one takes the place of; of the stack without a ``urn``."""
        self._log("INFO", text, urn, ephemeral=True)

    def _log(self, severity: str, text: str, urn: str, *, ephemeral: bool = False) -> None:
        from .names import in_words

        text = in_words(text)
        try:
            if self._engine is not None:
                level = getattr(engine_pb2, severity)
                self._engine.Log(engine_pb2.LogRequest(severity=level, message=text, urn=urn, ephemeral=ephemeral))
                return
        except grpc.RpcError:
            # A message that cannot be shown must not fail an operation that has succeeded.
            pass
        sys.stderr.write(f"{severity.lower()}: {text}\n")


def _nothing(_state: grpc.ChannelConnectivity) -> None:
    """Who subscribes, asks for a connection; there is no other way to ask for one."""
