"""Notes on this machine of creates, deletes and adoptions, so that a later process can recover from an interrupted one.

A provider that is killed between a POST and its response leaves an integration that no state knows: for Pulumi's engine
the create has failed. So each create has a note (`creates`), which belongs to one resource of one account. Each process
holds a lock while it lives (`processes`), which the operating system releases. An open note of a process that no longer
lives means that its create was interrupted. Deletes and adoptions are noted by LaunchDarkly's ID (`deletes`,
`adoptions`). `folder` knows where the notes are, and how they are written.

Notes hold no secrets: of the access token only a hash, and nothing of a config.
"""

from __future__ import annotations

from .accounts import Account
from .creates import Note, Notes
from .folder import Pulumi

__all__ = ["Account", "Note", "Notes", "Pulumi"]
