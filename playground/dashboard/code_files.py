"""The files of a function's code as the editor shows and changes them: every change is a new zip archive."""

import ast
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

EDITABLE_BYTES = 512 * 1024
"""Larger files, and those that are no text, are listed and downloaded, not edited."""
_LANGUAGES = {".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".json": "json"}


@dataclass(frozen=True, slots=True)
class CodeFile:
    """One file of the archive."""

    path: str
    size: int
    """Bytes."""

    @property
    def language(self) -> str:
        """What the editor highlights it as: python, javascript, json or text."""
        return _LANGUAGES.get(PurePosixPath(self.path).suffix, "text")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file would not load."""

    line: int
    message: str


def listing(tree: Path) -> list[CodeFile]:
    """Every file below *tree*, folders first within each folder as people expect them."""
    paths = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    relative = sorted(((path.relative_to(tree).as_posix(), path.stat().st_size) for path in paths), key=lambda item: _order(item[0]))
    return [CodeFile(path, size) for path, size in relative]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the tree as it is drawn: a file, or a folder."""

    depth: int
    name: str
    path: str
    """A folder's ends with a slash."""
    size: int | None
    """Bytes; None for a folder."""
    is_open: bool = False


def rows(files: list[CodeFile], shown: str) -> list[Row]:
    """The tree with only those folders open that lead to *shown*, a file or a folder: thousands of files are no burden to a page."""
    found: list[Row] = []
    folders: set[str] = set()
    for file in files:
        *parents, name = file.path.split("/")
        for depth in range(len(parents)):
            folder = "/".join(parents[: depth + 1]) + "/"
            is_open = shown.startswith(folder)
            if folder not in folders:
                folders.add(folder)
                found.append(Row(depth, parents[depth], folder, None, is_open))
            if not is_open:
                break
        else:
            found.append(Row(len(parents), name, file.path, file.size))
    return found


def read_text(tree: Path, path: str) -> str | None:
    """The text of a file; None for one that is missing, too large or no text."""
    target = (tree / path).resolve()
    if not target.is_relative_to(tree.resolve()) or not target.is_file() or target.stat().st_size > EDITABLE_BYTES:
        return None
    try:
        return target.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def main_file(files: list[CodeFile], handler: str) -> str | None:
    """The file that holds the handler, or else the first one."""
    module = handler.rpartition(".")[0].replace(".", "/")
    by_path = {file.path for file in files}
    for suffix in (".py", ".mjs", ".js", ".cjs"):
        if module + suffix in by_path:
            return module + suffix
    return "bootstrap" if "bootstrap" in by_path else files[0].path if files else None


def with_file(archive: bytes, path: str, text: str) -> bytes:
    """The archive with *path* added or replaced. Raises ValueError for a path that leads out of it."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or path.endswith("/") or "\\" in path:
        raise ValueError(f"{path!r} is no path inside the archive. Use names with forward slashes, such as lib/util.py.")
    return _rewritten(archive, drop=path, add=(path, text.replace("\r\n", "\n").encode()))


def without_file(archive: bytes, path: str) -> bytes:
    """The archive without *path*. Raises ValueError if it would be empty, or has no such file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        names = [name for name in source.namelist() if not name.endswith("/")]
    if path not in names:
        raise ValueError(f"There is no file {path!r}.")
    if len(names) == 1:
        raise ValueError("This is the last file; a function needs some code.")
    return _rewritten(archive, drop=path, add=None)


def check(path: str, text: str) -> Problem | None:
    """The first syntax error of a Python, JSON or JavaScript file."""
    match PurePosixPath(path).suffix:
        case ".py":
            try:
                ast.parse(text, path)
            except SyntaxError as error:
                return Problem(error.lineno or 1, error.msg)
            except ValueError as error:
                return Problem(1, str(error))
        case ".json":
            try:
                json.loads(text)
            except json.JSONDecodeError as error:
                return Problem(error.lineno, error.msg)
            except RecursionError:
                return Problem(1, "This is nested too deeply")
        case ".js" | ".mjs" | ".cjs" as suffix:
            return _check_javascript(text, suffix)
    return None


def _check_javascript(text: str, suffix: str) -> Problem | None:
    node = shutil.which("node")
    if node is None:
        return None
    kind = "--input-type=module" if suffix == ".mjs" or "export " in text or "import " in text else "--input-type=commonjs"
    result = subprocess.run([node, kind, "--check", "-"], input=text, capture_output=True, text=True, timeout=10, check=False)
    if result.returncode == 0:
        return None
    lines = result.stderr.splitlines()
    number = next((int(part) for line in lines for part in [line.rpartition(":")[2]] if line.startswith("[stdin]:") and part.isdigit()), 1)
    message = next((line for line in lines if "Error:" in line), lines[0] if lines else "syntax error")
    return Problem(number, message.removeprefix("SyntaxError: "))


def _rewritten(archive: bytes, *, drop: str, add: tuple[str, bytes] | None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        kept_mode = 0o644 << 16
        for entry in source.infolist():
            if entry.filename == drop:
                kept_mode = entry.external_attr or kept_mode
            else:
                target.writestr(entry, source.read(entry))
        if add is not None:
            path, content = add
            entry = zipfile.ZipInfo(path, date_time=(2025, 1, 1, 0, 0, 0))
            entry.external_attr = kept_mode
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return buffer.getvalue()


def _order(path: str) -> list[tuple[bool, str]]:
    parts = path.split("/")
    return [(index == len(parts) - 1, part.lower()) for index, part in enumerate(parts)]
