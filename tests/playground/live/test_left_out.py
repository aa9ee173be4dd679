"""What crowded batches left out of lists is looked up, a part at a time, until it is over or told after all."""

from playground.live.left_out import LOOK_SECONDS, LOOKED_UP_AT_ONCE, MOST, SOUGHT_SECONDS, LeftOut


def test_they_take_turns_until_they_are_found_or_told() -> None:
    left_out = LeftOut()
    ids = [f"{number:03}" for number in range(LOOKED_UP_AT_ONCE + 3)]
    left_out.hear([], ids, 0.0)

    assert left_out.take(0.0) == ids[:-3]
    assert left_out.take(0.1) == [], "not so soon"
    left_out.found(ids[1:-3])
    left_out.hear([{"kind": "invocation", "id": ids[-1], "final": True}, {"kind": "invocation", "id": ids[-2]}], [], LOOK_SECONDS)
    assert left_out.take(LOOK_SECONDS) == [*ids[-3:-1], ids[0]]
    left_out.found([*ids[-3:-1], ids[0]])

    assert not left_out.waits


def test_one_that_is_not_over_is_not_sought_for_ever_and_of_many_the_newest_are() -> None:
    left_out = LeftOut()
    left_out.hear([], ["one"], 0.0)
    assert left_out.take(SOUGHT_SECONDS) == ["one"]
    assert not left_out.waits

    left_out.hear([], [str(number) for number in range(MOST + 1)], 0.0)
    assert left_out.take(SOUGHT_SECONDS + 1)[0] == "1"
