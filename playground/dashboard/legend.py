"""The one vocabulary of states: word, icon, colour and pattern. The stylesheet, the legend page and the documentation come from here.

A state is never told by its colour alone: there is always the word or the icon beside it, and bars carry the pattern.
"""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from invocations.enums import InvocationState

STYLESHEET = Path(settings.BASE_DIR) / "static" / "dashboard" / "states.css"


@dataclass(frozen=True)
class Look:
    """How one state looks and what it means."""

    word: str
    icon: str
    """A name of vendored.ICONS."""
    light: str
    """Ink on a light ground, at least 4.5:1 there; OKLCH lightness, chroma, hue."""
    dark: str
    """The same on a dark ground."""
    pattern: str
    """A name of PATTERNS, for bars and swatches."""
    meaning: str
    """One sentence for the legend."""

    @property
    def slug(self) -> str:
        """The value of data-state."""
        return self.word.replace(" ", "-")


PATTERNS = {
    "solid": "linear-gradient(transparent, transparent)",
    "dots": "radial-gradient(var(--mark) 1.2px, transparent 1.4px) 0 0 / 6px 6px",
    "steep": "repeating-linear-gradient(135deg, var(--mark) 0 2px, transparent 2px 7px)",
    "wide": "repeating-linear-gradient(135deg, var(--mark) 0 5px, transparent 5px 10px)",
    "back": "repeating-linear-gradient(45deg, var(--mark) 0 2px, transparent 2px 7px)",
    "upright": "repeating-linear-gradient(90deg, var(--mark) 0 2px, transparent 2px 6px)",
    "level": "repeating-linear-gradient(0deg, var(--mark) 0 1.5px, transparent 1.5px 5px)",
    "cross": (
        "repeating-linear-gradient(135deg, var(--mark) 0 1.5px, transparent 1.5px 6px), "
        "repeating-linear-gradient(45deg, var(--mark) 0 1.5px, transparent 1.5px 6px)"
    ),
}
"""Name -> CSS background layers; --mark is the colour of the marks on the bar."""

LOOKS: dict[str, Look] = {
    InvocationState.QUEUED: Look("queued", "queued", "0.48 0.03 262", "0.76 0.03 262", "dots", "Accepted, and waiting for its turn."),
    InvocationState.THROTTLED: Look(
        "throttled", "throttled", "0.50 0.11 75", "0.82 0.13 82", "wide", "No concurrency was left, so it was refused with 429."
    ),
    InvocationState.STARTING: Look(
        "starting", "starting", "0.50 0.10 222", "0.80 0.10 215", "upright", "A new execution environment is being made: a cold start."
    ),
    InvocationState.RUNNING: Look("running", "running", "0.50 0.19 268", "0.76 0.13 268", "solid", "The handler has the event."),
    InvocationState.WAITING_TO_RETRY: Look(
        "waiting to retry", "waiting", "0.50 0.17 300", "0.78 0.13 300", "steep", "An attempt failed; the next one has a time."
    ),
    InvocationState.SUCCEEDED: Look(
        "succeeded", "succeeded", "0.50 0.13 152", "0.80 0.15 155", "solid", "The handler returned a response."
    ),
    InvocationState.SUCCEEDED_AFTER_RETRIES: Look(
        "succeeded after retries", "retried", "0.50 0.09 182", "0.80 0.11 182", "level", "A later attempt returned a response."
    ),
    InvocationState.FUNCTION_ERROR: Look(
        "function error",
        "failed",
        "0.52 0.20 25",
        "0.76 0.15 22",
        "back",
        "The handler raised, exited or could not be started; the caller still got 200.",
    ),
    InvocationState.TIMED_OUT: Look(
        "timed out", "timed-out", "0.52 0.15 48", "0.79 0.13 55", "cross", "The function was still running at its timeout and was stopped."
    ),
    InvocationState.EXPIRED: Look(
        "expired", "expired", "0.48 0.05 60", "0.76 0.05 65", "dots", "The event became too old before an attempt succeeded."
    ),
    InvocationState.REJECTED: Look(
        "rejected", "rejected", "0.51 0.19 350", "0.78 0.14 350", "cross", "An invocation error: refused before the function ran."
    ),
    "visible": Look("visible", "look", "0.49 0.13 152", "0.80 0.14 155", "solid", "A message that the next receive can have."),
    "in flight": Look("in flight", "next", "0.50 0.19 268", "0.76 0.13 268", "upright", "Received, hidden from others, not deleted yet."),
    "delayed": Look(
        "delayed", "waiting", "0.48 0.03 262", "0.76 0.03 262", "dots", "Sent with a delay; nobody receives it before its time."
    ),
    "delivered": Look("delivered", "check", "0.50 0.13 152", "0.80 0.15 155", "solid", "A topic's subscriber has the message."),
    "filtered out": Look(
        "filtered out", "rejected", "0.48 0.03 262", "0.76 0.03 262", "back", "The subscriber's filter policy did not let it pass."
    ),
    "pending confirmation": Look(
        "pending confirmation",
        "waiting",
        "0.50 0.11 75",
        "0.82 0.13 82",
        "dots",
        "The subscriber has not confirmed that it wants messages.",
    ),
    "dead-lettered": Look(
        "dead-lettered", "queues", "0.52 0.15 48", "0.79 0.13 55", "wide", "It could not be delivered, and waits in the dead-letter queue."
    ),
    "dropped": Look(
        "dropped", "failed", "0.52 0.20 25", "0.76 0.15 22", "cross", "It could not be delivered, and no queue was there for it."
    ),
}


def look(state: str) -> Look:
    """How *state* looks."""
    return LOOKS[state]


def css() -> str:
    """The stylesheet static/dashboard/states.css: each [data-state] sets --state (ink), --mark and --pattern."""
    lines = [
        "/* Made from playground/dashboard/legend.py by `manage.py legend`. */",
        "@layer states {",
        "  :root {",
        "    --mark: color-mix(in oklch, var(--surface) 62%, transparent);",
        *(f"    --pattern-{name}: {layers};" for name, layers in PATTERNS.items()),
        "    --pattern: none;",
        "  }",
    ]
    for shown in LOOKS.values():
        ink = f"light-dark(oklch({shown.light}), oklch({shown.dark}))"
        lines.append(f'  [data-state="{shown.slug}"] {{ --state: {ink}; --pattern: var(--pattern-{shown.pattern}); }}')
    lines.append("  .pattern, .bar, .swatch { background: var(--pattern), var(--state); }")
    return "\n".join([*lines, "}"]) + "\n"
