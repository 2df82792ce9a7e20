"""Packs the plugin with its own Python as Pulumi's engine downloads plugins: ``make archive``.

Usage: ``python tools/archive.py FOLDER``, in an environment that has the package, PyInstaller and nothing else. Writes
``FOLDER/pulumi-resource-launchdarkly-big-segments-vVERSION-OS-ARCH.tar.gz`` and prints its path.
"""

from __future__ import annotations

import importlib.util
import platform
import py_compile
import sys
import tarfile
import tempfile
from pathlib import Path

from launchdarkly_pulumi.plugin.main import PROGRAM
from launchdarkly_pulumi.plugin.version import version

ENTRY = "import sys\n\nfrom launchdarkly_pulumi.plugin.main import main\n\nsys.exit(main())\n"
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
"""What Pulumi calls the architectures of machines."""

UNUSED = (
    "pulumi",
    "dill",
    "yaml",
    "debugpy",
    "sqlite3",
    "tkinter",
    "redis",
    "starlette",
    "uvicorn",
    "boto3",
    "setuptools",
    "multiprocessing",
    "wrapt",
    "attr",
)
"""Pulumi's SDK but for its stubs, and what only the other door and the emulator need."""


def main(folder: Path) -> int:
    """Builds and packs; returns the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / name_of_archive()
    with tempfile.TemporaryDirectory(prefix="archive-") as work:
        pack(build(Path(work)), archive)
    print(archive)
    return 0


def name_of_archive() -> str:
    """What Pulumi's engine asks a server of plugins for."""
    return f"{PROGRAM}-v{version()}-{system()}-{ARCHITECTURES[platform.machine().lower()]}.tar.gz"


def system() -> str:
    """What Pulumi calls this operating system: ``linux``, ``darwin`` or ``windows``."""
    return platform.system().lower()


def build(work: Path) -> Path:
    """The folder with the executable and what it needs."""
    from PyInstaller import __main__ as pyinstaller

    entry = work / "entry.py"
    entry.write_text(ENTRY, encoding="utf-8")
    pyinstaller.run(
        [
            *("--log-level", "WARN", "--onedir", "--name", PROGRAM),
            *("--distpath", str(work / "dist"), "--workpath", str(work / "build"), "--specpath", str(work)),
            # With modules in a compressed file it would take half as long again to start.
            *("--contents-directory", "lib", "--debug", "noarchive"),
            *("--add-data", f"{stubs(work / 'stubs')}:pulumi/runtime/proto"),
            *("--collect-submodules", "launchdarkly_pulumi.plugin", "--collect-submodules", "google.protobuf"),
            *("--copy-metadata", "launchdarkly-pulumi"),
            *(word for name in UNUSED for word in ("--exclude-module", name)),
            *(() if system() == "windows" else ("--strip",)),
            str(entry),
        ]
    )
    return work / "dist" / PROGRAM


def stubs(into: Path) -> Path:
    """Pulumi's stubs as bytecode: the plugin loads them from their folder, where PyInstaller would not look."""
    found = importlib.util.find_spec("pulumi")
    if found is None or found.origin is None:
        raise ImportError("Pulumi's Python SDK is not installed", name="pulumi")
    folder = Path(found.origin).parent / "runtime" / "proto"
    for source in folder.rglob("*_pb2*.py"):
        target = into / source.relative_to(folder).with_suffix(".pyc")
        target.parent.mkdir(parents=True, exist_ok=True)
        # What is unpacked has other times than what was packed.
        py_compile.compile(
            str(source), str(target), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )
    return into


def pack(built: Path, archive: Path) -> None:
    """Packs a folder's contents, which is where the engine looks for the executable."""
    with tarfile.open(archive, "w:gz") as packed:
        for path in sorted(built.iterdir()):
            packed.add(path, path.name)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
