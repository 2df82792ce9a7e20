"""A truthful ``_status``: asks the very store that an integration's config names.

The clients of the stores are imported when a store of their kind is asked: ``redis`` and ``boto3``.
No message quotes what a client or a store said: only words of our own, and the config's fields that are no secrets.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 1.0
KEPT_ERRORS = 10

REFUSED = 400
UNREACHABLE = 503

ANY_CREDENTIALS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
"""What a local DynamoDB is content with."""

# GOTCHA: the order matters, since some of these are subclasses of later ones.
REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (ConnectionRefusedError, "connection refused"),
    ((ConnectionResetError, BrokenPipeError), "the connection was closed"),
    (socket.gaierror, "the host name cannot be resolved"),
    (TimeoutError, "no answer in time"),
    (ssl.SSLCertVerificationError, "the certificate is not trusted, or is another host's"),
    (ssl.SSLError, "the TLS handshake failed"),
    (ValueError, "the host name is not valid"),
)

TABLE_KEYS = (("HASH", "partition key", "`namespace` (S)"), ("RANGE", "sort key", "`key` (S)"))
USABLE_TABLES = ("ACTIVE", "UPDATING")
REFUSED_CREDENTIALS = (
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
)


class StoreError(Exception):
    """A store that cannot be used, and why."""

    def __init__(self, status_code: int, message: str) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.message = message


@dataclass
class History:
    """What is remembered about one integration's store. Times are in milliseconds; 0 is never."""

    last_sync: int = 0
    last_error: int = 0
    errors: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_ERRORS))
    """The latest ones, newest first."""


class LiveStatus:
    """A status source: a store is available if it could be reached just now. One that is off is not asked.

    A Redis must answer PING, with the config's credentials and TLS. Certificates are verified; ``SSL_CERT_FILE`` in
    the environment names the authorities to trust. Of DynamoDB the table must exist, be usable, and have the keys
    that LaunchDarkly needs; it is asked with the emulator's own AWS credentials, and no role is assumed.

    :param dynamodb_endpoint: the URL of a local DynamoDB. Where the environment variables ``AWS_ACCESS_KEY_ID`` and
        ``AWS_PROFILE`` are missing, it gets made-up credentials.
    :param timeout: seconds to wait for a connection, and for each answer.
    """

    def __init__(self, *, dynamodb_endpoint: str | None = None, timeout: float = TIMEOUT) -> None:
        if dynamodb_endpoint is not None and not _is_http_url(dynamodb_endpoint):
            raise ValueError("the endpoint of DynamoDB must be an http or https URL without credentials")
        self._dynamodb_endpoint = dynamodb_endpoint
        self._timeout = timeout
        self._lock = threading.Lock()
        self._histories: dict[str, History] = {}

    def __call__(self, document: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        """The ``_status`` of an integration, given its document and its real config."""
        failure = self._failure(document["integrationKey"], config) if document["on"] else None
        available = document["on"] and failure is None
        with self._lock:
            now = int(time.time() * 1000)
            history = self._histories.setdefault(document["_id"], History())
            if available:
                history.last_sync = now
            if failure is not None:
                history.last_error = now
                error = {"statusCode": failure.status_code, "message": failure.message, "timestamp": now}
                history.errors.appendleft(error)
            return {
                "available": available,
                "potentiallyStale": not available,
                "lastSync": history.last_sync,
                "lastError": history.last_error,
                "errors": list(history.errors),
            }

    def _failure(self, kind: str, config: Mapping[str, Any]) -> StoreError | None:
        try:
            if kind == "redis":
                check_redis(config, self._timeout)
            elif kind == "dynamodb":
                check_dynamodb(config, self._dynamodb_endpoint, self._timeout)
            else:
                raise StoreError(UNREACHABLE, f"the emulator cannot ask a {kind} store")
        except StoreError as failure:
            return failure
        return None


def check_redis(config: Mapping[str, Any], timeout: float = TIMEOUT) -> None:
    """Say PING to a Redis; :class:`StoreError` unless it answers."""
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ModuleNotFoundError as error:
        raise _missing_client("redis") from error

    place = f"Redis at {_address(config['host'], int(config['port']))}"
    try:
        with redis.Redis(
            host=config["host"],
            port=int(config["port"]),
            username=config["username"] or None,
            password=config["password"] or None,
            ssl=config["tlsEnabled"],
            ssl_check_hostname=True,  # not the default of older versions
            socket_connect_timeout=timeout,
            socket_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        ) as client:
            client.ping()
    except redis.AuthenticationError as error:
        raise StoreError(REFUSED, _refused_password(error, config)) from error
    except redis.BusyLoadingError as error:
        raise StoreError(UNREACHABLE, f"{place} is still loading its data (LOADING)") from error
    except redis.InvalidResponse as error:
        raise StoreError(UNREACHABLE, f"{place}: what answers there is not Redis") from error
    except redis.ResponseError as error:
        raise StoreError(REFUSED, f"{place} refused PING ({_code(error)})") from error
    except (redis.RedisError, OSError, ValueError) as error:
        tls = " with TLS" if config["tlsEnabled"] else ""
        raise StoreError(UNREACHABLE, f"Could not connect to {place}{tls}: {_reason(error)}") from error


def _refused_password(error: Exception, config: Mapping[str, Any]) -> str:
    if not config["password"] and not config["username"]:
        return "Redis requires a password (NOAUTH)"
    # The second is what Redis said before version 6.
    if "without any password" in str(error) or "no password is set" in str(error):
        return "Redis refused the password: its default user has none"
    username = " or the username" if config["username"] else ""
    return f"Redis refused the password{username} (WRONGPASS)"


def _code(error: Exception) -> str:
    """The code at the beginning of an answer of Redis, unless the client has taken it off."""
    code = re.match(r"[A-Z]{2,20}\b", str(error))
    return code.group() if code else type(error).__name__


def check_dynamodb(config: Mapping[str, Any], endpoint: str | None = None, timeout: float = TIMEOUT) -> None:
    """Look at a table; :class:`StoreError` unless it can hold big segments."""
    table = _described_table(config, endpoint, timeout)
    if table["TableStatus"] not in USABLE_TABLES:
        raise StoreError(REFUSED, f"table {config['tableName']} is not active, but {table['TableStatus']}")
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table["AttributeDefinitions"]}
    keys = {
        key["KeyType"]: f"`{key['AttributeName']}` ({types.get(key['AttributeName'])})" for key in table["KeySchema"]
    }
    wrong = [
        f"the table's {role} must be {expected}, {f'not {keys[kind]}' if kind in keys else 'but it has none'}"
        for kind, role, expected in TABLE_KEYS
        if keys.get(kind) != expected
    ]
    if wrong:
        raise StoreError(REFUSED, "; ".join(wrong))


