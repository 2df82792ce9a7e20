"""The operations on integrations: read, compare, create, adopt, update, delete and wait, safe under concurrent changes.

The core knows LaunchDarkly (`api`) and what a state has of an integration. It knows neither Pulumi nor a command line:
its messages go to a reporter, and a door hands it what is in the stack's state.
"""
