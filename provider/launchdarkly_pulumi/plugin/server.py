"""Pulumi's provider protocol: each call of the engine, handed on to the resource that it is about."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from google.protobuf.empty_pb2 import Empty

from ..core.debug_log import DEBUG_VARIABLE
from ..core.reporter import current_urn
from ..errors import LaunchDarklyError
from .engines import Engine, Engines
from .protocol import grpc, plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from .resources import Changes, DoneInPart, Resource
from .wire import NotAValue, Properties, decoded, encoded

# NOTE: the engine waits until the process serves, and asks for the version first: the rest is loaded meanwhile.
if TYPE_CHECKING:
    from ..model.validation import Failure
    from .account import Account

_log = logging.getLogger(__name__)

Call = TypeVar("Call", bound=Callable[..., Any])

FAULT = "{what}. This is a fault of launchdarkly-pulumi: please report it with the output of " + DEBUG_VARIABLE + "=1"
UNKNOWN_CODE = grpc.StatusCode.UNKNOWN


def _call(method: Call) -> Call:
    """A call of the engine: its messages appear under its resource, and its error is one line."""

    @functools.wraps(method)
    def call(self: Servicer, request: Any, context: Any) -> Any:
        current_urn.set(getattr(request, "urn", ""))
        try:
            return method(self, request, context)
        except DoneInPart as error:
            _abort_in_part(context, error)
        except LaunchDarklyError as error:
            _log.debug("%s", error, exc_info=True)
            context.abort(UNKNOWN_CODE, one_line(error))
        except Exception as error:
            _log.debug("%s", error, exc_info=True)
            context.abort(UNKNOWN_CODE, FAULT.format(what=f"{method.__name__}: {type(error).__name__}"))

    return call  # type: ignore[return-value]


class Servicer(provider_pb2_grpc.ResourceProviderServicer):  # type: ignore[misc]
    """Serves engines. All methods may run at the same time, but for those that configure one engine.

    :param engines: those that call.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    # The plugin.

    @_call
    def Handshake(self, request: Any, context: Any) -> Any:
        """Tells what the plugin understands."""
        self._engines.greet(context.peer(), request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=False, accept_outputs=False)

    @_call
    def Attach(self, request: Any, context: Any) -> Any:
        """Takes the engine that has connected itself, as with ``PULUMI_DEBUG_PROVIDERS``."""
        self._engines.attach(context.peer(), request.address)
        return Empty()

    @_call
    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        """Tells the version."""
        from .version import version

        return plugin_pb2.PluginInfo(version=version())

    @_call
    def GetSchema(self, _request: Any, _context: Any) -> Any:
        """Tells what programs may declare."""
        from .schema import schema
        from .version import version

        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema(version())))

    @_call
    def Cancel(self, _request: Any, context: Any) -> Any:
        """Ends every wait of the engine, whose run is over: nothing more is sent for it."""
        reporter = self._engine(context).reporter
        reporter.cancelled.set()
        reporter.settle()
        return Empty()

    # Settings.

    @_call
    def CheckConfig(self, request: Any, _context: Any) -> Any:
        """Reports every problem of a provider's settings at once."""
        from . import account

        inputs, failures = account.checked(decoded(request.news), request.urn)
        return provider_pb2.CheckResponse(inputs=encoded(inputs), failures=_failures(map(_reason, failures)))

    @_call
    def DiffConfig(self, request: Any, _context: Any) -> Any:
        """Other settings update the provider, and never its resources."""
        differ = decoded(request.olds).values != decoded(request.news).values
        return _diff_response(Changes(differ))

    @_call
    def Configure(self, request: Any, context: Any) -> Any:
        """Takes the settings; those that come later in a run, as of a rotated token, take the place of the first."""
        self._engine(context).configure(decoded(request.args).values, request.urn)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=False)

    # Resources.

    @_call
    def Check(self, request: Any, context: Any) -> Any:
        """Reports every problem of a resource's inputs at once, and completes them."""
        resource = self._resource(request, context)
        try:
            given = decoded(request.news)
        except NotAValue as error:
            return provider_pb2.CheckResponse(inputs=request.news, failures=_failures([str(error)]))
        inputs, failures = resource.check(request.urn, decoded(request.olds), given)
        return provider_pb2.CheckResponse(inputs=encoded(inputs), failures=self._hidden(failures, context))

    @_call
    def Diff(self, request: Any, context: Any) -> Any:
        """Tells what an update would change."""
        outputs, inputs = decoded(request.olds), decoded(request.news)
        resource = self._resource(request, context)
        return _diff_response(resource.diff(request.urn, request.id, outputs, inputs, request.ignoreChanges))

    @_call
    def Create(self, request: Any, context: Any) -> Any:
        """Creates a resource."""
        resource = self._resource(request, context)
        done = resource.create(request.urn, decoded(request.properties), preview=request.preview)
        return provider_pb2.CreateResponse(id=done.id, properties=encoded(done.outputs))

    @_call
    def Read(self, request: Any, context: Any) -> Any:
        """Reads a resource; without an ID in the response it is gone."""
        outputs = decoded(request.properties) if request.properties.fields else None
        # A program that gets a resource, and a refresh, give its inputs too, were there none.
        is_import = outputs is None and not request.HasField("inputs")
        found = self._resource(request, context).read(request.urn, request.id, outputs, is_import=is_import)
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=found.id, properties=encoded(found.outputs), inputs=encoded(found.inputs))

    @_call
    def Update(self, request: Any, context: Any) -> Any:
        """Updates a resource."""
        outputs, inputs = decoded(request.olds), decoded(request.news)
        done = self._resource(request, context).update(
            request.urn, request.id, outputs, inputs, request.ignoreChanges, preview=request.preview
        )
        return provider_pb2.UpdateResponse(properties=encoded(done.outputs))

    @_call
    def Delete(self, request: Any, context: Any) -> Any:
        """Deletes a resource."""
        self._resource(request, context).delete(request.urn, request.id, decoded(request.properties))
        return Empty()

    # Functions.

    @_call
    def Invoke(self, request: Any, context: Any) -> Any:
        """Calls a function."""
        from . import lookups

        if request.tok not in lookups.FUNCTIONS:
            raise LaunchDarklyError(f"there is no function {request.tok}")
        arguments = decoded(request.args).values
        failures = lookups.problems(request.tok, arguments)
        if failures:
            return provider_pb2.InvokeResponse(failures=_failures(map(_reason, failures)))
        found = lookups.call(self._account(context).stores, request.tok, arguments)
        return provider_pb2.InvokeResponse(**{"return": encoded(Properties(found))})

    def _engine(self, context: Any) -> Engine:
        return self._engines.that_calls(context.peer())

    def _account(self, context: Any) -> Account:
        return self._engine(context).account

    def _resource(self, request: Any, context: Any) -> Resource:
        """What does the work for the resource that a request is about. What was said before is shown by then."""
        engine = self._engine(context)
        engine.reporter.settle()
        # An alias of the resource may be in the URN's chain of parents; its own type is the last one.
        token = request.type or request.urn.split("::")[2].rpartition("$")[2]
        resources = engine.account.resources
        if token not in resources:
            raise LaunchDarklyError(f"there is no resource {token}: there are {', '.join(resources)}")
        return resources[token]

    def _hidden(self, failures: Collection[Failure], context: Any) -> list[Any]:
        """The failures without any secret in what they quote. There may be no other call after them."""
        engine = self._engine(context)
        if failures:
            engine.reporter.settle()
        own_words = engine.account.stores.session.own_words
        return _failures(own_words(_reason(each)) for each in failures)


