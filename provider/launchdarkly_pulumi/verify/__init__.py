"""Whether a store works for SDKs: what is read from it, and what follows from that.

A layer of its own beside ``core``: it knows the layout that LaunchDarkly writes and SDKs read, but nothing of
integrations that are created or changed. Modules named ``…_reading`` and ``…_writing`` connect to a store and gather
facts; all others but ``connecting`` are pure, and judge. The clients of the stores, ``redis`` and ``boto3``, are the
extra ``verify``, and are imported when a store of their kind is read.
"""
