import pytest

from playground.dashboard.explain import FUNCTION_ERROR, INVOCATION_ERROR, explain
from tests.playground.dashboard.records import ACCEPTED, AUTHORIZED, ROUTED, step, view


def test_success_and_running_need_no_explanation() -> None:
    assert explain(view()) is None
    assert explain(view(state="running", ended_ms=None)) is None


def test_a_throttle_names_whose_limit_it_was() -> None:
    refused = step(
        "admit", 2.0, "refused", error_code="TooManyRequestsException", Reason="ReservedFunctionConcurrentInvocationLimitExceeded"
    )
    found = explain(view(ACCEPTED, AUTHORIZED, ROUTED, refused, state="throttled", error_code="TooManyRequestsException", status_code=429))

    assert found is not None
    assert (found.kind, found.tab) == (INVOCATION_ERROR, "concurrency")
    assert found.name == "TooManyRequestsException · ReservedFunctionConcurrentInvocationLimitExceeded"
    assert "reserved concurrency" in found.meaning


@pytest.mark.parametrize(
    ("state", "error_code", "kind", "tab"),
    [
        ("rejected", "ResourceNotFoundException", INVOCATION_ERROR, "versions"),
        ("rejected", "SomethingNew", INVOCATION_ERROR, ""),
        ("timed out", "Sandbox.Timedout", FUNCTION_ERROR, "config"),
        ("function error", "Runtime.ImportModuleError", FUNCTION_ERROR, "code"),
        ("function error", "ValueError", FUNCTION_ERROR, "code"),
    ],
)
def test_each_failure_is_of_one_kind_and_leads_somewhere(state: str, error_code: str, kind: str, tab: str) -> None:
    found = explain(view(state=state, error_code=error_code, function_error="Unhandled"))

    assert found is not None
    assert (found.kind, found.tab) == (kind, tab)
    assert found.meaning
    assert found.who_retries
    assert found.what_to_do
