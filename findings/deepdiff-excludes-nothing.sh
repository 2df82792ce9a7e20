#!/usr/bin/env bash
# Guess:    `exclude_paths=["config.password"]` keeps the password out of the difference, or is refused.
# Happens:  it is taken and excludes nothing: both passwords stand in the result. So does root["config"]["password"],
#           because of its double quotes inside a longer path. Only root['config']['password'] with single quotes works; a
#           bare name does as well, but only at the top ("config"). None of them raises or warns.
# Versions: deepdiff 9.1.0.
# Seen:     by comparing two documents that differ in the password alone. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check deepdiff==9.1.0
cat > "$folder/run.py" <<'PROGRAM'
import sys
import warnings
from importlib.metadata import version

from deepdiff import DeepDiff

warnings.simplefilter("error")
print("deepdiff", version("deepdiff"))
old, new = ({"config": {"host": "redis.example.com", "password": word}} for word in ("old-example", "new-example"))
expected = {
    "config.password": False,
    "root.config.password": False,
    "config['password']": False,
    'root["config"]["password"]': False,
    "root['config']['password']": True,
    "config": True,
}
seen = {path: not DeepDiff(old, new, exclude_paths=[path]) for path in expected}
for path, excluded in seen.items():
    print(f"{path:28} {'excluded' if excluded else DeepDiff(old, new, exclude_paths=[path])}")
sys.exit(seen != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
