"""Looking up integrations, status included, and environments. LaunchDarkly is asked each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from ..errors import InvalidId, UnexpectedAnswer
from ..model.diff import Document
from ..model.documents import shown_config
from ..model.fields import KEY_FIELDS
from ..model.ids import IntegrationId, is_id
from ..model.status import BigSegmentStoreStatus, status_of
from ..model.value_rules import shown
from .session import Session


@dataclass(frozen=True)
class GetBigSegmentStoreIntegrationResult:
    """An integration as LaunchDarkly has it.

    :param id: ``project/environment/kind/integrationId``.
    :param project_key: the project's key.
    :param environment_key: the environment's key.
    :param integration_key: the kind of store, ``redis`` or ``dynamodb``.
    :param integration_id: LaunchDarkly's ID, the last part of ``id``.
    :param name: the name that people see.
    :param on: whether LaunchDarkly writes to the store.
    :param tags: the tags.
    :param version: LaunchDarkly's version of the integration.
    :param status: how the store is.
    :param config: every field of the config but the secrets, by Python names; ``None`` from a listing, which
        has no configs.
    """

    id: str
    project_key: str
    environment_key: str
    integration_key: str
    integration_id: str
    name: str
    on: bool
    tags: tuple[str, ...]
    version: int
    status: BigSegmentStoreStatus
    config: Optional[dict[str, Any]] = None


@dataclass(frozen=True)
class GetEnvironmentResult:
    """An environment as LaunchDarkly has it.

    :param project_key: the project's key.
    :param environment_key: the environment's key.
    :param client_side_id: the key prefix that SDKs need to read the environment's big segments; it is no secret.
    """

    project_key: str
    environment_key: str
    client_side_id: str


def find(session: Session, id: str) -> GetBigSegmentStoreIntegrationResult:
    """Looks one integration up."""
    id_ = IntegrationId.parse(id)
    document = read(session, id_)
    return _result(session, document, shown_config(document["config"], id_.integration_key))


def read(session: Session, id_: IntegrationId) -> Document:
    """LaunchDarkly's document of one integration."""
    document = session.client.get(id_, session.deadline())
    _require_documented(f"GET {id_}", document)
    return document


def find_all(
    session: Session, project_key: Optional[str] = None, environment_key: Optional[str] = None
) -> list[GetBigSegmentStoreIntegrationResult]:
    """Lists the account, and picks from it."""
    items = session.client.list_all(session.deadline())
    for item in items:
        _require_documented("GET big segment stores", item)
    picked = [
        each
        for each in (_result(session, item) for item in items)
        if project_key in (None, each.project_key) and environment_key in (None, each.environment_key)
    ]
    return sorted(picked, key=lambda each: each.id)


def environment(session: Session, project_key: str, environment_key: str) -> GetEnvironmentResult:
    """Looks an environment up.

    :raises InvalidId: one of the keys can be none.
    :raises UnexpectedAnswer: also for another environment: SDKs would take its segments without any error.
    """
    for whose, key in (("a project", project_key), ("an environment", environment_key)):
        if not is_id(key):
            raise InvalidId(f"{shown(key)} is not the key of {whose}")
    document = session.client.environment(project_key, environment_key, session.deadline())
    if document.get("key") != environment_key or not is_id(document.get("_id")):
        call = f"GET environment {project_key}/{environment_key}"
        raise UnexpectedAnswer(call, "the response is not this environment as LaunchDarkly documents it")
    return GetEnvironmentResult(project_key, environment_key, document["_id"])


_DOCUMENTED = {**{f.api_name: str for f in KEY_FIELDS}, "_id": str, "name": str, "on": bool, "version": int}
"""The types of what a look-up shows, by API names."""


def _require_documented(call: str, document: Document) -> None:
    tags = document.get("tags") or []
    is_documented = all(type(document.get(name)) is type_ for name, type_ in _DOCUMENTED.items())
    if not is_documented or not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise UnexpectedAnswer(call, "the answer is not an integration as LaunchDarkly documents it")


def _result(
    session: Session, document: Document, config: Optional[dict[str, Any]] = None
) -> GetBigSegmentStoreIntegrationResult:
    id_ = IntegrationId(*[document[name] for name in (*(f.api_name for f in KEY_FIELDS), "_id")])
    return GetBigSegmentStoreIntegrationResult(
        id=str(id_),
        project_key=id_.project_key,
        environment_key=id_.environment_key,
        integration_key=id_.integration_key,
        integration_id=id_.integration_id,
        name=document["name"],
        on=document["on"],
        tags=tuple(document.get("tags") or ()),
        version=document["version"],
        status=status_of(document, session.without_secrets),
        config=config,
    )
