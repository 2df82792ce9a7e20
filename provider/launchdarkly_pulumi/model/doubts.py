"""What inputs may hold and hardly can mean: whole sentences beside the failures of ``validation``. Pure.

What belongs here is allowed, and may still be refused by LaunchDarkly, or cost somebody a secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Optional
from urllib.parse import urlsplit

from .fields import CONFIG_FIELDS, REGIONS, Format, is_unknown
from .hosts import cluster_kind, is_address, is_loopback, is_private, is_public
from .value_rules import has_region_shape, host_problem, shown

_PLAIN_TAG = re.compile(r"[A-Za-z0-9._-]+")
"""The tags that LaunchDarkly's Terraform provider takes."""

NO_TLS = "config.password: without config.tls_enabled the password travels to {host} in clear, over foreign networks"

OUT_OF_REACH = (
    "config.host {what}: LaunchDarkly connects to a store over the internet, so it reaches this one only if you have "
    "agreed on a private link"
)

OPEN = (
    "config.tls_enabled: without it, what LaunchDarkly writes travels in clear over foreign networks, where it can be "
    "read and changed"
)

CLUSTER = (
    "config.host is the endpoint of {kind}, which spreads keys over several servers: most of LaunchDarkly's SDKs "
    "cannot read there (MOVED, CROSSSLOT). Give the primary endpoint of a Redis with cluster mode disabled"
)


def of(inputs: Mapping[str, Any], secrets: Collection[str] = ()) -> Iterator[str]:
    """The warnings about an integration's inputs, of any values.

    :param secrets: what no sentence may show.
    """
    config = inputs.get("config")
    if isinstance(config, Mapping):
        yield from _of_regions(config)
        yield from _of_password(config, secrets)
        yield from _of_cluster(config)
    yield from _of_tags(inputs.get("tags"), secrets)


def of_reach(inputs: Mapping[str, Any], instance: str) -> Iterator[str]:
    """The warnings about the way from LaunchDarkly to a store. They quote no value.

    :param instance: LaunchDarkly's URL. One that is near is an emulator, which reaches what this machine reaches.
    """
    config = inputs.get("config")
    if not isinstance(config, Mapping) or not is_public(urlsplit(instance).hostname or ""):
        return
    host = _host(config)
    if host is None:
        return
    if is_loopback(host):
        yield OUT_OF_REACH.format(what="is this machine itself")
    elif not is_public(host):
        kind = "an address" if is_address(host) else "a name"
        yield OUT_OF_REACH.format(what=f"is {kind} that the public internet does not have")
    elif not config.get("password") and config.get("tls_enabled", False) is False:
        yield OPEN


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
    host = _host(config)
    if host is None or not config.get("password") or config.get("tls_enabled", False) is not False:
        return
    if not is_loopback(host) and not is_private(host):
        yield NO_TLS.format(host="its host" if host in secrets else host)


def _of_cluster(config: Mapping[str, Any]) -> Iterator[str]:
    kind = cluster_kind(_host(config) or "")
    if kind:
        yield CLUSTER.format(kind=kind)


def _host(config: Mapping[str, Any]) -> Optional[str]:
    """The host of a config, where it is known and can be one."""
    host = config.get("host")
    return host if isinstance(host, str) and not is_unknown(host) and not host_problem(host) else None


def _of_tags(tags: Any, secrets: Collection[str]) -> Iterator[str]:
    if not isinstance(tags, (list, tuple)):
        return
    for tag in tags:
        known = isinstance(tag, str) and bool(tag.strip()) and not is_unknown(tag)
        if known and tag not in secrets and not _PLAIN_TAG.fullmatch(tag):
            yield f"tags: {shown(tag)} is not only letters, digits, '.', '_' and '-'; LaunchDarkly may refuse it"
