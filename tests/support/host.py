"""The real ``python -m pulumi.dynamic`` process, spoken to over gRPC as Pulumi's engine does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent import futures
from typing import Any, NamedTuple

import grpc
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct, Value
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from launchdarkly_pulumi.provider import BigSegmentStoreProvider
from support.samples import TOKEN

CALL_TIMEOUT = 60


def urn_of(name: str) -> str:
    """The URN of a store of the stack ``prod`` of the project ``shop``."""
    return f"urn:pulumi:prod::shop::pulumi-python:dynamic/launchdarkly:BigSegmentStoreIntegration::{name}"


STORE = urn_of("store")
"""The resource that a call is about, where a test names no other one."""


class Message(NamedTuple):
    """A message that the provider showed.

    :param urn: the resource that it is about; empty for the stack.
    :param ephemeral: whether it is a status line, which the next one takes the place of.
    """

    severity: str
    text: str
    urn: str = ""
    ephemeral: bool = False


class _Engine(engine_pb2_grpc.EngineServicer):
    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.takes_messages = threading.Event()
        self.takes_messages.set()

    def Log(self, request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        self.takes_messages.wait(CALL_TIMEOUT)
        severity = engine_pb2.LogSeverity.Name(request.severity)
        self.messages.append(Message(severity, request.message, request.urn, request.ephemeral))
        return empty_pb2.Empty()

    def GetRootResource(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        return engine_pb2.GetRootResourceResponse()


class Host:
    """Starts the process, configures it, and makes its calls; a context manager that ends it.

    :param config: the stack's configuration, ``{"launchdarkly:accessToken": ...}``.
    :param environment: variables on top of this process's own.
    """

    def __init__(self, config: dict[str, Any] | None = None, environment: dict[str, str] | None = None) -> None:
        self._engine = _Engine()
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        engine_pb2_grpc.add_EngineServicer_to_server(self._engine, self._server)
        address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("LAUNCHDARKLY_")}
        self._home = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.dynamic", address],
            env=inherited | {"PULUMI_HOME": self._home.name} | (environment or {}),
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        # The engine takes long messages too.
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.max_receive_message_length", -1)])
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._stub.Configure(provider_pb2.ConfigureRequest(args=_struct(config or {})), timeout=CALL_TIMEOUT)
        self._provider = {"__provider": serialize_provider(BigSegmentStoreProvider())}

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        # The signal that the process ends at by itself, so that it leaves its coverage behind.
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            # gRPC's threads may keep an interpreter from ending; the engine kills the process as well.
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._server.stop(None).wait()
        self._home.cleanup()

    @property
    def messages(self) -> list[Message]:
        """What the provider showed so far."""
        return list(self._engine.messages)

    def check(
        self, inputs: dict[str, Any], olds: dict[str, Any] | None = None, urn: str = STORE
    ) -> tuple[dict[str, Any], list[str]]:
        """The checked inputs, and the reason of each failure; a new resource has no old inputs at all.

        None names its property apart: the engine would print that property's value, secret or not.
        """
        request = provider_pb2.CheckRequest(urn=urn, olds=self._props(olds) if olds else None, news=self._props(inputs))
        answer = self._stub.Check(request, timeout=CALL_TIMEOUT)
        assert {failure.property for failure in answer.failures} <= {""}
        return _plain(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any], urn: str = STORE) -> Any:
        """The engine's ``DiffResponse``."""
        request = provider_pb2.DiffRequest(urn=urn, id=id_, olds=self._props(olds), news=self._props(news))
        return self._stub.Diff(request, timeout=CALL_TIMEOUT)

    def create(self, inputs: dict[str, Any], urn: str = STORE) -> tuple[str, dict[str, Any]]:
        """The new ID and the outputs."""
        request = provider_pb2.CreateRequest(urn=urn, properties=self._props(inputs))
        answer = self._stub.Create(request, timeout=CALL_TIMEOUT)
        return answer.id, _plain(answer.properties)

    def read(self, id_: str, props: dict[str, Any], urn: str = STORE) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """The ID (empty when it is gone), the outputs and the inputs."""
        request = provider_pb2.ReadRequest(urn=urn, id=id_, properties=self._props(props))
        answer = self._stub.Read(request, timeout=CALL_TIMEOUT)
        return answer.id, _plain(answer.properties), _plain(answer.inputs)

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any], urn: str = STORE) -> dict[str, Any]:
        """The outputs."""
        request = provider_pb2.UpdateRequest(urn=urn, id=id_, olds=self._props(olds), news=self._props(news))
        return _plain(self._stub.Update(request, timeout=CALL_TIMEOUT).properties)

    def get(self, id_: str, urn: str = STORE) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """As ``Resource.get`` reads: nothing is known but the ID."""
        request = provider_pb2.ReadRequest(urn=urn, id=id_, inputs=self._props({}))
        answer = self._stub.Read(request, timeout=CALL_TIMEOUT)
        return answer.id, _plain(answer.properties), _plain(answer.inputs)

    def delete(self, id_: str, props: dict[str, Any], urn: str = STORE) -> None:
        """Deletes."""
        request = provider_pb2.DeleteRequest(urn=urn, id=id_, properties=self._props(props))
        self._stub.Delete(request, timeout=CALL_TIMEOUT)

    def cancel(self) -> None:
        """What the engine asks for after a Ctrl-C; it then waits for the calls that are under way."""
        self._stub.Cancel(empty_pb2.Empty(), timeout=CALL_TIMEOUT)

    def end_engine(self) -> None:
        """The engine is gone, as when it was killed."""
        self._server.stop(None).wait()

    def _props(self, props: dict[str, Any]) -> Struct:
        # Properties may name the provider of another kind of resources.
        return _struct(self._provider | props)


def host_for(api_host: str, environment: dict[str, str] | None = None, **settings: str) -> Host:
    """A host whose stack is configured for an API, with further settings of the ``launchdarkly`` namespace."""
    config = {"accessToken": TOKEN, "apiHost": api_host} | settings
    return Host({f"launchdarkly:{name}": value for name, value in config.items()}, environment)


def error_of(call: grpc.RpcError) -> str:
    """What the engine would show of a failed call."""
    return str(call.details()).strip()


def _struct(values: dict[str, Any]) -> Struct:
    struct = Struct()
    struct.update(values)
    return struct


def _plain(struct: Struct) -> dict[str, Any]:
    return {key: _plain_value(value) for key, value in struct.fields.items() if key != "__provider"}


def _plain_value(value: Value) -> Any:
    # Not by protobuf's own means: they refuse NaN, which comes over the wire as well as any number.
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _plain(value.struct_value)
    if kind == "list_value":
        return [_plain_value(inner) for inner in value.list_value.values]
    return None if kind == "null_value" else getattr(value, str(kind))
