"""``tools/archive.py``, but for what takes a minute: ``make test-archive`` has that."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path

import archive


def test_the_name_is_what_the_engine_asks_for() -> None:
    """``pulumi-resource-NAME-vVERSION-OS-ARCH.tar.gz``, in Pulumi's names for both."""
    name = archive.name_of_archive()
    assert re.fullmatch(
        r"pulumi-resource-launchdarkly-big-segments-v\d+\.\d+\.\d+(-\w+\.\d+)?-(linux|darwin|windows)-(amd64|arm64)\.tar\.gz",
        name,
    )


def test_the_stubs_work_without_their_sources(tmp_path: Path) -> None:
    """As bytecode in a folder that is no package, which is all that the archive has of Pulumi's SDK."""
    archive.stubs(tmp_path / "proto")
    assert not list(tmp_path.rglob("*.py"))
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom proto import provider_pb2_grpc as stubs\n"
    program += "print(stubs.ResourceProviderStub.__name__, stubs.__file__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    stub, file = done.stdout.split()
    assert (stub, Path(file).parent) == ("ResourceProviderStub", tmp_path / "proto")


def test_the_contents_are_at_the_root(tmp_path: Path) -> None:
    """With their permissions."""
    (tmp_path / "built" / "lib").mkdir(parents=True)
    (tmp_path / "built" / "lib" / "other").touch()
    program = tmp_path / "built" / "program"
    program.touch(mode=0o755)
    archive.pack(tmp_path / "built", tmp_path / "archive.tar.gz")
    with tarfile.open(tmp_path / "archive.tar.gz") as packed:
        assert packed.getnames() == ["lib", "lib/other", "program"]
        assert packed.getmember("program").mode == 0o755
