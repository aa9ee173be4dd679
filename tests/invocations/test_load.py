"""What a load sends, and when."""

import pytest

from invocations.errors import ValidationException
from invocations.load import LoadSpec, Shape, Way, due


def a_load(shape: Shape, *, rate: int = 10, seconds: int = 20) -> LoadSpec:
    return LoadSpec(function="hello", rate=rate, seconds=seconds, shape=shape)


@pytest.mark.parametrize(
    ("shape", "sent"),
    [
        (Shape.STEADY, [0, 10, 50, 100, 200, 200]),
        (Shape.RAMP, [0, 0, 6, 25, 100, 100]),
        (Shape.BURST, [10, 10, 20, 30, 40, 40]),
        (Shape.WAVE, [0, 0, 25, 50, 100, 100]),
    ],
)
def test_each_shape_comes_to_its_number_and_no_further_than_its_end(shape: Shape, sent: list[int]) -> None:
    assert [due(a_load(shape), passed) for passed in (0, 1, 5, 10, 20, 60)] == sent


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"rate": 0}, '"rate" must be a whole number from 1 to 500.'),
        ({"seconds": 601}, '"seconds" must be a whole number from 1 to 600.'),
        ({"callers": "many"}, '"callers" must be a whole number from 1 to 500.'),
        ({"shape": "square"}, "shapes are steady, ramp, burst, wave; ways"),
        ({"way": "sideways"}, "ways are sync, async, both."),
        ({"colour": "red"}, "A load has function, rate, seconds, shape, callers, way, payload, qualifier"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(wanted: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationException) as raised:
        LoadSpec.parse({"function": "hello", "rate": 5, "seconds": 10, **wanted})
    assert sentence in str(raised.value.message)


def test_a_load_can_be_sent_in_one_way_or_in_both() -> None:
    assert {str(way): [str(each) for each in way.types] for way in Way} == {
        "sync": ["RequestResponse"],
        "async": ["Event"],
        "both": ["RequestResponse", "Event"],
    }
