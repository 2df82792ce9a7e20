"""What a big segment store integration is: its kinds and fields, its ID, its document, and how two documents differ.

Everything here is pure: no network, no files, no clock, no Pulumi. What needs one of these belongs elsewhere.

Sources: LaunchDarkly's API reference, "Persistent store integrations (beta)", and the ``formVariables`` of
LaunchDarkly's integration manifests for ``redis`` and ``dynamodb``.
"""
