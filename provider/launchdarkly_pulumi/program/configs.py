"""The config classes that programs declare stores with, one for each kind of store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Optional, Union

if TYPE_CHECKING:
    from uuid import UUID

    import pulumi


class StoreConfig:
    """The base of all config classes; ``integration_key`` is the kind of store, a key of `model.fields.STORE_KINDS`."""

    integration_key: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class RedisConfig(StoreConfig):
    """Where a Redis big segment store is, and how LaunchDarkly logs in there.

    :param host: host name or IP address, without scheme and port.
    :param port: TCP port, 1 to 65535; LaunchDarkly's default is 6379.
    :param username: Redis ACL user; none by default.
    :param password: empty by default; always a secret, even if the program does not mark it as one.
    :param tls_enabled: whether LaunchDarkly connects with TLS; LaunchDarkly's default is ``False``.
    """

    integration_key = "redis"

    host: pulumi.Input[str]
    port: Optional[pulumi.Input[Union[int, str]]] = None
    username: Optional[pulumi.Input[str]] = None
    password: Optional[pulumi.Input[str]] = field(default=None, repr=False)
    tls_enabled: Optional[pulumi.Input[bool]] = None


@dataclass(frozen=True, kw_only=True)
class DynamoDBConfig(StoreConfig):
    """Which DynamoDB table is the big segment store, and the role that LaunchDarkly assumes to write to it.

    :param table_name: an existing table with the partition key ``namespace`` and the sort key ``key``, both strings.
    :param region: the table's AWS region, such as ``eu-west-1``.
    :param external_id: a UUID of your choice, which the role's trust policy demands as external ID.
    :param role_arn: the role's ARN, ``arn:aws:iam::<account>:role/<name>``.
    """

    integration_key = "dynamodb"

    table_name: pulumi.Input[str]
    region: pulumi.Input[str]
    external_id: pulumi.Input[Union[str, UUID]]
    role_arn: pulumi.Input[str]
