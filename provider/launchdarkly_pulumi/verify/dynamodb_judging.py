"""Judging what was read of a DynamoDB table and its role. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Optional, Union

from . import layout, marker, membership, policies
from .checks import NO_PREFIX, Check, Unread, failed, passed, unchecked, unread_by
from .dynamodb_facts import NOT_ASKED, DynamoDBFacts, Item
from .marker import Clocks, Value
from .membership import Question

USABLE = ("ACTIVE", "UPDATING")

ACTIONS = ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem")
"""What LaunchDarkly documents for a process that reads and writes a big segment table."""


def judge(
    facts: DynamoDBFacts,
    config: Mapping[str, Any],
    prefix: Optional[str],
    last_sync: Optional[datetime],
    question: Optional[Question],
) -> Iterator[Check]:
    """All checks that only read.

    :param config: LaunchDarkly's, by Python names.
    :param prefix: under which LaunchDarkly writes; ``None``: not known.
    """
    yield from _of_connection(facts)
    yield _of_table(facts)
    yield _of_keys(facts)
    yield _of_region(facts, config["region"])
    yield marker.judge_clocks(facts.clocks)
    yield judge_marker(facts.marker, facts.clocks, prefix)
    yield marker.judge_last_sync(_value_of(facts.marker), last_sync)
    yield marker.judge_others(prefix, facts.markers)
    yield _of_reading(facts)
    yield _of_items(facts)
    yield _of_time_to_live(facts)
    yield membership.judge(question, facts.member)
    yield _of_trust(facts, config)
    yield _of_rights(facts)


def _of_connection(facts: DynamoDBFacts) -> Iterator[Check]:
    if facts.unreachable:
        yield failed(
            "reachable",
            f"{facts.place}: {facts.unreachable}",
            "SDKs here cannot read the table",
            "Check what is between here and DynamoDB: a VPC needs a gateway endpoint for it, or a way to the internet.",
        )
        yield unchecked("login", "there is no connection")
    elif facts.no_login:
        yield unchecked("reachable", "there are no credentials to ask with")
        yield failed(
            "login",
            facts.no_login,
            "SDKs here that use the same credentials cannot read the table",
            "Give this machine the role or the credentials that its SDKs have.",
        )
    else:
        yield passed("reachable", facts.place)
        yield passed("login", "AWS knows the credentials of this machine")


def _of_table(facts: DynamoDBFacts) -> Check:
    if facts.table is None:
        return failed(
            "table",
            f"there is no {facts.place}",
            "there is nothing to write to, and nothing to read",
            "Create it, or correct table_name and region.",
        )
    if isinstance(facts.table, Unread):
        return unchecked("table", facts.table.why)
    if facts.table.status in USABLE:
        return passed("table", f"it is {facts.table.status}")
    return failed("table", f"it is {facts.table.status}", "it cannot be read", "Wait until it is ACTIVE.")


def _of_keys(facts: DynamoDBFacts) -> Check:
    if facts.table is None or isinstance(facts.table, Unread):
        return unchecked("keys", facts.table.why if facts.table else "there is no table")
    keys = facts.table.keys
    wrong = [
        f"its {kind} must be {name} (S), " + ("not {} ({})".format(*keys[role]) if role in keys else "and it has none")
        for role, kind, name in layout.TABLE_KEYS
        if keys.get(role) != (name, "S")
    ]
    if not wrong:
        return passed("keys", "partition key namespace (S), sort key key (S)")
    return failed(
        "keys",
        "; ".join(wrong),
        "without the sort key each member overwrites the one before, and SDKs cannot read",
        "Create a table with partition key namespace and sort key key, both strings: keys cannot be changed.",
    )


def _of_region(facts: DynamoDBFacts, region: str) -> Check:
    if facts.region_here is None:
        return unchecked("region", f"the table is in {region}; this machine names no region", "Give it to SDKs.")
    if facts.region_here == region:
        return passed("region", f"{region}, as SDKs here have it where they are given none")
    return unchecked(
        "region",
        f"the table is in {region}; SDKs here that are given no region ask in {facts.region_here}",
        f"Make sure that SDKs are given {region}.",
    )


def judge_marker(item: Union[Item, Unread, None], clocks: Clocks, prefix: Optional[str]) -> Check:
    """Whether SDKs take the table for up to date."""
    name = layout.named(prefix or "", layout.METADATA)
    if item is None or isinstance(item, Unread):
        return marker.judge(name, item, clocks)
    attribute = item.get(layout.MARKER_ATTRIBUTE, {})
    if "N" in attribute:
        return marker.judge(f"{layout.MARKER_ATTRIBUTE} of {name}", attribute["N"], clocks)
    what = f"is a {next(iter(attribute))}, not a number (N)" if attribute else "is missing"
    return failed(
        "marker",
        f"{layout.MARKER_ATTRIBUTE} of {name} {what}",
        "SDKs say STALE, or take the store for unavailable",
        "Find what else writes this item: LaunchDarkly and the Relay Proxy write a number.",
    )


def _value_of(item: Union[Item, Unread, None]) -> Value:
    return item.get(layout.MARKER_ATTRIBUTE, {}).get("N") if isinstance(item, Mapping) else item


def _of_reading(facts: DynamoDBFacts) -> Check:
    unread = facts.marker if isinstance(facts.marker, Unread) else facts.read
    if facts.table is None:
        return unchecked("read", "there is no table")
    if unread is None:
        return passed("read", "this principal may GetItem, of the marker and of a context nobody has seen before")
    advice = "Allow dynamodb:GetItem on the table to what SDKs run as; a table with other keys refuses it too."
    return unread_by(unread, (NO_PREFIX, NOT_ASKED), "SDKs need GetItem on the table", advice)


def _of_items(facts: DynamoDBFacts) -> Check:
    if isinstance(facts.memberships, Unread):
        return unchecked("items", facts.memberships.why)
    if not facts.memberships:
        return unchecked("items", "there are no memberships under this prefix yet")
    count = len(facts.memberships)
    wrong = sorted(
        f"{name} ({kind})"
        for name, kind in {pair for item in facts.memberships for pair in _types(item)}
        if kind != "SS"
    )
    if not wrong:
        return passed("items", f"{count} looked at: included and excluded are string sets (SS)")
    return failed(
        "items",
        f"{count} looked at, some with {', '.join(wrong)}",
        "SDKs read string sets (SS) alone: such a member is none",
        "Find what else writes these items, and let it write string sets.",
    )


def _types(item: Item) -> Iterator[tuple[str, str]]:
    return ((name, kind) for name in layout.SETS for kind in item.get(name, {}))


def _of_time_to_live(facts: DynamoDBFacts) -> Check:
    attribute = facts.time_to_live
    if isinstance(attribute, Unread):
        return unchecked("ttl", attribute.why)
    if attribute is None:
        return passed("ttl", "no item expires")
    items = [] if isinstance(facts.memberships, Unread) else list(facts.memberships)
    items += [facts.marker] if facts.marker and not isinstance(facts.marker, Unread) else []
    if not items:
        return unchecked("ttl", f"items with {attribute} expire, and there was no item to look at")
    if not any(attribute in item for item in items):
        return passed("ttl", f"items with {attribute} expire; none of {len(items)} looked at has it")
    return failed(
        "ttl",
        f"items with {attribute} expire, and some of LaunchDarkly's have it",
        "members silently stop being members, and SDKs say HEALTHY",
        "Turn the table's time to live off, or find what writes the attribute.",
    )


def _of_trust(facts: DynamoDBFacts, config: Mapping[str, Any]) -> Check:
    name, role = "role", facts.role
    if isinstance(role, Unread):
        return unchecked(name, role.why)
    if role is None:
        return failed(name, "there is no such role", "LaunchDarkly cannot assume it", "Create it, or correct role_arn.")
    trusted = list(policies.trusts(role.trust))
    matching = [who for who, external_ids in trusted if config["external_id"] in external_ids]
    own = policies.account_of(config["role_arn"])
    if any(not ids and any(policies.account_of(each) != own for each in who) for who, ids in trusted):
        return failed(
            name,
            "another account may assume it without an external ID",
            "LaunchDarkly could be made to use it for somebody else's integration",
            "Add the condition StringEquals sts:ExternalId with the external_id of the config.",
        )
    if not matching:
        return failed(
            name,
            "no statement of its trust policy has the external ID of the config",
            "LaunchDarkly gives that one, and may not assume the role",
            "Put the external_id of the config into the condition sts:ExternalId.",
        )
    who = ", ".join(sorted({each for names in matching for each in names}))
    return passed(name, f"{who} may assume it with the config's external ID; LaunchDarkly does not publish who it is")


def _of_rights(facts: DynamoDBFacts) -> Check:
    name, role = "role-policy", facts.role
    if role is None or isinstance(role, Unread):
        return unchecked(name, role.why if role else "there is no such role")
    if isinstance(role.policies, Unread):
        return unchecked(name, role.policies.why)
    if facts.table is None or isinstance(facts.table, Unread):
        return unchecked(name, "the table's ARN is not known")
    rights = {each: policies.is_allowed(role.policies, f"dynamodb:{each}", facts.table.arn) for each in ACTIONS}
    denied = [action for action, allowed in rights.items() if allowed is False]
    unclear = [action for action, allowed in rights.items() if allowed is None]
    if denied:
        return failed(
            name,
            f"it may not {', '.join(denied)} on the table",
            "LaunchDarkly cannot keep the segments up to date",
            f"Allow the role {', '.join(f'dynamodb:{each}' for each in ACTIONS)} on {facts.table.arn}.",
        )
    if unclear:
        return unchecked(name, f"whether it may {', '.join(unclear)} depends on conditions")
    return passed(name, "its policies allow what LaunchDarkly documents for a writer")
