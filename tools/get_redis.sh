#!/bin/sh
# Makes sure that there is a redis-server to test against: the one on PATH, else Debian's package when root may
# install it. No Redis is left running. Says what it does on stderr; exits with 1 and one line when nothing works.
set -eu
. "$(dirname "$0")/debian.sh"

if found=$(command -v redis-server); then
    say "Using $found."
    exit 0
fi
if ! may_install; then
    say "error: there is no redis-server on PATH; install the package redis-server (Debian, Ubuntu) or redis (elsewhere)"
    exit 1
fi
install_without_starting redis-server redis-server
