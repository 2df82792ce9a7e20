"""The plugin's real process, spoken to over gRPC as Pulumi's engine does."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent import futures
from contextlib import contextmanager
from typing import Any, NamedTuple

import grpc
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from launchdarkly_pulumi.plugin.schema import STORE
from launchdarkly_pulumi.plugin.wire import Properties, decoded, encoded
from support.host import CALL_TIMEOUT, Message, _Engine
from support.samples import TOKEN


def urn_of(name: str, type_: str = STORE) -> str:
    """The URN of a resource of the stack ``prod`` of the project ``shop``."""
    return f"urn:pulumi:prod::shop::{type_}::{name}"


PROVIDER = "urn:pulumi:prod::shop::pulumi:providers:launchdarkly-big-segments::default"


class Checked(NamedTuple):
    """What a check has found; the inputs where nothing is wrong with them."""

    inputs: Properties
    failures: list[str]


class SharedPlugin:
    """Starts a process that engines attach themselves to; a context manager that ends it."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory()
        command = ["launchdarkly_pulumi.plugin.main", "--attach"]
        self.process, self.port = _started(command, {"PULUMI_HOME": self._home.name}, stdin=subprocess.PIPE)

    def __enter__(self) -> SharedPlugin:
        return self

    def __exit__(self, *_: object) -> None:
        # Its standard input ends.
        _await_end(self.process)
        self._home.cleanup()


