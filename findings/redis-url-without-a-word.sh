#!/usr/bin/env bash
# Guess:    a database in a Redis URL that is no number is refused, and so is a password with an unescaped `#` or `/`, with a
#           message that does not repeat it.
# Happens:  redis://HOST/one is database 0, without a word. With `#` or `/` in the password the URL is refused, and the error
#           quotes the password's beginning, as the port. An option that does not exist is refused only by the first command.
# Versions: redis (redis-py) 8.1.0.
# Seen:     in the settings that redis-py makes of URLs; nothing is connected to. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index; no Redis.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0
cat > "$folder/run.py" <<'PROGRAM'
import sys
from importlib.metadata import version

import redis


def outcome(url):
    """The database and the password that a URL means, or the error."""
    try:
        client = redis.Redis.from_url(url)
    except ValueError as error:
        return str(error)
    try:
        connection = client.connection_pool.make_connection()
    except TypeError:
        return "TypeError, when it connects"
    return connection.db, connection.credential_provider or client.connection_pool.connection_kwargs.get("password")


print("redis", version("redis"))
expected = {
    "redis://redis.example.com/one": (0, None),
    "redis://redis.example.com/2": (2, None),
    "redis://:first%23second@redis.example.com": (0, "first#second"),
    "redis://:first#second@redis.example.com": "Port could not be cast to integer value as 'first'",
    "redis://:first/second@redis.example.com": "Port could not be cast to integer value as 'first'",
    "redis://redis.example.com?no_such_option=1": "TypeError, when it connects",
}
seen = {url: outcome(url) for url in expected}
for url, what in seen.items():
    print(f"{url}: {what}")
sys.exit(seen != expected)
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
