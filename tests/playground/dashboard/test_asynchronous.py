import pytest

from invocations.retry import Rules
from playground.dashboard.arns import name_of
from playground.dashboard.asynchronous import timeline
from playground.dashboard.figures import seconds


def drawn(retries: int, age: int) -> list[tuple[str, str, str]]:
    """(name, when, how long the event then waits) of each mark."""
    return [(moment.name, moment.at, moment.then_waits) for moment in timeline(Rules(retries, age))]


def test_the_defaults_are_three_tries_within_six_hours() -> None:
    assert drawn(2, 21600) == [
        ("Try 1", "at once", "1 min"),
        ("Try 2", "after 1 min", "2 min"),
        ("Try 3", "after 3 min", ""),
        ("Age limit", "after 6 h", ""),
    ]


def test_without_retries_there_is_one_try() -> None:
    assert drawn(0, 21600) == [("Try 1", "at once", ""), ("Age limit", "after 6 h", "")]


@pytest.mark.parametrize(
    ("age", "marks"),
    [
        (60, ["Try 1", "Age limit", "Try 2", "Try 3"]),  # a try at the limit comes too late: the run before it took its time
        (61, ["Try 1", "Try 2", "Age limit", "Try 3"]),
        (180, ["Try 1", "Try 2", "Age limit", "Try 3"]),
        (181, ["Try 1", "Try 2", "Try 3", "Age limit"]),
    ],
)
def test_tries_behind_the_age_limit_are_marked_as_never_made(age: int, marks: list[str]) -> None:
    moments = timeline(Rules(2, age))
    assert [moment.name for moment in moments] == marks
    limit = marks.index("Age limit")
    assert {moment.kind for moment in moments[:limit]} == {"try"}
    assert {moment.kind for moment in moments[limit + 1 :]} <= {"missed"}


@pytest.mark.parametrize(("age", "condition"), [(120, "EventAgeExceeded"), (21600, "RetriesExhausted")])
def test_the_last_try_says_what_the_event_is_given_up_for(age: int, condition: str) -> None:
    last = [moment for moment in timeline(Rules(2, age)) if moment.kind == "try"][-1]
    assert last.about == f"If it fails: given up, {condition}."


@pytest.mark.parametrize(("duration", "text"), [(60, "1 min"), (5400, "90 min"), (21600, "6 h"), (75, "75 s"), (0.5, "0.5 s")])
def test_a_setting_is_told_in_its_largest_whole_unit(duration: float, text: str) -> None:
    assert seconds(duration) == text


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:sqs:us-east-1:123456789012:orders", "orders"),
        ("arn:aws:lambda:us-east-1:123456789012:function:orders", "orders"),
        ("arn:aws:lambda:us-east-1:123456789012:function:orders:live", "orders:live"),
        ("arn:aws:events:us-east-1:123456789012:event-bus/default", "default"),
        ("arn:aws:s3:::orders", "orders"),
    ],
)
def test_an_arn_is_called_by_its_last_part(arn: str, name: str) -> None:
    assert name_of(arn) == name
