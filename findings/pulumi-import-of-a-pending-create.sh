#!/usr/bin/env bash
# Guess:    `pulumi refresh --import-pending-creates URN,ID` completes a create that was cut off: the resource is in the state afterwards.
# Happens:  URN and ID are an option each; with a comma it is an error. Given so, the pending create is gone from the state, the resource
#           is not in it, and no provider was asked: the next update creates another one.
# Versions: Pulumi CLI 3.259.0.
# Seen:     with a stack that has a pending create alone. Date: 2026-11-28.
# Needs:    bash, the Pulumi CLI; no program and no provider.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PULUMI_HOME="$folder/home" PULUMI_BACKEND_URL="file://$folder/backend" PULUMI_CONFIG_PASSPHRASE=passphrase PULUMI_SKIP_UPDATE_CHECK=1
mkdir "$folder/backend" "$folder/project"
cd "$folder/project"
printf 'name: shop\nruntime: python\n' > Pulumi.yaml
pulumi version
pulumi stack init dev
urn=urn:pulumi:dev::shop::example:index:Store::store
cat > state.json <<STATE
{"version": 3, "deployment": {"manifest": {"time": "2026-11-28T00:00:00Z", "magic": "", "version": ""},
 "resources": [{"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "custom": false, "type": "pulumi:pulumi:Stack"}]}}
STATE
pulumi stack import --file state.json
# What the engine leaves behind that is killed during a create; `pulumi stack import` would drop it.
python3 - "$folder/backend/.pulumi/stacks/shop/dev.json" "$urn" <<'PROGRAM'
import json
import sys
from pathlib import Path

path = Path(sys.argv[1])
state = json.loads(path.read_text())
create = {"type": "creating", "resource": {"urn": sys.argv[2], "custom": True, "type": "example:index:Store"}}
state["checkpoint"]["latest"]["pending_operations"] = [create]
path.write_text(json.dumps(state))
PROGRAM

pending() { pulumi stack export | grep -q '"pending_operations"'; }
refresh() { pulumi refresh --yes --skip-preview --non-interactive "$@"; }
pending
if refresh --import-pending-creates "$urn,an-id"; then exit 1; fi
pending
refresh --import-pending-creates "$urn" --import-pending-creates an-id
if pending || pulumi stack export | grep -q "$urn"; then
    echo "the behaviour has changed"
    exit 1
fi
echo "no operation is pending, and the state does not have the resource"
