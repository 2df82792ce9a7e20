"""The names of the hidden inputs and outputs of a dynamic resource, by which the program talks to the provider.

Pulumi's engine does not pass a resource's options to a dynamic provider, so the resource adds them to its inputs.
`program` writes them, and `codec` removes them from what the core gets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.fields import INTEGRATION_FIELDS

Properties = Mapping[str, Any]
"""The inputs or the outputs of a resource by the names of a Python program, hidden ones included."""


MARKED_SECRETS = "_secrets"
"""The input that lists which other inputs the program marks as secret, as dotted names.

The engine passes every value to the provider in plain text, and does not say which ones are secrets.
"""


ADOPTED = "_import"
"""The input that holds the ``import_`` option: the ID of the integration that the resource adopts."""


IGNORED = "_ignore_changes"
"""The input that holds the ``ignore_changes`` option: the engine applies it only to the inputs, not to drift."""


ORGANIZATION = "_organization"
"""The input that holds the stack's organization. ``check`` removes it."""


REPLACED_ON_CHANGES = "_replace_on_changes"
"""The input that holds the ``replace_on_changes`` option. ``check`` removes it."""


PROGRAM = "_program"
"""The input of a store with ``import_``: the URNs of all stores of the program. ``check`` removes it."""


ASSIGNED = "_assigned"
"""The output that lists which other outputs are not inputs: the fields that the program leaves to LaunchDarkly."""


PREVIEW = "_preview"
"""The input that every store has in a preview, and only then: JSON, with the places of all stores for the first stores.

For the others it is empty. ``check`` removes it.
"""


COMPARED = "_compared"
"""The output that is ``True`` if the whole config was compared with LaunchDarkly's at the state's version."""


HIDDEN_INPUTS = (MARKED_SECRETS, ADOPTED, IGNORED)
"""The hidden inputs that the state keeps.

GOTCHA: one underscore. Inputs whose names begin with two are Pulumi's own: its engine hides them from people, and its
Python SDK before 3.235 from the provider as well.
"""


INPUT_NAMES = (*(f.name for f in INTEGRATION_FIELDS), "config", *HIDDEN_INPUTS)
