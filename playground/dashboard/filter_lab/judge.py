"""What becomes of each event: the pattern compiled as its user compiles it, every event asked, every miss told."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from invocations.errors import AwsError, InvalidParameterValueException
from invocations.event_patterns import InvalidPattern, Pattern, compile_pattern, explain
from invocations.event_patterns.explain import GroupResult, Reason
from invocations.event_patterns.filters import FilterCriteria, compile_criteria
from invocations.event_patterns.sns import FilterPolicy, FilterPolicyScope, compile_policy
from playground.dashboard import pattern_sentences
from playground.dashboard.filter_lab import fixes
from playground.dashboard.filter_lab.fixes import Fix
from playground.dashboard.filter_lab.modes import Mode
from playground.dashboard.json_text import Mistake, excerpt_at, mistake_in
from playground.dashboard.pattern_sentences import Branch, Leaf

_PLACE = re.compile(r"line: (\d+), column: (\d+)\]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pattern is none."""

    message: str
    """AWS's, to the letter."""
    reason: str = ""
    """What is wrong, where AWS's message for this use of patterns does not say."""
    place: Mistake | None = None
    fixes: list[Fix] = field(default_factory=list)


@dataclass(slots=True)
class Verdict:
    """What the pattern says of one event."""

    matched: bool = False
    word: str = "no match"
    told: str = ""
    """What becomes of the event."""
    notes: list[str] = field(default_factory=list)
    """What decided besides the fields."""
    parts: list[Leaf | Branch] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    mistake: Mistake | None = None
    """Where the event stops being JSON."""
    records: int = 0
    """How many records it holds where it is a batch, which no filter sees."""

    @property
    def kind(self) -> str:
        """ "match", "miss", or "none" where nothing could be asked."""
        return "match" if self.matched else "miss" if self.word in ("no match", "dropped") else "none"


class Judge:
    """A pattern, as one use compiles it."""

    def __init__(self, mode: Mode, pattern: str, *, offers_fixes: bool = True) -> None:
        self.mode = mode
        self.offers_fixes = offers_fixes
        self.pattern = pattern
        self.refusal: Refusal | None = None
        self._compiled: FilterCriteria | FilterPolicy | Pattern | None = None
        try:
            self._compiled = _compile(mode, pattern)
        except AwsError as error:
            self.refusal = _refusal(mode, pattern, error)

    def verdict(self, text: str) -> Verdict:
        """Of one event as it was typed."""
        mistake = mistake_in(text)
        if mistake is not None or not text.strip():
            told = "The event is empty." if mistake is None else mistake.sentence
            return Verdict(word="no JSON", told=told, mistake=mistake)
        return self.verdict_of(json.loads(text))

    def verdict_of(self, event: Any) -> Verdict:
        """Of one event as JSON has it."""
        event = _as_seen(self.mode, event)
        if not isinstance(event, dict):
            return Verdict(word="no event", told=_NO_OBJECT.get(self.mode.group, "The event must be a JSON object."))
        if self.refusal is not None:
            return Verdict(word="no pattern", told="There is no pattern to ask it with.")
        found = self._ask(event)
        found.told = found.told or (self.mode.on_match if found.matched else self.mode.on_miss)
        if found.matched:
            found.word = "match"
        elif self.mode.source is not None and isinstance(event.get("Records"), list):
            found.records = len(event["Records"])
            found.notes.append("Records: this is a batch as a function gets it. A filter sees one record at a time.")
        return found

    def _ask(self, event: dict[str, Any]) -> Verdict:
        match self._compiled:
            case FilterCriteria() as criteria:
                return self._ask_filter(criteria, event)
            case FilterPolicy() as policy:
                if policy.pattern is None:
                    return Verdict(matched=True, notes=["The empty policy lets everything pass."])
                body = json.dumps(event)
                return self._told(policy.accepts(body, event), policy.explain(body, event), event)
            case Pattern() as pattern:
                return self._told(pattern.matches(event), explain(pattern, event), event)
            case None:
                return Verdict(matched=True, notes=["Without a filter, every record passes."])

    def _ask_filter(self, criteria: FilterCriteria, event: dict[str, Any]) -> Verdict:
        (found,) = criteria.explain(event)
        verdict = self._told(found.accepted, found.result, event)
        if found.mismatch is not None:
            drops = criteria.source.drops_mismatches
            verdict.notes.append(pattern_sentences.mismatch(found.mismatch, drops=drops))
            verdict.word = "dropped" if drops else verdict.word
            if found.result is None and not drops:
                verdict.notes.append("The pattern asks for no metadata, so the record passes.")
        return verdict

    def _told(self, matched: bool, result: GroupResult | None, event: Any) -> Verdict:
        verdict = Verdict(matched=matched)
        if result is None:
            return verdict
        verdict.parts = pattern_sentences.parts(result)
        if result.reason is Reason.OTHER_ELEMENT:
            verdict.notes.append(pattern_sentences.OTHER_ELEMENT)
        if not matched and self.offers_fixes:
            found = fixes.of_miss(self.pattern, list(result.fields()), event, self.mode.data_key)
            verdict.fixes = [fix for fix in found if _is_valid(self.mode)(fix.pattern)]
        return verdict


