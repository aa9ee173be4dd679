"""A compiled pattern: closures over the event's structure, made once, asked often."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from invocations.event_patterns import grammar, matchers
from invocations.event_patterns.grammar import AllOf, Combination
from invocations.event_patterns.matchers import Matcher, Test
from invocations.event_patterns.tokens import InvalidPattern

__all__ = ["InvalidPattern", "Pattern", "compile_pattern", "elements", "expand_dots", "scalars"]

DEEPEST_EXPANSION: Final = 200
"""Levels of an event in which keys with dots are looked for."""

_MISSING: Final = object()

NO: Final = 0
BY_ABSENCE: Final = 1
"""Holds, but only because something is missing: an array then needs it of all its elements."""
YES: Final = 2
Verdict = int
Judge = Callable[[Any], Verdict]
"""What a pattern (or a part) says of a value. Truth is enough for most callers."""


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A pattern, ready to be asked."""

    source: str
    tree: AllOf
    """Its parts as written, for explanations."""
    combinations: list[Combination] = field(repr=False)
    """Its `$or` branches multiplied out; one of them must match."""
    judge: Judge = field(repr=False)
    """Takes an event whose keys have no dots."""
    asks_for_absence: bool
    meets_dots: Callable[[Any], bool] = field(repr=False)
    """Whether an event has keys with dots where this pattern looks."""

    def matches(self, event: Any) -> bool:
        """Whether the event (JSON as Python reads it) matches."""
        if not self.asks_for_absence and self.judge(event):  # more fields, as keys with dots stand for, never undo a match
            return True
        if self.meets_dots(event):
            event = expand_dots(event)
        elif not self.asks_for_absence:
            return False
        return bool(self.judge(event))


def compile_pattern(text: str) -> Pattern:
    """Compiles a pattern's text. Raises InvalidPattern with AWS's reason."""
    return from_tree(text, grammar.parse(text))


@lru_cache(maxsize=1024)
def cached(text: str) -> Pattern:
    """The same, remembered: for callers that have the text at hand with every event."""
    return compile_pattern(text)


def from_tree(source: str, tree: AllOf) -> Pattern:
    """The pattern of a tree that *source* was read into."""
    combinations = grammar.combinations(tree)
    judges = [judge_of(combination) for combination in combinations]
    absence = any(matcher.is_absence for combination in combinations for values in combination.values() for matcher in values)
    judge = judges[0] if len(judges) == 1 else _any_of(judges)
    return Pattern(source, tree, combinations, judge, absence, dot_finder(combinations))


def dot_finder(combinations: Iterable[Combination]) -> Callable[[Any], bool]:
    """Tells of an event whether any object that these combinations look into has a key with a dot."""
    root = _Node()
    for combination in combinations:
        root.enter(combination)
    return _dot_finder(root)


def expand_dots(event: Any) -> Any:
    """The event with `{"a.b": 1}` written as `{"a": {"b": 1}}`; the event itself where no key has a dot."""
    waiting = [event]
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            if "." in "".join(value):
                return _expanded(event, 0)
            value = value.values()
        elif type(value) is not list:
            continue
        waiting += [inner for inner in value if type(inner) is dict or type(inner) is list]
    return event


def scalars(value: Any) -> Iterator[Any]:
    """The strings, numbers, booleans and nulls of a value: itself, or what an array (of arrays) of them holds."""
    for inner in elements(value):
        if type(inner) is not dict:
            yield inner


def elements(value: Any) -> Iterator[Any]:
    """A value by itself, or what an array holds, with arrays inside it laid flat. Needs no recursion, whatever the depth."""
    if type(value) is not list:
        yield value
        return
    waiting = [iter(value)]
    while waiting:
        for inner in waiting[-1]:
            if type(inner) is list:
                waiting.append(iter(inner))
                break
            yield inner
        else:
            waiting.pop()


