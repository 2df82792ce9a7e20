"""Clients of AWS, and what they refuse, in words of our own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Optional, TypeVar, Union

from ..connection_errors import reason
from . import connecting
from .checks import Unread

Read = TypeVar("Read")

ANY_CREDENTIALS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
"""What a local DynamoDB is content with."""

DENIED = ("AccessDenied", "AccessDeniedException")
NOT_KNOWN = (
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)
"""The codes of AWS that mean that it does not know who asks."""

NO_CONNECTION = "no connection"
NO_LOGIN = "no login"
"""Codes of our own, for what keeps every other call from being answered as well."""


def client(service: str, region: str, endpoint: Optional[str], credentials: Optional[Mapping[str, str]] = None) -> Any:
    """A client that tries once.

    :param endpoint: another than Amazon's; it gets made-up credentials where the environment names none.
    """
    import boto3.session
    from botocore.config import Config

    own = endpoint is None or "AWS_ACCESS_KEY_ID" in os.environ or "AWS_PROFILE" in os.environ
    timeout = connecting.TIMEOUT
    return boto3.session.Session().client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        config=Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1}),
        **(credentials or ({} if own else ANY_CREDENTIALS)),
    )


def region_here() -> Optional[str]:
    """The region of SDKs that are given none."""
    import boto3.session

    return os.environ.get("AWS_REGION") or boto3.session.Session().region_name


def attempt(what: str, call: Callable[[], Read]) -> Union[Read, Unread]:
    """What a call gives, or why it could not be made.

    :param what: the action.
    """
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        PartialCredentialsError,
        ProfileNotFound,
    )

    try:
        return call()
    except ClientError as error:
        code = re.sub(r"[^A-Za-z0-9]", "", str(error.response.get("Error", {}).get("Code")))
        if code in NOT_KNOWN:
            return Unread(f"AWS refuses the credentials of this machine ({code})", NO_LOGIN)
        words = f"this principal may not {what}" if code in DENIED else f"{what} is refused"
        return Unread(f"{words} ({code})", code)
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound):
        return Unread("this machine has no AWS credentials", NO_LOGIN)
    except (BotoCoreError, ValueError) as error:
        return Unread(reason(error), NO_CONNECTION)
