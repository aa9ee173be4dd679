import pytest

from invocations import lineage
from invocations.errors import RecursiveInvocationException

ROOT = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=0"
ORDERS, BILLS = (f"arn:aws:lambda:us-east-1:123456789012:function:{name}" for name in ("orders", "bills"))


def after(*arns: str, trace_id: str = ROOT) -> tuple[str, int]:
    """The header after runs of these functions one after the other, and the number of the last one's run."""
    runs = 0
    for arn in arns:
        trace_id, runs = lineage.entered(trace_id, arn)
    return trace_id, runs


def hash_of(arn: str) -> str:
    return after(arn)[0].removeprefix(f"{ROOT};Lineage=").removesuffix(":1")


def test_the_first_run_is_written_behind_the_header() -> None:
    header, runs = after(ORDERS)
    assert (header, runs) == (f"{ROOT};Lineage={hash_of(ORDERS)}:1", 1)
    assert len(hash_of(ORDERS)) == 8


def test_each_function_of_a_chain_is_counted_for_itself() -> None:
    assert hash_of(ORDERS) != hash_of(BILLS)
    assert after(ORDERS, BILLS, ORDERS) == (f"{ROOT};Lineage={hash_of(BILLS)}:1|{hash_of(ORDERS)}:2", 2)


def test_a_retry_with_the_header_it_came_with_is_the_same_run() -> None:
    header, _ = after(ORDERS, BILLS)
    assert lineage.entered(header, ORDERS) == lineage.entered(header, ORDERS)


def test_what_stands_around_the_lineage_stays() -> None:
    header, runs = after(ORDERS, trace_id="Root=1-a;Lineage=68fd508a:5;Sampled=1")
    assert (header, runs) == (f"Root=1-a;Lineage=68fd508a:5|{hash_of(ORDERS)}:1;Sampled=1", 1)


def test_the_bars_that_botocore_escapes_are_read() -> None:
    header, _ = after(ORDERS, BILLS)
    for escaped in ("%7C", "%7c"):
        sent = header.replace("|", escaped)
        assert lineage.decoded(sent) == header
        assert lineage.entered(sent, ORDERS) == lineage.entered(header, ORDERS)


@pytest.mark.parametrize("part", ["", "|", "::", "x:y", f"{'a' * 8}:-1", f"{'a' * 8}:99999999999", "1:fc3b4ff1:0", "aaaaaaaa:²"])
def test_what_is_no_lineage_counts_for_nothing(part: str) -> None:
    assert after(ORDERS, trace_id=f"Root=1-a;Lineage={part}") == (f"Root=1-a;Lineage={hash_of(ORDERS)}:1", 1)


def test_a_header_tells_of_the_functions_that_ran_last() -> None:
    others = [f"{ORDERS}-{number}" for number in range(100)]
    header, _ = after(*others)
    assert header.count("|") == lineage.MOST_FUNCTIONS - 1
    assert after(others[-2], trace_id=header)[1] == 2
    assert after(others[0], trace_id=header)[1] == 1


def test_the_seventeenth_run_of_a_function_is_stopped_and_that_of_another_is_not() -> None:
    header, runs = after(*[ORDERS, BILLS] * 8, *[ORDERS] * 8)
    assert (runs, lineage.is_loop(runs, "Terminate")) == (16, False)
    with pytest.raises(RecursiveInvocationException) as stopped:
        lineage.enter(header, ORDERS, "Terminate")
    assert (stopped.value.http_status, stopped.value.code) == (400, "RecursiveInvocationException")
    assert lineage.enter(header, BILLS, "Terminate") == lineage.entered(header, BILLS)[0]


def test_a_function_that_allows_loops_goes_on() -> None:
    header, _ = after(*[ORDERS] * 40)
    assert lineage.enter(header, ORDERS, "Allow") == after(ORDERS, trace_id=header)[0]
    assert after(ORDERS, trace_id=header)[1] == 41
