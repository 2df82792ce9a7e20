#!/usr/bin/env bash
# Guess:    applying a patch leaves the patch as it is, so one list of operations can be applied to many documents.
# Happens:  jsonpatch 1.33 puts the operation's own value into the document and edits it there with the operations that
#           follow: the list of operations has changed afterwards, and the second document gets more than the first.
#           `in_place=False`, the default, copies the document, not the patch. jsonpatch 1.48 copies the values as well.
# Versions: jsonpatch 1.33 and 1.48.
# Seen:     by applying one list of operations to two empty documents. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PROGRAM'
import sys
from copy import deepcopy
from importlib.metadata import version

import jsonpatch

operations = [{"op": "add", "path": "/tags", "value": []}, {"op": "add", "path": "/tags/-", "value": "team-a"}]
first = deepcopy(jsonpatch.apply_patch({}, operations))
second = deepcopy(jsonpatch.apply_patch({}, operations))
seen = (first["tags"], second["tags"], operations[0]["value"])
print("jsonpatch", version("jsonpatch"), "first", seen[0], "second", seen[1], "value in the patch", seen[2])
expected = {
    "1.33": (["team-a"], ["team-a", "team-a"], ["team-a", "team-a"]),
    "1.48": (["team-a"], ["team-a"], []),
}
sys.exit(seen != expected[version("jsonpatch")])
PROGRAM
python3 -m venv "$folder/environment"
for version in 1.33 1.48; do
    "$folder/environment/bin/pip" install --quiet --disable-pip-version-check "jsonpatch==$version" jsonpointer==3.12
    "$folder/environment/bin/python" "$folder/run.py"
done
echo "as found"
