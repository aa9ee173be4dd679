"""`manage.py bench async`: events accepted and finished per second, each with a record in an SQS queue, and memory over many."""

import time
from collections.abc import Callable
from typing import Any

import psutil

from playground.bench import records, wrk
from playground.bench.invoke import PAYLOAD, create
from playground.supervision.trial import Trial

NAME = "bench-events"
ARN = f"arn:aws:sqs:us-east-1:000000000000:{NAME}"
PROCESSES = ("redis", "service", "worker")
CONNECTIONS = 8
PATIENCE_SECONDS = 300.0


def measure(say: Callable[[str], None], *, seconds: float, events: int) -> dict[str, Any]:
    """Everything at its defaults. *events*: how many are to be behind the processes at the last look at their memory."""
    if not wrk.is_there():
        raise SystemExit("bench async needs wrk to make its load: apt-get install wrk")
    with Trial() as trial:
        client, sqs = trial.boto3("lambda"), trial.boto3("sqs")
        create(client, NAME)
        sqs.create_queue(QueueName=NAME)
        client.put_function_event_invoke_config(FunctionName=NAME, DestinationConfig={"OnSuccess": {"Destination": ARN}})
        say("warming up")
        done, _ = _round(trial, sqs, 2)
        taken = _drain(sqs)
        say(f"{CONNECTIONS} connections, {seconds:.0f} s")
        before = _cpu(trial)
        count, figures = _round(trial, sqs, seconds)
        done += count
        figures["processor time per event, ms"] = {name: round((_cpu(trial)[name] - before[name]) * 1000 / count, 3) for name in before}
        taken += _drain(sqs)
        memory = {done: _memory(trial)}
        while done < events:
            say(f"{done:,} of {events:,} events")
            count, _ = _round(trial, sqs, seconds)
            done += count
            taken += _drain(sqs)
            memory[done] = _memory(trial)
        figures |= {f"memory after {count:,} events, MB": memory[count] for count in (min(memory), max(memory))}
        figures["records too many"] = taken - records.ended(trial, NAME)
    return figures


def _round(trial: Trial, sqs: Any, seconds: float) -> tuple[int, dict[str, Any]]:
    """A load, and the wait until all of it is finished: how many events, and how fast."""
    before, began = _messages(sqs), time.perf_counter()
    count, elapsed = wrk.invoke(trial, NAME, PAYLOAD, invocation_type="Event", connections=CONNECTIONS, seconds=seconds)
    during = _messages(sqs) - before
    while _messages(sqs) - before < count:
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise RuntimeError(f"{count - _messages(sqs) + before} events were accepted and did not finish")
        time.sleep(0.2)
    total = time.perf_counter() - began
    return count, {
        "accepted per second": round(count / elapsed, 1),
        "finished per second while accepting": round(during / elapsed, 1),
        "finished per second in all": round(count / total, 1),
    }


def _drain(sqs: Any) -> int:
    """Takes all records out of the queue: what grows then is not what the queue is there to keep."""
    return sum(1 for _ in records.drained(sqs, NAME))


def _messages(sqs: Any) -> int:
    answer = sqs.get_queue_attributes(QueueUrl=NAME, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def _memory(trial: Trial) -> dict[str, float]:
    return {name: round(psutil.Process(trial.pid(name)).memory_full_info().pss / 1e6, 1) for name in PROCESSES}


def _cpu(trial: Trial) -> dict[str, float]:
    return {name: sum(psutil.Process(trial.pid(name)).cpu_times()[:2]) for name in PROCESSES}
