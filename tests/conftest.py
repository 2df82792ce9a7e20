"""Hypothesis profiles: a quick one by default, and ``--hypothesis-profile=thorough`` for ten thousand examples."""

from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=200, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quick")
