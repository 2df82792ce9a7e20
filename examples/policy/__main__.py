"""Starts the policy pack, for a Python language host that looks for it here and not in the pack's own folder.

The CLI that ``make setup`` builds from Go modules has such a host. With Pulumi's own CLI this file is not used.
"""

import runpy

runpy.run_path("policy-pack", run_name="__main__")
