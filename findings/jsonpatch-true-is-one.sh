#!/usr/bin/env bash
# Guess:    `test` of `true` against 1 holds, since Python's `==` says so, in every version of jsonpatch.
# Happens:  jsonpatch 1.33 lets it hold, and `make_patch` gives an empty patch from [1] to [true]: in a list the change is
#           lost. jsonpatch 1.48 refuses the test and writes the patch. Both say that 1 is 1.0, as RFC 6902 does.
# Versions: jsonpatch 1.33 and 1.48.
# Seen:     by applying the same patches with both versions. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PROGRAM'
import sys
from importlib.metadata import version

import jsonpatch


def holds(stored, tested):
    try:
        jsonpatch.apply_patch({"on": stored}, [{"op": "test", "path": "/on", "value": tested}])
    except jsonpatch.JsonPatchTestFailed:
        return False
    return True


seen = {
    "test true against 1": holds(1, True),
    "test 1.0 against 1": holds(1, 1.0),
    "patch from [1] to [true]": list(jsonpatch.make_patch({"tags": [1]}, {"tags": [True]})),
}
print("jsonpatch", version("jsonpatch"), seen)
expected = {
    "1.33": {"test true against 1": True, "test 1.0 against 1": True, "patch from [1] to [true]": []},
    "1.48": {
        "test true against 1": False,
        "test 1.0 against 1": True,
        "patch from [1] to [true]": [{"op": "replace", "path": "/tags/0", "value": True}],
    },
}
sys.exit(seen != expected[version("jsonpatch")])
PROGRAM
python3 -m venv "$folder/environment"
for version in 1.33 1.48; do
    "$folder/environment/bin/pip" install --quiet --disable-pip-version-check "jsonpatch==$version" jsonpointer==3.12
    "$folder/environment/bin/python" "$folder/run.py"
done
echo "as found"
