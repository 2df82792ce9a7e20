"""What only Pulumi's dynamic providers need: their host process, the engine's messages, the stack's own state."""
