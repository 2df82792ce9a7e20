"""What inputs may hold and hardly can mean: whole sentences beside the failures of ``validation``. Pure.

What belongs here is allowed, and may still be refused by LaunchDarkly, or cost somebody a secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .fields import CONFIG_FIELDS, REGIONS, Format, is_unknown
from .hosts import is_loopback, is_private
from .value_rules import has_region_shape, host_problem, shown

_PLAIN_TAG = re.compile(r"[A-Za-z0-9._-]+")
"""The tags that LaunchDarkly's Terraform provider takes."""

NO_TLS = "config.password: without config.tls_enabled the password travels to {host} in clear, over foreign networks"


def of(inputs: Mapping[str, Any], secrets: Collection[str] = ()) -> Iterator[str]:
    """The warnings about an integration's inputs, of any values.

    :param secrets: what no sentence may show.
    """
    config = inputs.get("config")
    if isinstance(config, Mapping):
        yield from _of_regions(config)
        yield from _of_password(config, secrets)
    yield from _of_tags(inputs.get("tags"), secrets)


def _of_regions(config: Mapping[str, Any]) -> Iterator[str]:
    """A region that only the published list refuses is no failure: the list lags behind AWS."""
    for field in (field for fields in CONFIG_FIELDS.values() for field in fields if field.format is Format.REGION):
        region = config.get(field.name)
        if isinstance(region, str) and not is_unknown(region) and has_region_shape(region) and region not in REGIONS:
            yield (
                f"config.{field.name}: {region} is not in the list that LaunchDarkly publishes ({', '.join(REGIONS)}); "
                "LaunchDarkly may refuse it"
            )


def _of_password(config: Mapping[str, Any], secrets: Collection[str]) -> Iterator[str]:
    host = config.get("host")
    if not config.get("password") or config.get("tls_enabled", False) is not False:
        return
    if not isinstance(host, str) or is_unknown(host) or host_problem(host):
        return
    if not is_loopback(host) and not is_private(host):
        yield NO_TLS.format(host="its host" if host in secrets else host)


def _of_tags(tags: Any, secrets: Collection[str]) -> Iterator[str]:
    if not isinstance(tags, (list, tuple)):
        return
    for tag in tags:
        known = isinstance(tag, str) and bool(tag.strip()) and not is_unknown(tag)
        if known and tag not in secrets and not _PLAIN_TAG.fullmatch(tag):
            yield f"tags: {shown(tag)} is not only letters, digits, '.', '_' and '-'; LaunchDarkly may refuse it"
