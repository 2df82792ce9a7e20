"""Gets the Pulumi CLI: the one on PATH if it is recent enough, else by Pulumi's installer, else from Go modules.

Usage: ``python tools/get_pulumi.py FOLDER``. Afterwards ``FOLDER/pulumi`` is there, and the plugins that run
programs in Python, JavaScript and Go beside it. Prints what it does on stderr; exits with 1 and one line when nothing
works.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

VERSION = "3.259.0"
MINIMUM = (3, 226, 1)
"""The first with the exit codes of ``preview --expect-no-changes`` that the demo and the tests look for."""
GO_MODULES = Path(__file__).parent / "pulumi-cli"
ENGINE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
LANGUAGE_HOSTS = {
    "pulumi-language-python": ("language-host", f"{SDK_MODULE}/python/cmd/pulumi-language-python"),
    "pulumi-language-nodejs": ("node-host", f"{SDK_MODULE}/nodejs/cmd/pulumi-language-nodejs"),
    "pulumi-language-go": ("node-host", f"{SDK_MODULE}/go/pulumi-language-go"),
}
"""The folder and the package of each. They are of different versions of one module, hence of folders of their own."""
PATIENCE = 15
"""Seconds without a word, at most."""
VERSION_FLAG = f"-s -w -X {SDK_MODULE}/go/common/version.Version={VERSION}"
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")


def main(folder: Path) -> int:
    """Fills the folder by the first way that works."""
    if (folder / "pulumi").exists():
        return complete(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for way in (link_to_path, run_installer, build_from_go_modules):
        try:
            if way(folder):
                return 0
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            say(f"  not possible: {str(error).splitlines()[-1] if str(error) else type(error).__name__}")
    say(
        f"error: there is no Pulumi CLI {'.'.join(map(str, MINIMUM))} or later; see https://www.pulumi.com/docs/install/"
    )
    return 1


def complete(folder: Path) -> int:
    """Builds what an earlier version of this program has not built yet."""
    was_built = (folder / "pulumi-language-python").exists() and not (folder / "pulumi-language-python").is_symlink()
    try:
        for name in LANGUAGE_HOSTS if was_built else ():
            if not (folder / name).exists():
                say(f"Building {name} from Go modules ...")
                build_language_host(folder, name)
    except (OSError, subprocess.SubprocessError) as error:
        say(f"error: {name} cannot be built: {error}")
        return 1
    return 0


def link_to_path(folder: Path) -> bool:
    """Links to the CLI on PATH when it is recent enough and can run Python programs."""
    found = shutil.which("pulumi")
    if not found or not shutil.which("pulumi-language-python"):
        return False
    version = subprocess.run([found, "version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(int(part) for part in version.lstrip("v").split("-")[0].split(".")) < MINIMUM:
        say(f"The Pulumi CLI on PATH is {version}, too old.")
        return False
    say(f"Using the Pulumi CLI {version} on PATH.")
    (folder / "pulumi").symlink_to(found)
    return True


def run_installer(folder: Path) -> bool:
    """Runs Pulumi's installer through the Automation API."""
    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    say(f"Installing the Pulumi CLI {VERSION} with Pulumi's installer ...")
    root = folder.parent / "installed"
    PulumiCommand.install(root=str(root), version=VersionInfo.parse(VERSION))
    for tool in (root / "bin").iterdir():
        (folder / tool.name).symlink_to(tool.resolve())
    return (folder / "pulumi").exists()


def build_from_go_modules(folder: Path) -> bool:
    """Builds the CLI and its language hosts from Go modules: about three minutes, seconds once Go has cached it."""
    if not shutil.which("go"):
        raise RuntimeError("there is no Go toolchain to build it with")
    say(f"Building the Pulumi CLI {VERSION} from Go modules (about 3 minutes the first time) ...")
    for name in LANGUAGE_HOSTS:
        build_language_host(folder, name)
    # NOTE: not `go list -m`: on a new machine it names no folder, since nothing has downloaded the module yet.
    sdk = Path(json.loads(go(GO_MODULES / "engine", "mod", "download", "-json", SDK_MODULE))["Dir"])
    for script in SCRIPTS:
        target = folder / Path(script).name
        shutil.copyfile(sdk / script, target)
        target.chmod(0o755)
    go(GO_MODULES / "engine", "build", "-ldflags", VERSION_FLAG, "-o", str(folder / "pulumi"), ENGINE)
    say("Its language hosts are of 2023: that of Python ignores runtime.options of Pulumi.yaml: see CONTRIBUTING.md.")
    return True


def build_language_host(folder: Path, name: str) -> None:
    """Builds what runs the programs of one language."""
    module, package = LANGUAGE_HOSTS[name]
    go(GO_MODULES / module, "build", "-o", str(folder / name), package)


def go(module: Path, *arguments: str) -> str:
    """Runs the Go tool in a module, and says now and then that it still runs; returns what it prints."""
    command = ["go", *arguments]
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=module, env=os.environ | {"GOWORK": "off"}, stdout=subprocess.PIPE, text=True
    ) as run:
        while True:
            try:
                output, _ = run.communicate(timeout=PATIENCE)
                break
            except subprocess.TimeoutExpired:
                say(f"  still building ({time.monotonic() - started:.0f} seconds) ...")
            except BaseException:
                run.kill()
                raise
    if run.returncode:
        raise subprocess.CalledProcessError(run.returncode, command)
    return output


def say(text: str) -> None:
    """Tells what happens, at once."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
