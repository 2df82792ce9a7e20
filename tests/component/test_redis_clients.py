"""How the emulator and ``verify`` use redis-py, whose defaults have changed with its versions."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import redis

from launchdarkly_pulumi.emulator.redis_store import RedisStore
from launchdarkly_pulumi.emulator.status import StoreError
from launchdarkly_pulumi.verify.addresses import RedisAddress
from launchdarkly_pulumi.verify.redis_reading import connect

TIMEOUT = 10

Client = Callable[[int], Any]
"""Sends ``SET`` to the Redis at a port."""


@contextmanager
def old_redis(answers: dict[str, bytes]) -> Iterator[tuple[int, list[str]]]:
    """A server like Redis 5: its port, and the commands that it gets. An empty answer closes the connection."""
    received: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while header := self.rfile.readline():
                words = [self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2] for _ in range(int(header[1:]))]
                received.append(words[0].decode())
                answer = answers.get(received[-1], b"+OK\r\n")
                if not answer:
                    return
                self.wfile.write(answer)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever, 0.01)
        try:
            yield server.server_address[1], received
        finally:
            server.shutdown()


def by_the_emulator(port: int) -> Any:
    """Writes the marker as the emulator does."""
    config = {"host": "127.0.0.1", "port": str(port), "username": "", "password": "", "tlsEnabled": False}
    store = RedisStore(config, "prefix", TIMEOUT)
    try:
        store.mark(1)
    finally:
        store.close()


def by_verify(port: int) -> Any:
    """Writes with the client of ``verify``."""
    with connect(RedisAddress("127.0.0.1", port)) as client:
        client.set("key", "value")


@pytest.mark.parametrize("write", [by_the_emulator, by_verify])
def test_a_redis_without_hello_is_written_to(write: Client) -> None:
    """redis-py 8 begins with HELLO, which Redis has since version 6, and does without it only where it is told to."""
    with old_redis({"HELLO": b"-ERR unknown command 'HELLO'\r\n"}) as (port, received):
        write(port)
    assert "SET" in received
    assert "HELLO" not in received


@pytest.mark.parametrize(("write", "error"), [(by_the_emulator, StoreError), (by_verify, redis.ConnectionError)])
def test_a_write_whose_response_is_lost_is_sent_once(write: Client, error: type[Exception]) -> None:
    """redis-py 8 would send it ten times more: a wait of seconds, and what another has written since would be lost."""
    with old_redis({"SET": b""}) as (port, received), pytest.raises(error):
        write(port)
    assert received.count("SET") == 1
