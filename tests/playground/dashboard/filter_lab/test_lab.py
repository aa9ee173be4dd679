"""The lab's state: what an address and a form make of it, and what AWS says of patterns that are none."""

import pytest
from django.http import QueryDict

from playground.dashboard.filter_lab.judge import Judge
from playground.dashboard.filter_lab.lab import MOST_EVENTS, Lab
from playground.dashboard.filter_lab.modes import MODES
from playground.dashboard.filter_lab.samples import BY_NAME, SAMPLES

NO_FILTER = "InvalidParameterValueException: Invalid filter pattern definition."


def a_lab(query: str = "", **sent: str | list[str]) -> Lab:
    form = QueryDict(query, mutable=True)
    for name, value in sent.items():
        form.setlist(name, value if isinstance(value, list) else [value])
    return Lab.read(form)


def test_an_empty_address_opens_with_something_to_see() -> None:
    lab = a_lab()
    assert (lab.mode.slug, lab.pattern) == ("sqs", MODES["sqs"].pattern)
    assert [event.verdict.word for event in lab.events] == ["match", "no match", "dropped"]


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_begins_with_a_match_and_a_miss(mode: str) -> None:
    lab = a_lab(mode=mode)
    assert lab.judge.refusal is None
    assert {"match"} < {event.verdict.word for event in lab.events}


@pytest.mark.parametrize("sample", BY_NAME)
def test_every_sample_can_be_asked(sample: str) -> None:
    mode = next(mode for mode, samples in SAMPLES.items() if BY_NAME[sample] in samples)
    (event,) = a_lab(mode=mode, event=f"sample:{sample}").events
    assert event.verdict.kind in ("match", "miss")
    assert event.title == BY_NAME[sample].title


def test_the_address_gives_the_same_again() -> None:
    lab = a_lab(mode="events", pattern='{"a": ["ä&b"]}', event=["sample:s3-created", '{"a": 1}\r\n', ""])
    again = a_lab(lab.query)
    assert (again.mode, again.pattern, again.texts) == (lab.mode, lab.pattern, lab.texts)
    assert "sample%3As3-created" in lab.query
    assert [event.title for event in lab.events] == ["S3: orders/7.json created", "Event 2", "Event 3"]


def test_what_is_too_long_for_a_link_is_left_out_of_it() -> None:
    lab = a_lab(event='{"a": "' + "x" * 9000 + '"}')
    assert not lab.is_whole_in_link
    assert len(lab.query) < 1000
    assert a_lab(lab.query).pattern == lab.pattern


def test_another_use_begins_anew_and_keeps_what_was_typed() -> None:
    lab = a_lab(was="sqs", mode="events", pattern=MODES["sqs"].pattern, event=["sample:sqs-order", '{"mine": 1}'])
    assert lab.pattern == MODES["events"].pattern
    assert [event.title for event in lab.events][-1] == "Event 4"
    assert lab.texts[-1] == '{"mine": 1}'
    typed = a_lab(was="sqs", mode="events", pattern='{"mine": [1]}')
    assert typed.pattern == '{"mine": [1]}'


def test_events_are_added_removed_and_taken_apart() -> None:
    events = ['{"a": 1}', '{"Records": [{"body": "1"}, {"body": "2"}]}']
    assert a_lab(event=events, do="add", sample="sqs-text").texts == [*events, BY_NAME["sqs-text"].text]
    assert len(a_lab(event=events, do="add", sample="").texts) == 3
    assert a_lab(event=events, remove="1").texts == events[1:]
    assert a_lab(event=events, split="2").texts == [events[0], '{\n  "body": "1"\n}', '{\n  "body": "2"\n}']
    for wrong in ("0", "3", "-1", "x", "9" * 5000):
        assert a_lab(event=events, remove=wrong).texts == events
    assert a_lab(event=events, split="1").texts == events


def test_there_is_room_for_so_many_events() -> None:
    lab = a_lab(event=["{}"] * MOST_EVENTS, do="add", sample="")
    assert (len(lab.texts), lab.problem) == (MOST_EVENTS, f"There is room for {MOST_EVENTS} events at a time.")


def test_the_pattern_is_laid_out_and_keeps_its_values() -> None:
    assert a_lab(pattern='{"a":[1.0]}', do="format").pattern == '{\n  "a": [\n    1.0\n  ]\n}'
    assert a_lab(pattern='{"a":', do="format").pattern == '{"a":'


def test_a_fix_takes_the_patterns_place() -> None:
    assert a_lab(pattern='{"a": "x"}', fixed='{"a": ["x"]}').pattern == '{"a": ["x"]}'


@pytest.mark.parametrize(
    ("mode", "pattern", "message", "reason", "place"),
    [
        (
            "events",
            '{"a": "x"}',
            'InvalidEventPatternException: Event pattern is not valid. Reason: "a" must be an object or an array\n'
            ' at [Source: (String)"{"a": "x"}"; line: 1, column: 8]',
            "",
            (1, 8),
        ),
        (
            "events",
            '{\n  "a": [{"numeric": [">", "5"]}]\n}',
            "InvalidEventPatternException: Event pattern is not valid. Reason: Value of > must be numeric\n"
            ' at [Source: (String)"{\n  "a": [{"numeric": [">", "5"]}]\n}"; line: 2, column: 28]',
            "",
            (2, 28),
        ),
        (
            "sqs",
            '{"a": "x"}',
            "InvalidParameterValueException: Invalid filter pattern definition.",
            '"a" must be an object or an array',
            (1, 8),
        ),
        (
            "kinesis",
            '{"data": ["x"]}',
            NO_FILTER,
            "The pattern for data must be an object: data of this source are always JSON.",
            None,
        ),
        (
            "sns-attributes",
            '{"a": {"b": ["x"]}}',
            "InvalidParameter: Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy",
            "",
            None,
        ),
        (
            "sns-body",
            "{",
            "InvalidParameter: Invalid parameter: FilterPolicy: failed to parse JSON. Unexpected end-of-input: expected close marker for "
            'Object (start marker at [Source: (String)"{"; line: 1, column: 1])\n at [Source: (String)"{"; line: 1, column: 2]',
            "",
            (1, 2),
        ),
    ],
)
def test_a_bad_pattern_is_refused_in_the_words_of_whoever_uses_it(
    mode: str, pattern: str, message: str, reason: str, place: tuple[int, int] | None
) -> None:
    judge = Judge(MODES[mode], pattern)
    assert judge.refusal is not None
    assert (judge.refusal.message, judge.refusal.reason) == (message, reason)
    found = judge.refusal.place
    assert (found and (found.line, found.column)) == place
    assert judge.verdict("{}").word == "no pattern"
