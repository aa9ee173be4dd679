"""The clock as pages show it."""

import pytest
from django.template import Context, Template

from invocations.account_clock import ClockState
from playground.dashboard.account_time import ClockView, countdown, span

REAL = 1_795_000_000.0


def a_view(rate: int = 1, paused: bool = False, shown: float = REAL) -> ClockView:
    return ClockView(ClockState(rate, paused, REAL, shown), REAL)


@pytest.mark.parametrize(
    ("view", "word", "speed"),
    [
        (a_view(), "real time", 1),
        (a_view(rate=60), "time ×60", 60),
        (a_view(rate=60, paused=True), "paused", 0),
        (a_view(shown=REAL + 60), "set forward", 1),
    ],
)
def test_the_badge_says_what_the_clock_does(view: ClockView, word: str, speed: int) -> None:
    assert (view.word, view.speed) == (word, speed)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.1, "1 s"), (58, "58 s"), (60, "1 min 00 s"), (245.2, "4 min 06 s"), (21_600, "6 h 00 min"), (183_600, "2 d 3 h")],
)
def test_a_countdown_has_two_units(seconds: float, text: str) -> None:
    assert countdown(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1 / 60, "17 ms"),
        (0.1, "0.1 s"),
        (0.5, "0.5 s"),
        (1, "1 s"),
        (9.96, "10 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (21_600, "6 h"),
        (8640, "2 h 24 min"),
        (86_400, "1 d"),
    ],
)
def test_a_span_says_no_more_than_it_must(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("view", "left", "short"),
    [
        (a_view(), "1 min 00 s", "1 min 00 s"),
        (a_view(rate=60), "1 min 00 s, 1 s real", "1 min 00 s"),
        (a_view(rate=60, paused=True), "1 min 00 s, paused", "1 min 00 s"),
        (a_view(shown=REAL + 60), "now", "now"),
    ],
)
def test_what_is_left_is_told_by_both_clocks(view: ClockView, left: str, short: str) -> None:
    assert (view.left(REAL + 60), view.left(REAL + 60, is_short=True)) == (left, short)


def test_the_tag_carries_the_moment_for_the_script() -> None:
    shown = Template("{% due_in at %}").render(Context({"at": REAL + 60, "clock": a_view(rate=60)}))
    assert shown == (
        '<time class="due" datetime="2026-11-18T11:07:40.000Z" data-due="1795000060.000" data-due-form="both" '
        'title="2026-11-18 11:07:40 UTC on the account’s clock">1 min 00 s, 1 s real</time>'
    )
    assert ">11:07:40 UTC<" in Template("{% due_in at 'short' %}").render(Context({"at": REAL + 60}))
    assert Template("{% due_in at %}").render(Context({"at": None})) == "–"
