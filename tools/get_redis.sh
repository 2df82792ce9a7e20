#!/bin/sh
# Makes sure that there is a redis-server to test against: the one on PATH, else Debian's package when root may
# install it. No Redis is left running. Says what it does on stderr; exits with 1 and one line when nothing works.
set -eu

say() {
    echo "$1" >&2
}

if found=$(command -v redis-server); then
    say "Using $found."
    exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "error: there is no redis-server on PATH; install the package redis-server (Debian, Ubuntu) or redis (elsewhere)"
    exit 1
fi

say "Installing Debian's redis-server."
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    # What Debian's packages ask before they start a service.
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
if ! { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends redis-server; } \
    >/dev/null </dev/null; then
    say "error: apt-get could not install redis-server; install it in another way, so that it is on PATH"
    exit 1
fi
# A policy that was there already may have allowed the start.
service redis-server stop >/dev/null 2>&1 || true
update-rc.d redis-server disable >/dev/null 2>&1 || true