def _described_table(config: Mapping[str, Any], endpoint: str | None, timeout: float) -> dict[str, Any]:
    try:
        import boto3.session
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ModuleNotFoundError as error:
        raise _missing_client("boto3") from error

    try:
        # A session of its own, since sessions are not for several threads.
        client = boto3.session.Session().client(
            "dynamodb",
            region_name=config["region"],
            endpoint_url=endpoint,
            config=Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1}),
            **_credentials(endpoint),
        )
        try:
            table: dict[str, Any] = client.describe_table(TableName=config["tableName"])["Table"]
        finally:
            client.close()
    except ClientError as error:
        raise StoreError(REFUSED, _refused_table(error.response, config)) from error
    except (BotoCoreError, ValueError) as error:
        raise _unreachable_dynamodb(error, config, endpoint) from error
    return table


def _credentials(endpoint: str | None) -> dict[str, str]:
    # NOTE: not by asking boto3 what it finds: outside of AWS that takes seconds.
    own = endpoint is None or "AWS_ACCESS_KEY_ID" in os.environ or "AWS_PROFILE" in os.environ
    return {} if own else ANY_CREDENTIALS


def _refused_table(response: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    code = re.sub(r"[^A-Za-z0-9]", "", str(response.get("Error", {}).get("Code")))
    if code == "ResourceNotFoundException":
        return f"table {config['tableName']} does not exist in {config['region']}"
    if code == "ValidationException":
        return f"table {config['tableName']}: DynamoDB does not take this name (ValidationException)"
    if code in REFUSED_CREDENTIALS:
        return f"DynamoDB refused the emulator's AWS credentials ({code})"
    return f"table {config['tableName']}: DynamoDB answered with an error ({code})"


def _unreachable_dynamodb(error: Exception, config: Mapping[str, Any], endpoint: str | None) -> StoreError:
    from botocore.exceptions import NoCredentialsError, PartialCredentialsError, ProfileNotFound

    if isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound):
        return StoreError(REFUSED, "the emulator has no AWS credentials for DynamoDB")
    place = f"DynamoDB in {config['region']}"
    if endpoint is not None:
        url = urlsplit(endpoint)
        place += f" at {_address(url.hostname or '', url.port)}"
    return StoreError(UNREACHABLE, f"Could not connect to {place}: {_reason(error)}")


def _missing_client(package: str) -> StoreError:
    return StoreError(UNREACHABLE, f"the emulator needs {package} to ask this store: pip install {package}")


def _reason(error: BaseException | None) -> str:
    """Why a connection failed: clients wrap the actual cause."""
    while error is not None:
        for kinds, reason in REASONS:
            if isinstance(error, kinds):
                return reason
        if isinstance(error, OSError) and error.errno:
            return os.strerror(error.errno).lower()
        error = error.__cause__ or error.__context__
    return "the connection broke off"


def _address(host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def _is_http_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0 and "@" not in url.netloc
    except ValueError:
        return False
