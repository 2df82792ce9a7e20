"""The text of a Pulumi program that adopts stores, for `export`.

It is built as a syntax tree, so that a value can only become a literal, whatever it contains.
"""

from __future__ import annotations

import ast
import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ..model.fields import CONFIG_FIELDS, EDITABLE_FIELDS, KEY_FIELDS, STORE_KINDS
from .stores import Store

HEADER = '''\
"""The big segment stores of a LaunchDarkly account, adopted as they were found.

A store with a password gets one PATCH, which sets it: LaunchDarkly shows only a mask of it.

A store that another stack manages must not be adopted again: each stack would revert the
other's changes, and one that deletes the store would delete it for both.
"""
'''
MANAGED = "\n# Managed already, and left out:\n"
IMPORTS = """
import launchdarkly_pulumi as launchdarkly
import pulumi
"""
CONFIGURED = "\nconfig = pulumi.Config()\n"


def names_of(stores: Iterable[Store]) -> dict[str, Store]:
    """The stores by the names of their resources: project, environment and name, in ASCII.

    Where several would have the same name, all but the first get LaunchDarkly's ID too.
    """
    named: dict[str, Store] = {}
    for store in sorted(stores, key=lambda each: str(each.id)):
        id_ = store.id
        own = _slug(store.inputs.get("name", "")) or id_.integration_key
        first = "-".join([_slug(id_.project_key), _slug(id_.environment_key), own])
        with_id = f"{first}-{_slug(id_.integration_id)}"
        candidates = itertools.chain((first, with_id), (f"{with_id}-{number}" for number in itertools.count(2)))
        named[next(name for name in candidates if name not in named)] = store
    return named


def config_keys(name: str, store: Store) -> dict[str, str]:
    """The key in the stack's configuration for each secret of a store."""
    return {secret: f"{name}-{secret.replace('_', '-')}" for secret in store.secrets}


def program_of(named: Mapping[str, Store], managed: Mapping[str, str] = MappingProxyType({})) -> str:
    """The program, formatted.

    :param managed: the resources of stores that are left out, by the stores' IDs; a comment lists them.
    """
    import black

    comment = MANAGED + "".join(f"#   {id_}: {resource}\n" for id_, resource in managed.items()) if managed else ""
    configured = CONFIGURED if any(store.secrets for store in named.values()) else ""
    resources = [ast.unparse(ast.fix_missing_locations(_resource(name, store))) for name, store in named.items()]
    return (
        HEADER
        + comment
        + IMPORTS
        + configured
        + "".join("\n" + black.format_str(each, mode=black.Mode()) for each in resources)
    )


def _resource(name: str, store: Store) -> ast.Expr:
    inputs = store.inputs
    places = [f.name for f in KEY_FIELDS if f.name != "integration_key"]
    arguments: dict[str, ast.expr] = {place: ast.Constant(inputs[place]) for place in places}
    arguments["config"] = _config(name, store)
    arguments |= {f.name: _literal(inputs[f.name]) for f in EDITABLE_FIELDS if f.name in inputs}
    arguments["opts"] = _call("pulumi.ResourceOptions", {"import_": ast.Constant(str(store.id))})
    return ast.Expr(_call("launchdarkly.BigSegmentStoreIntegration", arguments, ast.Constant(name)))


def _config(name: str, store: Store) -> ast.Call:
    kind = STORE_KINDS[store.id.integration_key]
    keys = config_keys(name, store)
    values: dict[str, ast.expr] = {
        field.name: _call("config.require_secret", {}, ast.Constant(keys[field.name]))
        if field.name in keys
        else _literal(store.inputs["config"][field.name])
        for field in CONFIG_FIELDS[store.id.integration_key]
        if field.name in keys or field.name in store.inputs["config"]
    }
    return _call(f"launchdarkly.{kind.config_class}", values)


def _call(function: str, named: Mapping[str, ast.expr], *arguments: ast.expr) -> ast.Call:
    """The expression that calls a function, by its dotted name."""
    owner, _, attribute = function.rpartition(".")
    keywords = [ast.keyword(name, value) for name, value in named.items()]
    return ast.Call(ast.Attribute(ast.Name(owner, ast.Load()), attribute, ast.Load()), list(arguments), keywords)


def _literal(value: Any) -> ast.expr:
    if isinstance(value, list):
        return ast.List([ast.Constant(item) for item in value], ast.Load())
    return ast.Constant(value)


def _slug(text: str) -> str:
    """A string's ASCII letters and digits in lower case, with one hyphen for what is between them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
