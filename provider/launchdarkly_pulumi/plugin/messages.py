"""Talking to Pulumi's engine from the plugin's process: messages under their resource, and whether it is there."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from ..core.reporter import CallReporter, current_urn
from ..dynamic.engine import is_there
from .protocol import engine_pb2, engine_pb2_grpc, grpc


class EngineReporter(CallReporter):
    """Shows messages in the output of ``pulumi``; on stderr while there is no engine.

    :param address: the engine's gRPC address, ``host:port``; empty until it attaches itself.

    ``address`` is where the engine listens. ``cancelled`` is set when it cancels the run, and ``ended`` when it is
    gone: one that was killed does not end its plugins.
    """

    def __init__(self, address: str = "") -> None:
        super().__init__()
        self.ended = threading.Event()
        self.address = ""
        self._channel: Any = None
        self._engine: Any = None
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="launchdarkly-messages")
        self._unsettled: set[Future[bool]] = set()
        if address:
            self.attach(address)

    def attach(self, address: str) -> None:
        """Takes the engine at another address from now on."""
        channel = grpc.insecure_channel(address)
        with self._lock:
            self.address, self._channel, self._engine = address, channel, engine_pb2_grpc.EngineStub(channel)
        channel.subscribe(self._notice, try_to_connect=True)

    def end(self, *_: object) -> None:
        """The run is over, whatever is under way."""
        self.cancelled.set()
        self.ended.set()

    def let_go(self) -> object:
        """Looks no longer whether the engine is there: a thread does so as long as somebody subscribes.

        :returns: the channel to the engine: that thread notices after a moment, and needs it until then.
        """
        for subscriber in (self._notice, _nothing):
            self._channel.unsubscribe(subscriber)
        return self._channel

    def _notice(self, state: grpc.ChannelConnectivity) -> None:
        """What becomes of the connection. One that is lost is idle; an engine that is gone refuses the next."""
        if state is grpc.ChannelConnectivity.IDLE and not self.ended.is_set():
            self._channel.unsubscribe(_nothing)
            self._channel.subscribe(_nothing, try_to_connect=True)
        elif state in (grpc.ChannelConnectivity.TRANSIENT_FAILURE, grpc.ChannelConnectivity.SHUTDOWN):
            self.end()

    def is_heard(self) -> bool:
        """Whether the engine is there."""
        return self._engine is None or is_there(self._engine, engine_pb2.GetRootResourceRequest())

    def warn_of_resource(self, text: str) -> None:
        """Shows a warning once a run for each resource, in its diagnostics; does not wait until it is shown.

        The engine checks one resource after the other, and each check would take twice as long.
        """
        place = current_urn.get()
        if self._is_news(place, text):
            sent = self._sender.submit(self._log, "WARNING", text, place)
            with self._lock:
                self._unsettled.add(sent)

    def settle(self) -> None:
        """Waits until the engine has every warning so far."""
        with self._lock:
            unsettled = set(self._unsettled)
        wait(unsettled)
        with self._lock:
            self._unsettled -= unsettled

    def progress(self, text: str, urn: str = "") -> None:
        """A status line of a resource, which the next one takes the place of; of the stack without a ``urn``."""
        self._log("INFO", text, urn, ephemeral=True)

    def _log(self, severity: str, text: str, urn: str = "", *, ephemeral: bool = False) -> bool:
        from .names import in_words

        text = in_words(text)
        try:
            if self._engine is not None:
                level = getattr(engine_pb2, severity)
                self._engine.Log(engine_pb2.LogRequest(severity=level, message=text, urn=urn, ephemeral=ephemeral))
                return True
        except grpc.RpcError:
            # A message that cannot be shown must not fail an operation that has succeeded.
            pass
        sys.stderr.write(f"{severity.lower()}: {text}\n")
        return self._engine is None


def _nothing(_state: grpc.ChannelConnectivity) -> None:
    """Who subscribes, asks for a connection; there is no other way to ask for one."""
