"""Generates the SDKs of the plugin from its schema, with Pulumi's own generators.

Usage: ``python tools/generate_sdks.py FOLDER LANGUAGE...``; the languages are ``go``, ``nodejs``, ``python`` and
``dotnet``. Afterwards ``FOLDER/LANGUAGE`` has the SDK and nothing else; two runs write the same bytes. The one for
Node.js is compiled and packed too, by the TypeScript of ``.tools/node``. Exits with 1 and one line where something does
not work.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from get_pulumi import GO_MODULES, go, say
from launchdarkly_pulumi.plugin.schema import schema
from launchdarkly_pulumi.plugin.version import version

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
MODULES = TOOLS / "node" / "node_modules"
GENERATORS = {"go": "engine", "nodejs": "engine", "python": "engine", "dotnet": "dotnet"}
"""The module that has each language's generator. That of .NET left Pulumi's own module after v3.225.1."""


def main(folder: Path, languages: Sequence[str]) -> int:
    """Writes the SDKs of these languages."""
    try:
        for module in dict.fromkeys(GENERATORS[language] for language in languages):
            write(folder, module, [each for each in languages if GENERATORS[each] == module])
        if "nodejs" in languages:
            pack(folder / "nodejs")
    except (OSError, KeyError, subprocess.SubprocessError) as error:
        say(f"error: the SDKs cannot be generated: {error}")
        return 1
    return 0


def write(folder: Path, module: str, languages: Sequence[str]) -> None:
    """Writes the SDKs whose generators one module has."""
    say(f"Generating the SDK of {', '.join(languages)} ...")
    for language in languages:
        shutil.rmtree(folder / language, ignore_errors=True)
    for name, content in generated(module, languages).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(content))


def generated(module: str, languages: Sequence[str]) -> dict[str, str]:
    """Each file by its path, in Base64."""
    program = TOOLS / f"sdks-{module}"
    go(GO_MODULES / module, "build", "-o", str(program), "./sdks")
    text = json.dumps(schema(version()))
    done = subprocess.run([str(program), *languages], input=text, stdout=subprocess.PIPE, text=True, check=True)
    files: dict[str, str] = json.loads(done.stdout)
    return files


def pack(folder: Path) -> None:
    """Compiles the SDK for Node.js, and packs it as npm installs it."""
    say("Compiling the SDK of nodejs ...")
    (folder / "node_modules").symlink_to(MODULES)
    try:
        subprocess.run([str(MODULES / ".bin" / "tsc")], cwd=folder, check=True)
    finally:
        (folder / "node_modules").unlink()
    for name in ("package.json", "README.md"):
        shutil.copyfile(folder / name, folder / "bin" / name)
    # No note of a newer npm.
    environment = os.environ | {"npm_config_update_notifier": "false"}
    command = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), str(folder / "bin")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute(), sys.argv[2:]))
