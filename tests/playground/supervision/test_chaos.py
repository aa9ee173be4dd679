"""kill -9 of every process while a thousand invocations go on."""

import json
import threading
import time
from collections.abc import Iterator
from itertools import count

import psutil
import pytest
import redis
from botocore.exceptions import BotoCoreError, ClientError

from playground.supervision.trial import Trial
from tests.playground.supervision.processes import eventually, is_well

WANTED = 1_000
CALLERS = 6
VICTIMS = ["worker", "web", "redis", "service"]


class Callers:
    """Threads that invoke until together they have been answered WANTED times."""

    def __init__(self, trial: Trial) -> None:
        self.answered: list[str] = []
        self.refused: list[str] = []
        self._trial = trial
        self._numbers = count()
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        client = self._trial.boto3("lambda")
        while len(self.answered) < WANTED:
            number = next(self._numbers)
            try:
                answer = client.invoke(FunctionName="chaos", Payload=json.dumps(number).encode())
            except (BotoCoreError, ClientError) as error:
                code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
                self.refused.append(code)
                time.sleep(0.05)
                continue
            assert json.load(answer["Payload"]) == number
            self.answered.append(answer["ResponseMetadata"]["RequestId"])


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with Trial() as trial:
        yield trial


@pytest.mark.timeout(300)  # a busy machine takes its time
def test_a_thousand_invocations_outlive_every_process(trial: Trial, hello_zip: bytes) -> None:
    client = trial.boto3("lambda")
    role = "arn:aws:iam::000000000000:role/any"
    client.create_function(FunctionName="chaos", Runtime="python3.12", Handler="m.handler", Role=role, Code={"ZipFile": hello_zip})
    client.get_waiter("function_active_v2").wait(FunctionName="chaos")
    callers = Callers(trial)
    callers.start()
    refused_before_service = 0
    for step, victim in enumerate(VICTIMS, 1):
        eventually(lambda step=step: len(callers.answered) >= step * WANTED // (len(VICTIMS) + 1), f"enough answers before {victim}")
        if victim == "service":
            refused_before_service = len(callers.refused)
        before = trial.pid(victim)
        trial.kill(victim)
        eventually(
            lambda victim=victim, before=before: trial.pid(victim) != before and psutil.pid_exists(trial.pid(victim)), f"{victim} is back"
        )
        eventually(lambda: is_well(trial), "everything is well again")
    callers.join()

    assert refused_before_service == 0, f"only the service's death may be felt: {callers.refused}"
    assert set(callers.refused) <= {"ConnectionClosedError", "ServiceException"}
    assert len(callers.refused) <= CALLERS, "only what was running there fails: who comes while the service starts again waits for it"
    assert client.invoke(FunctionName="chaos", Payload=b"1")["StatusCode"] == 200
    _no_lease_stays_taken(trial)
    _everything_answered_is_in_the_journal(trial, callers.answered)


def _no_lease_stays_taken(trial: Trial) -> None:
    """An account limit of permits is free again: none is held but by the service that lives, and it uses none."""
    store = redis.Redis(unix_socket_path=str(trial.data_dir / "run" / "redis.sock"))

    def held() -> int:
        return sum(sum(int(permits) for permits in store.hgetall(key).values()) for key in store.scan_iter("leases:*"))

    eventually(lambda: held() == 0, "all permits are given back", seconds=15)
    client = trial.boto3("lambda")
    client.put_function_concurrency(FunctionName="chaos", ReservedConcurrentExecutions=1)
    assert client.invoke(FunctionName="chaos", Payload=b"1")["StatusCode"] == 200


def _everything_answered_is_in_the_journal(trial: Trial, answered: list[str]) -> None:
    """All of it: what a killed service had not handed on yet, its successor has."""
    wanted = set(answered)

    def missing() -> set[str]:
        logs, found = trial.boto3("logs"), set()
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/chaos", filterPattern="START RequestId"):
            found |= {event["message"].split()[2] for event in page["events"]}
        return wanted - found

    eventually(lambda: not missing(), "the journal is complete", seconds=30)
