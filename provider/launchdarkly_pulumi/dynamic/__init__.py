"""What only Pulumi's dynamic providers need: their host process, hidden inputs, the engine, the stack's state.

Here belongs everything that works around a gap of dynamic providers. The core knows nothing of it.
"""
