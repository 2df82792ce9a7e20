# What the scripts have in common that install a server of Debian's. To be sourced.

say() {
    echo "$1" >&2
}

may_install() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null
}

# install_without_starting PACKAGE SERVICE: installs the package; the service does not run, and does not start later.
install_without_starting() {
    say "Installing Debian's $1."
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        # What Debian's packages ask before they start a service.
        trap 'rm -f "$policy"' EXIT
        trap 'exit 1' HUP INT TERM
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    if ! { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "$1"; } \
        >/dev/null </dev/null; then
        say "error: apt-get could not install $1; install it in another way"
        exit 1
    fi
    # A policy that was there already may have allowed the start.
    service "$2" stop >/dev/null 2>&1 || true
    update-rc.d "$2" disable >/dev/null 2>&1 || true
}
