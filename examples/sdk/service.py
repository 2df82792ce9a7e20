"""A small service: who gets the new checkout. That depends on a flag, and the flag on a big segment.

``python service.py USER...`` answers for each user. The environment has ``REDIS_URL``, the key prefix of the store in
``SEGMENTS_PREFIX``, and the SDK key in ``LAUNCHDARKLY_SDK_KEY``, or a file of flags in ``FLAGS_FILE``; ``STALE_AFTER``
is for how many seconds the store counts as up to date.
"""

import os
import sys

from ldclient import Context, LDClient
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations import Files, Redis


def connect(
    redis_url: str, prefix: str, sdk_key: str = "none", flags_file: str | None = None, stale_after: float = 120
) -> LDClient:
    """An SDK that reads big segments from Redis; with a file of flags it does not ask LaunchDarkly for any.

    :param prefix: the client-side ID of the environment. With another one nobody would be a member of any segment.
    """
    store = Redis.new_big_segment_store(redis_url, prefix=prefix)
    segments = BigSegmentsConfig(store, stale_after=stale_after)
    if flags_file is None:
        return LDClient(Config(sdk_key, big_segments=segments))
    source = Files.new_data_source(paths=[flags_file])
    return LDClient(Config(sdk_key, update_processor_class=source, send_events=False, big_segments=segments))


def checkout(client: LDClient, user: str) -> str:
    """Which checkout a user gets, and what it was decided on."""
    detail = client.variation_detail("new-checkout", Context.create(user), False)
    status = detail.reason.get("bigSegmentsStatus", "no big segment")
    return f"{'new' if detail.value else 'old'} checkout ({status})"


def main() -> None:
    """Answers for the users on the command line."""
    known = os.environ
    with connect(
        known["REDIS_URL"],
        known["SEGMENTS_PREFIX"],
        known.get("LAUNCHDARKLY_SDK_KEY", "none"),
        known.get("FLAGS_FILE"),
        float(known.get("STALE_AFTER", "120")),
    ) as client:
        for user in sys.argv[1:]:
            print(f"{user}: {checkout(client, user)}")


if __name__ == "__main__":
    main()
