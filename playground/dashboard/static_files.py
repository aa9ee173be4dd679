"""Static files straight from the source tree: names with hashes, compressed once, kept in memory. No collecting step.

The whole of static/ is under a megabyte, so that a table of it is simpler than a copy of it. A file edited while the server
runs is read again.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage

Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]

SERVED = {".css", ".js", ".svg", ".png", ".ico", ".txt"}
"""Other files of the tree are how these were made."""
_HASHED = re.compile(r"(.+)\.([0-9a-f]{12})(\.[a-z]+)")
_FOREVER = b"public, max-age=31536000, immutable"


@dataclass(frozen=True)
class StaticFile:
    """One file as it was at *changed_ns*."""

    name: str
    """Relative to static/, with slashes."""
    body: bytes
    changed_ns: int

    @cached_property
    def digest(self) -> str:
        """Twelve hex digits of its SHA-256."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def compressed(self) -> bytes | None:
        """Gzip, where that is smaller."""
        packed = gzip.compress(self.body, 9, mtime=0)
        return packed if len(packed) < len(self.body) else None

    @property
    def content_type(self) -> bytes:
        """By its name."""
        kind = "text/javascript" if self.name.endswith(".js") else mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return (kind if kind.startswith("image/png") else f"{kind}; charset=utf-8").encode()

    @property
    def hashed_name(self) -> str:
        """dashboard/app.0123456789ab.css"""
        stem, dot, suffix = self.name.rpartition(".")
        return f"{stem}.{self.digest}{dot}{suffix}"


_known: dict[str, StaticFile] = {}


def find(name: str) -> StaticFile | None:
    """The file of that plain name, if it is one of those served."""
    root = Path(settings.STATICFILES_DIRS[0])
    path = root / name
    if path.suffix not in SERVED or ".." in path.parts or not path.is_file():
        return None
    changed_ns = path.stat().st_mtime_ns
    known = _known.get(name)
    if known is None or known.changed_ns != changed_ns:
        known = _known[name] = StaticFile(name, path.read_bytes(), changed_ns)
    return known


class HashedStorage(StaticFilesStorage):
    """Makes {% static %} name the hash, so that browsers may keep a file for ever."""

    def url(self, name: str | None) -> str:
        """The address; a file that is not there keeps its plain name and will be a 404."""
        found = find(name) if name else None
        return str(super().url(found.hashed_name if found else name))


class StaticFiles:
    """The ASGI application of /static/."""

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        """Answers one request."""
        name = scope["path"].removeprefix(settings.STATIC_URL)
        hashed = _HASHED.fullmatch(name)
        found = find(hashed[1] + hashed[3]) if hashed else find(name)
        if found is None or scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"There is no such file.\n")
            return
        asked = {key: value for key, value in scope["headers"] if key in {b"accept-encoding", b"if-none-match"}}
        etag = f'"{found.digest}"'.encode()
        headers = [
            (b"content-type", found.content_type),
            (b"cache-control", _FOREVER if hashed and hashed[2] == found.digest else b"no-cache"),
            (b"etag", etag),
            (b"vary", b"Accept-Encoding"),
            (b"x-content-type-options", b"nosniff"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]
        if asked.get(b"if-none-match") == etag:
            await _answer(send, 304, headers, b"")
            return
        body = found.body
        if b"gzip" in asked.get(b"accept-encoding", b"") and found.compressed is not None:
            body = found.compressed
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", str(len(body)).encode()))
        await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
