"""Which values are secrets, and what the masks that LaunchDarkly shows in their place prove. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import UnknownSecret
from .desired import Desired
from .fields import CONFIG_PATH, REPLACED_OUTSIDE, SECRET_NAMES, Path, fields_by_path, path_of, pointer


def secrets_of(desired: Desired) -> set[str]:
    """The strings that must never be shown: those of the secret fields, and of the fields that the program marks."""
    values = {path_of(name): value for name, value in desired.values.items() if name != "config"}
    config = desired.values.get("config")
    if isinstance(config, Mapping):
        values |= {path_of("config", name): value for name, value in config.items()}
    secret = {path_of("config", name) for name in SECRET_NAMES} | desired.secret
    hidden = [value for path, value in values.items() if path in secret or path[:1] in secret]
    strings = [string for value in hidden for string in (value if isinstance(value, list) else [value])]
    return {string for string in strings if isinstance(string, str)}


def hidden_pointers(integration_key: str, *all_desired: Desired) -> set[str]:
    """JSON Pointers to the values of a document that must not be shown: those of the secret and the marked fields."""
    fields = fields_by_path(integration_key)
    hidden: set[Path] = {path for path, field in fields.items() if field.secret}
    marked = {path for desired in all_desired for path in desired.secret}
    return {pointer(path) for path in hidden | (marked & {*fields, CONFIG_PATH})}


def require_known_secrets(config: Mapping[str, object]) -> None:
    """Makes sure that a config, by whichever names, has every secret in full.

    :raises UnknownSecret: it has ``REPLACED_OUTSIDE`` in place of a secret.
    """
    unknown = [name for name, value in config.items() if value == REPLACED_OUTSIDE]
    if unknown:
        raise UnknownSecret(
            f"config.{unknown[0]} was set outside of Pulumi, and LaunchDarkly does not show it: "
            "declare it in the program, where the whole config has to be sent"
        )


def may_be_mask_of(mask: object, secret: object) -> bool:
    """Whether a secret fits the mask that LaunchDarkly shows (``sup********123``, nothing for an empty secret)."""
    if not isinstance(mask, str) or not isinstance(secret, str) or not mask or not secret or "*" not in mask:
        return bool((mask or "") == secret)
    start, end = mask.split("*", 1)[0], mask.rsplit("*", 1)[1]
    return len(secret) >= len(start) + len(end) and secret.startswith(start) and secret.endswith(end)


def with_unknown_secrets(desired: Desired) -> Desired:
    """The same with ``REPLACED_OUTSIDE`` for each secret: LaunchDarkly may not have the declared ones."""
    config = desired.values["config"]
    return desired.with_config(
        {name: REPLACED_OUTSIDE if name in SECRET_NAMES and value else value for name, value in config.items()}
    )
