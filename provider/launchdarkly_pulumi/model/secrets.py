"""Which values are secrets, and what is known of those that LaunchDarkly shows only a mask of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UnknownSecret
from .fields import REPLACED_OUTSIDE, SECRET_NAMES, fields_by_path, pointer
from .hidden_inputs import MARKED_SECRETS

if TYPE_CHECKING:
    pass


def secrets_of(inputs: Mapping[str, Any]) -> set[str]:
    """The texts that must never be shown: of the secret fields, and of those that the program marks."""
    config = inputs.get("config")
    by_name = {name: value for name, value in inputs.items() if name != "config"}
    if isinstance(config, Mapping):
        by_name |= {f"config.{name}": value for name, value in config.items()}
    names = {f"config.{name}" for name in SECRET_NAMES} | set(inputs.get(MARKED_SECRETS, ()))
    hidden = [value for name, value in by_name.items() if name in names or name.split(".")[0] in names]
    texts = [text for value in hidden for text in (value if isinstance(value, list) else [value])]
    return {text for text in texts if isinstance(text, str)}


def hidden_pointers(integration_key: str, *all_inputs: Mapping[str, Any]) -> set[str]:
    """Where LaunchDarkly's document has what must not be shown: the secret fields, and those that are marked."""
    marked = {name for inputs in all_inputs for name in inputs.get(MARKED_SECRETS, ())}
    hidden = {pointer(path) for path, f in fields_by_path(integration_key).items() if f.secret}
    hidden |= {
        pointer(path) for path, f in fields_by_path(integration_key).items() if ".".join((*path[:-1], f.name)) in marked
    }
    return hidden | ({"/config"} & {f"/{name}" for name in marked})


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


def with_unknown_secrets(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with a stand-in for each secret: nobody has made sure that LaunchDarkly has the declared ones."""
    config = {
        name: REPLACED_OUTSIDE if name in SECRET_NAMES and value else value for name, value in inputs["config"].items()
    }
    return {**inputs, "config": config}
