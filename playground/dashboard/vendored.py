"""The front-end files of others: which versions, where they come from, and what the committed copies must hash to."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(settings.BASE_DIR) / "static" / "vendor"
MANIFEST = FOLDER / "VENDOR.json"

ICONS = {
    # pages
    "playground": "square-play",
    "functions": "square-function",
    "invocations": "activity",
    "labs": "flask-conical",
    "settings": "settings",
    "resources": "boxes",
    # kinds of resources
    "queues": "inbox",
    "topics": "radio",
    "buses": "route",
    "schedules": "calendar-clock",
    "buckets": "hard-drive",
    # states
    "queued": "clock",
    "throttled": "gauge",
    "starting": "snowflake",
    "running": "loader",
    "waiting": "hourglass",
    "succeeded": "circle-check",
    "retried": "check-check",
    "failed": "circle-x",
    "timed-out": "timer-off",
    "expired": "calendar-x",
    "rejected": "ban",
    # actions
    "search": "search",
    "contrast": "contrast",
    "help": "circle-question-mark",
    "copy": "copy",
    "check": "check",
    "close": "x",
    "open": "chevron-down",
    "terminal": "terminal",
    "fire": "zap",
    "replay": "rotate-cw",
    "pause": "pause",
    "resume": "play",
    "faster": "fast-forward",
    "skip": "skip-forward",
    "edit": "pencil",
    "download": "download",
    "upload": "upload",
    "delete": "trash-2",
    "add": "plus",
    "next": "arrow-right",
    "file": "file",
    "trail": "scroll-text",
    "alert": "circle-alert",
    "send": "send",
    "look": "eye",
    "back": "undo-2",
    "stop": "square",
}
"""Our name -> Lucide's: the whole set that pages may use. A sprite of these stands in every page, so the list stays short."""


@dataclass(frozen=True)
class VendoredFile:
    """One committed file."""

    path: str
    """Below the folder."""
    package: str
    version: str
    licence: str
    licence_file: str
    sha256: str


@cache
def files() -> dict[str, VendoredFile]:
    """What VENDOR.json lists, by a name without version: htmx, hx-ws, codemirror, uplot, lucide."""
    return {name: VendoredFile(**entry) for name, entry in json.loads(MANIFEST.read_text())["files"].items()}


def static_path(name: str) -> str:
    """The path to give to {% static %}."""
    return f"vendor/{files()[name].path}"


@cache
def sprite() -> SafeString:
    """The icons as one hidden SVG, for the top of a page."""
    return mark_safe((FOLDER / files()["lucide"].path).read_text())


def make_sprite(icons_folder: Path) -> str:
    """The sprite from Lucide's single files."""
    symbols = []
    for name, source in ICONS.items():
        text = (icons_folder / f"{source}.svg").read_text()
        shapes = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
        if shapes is None:
            raise ValueError(f"{source}.svg is not as expected")
        inner = re.sub(r"\s+", " ", shapes[1]).replace("> <", "><").replace(" />", "/>").strip()
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return '<svg class="sprite" aria-hidden="true" hidden>\n' + "\n".join(symbols) + "\n</svg>\n"


def sha256(path: Path) -> str:
    """Of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
