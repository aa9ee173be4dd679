"""Patterns of policies: * and ? stand for characters, ${aws:username} for a value of the request context.

Source: IAM User Guide, "IAM JSON policy elements: Resource", "Variables and tags".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from invocations.policies.context import Context

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULTED = re.compile(r"\s*([^,\s]+)\s*,\s*'([^']*)'\s*")
_ESCAPES = {"*", "?", "$"}
"""${*}, ${?} and ${$} are these characters themselves."""
ARN_COLONS = 5
"""Between the six parts of an ARN; its last part may hold more of them."""


@dataclass(frozen=True, slots=True)
class _Variable:
    key: str
    default: str | None

    def text(self, context: Context) -> str | None:
        value = context.single(self.key)
        return self.default if value is None else value


@dataclass(frozen=True, slots=True)
class _Literal:
    character: str


_Part = str | _Variable | _Literal


class AnyOf:
    """Whether a value is what any of several texts describes. Compiled once; texts without variables are one expression."""

    __slots__ = ("_changing", "_fold", "_is_arn", "_plain", "_regex", "_wildcards", "matches_all", "texts")

    def __init__(
        self, texts: Iterable[str], *, wildcards: bool = True, variables: bool = True, fold: bool = False, is_arn: bool = False
    ) -> None:
        """*fold*: letters have no case. *is_arn*: each of an ARN's six parts is compared by itself, so that a text of
        fewer parts describes none; a lone * describes all."""
        self.texts = tuple(texts)
        self._fold = fold
        self._wildcards = wildcards
        self._is_arn = is_arn
        plain, expressions, changing = set(), [], []
        for text in self.texts:
            parts: list[_Part] = _parts(text) if variables else [text]
            if any(isinstance(part, _Variable) for part in parts):
                changing.append(parts)
            elif is_arn and text.count(":") < ARN_COLONS:
                continue
            elif len(parts) == 1 and parts[0] == text and not (wildcards and ("*" in text or "?" in text)):
                plain.add(text.lower() if fold else text)
            else:
                expressions.append(self._expression(parts, None) or "")
        self._plain = frozenset(plain)
        self._regex = re.compile("|".join(expressions), re.DOTALL) if expressions else None
        self._changing = changing
        self.matches_all = wildcards and "*" in self.texts

    def __call__(self, value: str, context: Context) -> bool:
        if self.matches_all:
            return True
        if self._fold:
            value = value.lower()
        if value in self._plain or (self._regex is not None and self._regex.fullmatch(value) is not None):
            return True
        for parts in self._changing:
            expression = self._expression(parts, context)
            if expression is not None and _compiled(expression).fullmatch(value) is not None:
                return True
        return False

    def _expression(self, parts: list[_Part], context: Context | None) -> str | None:
        """The regular expression of a text; None where a variable has no single value and no default, or an ARN too few parts."""
        texts = [_known(part, context) for part in parts]
        if None in texts or (self._is_arn and sum(text.count(":") for text in texts if text) < ARN_COLONS):
            return None
        written, colons = "", ARN_COLONS if self._is_arn else 0
        for part, known in zip(parts, texts, strict=True):
            text = known or ""
            is_wild = self._wildcards and isinstance(part, str)
            expression, colons = _translated(text.lower() if self._fold else text, colons, is_wild)
            written += expression
        return written


def _parts(text: str) -> list[_Part]:
    """A text cut into what is written and what is to be put in."""
    if "${" not in text:
        return [text]
    parts: list[_Part] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        parts.append(_inserted(match[1]))
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    return parts or [text]


def _inserted(name: str) -> _Variable | _Literal:
    if name in _ESCAPES:
        return _Literal(name)
    defaulted = _DEFAULTED.fullmatch(name)
    if defaulted is not None:
        return _Variable(defaulted[1].lower(), defaulted[2])
    return _Variable(name.strip().lower(), None)


def variables_in(texts: Iterable[str]) -> set[str]:
    """The context keys, in lower case, that stand as variables in *texts*."""
    return {part.key for text in texts for part in _parts(text) if isinstance(part, _Variable)}


def _known(part: _Part, context: Context | None) -> str | None:
    """A part as it is written, or what is put in for it."""
    if isinstance(part, str):
        return part
    if isinstance(part, _Literal):
        return part.character
    return None if context is None else part.text(context)


def _translated(text: str, colons: int, is_wild: bool) -> tuple[str, int]:
    """A text as an expression, and how many colons of an ARN are still to come after it; in an ARN's last part a wildcard stands
    for anything."""
    written = ""
    for character in text:
        if character == ":" and colons:
            colons -= 1
        inside = "[^:]" if colons else "."
        wild = {"*": f"{inside}*", "?": inside}.get(character) if is_wild else None
        written += wild or re.escape(character)
    return written, colons


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)
