"""What is there, and not whole: the engine keeps it, and the next update goes on with it."""

from __future__ import annotations

import grpc
import pytest

from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.model.fields import REPLACED_OUTSIDE
from launchdarkly_pulumi.plugin.wire import Properties, decoded
from support.front import Front, posts
from support.host import error_of
from support.plugin import kept_in_part, plugin_for
from support.plugin_samples import PASSWORD_PLACE, redis
from support.samples import PASSWORD, TOKEN
from support.scripted_server import Request, answer


def patches(request: Request) -> bool:
    """Whether a store is to be changed."""
    return request.method == "PATCH"


def test_a_store_whose_password_is_not_set_is_kept(emulator: Emulator) -> None:
    """The response to the POST is lost, the store is found, and its password cannot be sent: the ID stays."""
    with Front({TOKEN: emulator}) as front, plugin_for(front.url) as plugin:
        inputs = plugin.check(redis()).inputs
        front.on(posts, front.lose_answer)
        front.on(patches, answer(403, {"code": "forbidden", "message": "not allowed"}))
        with pytest.raises(grpc.RpcError) as failed:
            plugin.create(inputs)
        kept = kept_in_part(failed.value)
        [integration_id] = emulator.integrations
        assert kept.id == f"default/production/redis/{integration_id}"
        assert error_of(failed.value) == kept.reasons[0]
        assert kept.reasons[0].startswith(f"{kept.id}: config.redis.password could not be set")
        outputs = decoded(kept.properties)
        assert outputs.values["config"]["redis"]["password"] == REPLACED_OUTSIDE
        assert outputs.secret == {PASSWORD_PLACE}
    with plugin_for(emulator.url) as plugin:
        plugin.check(redis(), decoded(kept.inputs))
        emulator.clear_requests()
        outputs = plugin.update(kept.id, outputs, inputs)
        assert [request.method for request in emulator.requests] == ["GET", "PATCH"]
        assert emulator.stored_config(integration_id)["password"] == PASSWORD
        assert outputs == Properties(outputs.values, frozenset({PASSWORD_PLACE}))


def test_an_error_has_its_advice_in_the_same_line(emulator: Emulator) -> None:
    """In the plugin's words."""
    with Front({"api-of-another": emulator}) as front, plugin_for(front.url) as plugin:
        inputs = plugin.check(redis()).inputs
        with pytest.raises(grpc.RpcError) as failed:
            plugin.create(inputs)
    shown = error_of(failed.value)
    assert "\n" not in shown
    source = "launchdarkly-big-segments:accessToken of the stack"
    assert shown.endswith(
        f"The token comes from {source}: it may be wrong, revoked, or of another LaunchDarkly instance."
    )


def test_an_error_has_no_secret_and_one_line(emulator: Emulator) -> None:
    """Even where a server echoes what it was sent."""
    with Front({TOKEN: emulator}) as front, plugin_for(front.url) as plugin:
        inputs = plugin.check(redis()).inputs
        front.on(posts, answer(400, {"code": "invalid_request", "message": f"bad config {PASSWORD}"}))
        with pytest.raises(grpc.RpcError) as failed:
            plugin.create(inputs)
    shown = error_of(failed.value)
    assert "\n" not in shown
    assert PASSWORD not in shown
    assert "bad config" in shown
