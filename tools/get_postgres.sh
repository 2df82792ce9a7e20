#!/bin/sh
# Makes sure that there are the programs of Postgres to measure with: those on PATH, else those of Debian's package,
# which root may have to install. No Postgres is left running. Prints the folder that they are in; says what it does on
# stderr; exits with 1 and one line when nothing works.
set -eu
. "$(dirname "$0")/debian.sh"

# Debian has the programs of each version in a folder that is not on PATH.
print_folder() {
    for folder in "$(dirname "$(command -v initdb || echo none)")" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/psql" ]; then
            say "Using the Postgres in $folder."
            echo "$folder"
            return 0
        fi
    done
    return 1
}

if print_folder; then
    exit 0
fi
if ! may_install; then
    say "error: there are no initdb, postgres and psql on PATH; install the package postgresql (Debian, Ubuntu) or the like"
    exit 1
fi
install_without_starting postgresql postgresql
if ! print_folder; then
    say "error: Debian's package postgresql has brought no initdb, postgres and psql; put those of Postgres on PATH"
    exit 1
fi
