"""What IAM documents allow, as far as they alone can tell. Pure.

Permission boundaries, session policies and those of an organization are not in a role's documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Optional

EXTERNAL_ID = "sts:externalid"


def statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a document, which may be one alone."""
    found = document.get("Statement", [])
    return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, Mapping)]


def listed(value: Any) -> list[str]:
    """What may be written as one string or as several."""
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]


def is_allowed(documents: Sequence[Mapping[str, Any]], action: str, resource: str) -> Optional[bool]:
    """Whether documents allow an action on a resource; ``None`` where that depends on conditions."""
    effects = [
        (each.get("Effect"), "Condition" in each)
        for document in documents
        for each in statements(document)
        if _concerns(each, action, resource)
    ]
    if ("Deny", False) in effects:
        return False
    if ("Deny", True) in effects:
        return None
    if ("Allow", False) in effects:
        return True
    return None if ("Allow", True) in effects else False


def _concerns(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    acts = _matches(statement, "Action", action.lower(), lower=True)
    return acts and _matches(statement, "Resource", resource, lower=False)


def _matches(statement: Mapping[str, Any], name: str, value: str, *, lower: bool) -> bool:
    """Whether a value is one of those that a statement names, or none of those that it excepts."""
    excepted = f"Not{name}" in statement
    patterns = listed(statement.get(f"Not{name}" if excepted else name))
    found = any(fnmatchcase(value, _pattern(each.lower() if lower else each)) for each in patterns)
    return found is not excepted


def _pattern(pattern: str) -> str:
    """IAM knows ``*`` and ``?``, and no brackets."""
    return pattern.replace("[", "[[]")


def trusts(document: Mapping[str, Any]) -> Iterator[tuple[list[str], list[str]]]:
    """Who may assume a role, of each statement: AWS principals, and the external IDs that they have to give."""
    for statement in statements(document):
        if statement.get("Effect") == "Allow" and _matches(statement, "Action", "sts:assumerole", lower=True):
            principal = statement.get("Principal", {})
            names = listed(principal.get("AWS")) if isinstance(principal, Mapping) else listed(principal)
            if names:
                yield names, _external_ids(statement.get("Condition", {}))


def account_of(principal: str) -> str:
    """The account of an AWS principal, by its ARN or number; ``*`` is in none."""
    return principal.split(":")[4] if principal.count(":") >= 5 else principal


def _external_ids(condition: Mapping[str, Any]) -> list[str]:
    return [
        value
        for operator, keys in condition.items()
        if operator.lower().startswith("stringequals")
        for key, values in keys.items()
        if key.lower() == EXTERNAL_ID
        for value in listed(values)
    ]
