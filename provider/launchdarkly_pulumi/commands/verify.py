"""The ``verify`` command: whether SDKs find in a store what LaunchDarkly has written there, from where it runs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Optional, Union
from urllib.parse import urlsplit

from ..api.redaction import Redactor
from ..core import find
from ..core.find import GetBigSegmentStoreIntegrationResult as Found
from ..core.session import Session
from ..errors import CallError, UnexpectedAnswer
from ..model.ids import IntegrationId
from ..verify import launchdarkly
from ..verify.addresses import RedisAddress
from ..verify.checks import CLIENTS, Check, Outcome, Unread
from ..verify.membership import Question
from . import DONE, EXIT_UNHEALTHY, UsageError, connect, integration_id, needs, verify_report

HELP = "check the way from LaunchDarkly through a store to SDKs"
PASSWORD = "REDISCLI_AUTH"  # noqa: S105 - the variable's name, as redis-cli has it
WRITER_PASSWORD = "LAUNCHDARKLY_REDIS_PASSWORD"  # noqa: S105
DESCRIPTION = f"""\
Checks a store from where SDKs run: what LaunchDarkly reports, the key prefix, the connection, the marker and its age,
the rights of SDKs, and what may lose members. Without --redis-url a Redis is asked at the address and as the user that
LaunchDarkly is given. {PASSWORD} in the environment is the password of the user that asks; for --write-probe,
{WRITER_PASSWORD} is that of LaunchDarkly's user. Fails with 1 when a check fails."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument("id", type=integration_id, metavar="ID", help="project/environment/kind/integrationId")
    parser.add_argument("--redis-url", type=_redis_url, metavar="URL", help="where and as whom SDKs read a Redis")
    parser.add_argument("--dynamodb-endpoint", type=_endpoint, metavar="URL", help="a DynamoDB other than Amazon's")
    parser.add_argument("--prefix", help="the key prefix that SDKs are configured with")
    parser.add_argument("--segment", metavar="KEY", help="with --member: the segment that it should be in")
    parser.add_argument("--member", metavar="KEY", help="with --segment: the key of a context that should be in it")
    parser.add_argument(
        "--write-probe", action="store_true", help="write as LaunchDarkly's user, to a key of its own that expires"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")


def run(args: argparse.Namespace) -> int:
    """Print what was found; the exit code."""
    id_ = IntegrationId.parse(args.id)
    if (args.segment is None) != (args.member is None):
        raise UsageError("give --segment and --member together")
    if args.redis_url and id_.integration_key != "redis":
        raise UsageError(f"{id_} is no Redis: --redis-url is for one")
    if args.dynamodb_endpoint and id_.integration_key != "dynamodb":
        raise UsageError(f"{id_} is no DynamoDB table: --dynamodb-endpoint is for one")
    _require_client(id_.integration_key)
    account = connect()
    store = find.find(account, args.id)
    client_side_id = _client_side_id(account, id_)
    redactor = Redactor()
    redactor.learn([account.settings.require_token(), *_passwords(args.redis_url)])
    checks = list(_checks(args, store, client_side_id))
    verify_report.show(store.id, client_side_id, checks, redactor.own_line, as_json=args.json)
    return EXIT_UNHEALTHY if any(check.outcome is Outcome.FAILED for check in checks) else DONE


def _checks(args: argparse.Namespace, store: Found, client_side_id: Union[str, Unread]) -> Iterator[Check]:
    yield from launchdarkly.judge(store.on, store.status, client_side_id, args.prefix)
    prefix = args.prefix if isinstance(client_side_id, Unread) else client_side_id
    question = Question(args.segment, args.member) if args.segment is not None else None
    if store.integration_key == "redis":
        yield from _of_redis(args, store, prefix, question)
    else:
        yield from _of_dynamodb(args, store, prefix, question)


def _of_redis(
    args: argparse.Namespace, store: Found, prefix: Optional[str], question: Optional[Question]
) -> Iterator[Check]:
    from ..verify import redis_judging, redis_reading, redis_writing

    try:
        given = RedisAddress.of_config(store.config or {})
    except ValueError as error:
        raise UnexpectedAnswer(f"GET {store.id}", str(error)) from None
    address: RedisAddress = args.redis_url or given
    if not address.password:
        address = replace(address, password=os.environ.get(PASSWORD, ""))
    facts = redis_reading.read(address, prefix, question.context_key if question else None)
    yield from redis_judging.judge(facts, given, prefix, store.status.last_sync, question)
    same = address.password if address.username == given.username else ""
    password = os.environ.get(WRITER_PASSWORD, same)

    def probe(known: str) -> Check:
        return redis_writing.probe(address, given.username, password, known)

    yield _probe(args, prefix, redis_writing.NOT_ASKED, probe)


def _of_dynamodb(
    args: argparse.Namespace, store: Found, prefix: Optional[str], question: Optional[Question]
) -> Iterator[Check]:
    from ..verify import dynamodb_judging, dynamodb_reading, dynamodb_writing

    config = store.config or {}
    if not all(isinstance(value, str) for value in config.values()):
        raise UnexpectedAnswer(f"GET {store.id}", "its config has no table, region and role that can be used")
    reader = dynamodb_reading.Reader(config, args.dynamodb_endpoint, prefix)
    facts = reader.read(question.context_key if question else None)
    yield from dynamodb_judging.judge(facts, config, prefix, store.status.last_sync, question)

    def probe(known: str) -> Check:
        return dynamodb_writing.probe(config, args.dynamodb_endpoint, known)

    yield _probe(args, prefix, dynamodb_writing.NOT_ASKED, probe)


def _probe(args: argparse.Namespace, prefix: Optional[str], not_asked: Check, probe: Callable[[str], Check]) -> Check:
    """The check that writes, where it is asked for and knows under which prefix."""
    if not args.write_probe:
        return not_asked
    if prefix is None:
        return replace(not_asked, found="the client-side ID is not known", advice="Give --prefix.")
    return probe(prefix)


def _client_side_id(account: Session, id_: IntegrationId) -> Union[str, Unread]:
    try:
        return find.environment(account, id_.project_key, id_.environment_key).client_side_id
    except CallError as error:
        return Unread(str(error).splitlines()[0])


def _passwords(url: Optional[RedisAddress]) -> Iterator[str]:
    yield url.password if url else ""
    yield os.environ.get(PASSWORD, "")
    yield os.environ.get(WRITER_PASSWORD, "")


def _require_client(kind: str) -> None:
    package = CLIENTS.get(kind)
    if package is None:
        raise UsageError(f"verify knows nothing of {kind} stores")
    try:
        __import__(package)
    except ModuleNotFoundError:
        raise needs(package, extra="verify") from None


def _redis_url(text: str) -> RedisAddress:
    try:
        return RedisAddress.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _endpoint(text: str) -> str:
    try:
        url = urlsplit(text)
        usable = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0 and "@" not in url.netloc
    except ValueError:
        usable = False
    if not usable:
        raise argparse.ArgumentTypeError("must be an http or https URL without user and password")
    return text
