"""Hypothesis profiles: a quick one by default, ``--hypothesis-profile=thorough`` for ten thousand examples.

``brief`` is for running everything many times over, on other versions of Python and of the dependencies.
"""

from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=200, deadline=None, derandomize=True)
settings.register_profile("brief", max_examples=20, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quick")
