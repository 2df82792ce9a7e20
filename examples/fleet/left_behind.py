"""What a killed run leaves behind in Pulumi's backend, and what may be removed of it."""

import os
import re
import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

LOCK = re.compile(r"created by (?P<who>\S+)@(?P<machine>\S+) \(pid (?P<process>\d+)\)")
"""What Pulumi says of each lock of a stack."""


def is_left_behind(message: str) -> bool:
    """Whether each lock that Pulumi names is one of a process that is known to be dead: one of this machine."""
    locks = [match.groupdict() for match in LOCK.finditer(message)]
    return bool(locks) and all(
        lock["machine"] == socket.gethostname() and not _lives(int(lock["process"])) for lock in locks
    )


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def drop_empty_attributes(backend: str, folder: Path) -> None:
    """Removes the empty files of attributes from a backend of files; of another backend nothing.

    Pulumi writes beside each file of such a backend one with its attributes, which exists before it has content. A kill
    in between leaves an empty one, and each command on the stack ends with ``failed to load checkpoint: EOF``, though
    the state is whole. A file without attributes is as good, so one that another run is about to write may go too.

    :param backend: the backend's URL, as ``pulumi whoami --verbose`` shows it, or ``PULUMI_BACKEND_URL``.
    :param folder: what a relative path in it begins at.
    """
    url = urlsplit(backend)
    if url.scheme != "file":
        return
    root = folder / Path(url2pathname(url.netloc + url.path)).expanduser()
    for attributes in root.joinpath(".pulumi").rglob("*.attrs"):
        # Another run may have replaced it meanwhile. One that must not be removed fails its own stack, which says why.
        with suppress(OSError):
            if attributes.stat().st_size == 0:
                attributes.unlink()
