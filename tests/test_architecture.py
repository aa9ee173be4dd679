"""Imports run one way: from `playground` down to the leaves, without a circle."""

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[1]
TREES = ("invocations", "playground")
LEAVES = {f"invocations.{name}" for name in ("arn", "clock", "enums", "errors", "limits")}


@cache
def imports() -> dict[str, set[str]]:
    """Module -> the modules of ours that it imports when it is itself imported."""
    files = {_module(path): path for tree in TREES for path in (BASE / tree).rglob("*.py") if "samples" not in path.parts}
    return {name: _imported(name, path, set(files)) for name, path in files.items()}


def _module(path: Path) -> str:
    parts = path.relative_to(BASE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(name: str, path: Path, known: set[str]) -> set[str]:
    found: set[str] = set()
    todo: list[ast.AST] = [ast.parse(path.read_text())]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else str(node.module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_type_checking(node):
            continue
        todo += ast.iter_child_nodes(node)
    return (found & known) - {name}


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_there_is_no_circle() -> None:
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_the_domain_knows_nothing_of_what_talks_to_it() -> None:
    assert {(name, used) for name, all_used in imports().items() for used in all_used if _climbs(name, used)} == set()


def _climbs(name: str, used: str) -> bool:
    return name.startswith("invocations") and used.startswith("playground")


def test_leaves_know_leaves_only() -> None:
    assert {(leaf, used) for leaf in LEAVES for used in imports()[leaf] if used not in LEAVES} == set()


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("invocations.models", "invocations.execution"),
        ("invocations.models", "invocations.resources"),
        ("invocations.services", "invocations.execution"),
        ("invocations.services", "invocations.run"),
        ("invocations.event_patterns", "invocations.models"),
        ("invocations.policies", "invocations.models"),
        ("invocations.policies", "invocations.store"),
        ("invocations.admit", "invocations.execution"),
        ("invocations.authorize", "invocations.route"),
        ("invocations.route", "invocations.admit"),
        ("invocations.execution", "invocations.run"),
        ("invocations.execution", "invocations.resources"),
        ("invocations.run", "invocations.invoke"),
        ("invocations.invoke", "invocations.resources"),
        ("playground.endpoint.protocols", "playground.endpoint.operations"),
        ("playground.endpoint", "playground.dashboard"),
    ],
)
def test_a_lower_layer_never_imports_an_upper_one(lower: str, upper: str) -> None:
    assert {(name, used) for name, all_used in imports().items() for used in all_used if _in(name, lower) and _in(used, upper)} == set()


def _in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("module", ["django.http", "django.template", "django.shortcuts", "socketserver", "uvicorn"])
def test_the_domain_knows_no_request_and_no_template(module: str) -> None:
    users = [str(path.relative_to(BASE)) for path in (BASE / "invocations").rglob("*.py") if f"from {module}" in path.read_text()]
    assert users == []
