"""What a target is sent of an event: all of it, a constant, a part, or a template filled in.

Source: EventBridge User Guide, "Amazon EventBridge input transformation"; where that says nothing, as recorded on AWS.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from invocations import readable_json
from invocations.services.eventbridge import json_path
from invocations.services.eventbridge.errors import invalid
from invocations.values import Members

_STRINGS: Final = frozenset({"aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time"})
_OBJECTS: Final = frozenset({"aws.events.event", "aws.events.event.json"})
_TOKEN: Final = re.compile(r'\\.|"|<([A-Za-z0-9_.\-]+)>', re.DOTALL)
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Origin:
    """What a template may say beside the event's own fields."""

    rule_arn: str
    rule_name: str
    ingestion_time: str
    """ISO 8601."""


def payload(target: Members, event: Mapping[str, Any], text: str, origin: Origin) -> str:
    """The text that a target is sent; *text* is the event as JSON."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = json_path.find(json_path.parse(target["InputPath"]), event)
        return as_text(None if found is json_path.MISSING else found)
    if "InputTransformer" in target:
        return _filled(target["InputTransformer"], event, text, origin)
    return text


def check(target: Members) -> None:
    """Raises ValidationException for an input that no event could be turned into."""
    name = target["Id"]
    if sum(key in target for key in ("Input", "InputPath", "InputTransformer")) > 1:
        raise invalid(f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}.")
    if "Input" in target and (problem := _json_problem(target["Input"])):
        raise invalid(f"JSON syntax error in input for target {name} at {problem}")
    if "InputPath" in target and not _is_path(target["InputPath"]):
        raise invalid(f"Invalid InputPath for target {name}.")
    if "InputTransformer" in target:
        _check_template(target["InputTransformer"], name)


def _check_template(transformer: Members, name: str) -> None:
    paths = transformer.get("InputPathsMap", {})
    for key, path in paths.items():
        if key.lower().startswith("aws."):
            raise invalid(f"Invalid InputPathsMap for target {name} : keys cannot start with AWS.")
        if not _is_path(path):
            raise invalid(f"Invalid InputPathsMap for target {name} : {path} is not a valid JSON path.")
    template = transformer["InputTemplate"]
    for match in _TOKEN.finditer(template):
        placeholder = match[1]
        if placeholder and placeholder not in paths and placeholder not in _STRINGS | _OBJECTS:
            raise invalid(f"InputTemplate for target {name} contains invalid placeholder {placeholder}.")
    trial = _replaced(template, dict.fromkeys([*paths, *_STRINGS, *_OBJECTS], ""))
    if problem := _values_problem(trial, template):
        raise invalid(f"Invalid InputTemplate for target {name} : {problem}.")


def _filled(transformer: Members, event: Mapping[str, Any], text: str, origin: Origin) -> str:
    values: dict[str, Any] = {
        "aws.events.rule-arn": origin.rule_arn,
        "aws.events.rule-name": origin.rule_name,
        "aws.events.event.ingestion-time": origin.ingestion_time,
        "aws.events.event": {
            "id": event["id"],
            "account": event["account"],
            "detailType": event["detail-type"],
            "time": event["time"],
            "source": event["source"],
            "region": event["region"],
            "resources": event["resources"],
            "version": event["version"],
        },
        "aws.events.event.json": event,
    }
    for name, path in transformer.get("InputPathsMap", {}).items():
        found = json_path.find(json_path.parse(path), event)
        values[name] = "" if found is json_path.MISSING else found
    return _replaced(transformer["InputTemplate"], values)


def _replaced(template: str, values: Mapping[str, Any]) -> str:
    """The template with its placeholders filled in: as JSON where one stands by itself, as text within a string."""
    inside = False

    def replace(match: re.Match[str]) -> str:
        nonlocal inside
        if match[0] == '"':
            inside = not inside
        if match[1] is None or match[1] not in values:
            return match[0]
        value = values[match[1]]
        return _within_string(value) if inside else as_text(value)

    return _TOKEN.sub(replace, template)


def _within_string(value: Any) -> str:
    """Strings are escaped; objects and arrays lose their quotes, as on AWS."""
    if isinstance(value, str):
        return as_text(value)[1:-1]
    return as_text(value).replace('"', "").replace("\\", "")


def as_text(value: Any) -> str:
    """Compact JSON."""
    return readable_json.dumps(value, compact=True)


def _is_path(text: str) -> bool:
    try:
        json_path.parse(text)
    except ValueError:
        return False
    return True


def _json_problem(text: str) -> str:
    """Where the text stops being JSON; empty where it is."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return _location(text, error.lineno, error.colno)
    except RecursionError:
        return _location(text, 1, 1)
    return ""


def _values_problem(text: str, shown: str) -> str:
    """The same for one or more JSON values behind each other."""
    position, seen = 0, False
    while position < len(text):
        if text[position] in " \t\r\n":
            position += 1
            continue
        try:
            _, position = _DECODER.raw_decode(text, position)
        except json.JSONDecodeError as error:
            return _location(shown, error.lineno, error.colno)
        except RecursionError:
            return _location(shown, 1, 1)
        seen = True
    return "" if seen else _location(shown, 1, 1)


def _location(text: str, line: int, column: int) -> str:
    return f'[Source: (String)"{text}"; line: {line}, column: {column}]'
