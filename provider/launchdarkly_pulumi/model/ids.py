"""LaunchDarkly's ID of an integration, as Pulumi programs and people write it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import InvalidId
from .fields import CONFIG_FIELDS, KEY_PATTERN

if TYPE_CHECKING:
    pass


def is_id(value: Any) -> bool:
    """Whether it can be LaunchDarkly's ID of something, and a part of a path."""
    return isinstance(value, str) and KEY_PATTERN.fullmatch(value) is not None


@dataclass(frozen=True)
class IntegrationId:
    """An integration's ID: ``project/environment/kind/integrationId``, as in LaunchDarkly's Terraform provider."""

    project_key: str
    environment_key: str
    integration_key: str
    integration_id: str

    @classmethod
    def parse(cls, text: Any) -> IntegrationId:
        """Reads the ID back; ``InvalidId`` when it has not four parts, or one that no key can be."""
        parts = text.split("/") if isinstance(text, str) else []
        if len(parts) != 4 or parts[2] not in CONFIG_FIELDS or not all(KEY_PATTERN.fullmatch(part) for part in parts):
            kinds = " or ".join(CONFIG_FIELDS)
            shown = ascii(text[:100]) if isinstance(text, str) else f"a {type(text).__name__}"
            raise InvalidId(
                f"{shown} is not an integration's ID, project/environment/kind/integrationId with {kinds} as the kind"
            )
        return cls(*parts)

    @property
    def segments(self) -> tuple[str, str, str, str]:
        """The parts, in the order of the API's paths."""
        return self.project_key, self.environment_key, self.integration_key, self.integration_id

    def __str__(self) -> str:
        return "/".join(self.segments)
