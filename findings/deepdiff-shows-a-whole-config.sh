#!/usr/bin/env bash
# Guess:    two mappings under one key are compared key by key, and an excluded path is in no result.
# Happens:  where less than a third of the keys are in both, deepdiff reports one change of the whole mapping, with all that is
#           in it: the excluded password too. So it does where a mapping takes the place of something else. With
#           threshold_to_diff_deeper=0 the first is compared key by key.
# Versions: deepdiff 9.1.0.
# Seen:     by comparing configs of two kinds of stores. Date: 2026-11-28.
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

from deepdiff import DeepDiff

EXCLUDED = ["root['config']['password']"]


def seen(old, new, **options):
    """The paths that are reported, and whether the excluded password is in the result."""
    found = DeepDiff({"config": old}, {"config": new}, exclude_paths=EXCLUDED, **options)
    return sorted(path for paths in found.values() for path in paths), "example-password" in str(found)


redis = {"host": "redis.example.com", "port": "6379", "password": "example-password"}
moved = redis | {"host": "redis-2.example.com", "password": "another-password"}
table = {"tableName": "segments", "region": "eu-west-1", "port": "6379"}
bare = {"tableName": "segments", "region": "eu-west-1"}
results = {
    "most keys in both": seen(redis, moved),
    "one of five keys in both": seen(table, redis),
    "the same, with the threshold 0": seen(table, redis, threshold_to_diff_deeper=0),
    "no key in both": seen(bare, redis),
    "a mapping in the place of null": seen(None, redis),
}
print("deepdiff", version("deepdiff"))
for name, what in results.items():
    print(f"{name}: {what}")
whole = (["root['config']"], True)
single = [f"root['config']['{key}']" for key in ("host", "region", "tableName")]
expected = {
    "most keys in both": (["root['config']['host']"], False),
    "one of five keys in both": whole,
    "the same, with the threshold 0": (single, False),
    "no key in both": whole,
    "a mapping in the place of null": whole,
}
sys.exit(results != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
