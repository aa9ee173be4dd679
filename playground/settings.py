"""Every setting, read from the environment. The README lists them."""

import hashlib
import os
import secrets
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


def _number(name: str, default: int) -> int:
    """A setting that is a number; playground.combinations tells of one that is none."""
    value = os.environ.get(name) or ""
    return int(value) if value.isdecimal() else default


RUN_DIR = _run_dir()
HOST = os.environ.get("PLAYGROUND_HOST", "localhost")
PORT = _number("PLAYGROUND_PORT", 8000)
ENDPOINT_PORT = _number("PLAYGROUND_ENDPOINT_PORT", 4566)
HTTPS_PORT = _number("PLAYGROUND_HTTPS_PORT", 4443)
DOMAIN = os.environ.get("PLAYGROUND_DOMAIN", "").lower()
"""A name, with all names below it, by which other machines may address this one."""
SERVICE_SOCKET = RUN_DIR / "service.sock"
REDIS_SOCKET = RUN_DIR / "redis.sock"
REDIS_URL = os.environ.get("REDIS_URL") or f"unix://{REDIS_SOCKET}"
EMBEDDED_REDIS = not os.environ.get("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
MAX_ENVIRONMENTS = _number("PLAYGROUND_MAX_ENVIRONMENTS", 0)
"""Execution environments this host holds at the most; 0 for as many as half its memory is reckoned to hold."""


def _secret_key() -> str:
    """Made once, readable by its owner alone."""
    path = DATA_DIR / "django-secret"
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
        except FileExistsError:
            pass  # another process made it at this moment
        except OSError:
            return secrets.token_urlsafe(50)  # playground.combinations tells of a data folder that cannot be used
    return path.read_text() or _secret_key()


SECRET_KEY = _secret_key()
DEBUG = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("PLAYGROUND_LOG_LEVEL", "WARNING")},
}


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
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django.forms",
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

ALLOWED_HOSTS = ["localhost", ".localhost", "127.0.0.1", "[::1]", *([HOST] if HOST not in {"localhost", "0.0.0.0"} else [])]
"""Also the wall against pages that point their own name at this machine."""

MIDDLEWARE = [
    "playground.dashboard.middleware.SecurityHeadersMiddleware",
    "playground.dashboard.middleware.NulMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "playground.dashboard.console_trail.ConsoleTrailMiddleware",
    "playground.dashboard.middleware.AccountMiddleware",
    "playground.dashboard.middleware.AwsErrorMiddleware",
]
CSRF_FAILURE_VIEW = "playground.dashboard.views.errors.csrf_failure"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

TEMPLATES = [
    {
        "NAME": "django",  # by which template_partials finds it
        "BACKEND": "playground.dashboard.template_engine.Templates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "playground.dashboard.context_processors.shell",
            ],
            "libraries": {
                "live": "playground.dashboard.templatetags.live",
                "clock": "playground.dashboard.templatetags.clock",
                "shell": "playground.dashboard.templatetags.shell",
            },
            "builtins": [
                "django.templatetags.static",
                "playground.dashboard.templatetags.clock",
                "playground.dashboard.templatetags.live",
                "playground.dashboard.templatetags.shell",
                "playground.dashboard.templatetags.functions",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {"staticfiles": {"BACKEND": "playground.dashboard.static_files.HashedStorage"}}
