"""`manage.py bench chaos`: thousands of events while every process is killed again and again; each must end exactly once."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from playground.bench import records
from playground.bench.invoke import create
from playground.supervision.trial import Trial

NAME = "chaos"
VICTIMS = ("worker", "service", "redis", "web")
CALLERS = 4
CODE = """
def handler(event, context):
    print("ran", event["number"])
    if event["number"] % 10 == 9:
        raise RuntimeError("every tenth fails")
    return event["number"]
"""
PATIENCE_SECONDS = 180.0


def measure(say: Callable[[str], None], *, events: int = 5_000, rounds: int = 3) -> dict[str, Any]:
    """Fires *events*, one in ten of them failing, kills each process *rounds* times meanwhile, and counts what is in the records."""
    with Trial() as trial:
        return run(trial, say, events=events, rounds=rounds)


def run(trial: Trial, say: Callable[[str], None], *, events: int, rounds: int) -> dict[str, Any]:
    """The same in a playground that runs. Figures: accepted, ended, runs and records too many, records missing, longest takeover:
    from a death until all that had been accepted by then had ended."""
    client, sqs = trial.boto3("lambda"), trial.boto3("sqs")
    create(client, NAME, CODE)
    for name in ("chaos-ok", "chaos-ko"):
        sqs.create_queue(QueueName=name)
    arn = "arn:aws:sqs:us-east-1:000000000000:"
    client.put_function_event_invoke_config(
        FunctionName=NAME,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnSuccess": {"Destination": f"{arn}chaos-ok"}, "OnFailure": {"Destination": f"{arn}chaos-ko"}},
    )
    deaths = rounds * len(VICTIMS)
    stage = events // (deaths + 1)
    callers = Callers(trial, events)
    callers.wanted = 2 * stage
    callers.start()
    takeovers = []
    for number in range(deaths):
        while len(callers.accepted) < stage * (number + 1):
            time.sleep(0.02)
        victim = VICTIMS[number % len(VICTIMS)]
        say(f"{len(callers.accepted):,} accepted, {records.ended(trial, NAME):,} ended; kill -9 {victim}")
        time.sleep(random.uniform(0, 0.3))
        accepted = set(callers.accepted)
        trial.kill(victim)
        takeovers.append(_seconds_until(lambda accepted=accepted: accepted <= _ends(trial)))
        callers.wanted = events if number == deaths - 1 else stage * (number + 3)
    callers.join()
    say(f"{len(callers.accepted):,} accepted; waiting for the last to end")
    _seconds_until(lambda: set(callers.accepted) <= _ends(trial))
    return _figures(trial, callers.accepted) | {"longest takeover, s": round(max(takeovers), 1)}


class Callers:
    """Threads that fire events until *most* were answered with 202, and rest while as many as `wanted` were."""

    def __init__(self, trial: Trial, most: int) -> None:
        self.accepted: list[str] = []
        self.wanted = most
        self._trial = trial
        self._most = most
        self._numbers = iter(range(10**9))
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]

    def start(self) -> None:
        """Begins."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Waits for the last answer."""
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        client = self._trial.boto3("lambda")
        while len(self.accepted) < self._most:
            if len(self.accepted) >= self.wanted:
                time.sleep(0.02)
                continue
            with self._lock:
                number = next(self._numbers)
            try:
                answer = client.invoke(FunctionName=NAME, InvocationType="Event", Payload=json.dumps({"number": number}).encode())
                self.accepted.append(answer["ResponseMetadata"]["RequestId"])
            except (BotoCoreError, ClientError):
                time.sleep(0.05)  # a process is away; what was not answered was not accepted


def _ends(trial: Trial) -> set[str]:
    """Request ids of those that have ended."""
    with records.database(trial) as database:
        return {row[0] for row in database.execute("select request_id from invocations_invocation where function_name = ?", [NAME])}


def _figures(trial: Trial, accepted: list[str]) -> dict[str, Any]:
    wanted = set(accepted)
    with records.database(trial) as database:
        states = database.execute(
            "select state, count(*) from invocations_invocation where function_name = ? group by 1", [NAME]
        ).fetchall()
        logs = database.execute("select request_id, events from invocations_logbatch").fetchall()
    sqs = trial.boto3("sqs")
    bodies = [json.loads(message["Body"]) for name in ("chaos-ok", "chaos-ko") for message in records.drained(sqs, name)]
    recorded = Counter(body["requestContext"]["requestId"] for body in bodies)
    runs = Counter(request_id for request_id, events in logs for _, text in json.loads(events) if text.startswith("ran "))
    return {
        "accepted": len(wanted),
        "accepted and ended": len(wanted & _ends(trial)),
        "states": dict(states),
        "runs too many": runs.total() - len(runs),
        "records too many": recorded.total() - len(recorded),
        "records missing": len(wanted - set(recorded)),
    }


def _seconds_until(is_so: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise RuntimeError("events that were accepted did not end")
        time.sleep(0.05)
    return time.monotonic() - began
