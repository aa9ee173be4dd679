"""Everything on PostgreSQL: what depends on the kind of database, and a whole playground."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import psycopg
import pytest

from playground.supervision.trial import BASE_DIR, Trial
from tests import postgres
from tests.playground.supervision.processes import eventually

QUERIES = [
    "tests/invocations/test_journal.py",
    "tests/invocations/services/s3/test_listing.py",
    "tests/invocations/services/s3/test_objects.py",
    "tests/playground/endpoint/operations/test_sqs.py",
]
"""Tests of bulk inserts, pruning, lists in the order of bytes, and configuration."""


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    with postgres.running() as url:
        yield url


@pytest.mark.timeout(300)
def test_the_tests_of_queries_pass_there_too(database_url: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--reuse-db", *QUERIES]  # the server goes anyway
    before = _databases(database_url)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | {
        "TEST_DATABASE_URL": database_url
    }
    ended = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, timeout=200, env=environment, check=False)

    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-1000:]
    assert "passed" in ended.stdout
    assert _databases(database_url) > before, "they ran there: Django made its test database"


def _databases(database_url: str) -> int:
    """How many databases were ever made on the server: ids are given out in rising order."""
    with psycopg.connect(database_url) as connection:
        connection.autocommit = True
        connection.execute("CREATE DATABASE probe")
        (number,) = connection.execute("SELECT oid::int FROM pg_database WHERE datname = 'probe'").fetchone() or (0,)
        connection.execute("DROP DATABASE probe")
    return int(number)


def test_a_whole_playground_keeps_its_things_there(database_url: str, hello_zip: bytes) -> None:
    with Trial(environment={"DATABASE_URL": database_url}) as trial:
        client = trial.boto3("lambda")
        role = "arn:aws:iam::000000000000:role/any"
        client.create_function(FunctionName="pg", Runtime="python3.12", Handler="m.handler", Role=role, Code={"ZipFile": hello_zip})
        client.get_waiter("function_active_v2").wait(FunctionName="pg")
        nul = json.dumps({"text": "a\x00b ü"}).encode()
        request_id = client.invoke(FunctionName="pg", Payload=nul)["ResponseMetadata"]["RequestId"]

        with psycopg.connect(database_url) as connection:
            query = "SELECT state, convert_from(request_payload, 'UTF8') FROM invocations_invocation WHERE request_id = %s"
            connection.autocommit = True
            eventually(lambda: connection.execute(query, [request_id]).fetchone() is not None, "the journal has it")
            found = connection.execute(query, [request_id]).fetchone()
        assert found == ("succeeded", nul.decode())

        events = trial.boto3("logs").filter_log_events(logGroupName="/aws/lambda/pg", filterPattern=f'"{request_id}"')["events"]
        assert [event["message"].split()[0] for event in events] == ["START", "END", "REPORT"]
        for query_string in ("", "?fn=pg&state=succeeded", f"?q={request_id[:8]}", "?since=1+h"):
            with urllib.request.urlopen(f"{trial.dashboard_url}/w/000000000000/invocations/{query_string}") as page:
                assert f"invocation-{request_id}" in page.read().decode()
        with urllib.request.urlopen(f"{trial.dashboard_url}/healthz") as report:
            assert json.load(report)["parts"]["database"] == {"status": "ok", "vendor": "postgresql"}