def _expanded(value: Any, depth: int) -> Any:
    if depth > DEEPEST_EXPANSION:
        return value
    if isinstance(value, list):
        return [_expanded(inner, depth + 1) for inner in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for key, inner in value.items():
        first, *others = key.split(".")
        nested = _expanded(inner, depth + 1)
        for name in reversed(others):
            nested = {name: nested}
        _put(result, first, nested)
    return result


def _put(target: dict[str, Any], key: str, value: Any) -> None:
    """Adds a value under a key that may be there already: objects become one, other values stand beside each other."""
    if key not in target:
        target[key] = value
    elif isinstance(target[key], dict) and isinstance(value, dict):
        for name, inner in value.items():
            _put(target[key], name, inner)
    else:
        target[key] = [target[key], value]


@dataclass(slots=True)
class _Node:
    """A place in the event's structure that a combination says something of."""

    children: "dict[str, _Node]" = field(default_factory=dict)
    values: tuple[Matcher, ...] = ()

    def enter(self, combination: Combination) -> None:
        """Adds a combination's fields below this place."""
        for path, values in combination.items():
            node = self
            for key in path:
                node = node.children.setdefault(key, _Node())
            node.values = values

    @property
    def allows_absence(self) -> bool:
        """Whether the place may be missing altogether."""
        own = not self.values or any(matcher.is_absence for matcher in self.values)
        return own and all(child.allows_absence for child in self.children.values())

    @property
    def asks_for_absence(self) -> bool:
        """Whether anything in it may hold by being missing."""
        own = any(matcher.is_absence for matcher in self.values)
        return own or any(child.asks_for_absence for child in self.children.values())


def judge_of(combination: Combination) -> Judge:
    """What these fields, all of them, say of an event whose keys have no dots."""
    root = _Node()
    root.enter(combination)
    return _compiled(root)


def _dot_finder(node: _Node) -> Callable[[Any], bool]:
    inside = {key: _dot_finder(child) for key, child in node.children.items() if child.children}

    def meets_dots(value: Any) -> bool:
        if type(value) is dict:
            if "." in "".join(value):
                return True
            for key in inside if len(inside) < len(value) else inside.keys() & value.keys():
                if key in value and inside[key](value[key]):
                    return True
            return False
        return type(value) is list and any(meets_dots(inner) for inner in elements(value) if type(inner) is dict)

    return meets_dots


def _any_of(judges: list[Judge]) -> Judge:
    def judge(event: Any) -> Verdict:
        for inner in judges:
            if inner(event):
                return YES
        return NO

    return judge


def _compiled(node: _Node) -> Judge:
    absence = node.asks_for_absence
    judges: list[Judge] = []
    if node.values:
        test = _test_of(node.values)
        judges.append(_leaf_with_absence(test) if absence and node.allows_absence else _leaf(test))
    if node.children:
        judges.append(_object_with_absence(node) if absence else _object(node))
    if len(judges) == 1:
        return judges[0]
    return lambda value: min(judge(value) for judge in judges)


def _test_of(values: tuple[Matcher, ...]) -> Test:
    """One test for a whole value list. All its literals are one look-up."""
    plain = [matcher.argument for matcher in values if matcher.operator == "equals"]
    tests = [matcher.test for matcher in values if matcher.operator != "equals" and not matcher.is_absence]
    if plain:
        tests.insert(0, matchers.literals(plain))
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)


def _leaf(test: Test) -> Judge:
    def judge(value: Any) -> Verdict:
        kind = type(value)
        if kind is list:
            return YES if any(type(inner) is not dict and test(inner) for inner in elements(value)) else NO
        return YES if kind is not dict and test(value) else NO

    return judge


def _leaf_with_absence(test: Test) -> Judge:
    """The same, with `{"exists": false}` among the values: an object, or an array without values, is no value."""

    def judge(value: Any) -> Verdict:
        present = False
        for inner in scalars(value):
            if test(inner):
                return YES
            present = True
        return NO if present else BY_ABSENCE

    return judge


def _object(node: _Node) -> Judge:
    children = [(key, _compiled(child)) for key, child in node.children.items()]
    if len(children) == 1:
        return _single_key(*children[0])

    def judge(value: Any) -> Verdict:
        if type(value) is dict:
            for key, inner in children:
                child = value.get(key, _MISSING)
                if child is _MISSING or not inner(child):
                    return NO
            return YES
        return YES if type(value) is list and any(judge(inner) for inner in elements(value)) else NO

    return judge


def _single_key(key: str, inner: Judge) -> Judge:
    def judge(value: Any) -> Verdict:
        if type(value) is dict:
            child = value.get(key, _MISSING)
            return NO if child is _MISSING else inner(child)
        return YES if type(value) is list and any(judge(element) for element in elements(value)) else NO

    return judge


def _object_with_absence(node: _Node) -> Judge:
    children = [(key, _compiled(child), BY_ABSENCE if child.allows_absence else NO) for key, child in node.children.items()]
    nothing_there = min(missing for _, _, missing in children)

    def of_object(value: dict[str, Any]) -> Verdict:
        best = BY_ABSENCE
        for key, inner, missing in children:
            child = value.get(key, _MISSING)
            verdict = missing if child is _MISSING else inner(child)
            if verdict == NO:
                return NO
            best = max(best, verdict)
        return best

    def judge(value: Any) -> Verdict:
        if type(value) is dict:
            return of_object(value)
        if type(value) is not list:
            return nothing_there
        worst = nothing_there
        for element in elements(value):
            verdict = of_object(element) if type(element) is dict else nothing_there
            if verdict == YES:
                return YES
            worst = min(worst, verdict)
        return worst

    return judge