def _started(
    module: list[str], environment: dict[str, str], stdin: int | None = None
) -> tuple[subprocess.Popen[str], int]:
    """Starts a module with its arguments, without this process's own settings; the process and the port it prints."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LAUNCHDARKLY_")}
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        env=inherited | environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def _await_end(process: subprocess.Popen[str]) -> None:
    """Awaits the end of a process, whose input ends now.

    :raises subprocess.TimeoutExpired: it did not end, and was killed.
    """
    try:
        process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise


class Plugin:
    """Starts the process and makes its calls; a context manager that ends it.

    :param environment: variables on top of this process's own.
    :param shared: a process that it attaches itself to, instead of starting one.
    :param settings: the provider's, by their names; it is not configured without any.
    """

    def __init__(
        self, environment: dict[str, str] | None = None, shared: SharedPlugin | None = None, **settings: Any
    ) -> None:
        self._engine = _Engine()
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        engine_pb2_grpc.add_EngineServicer_to_server(self._engine, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        self._home = tempfile.TemporaryDirectory()
        self._is_shared = shared is not None
        if shared:
            port = shared.port
        else:
            variables = {"PULUMI_HOME": self._home.name} | (environment or {})
            self.process, port = _started(["launchdarkly_pulumi", self.address], variables)
        # Each engine has a connection of its own.
        options = [("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options)
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        if shared:
            self.attach()
        if settings:
            self.configure(**settings)

    def __enter__(self) -> Plugin:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._server.stop(None).wait()
        if not self._is_shared:
            # It ends once its engine is gone, and leaves its coverage behind.
            _await_end(self.process)
        self._home.cleanup()

    @property
    def messages(self) -> list[Message]:
        """What the plugin showed so far."""
        return list(self._engine.messages)

    @contextmanager
    def busy_engine(self) -> Iterator[None]:
        """The engine takes no message meanwhile."""
        self._engine.takes_messages.clear()
        try:
            yield
        finally:
            self._engine.takes_messages.set()

    def end_engine(self) -> None:
        """The engine is gone, as when it was killed."""
        self._server.stop(None).wait()

    def attach(self) -> None:
        """What an engine does whose provider is there already."""
        self.stub.Handshake(
            provider_pb2.ProviderHandshakeRequest(engine_address=self.address),
            timeout=CALL_TIMEOUT,
            wait_for_ready=True,
        )
        self.stub.Attach(plugin_pb2.PluginAttach(address=self.address), timeout=CALL_TIMEOUT)

    def configure(self, **settings: Any) -> None:
        """Configures the provider."""
        self.stub.Configure(provider_pb2.ConfigureRequest(args=_struct(settings)), timeout=CALL_TIMEOUT)

    def check_config(self, urn: str = PROVIDER, **settings: Any) -> Checked:
        """The checked settings, and the reason of each failure."""
        response = self.stub.CheckConfig(
            provider_pb2.CheckRequest(urn=urn, news=_struct(settings)), timeout=CALL_TIMEOUT
        )
        return _checked(response)

    def check(self, inputs: Any, olds: Any = None, urn: str = "") -> Checked:
        """The checked inputs, and the reason of each failure; none names its property apart."""
        request = provider_pb2.CheckRequest(urn=urn or urn_of("store"), olds=_struct(olds or {}), news=_struct(inputs))
        return _checked(self.stub.Check(request, timeout=CALL_TIMEOUT))

    def diff(self, id_: str, olds: Any, news: Any, ignored: Sequence[str] = (), urn: str = "") -> Any:
        """The engine's ``DiffResponse``."""
        request = provider_pb2.DiffRequest(
            urn=urn or urn_of("store"), id=id_, olds=_struct(olds), news=_struct(news), ignoreChanges=ignored
        )
        return self.stub.Diff(request, timeout=CALL_TIMEOUT)

    def create(self, inputs: Any, urn: str = "", *, preview: bool = False) -> tuple[str, Properties]:
        """The new ID and the outputs."""
        request = provider_pb2.CreateRequest(urn=urn or urn_of("store"), properties=_struct(inputs), preview=preview)
        response = self.stub.Create(request, timeout=CALL_TIMEOUT)
        return response.id, decoded(response.properties)

    def read(self, id_: str, props: Any = None, urn: str = "") -> tuple[str, Properties, Properties]:
        """The ID (empty when it is gone), the outputs and the inputs; without properties as an import does."""
        request = provider_pb2.ReadRequest(urn=urn or urn_of("store"), id=id_, properties=_struct(props or {}))
        response = self.stub.Read(request, timeout=CALL_TIMEOUT)
        return response.id, decoded(response.properties), decoded(response.inputs)

    def get(self, id_: str, urn: str) -> str:
        """Reads it as for a program that only gets it; the ID."""
        request = provider_pb2.ReadRequest(urn=urn, id=id_, properties=_struct({}), inputs=_struct({}))
        return str(self.stub.Read(request, timeout=CALL_TIMEOUT).id)

    def update(
        self, id_: str, olds: Any, news: Any, ignored: Sequence[str] = (), urn: str = "", *, preview: bool = False
    ) -> Properties:
        """The outputs."""
        request = provider_pb2.UpdateRequest(
            urn=urn or urn_of("store"),
            id=id_,
            olds=_struct(olds),
            news=_struct(news),
            ignoreChanges=ignored,
            preview=preview,
        )
        return decoded(self.stub.Update(request, timeout=CALL_TIMEOUT).properties)

    def delete(self, id_: str, props: Any, urn: str = "") -> None:
        """Deletes."""
        request = provider_pb2.DeleteRequest(urn=urn or urn_of("store"), id=id_, properties=_struct(props))
        self.stub.Delete(request, timeout=CALL_TIMEOUT)

    def invoke(self, token: str, **arguments: Any) -> tuple[dict[str, Any], list[str]]:
        """What a function returns, and the reason of each failure."""
        response = self.stub.Invoke(
            provider_pb2.InvokeRequest(tok=token, args=_struct(arguments)), timeout=CALL_TIMEOUT
        )
        return dict(decoded(getattr(response, "return")).values), [each.reason for each in response.failures]

    def cancel(self) -> None:
        """What the engine asks for after a Ctrl-C."""
        self.stub.Cancel(empty_pb2.Empty(), timeout=CALL_TIMEOUT)


def plugin_for(
    api_host: str, environment: dict[str, str] | None = None, shared: SharedPlugin | None = None, **settings: Any
) -> Plugin:
    """A plugin that is configured for an API, with further settings."""
    return Plugin(environment, shared, **{"accessToken": TOKEN, "apiHost": api_host} | settings)


def kept_in_part(call: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed:
    """What the engine keeps of a resource whose call has failed."""
    metadata: Any = call.trailing_metadata()
    [packed] = status_pb2.Status.FromString(dict(metadata)["grpc-status-details-bin"]).details
    failed = provider_pb2.ErrorResourceInitFailed()
    assert packed.Unpack(failed)
    return failed


def _checked(response: Any) -> Checked:
    assert {failure.property for failure in response.failures} <= {""}
    reasons = [failure.reason for failure in response.failures]
    return Checked(Properties({}) if reasons else decoded(response.inputs), reasons)


def _struct(values: Any) -> Struct:
    return encoded(values if isinstance(values, Properties) else Properties(values))
