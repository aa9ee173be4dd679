"""The ways to invoke a function that the fire panel offers, and what differs between them."""

from dataclasses import dataclass
from typing import Final

from invocations import limits
from invocations.enums import InvocationType
from playground.dashboard.figures import size


@dataclass(frozen=True, slots=True)
class Model:
    """One way."""

    id: str
    """In addresses and forms."""
    name: str
    invocation_type: InvocationType
    key: str
    """That chooses it; empty for none."""
    sentence: str
    """Beside the button: who waits, and who tries again."""
    differences: tuple[str, ...] = ()
    """One for each of DIFFERENCES."""


DIFFERENCES: Final = ("Who waits", "Who tries again", "Order", "How many at once", "Largest event", "Where failure goes")

SYNC: Final = Model(
    "sync",
    "Synchronous",
    InvocationType.REQUEST_RESPONSE,
    "1",
    "The caller waits for the answer, and nobody but the caller tries again.",
    (
        "The caller, until the function has answered.",
        "The caller, if anybody. SDKs repeat throttles and service errors, never a function error.",
        "The caller’s own.",
        "One event a call.",
        size(limits.SYNC_PAYLOAD),
        "Back to the caller: Function Error, or the API’s error.",
    ),
)
ASYNC: Final = Model(
    "async",
    "Asynchronous",
    InvocationType.EVENT,
    "3",
    "The caller has 202 at once and goes on. Lambda keeps the event and tries it again up to twice; nobody waits for the response.",
    (
        "Nobody: 202 as soon as the event is stored.",
        "Lambda: after a function error up to twice, 1 and 2 minutes later; after a throttle until the event is too old.",
        "None.",
        "One event a call.",
        size(limits.ASYNC_PAYLOAD),
        "To the on-failure destination and the dead-letter queue; without them it is lost.",
    ),
)
URL: Final = Model(
    "url",
    "Function URL",
    InvocationType.REQUEST_RESPONSE,
    "2",
    "An HTTP request to the function’s URL: the event is its body, the function receives the request, and the caller an HTTP answer.",
    (
        "The HTTP client, until the function has answered.",
        "The client, if anybody: HTTP knows no retries.",
        "The client’s own.",
        "One request an event.",
        size(limits.SYNC_PAYLOAD),
        "To the client as 502, without the error: that is in the log alone.",
    ),
)
DRY: Final = Model("dry", "DryRun", InvocationType.DRY_RUN, "", "The checks alone: permission, event, version. The function does not run.")

MODELS: Final = {model.id: model for model in (SYNC, URL, ASYNC, DRY)}
LANES: Final = (SYNC, URL, ASYNC)
"""Those that can be fired beside each other."""
COMPARED: Final = ",".join(model.id for model in LANES)
CHOICES: Final = [*((model.id, model.name, model.key) for model in LANES), (COMPARED, "All three", ""), (DRY.id, DRY.name, "")]
"""(value, label, key) of the chips."""


def parse(text: str) -> list[Model]:
    """The models whose ids stand in *text* with commas between them: one, or several of LANES. Empty for anything else."""
    found = [MODELS[name] for name in text.split(",") if name in MODELS]
    is_sound = len(found) == len(set(text.split(","))) == text.count(",") + 1 and (len(found) == 1 or set(found) <= set(LANES))
    return found if is_sound else []


def choices(text: str) -> list[tuple[str, str, str]]:
    """CHOICES, and the combination in *text* where it is another."""
    others = parse(text) if text not in {value for value, _, _ in CHOICES} else []
    return [*CHOICES, (text, " + ".join(model.name for model in others), "")] if others else CHOICES


def of_type(invocation_type: str) -> Model:
    """The model with that invocation type."""
    return next(model for model in MODELS.values() if model.invocation_type == invocation_type)
