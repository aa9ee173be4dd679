"""The bytes of objects: DATA_DIR/s3/blobs/<account>/<two digits>/<id>, and DATA_DIR/s3/incoming/ while they come in.

What comes in is written aside, brought to the disk, and moved into place; what is in place never changes. A row of the
database names each file; a file that no row names for an hour is removed.
"""

import asyncio
import hashlib
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from invocations.services.s3.digests import Digest, make

Segments = Sequence[Sequence[object]]
"""[[blob id, bytes], …] in their order."""
PIECE = 256 * 1024
"""Bytes that are read or written at a time."""
UNREFERENCED_SECONDS = 3600.0
"""How long a file is kept that no row names: the row of one just put into place may not be committed yet."""


@dataclass(slots=True)
class Upload:
    """Bytes that have come in whole and are on the disk, not yet in place."""

    path: Path
    size: int
    md5: str
    """Hexadecimal."""
    digests: dict[str, bytes] = field(default_factory=dict)
    """{"CRC32": digest} of the algorithms asked for."""

    def keep(self, account_id: str) -> list[list[object]]:
        """Moves the bytes into place; the answer is for the row that is to name them."""
        if not self.size:
            self.discard()
            return []
        blob_id = uuid.uuid4().hex
        target = _place(account_id, blob_id)
        self.path.rename(target)
        _sync_folder(target.parent)
        return [[blob_id, self.size]]

    def discard(self) -> None:
        """Removes the bytes, unless they were kept."""
        self.path.unlink(missing_ok=True)


class Incoming:
    """Bytes on their way in, hashed as they come."""

    def __init__(self, algorithms: Iterable[str] = ()) -> None:
        self._digests: dict[str, Digest] = make(algorithms)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._size = 0
        folder = _root() / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / uuid.uuid4().hex
        self._file = self._path.open("xb", buffering=0)

    def write(self, data: bytes) -> None:
        """Takes the next bytes."""
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self._size += len(data)
        self._md5.update(data)
        for digest in self._digests.values():
            digest.update(data)

    def close(self) -> Upload:
        """All of it has come: brings it to the disk."""
        os.fsync(self._file.fileno())
        self._file.close()
        digests = {name: digest.digest() for name, digest in self._digests.items()}
        return Upload(self._path, self._size, self._md5.hexdigest(), digests)

    def discard(self) -> None:
        """The rest will not come."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def receive(pieces: Iterable[bytes], algorithms: Iterable[str] = ()) -> Upload:
    """An upload of what is at hand."""
    incoming = Incoming(algorithms)
    try:
        for piece in pieces:
            incoming.write(piece)
        return incoming.close()
    except BaseException:
        incoming.discard()
        raise


class Reader:
    """A range of an object's bytes. The files are opened at once, so the object may be deleted meanwhile."""

    def __init__(self, account_id: str, segments: Segments, start: int, length: int) -> None:
        self.length = length
        self._parts = []
        try:
            for blob_id, size in _within(segments, start, length):
                self._parts.append((_path(account_id, blob_id).open("rb", buffering=0), *size))
        except OSError:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        for file, start, length in self._parts:
            file.seek(start)
            while length:
                piece = file.read(min(PIECE, length))
                if not piece:
                    raise OSError("A stored object is shorter than its row says.")
                length -= len(piece)
                yield piece
        self.close()

    def read(self) -> bytes:
        """All of it."""
        return b"".join(self)

    async def stream(self) -> AsyncIterator[bytes]:
        """The same for a loop, which does not wait for the disk but for what is short."""
        pieces = iter(self)
        try:
            while True:
                piece = next(pieces, None) if self.length <= PIECE else await asyncio.to_thread(next, pieces, None)
                if piece is None:
                    return
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """Closes the files; to read on is a mistake."""
        for file, _, _ in self._parts:
            file.close()


def _within(segments: Segments, start: int, length: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """(blob id, (offset, bytes)) of the parts of *segments* that make up a range of the whole."""
    offset, end = 0, start + length
    for blob_id, size in segments:
        assert isinstance(size, int)
        first, last = max(start, offset), min(end, offset + size)
        if first < last:
            yield str(blob_id), (first - offset, last - first)
        offset += size


def link(account_id: str, segments: Segments, to_account_id: str) -> list[list[object]]:
    """The same bytes for another row, without copying them."""
    linked: list[list[object]] = []
    for blob_id, size in segments:
        fresh = uuid.uuid4().hex
        target = _place(to_account_id, fresh)
        os.link(_path(account_id, str(blob_id)), target)
        _sync_folder(target.parent)
        linked.append([fresh, size])
    return linked


def remove(account_id: str, segments: Segments) -> None:
    """Removes the bytes of a row that is gone."""
    for blob_id, _ in segments:
        _path(account_id, str(blob_id)).unlink(missing_ok=True)


def forget(account_id: str) -> None:
    """Removes all bytes of an account."""
    folder = _root() / "blobs" / account_id
    aside = _root() / f".forgotten-{uuid.uuid4().hex}"
    with suppress(FileNotFoundError):
        folder.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def sweep(referenced: Callable[[str], Collection[str]], now: float) -> int:
    """Removes what no row names and was put there more than an hour before *now* (epoch seconds). Returns how many files.

    *referenced* gives the blob ids that an account's rows name, and is asked after the files have been listed.
    """
    root, removed = _root(), 0
    for file in root.glob("incoming/*"):
        removed += _remove_old(file, now)
    for leftover in root.glob(".forgotten-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    for account in root.glob("blobs/*"):
        files = list(account.glob("*/*"))
        named = referenced(account.name) if files else ()
        removed += sum(_remove_old(file, now) for file in files if file.name not in named)
    return removed


def _remove_old(file: Path, now: float) -> bool:
    """By the time its place in the folder was last changed: a link has the other times of what it links to."""
    try:
        if now - file.stat().st_ctime <= UNREFERENCED_SECONDS:
            return False
        file.unlink()
    except FileNotFoundError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """Brings to the disk that a file is there; its bytes were before."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _place(account_id: str, blob_id: str) -> Path:
    """Where a file is to be put, in a folder that is there."""
    target = _path(account_id, blob_id)
    if not target.parent.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _sync_folder(target.parent.parent)
    return target


def _root() -> Path:
    return Path(settings.DATA_DIR, "s3")


def _path(account_id: str, blob_id: str) -> Path:
    return _root() / "blobs" / account_id / blob_id[:2] / blob_id
