"""The two doors of the provider: the dynamic resource's process and the plugin's, called alike.

A behaviour that both have is one test, which says what it declares and what it sees in the words of Python programs. A
:class:`Door` knows the other words, and how a store is adopted through it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from pulumi.runtime.proto import provider_pb2

from launchdarkly_pulumi.dynamic.hidden_inputs import ADOPTED
from launchdarkly_pulumi.model.fields import CONFIG_FIELDS, INTEGRATION_FIELDS
from launchdarkly_pulumi.plugin.names import PACKAGE
from launchdarkly_pulumi.plugin.wire import Properties
from support import host, plugin, sdk
from support.host import Host, Message
from support.plugin import Plugin
from support.samples import TOKEN

Props = dict[str, Any]

CONFIG = "config"
NO_CHANGES = provider_pb2.DiffResponse.DIFF_NONE
API_NAMES = {f.name: f.api_name for f in INTEGRATION_FIELDS} | {"integration_id": "integrationId"}
PYTHON_NAMES = {api: name for name, api in API_NAMES.items()}


class Process(Protocol):
    """The process of a door; the end of ``with`` is its end. Without a URN a call is about the resource ``store``."""

    def __enter__(self) -> Process: ...

    def __exit__(self, *of_the_exception: object) -> None: ...

    @property
    def messages(self) -> list[Message]:
        """What it showed so far."""

    def kill(self) -> None:
        """Ends it at once, as the kernel does when memory runs out."""

    def end_engine(self) -> None:
        """The engine is gone, as when it was killed; the process and its calls go on."""

    def cancel(self) -> None:
        """What the engine asks for after a Ctrl-C."""

    def check(self, inputs: Props, olds: Props | None = None, urn: str = ...) -> tuple[Props, list[str]]:
        """The checked inputs, and the reason of each failure."""

    def diff(self, id_: str, olds: Props, news: Props, urn: str = ...) -> Any:
        """The engine's ``DiffResponse``."""

    def create(self, inputs: Props, urn: str = ...) -> tuple[str, Props]:
        """The new ID and the outputs."""

    def read(self, id_: str, props: Props, urn: str = ...) -> tuple[str, Props, Props]:
        """The ID (empty when it is gone), the outputs and the inputs."""

    def update(self, id_: str, olds: Props, news: Props, urn: str = ...) -> Props:
        """The outputs."""

    def delete(self, id_: str, props: Props, urn: str = ...) -> None:
        """Deletes."""

    def plan_adoption(self, inputs: Props, id_: str, urn: str) -> Props:
        """Plans to adopt a store, as a preview does; the inputs with which an update would adopt it."""

    def adopt(self, inputs: Props, id_: str, urn: str) -> str:
        """Adopts a store as planned; its ID."""


class DynamicProcess(Host):
    """The dynamic resource's host."""

    def __enter__(self) -> DynamicProcess:
        return self

    def kill(self) -> None:
        """Ends it at once."""
        self._process.kill()
        self._process.wait()

    def plan_adoption(self, inputs: Props, id_: str, urn: str) -> Props:
        """``import_`` is in the inputs, and the check looks at the store."""
        checked, failures = self.check({**inputs, ADOPTED: id_}, urn=urn)
        assert failures == []
        return checked

    def adopt(self, inputs: Props, id_: str, urn: str) -> str:  # noqa: ARG002 - the ID is in the inputs
        """Creates the resource without a POST."""
        return self.create(inputs, urn)[0]


