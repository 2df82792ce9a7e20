"""A small service: who gets the new checkout. That depends on a flag, and the flag on a big segment.

``python service.py USER...`` answers for each user. The environment has ``REDIS_URL``, the key prefix of the store in
``SEGMENTS_PREFIX``, and the SDK key in ``LAUNCHDARKLY_SDK_KEY``, or a file of flags in ``FLAGS_FILE``.
"""

import os
import sys

from ldclient import Context, LDClient
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations import Files, Redis


def connect(redis_url: str, prefix: str, sdk_key: str = "none", flags_file: str | None = None) -> LDClient:
    """An SDK that reads big segments from Redis; with a file of flags it does not ask LaunchDarkly for any.

    :param prefix: the client-side ID of the environment. With another one nobody would be a member of any segment.
    """
    segments = BigSegmentsConfig(Redis.new_big_segment_store(redis_url, prefix=prefix))
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
    sdk_key, flags_file = known.get("LAUNCHDARKLY_SDK_KEY", "none"), known.get("FLAGS_FILE")
    with connect(known["REDIS_URL"], known["SEGMENTS_PREFIX"], sdk_key, flags_file) as client:
        for user in sys.argv[1:]:
            print(f"{user}: {checkout(client, user)}")


if __name__ == "__main__":
    main()
