"""Measures the provider with the real Pulumi CLI: ``make bench``."""