class PluginProcess:
    """The plugin, in the words of Python programs."""

    def __init__(self, process: Plugin) -> None:
        self._plugin = process

    def __enter__(self) -> PluginProcess:
        return self

    def __exit__(self, *of_the_exception: object) -> None:
        self._plugin.__exit__(*of_the_exception)

    @property
    def messages(self) -> list[Message]:
        """What it showed so far."""
        return self._plugin.messages

    def kill(self) -> None:
        """Ends it at once."""
        self._plugin.process.kill()
        self._plugin.process.wait()

    def end_engine(self) -> None:
        """The engine is gone."""
        self._plugin.end_engine()

    def cancel(self) -> None:
        """Ends what is under way."""
        self._plugin.cancel()

    def check(self, inputs: Props, olds: Props | None = None, urn: str = "") -> tuple[Props, list[str]]:
        """The checked inputs, and the reason of each failure."""
        checked = self._plugin.check(in_plugin(inputs), in_plugin(olds or {}), urn)
        return in_python(checked.inputs), checked.failures

    def diff(self, id_: str, olds: Props, news: Props, urn: str = "") -> Any:
        """The engine's ``DiffResponse``."""
        return self._plugin.diff(id_, in_plugin(olds), in_plugin(news), urn=urn)

    def create(self, inputs: Props, urn: str = "") -> tuple[str, Props]:
        """The new ID and the outputs."""
        id_, outputs = self._plugin.create(in_plugin(inputs), urn)
        return id_, in_python(outputs)

    def read(self, id_: str, props: Props, urn: str = "") -> tuple[str, Props, Props]:
        """The ID, the outputs and the inputs."""
        found, outputs, inputs = self._plugin.read(id_, in_plugin(props), urn)
        return found, in_python(outputs), in_python(inputs)

    def update(self, id_: str, olds: Props, news: Props, urn: str = "") -> Props:
        """The outputs."""
        return in_python(self._plugin.update(id_, in_plugin(olds), in_plugin(news), urn=urn))

    def delete(self, id_: str, props: Props, urn: str = "") -> None:
        """Deletes."""
        self._plugin.delete(id_, in_plugin(props), urn)

    def plan_adoption(self, inputs: Props, id_: str, urn: str) -> Props:
        """The engine's ``import`` option: it reads the store, and checks the resource."""
        self.read(id_, {}, urn)
        checked, failures = self.check(inputs, urn=urn)
        assert failures == []
        return checked

    def adopt(self, inputs: Props, id_: str, urn: str) -> str:
        """The engine compares the two, and keeps what was read if nothing is different."""
        _, outputs, _ = self.read(id_, {}, urn)
        checked, _ = self.check(inputs, urn=urn)
        assert self.diff(id_, outputs, checked, urn).changes == NO_CHANGES
        return id_


@dataclass(frozen=True)
class Door:
    """One of the two.

    :param prefix: what stands before the words of an error.
    """

    name: str
    prefix: str

    def __str__(self) -> str:
        return self.name

    def open(self, api_host: str, environment: dict[str, str] | None = None, **settings: str) -> Process:
        """A process that is configured for an API, with further settings."""
        given: dict[str, Any] = {"accessToken": TOKEN, "apiHost": api_host} | settings
        if self is PLUGIN:
            return PluginProcess(Plugin(environment, **given))
        return DynamicProcess({f"launchdarkly:{name}": value for name, value in given.items()}, environment)

    def urn(self, name: str) -> str:
        """The URN of a store of the stack ``prod`` of the project ``shop``."""
        return plugin.urn_of(name) if self is PLUGIN else host.urn_of(name)

    def field(self, name: str) -> str:
        """How messages name a field, the place in a list included."""
        inner = name.partition(".")[2]
        if self is not PLUGIN:
            return name
        if not inner:
            return API_NAMES.get(name, name)
        kind, api = next(
            (kind, f.api_name) for kind, fields in CONFIG_FIELDS.items() for f in fields if f.name == inner
        )
        return f"{CONFIG}.{kind}.{api}"

    def setting(self, name: str) -> str:
        """How messages name a setting of the stack."""
        return f"{PACKAGE if self is PLUGIN else 'launchdarkly'}:{name}"


DYNAMIC = Door("dynamic", sdk.ERROR)
PLUGIN = Door("plugin", "")
DOORS = (DYNAMIC, PLUGIN)


def cases(name: str, values: Mapping[str, Any], plugin: Collection[str]) -> pytest.MarkDecorator:
    """Each value with the dynamic resource, and some of them with the plugin, which shares what tells them apart.

    :param values: by the IDs of the tests.
    :param plugin: the IDs of those for the plugin.
    """
    chosen = {DYNAMIC: values, PLUGIN: {id_: values[id_] for id_ in plugin}}
    pairs = [(door, value, f"{door}-{id_}") for door, some in chosen.items() for id_, value in some.items()]
    return pytest.mark.parametrize(("door", name), [pytest.param(door, value, id=id_) for door, value, id_ in pairs])


def in_plugin(props: Mapping[str, Any]) -> Properties:
    """Properties of a Python program in the plugin's names; the password is marked, as a check does."""
    values = {API_NAMES.get(name, name): value for name, value in props.items()}
    config, secret = props.get(CONFIG), set[tuple[str, ...]]()
    if isinstance(config, Mapping):
        kind = "dynamodb" if "table_name" in config else "redis"
        names = {f.name: f.api_name for f in CONFIG_FIELDS[kind]}
        values[CONFIG] = {kind: {names.get(name, name): value for name, value in config.items()}}
        secret = {(CONFIG, kind, f.api_name) for f in CONFIG_FIELDS[kind] if f.secret and f.name in config}
    return Properties(values, frozenset(secret))


def in_python(properties: Properties) -> Props:
    """The plugin's properties in the names of Python programs."""
    values = {PYTHON_NAMES.get(name, name): value for name, value in properties.values.items()}
    for kind, config in values.get(CONFIG, {}).items():
        names = {f.api_name: f.name for f in CONFIG_FIELDS[kind]}
        values[CONFIG] = {names[name]: value for name, value in config.items()}
    return values
