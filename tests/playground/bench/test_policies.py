from playground.bench.policies import measure


def test_a_decision_costs_a_warm_invocation_next_to_nothing() -> None:
    figures = measure(seconds=0.06)
    decisions = {"user_microseconds", "session_microseconds", "service_microseconds"}
    assert set(figures) == decisions | {"invoke_path_microseconds", "url_path_microseconds", "signed_url_path_microseconds"}
    assert all(0 < figure < 500 for figure in figures.values())
