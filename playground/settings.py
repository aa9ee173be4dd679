"""Every setting, read from the environment. The README lists them."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("PLAYGROUND_DATA", BASE_DIR / "var")).resolve()


def _run_dir() -> Path:
    """Where sockets live: in the data folder, or, where that path is too long for a socket address (108 bytes), in /tmp."""
    preferred = DATA_DIR / "run"
    if len(str(preferred)) <= 80:
        return preferred
    return Path(tempfile.gettempdir()) / f"playground-{hashlib.sha256(str(DATA_DIR).encode()).hexdigest()[:12]}"


RUN_DIR = _run_dir()
HOST = os.environ.get("PLAYGROUND_HOST", "localhost")
PORT = int(os.environ.get("PLAYGROUND_PORT", "8000"))
ENDPOINT_PORT = int(os.environ.get("PLAYGROUND_ENDPOINT_PORT", "4566"))
SERVICE_SOCKET = RUN_DIR / "service.sock"
REDIS_SOCKET = RUN_DIR / "redis.sock"
REDIS_URL = os.environ.get("REDIS_URL") or f"unix://{REDIS_SOCKET}"
EMBEDDED_REDIS = not os.environ.get("REDIS_URL")


def _database(url: str) -> dict[str, object]:
    """A Django database from postgres://user:password@host:port/name; SQLite in the data folder where none is given."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "playground.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL", ""))}

INSTALLED_APPS = [
    "daphne",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "channels",
    "invocations",
    "playground",
]
ROOT_URLCONF = "playground.urls"
ASGI_APPLICATION = "playground.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
}
