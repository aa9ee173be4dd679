"""What was answered and is not in Redis yet: in files, which a killed service leaves behind and its successor takes up.

Entries are written before their callers are answered, without waiting for the disk: they outlive the process, not the machine.
Of the two files one takes what comes while what is in the other is on its way to Redis.
"""

import fcntl
import logging
import os
import struct
import uuid
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

Entry = dict[str, bytes]
"""Of the journal's stream."""

_FIELDS = ("record", "request", "response")
_HEAD = struct.Struct(f"<{len(_FIELDS)}I")
"""The length of each field."""


class JournalTail:
    """One service's two files in *folder*, which other services on this host may share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        name = uuid.uuid4().hex
        self._paths = [folder / f"{name}-{number}" for number in range(2)]
        self._files: list[int] = []
        self._sizes = [0, 0]
        self._current = 0

    def open(self) -> list[Entry]:
        """Takes over what services that are dead have left, and begins files of its own; `forget_left` when that is in Redis."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        left = [entry for file in self._of_the_dead() for entry in _read(file)]
        for path in self._paths:
            file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            self._files.append(file)
        return left

    def forget_left(self) -> None:
        """Removes what dead services have left."""
        for file in self._of_the_dead():
            file.unlink(missing_ok=True)

    def append(self, entry: Entry) -> None:
        """Keeps an entry. A full disk costs the safety, not the invocation."""
        if not self._files:
            return
        parts = [entry[name] for name in _FIELDS]
        file = self._files[self._current]
        try:
            self._sizes[self._current] += os.writev(file, [_HEAD.pack(*map(len, parts)), *parts])
        except OSError as error:
            log.warning("an invocation is not kept for the case that this process is killed: %s", error)
            os.ftruncate(file, self._sizes[self._current])

    def turn(self) -> None:
        """What comes from now on is not part of the batch that is about to be stored."""
        if self._sizes[1 - self._current] == 0:
            self._current = 1 - self._current

    def stored(self) -> None:
        """All that was kept before the last `turn` is in Redis."""
        other = 1 - self._current
        if self._files and self._sizes[other]:
            os.ftruncate(self._files[other], 0)
            self._sizes[other] = 0

    def close(self) -> None:
        """Removes the files: nothing is left to be stored, or what is stays for the next service."""
        for path, file, size in zip(self._paths, self._files, self._sizes, strict=False):
            if not size:
                path.unlink(missing_ok=True)
            os.close(file)
        self._files.clear()

    def _of_the_dead(self) -> Iterator[Path]:
        for path in sorted(self._folder.iterdir()):
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its service lives
            finally:
                os.close(file)
            yield path


def _read(path: Path) -> Iterator[Entry]:
    """The whole entries of a file; one that its writer died in the middle of is none."""
    data = path.read_bytes()
    at = 0
    while at + _HEAD.size <= len(data):
        lengths = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if at + sum(lengths) > len(data):
            return
        entry = {}
        for name, length in zip(_FIELDS, lengths, strict=True):
            entry[name] = data[at : at + length]
            at += length
        yield entry
