#!/usr/bin/env bash
# Guess:    whatever is wrong with a patch is a JsonPatchException, so `except JsonPatchException` catches it.
# Happens:  many impossible paths raise JsonPointerException of the package jsonpointer, which is no JsonPatchException,
#           also where operations look alike: `replace` of the place after the last tag is the one, `remove` the other.
# Versions: jsonpatch 1.33 and 1.48, jsonpointer 3.12.
# Seen:     by applying one operation at a time. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PROGRAM'
import sys
from importlib.metadata import version

import jsonpatch


def is_patch_exception(operation):
    document = {"name": "example", "tags": ["team-a", "team-b"]}
    try:
        jsonpatch.apply_patch(document, [operation])
    except jsonpatch.JsonPatchException:
        return True
    except jsonpatch.JsonPointerException:
        return False


expected = {
    "replace /missing": True,
    "replace /tags/-": True,
    "remove /tags/-": False,
    "remove /tags/-1": False,
    "add /tags/9": True,
    "add /tags/01": False,
    "add /name/0": False,
    "test /name/0": True,
    "add /missing/host": False,
}
seen = {}
for each in expected:
    op, path = each.split()
    seen[each] = is_patch_exception({"op": op, "path": path, "value": "team-c"})
print({name: version(name) for name in ("jsonpatch", "jsonpointer")}, "a JsonPatchException:", seen)
sys.exit(seen != expected)
PROGRAM
python3 -m venv "$folder/environment"
for version in 1.33 1.48; do
    "$folder/environment/bin/pip" install --quiet --disable-pip-version-check "jsonpatch==$version" jsonpointer==3.12
    "$folder/environment/bin/python" "$folder/run.py"
done
echo "as found"
