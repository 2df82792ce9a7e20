"""LaunchDarkly's real SDKs, which read big segments from a store, and flags from a file instead of LaunchDarkly."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from ldclient import Context, LDClient
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations import Files
from ldclient.interfaces import BigSegmentStore, BigSegmentStoreStatus

from support.documents import ROOT

FLAGS = ROOT / "examples" / "sdk" / "flags.json"
FLAG = "new-checkout"
"""Is true for who is in the segment."""

PLACE = ("default", "production")
SEGMENT = "default/production/beta-testers"

STALE_AFTER = 3.0
"""Seconds that a marker is good for: more than the emulator's second, less than an SDK's two minutes."""

NODE_SDK = ROOT / ".tools" / "node-sdk"
NODE_PROGRAM = ROOT / "tests" / "support" / "node_sdk.js"


class Evaluation(NamedTuple):
    """A flag's value for a user, and what the SDK says of the store."""

    value: bool
    status: str


class PythonSdk:
    """The Python SDK, with its cache off."""

    def __init__(self, client: LDClient) -> None:
        self._client = client
        self._statuses: list[BigSegmentStoreStatus] = []
        self._news = threading.Condition()
        client.big_segment_store_status_provider.add_listener(self._note)

    def _note(self, status: BigSegmentStoreStatus) -> None:
        with self._news:
            self._statuses.append(status)
            self._news.notify_all()

    def evaluate(self, user: str) -> Evaluation:
        """The flag for a user."""
        detail = self._client.variation_detail(FLAG, Context.create(user), default=False)
        return Evaluation(bool(detail.value), detail.reason["bigSegmentsStatus"])

    def wait_until_stale(self) -> None:
        """Until the marker is older than it may be."""
        with self._news:
            assert self._news.wait_for(lambda: any(each.stale for each in self._statuses), timeout=60)


@contextmanager
def python_sdk(store: BigSegmentStore) -> Iterator[PythonSdk]:
    """A client with this store."""
    segments = BigSegmentsConfig(store, context_cache_time=0, status_poll_interval=0.1, stale_after=STALE_AFTER)
    source = Files.new_data_source(paths=[str(FLAGS)])
    with LDClient(
        Config("sdk-test", update_processor_class=source, send_events=False, big_segments=segments)
    ) as client:
        assert client.is_initialized()
        yield PythonSdk(client)


class NodeSdk:
    """The Node SDK in a process of its own, which evaluates the flag for each user that it is asked about."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def evaluate(self, user: str) -> Evaluation:
        """The flag for a user."""
        return self._ask({"user": user})

    def wait_until_stale(self) -> None:
        """Until the marker is older than it may be."""
        self._ask({"untilStale": True})

    def _ask(self, question: Mapping[str, Any]) -> Evaluation:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(question), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, "the program with the Node SDK has ended"
        return Evaluation(**json.loads(line))


@contextmanager
def node_sdk(url: str, prefix: str) -> Iterator[NodeSdk]:
    """A client whose store is in a Redis, with its cache off."""
    assert (NODE_SDK / "node_modules").exists(), "there is no Node SDK: run tools/get_node_sdk.sh .tools/node-sdk"
    command = ["node", str(NODE_PROGRAM), str(NODE_SDK), str(FLAGS), url, prefix, str(STALE_AFTER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield NodeSdk(process)
        finally:
            process.kill()
