"""How fast event patterns decide."""

import json
import time
from typing import Any, Final

from invocations.event_patterns import PatternIndex, compile_pattern

TYPICAL_PATTERN: Final = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"bucket": {"name": [{"prefix": "orders-"}]}, "object": {"size": [{"numeric": [">", 0, "<=", 1048576]}]}},
}
FEW_RULES: Final = 10
MANY_RULES: Final = 1000


def an_event(bucket: str = "orders-eu", rule: int = 0) -> dict[str, Any]:
    """An event as S3 sends it to a bus."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2021-11-12T00:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": f"rule-{rule}", "size": 5, "etag": "b57f9512698f4b09e608f4f2a65852e5"},
            "requester": "123456789012",
            "reason": "PutObject",
        },
    }


def measure(seconds: float = 1.0) -> dict[str, float]:
    """Decisions per second of one core for one typical pattern (half the events match), and what one event costs against
    few and many rules that each have an exact-match field, with the ratio of the two."""
    pattern = compile_pattern(json.dumps(TYPICAL_PATTERN))
    events = [an_event("orders-eu"), an_event("photos")]
    few, many = _seconds_per_event(FEW_RULES, seconds / 4), _seconds_per_event(MANY_RULES, seconds / 4)

    def decide() -> None:
        for event in events:
            pattern.matches(event)

    return {
        "decisions_per_second": len(events) / _seconds_per_call(decide, seconds / 2),
        "microseconds_against_10_rules": few * 1e6,
        "microseconds_against_1000_rules": many * 1e6,
        "ratio": many / few,
    }


def _seconds_per_event(rules: int, seconds: float) -> float:
    index = PatternIndex(
        (number, compile_pattern(json.dumps({**TYPICAL_PATTERN, "detail": {"object": {"key": [f"rule-{number}"]}}})))
        for number in range(rules)
    )
    event = an_event(rule=rules // 2)
    return _seconds_per_call(lambda: index.matching(event), seconds)


def _seconds_per_call(call: Any, seconds: float) -> float:
    """Processor time of one call, over as many as fit into *seconds*."""
    calls = 0
    started = time.process_time()
    while (spent := time.process_time() - started) < seconds:
        for _ in range(200):
            call()
        calls += 200
    return spent / calls
