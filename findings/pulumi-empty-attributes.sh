#!/usr/bin/env bash
# Guess:    A file backend's state is replaced by a rename, so an engine that is killed while it writes leaves the state of before or
#           after, and the next command goes on from it. Who reads meanwhile gets one of the two.
# Happens:  Beside each file Pulumi writes one with its attributes, in place and in two steps: made empty, then filled. Killed in between,
#           the stack can neither be selected nor previewed nor exported any more: `failed to load checkpoint: EOF`, though the state is
#           whole. A command that reads in that moment fails so too.
#           Without the file of attributes all goes on; a backend with `?metadata=skip` in its URL has none.
# Versions: Pulumi CLI 3.259.0, with gocloud.dev's fileblob.
# Seen:     with a stack of no resources, and a kill at the write of the attributes. Date: 2026-11-29.
# Needs:    bash, python3, the Pulumi CLI, strace, Linux; no program and no provider.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PULUMI_HOME="$folder/home" PULUMI_BACKEND_URL="file://$folder/backend" PULUMI_CONFIG_PASSPHRASE=passphrase PULUMI_SKIP_UPDATE_CHECK=1
mkdir "$folder/backend" "$folder/project"
cd "$folder/project"
printf 'name: shop\nruntime: python\n' > Pulumi.yaml
pulumi version
pulumi stack init dev
pulumi stack export --file state.json
attributes="$folder/backend/.pulumi/stacks/shop/dev.json.attrs"
state="${attributes%.attrs}"

test -s "$attributes"
strace --follow-forks --quiet=all --output=/dev/null --trace-path="$attributes" --inject=write:signal=KILL \
    pulumi stack import --file state.json > /dev/null 2>&1 && exit 1
test ! -s "$attributes"
python3 -m json.tool "$state" > /dev/null
for command in "stack select dev" "preview" "stack export"; do
    if said=$(pulumi $command --non-interactive 2>&1); then
        echo "the behaviour has changed"
        exit 1
    fi
    echo "pulumi $command: $said"
    grep -q 'failed to load checkpoint: EOF' <<< "$said"
done

rm "$attributes"
pulumi cancel --yes --non-interactive > /dev/null 2>&1 || true
pulumi stack export > /dev/null
echo "exported without the attributes"

export PULUMI_BACKEND_URL="file://$folder/another?metadata=skip"
mkdir "$folder/another"
pulumi stack init dev
pulumi stack export > /dev/null
test -z "$(find "$folder/another" -name '*.attrs')"
echo "no attributes with metadata=skip"
