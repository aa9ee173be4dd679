"""What was acknowledged survives kill -9 of Redis; the server here is the test's own."""

import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.test import override_settings

from invocations.services import sqs
from playground.supervision import redis_server
from tests.invocations.services.sqs.queues_of_tests import ACCOUNT, a_queue, bodies, count, delete, receive, send

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


class OwnRedis:
    """A server that can be killed and started again over the same files."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self._command = redis_server.command(self.socket, folder / "data")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not redis_server.answers(self.socket):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()


@contextmanager
def own_redis() -> Iterator[OwnRedis]:
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = OwnRedis(Path(folder))
        server.start()
        try:
            with override_settings(REDIS_URL=f"unix://{server.socket}"):
                yield server
        finally:
            server.kill()


def test_every_state_of_a_message_survives_the_death_of_redis() -> None:
    with own_redis() as server:
        queue, fifo = a_queue(), a_queue("orders.fifo")
        send(queue, "in flight", "deleted", "available")
        send(queue, "delayed", delay_seconds=900)
        send(fifo, "a1", "a2", message_group_id="a")
        held = receive(queue, maximum=2)
        delete(queue, held[1])
        (first,) = receive(fifo, maximum=1)
        server.kill()
        server.start()
        assert (count(queue), count(fifo)) == ((1, 1, 1), (1, 1, 0))
        assert bodies(receive(queue)) == ["available"]
        delete(queue, held[0])
        assert receive(fifo) == []  # its group is still being worked on
        delete(fifo, first)
        assert bodies(receive(fifo)) == ["a2"]


def test_no_acknowledged_message_is_lost_while_redis_is_killed_again_and_again() -> None:
    acknowledged: list[str] = []
    with own_redis() as server:
        queue = a_queue()
        stop = threading.Event()

        def produce() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                try:
                    sqs.send(ACCOUNT, queue, str(number))
                    acknowledged.append(str(number))
                except redis.RedisError:
                    time.sleep(0.02)

        producer = threading.Thread(target=produce)
        producer.start()
        for _ in range(3):
            time.sleep(0.3)
            server.kill()
            server.start()
        stop.set()
        producer.join(20)
        received = []
        while found := receive(queue):
            received += bodies(found)
    assert len(acknowledged) > 50
    assert set(acknowledged) <= set(received)
