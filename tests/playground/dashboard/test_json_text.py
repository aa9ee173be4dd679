import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.dashboard.json_text import coloured, mistake_in, pretty

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_pretty_indents_and_keeps_every_token() -> None:
    assert pretty('{"a":1.0,"b":[1e400,true],"a":{},"c":[]}') == (
        '{\n  "a": 1.0,\n  "b": [\n    1e400,\n    true\n  ],\n  "a": {},\n  "c": []\n}'
    )


@given(_values)
def test_pretty_changes_no_value(value: Any) -> None:
    assert json.loads(pretty(json.dumps(value))) == value
    assert json.loads(pretty(json.dumps(value, ensure_ascii=False))) == value


@given(_values)
def test_pretty_equals_the_standard_librarys_indent(value: Any) -> None:
    assert pretty(json.dumps(value)) == json.dumps(value, indent=2)


def test_what_is_no_json_stays_as_it_is() -> None:
    assert pretty("<b>no</b>") == "<b>no</b>"


def test_colours_escape_everything() -> None:
    assert coloured('{"<b>": "</script>"}') == (
        '{\n  <span class="j-key">&quot;&lt;b&gt;&quot;</span>: <span class="j-string">&quot;&lt;/script&gt;&quot;</span>\n}'
    )
    assert coloured("<script>") == "&lt;script&gt;"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": }', 1, 7),
        ('{\n  "a": 1,\n}', 3, 1),
        ('{"a": NaN}', 1, 7),
        ("{'a': 1}", 1, 2),
        ('{"a": 1', 1, 8),
        ("x" * 200, 1, 1),
        ("[" * 100_000, 1, 1),
    ],
)
def test_a_mistake_has_a_place(text: str, line: int, column: int) -> None:
    mistake = mistake_in(text)

    assert mistake is not None
    if not text.startswith("[["):
        assert (mistake.line, mistake.column) == (line, column)
        assert f"line {line}, column {column}" in mistake.sentence
    assert len(mistake.pointer) <= 73


def test_the_pointer_stands_under_the_mistake_in_a_long_line() -> None:
    mistake = mistake_in('{"' + "k" * 100 + '": oops}')

    assert mistake is not None
    assert mistake.excerpt[len(mistake.pointer) - 1 :].startswith("oops}")


@pytest.mark.parametrize("text", ["", "  \n", "{}", "null", '"x"', "[1, 2]"])
def test_json_and_nothing_are_no_mistakes(text: str) -> None:
    assert mistake_in(text) is None
