"""A decision drawn as a ladder: the questions in their order, what each kind of policy said, and why each statement applied or not.

Made of a decision as records keep it (Verdict.as_json), so that a page has no idea of its own of what decided.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from invocations.policies import Layer

Decision = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement that was looked at."""

    title: str
    policy: str
    """Name or ARN of the policy that it stands in; empty for the resource's one policy."""
    effect: str
    applies: bool
    is_decisive: bool
    why_not: str
    """Which element does not fit: "Condition StringEquals aws:SourceAccount"; empty where it applies."""
    expected: str
    actual: str
    hint: str
    text: str
    """The statement as JSON."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One question."""

    title: str
    word: str
    """Its answer in a word or two."""
    tone: str
    """good, bad, or quiet."""
    told: str
    statements: Sequence[StatementView] = ()
    is_decisive: bool = False


_NO_ONE: Final = "no such policy"


def ladder(decision: Decision) -> list[Rung]:
    """All questions, in AWS's order."""
    rungs = [_explicit_deny(decision)]
    if decision["layer"] == Layer.ROOT:
        rungs.append(Rung("Account root", "allows", "good", f"{decision['reason'].capitalize()}.", is_decisive=True))
    rungs.append(_of_layer(decision, Layer.RESOURCE, "Resource policy", "The resource has no policy that says anything."))
    if not _is_service(decision):
        rungs.append(_identity(decision))
    for layer, title in ((Layer.BOUNDARY, "Permissions boundary"), (Layer.SESSION, "Session policies")):
        if _statements(decision, layer) or decision["layer"] == layer:
            rungs.append(_of_layer(decision, layer, title, "It allows nothing."))
    if not decision["allowed"] and not decision["explicit_deny"]:
        missing = f"Nothing that had to allow it does: no {decision['layer']} does."
        rungs.append(Rung("Default", "denied", "bad", missing, is_decisive=True))
    return rungs


def _explicit_deny(decision: Decision) -> Rung:
    found = [each for each in decision["statements"] if each["effect"] == "Deny"]
    if decision["explicit_deny"]:
        told = f"A Deny decides, whatever else allows it: {decision['reason']}."
        return Rung("Explicit deny", "denies", "bad", told, _views(decision, found), is_decisive=True)
    told = "Deny statements were looked at; none applies." if found else "No statement looked at says Deny."
    return Rung("Explicit deny", "none applies", "quiet", told, _views(decision, found))


def _of_layer(decision: Decision, layer: Layer, title: str, nothing: str) -> Rung:
    found = _statements(decision, layer)
    applying = [each for each in found if each["applies"]]
    decides = decision["allowed"] and decision["layer"] == layer
    views = _views(decision, found)
    if applying:
        told = f"{decision['reason'].capitalize()}." if decides else "It allows it; that alone does not decide."
        return Rung(title, "allows", "good", told, views, decides)
    if not found:
        return Rung(title, "says nothing", "quiet", nothing)
    return Rung(title, "does not allow it", "bad" if decision["layer"] == layer else "quiet", "No statement of it applies.", views)


def _identity(decision: Decision) -> Rung:
    if decision["layer"] == Layer.UNRESTRICTED:
        return Rung("Identity policies", "unrestricted", "good", f"{decision['reason'].capitalize()}.", is_decisive=True)
    return _of_layer(
        decision, Layer.IDENTITY, "Identity policies", "Nothing is put into or attached to who asks that this account may see."
    )


def _statements(decision: Decision, layer: Layer) -> list[Mapping[str, Any]]:
    return [each for each in decision["statements"] if each["layer"] == layer and each["effect"] == "Allow"]


def _is_service(decision: Decision) -> bool:
    return ":" not in decision["principal"]


def _views(decision: Decision, statements: Sequence[Mapping[str, Any]]) -> list[StatementView]:
    """The one that decided first."""
    wanted = "Allow" if decision["allowed"] else "Deny"
    deciding = decision["allowed"] or decision["explicit_deny"]
    decisive = next(
        (each for each in statements if deciding and each["applies"] and each["effect"] == wanted and each["layer"] == decision["layer"]),
        None,
    )
    views = [_view(each, is_decisive=each is decisive) for each in statements]
    return sorted(views, key=lambda view: (not view.is_decisive, not view.applies, _far(view.why_not)))


def _far(why_not: str) -> int:
    """What nearly fits comes first: elements are compared in this order."""
    return next((number for number, element in enumerate(("Condition", "Resource", "Action", "Principal")) if element in why_not), 0)


def _view(statement: Mapping[str, Any], *, is_decisive: bool) -> StatementView:
    mismatch = statement["mismatch"] or {}
    why_not = " ".join(filter(None, (mismatch.get("element"), mismatch.get("operator"), mismatch.get("key"))))
    expected, actual = mismatch.get("expected", ()), mismatch.get("actual", ())
    missing = "the call has no such key" if mismatch.get("element") == "Condition" else "nothing"
    return StatementView(
        title=statement["sid"] or f"Statement {statement['position']}",
        policy=statement["policy"],
        effect=statement["effect"],
        applies=statement["applies"],
        is_decisive=is_decisive,
        why_not=why_not,
        expected=", ".join(expected),
        actual=", ".join(actual) or missing,
        hint=_hint(mismatch.get("element", ""), expected, actual),
        text=json.dumps(statement["statement"], indent=2),
    )


def _hint(element: str, expected: Sequence[str], actual: Sequence[str]) -> str:
    """What is often behind a resource that does not fit: a qualifier."""
    if element != "Resource" or not actual or ":function:" not in actual[0]:
        return ""
    for each in expected:
        if actual[0].startswith(f"{each}:"):
            return f"It speaks of the function without a qualifier; this call names {actual[0].removeprefix(each + ':')}."
        if each.startswith(f"{actual[0]}:"):
            return f"It speaks of {each.removeprefix(actual[0] + ':')}; this call names no version or alias."
    return ""
