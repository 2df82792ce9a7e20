"""The plugin's process: how it starts, what it says of itself, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2

import launchdarkly_pulumi
from launchdarkly_pulumi.dynamic.garbage import COLLECTED_AFTER
from launchdarkly_pulumi.emulator import Emulator
from launchdarkly_pulumi.plugin.main import engine_address
from launchdarkly_pulumi.plugin.schema import FIND, READINESS, schema
from support.host import error_of
from support.plugin import Plugin, plugin_for, urn_of
from support.plugin_samples import created, redis

BY_HAND = (
    "error: pulumi-resource-launchdarkly-big-segments: Pulumi starts this plugin by itself, with its engine's address. "
    "For the commands run `launchdarkly-pulumi`\n"
)


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["127.0.0.1:4711"], "127.0.0.1:4711"),
        (["[::1]:4711"], "[::1]:4711"),
        (["-logtostderr", "-v=9", "localhost:1"], "localhost:1"),
        (["--logtostderr", "-v=9", "--tracing", "http://127.0.0.1:9411/api", "localhost:1"], "localhost:1"),
        ([], None),
        (["list"], None),
        (["--version"], None),
        (["emulator", "--port", "8000"], None),
        (["status", "localhost:1"], None),
        (["127.0.0.1:4711", "list"], None),
    ],
)
def test_an_engine_is_told_from_a_person(arguments: list[str], address: str | None) -> None:
    """By its address, which comes last."""
    assert engine_address(arguments) == address


def run(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the plugin to its end."""
    environment = os.environ | ({"PYTHONPATH": f"{path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"} if path else {})
    command = [sys.executable, "-m", "launchdarkly_pulumi.plugin.main", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=60)


def test_a_start_by_hand_is_one_line() -> None:
    """Which says what to do instead."""
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (1, "", BY_HAND)


@pytest.mark.parametrize("missing", ["grpc", "pulumi"])
def test_a_missing_package_is_one_line(tmp_path: Path, missing: str) -> None:
    """As where somebody has copied the script alone."""
    hidden = "raise ImportError('hidden', name='grpc')" if missing == "grpc" else None
    if hidden:
        (tmp_path / "grpc.py").write_text(hidden)
    else:
        (tmp_path / "sitecustomize.py").write_text(
            "import importlib.util as u\nfind = u.find_spec\n"
            "u.find_spec = lambda name, *more: None if name == 'pulumi' else find(name, *more)\n"
        )
    done = run("127.0.0.1:1", path=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: pulumi-resource-launchdarkly-big-segments: the plugin needs the Python package {missing}, which "
        f"{sys.executable} does not have: run `pip install launchdarkly-pulumi` with it\n"
    )


