#!/bin/sh
# Makes sure that there is an actionlint in the folder that is given: a link to the one on PATH, else built from its
# Go module. Says what it does on stderr; exits with 1 and one line when nothing works.
set -eu

VERSION=1.7.12
folder=$1

say() {
    echo "$1" >&2
}

mkdir -p "$folder"
if found=$(command -v actionlint); then
    say "Using $found."
    ln -sf "$found" "$folder/actionlint"
elif command -v go >/dev/null && GOBIN=$folder go install "github.com/rhysd/actionlint/cmd/actionlint@v$VERSION" 2>/dev/null; then
    say "Built actionlint $VERSION from its Go module."
else
    say "error: there is no actionlint on PATH, and no Go toolchain to build it with; see https://github.com/rhysd/actionlint"
    exit 1
fi
