"""Whether SDKs would find the marker of a store from here, and nothing else: what a deployment can wait for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any, Optional

from ..model.fields import is_unknown
from ..model.validation import Failure
from . import dynamodb_judging, layout, marker
from .addresses import RedisAddress
from .checks import CLIENTS, Check, Outcome, unchecked
from .dynamodb_reading import Reader
from .marker import Clocks
from .redis_facts import NOT_ASKED
from .redis_reading import connect, marker_of, why_no_login

VERIFY = "verify"
REDIS_URL = "redis_url"
ENDPOINT = "dynamodb_endpoint"

INPUTS = (VERIFY, REDIS_URL, ENDPOINT)
"""Those that say whether to look, and where."""


def problems(inputs: Mapping[str, Any], kind: Optional[str]) -> Iterator[Failure]:
    """What is wrong with these inputs; unknown values pass.

    :param kind: of the store; ``None`` where it is not known yet.
    """
    given = {name: inputs[name] for name in INPUTS if inputs.get(name) is not None}
    verify = given.get(VERIFY, False)
    if is_unknown(verify):
        return
    if not isinstance(verify, bool):
        yield Failure(VERIFY, "must be true or false")
    elif not verify:
        yield from (Failure(name, "has no effect without verify=True") for name in given if name != VERIFY)
    else:
        yield from _of_places(given, kind)
        if kind and kind not in CLIENTS:
            yield Failure(VERIFY, f"knows nothing of {kind} stores")
        elif kind and find_spec(CLIENTS[kind]) is None:
            yield Failure(VERIFY, f"needs {CLIENTS[kind]}: pip install 'launchdarkly-pulumi[verify]'")


def _of_places(given: Mapping[str, Any], kind: Optional[str]) -> Iterator[Failure]:
    url = given.get(REDIS_URL)
    if kind == "redis" and url is None:
        yield Failure(REDIS_URL, "is required with verify=True: where, and as whom, SDKs read this Redis")
    if kind == "dynamodb" and url is not None:
        yield Failure(REDIS_URL, "is for a Redis, and this store is a DynamoDB table")
    if kind == "redis" and ENDPOINT in given:
        yield Failure(ENDPOINT, "is for a DynamoDB table, and this store is a Redis")
    if url is not None and not is_unknown(url):
        try:
            RedisAddress.parse(str(url))
        except ValueError as error:
            yield Failure(REDIS_URL, str(error))


def why_not(kind: str, config: Mapping[str, Any], prefix: str, inputs: Mapping[str, Any]) -> str:
    """Why SDKs would not find a marker that they believe; empty where they would.

    :param config: LaunchDarkly's, by Python names.
    :param prefix: the client-side ID.
    """
    if kind == "dynamodb":
        found = Reader(config, inputs.get(ENDPOINT), prefix).read_marker()
        check = dynamodb_judging.judge_marker(*found, prefix)
    else:
        check = _of_redis(inputs[REDIS_URL], prefix)
    return "" if check.outcome is Outcome.PASSED else check.found


def _of_redis(url: str, prefix: str) -> Check:
    address = RedisAddress.parse(url)
    with connect(address) as client:
        no_login = why_no_login(client, address)
        if no_login:
            return unchecked("marker", f"{address}: {no_login}")
        value = marker_of(client, prefix)
    return marker.judge(layout.named(prefix, layout.SYNCHRONIZED_ON), value, Clocks(time.time(), NOT_ASKED))