_NO_OBJECT = {"EventBridge": "ValidationException: Parameter Event is not valid. An event is a JSON object."}


def _compile(mode: Mode, text: str) -> FilterCriteria | FilterPolicy | Pattern | None:
    """Raises AwsError as the user of the pattern answers a bad one."""
    if mode.source is not None:
        return compile_criteria({"Filters": [{"Pattern": text}]}, mode.source)
    if mode.scope is not None:
        return compile_policy(text, mode.scope)
    try:
        return compile_pattern(text)
    except InvalidPattern as error:
        raise AwsError(f"Event pattern is not valid. Reason: {error}", code="InvalidEventPatternException") from None


def _is_valid(mode: Mode) -> Callable[[str], bool]:
    def is_valid(text: str) -> bool:
        try:
            _compile(mode, text)
        except AwsError:
            return False
        return True

    return is_valid


def _refusal(mode: Mode, text: str, error: AwsError) -> Refusal:
    message, reason = str(error.message), ""
    if isinstance(error, InvalidParameterValueException):
        reason = _reason(mode, text)
    found = list(_PLACE.finditer(reason or message))
    place = None
    if found:
        line, column = int(found[-1][1]), int(found[-1][2])
        place = excerpt_at(text, line, column)
    return Refusal(f"{error.code}: {message}", reason.partition("\n at ")[0], place, fixes.of_text(text, _is_valid(mode)))


def _reason(mode: Mode, text: str) -> str:
    """What Lambda keeps to itself."""
    try:
        compile_pattern(text)
    except InvalidPattern as error:
        return str(error)
    return f"The pattern for {mode.data_key} must be an object: data of this source are always JSON."


def _as_seen(mode: Mode, event: Any) -> Any:
    """An event as the pattern sees it, also where it is pasted as a function gets it."""
    if not isinstance(event, dict):
        return event
    if mode.slug == "kinesis" and isinstance(event.get("kinesis"), dict):
        return {**{name: value for name, value in event.items() if name != "kinesis"}, **_decoded(event["kinesis"])}
    if mode.scope is FilterPolicyScope.MESSAGE_ATTRIBUTES:
        return {name: _attribute(value) for name, value in event.items() if isinstance(value, dict)}
    return event


def _decoded(record: dict[str, Any]) -> dict[str, Any]:
    try:
        return {**record, "data": base64.b64decode(str(record.get("data", "")), validate=True).decode()}
    except ValueError:
        return record


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    """As Publish takes it, also where it is written as subscribers get it."""
    return {"DataType": value["Type"], "StringValue": str(value.get("Value", ""))} if "Type" in value else value
