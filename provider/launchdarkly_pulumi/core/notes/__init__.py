"""Notes on this machine of what is under way in LaunchDarkly, for the process that comes after one that was cut off.

A provider that is killed between a POST and its response leaves an integration that no state knows: to Pulumi's engine
the create has failed. So each create has a note (`creates`), which belongs to one resource of one account. Each process
holds a lock for as long as it lives (`processes`), which the operating system releases. A note that nobody has ended,
of a process that no longer lives, means a create that was cut off. Deletes and adoptions are noted by LaunchDarkly's ID
(`deletes`, `adoptions`). Where all of that is kept, and how it is written, is in `folder`.

Notes hold no secret: of the access token a hash, and nothing of a config.
"""

from __future__ import annotations

from .accounts import Account
from .creates import Note, Notes

__all__ = ["Account", "Note", "Notes"]
