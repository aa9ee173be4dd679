from playground.bench.patterns import measure


def test_the_measurement_has_its_figures() -> None:
    figures = measure(seconds=0.04)
    assert figures["decisions_per_second"] > 0
    assert figures["ratio"] <= 10
