"""Reads JSON token by token and knows where it is, so that a bad pattern is refused with the text and the place that AWS gives.

AWS compiles patterns with the Jackson parser; its messages and its idea of a position (behind the token just read, and
behind the value that follows a field's name) are part of the answer and are kept here.
"""

import json
import re
from enum import StrEnum
from typing import Final

SHOWN_SOURCE: Final = 500
"""Characters of the source that a position quotes."""
DEEPEST: Final = 200
"""Levels of nesting; a pattern of the longest length allowed that is deeper has nothing but brackets in it."""
LONGEST_NUMBER: Final = 1000
"""Characters."""

_SPACE = frozenset(" \t\r\n")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_STRING_REST = re.compile(r'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_WORD = re.compile(r"[\w$]*")
_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


class Token(StrEnum):
    """What comes next in the text."""

    START_OBJECT = "{"
    END_OBJECT = "}"
    START_ARRAY = "["
    END_ARRAY = "]"
    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    TRUE = "true"
    FALSE = "false"
    NULL = "null"
    END = ""


SCALARS: Final = frozenset({Token.STRING, Token.NUMBER, Token.TRUE, Token.FALSE, Token.NULL})


class InvalidPattern(Exception):
    """The pattern is none. The text is AWS's reason, with the position where the parser gives one."""


class TokenReader:
    """A JSON text, read forwards."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._open: list[tuple[Token, int]] = []
        """The brackets that are open, each with the place where it was opened."""
        self._needs_separator = False
        self._pending: Token | None = None
        """The value behind a field's name: it is read together with the name."""
        self._in_string = False
        self._text = ""
        self.name = ""
        """The name of the field read last."""

    @property
    def location(self) -> str:
        """` at [Source: (String)"…"; line: 1, column: 11]`, as it follows a message on a line of its own."""
        return f"\n at {self._position(self._at)}"

    def text(self) -> str:
        """The token as it stands in the source (a string without its quotes and escapes). A string is read to its end by this."""
        if self._in_string:
            self._finish_string()
        return self._text

    @property
    def offset(self) -> int:
        """Characters read so far."""
        return self._at

    def peek_value(self) -> Token:
        """The kind of value behind the field's name just read."""
        return self._pending or Token.END

    def refuse(self, reason: str) -> InvalidPattern:
        """The error that says *reason* and where."""
        return InvalidPattern(reason + self.location)

    def next(self) -> Token:
        """The next token; END behind the text's end where nothing is open. Raises InvalidPattern where the text is no JSON."""
        if self._pending is not None:
            token, self._pending = self._pending, None
            return self._entered(token)
        if self._in_string:
            self._finish_string()
        self._skip_space()
        if self._at == len(self._source):
            if not self._open:
                return Token.END
            raise self._ended()
        closing = self._closing()
        if closing is not None:
            return closing
        if self._open and self._needs_separator:
            self._expect_comma()
        self._needs_separator = True
        if self._open and self._open[-1][0] is Token.START_OBJECT:
            return self._name()
        return self._entered(self._value())

    def _entered(self, token: Token) -> Token:
        if token in (Token.START_OBJECT, Token.START_ARRAY):
            if len(self._open) == DEEPEST:
                raise self.refuse(f"Document nesting depth ({DEEPEST + 1}) exceeds the maximum allowed ({DEEPEST})")
            self._open.append((token, self._at - 1))
            self._needs_separator = False
        return token

    def _closing(self) -> Token | None:
        character = self._source[self._at]
        if character not in "}]":
            return None
        if not self._open:
            raise self._unexpected("expected a valid value " + _VALUES)
        opened, where = self._open[-1]
        wanted, kind = ("}", "Object") if opened is Token.START_OBJECT else ("]", "Array")
        if character != wanted:
            self._at += 1
            raise self.refuse(
                f"Unexpected close marker '{character}': expected '{wanted}' (for {kind} starting at {self._position(where)})"
            )
        self._open.pop()
        self._at += 1
        self._text = character
        self._needs_separator = True
        return Token(character)

    def _expect_comma(self) -> None:
        if self._source[self._at] != ",":
            kind = "Object" if self._open[-1][0] is Token.START_OBJECT else "Array"
            raise self._unexpected(f"was expecting comma to separate {kind} entries")
        self._at += 1
        self._skip_space()
        if self._at == len(self._source):
            raise self._ended()

    def _name(self) -> Token:
        if self._source[self._at] != '"':
            raise self._unexpected("was expecting double-quote to start field name")
        self._at += 1
        self._in_string = True
        name = self.text()
        self._skip_space()
        if self._at == len(self._source):
            raise self._ended()
        if self._source[self._at] != ":":
            raise self._unexpected("was expecting a colon to separate field name and value")
        self._at += 1
        self._skip_space()
        if self._at == len(self._source):
            raise self._ended()
        self._pending = self._value()
        self.name = name
        return Token.NAME

    def _value(self) -> Token:
        character = self._source[self._at]
        if character == '"':
            self._at += 1
            self._in_string = True
            return Token.STRING
        if character in "{[":
            self._at += 1
            self._text = character
            return Token(character)
        if character in "-0123456789":
            return self._number()
        for token in (Token.TRUE, Token.FALSE, Token.NULL):
            if character == token[0]:
                return self._literal(token)
        if character.isalpha() or character in "_$":
            raise self._unknown_word()
        raise self._unexpected("expected a valid value " + _VALUES)

    def _number(self) -> Token:
        match = _NUMBER.match(self._source, self._at)
        if match is None:
            self._at += 1
            raise self.refuse("Unexpected character in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value")
        self._at, self._text = match.end(), match[0]
        if len(self._text) > LONGEST_NUMBER:
            raise self.refuse(f"Number value length ({len(self._text)}) exceeds the maximum allowed ({LONGEST_NUMBER})")
        if self._text in ("0", "-0") and self._source[self._at : self._at + 1].isdigit():
            raise self.refuse("Invalid numeric value: Leading zeroes not allowed")
        return Token.NUMBER

    def _literal(self, token: Token) -> Token:
        if self._word() != token:
            raise self._unknown_word()
        self._at += len(token)
        self._text = str(token)
        return token

    def _finish_string(self) -> None:
        start = self._at
        match = _STRING_REST.match(self._source, start)
        self._at = match.end() if match else start
        following = self._source[self._at : self._at + 1]
        if following == "":
            raise self.refuse("Unexpected end-of-input: was expecting closing quote for a string value")
        if following == "\\":
            self._at += 2
            escaped = self._source[self._at - 1 : self._at]
            raise self.refuse(f"Unrecognized character escape '{escaped}' (code {ord(escaped) if escaped else -1})")
        if following != '"':
            raise self.refuse(
                f"Illegal unquoted character ((CTRL-CHAR, code {ord(following)})): "
                "has to be escaped using backslash to be included in string value"
            )
        written = self._source[start : self._at]
        self._text = json.loads(f'"{written}"') if "\\" in written else written
        self._at += 1
        self._in_string = False

    def _skip_space(self) -> None:
        while self._source[self._at : self._at + 1] in _SPACE:
            self._at += 1

    def _word(self) -> str:
        match = _WORD.match(self._source, self._at)
        return match[0] if match else ""

    def _unknown_word(self) -> InvalidPattern:
        word = self._word()
        self._at += len(word)
        return self.refuse(f"Unrecognized token '{word}': was expecting {_VALUES}")

    def _unexpected(self, wanted: str) -> InvalidPattern:
        character = self._source[self._at]
        return self.refuse(f"Unexpected character ('{character}' (code {ord(character)})): {wanted}")

    def _ended(self) -> InvalidPattern:
        opened, where = self._open[-1]
        kind = "Object" if opened is Token.START_OBJECT else "Array"
        return self.refuse(f"Unexpected end-of-input: expected close marker for {kind} (start marker at {self._position(where)})")

    def _position(self, at: int) -> str:
        source = self._source
        shown = f'"{source[:SHOWN_SOURCE]}"'
        if len(source) > SHOWN_SOURCE:
            shown += f"[truncated {len(source) - SHOWN_SOURCE} chars]"
        line = source.count("\n", 0, at) + 1
        column = at - source.rfind("\n", 0, at)
        return f"[Source: (String){shown}; line: {line}, column: {column}]"
