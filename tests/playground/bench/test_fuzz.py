"""A few thousand malformed and hostile requests: none is answered with 500, and everybody lives on."""

from random import Random

from hypothesis import HealthCheck, Phase, given, settings

from playground.bench.fuzz import requests, wire
from playground.bench.fuzz.measure import fuzz, prepare
from playground.bench.fuzz.sending import NO_ANSWER, Verdict
from playground.supervision.trial import Trial


def test_hostile_requests_are_refused(stack: Trial) -> None:
    prepare(stack)
    before = {name: stack.pid(name) for name in ("service", "web", "worker", "redis")}
    verdict = fuzz({wire.ENDPOINT: stack.endpoint_port, wire.DASHBOARD: stack.port}, 2000, same_each_time=True)
    assert [f"{sent.data[:500]!r}: {told}" for sent, told in verdict.failures] == []
    assert {name: stack.pid(name) for name in before} == before
    assert {200, 400, 403, 404} <= set(verdict.statuses)
    assert sum(verdict.statuses.values()) >= 1900


def test_what_fails_is_told() -> None:
    verdict, page = Verdict(), wire.Sent(wire.DASHBOARD, b"GET / HTTP/1.1")
    for status, told in ((200, b""), (400, b""), (502, b"HTTP/1.1 502"), (500, b"HTTP/1.1 500"), (NO_ANSWER, b"no answer after 20 s")):
        verdict.note(page, status, told)
    assert [told.partition(" ")[0] for _, told in verdict.failures] == ["502", "500", "0"]
    verdict.note(wire.Sent(wire.ENDPOINT, b"GET /_playground/lambda-url/x/"), 502, b"HTTP/1.1 502")
    assert len(verdict.failures) == 3


@settings(max_examples=30, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True)
@given(requests.drafts())
def test_a_request_has_its_head_and_its_body(draft: wire.Draft) -> None:
    sent = wire.finished(draft, Random(1), mutate=False)
    assert draft.raw is not None or sent.data.count(b"\r\n\r\n") >= 1
    assert sent.port in (wire.ENDPOINT, wire.DASHBOARD)
