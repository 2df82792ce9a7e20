"""Which values are secrets, and what is known of those that LaunchDarkly shows only a mask of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import UnknownSecret
from .desired import Desired
from .fields import CONFIG_PATH, REPLACED_OUTSIDE, SECRET_NAMES, Path, fields_by_path, path_of, pointer


def secrets_of(desired: Desired) -> set[str]:
    """The strings that must never be shown: of the secret fields, and of those that the program marks."""
    values = {path_of(name): value for name, value in desired.values.items() if name != "config"}
    config = desired.values.get("config")
    if isinstance(config, Mapping):
        values |= {path_of("config", name): value for name, value in config.items()}
    secret = {path_of("config", name) for name in SECRET_NAMES} | desired.secret
    hidden = [value for path, value in values.items() if path in secret or path[:1] in secret]
    strings = [string for value in hidden for string in (value if isinstance(value, list) else [value])]
    return {string for string in strings if isinstance(string, str)}


def hidden_pointers(integration_key: str, *all_desired: Desired) -> set[str]:
    """Where LaunchDarkly's document has what must not be shown: the secret fields, and those that are marked."""
    fields = fields_by_path(integration_key)
    hidden: set[Path] = {path for path, field in fields.items() if field.secret}
    marked = {path for desired in all_desired for path in desired.secret}
    return {pointer(path) for path in hidden | (marked & {*fields, CONFIG_PATH})}


def require_known_secrets(config: Mapping[str, Any]) -> None:
    """``UnknownSecret`` if a config, by whichever names, holds the stand-in for a secret instead of the secret."""
    unknown = [name for name, value in config.items() if value == REPLACED_OUTSIDE]
    if unknown:
        raise UnknownSecret(
            f"config.{unknown[0]} was set outside of Pulumi, and LaunchDarkly does not show it: "
            "declare it in the program, where the whole config has to be sent"
        )


def may_be_mask_of(mask: Any, secret: str) -> bool:
    """Whether what LaunchDarkly shows (``sup********123``, nothing for an empty secret) can stand for this secret."""
    if not isinstance(mask, str) or not isinstance(secret, str) or not mask or not secret or "*" not in mask:
        return bool((mask or "") == secret)
    start, end = mask.split("*", 1)[0], mask.rsplit("*", 1)[1]
    return len(secret) >= len(start) + len(end) and secret.startswith(start) and secret.endswith(end)


def with_unknown_secrets(desired: Desired) -> Desired:
    """The same with a stand-in for each secret: nobody has made sure that LaunchDarkly has the declared ones."""
    config = desired.values["config"]
    return desired.with_config(
        {name: REPLACED_OUTSIDE if name in SECRET_NAMES and value else value for name, value in config.items()}
    )
