"""What is done with integrations: read, compare, create, adopt, update, delete, wait; safely, beside others.

It knows LaunchDarkly (`api`) and what a state holds of an integration. It knows neither Pulumi nor a command line:
what it has to say it says to a reporter, and what the stack's state has it is told.
"""
