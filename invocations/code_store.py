"""Code archives and their unpacked trees, by the SHA-256 of the archive: DATA_DIR/code/<hex>/archive.zip and …/tree.

What is stored never changes, so functions, versions and layers share it, and a stored archive is whole: it is unpacked
aside and renamed into place.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import uuid
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.conf import settings

from invocations import clock, limits
from invocations.errors import InvalidParameterValueException, RequestEntityTooLargeException

UNREFERENCED_SECONDS = 3600.0
"""How long an archive is kept after a sweep first found that nothing refers to it: a create that has stored it and not yet
committed needs it, and so does an invocation that was under way when its code was replaced."""
_UNREFERENCED = "unreferenced"
"""A file beside the archive; its time is when that was found."""
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredCode:
    """One archive in the store."""

    sha256: str
    """Base64, as CodeSha256."""
    size: int
    """Bytes of the archive."""


def put(archive: bytes, most: int = limits.ZIP_FILE) -> StoredCode:
    """Stores and unpacks a zip archive of *most* bytes. Raises what CreateFunction raises for one that is broken or too large."""
    if len(archive) > most:
        raise RequestEntityTooLargeException(f"Zipped size must be smaller than {most} bytes")
    digest = hashlib.sha256(archive)
    stored = StoredCode(base64.b64encode(digest.digest()).decode(), len(archive))
    target = _folder(stored.sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(fcntl.LOCK_SH):
        if target.exists():
            (target / _UNREFERENCED).unlink(missing_ok=True)  # wanted again: its time begins anew
            return stored
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        (aside / "archive.zip").write_bytes(archive)
        (aside / "tree").mkdir()
        _unpack(aside / "archive.zip", aside / "tree")
        aside.chmod(0o755)
        try:
            aside.rename(target)
        except OSError:
            if not target.exists():
                raise  # else somebody stored the same archive meanwhile
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return stored


def tree(sha256: str) -> Path:
    """The unpacked archive with this CodeSha256."""
    return _folder(sha256) / "tree"


def archive(sha256: str) -> Path:
    """The archive with this CodeSha256."""
    return _folder(sha256) / "archive.zip"


def sweep(referenced: Collection[str]) -> int:
    """Removes archives that no CodeSha256 in *referenced* names and none has named for an hour. Returns how many."""
    kept = {_folder(sha256) for sha256 in referenced if sha256}
    root = _root()
    if not root.exists():
        return 0
    with _locked(fcntl.LOCK_EX):
        expired = [folder for folder in root.iterdir() if folder.is_dir() and _has_expired(folder, is_referenced=folder in kept)]
        for folder in expired:
            aside = folder.rename(root / f".swept-{uuid.uuid4().hex}")  # what is removed halfway is not taken for whole
            shutil.rmtree(aside, ignore_errors=True)
    return len(expired)


def _has_expired(folder: Path, *, is_referenced: bool) -> bool:
    """Whether nothing has referred to *folder* for an hour; takes down what is found now."""
    mark = folder / _UNREFERENCED
    if is_referenced:
        mark.unlink(missing_ok=True)
        return False
    if not mark.exists():
        with suppress(FileNotFoundError):  # an archive just put aside has been renamed into its place
            mark.touch()
        return False
    return clock.epoch() - mark.stat().st_mtime > UNREFERENCED_SECONDS


@contextmanager
def _locked(kind: int) -> Iterator[None]:
    """Storing shares the lock; a sweep has it alone while it decides, so that nothing found here vanishes after all."""
    with (_root() / ".lock").open("w") as file:
        fcntl.flock(file, kind)
        yield


def _root() -> Path:
    return Path(settings.DATA_DIR, "code")


def _folder(sha256: str) -> Path:
    return _root() / base64.b64decode(sha256).hex()


def _unpack(source: Path, target: Path) -> None:
    """Unpacks with what AWS keeps (executable bits, links within the archive) and refuses what leads out of it."""
    broken = InvalidParameterValueException("Could not unzip uploaded file. Please check your file, then try to upload again.")
    room = limits.UNZIPPED_CODE
    try:
        with zipfile.ZipFile(source) as zipped:
            for entry in zipped.infolist():
                name = entry.filename.replace("\\", "/")
                parts = PurePosixPath(name).parts
                if not parts or name.startswith("/") or ".." in parts or "\0" in name:
                    raise broken
                mode = entry.external_attr >> 16
                path = target.joinpath(*parts)
                if name.endswith("/"):
                    path.mkdir(parents=True, exist_ok=True)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                if stat.S_ISLNK(mode):
                    _link(target, path, zipped.read(entry).decode(), broken)
                    continue
                room = _write(zipped, entry, path, room)
                path.chmod(0o755 if mode & 0o111 else 0o644)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, UnicodeDecodeError, OSError, ValueError) as error:
        raise broken from error


def _write(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, room: int) -> int:
    """Writes one file; returns the room that is left. What a bomb claims about its size does not count, its bytes do."""
    with zipped.open(entry) as source, path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            room -= len(chunk)
            if room < 0:
                raise InvalidParameterValueException(f"Unzipped size must be smaller than {limits.UNZIPPED_CODE} bytes")
            target.write(chunk)
    return room


def _link(root: Path, path: Path, points_to: str, broken: Exception) -> None:
    resolved = Path(os.path.normpath(path.parent / points_to))
    if points_to.startswith("/") or not resolved.is_relative_to(root):
        raise broken
    path.symlink_to(points_to)
