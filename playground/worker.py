"""What the worker process does besides Celery's tasks: it delivers asynchronous events and what services owe, writes the
journal to the database, clears away what is too old, and shows that it lives."""

import os
from collections.abc import Callable
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from invocations import background, journal_writer, maintenance
from playground import garbage, sign_of_life

_ends: list[Callable[[], None]] = []


@worker_ready.connect
def begin(**_: Any) -> None:
    """Starts the background work once the worker takes tasks."""
    garbage.collect_seldom()
    _ends.append(journal_writer.in_thread())
    _ends.append(background.in_thread())
    _ends.append(maintenance.in_thread())
    _ends.append(sign_of_life.begin("worker"))
    (settings.RUN_DIR / "worker.ready").write_text(str(os.getpid()))


@worker_shutting_down.connect
def end(**_: Any) -> None:
    """Lets the background work finish what it holds."""
    while _ends:
        _ends.pop()()
