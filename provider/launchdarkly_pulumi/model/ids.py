"""The ID of an integration, as Pulumi programs and people write it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InvalidId
from .fields import CONFIG_FIELDS, KEY_PATTERN


def is_id(value: object) -> bool:
    """Whether a value can be an ID that LaunchDarkly has assigned, and with that a segment of a path."""
    return isinstance(value, str) and KEY_PATTERN.fullmatch(value) is not None


@dataclass(frozen=True)
class IntegrationId:
    """An integration's ID: ``project/environment/kind/integrationId``, as in LaunchDarkly's Terraform provider."""

    project_key: str
    environment_key: str
    integration_key: str
    integration_id: str

    @classmethod
    def parse(cls, written: object) -> IntegrationId:
        """Reads an ID from the string that people write.

        :raises InvalidId: it is not a string of four parts, each of which can be a key.
        """
        parts = written.split("/") if isinstance(written, str) else []
        if len(parts) != 4 or parts[2] not in CONFIG_FIELDS or not all(KEY_PATTERN.fullmatch(part) for part in parts):
            kinds = " or ".join(CONFIG_FIELDS)
            shown = ascii(written[:100]) if isinstance(written, str) else f"a {type(written).__name__}"
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
