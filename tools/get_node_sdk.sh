#!/bin/sh
# Makes sure that LaunchDarkly's Node SDK and its Redis store are in the folder that is given, to test against. Says what
# it does on stderr; exits with 1 and one line when that does not work.
set -eu

SDK=@launchdarkly/node-server-sdk@9.13.7
REDIS=@launchdarkly/node-server-sdk-redis@4.2.35
folder=$1

say() {
    echo "$1" >&2
}

if [ "$(cat "$folder/ready" 2>/dev/null)" = "$SDK $REDIS" ]; then
    say "Using $SDK and $REDIS in $folder."
    exit 0
fi
if ! command -v npm >/dev/null; then
    say "error: there is no npm on PATH, which LaunchDarkly's Node SDK is installed with; install Node.js"
    exit 1
fi

say "Installing $SDK and $REDIS into $folder."
rm -rf "$folder"
mkdir -p "$folder"
if ! npm install --silent --no-audit --no-fund --no-package-lock --save-exact --ignore-scripts --prefix "$folder" "$SDK" "$REDIS" >&2; then
    say "error: npm could not install $SDK and $REDIS"
    exit 1
fi
echo "$SDK $REDIS" >"$folder/ready"
