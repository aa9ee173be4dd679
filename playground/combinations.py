"""Settings that cannot work, alone or together, each as one sentence that says what to change. Needs no Django."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

REDIS_SCHEMES = {"redis", "rediss", "unix"}
POSTGRES_SCHEMES = {"postgres", "postgresql"}
PORTS = {"PLAYGROUND_PORT": "8000", "PLAYGROUND_ENDPOINT_PORT": "4566", "PLAYGROUND_HTTPS_PORT": "4443"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding."""

    id: str
    """A word for it, as system checks name theirs."""
    sentence: str
    is_fatal: bool = True
    """False for what works, but not as well as one may think."""


def problems(environment: Mapping[str, str], data_dir: Path) -> list[Problem]:
    """Everything wrong with the settings in *environment*."""
    return [*_numbers(environment), *_addresses(environment), *_host(environment), *_data(data_dir), *_isolation()]


def _numbers(environment: Mapping[str, str]) -> list[Problem]:
    found, ports = [], {}
    for name, default in PORTS.items():
        value = environment.get(name) or default
        if not value.isdecimal() or not 1 <= int(value) <= 65535:
            found.append(Problem("port", f"{name} is {value!r}: give a number from 1 to 65535."))
        ports[name] = value
    for port in sorted({value for value in ports.values() if list(ports.values()).count(value) > 1}):
        named = " and ".join(name for name, value in ports.items() if value == port)
        found.append(Problem("same-port", f"{named} are both {port}: choose two different ports."))
    most = environment.get("PLAYGROUND_MAX_ENVIRONMENTS") or "0"
    if not most.isdecimal():
        found.append(Problem("max-environments", f"PLAYGROUND_MAX_ENVIRONMENTS is {most!r}: give a number, or 0 to have it reckoned."))
    return found


def _addresses(environment: Mapping[str, str]) -> list[Problem]:
    found = []
    database, redis = environment.get("DATABASE_URL", ""), environment.get("REDIS_URL", "")
    if database and (urlsplit(database).scheme not in POSTGRES_SCHEMES or not urlsplit(database).path.strip("/")):
        shape = "postgres://user:password@host:5432/name"
        found.append(Problem("database-url", f"DATABASE_URL must look like {shape}; without it, SQLite in the data folder is used."))
    if redis and urlsplit(redis).scheme not in REDIS_SCHEMES:
        shape = "redis://host:6379/0, rediss://host:6379/0 or unix:///path/of.sock"
        found.append(Problem("redis-url", f"REDIS_URL must look like {shape}; without it, an embedded Redis is used."))
    if found:
        return found
    if redis and not database:
        sentence = (
            "REDIS_URL is set and DATABASE_URL is not: that serves one host. Several hosts cannot share SQLite: "
            "give all of them the same DATABASE_URL of a PostgreSQL database."
        )
        found.append(Problem("several-hosts-on-sqlite", sentence, is_fatal=False))
    if database and not redis:
        sentence = (
            "DATABASE_URL is set and REDIS_URL is not: each host would count concurrency and keep events in a Redis of its own. "
            "With more than one host, give all of them the same REDIS_URL."
        )
        found.append(Problem("several-hosts-on-embedded-redis", sentence, is_fatal=False))
    return found


def _host(environment: Mapping[str, str]) -> list[Problem]:
    host = environment.get("PLAYGROUND_HOST") or "localhost"
    try:
        is_loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if is_loopback:
        return []
    return [Problem("open-host", f"The address {host} can be reached from other machines, and there is no login yet: use localhost.")]


def _data(data_dir: Path) -> list[Problem]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError:
        is_usable = False
    else:
        is_usable = os.access(data_dir, os.W_OK)
    if is_usable:
        return []
    return [Problem("data", f"The data folder {data_dir} cannot be written to: choose another with --data or PLAYGROUND_DATA.")]


def _isolation() -> list[Problem]:
    if shutil.which("bwrap"):
        return []
    sentence = "bubblewrap is not installed: functions run as plain processes, isolated by limits alone. Install the package bubblewrap."
    return [Problem("isolation", sentence, is_fatal=False)]
