import io
import zipfile
from pathlib import Path

import pytest

from playground.dashboard.code_files import CodeFile, Problem, check, listing, main_file, read_text, rows, with_file, without_file


def an_archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(name.replace("__", "/"), text)
    return buffer.getvalue()


def contents(archive: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        return {name: zipped.read(name).decode() for name in zipped.namelist()}


def test_saving_a_file_replaces_it_and_leaves_the_others() -> None:
    archive = an_archive(app="old", lib__util="kept")
    assert contents(with_file(archive, "app", "new\r\nline")) == {"lib/util": "kept", "app": "new\nline"}


def test_a_new_file_may_lie_in_a_new_folder() -> None:
    assert contents(with_file(an_archive(app="x"), "a/b/c.py", "y")) == {"app": "x", "a/b/c.py": "y"}


def test_replacing_an_executable_keeps_it_executable() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        zipped.writestr(entry, "#!/bin/sh\n")
    with zipfile.ZipFile(io.BytesIO(with_file(buffer.getvalue(), "bootstrap", "#!/bin/bash\n"))) as zipped:
        assert zipped.getinfo("bootstrap").external_attr >> 16 == 0o755


@pytest.mark.parametrize("path", ["../evil.py", "/etc/passwd", "a/../../b", "", "folder/", "a\\b"])
def test_a_path_that_leads_out_of_the_archive_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no path inside the archive"):
        with_file(an_archive(app="x"), path, "y")


def test_the_last_file_cannot_be_removed() -> None:
    archive = an_archive(one="1", two="2")
    left = without_file(archive, "one")
    assert contents(left) == {"two": "2"}
    with pytest.raises(ValueError, match="last file"):
        without_file(left, "two")


def test_only_folders_that_lead_to_what_is_shown_are_open() -> None:
    files = [CodeFile(path, 1) for path in ("lib/deep/b.py", "lib/a.py", "other/c.py", "app.py")]

    assert [(row.depth, row.path, row.is_open) for row in rows(files, "app.py")] == [
        (0, "lib/", False),
        (0, "other/", False),
        (0, "app.py", False),
    ]
    assert [(row.depth, row.name) for row in rows(files, "lib/deep/b.py")] == [
        (0, "lib"),
        (1, "deep"),
        (2, "b.py"),
        (1, "a.py"),
        (0, "other"),
        (0, "app.py"),
    ]
    assert [row.path for row in rows(files, "lib/")] == ["lib/", "lib/deep/", "lib/a.py", "other/", "app.py"]


def test_the_listing_has_folders_before_files_and_knows_the_handlers_file(tmp_path: Path) -> None:
    for name in ("zeta.py", "app.py", "lib/util.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("pass")
    files = listing(tmp_path)
    assert [file.path for file in files] == ["lib/util.py", "app.py", "zeta.py"]
    assert main_file(files, "zeta.handler") == "zeta.py"
    assert main_file(files, "lib/util.handler") == "lib/util.py"
    assert main_file(files, "nowhere.handler") == "lib/util.py"


def test_a_binary_or_foreign_file_has_no_text(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "secret").write_text("secret")
    assert read_text(tmp_path / "tree", "binary") is None
    assert read_text(tmp_path / "tree", "../secret") is None


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("app.py", "def handler(event, context):\n    return (\n", 2),
        ("data.json", '{\n "a": }\n', 2),
        ("index.mjs", "export const h = 1;\nlet x = ;\n", 2),
        ("index.js", "exports.handler = async () => {\n", 2),
    ],
)
def test_a_syntax_error_is_found_with_its_line(path: str, text: str, line: int) -> None:
    problem = check(path, text)
    assert isinstance(problem, Problem)
    assert problem.line == line


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", "def handler(event, context):\n    return event\n"),
        ("index.mjs", "export const h = 1;\n"),
        ("notes.txt", "def ("),
        ("x.json", "{}"),
    ],
)
def test_sound_files_have_no_problem(path: str, text: str) -> None:
    assert check(path, text) is None
