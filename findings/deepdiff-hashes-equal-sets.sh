#!/usr/bin/env bash
# Guess:    deepdiff compares two sets with Python's operators: nothing is done for equal ones, and {1} equals {True}.
# Happens:  it first hashes each member of both sets by itself, equal sets too, in several calls for each member; and
#           {1} and {True}, equal to Python, are reported as one member removed and one added. A custom operator that
#           compares with `==` avoids the hashing. Calls are counted here, not time.
# Versions: deepdiff 9.1.0.
# Seen:     by counting the calls inside deepdiff's module deephash, for sets of 1,000 tags. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check deepdiff==9.1.0
cat > "$folder/run.py" <<'PROGRAM'
import sys
from importlib.metadata import version
from pathlib import Path

from deepdiff import DeepDiff
from deepdiff.operator import BaseOperator


class WithEquals(BaseOperator):
    def give_up_diffing(self, level, diff_instance):
        if level.t1 != level.t2:
            diff_instance.custom_report_result("differs", level)
        return True


def calls(**options):
    """How often deepdiff's hashing is called for two equal sets of 1,000 strings."""
    count = 0

    def profile(frame, event, _):
        nonlocal count
        count += event == "call" and Path(frame.f_code.co_filename).name == "deephash.py"

    old, new = ({"tags": {f"tag-{each}" for each in range(1000)}} for _ in range(2))
    sys.setprofile(profile)
    found = DeepDiff(old, new, **options)
    sys.setprofile(None)
    assert not found, found
    return count


print("deepdiff", version("deepdiff"))
plain, own = calls(), calls(custom_operators=[WithEquals(types=[set])])
found = DeepDiff({"tags": {1}}, {"tags": {True}})
print(f"equal sets of 1,000: {plain} calls of its hashing, {own} with an operator that compares with ==")
print("{1} and {True}:", found)
sys.exit(not (plain > 2000 and own == 0 and set(found) == {"set_item_added", "set_item_removed"}))
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
