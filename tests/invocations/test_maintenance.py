"""What is cleared away and what is not; with a real database, a real Redis and real files."""

import io
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from invocations import code_store, maintenance
from invocations.models import Account, Function, FunctionVersion, Invocation, LayerVersion, LogBatch, LogGroup

ACCOUNT = "123456789012"
DAY_MS = 24 * 3600 * 1000

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account() -> Account:
    return Account.objects.create(account_id=ACCOUNT)


@pytest.fixture(autouse=True)
def empty_code_store() -> Iterator[None]:
    yield
    os.system(f"rm -rf '{settings.DATA_DIR}/code'")


def a_zip(text: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("m.py"), text)  # the same bytes whenever it is made
    return archive.getvalue()


def stored(text: str) -> str:
    """Code in the store; its CodeSha256."""
    return code_store.put(a_zip(text)).sha256


def an_hour_later() -> None:
    """Every finding of a sweep becomes an hour and a second older."""
    for mark in (settings.DATA_DIR / "code").glob("*/unreferenced"):
        then = mark.stat().st_mtime - code_store.UNREFERENCED_SECONDS - 1
        os.utime(mark, (then, then))


def is_there(sha256: str) -> bool:
    return code_store.archive(sha256).exists() and code_store.tree(sha256).exists()


def a_version(account: Account, name: str, **fields: object) -> FunctionVersion:
    function = Function.objects.create(account=account, name=name)
    return FunctionVersion.objects.create(function=function, last_modified=timezone.now(), **fields)


def test_log_events_go_when_they_are_older_than_their_groups_retention(account: Account) -> None:
    now = int(time.time() * 1000)
    for group, retention in (("kept-3-days", 3), ("kept-for-ever", None)):
        LogGroup.objects.create(account=account, name=group, retention_in_days=retention)
        for age_days in (2, 4):
            at = now - age_days * DAY_MS
            row = {"log_group_name": group, "log_stream_name": f"{age_days} days", "first_at": at, "last_at": at, "events": [[at, "x"]]}
            LogBatch.objects.create(account=account, **row)
    maintenance.run()
    left = LogBatch.objects.of(ACCOUNT).order_by("pk").values_list("log_group_name", "log_stream_name")
    assert list(left) == [("kept-3-days", "2 days"), ("kept-for-ever", "2 days"), ("kept-for-ever", "4 days")]


def test_invocations_beyond_what_an_account_may_keep_go(account: Account) -> None:
    Account.objects.update(retained_invocations=2)
    for number in range(4):
        at = timezone.now() + timedelta(seconds=number)
        row = {"request_id": str(number), "status_code": 200, "received_at": at, "ended_at": at, "steps": []}
        Invocation.objects.create(account=account, request_payload=b"", response_payload=b"", **row)
    maintenance.run()
    assert set(Invocation.objects.values_list("request_id", flat=True)) == {"2", "3"}


def test_code_goes_an_hour_after_nothing_referred_to_it(account: Account) -> None:
    used, replaced, layer, deleted_layer, deleted_layer_in_use = map(stored, ("used", "replaced", "l", "dl", "dlu"))
    layers = [
        LayerVersion.objects.create(account=account, name=name, version=1, code_sha256=code, code_size=1, is_deleted=is_deleted)
        for name, code, is_deleted in (("l", layer, False), ("dl", deleted_layer, True), ("dlu", deleted_layer_in_use, True))
    ]
    a_version(account, "f", code_sha256=used, layers=[layers[2].arn])
    maintenance.run()
    assert is_there(replaced), "an invocation under way may still need it"
    an_hour_later()
    maintenance.run()
    assert [is_there(code) for code in (used, layer, deleted_layer_in_use)] == [True, True, True]
    assert [is_there(code) for code in (replaced, deleted_layer)] == [False, False]


def test_code_of_a_create_under_way_stays(account: Account) -> None:
    code = stored("slow create")
    maintenance.run()
    an_hour_later()
    assert stored("slow create") == code, "the same archive is sent again, after an hour without a function"
    maintenance.run()
    assert is_there(code)
    a_version(account, "f", code_sha256=code)
    an_hour_later()
    maintenance.run()
    an_hour_later()
    maintenance.run()
    assert is_there(code)


def test_what_is_stored_at_the_moment_of_a_sweep_is_there_afterwards() -> None:
    code = stored("contested")
    with ThreadPoolExecutor(8) as threads:
        for _ in range(60):
            code_store.sweep(())
            an_hour_later()
            together = threading.Barrier(8)

            def put(together: threading.Barrier = together) -> bool:
                together.wait()
                return is_there(stored("contested"))

            def sweep(together: threading.Barrier = together) -> bool:
                together.wait()
                return code_store.sweep(()) >= 0

            jobs = [threads.submit(put) for _ in range(6)] + [threads.submit(sweep) for _ in range(2)]
            assert [job.result() for job in jobs] == [True] * 8
            assert is_there(code)


def test_leftovers_of_a_store_that_was_cut_off_go_too() -> None:
    stored("whole")
    (settings.DATA_DIR / "code" / ".new-abc" / "tree").mkdir(parents=True)
    code_store.sweep(())
    an_hour_later()
    assert code_store.sweep(()) == 2
    assert [entry.name for entry in (settings.DATA_DIR / "code").iterdir()] == [".lock"]


def test_one_worker_of_many_does_a_round() -> None:
    with ThreadPoolExecutor(6) as workers:
        assert sorted(workers.map(lambda _: maintenance.run_if_due(), range(6))) == [False] * 5 + [True]
    assert not maintenance.run_if_due()
