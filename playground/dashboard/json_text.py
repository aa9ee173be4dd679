"""JSON as people read it. Every token stays as it was written: 1.0 stays 1.0, and a key that stands there twice is shown twice."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from invocations import readable_json

COLOURED_CHARACTERS = 20_000
"""Longer text is shown in one colour: a page of a hundred thousand elements helps nobody."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where a text stops being JSON."""

    line: int
    column: int
    sentence: str
    excerpt: str
    """The line as typed, shortened around the column."""
    pointer: str
    """Spaces and a ^ that stands under the column of *excerpt*."""


def mistake_in(text: str) -> Mistake | None:
    """The first thing in *text* that Lambda's parser would refuse; None if it is JSON, or empty (which Lambda takes for {})."""
    if not text.strip():
        return None
    try:
        _STRICT.decode(text)
    except json.JSONDecodeError as error:
        return _mistake(text, error.lineno, error.colno, error.msg)
    except ValueError as error:
        position = text.find(str(error))
        return _mistake(text, text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position), f"{error} is no JSON value")
    except RecursionError:
        return _mistake(text, 1, 1, "This is nested too deeply")
    return None


def pretty(text: str) -> str:
    """*text* on indented lines if it is JSON, else unchanged."""
    if not readable_json.is_json(text):
        return text
    return "".join(value for _, value in _laid_out(text))


def coloured(text: str) -> SafeString:
    """The same as HTML, with keys, strings, numbers and literals in elements of class j-key, j-string, j-number, j-literal."""
    if len(text) > COLOURED_CHARACTERS or not readable_json.is_json(text):
        return escape(pretty(text))
    html = (f'<span class="j-{kind}">{escape(value)}</span>' if kind else escape(value) for kind, value in _laid_out(text))
    return mark_safe("".join(html))


def _laid_out(text: str) -> Iterator[tuple[str, str]]:
    """(kind, text) of each token and of the space between; kind is empty for punctuation and space."""
    tokens = _TOKEN.findall(text)
    depth = 0
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else ""
        if token in "{[":
            if following and following in "}]":
                yield "", token
            else:
                depth += 1
                yield "", token + "\n" + "  " * depth
        elif token in "}]":
            if index and tokens[index - 1] not in "{[":
                depth -= 1
                yield "", "\n" + "  " * depth
            yield "", token
        elif token == ",":
            yield "", ",\n" + "  " * depth
        elif token == ":":
            yield "", ": "
        elif token[0] == '"':
            yield "key" if following == ":" else "string", token
        else:
            yield "literal" if token in {"true", "false", "null"} else "number", token


def _reject_constant(name: str) -> None:
    raise ValueError(name)


_STRICT = json.JSONDecoder(parse_constant=_reject_constant)


def excerpt_at(text: str, line: int, column: int, sentence: str = "") -> Mistake:
    """A place in *text*, both numbers from 1, with the line around it."""
    lines = text.split("\n")
    typed = lines[min(line, len(lines)) - 1]
    start = max(column - 40, 0)
    excerpt = typed[start : start + 72].replace("\t", " ")
    return Mistake(line=line, column=column, sentence=sentence, excerpt=excerpt, pointer=" " * (column - 1 - start) + "^")


def _mistake(text: str, line: int, column: int, reason: str) -> Mistake:
    sentence = f"The event is not JSON: {reason[0].lower()}{reason[1:]} at line {line}, column {column}."
    return excerpt_at(text, line, column, sentence)
