"""The resource, as far as it decides something itself."""

from __future__ import annotations

import pulumi
import pytest

from launchdarkly_pulumi import BigSegmentStoreIntegration


@pytest.mark.parametrize("older", ["3.267.0", "3.99.1", "2.300.0"])
def test_reading_by_id_says_which_sdk_it_needs(monkeypatch: pytest.MonkeyPatch, older: str) -> None:
    """Instead of the ``KeyError`` that an older SDK would end with, in the provider's process."""
    monkeypatch.setattr("importlib.metadata.version", lambda _distribution: older)
    with pytest.raises(pulumi.RunError, match=r"get needs pulumi 3\.268 or later"):
        BigSegmentStoreIntegration.get("store", "default/production/redis/57c0")
