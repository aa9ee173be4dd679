"""Makes the requests, has them sent, and says what came of it."""

import asyncio
import contextlib
import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

from botocore.exceptions import ClientError
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from playground.bench.fuzz import requests, sending, wire
from playground.bench.fuzz.values import ACCOUNT
from playground.supervision.trial import Trial

TOGETHER: Final = 4
"""Drafts of one example: Hypothesis bounds what one may be made of."""
VARIANTS: Final = 6
"""How often each is sent: once as it is, and then with something of it changed."""
SHOWN: Final = 20


def measure(say: Callable[[str], None], *, count: int) -> dict[str, Any]:
    """Sends *count* requests to a playground of its own. Figures: how many, a second, by status, failures; and whether all live on."""
    with Trial() as trial:
        prepare(trial)
        before = {name: trial.pid(name) for name in ("service", "web", "worker", "redis")}
        ports = {wire.ENDPOINT: trial.endpoint_port, wire.DASHBOARD: trial.port}
        began = time.monotonic()
        verdict = fuzz(ports, count, say=say)
        elapsed = time.monotonic() - began
        died = [name for name, pid in before.items() if trial.pid(name) != pid]
        if verdict.failures or died:
            say(trial.output.read_text()[-20_000:])
    statuses = {str(status or "closed"): number for status, number in sorted(verdict.statuses.items())}
    figures = {"requests": sum(verdict.statuses.values()), "a second": round(sum(verdict.statuses.values()) / elapsed)}
    return figures | {"statuses": statuses, "failures": len(verdict.failures), "processes that died": died or "none"}


def prepare(trial: Trial) -> None:
    """Things of the names that requests use, so that some of them get far: made where they are not there yet."""

    def client(service: str) -> Any:
        return trial.boto3(service, aws_access_key_id=ACCOUNT)

    client("lambda").list_functions()
    with urllib.request.urlopen(f"{trial.dashboard_url}/w/{ACCOUNT}/") as page:
        page.read()
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for service, operation, members in (
        ("sqs", "create_queue", {"QueueName": "fuzz"}),
        ("sns", "create_topic", {"Name": "fuzz"}),
        ("s3", "create_bucket", {"Bucket": "fuzz"}),
        ("s3", "put_object", {"Bucket": "fuzz", "Key": "key", "Body": b"{}"}),
        ("events", "put_rule", {"Name": "fuzz", "EventPattern": '{"source": ["x"]}'}),
        ("iam", "create_role", {"RoleName": "fuzz", "AssumeRolePolicyDocument": json.dumps({"Statement": [trust]})}),
        ("iam", "create_user", {"UserName": "fuzz"}),
        ("logs", "create_log_group", {"logGroupName": "fuzz"}),
        ("lambda", "create_function_url_config", {"FunctionName": "hello", "AuthType": "AWS_IAM"}),
    ):
        with contextlib.suppress(ClientError):
            getattr(client(service), operation)(**members)


def fuzz(
    ports: Mapping[str, int],
    count: int,
    *,
    strategy: "st.SearchStrategy[wire.Draft] | None" = None,
    say: Callable[[str], None] = lambda _: None,
    same_each_time: bool = False,
) -> sending.Verdict:
    """Sends *count* requests and judges the answers; with *same_each_time* the same ones each time."""
    reverse("playground", args=[ACCOUNT])  # the addresses are read before the clock runs
    verdict = sending.Verdict()
    strategy = strategy if strategy is not None else requests.drafts()
    with asyncio.Runner() as runner:

        @settings(
            max_examples=-(-count // (TOGETHER * VARIANTS)),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=same_each_time,
        )
        @given(st.lists(strategy, min_size=TOGETHER, max_size=TOGETHER), st.integers(0, 2**32))
        def some(batch: list[wire.Draft], number: int) -> None:
            random = Random(number)
            made = [wire.finished(draft, random, mutate=variant > 0) for draft in batch for variant in range(VARIANTS)]
            known = len(verdict.failures)
            runner.run(sending.send_all(ports, made, verdict))
            for failed, told in verdict.failures[known:SHOWN]:
                say(f"{failed.port}: {failed.data[:600]!r}\n    {told}")
            sent = sum(verdict.statuses.values())
            if sent % 5000 < len(made):
                say(f"{sent:,} sent, {len(verdict.failures)} failures")

        some()
    return verdict
