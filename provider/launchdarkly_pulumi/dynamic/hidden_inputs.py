"""The inputs and outputs of a dynamic resource that no person sees: their names.

Pulumi's engine does not hand a resource's options to a dynamic provider, so the resource writes them among its inputs.
They are written in `program`, and `codec` takes them out of what the core is given.
"""

from __future__ import annotations

from ..model.fields import INTEGRATION_FIELDS

MARKED_SECRETS = "_secrets"
"""The input in which the resource tells which other inputs the program marks as secret, as dotted names.

The engine hands every value over in plain text.
"""


ADOPTED = "_import"
"""The input that holds the ``import_`` option: the ID of the integration that the resource adopts."""


IGNORED = "_ignore_changes"
"""The input that holds the ``ignore_changes`` option: the engine applies it to the program's side alone."""


STORE_COUNT = "_stores"
"""The input in which the first stores of a program tell how many there are, and the stack's organization, as a list.

It ends in ``check``: what the engine keeps must not differ with the number of stores.
"""


REPLACED_ON_CHANGES = "_replace_on_changes"
"""The input that holds the ``replace_on_changes`` option. It ends in ``check``."""


PROGRAM = "_program"
"""The input in which a store with ``import_`` tells the URNs of all stores of the program. It ends in ``check``."""


ASSIGNED = "_assigned"
"""The output that lists which of the outputs are no inputs: fields that the program leaves to LaunchDarkly."""


PREVIEW = "_preview"
"""The input that each store has in a preview, and no other time; with the first ones, the places of all stores.

It ends in ``check``.
"""


COMPARED = "_compared"
"""The output that is there where the whole config was compared with LaunchDarkly's at the state's version."""


HIDDEN_INPUTS = (MARKED_SECRETS, ADOPTED, IGNORED)
"""What the resource tells the provider beside the fields, for good.

GOTCHA: one underscore. Inputs whose names begin with two are Pulumi's own: its engine hides them from people, and its
Python SDK before 3.235 from the provider as well.
"""


INPUT_NAMES = (*(f.name for f in INTEGRATION_FIELDS), "config", *HIDDEN_INPUTS)
