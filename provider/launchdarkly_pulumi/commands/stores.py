"""What ``export`` declares: existing integrations, made from LaunchDarkly's documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Optional

from ..api.redaction import Redactor
from ..model import validation
from ..model.documents import declared_by
from ..model.fields import CONFIG_FIELDS, KEY_FIELDS
from ..model.ids import IntegrationId


@dataclass(frozen=True)
class Store:
    """An integration to adopt.

    :param id: its ID, for ``import_``.
    :param inputs: the inputs that declare it, without secrets.
    :param secrets: the names of the config's fields with a secret, which only its owner knows.
    """

    id: IntegrationId
    inputs: Mapping[str, Any]
    secrets: tuple[str, ...] = ()


class Found:
    """What was found to export, and what people should know about it.

    :param project: only integrations of this project count.
    :param environment: only those of environments with this key.
    :param managed: the resources that manage integrations already, by the integrations' IDs.
    """

    def __init__(
        self,
        project: Optional[str] = None,
        environment: Optional[str] = None,
        managed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.stores: dict[str, Store] = {}
        self.managed: dict[str, str] = {}
        self.place = (project, environment)
        self._all_managed = managed
        self._redactor = Redactor()
        self._left_out: list[str] = []
        self._remarks: list[str] = []

    def wants(self, id_: IntegrationId) -> bool:
        """Whether an integration is to be exported."""
        own = (id_.project_key, id_.environment_key)
        in_place = all(asked in (None, key) for asked, key in zip(self.place, own, strict=True))
        return in_place and self.is_free(str(id_))

    def is_free(self, id_: str) -> bool:
        """Whether no resource manages an integration; ``managed`` remembers one that is managed."""
        if id_ in self._all_managed:
            self.managed[id_] = self._all_managed[id_]
        return id_ not in self.managed

    def add(self, id_: IntegrationId, document: Mapping[str, Any]) -> None:
        """Adds an integration, unless the provider would refuse its inputs: then the whole program could not run.

        :param document: LaunchDarkly's document, with its config; secrets masked or not.
        """
        fields, config = CONFIG_FIELDS[id_.integration_key], document["config"]
        secrets = {f.name: config[f.api_name] for f in fields if f.secret and config.get(f.api_name)}
        self._redactor.learn(str(secret) for secret in secrets.values())
        if not isinstance(document.get("tags") or [], list):
            self.leave_out(f"{id_}: its tags are not a list")
            return
        checked = validation.check(declared_by({**document, **_keys(id_)}))
        inputs = dict(checked.desired.values)
        failures = {failure.property: failure.reason for failure in checked.failures}
        if "name" in failures:
            # The only field that stays as it is when it is not declared.
            self._remarks.append(f"{id_}: its name is not declared, and stays as it is: it {failures.pop('name')}")
            del inputs["name"]
        if failures:
            self.leave_out(f"{id_}: {'; '.join(f'{name} {reason}' for name, reason in failures.items())}")
        elif str(id_) in self.stores:
            self.leave_out(f"{id_}: it occurs more than once")
        else:
            self.stores[str(id_)] = Store(id_, inputs, tuple(secrets))
            unknown = len(config.keys() - {f.api_name for f in fields})
            if unknown:
                self._remarks.append(f"{id_}: {unknown} unknown field(s) of its config are not declared")

    def leave_out(self, why: str) -> None:
        """Notes that something cannot be declared, for a person to look at."""
        self._left_out.append(why)

    @property
    def left_out(self) -> list[str]:
        """What cannot be declared, in lines that hold no secret."""
        return [self._redactor.own_line(line) for line in self._left_out]

    @property
    def remarks(self) -> list[str]:
        """What is declared otherwise than LaunchDarkly has it, in lines that hold no secret."""
        return [self._redactor.own_line(line) for line in self._remarks]


def _keys(id_: IntegrationId) -> dict[str, str]:
    return {f.api_name: key for f, key in zip(KEY_FIELDS, id_.segments, strict=False)}
