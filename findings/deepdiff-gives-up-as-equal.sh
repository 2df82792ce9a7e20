#!/usr/bin/env bash
# Guess:    max_diffs=3 gives three of the differences, or raises where there are more.
# Happens:  it counts comparisons, not differences, and gives what was found by then: nothing at all for two configs of which
#           each of 50 fields differs, the same as for equal ones. For a list of 50 other numbers even 100 are too few.
#           Only a line of its log says that it gave up.
# Versions: deepdiff 9.1.0.
# Seen:     by comparing documents in which everything differs. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check deepdiff==9.1.0
cat > "$folder/run.py" <<'PROGRAM'
import logging
import sys
from importlib.metadata import version

from deepdiff import DeepDiff

logging.disable()


def found(old, new, limit):
    """How many differences are reported."""
    return sum(map(len, DeepDiff(old, new, max_diffs=limit).values()))


fields = [{"config": {f"field-{each}": value for each in range(50)}} for value in ("old", "new")]
numbers = [list(range(50)), list(range(50, 100))]
seen = {
    "50 fields, max_diffs=3": found(*fields, 3),
    "50 fields, max_diffs=1000": found(*fields, 1000),
    "50 numbers, max_diffs=100": found(*numbers, 100),
    "50 numbers, max_diffs=1000": found(*numbers, 1000),
}
print("deepdiff", version("deepdiff"), seen)
sys.exit(list(seen.values()) != [0, 50, 0, 50])
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