def _failures(reasons: Iterable[str]) -> list[Any]:
    """Failures that name no property apart: the engine would print its value."""
    return [provider_pb2.CheckFailure(property="", reason=reason) for reason in reasons]


def _reason(failure: Failure) -> str:
    return " ".join(filter(None, (failure.property, failure.reason)))


def _diff_response(changes: Changes) -> Any:
    response = provider_pb2.DiffResponse
    details = {}
    for path, kind in changes.details.items():
        name = kind.value + ("_REPLACE" if path in changes.replaces else "")
        details[path] = provider_pb2.PropertyDiff(kind=getattr(provider_pb2.PropertyDiff, name), inputDiff=True)
    return response(
        changes=response.DIFF_SOME if changes.changes else response.DIFF_NONE,
        replaces=changes.replaces,
        diffs=list(details),
        detailedDiff=details,
        hasDetailedDiff=True,
    )


def _abort_in_part(context: Any, error: DoneInPart) -> NoReturn:
    """Fails the call so that the engine keeps the resource: its next update goes on with it."""
    done, reason = error.result, one_line(error)
    details = provider_pb2.ErrorResourceInitFailed(
        id=done.id, properties=encoded(done.outputs), reasons=[reason], inputs=encoded(done.inputs)
    )
    status = status_pb2.Status(code=UNKNOWN_CODE.value[0], message=reason)
    status.details.add().Pack(details)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(UNKNOWN_CODE, reason)
    raise AssertionError("abort has raised")


def one_line(error: Exception) -> str:
    """An error with its advice, in one line and in the plugin's words."""
    from .names import in_words

    return in_words(" ".join(line.strip() for line in str(error).splitlines()))