def test_commands_are_told_apart() -> None:
    """``python -m launchdarkly_pulumi`` is the command line for people."""
    done = subprocess.run(
        [sys.executable, "-m", "launchdarkly_pulumi", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("launchdarkly-pulumi ")


def test_the_plugin_tells_what_it_is() -> None:
    """Its version and its schema, before it is configured."""
    with Plugin() as plugin:
        info = plugin.stub.GetPluginInfo(empty_pb2.Empty())
        found = json.loads(plugin.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
        shaken = plugin.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=plugin.address))
    assert info.version == launchdarkly_pulumi.__version__
    assert found == schema(info.version)
    assert shaken.accept_secrets


def test_it_ends_with_its_engine() -> None:
    """An engine that was killed ends no plugin."""
    with Plugin() as plugin:
        plugin.end_engine()
        assert plugin.process.wait(30) == 0
        assert plugin.process.stderr is not None
        assert plugin.process.stderr.read() == ""


def test_an_engine_that_is_gone_before_it_starts_ends_it() -> None:
    """Nothing listens at the address."""
    done = run("127.0.0.1:1")
    assert (done.returncode, done.stderr) == (0, "")


def test_garbage_is_collected_seldom_once_all_is_loaded() -> None:
    """What is loaded is excluded, and a request finds what it needs."""
    program = (
        "import gc, sys; gc.disable(); from launchdarkly_pulumi.plugin import main; main._load(); "
        "print(gc.isenabled(), gc.get_threshold()[0], gc.get_freeze_count() > 1000, 'requests' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["True", str(COLLECTED_AFTER), "True", "True"]


def test_asyncio_s_half_of_grpc_is_not_loaded() -> None:
    """It would be a quarter of gRPC's import, for which each command waits."""
    program = (
        "import sys; from launchdarkly_pulumi.plugin import engines, server; "
        "print(*(name for name in sys.modules if name.startswith('grpc.aio.')), 'end')"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["end"]


def test_pulumi_runs_it_from_a_folder() -> None:
    """As with ``PulumiPlugin.yaml``: Pulumi's SDK runs the module with the distribution's name."""
    command = [sys.executable, "-m", "pulumi.run.plugin", "launchdarkly-pulumi", "127.0.0.1:1"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().isdigit()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to(ending: signal.Signals) -> None:
    """As Pulumi's engine does after each command; it says nothing then."""
    with Plugin() as plugin:
        plugin.process.send_signal(ending)
        assert plugin.process.wait(30) == 0
        assert plugin.process.stderr is not None
        assert plugin.process.stderr.read() == ""


def test_an_engine_attaches_itself(emulator: Emulator) -> None:
    """As with ``PULUMI_DEBUG_PROVIDERS``: messages go to it from then on."""
    with plugin_for(emulator.url) as plugin, plugin_for(emulator.url) as other:
        id_, outputs, inputs = created(plugin)
        emulator.outside_edit(id_.rpartition("/")[2], {"on": False})
        plugin.stub.Attach(plugin_pb2.PluginAttach(address=other.address))
        plugin.check(redis(), inputs)
        plugin.diff(id_, outputs, inputs)
        assert "changed in LaunchDarkly" in other.messages[-1].text
        plugin.stub.Attach(plugin_pb2.PluginAttach(address=plugin.address))


def test_a_cancelled_run_sends_nothing_more(emulator: Emulator) -> None:
    """What is under way ends with one line."""
    with plugin_for(emulator.url) as plugin:
        inputs = plugin.check(redis()).inputs
        plugin.cancel()
        with pytest.raises(grpc.RpcError) as failed:
            plugin.create(inputs)
    assert error_of(failed.value) == "interrupted: nothing more is sent to LaunchDarkly"
    assert "POST" not in {request.method for request in emulator.requests}


def test_what_the_protocol_has_beside_is_refused_silently() -> None:
    """Pulumi asks every plugin for mappings, and shows what a plugin writes to stderr."""
    with Plugin() as plugin:
        with pytest.raises(grpc.RpcError) as failed:
            plugin.stub.GetMapping(provider_pb2.GetMappingRequest(key="terraform"))
        assert failed.value.code() is grpc.StatusCode.UNIMPLEMENTED
        plugin.end_engine()
        assert plugin.process.stderr is not None
        assert plugin.process.stderr.read() == ""


def test_what_is_not_there_is_one_line() -> None:
    """Resources and functions of another version, and calls before there are settings."""
    with plugin_for("http://127.0.0.1:1") as plugin:
        for urn, type_ in ((urn_of("x", "a:b:C"), "a:b:C"), (urn_of("x", f"p:q:R${READINESS}"), None)):
            request = provider_pb2.CheckRequest(urn=urn, news=Struct())
            if type_ is None:
                assert plugin.stub.Check(request).failures[0].reason == "integration is required"
                continue
            with pytest.raises(grpc.RpcError) as failed:
                plugin.stub.Check(request)
            assert error_of(failed.value).startswith(f"there is no resource {type_}: there are ")
        with pytest.raises(grpc.RpcError) as failed:
            plugin.invoke("a:b:c")
        assert error_of(failed.value) == "there is no function a:b:c"
    with Plugin() as plugin:
        with pytest.raises(grpc.RpcError) as failed:
            plugin.invoke(FIND, id="default/production/redis/1")
        assert error_of(failed.value) == "the engine has not configured the plugin"
