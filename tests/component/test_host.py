"""What this package changes in the process of all dynamic providers, and that the others notice nothing of it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from launchdarkly_pulumi.core.debug_log import DEBUG_VARIABLE
from launchdarkly_pulumi.dynamic import host, messages
from launchdarkly_pulumi.errors import CallError, LaunchDarklyError, NotFound


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the host process, as Pulumi's has it."""
    module = ModuleType("__main__")
    module.traceback = traceback  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "__main__", module)
    monkeypatch.delenv(DEBUG_VARIABLE, raising=False)
    return module


@pytest.fixture(autouse=True)
def logger() -> Iterator[logging.Logger]:
    """The log of gRPC, which keeps no filter of a test."""
    logger = logging.getLogger("grpc._server")
    before = list(logger.filters)
    yield logger
    logger.filters[:] = before


# Errors.


def formatted(module: ModuleType, error: BaseException) -> Any:
    """What the host makes of an error."""
    try:
        raise error
    except BaseException:
        return module.traceback.format_exc()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LaunchDarklyError("no"), "LaunchDarklyError: no"),
        (NotFound("GET x", "404", "Look."), "LaunchDarklyError: GET x: 404\n  Look."),
        (CallError("GET x", "why"), "LaunchDarklyError: GET x: why"),
    ],
)
def test_an_error_of_ours_is_told_without_a_traceback(module: ModuleType, error: Exception, told: str) -> None:
    """Whatever its class is."""
    host.show_errors_as_one_line()
    assert formatted(module, error) == told


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), KeyError("x")], ids=repr)
def test_an_error_of_others_looks_as_without_us(module: ModuleType, error: BaseException) -> None:
    """With its whole traceback."""
    without_us = formatted(module, error)
    host.show_errors_as_one_line()
    with_us = formatted(module, error)
    assert "Traceback (most recent call last):" in without_us
    assert with_us.splitlines()[-1] == without_us.splitlines()[-1]
    assert f'File "{__file__}"' in with_us
    assert "in formatted" in with_us


def test_an_error_of_others_because_of_ours_is_theirs(module: ModuleType) -> None:
    """The chain is shown."""
    host.show_errors_as_one_line()
    error = ValueError("theirs")
    error.__cause__ = LaunchDarklyError("ours")
    told = formatted(module, error)
    assert "ValueError: theirs" in told
    assert "direct cause" in told


def test_the_arguments_of_the_host_are_handed_on(module: ModuleType) -> None:
    """As another version of it may give some."""
    host.show_errors_as_one_line()

    def deep(level: int) -> None:
        if level:
            deep(level - 1)
        raise ValueError("no")

    try:
        deep(5)
    except ValueError:
        whole, short = (module.traceback.format_exc(), module.traceback.format_exc(limit=1))
        assert short == traceback.format_exc(limit=1)
    assert whole.count("in deep") > short.count("in deep")


def test_the_host_finds_all_else_of_the_module(module: ModuleType) -> None:
    """The same functions."""
    host.show_errors_as_one_line()
    stand_in = module.traceback
    assert stand_in is not traceback
    assert stand_in.print_exc is traceback.print_exc
    assert set(vars(stand_in)) >= {name for name in vars(traceback) if not name.startswith("__")}


def test_nothing_is_changed_for_others(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the module that they import nor how deep a traceback goes."""
    monkeypatch.delattr(sys, "tracebacklimit", raising=False)
    before = dict(vars(traceback))
    host.show_errors_as_one_line()
    assert vars(traceback) == before
    assert not hasattr(sys, "tracebacklimit")


def test_it_is_done_once(module: ModuleType, logger: logging.Logger) -> None:
    """Each kind of resource has a provider of its own, which is configured."""
    count = len(logger.filters)
    for _ in range(3):
        host.show_errors_as_one_line()
    assert formatted(module, LaunchDarklyError("no")) == "LaunchDarklyError: no"
    assert module.traceback.format_exc.__module__ == host.__name__
    assert len(logger.filters) == count + 1


def test_whoever_looks_closer_gets_tracebacks(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the environment."""
    monkeypatch.setenv(DEBUG_VARIABLE, "1")
    host.show_errors_as_one_line()
    assert module.traceback is traceback
    assert "Traceback" in formatted(module, LaunchDarklyError("no"))


@pytest.mark.parametrize("has", [None, SimpleNamespace(format_exc=lambda: "its own")], ids=["none", "another"])
def test_another_host_is_left_alone(monkeypatch: pytest.MonkeyPatch, has: Any) -> None:
    """One that has no such module, or has changed it itself."""
    module = ModuleType("__main__")
    if has:
        module.traceback = has  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "__main__", module)
    host.show_errors_as_one_line()
    assert getattr(module, "traceback", None) is has


@pytest.mark.parametrize(("error", "stays"), [(LaunchDarklyError("no"), False), (ValueError("no"), True)])
def test_grpc_logs_an_error_of_ours_in_a_line(module: ModuleType, error: Exception, stays: bool) -> None:
    """As older hosts leave it to gRPC; others keep their traceback."""
    host.show_errors_as_one_line()
    record = logging.LogRecord(
        "grpc._server", 40, "f", 1, "Exception calling application", (), (type(error), error, None)
    )
    for each in logging.getLogger("grpc._server").filters:
        assert each(record) if callable(each) else each.filter(record)
    assert (record.exc_info is not None) is stays


def test_grpc_may_log_without_an_error(module: ModuleType) -> None:
    """Such a record stays as it is."""
    record = logging.LogRecord("grpc._server", 40, "f", 1, "text", (), None)
    assert host._without_traceback(record)
    assert record.exc_info is None


# What a cancelled run is told by.


def test_the_engine_s_cancel_is_noticed(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by whoever was handed the method before."""

    class Servicer:
        def Cancel(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
            return None

    module.DynamicResourceProviderServicer = Servicer  # type: ignore[attr-defined]
    bound = Servicer().Cancel
    host.notice_cancellation()
    monkeypatch.setattr(messages, "cancelled", event := type(messages.cancelled)())
    assert bound(None, None) is not None
    assert event.is_set()


def test_a_host_without_cancel_is_left_alone(module: ModuleType) -> None:
    """A wait goes on to its own end there."""
    host.notice_cancellation()
    module.DynamicResourceProviderServicer = object  # type: ignore[attr-defined]
    host.notice_cancellation()

    class Builtin:
        Cancel = print

    module.DynamicResourceProviderServicer = Builtin  # type: ignore[attr-defined]
    host.notice_cancellation()


def test_a_process_of_its_own_shows_the_same() -> None:
    """Not only what tests put in the place of the host's module."""
    program = (
        "import traceback\n"
        "from launchdarkly_pulumi import errors\nfrom launchdarkly_pulumi.dynamic import host\n"
        "host.show_errors_as_one_line()\n"
        "for error in (errors.LaunchDarklyError('ours'), ValueError('theirs')):\n"
        "    try:\n"
        "        raise error\n"
        "    except Exception:\n"
        "        print(traceback.format_exc())\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != DEBUG_VARIABLE}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.startswith("LaunchDarklyError: ours\nTraceback (most recent call last):\n")
    assert done.stdout.rstrip().endswith("ValueError: theirs")
